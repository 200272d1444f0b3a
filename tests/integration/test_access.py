from functions.access import app
from tests.integration.conftest import World, proxy_event, CONTEXT


def test_me_lists_the_callers_grants(world: World) -> None:
    answer = world.member(world.a).call(app, "GET", "/me")
    assert answer.status == 200
    assert [grant["sandboxId"] for grant in answer.body["grants"]] == [world.a.sandbox_id]
