"""Real races and the gateway's manners, on the deployed stack."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from handfast_client.api import Api
from tests.worlds.deployed import Stack


@dataclass(frozen=True)
class Side:
    """An organisation's administrator; paths are below its sandbox."""

    api: Api
    sandbox_id: str

    def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """One call."""
        return self.api.request(method, f"/sandboxes/{self.sandbox_id}/{path}", body=body)

    def get(self, path: str) -> Any:
        """What a GET answers."""
        return self.send("GET", path).json()


def _side(stack: Stack, organization: str) -> Side:
    return Side(stack.client_for(organization), stack.sandbox(organization))


@pytest.fixture
def sides(stack: Stack) -> tuple[Side, Side]:
    """Both sides, without a live connection between them."""
    a, b = _side(stack, "A"), _side(stack, "B")
    for connection in a.api.items(f"/sandboxes/{a.sandbox_id}/connections"):
        path = f"connections/{connection['connectionId']}"
        if connection["status"] == "active":
            a.send("POST", f"{path}/disconnect")
        elif connection["status"] == "pending":
            (a if connection["direction"] == "incoming" else b).send("POST", f"{path}/reject")
    return a, b


def _at_once(*calls: tuple[Side, str, dict[str, Any]]) -> list[httpx.Response]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: call[0].send("POST", call[1], call[2]), calls))


def test_of_two_people_who_decide_at_once_exactly_one_wins(sides: tuple[Side, Side]) -> None:
    a, b = sides
    connect_id = a.get("connect-id")["connectId"]
    connection = b.send("POST", "connect-requests", {"connectId": connect_id}).json()["connectionId"]
    answers = _at_once((a, f"connections/{connection}/accept", {}), (a, f"connections/{connection}/reject", {}))
    winner, loser = sorted(answers, key=lambda answer: answer.status_code)
    assert (winner.status_code, loser.status_code) == (200, 409)
    assert loser.json()["current"] == winner.json()["status"]
    assert b.get(f"connections/{connection}")["status"] == winner.json()["status"]


def test_of_two_sides_that_ask_at_once_exactly_one_wins(sides: tuple[Side, Side]) -> None:
    a, b = sides
    ids = {side: side.get("connect-id")["connectId"] for side in sides}
    answers = _at_once((a, "connect-requests", {"connectId": ids[b]}), (b, "connect-requests", {"connectId": ids[a]}))
    winner, loser = sorted(answers, key=lambda answer: answer.status_code)
    assert (winner.status_code, loser.status_code, loser.json()["current"]) == (201, 409, "pending")


def test_the_gateway_answers_problems_too(stack: Stack) -> None:
    url = f"{stack.facts['apiUrl']}/v1"
    without = httpx.get(f"{url}/me")
    assert (without.status_code, without.headers["content-type"]) == (401, "application/problem+json")
    assert without.json()["status"] == 401
    forged = httpx.get(f"{url}/me", headers={"Authorization": "Bearer not.a.token"})
    assert forged.status_code == 401
    assert httpx.get(f"{url}/openapi.json").json()["openapi"].startswith("3.1")


def test_a_right_taken_away_is_gone_within_five_seconds(stack: Stack) -> None:
    admin = _side(stack, "A")
    viewer = Side(stack.client_for("A", "viewer"), admin.sandbox_id)
    me = viewer.api.call("GET", "/me")["principalId"]
    assert viewer.send("GET", "connections").status_code == 200
    try:
        assert admin.send("DELETE", f"grants/{me}").status_code == 204
        time.sleep(5)
        assert viewer.send("GET", "connections").status_code == 404
    finally:
        assert admin.send("PUT", f"grants/{me}", {"role": "viewer"}).status_code == 200
