"""Lists that are searched, filtered and sorted (docs/api.md, Manners), however many pages they come in."""

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from functions.access import app as access
from functions.activity import app as activity
from functions.connect_requests import app as connect
from functions.destinations import app as destinations
from functions.feeds import app as feeds
from functions.segments import app as segments
from handfast.platform import clock, table, wanted
from tests.worlds.lists import crowded, watched
from tests.worlds.sandboxes import Member, World, organizations
from tests.worlds.sharing import Pair, pair_of, segment
from tests.worlds.stores import built_once

MANY = 23
_built_pair = built_once(lambda: pair_of(organizations()))


@built_once
def _crowded() -> tuple[World, Member]:
    world = organizations()
    return world, crowded(world, world.a, MANY)


@pytest.fixture
def pair(stores: None) -> Pair:
    return _built_pair()


@pytest.fixture
def member(stores: None) -> Member:
    return _crowded()[1]


def pages(member: Member, app: ModuleType, path: str, **query: str) -> list[list[Any]]:
    found: list[list[Any]] = []
    cursor: str | None = None
    while cursor is not None or not found:
        asked = {"limit": "5"} | query | ({"cursor": cursor} if cursor else {})
        answer = member.call(app, "GET", path, query=asked)
        assert answer.status == 200, answer.body
        found.append(answer.body["items"])
        cursor = answer.body["nextCursor"]
    return found


def listed(member: Member, app: ModuleType, path: str, name: str, **query: str) -> list[Any]:
    """A member of all items of a list."""
    return [item[name] for page in pages(member, app, path, **query) for item in page]


def test_connections_are_found_by_their_partners_name_in_any_case(member: Member) -> None:
    names = [each["organizationName"] for each in listed(member, connect, "connections", "partner")]
    assert len(names) == MANY
    wished = names[3]
    for search in (wished, wished.upper(), f"{wished[-1]} partner ORGANIZATION"):
        found = [each["organizationName"] for each in listed(member, connect, "connections", "partner", search=search)]
        assert wished in found
        assert found == [
            name for name in names if all(word.lower() in f"{name} partner".lower() for word in search.split())
        ]
    assert listed(member, connect, "connections", "partner", search="nobody") == []


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_connections_sorted_by_partner_come_once_each_in_whatever_pages(member: Member, order: str) -> None:
    whole = listed(member, connect, "connections", "connectionId")
    sorted_pages = pages(member, connect, "connections", sort="partner", order=order)
    names = [each["partner"]["organizationName"].casefold() for page in sorted_pages for each in page]
    assert names == sorted(names, reverse=order == "desc")
    assert {each["connectionId"] for page in sorted_pages for each in page} == set(whole)
    assert [len(page) for page in sorted_pages] == [5, 5, 5, 5, 3]
    oldest_first = listed(member, connect, "connections", "connectionId", order="asc")
    assert oldest_first == whole[::-1]


def test_a_searched_page_asks_no_more_of_the_tables_than_any(member: Member) -> None:
    for path, app, number in (("connections", connect, 3), ("feeds", feeds, 4), ("received-feeds", feeds, 3)):
        member.call(app, "GET", path)  # from now on it is known who calls
        for query in ({"search": "e"}, {"sort": "partner" if path == "connections" else "name"}):
            with watched() as (requests, _):
                assert member.call(app, "GET", path, query={"limit": "20", **query}).body["items"]
            assert requests.total() <= number, (path, query)


def test_a_cursor_is_good_for_the_same_search_and_order_alone(member: Member) -> None:
    first = member.call(connect, "GET", "connections", query={"limit": "5", "sort": "partner"}).body["nextCursor"]
    same = {"limit": "5", "sort": "partner", "cursor": first}
    assert member.call(connect, "GET", "connections", query=same).status == 200
    for other in ({"search": "e"}, {"order": "desc"}, {"sort": "created"}):
        assert member.call(connect, "GET", "connections", query=same | other).status == 400


def test_what_is_no_order_is_refused(member: Member) -> None:
    for query, pointer in (({"sort": "colour"}, "/query/sort"), ({"order": "up"}, "/query/order")):
        answer = member.call(connect, "GET", "connections", query=query)
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, pointer)
    assert member.call(connect, "GET", "connections", query={"search": ""}).status == 422


def test_a_page_ends_after_as_many_as_were_looked_at_and_the_next_goes_on(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = listed(member, connect, "connections", "partner", order="asc")[0]["organizationName"]
    monkeypatch.setattr(table, "MOST_LOOKED_AT", 6)
    found = pages(member, connect, "connections", search=last.split()[-1], limit="50")
    assert len(found) == MANY // 6 + 1
    assert [each["partner"]["organizationName"] for page in found for each in page][-1] == last


def test_a_list_that_is_too_long_is_not_sorted(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wanted, "MOST_SORTED", MANY - 1)
    answer = member.call(connect, "GET", "connections", query={"sort": "partner"})
    assert (answer.status, answer.body["reason"]) == (422, "list_too_long")
    monkeypatch.setattr(wanted, "MOST_SORTED", MANY)
    assert member.call(connect, "GET", "connections", query={"sort": "partner"}).status == 200


def test_large_items_are_fewer_to_a_sorted_page(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "PAGE_BYTES", 1)
    assert {len(page) for page in pages(member, feeds, "feeds", sort="name")} == {1}


def test_segments_are_searched_and_sorted_own_and_received_together(pair: Pair) -> None:
    pair.enabled(segmentIds=[pair.buyers, pair.visitors])
    own = [segment(pair.b, name) for name in ("Äpfel", "zebra", "Alpha")]
    names = listed(pair.b, segments, "segments", "name", sort="name", limit="2")
    assert names == ["Alpha", "Buyers", "Visitors", "zebra", "Äpfel"]
    assert listed(pair.b, segments, "segments", "name", sort="name", order="desc", limit="2") == names[::-1]
    assert listed(pair.b, segments, "segments", "name", search="äPFEL") == ["Äpfel"]
    assert listed(pair.b, segments, "segments", "name", search="organization a vis") == ["Visitors"]
    assert listed(pair.b, segments, "segments", "name", search="a", origin="own") == ["zebra", "Alpha"]
    assert listed(pair.b, segments, "segments", "segmentId", order="desc", limit="1")[:3] == own[::-1]
    assert listed(pair.b, segments, "segments", "segmentId", search="s", origin="received") == [
        pair.buyers,
        pair.visitors,
    ]


def test_feeds_and_dataflows_are_filtered(pair: Pair) -> None:
    draft = pair.draft(name="Autumn")
    feed, received = pair.enabled()
    assert listed(pair.a, feeds, "feeds", "feedId", status="draft") == [draft]
    assert listed(pair.a, feeds, "feeds", "feedId", search="spring") == [feed]
    assert listed(pair.a, feeds, "feeds", "name", sort="name") == ["Autumn", "Spring"]
    for query, found in (({"status": "enabled"}, 1), ({"status": "pending"}, 0), ({"connectionId": "con_1"}, 0)):
        assert len(listed(pair.b, feeds, "received-feeds", "feedId", **query)) == found
    assert listed(pair.b, feeds, "received-feeds", "receivedFeedId", search="ORGANIZATION a") == [
        received["receivedFeedId"]
    ]
    for query, found in (({"direction": "incoming"}, 1), ({"direction": "outgoing"}, 0), ({"status": "closed"}, 0)):
        assert len(listed(pair.b, feeds, "dataflows", "dataflowId", **query)) == found
    assert len(listed(pair.b, feeds, "dataflows", "dataflowId", search="organization a")) == 1
    assert listed(pair.b, feeds, "dataflows", "dataflowId", destinationId="dst_1") == []


def test_destinations_uploads_webhooks_and_grants_are_filtered(pair: Pair) -> None:
    for name in ("Warehouse", "Attic"):
        body = {"type": "http", "name": name, "settings": {"url": "https://warehouse.example.com/"}}
        assert pair.a.call(destinations, "POST", "destinations", body).status == 201
    assert listed(pair.a, destinations, "destinations", "name", sort="name") == ["Attic", "Warehouse"]
    assert listed(pair.a, destinations, "destinations", "name", search="ware", type="http") == ["Warehouse"]
    assert listed(pair.a, destinations, "destinations", "name", status="disabled") == []
    column = {"column": "mail", "as": "identity", "namespace": "email"}
    for name in ("first.csv", "second.csv"):
        upload: dict[str, Any] = {"fileName": name, "format": "csv", "mode": "delta", "columns": [column]}
        assert pair.a.call(segments, "POST", "uploads", upload).status == 201
    assert listed(pair.a, segments, "uploads", "fileName", search="FIRST") == ["first.csv"]
    assert listed(pair.a, segments, "uploads", "fileName", order="asc") == ["first.csv", "second.csv"]
    assert listed(pair.a, segments, "uploads", "fileName", status="completed") == []
    assert listed(pair.a, segments, "uploads", "fileName", segmentId=pair.buyers) == []
    viewer = pair.world.member(pair.a.sandbox, "viewer")
    assert listed(pair.a, access, "grants", "principalId", role="viewer") == [viewer.principal_id]
    assert listed(pair.a, access, "grants", "name", sort="name", order="desc") == sorted(
        listed(pair.a, access, "grants", "name"), reverse=True
    )
    assert listed(pair.a, activity, "webhooks", "url", status="enabled", search="x") == []


def test_the_log_is_filtered_by_who_and_when(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    began = clock.now()
    days = [began + timedelta(days=number) for number in range(1, 7)]
    for day in days:
        with monkeypatch.context() as then:
            then.setattr(clock, "now", lambda day=day: day)
            segment(pair.a, f"Of {day.day}")

    def found(**query: str) -> list[str]:
        return listed(pair.a, activity, "activity", "at", limit="2", **query)

    at = [clock.to_text(day) for day in days]
    assert found(**{"from": at[2]}) == at[2:][::-1]
    assert found(**{"from": at[1], "to": at[4]}) == at[1:4][::-1]
    assert found(to=at[0], type="segment.created") == found(type="segment.created")[6:]
    assert found(**{"from": clock.to_text(days[-1] + timedelta(seconds=1))}) == []
    assert set(listed(pair.a, activity, "activity", "type", actor="partner")) == {"connection.accepted"}
    mine = listed(pair.a, activity, "activity", "actor", actor=pair.a.principal_id)
    assert {each["id"] for each in mine} == {pair.a.principal_id}
    assert pair.a.call(activity, "GET", "activity", query={"from": "yesterday"}).status == 422


def test_a_time_of_the_log_is_found_without_reading_what_is_newer(member: Member) -> None:
    member.call(activity, "GET", "activity")
    newest = member.call(activity, "GET", "activity", query={"limit": "1"}).body["items"][0]
    long_ago = clock.to_text(clock.from_text(newest["at"]) - timedelta(days=400))
    with watched() as (requests, answered):
        assert member.call(activity, "GET", "activity", query={"to": long_ago}).body["items"] == []
    assert requests.total() <= 2 + newest["sequence"].bit_length()
    assert answered.total() < 1_000 * requests.total()
