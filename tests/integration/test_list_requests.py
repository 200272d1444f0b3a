"""What a page of each list asks of AWS: no more requests, and no more bytes, in a sandbox with many of everything."""

import json
from collections import Counter
from typing import Any

import pytest

from handfast.access import service as access
from handfast.platform import table
from handfast.privacy_requests import list_store
from tests.worlds.lists import LISTS, crowded, watched
from tests.worlds.sandboxes import Member, organizations
from tests.worlds.stores import built_once

LIMIT = 5
FEW, MANY = LIMIT + 1, 5 * LIMIT
LARGEST_ANSWER = 6_000_000
"""What Lambda gives back at most."""


@pytest.fixture(autouse=True)
def remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who calls is read once."""
    monkeypatch.setattr(access, "CACHE_SECONDS", 60.0)


@built_once
def _crowded() -> tuple[Member, Member]:
    world = organizations()
    return crowded(world, world.b, FEW), crowded(world, world.a, MANY)


@pytest.fixture
def members(stores: None) -> tuple[Member, Member]:
    """Members of a sandbox with little more than a page, and of one with four times as much."""
    return _crowded()


def asked(member: Member, name: str, *, whole: bool = True) -> tuple[Counter[str], int]:
    """The requests of a list's page, without those that tell who calls, and the bytes that were read."""
    path, _, filtered = name.partition("?")
    query = {"limit": str(LIMIT)} | dict(part.split("=") for part in filtered.split("&") if part)
    access.authorize(member.principal_id, member.sandbox.sandbox_id, None)  # from now on it is known who calls
    with watched() as (requests, answered):
        answer = member.call(LISTS[name][0], "GET", path, query=query)
    assert answer.status == 200
    if whole:
        assert len(answer.body["items"]) == LIMIT
        assert answer.body["nextCursor"]
    return requests, answered.total()


def test_a_page_of_each_list_takes_as_many_requests_and_bytes_however_much_there_is(
    members: tuple[Member, Member],
) -> None:
    for name, (_, number) in LISTS.items():
        whole = name not in {"uploads", "webhooks", "connectors", "grants"}
        (few, little), (many, much) = (asked(member, name, whole=whole) for member in members)
        assert many == few == {"dynamodb": number}, name
        assert much < 1.2 * little, name


def paged(member: Member, name: str) -> list[list[Any]]:
    """The pages of a list, each as long as it may be."""
    pages, cursor = [], None
    while True:
        query = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
        answer = member.call(LISTS[name][0], "GET", name, query=query).body
        pages.append(answer["items"])
        if (cursor := answer["nextCursor"]) is None:
            return pages


def test_requests_that_went_to_very_many_are_fewer_to_a_page(
    members: tuple[Member, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    member, _ = members
    (whole,) = paged(member, "privacy-requests")
    told = [len(request["recipients"]) for request in whole]
    for most in (0, told[0], 2 * told[0] + 1):
        monkeypatch.setattr(list_store, "MOST_RECIPIENTS", most)
        pages = paged(member, "privacy-requests")
        assert [request for page in pages for request in page] == whole
        assert {len(page) for page in pages} == {max(1, most // told[0])}


def test_what_is_large_is_less_to_a_page(members: tuple[Member, Member], monkeypatch: pytest.MonkeyPatch) -> None:
    member, _ = members
    assert 2 * table.PAGE_BYTES <= LARGEST_ANSWER
    whole_pages = {name: paged(member, name) for name in ("feeds", "activity")}
    for name, (whole,) in whole_pages.items():
        for most in (1, len(json.dumps(whole)) // 2):
            monkeypatch.setattr(table, "PAGE_BYTES", most)
            pages = paged(member, name)
            assert [item for page in pages for item in page] == whole
            assert all(pages)
            assert len(pages) > 1
