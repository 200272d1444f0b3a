"""What the API tells of itself: lists of codes, and pages of problems."""

import json

import pytest

from functions.access import app
from handfast.access.rules import ROLES
from handfast.governance.labels import LABELS
from handfast.governance.marketing_actions import MARKETING_ACTION_DESCRIPTIONS
from handfast.governance.policies import CORE_POLICIES
from handfast.identity.namespaces import namespaces
from handfast.journal.event_types import EVENT_TYPES
from handfast.privacy_requests.regulations import REGULATIONS
from handfast.reference.lists import LISTS
from tests.worlds.sandboxes import CONTEXT, World, proxy_event

CODES: dict[str, set[str]] = {
    "namespaces": {each.symbol for each in namespaces().values()},
    "labels": set(LABELS),
    "marketing-actions": set(MARKETING_ACTION_DESCRIPTIONS),
    "event-types": set(EVENT_TYPES),
    "regulations": set(REGULATIONS),
    "roles": set(ROLES),
    "policies": set(CORE_POLICIES),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_every_code_with_what_it_means(world: World, name: str) -> None:
    stranger = world.member(world.b, "viewer")
    answer = stranger.call(app, "GET", f"/reference/{name}")
    assert answer.status == 200
    items = answer.body["items"]
    assert {item["code"] for item in items} >= CODES.get(name, {"invalid_email", "not_in_partner", "policy_violation"})
    assert all(item["name"] and item["description"] for item in items)
    known = {"If-None-Match": answer.headers["ETag"]}
    assert stranger.call(app, "GET", f"/reference/{name}", headers=known).status == 304


def test_a_list_that_there_is_not_names_those_that_there_are(world: World) -> None:
    answer = world.member(world.a).call(app, "GET", "/reference/colours")
    assert (answer.status, answer.body["known"]) == (404, list(LISTS))


def test_the_type_of_a_problem_leads_to_its_page(world: World) -> None:
    refused = world.member(world.a).call(app, "GET", "/reference/colours")
    page = app.handler(proxy_event(None, "GET", refused.body["type"].removeprefix("/v1")), CONTEXT)
    assert (page["statusCode"], page["multiValueHeaders"]["Content-Type"]) == (200, ["text/html; charset=utf-8"])
    assert "404 Not found" in page["body"]
    missing = app.handler(proxy_event(None, "GET", "/problems/<b>"), CONTEXT)
    assert (missing["statusCode"], "stale" in json.loads(missing["body"])["detail"]) == (404, True)


def test_a_path_that_there_is_not_is_404_for_whoever_is_signed_in(world: World) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert world.member(world.a).call(app, method, "/nowhere/at/all").status == 404
