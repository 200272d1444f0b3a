"""Delta Sharing over a whole deployment's stores: what a tool reads is what our own API reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.segments import app as segments
from tests.worlds.data_plane import value_of
from tests.worlds.exports import FIRST, THIRD, Export, shared
from tests.worlds.readers import ReadingTool, access_token, fetched, signing


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
