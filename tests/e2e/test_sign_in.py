"""People and machines call the deployed API with access tokens."""

from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("organization", ["A", "B"])
@pytest.mark.parametrize("role", ["sandbox-admin", "viewer"])
def test_a_machine_sees_its_own_grant_and_no_other(stack: Any, organization: str, role: str) -> None:
    me = stack.client_for(organization, role).call("GET", "/me")
    assert [(grant["sandboxId"], grant["role"]) for grant in me["grants"]] == [(stack.sandbox(organization), role)]


def test_a_person_signs_in_with_a_password(stack: Any) -> None:
    me = stack.person_for("B", "viewer").call("GET", "/me")
    assert me["name"] == "viewer@organization-b.example"
    assert [grant["sandboxId"] for grant in me["grants"]] == [stack.sandbox("B")]


@pytest.mark.parametrize("token", [None, "Bearer nonsense"])
def test_no_valid_token_is_answered_with_401(stack: Any, token: str | None) -> None:
    headers = {"Authorization": token} if token else {}
    answer = httpx.get(f"{stack.facts['apiUrl']}/v1/me", headers=headers)
    assert answer.status_code == 401
