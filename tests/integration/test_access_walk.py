"""Every route as every role, as a stranger and as a member of another sandbox (docs/api.md, Who)."""

import importlib
import re
from collections.abc import Iterator

import pytest

from handfast.access import service as access
from handfast.access.rules import PERMISSIONS, ROLES
from handfast_cli.openapi import apis, document_of
from tests.worlds.sandboxes import CONTEXT, World, proxy_event


def _routes() -> Iterator[tuple[str, str, str, str | None]]:
    for module, api in apis().items():
        paths = document_of(api)["paths"]
        for path, methods in paths.items():
            for method, operation in methods.items():
                if operation.get("security"):
                    yield module, method.upper(), path, operation.get("x-permission")


ROUTES = list(_routes())


def _call(module: str, method: str, path: str, sandbox_id: str, principal_id: str) -> tuple[int, str]:
    filled = re.sub(r"\{\w+\}", "unknown", path.replace("{sandbox}", sandbox_id))
    function = importlib.import_module(f"functions.{module}")
    answer = function.handler(proxy_event(principal_id, method, filled, "{}"), CONTEXT)
    return answer["statusCode"], answer["body"]


def test_every_permission_is_one_of_the_contract() -> None:
    assert {permission for *_, permission in ROUTES if permission} <= PERMISSIONS
    without = {path for _, _, path, permission in ROUTES if permission is None}
    assert without == {
        "/me",
        "/me/invitations",
        "/me/invitations/{invitation}/accept",
        "/me/invitations/{invitation}/decline",
        "/connector-types",
        "/destination-types",
        "/destination-types/{destination_type}",
        "/reference/{list_name}",
        "/sandboxes/{sandbox}",
        "/sandboxes/{sandbox}/quotas",
        "/sandboxes/{sandbox}/notifications",
        "/sandboxes/{sandbox}/notifications/{notification}/read",
    }


@pytest.mark.parametrize("role", [*ROLES, None])
def test_every_route_asks_for_its_permission(world: World, role: str | None) -> None:
    principal = "stranger"
    if role:
        principal = world.member(world.a, role).principal_id
    member_elsewhere = world.member(world.b).principal_id
    for module, method, path, permission in ROUTES:
        if "{sandbox}" not in path:
            continue
        status, body = _call(module, method, path, world.a.sandbox_id, principal)
        held = role is not None and (permission is None or permission in ROLES[role])
        where = f"{method} {path} as {role}: {status} {body}"
        if role is None:
            assert status == 404, where
            assert "no such sandbox" in body, where
        elif held:
            assert status not in {401, 403}, where
            assert status < 500, where
        else:
            assert status == 403, where
            assert f"this needs the permission {permission}" in body, where
        status, body = _call(module, method, path, world.a.sandbox_id, member_elsewhere)
        assert status == 404, f"{method} {path} from another sandbox: {status}"
        assert "no such sandbox" in body


def test_a_right_taken_away_is_gone_when_the_cache_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = world.member(world.a, "viewer")
    assert (
        _call(
            "connect_requests.app", "GET", "/sandboxes/{sandbox}/connections", world.a.sandbox_id, viewer.principal_id
        )[0]
        == 200
    )
    admin = access.authorize(world.member(world.a).principal_id, world.a.sandbox_id, None)
    access.delete_grant(admin, viewer.principal_id, None)
    assert access.CACHE_SECONDS < 5
    assert (
        _call(
            "connect_requests.app", "GET", "/sandboxes/{sandbox}/connections", world.a.sandbox_id, viewer.principal_id
        )[0]
        == 404
    )
