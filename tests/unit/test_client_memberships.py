"""Many values that join a segment or leave it, by the SDK."""

import asyncio
import json
from typing import Any

import pytest

from handfast_client import AsyncClient, Client
from handfast_client.memberships import MOST
from tests.worlds.cli_server import Server, answering

VALUES = [f"{number}@example.com" for number in range(MOST + 2)]
ANSWERS: list[Any] = [
    (202, {"accepted": MOST - 1, "rejected": [{"index": 7, "reason": "suppressed"}]}, {}),
    (202, {"accepted": 1, "rejected": [{"index": 1, "reason": "invalid_email"}]}, {}),
]


def add(url: str) -> Any:
    with Client(url, token="t", sandbox="sbx_1") as client:
        return client.memberships.add("seg_1", "email", iter(VALUES))


def remove(url: str) -> Any:
    async def removed() -> Any:
        async with AsyncClient(url, token="t", sandbox="sbx_1") as client:
            return await client.memberships.remove("seg_1", "email", VALUES)

    return asyncio.run(removed())


@pytest.mark.parametrize(("call", "status"), [(add, "realized"), (remove, "exited")])
def test_any_number_is_sent_and_what_is_rejected_is_told_by_its_place(call: Any, status: str) -> None:
    with answering() as server:
        server.answers = list(ANSWERS)
        told = call(server.url)
    rejected = [{"index": 7, "reason": "suppressed"}, {"index": MOST + 1, "reason": "invalid_email"}]
    assert told == {"accepted": MOST, "rejected": rejected}
    assert [change["identity"]["value"] for change in _sent(server)] == VALUES
    assert {(change["segmentId"], change["status"]) for change in _sent(server)} == {("seg_1", status)}


def test_of_no_values_nothing_is_sent() -> None:
    with answering() as server, Client(server.url, token="t", sandbox="sbx_1") as client:
        assert client.memberships.add("seg_1", "email", []) == {"accepted": 0, "rejected": []}
        assert server.asked == []


def _sent(server: Server) -> list[Any]:
    return [change for asked in server.asked for change in json.loads(asked["body"])["changes"]]
