"""Delta Sharing over a whole deployment's stores: what a tool reads is what our own API reads."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.connect_requests import app as connect
from functions.governance import app as governance
from functions.segments import app as segments
from handfast.dataflows import outbox, work
from handfast.lake import views
from handfast.platform import clock, objects
from handfast.sharing import view_files
from tests.worlds.data_plane import SUPPRESSIONS, Identity, value_of
from tests.worlds.exports import FIFTH, FIRST, SECOND, SINCE, SIXTH, THIRD, Export, deliver, shared
from tests.worlds.faults import crash, meanwhile
from tests.worlds.readers import ReadingTool, Reply, access_token, fetched, signing


@pytest.fixture
def export(stores: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Export]:
    with signing(monkeypatch):
        found = shared(tmp_path)
        found.run()
        yield found


@pytest.fixture
def tool(export: Export) -> ReadingTool:
    return ReadingTool(access_token(export.pair.b.principal_id))


def pairs(rows: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(row["value"], row["segment_id"]) for row in rows}


def read_by_api(export: Export) -> set[tuple[str, str]]:
    received = export.pair.received()["receivedFeedId"]
    answer = export.pair.b.call(segments, "GET", f"received-feeds/{received}/members", query={"limit": "200"})
    return {(item["value"], segment) for item in answer.body["items"] for segment in item["segmentIds"]}


def test_a_tool_reads_whom_our_own_api_reads(export: Export, tool: ReadingTool) -> None:
    rows = tool.rows()
    assert len(rows) == len(pairs(rows)) == 3
    assert pairs(rows) == read_by_api(export)
    assert {row["segment_name"] for row in rows} == {"Buyers", "Visitors"}
    assert {row["namespace"] for row in rows} == {"Email_LC_SHA256"}


def test_a_table_is_found_and_described(export: Export, tool: ReadingTool) -> None:
    (share,) = tool.call("GET", "/shares").body["items"]
    assert share["name"].startswith("organization_a_sandbox_a_")
    assert tool.call("GET", f"/shares/{share['name'].upper()}").body == {"share": share}
    assert tool.call("GET", f"/shares/{share['name']}/schemas").body["items"] == [
        {"name": "received", "share": share["name"]}
    ]
    path = tool.table()
    described = tool.call("GET", f"{path}/metadata")
    assert (described.status, described.version) == (200, 1)
    assert [next(iter(line)) for line in described.lines] == ["protocol", "metaData"]
    for answer in (tool.call("GET", f"{path}/version"), tool.call("HEAD", path)):
        assert (answer.status, answer.version, answer.text) == (200, 1, "")


def test_who_has_left_is_gone_from_the_next_read_and_from_links_handed_out(export: Export, tool: ReadingTool) -> None:
    path = tool.table()
    (line,) = [line for line in tool.call("POST", f"{path}/query", {}).lines if "file" in line]
    export.members(export.pair.buyers, FIRST)
    export.dirty()
    export.run()
    with pytest.raises(LookupError):
        fetched(line["file"]["url"])
    assert pairs(tool.rows()) == read_by_api(export)
    assert tool.call("GET", f"{path}/version").version == 2
    assert value_of(THIRD).hex() not in {
        value for value, segment in pairs(tool.rows()) if segment == export.pair.buyers
    }


def changed(reply: Reply) -> list[tuple[int, str, str | None, str]]:
    """What an answer of changes says: version, change, value and segment."""
    assert reply.status == 200, reply.text
    return sorted(
        (line["cdf"]["version"], row["_change_type"], row["value"], row["segment_id"])
        for line in reply.lines[2:]
        for row in fetched(line["cdf"]["url"])
    )


def values(*keys: Identity) -> list[str]:
    return [value_of(key).hex() for key in keys]


def test_changes_are_told_version_by_version_and_net_of_all_that_are_asked_for(
    export: Export, tool: ReadingTool
) -> None:
    path, buyers, visitors = f"{tool.table()}/changes", export.pair.buyers, export.pair.visitors
    first, third = values(FIRST, THIRD)
    came = [(1, "insert", first, buyers), (1, "insert", third, buyers), (1, "insert", third, visitors)]
    assert changed(tool.call("GET", path, startingVersion="0")) == sorted(came)
    export.members(buyers, THIRD)
    export.dirty()
    export.run()
    assert changed(tool.call("GET", path, startingVersion="2")) == [(2, "delete", first, buyers)]
    assert changed(tool.call("GET", path, startingVersion="1")) == sorted(came[1:])
    export.members(buyers, FIRST, THIRD)
    export.dirty()
    export.run()
    assert changed(tool.call("GET", path, startingVersion="2")) == [
        (2, "delete", first, buyers),
        (3, "insert", first, buyers),
    ]
    assert changed(tool.call("GET", path, startingVersion="4")) == []
    export.dirty()
    export.run()
    assert tool.call("GET", f"{tool.table()}/version").version == 3, "a run that changes nothing is no version"


def test_nobody_who_was_erased_is_in_any_file(export: Export, tool: ReadingTool) -> None:
    path = f"{tool.table()}/changes"
    (line,) = tool.call("GET", path, startingVersion="1").lines[2:]
    export.put(
        f"suppressions/sandbox={export.pair.a.sandbox.sandbox_id}",
        SUPPRESSIONS,
        {THIRD: (*THIRD, SINCE, "erasure")},
    )
    export.dirty()
    export.run()
    with pytest.raises(LookupError):
        fetched(line["cdf"]["url"])
    (third,) = values(THIRD)
    assert third not in {value for value, _ in pairs(tool.rows())}
    told = changed(tool.call("GET", path, startingVersion="1")) + changed(tool.call("GET", path, startingVersion="2"))
    assert third not in {value for _, _, value, _ in told}
    gone = [(change, value) for version, change, value, _ in told if version == 2]
    assert gone == [("delete", None), ("delete", None)], "a reader learns that somebody was erased"


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("changes", {}, 400),
        ("changes", {"startingVersion": "9"}, 400),
        ("changes", {"startingVersion": "-1"}, 400),
        ("changes", {"startingVersion": "9223372036854775808"}, 400),
        ("changes", {"startingVersion": "one"}, 400),
        ("changes", {"startingVersion": "1", "endingVersion": "0"}, 400),
        ("changes", {"startingTimestamp": "yesterday"}, 400),
        ("changes", {"startingTimestamp": "9999-12-31 23:59:59"}, 400),
        ("changes", {"startingTimestamp": "0001-01-01T00:00:00+14:00"}, 400),
        ("version", {"startingTimestamp": "nonsense"}, 400),
        ("version", {"startingTimestamp": "0001-01-01"}, 200),
        ("version", {"startingTimestamp": "2020-01-01 00:00:00"}, 200),
        ("changes", {"startingTimestamp": "2020-01-01 00:00:00"}, 200),
        ("nothing", {}, 404),
    ],
)
def test_what_cannot_be_told_is_refused_in_the_protocols_form(
    tool: ReadingTool, path: str, query: dict[str, str], status: int
) -> None:
    answer = tool.call("GET", f"{tool.table()}/{path}", **query)
    assert answer.status == status, answer.text
    assert status == 200 or answer.body.keys() == {"errorCode", "message"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ("null", 400),
        ("[" * 5000, 400),
        ('{"limitHint": -1}', 400),
        ('{"limitHint": "ten"}', 400),
        ('{"version": 0}', 400),
        ('{"version": 1}', 200),
        ('{"version": 1e400}', 400),
        ('{"timestamp": "2026-01-01 00:00:00"}', 400),
        ('{"startingVersion": 0}', 400),
        ('{"predicateHints": {"a": [1]}, "jsonPredicateHints": "{\\"op\\":", "other": 1}', 200),
        ("", 200),
        ('{"limitHint": 0}', 200),
    ],
)
def test_bodies_of_queries(tool: ReadingTool, body: str, status: int) -> None:
    answer = tool.call("POST", f"{tool.table()}/query", body)
    assert answer.status == status, answer.text
    assert status == 200 or answer.body.keys() == {"errorCode", "message"}


def test_an_end_is_told_to_those_alone_who_know_it(tool: ReadingTool) -> None:
    def last(body: dict[str, bool]) -> str:
        return next(iter(tool.call("POST", f"{tool.table()}/query", body).lines[-1]))

    assert (last({}), last({"includeRefreshToken": True})) == ("file", "endStreamAction")
    tool.headers["delta-sharing-capabilities"] = "responseformat=parquet;includeendstreamaction=true"
    assert last({}) == "endStreamAction"


def test_reading_stops_with_the_connection(export: Export, tool: ReadingTool) -> None:
    path = tool.table()
    assert export.pair.a.call(connect, "POST", f"connections/{export.pair.connection}/disconnect").status == 200
    assert tool.call("POST", f"{path}/query", {}).status == 404
    assert tool.call("GET", "/shares").body == {"items": []}


def test_who_may_not_read_profiles_reads_nothing(export: Export) -> None:
    viewer = export.pair.world.member(export.pair.world.b, "viewer")
    assert ReadingTool(access_token(viewer.principal_id)).call("GET", "/shares").status == 403
    assert ReadingTool(access_token("nobody")).call("GET", "/shares").status == 403
    other = ReadingTool(access_token(export.pair.a.principal_id))
    assert other.call("GET", "/shares").body == {"items": []}


@pytest.mark.parametrize(
    "claims",
    [
        {"token_use": "id"},
        {"scope": "openid"},
        {"iss": "https://cognito-idp.eu-west-1.amazonaws.com/other"},
        {"exp": 1},
        {"sub": 7},
    ],
)
def test_tokens_that_are_none_of_ours(export: Export, claims: dict[str, Any]) -> None:
    answer = ReadingTool(access_token(export.pair.b.principal_id, **claims)).call("GET", "/shares")
    assert (answer.status, answer.body["errorCode"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("token", ["", "hfr_", "hfr_\u00e9", "a.b.c", "x" * 9000, "eyJhbGciOiJub25lIn0.e30."])
def test_tokens_that_are_none_at_all(export: Export, token: str) -> None:
    assert ReadingTool(token).call("GET", "/shares").status == 401


def test_lists_are_read_page_by_page(tool: ReadingTool) -> None:
    none = tool.call("GET", "/shares", maxResults="0")
    assert (none.status, none.body["items"]) == (200, [])
    assert tool.call("GET", "/shares", pageToken=none.body["nextPageToken"]).body["items"], "none is not all there are"
    for token, most in (("forged", "1"), ("", "-1"), ("", "many")):
        answer = tool.call("GET", "/shares", maxResults=most, **({"pageToken": token} if token else {}))
        assert answer.status == 400, answer.text


def followed(export: Export, since: str, limit: int = 200, **query: str) -> list[dict[str, Any]]:
    """All pages of what our own API tells of changes."""
    received, cursor, pages = export.pair.received()["receivedFeedId"], "", []
    while cursor is not None:
        more = query | {"limit": str(limit), "since": since} | ({"cursor": cursor} if cursor else {})
        answer = export.pair.b.call(segments, "GET", f"received-feeds/{received}/members/changes", query=more)
        assert answer.status == 200, answer.body
        pages.append(answer.body)
        cursor = answer.body["nextCursor"]
        assert cursor is None or answer.body["nextSince"] == since, "who stops in between loses nothing"
    return pages


def told(pages: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    return {(item["value"], item["segmentId"], item["change"]) for page in pages for item in page["items"]}


@pytest.mark.parametrize("limit", [1, 2, 200])
def test_our_own_api_tells_changes_net_of_each_other(export: Export, limit: int) -> None:
    buyers, visitors = export.pair.buyers, export.pair.visitors
    first, third = values(FIRST, THIRD)
    received = export.pair.received()["receivedFeedId"]
    members = export.pair.b.call(segments, "GET", f"received-feeds/{received}/members").body
    assert (members["asOf"] is None, members["runId"][:4]) == (False, "run_")
    all_of_it = {(first, buyers, "realized"), (third, buyers, "realized"), (third, visitors, "realized")}
    assert told(followed(export, "2020-01-01T00:00:00.000Z", limit)) == all_of_it
    assert told(followed(export, members["asOf"], limit)) == set()
    export.members(buyers, THIRD)
    export.dirty()
    export.run()
    pages = followed(export, members["asOf"], limit)
    assert told(pages) == {(first, buyers, "exited")}
    assert told(followed(export, members["asOf"], limit, segmentId=visitors)) == set()
    export.members(buyers, FIRST)
    export.dirty()
    export.run()
    assert told(followed(export, members["asOf"], limit)) == {(third, buyers, "exited")}
    last = followed(export, pages[-1]["nextSince"], limit)
    assert told(last) == {(first, buyers, "realized"), (third, buyers, "exited")}
    assert told(followed(export, last[-1]["nextSince"])) == set()


def test_what_a_run_left_half_done_is_told_by_the_one_that_repairs_it(export: Export) -> None:
    since = followed(export, "2020-01-01T00:00:00.000Z")[-1]["nextSince"]
    export.members(export.pair.buyers, THIRD)
    export.dirty()
    with crash("_state"):
        assert deliver(export.pair.exports()) != []
    for run in outbox.pending():
        work.fail({"dataflowId": run.dataflow_id, "runId": run.run_id, "span": 0}, RuntimeError("gone"))
    export.dirty()
    export.run()
    assert told(followed(export, since)) == {(*values(FIRST), export.pair.buyers, "exited")}


def test_changes_that_are_no_longer_kept_are_gone(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    export.members(export.pair.buyers, THIRD)
    export.dirty()
    export.run()
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    received = export.pair.received()["receivedFeedId"]
    path, query = f"received-feeds/{received}/members/changes", {"since": "2020-01-01T00:00:00.000Z"}
    assert export.pair.b.call(segments, "GET", path, query=query).status == 410
    members = export.pair.b.call(segments, "GET", f"received-feeds/{received}/members").body
    assert told(followed(export, members["asOf"])) == set()
    tool = ReadingTool(access_token(export.pair.b.principal_id))
    assert tool.call("GET", f"{tool.table()}/changes", startingVersion="1").status == 410


def test_a_view_of_what_was_taken_out_while_it_was_made_is_never_handed_out(export: Export, tool: ReadingTool) -> None:
    """The export lists views before this one is there, and the maker looks at the ledger after it is."""
    path = tool.table()

    def leave() -> None:
        export.members(export.pair.buyers, THIRD)
        export.dirty()
        export.run()

    with meanwhile(leave, "views/"):
        answer = tool.call("POST", f"{path}/query", {})
    (line,) = answer.lines[2:]
    first = values(FIRST)[0]
    assert first not in {row["value"] for row in fetched(line["file"]["url"])}
    written = [fetched(f"https://example.com/{stored.key}") for stored in objects.listing("views/")]
    assert all(row["value"] != first for rows in written for row in rows)


def test_a_view_of_what_was_taken_out_goes_where_the_time_of_a_call_ends_too(
    export: Export, tool: ReadingTool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tool.table()
    monkeypatch.setattr(views, "FILE_BYTES", 1)

    def leave() -> None:
        for people in (export.pair.buyers, export.pair.visitors):
            export.members(people)
        export.dirty()
        export.run()
        monkeypatch.setattr(view_files, "SECONDS", -1)

    with meanwhile(leave, "views/"):
        assert tool.call("POST", f"{path}/query", {}).status == 503
    assert not list(objects.listing("views/"))


def test_what_is_added_leaves_the_links_that_were_handed_out(export: Export, tool: ReadingTool) -> None:
    path = f"{tool.table()}/query"
    (before,) = tool.call("POST", path, {}).lines[2:]
    export.target(FIRST, SECOND, THIRD, FIFTH, SIXTH)
    export.dirty()
    export.run()
    assert len(fetched(before["file"]["url"])) == 3
    assert pairs(tool.rows()) == read_by_api(export) >= {(*values(SECOND), export.pair.buyers)}


def test_nobody_reads_what_a_policy_forbids_to_export(export: Export, tool: ReadingTool) -> None:
    b, path = export.pair.b, tool.table()
    assert b.call(governance, "POST", "policies/restrict_data_export/enable").status == 200
    source = b.call(governance, "PATCH", "data-sources/ds_audience_sharing", {"labels": ["C12"]})
    assert source.status == 200, source.body
    answer = tool.call("POST", f"{path}/query", {})
    assert (answer.status, answer.body["errorCode"]) == (403, "PERMISSION_DENIED")


NAMES = st.text(max_size=30) | st.sampled_from(["received", "..", "%2e", "a" * 300, "\u0130", "received_feed"])


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "POST"]),
    names=st.tuples(NAMES, NAMES, NAMES),
    place=st.sampled_from(["version", "metadata", "changes", "query", "temporary-table-credentials", "queries/1", ""]),
    query=st.dictionaries(
        st.sampled_from(["maxResults", "pageToken", "startingVersion", "startingTimestamp", "endingVersion", "x"]),
        st.text(max_size=20),
    ),
    body=st.none() | st.text(max_size=40) | st.recursive(st.integers(), st.lists).map(json.dumps),
)
def test_whatever_is_sent_is_answered_by_the_protocol(
    tool: ReadingTool, method: str, names: tuple[str, str, str], place: str, query: dict[str, str], body: str | None
) -> None:
    share, schema, table = (quote(name, safe="") for name in names)
    paths = [f"/shares/{share}", f"/shares/{share}/schemas/{schema}/tables/{table}/{place}"]
    for path in (*paths, f"{tool.table()}/{place}".rstrip("/")):
        answer = tool.call(method, path, body, **query)
        assert answer.status < 500, (path, answer.text)
        assert answer.status < 400 or answer.body.keys() == {"errorCode", "message"}
