"""The tools of the MCP server over a furnished sandbox: what they answer, that they change nothing and name nobody."""

import asyncio
import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from mcp import Client
from mcp.server.mcpserver.exceptions import ToolError

from functions.connect_requests import app as connect
from functions.feeds import app as feeds
from functions.segment_export import app as export
from handfast.access import service as access
from handfast_cli.mcp.reading_api import ReadingApi, WouldChangeError
from handfast_cli.mcp.server import TOOLS, guarded, server
from handfast_cli.mcp.withholding import WITHHELD, without_identifiers
from handfast_client.errors import ProblemError
from tests.worlds.furnished import Furnished, furnished
from tests.worlds.gateway_api import GatewayApi, session_of
from tests.worlds.sandboxes import Member, organizations
from tests.worlds.stores import built_once
from tests.worlds.uploads import handled, ingested

CALLER = "rosa@one.example"
ADDRESSES = ("ann@example.com", "bob@example.com", "someone@sandbox-a.example", "not-an-address-of-eve", CALLER)
DEVICE = "AEBE52E7-03EE-455A-B3C4-E57283966239"
PROFILES = ("crm-84716", "crm-99123", "crm-55001")
PEOPLE = f"""id,mail,ad,consent
{PROFILES[0]},Ann@Example.com,{DEVICE},y
{PROFILES[1]},bob@example.com,,n
{PROFILES[2]},not-an-address-of-eve,,y
""".encode()
IDENTIFIERS = (
    *(text.lower() for address in ADDRESSES for text in (address, sha256(address.encode()).hexdigest())),
    DEVICE.lower(),
    *PROFILES,
)
DOCUMENT = """
version: 1
segments:
  - name: Readers
    labels: [C3]
  - name: Lapsed
"""


def _people() -> Furnished:
    both = furnished(organizations())
    ingested(both.world, both.a, PEOPLE, segmentId=both.of(both.a)["segment"])
    assert handled(export.handler, *both.world.messages("EXPORT_QUEUE_URL"))
    return both


_furnished = built_once(_people)


@pytest.fixture
def both(stores: None, monkeypatch: pytest.MonkeyPatch) -> Furnished:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    return _furnished()


def answers(member: Member, folder: Path, calls: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    """What a client is answered to calls of tools, one after the other; an error is a text."""
    api = GatewayApi(member.principal_id)

    async def asked() -> list[Any]:
        async with Client(server(session_of(member, api), folder)) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == list(TOOLS)
            found = [await client.call_tool(name, given) for name, given in calls]
            return [each.content[0].text if each.is_error else each.structured_content for each in found]  # type: ignore[union-attr]

    found = asyncio.run(asked())
    assert [call for call in api.wrote if not call.endswith("/estimate")] == []
    return found


def test_the_twelve_tools_answer_and_name_nobody(both: Furnished, tmp_path: Path) -> None:
    access.register_principal("principal-of-the-assistant", CALLER, both.a.sandbox.sandbox_id, "sandbox-admin")
    member, ids = Member("principal-of-the-assistant", both.a.sandbox), both.of(both.a)
    calls: list[tuple[str, dict[str, Any]]] = [
        ("who_am_i", {}),
        ("list_partners", {}),
        ("list_segments", {"search": "Readers"}),
        ("list_feeds", {}),
        ("estimate_overlap", {"feed": ids["feed"]}),
        ("explain_count", {"dataflow": ids["dataflow"]}),
        ("explain_policy", {"feed": ids["feed"]}),
        ("list_uploads", {}),
        ("list_privacy_requests_due", {}),
        ("dataflow_health", {}),
        ("plan_desired_state", {"document": DOCUMENT}),
        ("write_plan", {"name": "labels.yaml", "document": DOCUMENT}),
    ]
    assert [name for name, _ in calls] == list(TOOLS)
    found = dict(zip(TOOLS, answers(member, tmp_path, calls), strict=True))
    text = json.dumps(found).lower()
    assert [each for each in IDENTIFIERS if each in text] == []
    assert WITHHELD.lower() not in text
    assert found["who_am_i"]["role"] == "sandbox-admin"
    assert found["list_partners"]["items"][0]["partner"]["organizationName"] == "Organization B"
    assert found["list_segments"]["items"][0]["counts"]["identities"] == 3
    assert found["list_feeds"]["shared"]["items"][0]["shares"][0]["status"] == "enabled"
    assert found["explain_count"]["members"] == 3
    assert found["list_uploads"]["items"][0]["counts"]["rejectedByReason"]
    assert {each["type"] for each in found["list_privacy_requests_due"]["items"]} == {"access"}
    assert {each["action"] for each in found["plan_desired_state"]["changes"]} == {"change", "create"}
    assert (tmp_path / "labels.yaml").read_text() == DOCUMENT


def test_what_a_tool_refuses_is_told(both: Furnished, tmp_path: Path) -> None:
    (tmp_path / "there.yaml").write_text("")
    told = answers(
        both.a,
        tmp_path,
        [
            ("explain_count", {"dataflow": "flow_none"}),
            ("explain_policy", {}),
            ("plan_desired_state", {"document": "version: 1\nsegment: []"}),
            ("write_plan", {"name": "../there.yaml", "document": DOCUMENT}),
            ("write_plan", {"name": "there.yaml", "document": DOCUMENT}),
            ("write_plan", {"name": "wrong.yaml", "document": "version: 2"}),
            ("explain_policy", {"marketing_action": "analytics", "labels": ["C8"]}),
        ],
    )
    for part, text in zip(
        ("404", "name a feed", "did you mean segments?", "lower-case", "there already", "version"), told, strict=False
    ):
        assert part in text
    assert told[-1]["labels"] == ["C8"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there.yaml"]


def test_what_the_api_refuses_is_told_and_an_identifier_in_it_withheld() -> None:
    errors = [{"pointer": "/labels", "message": "is missing"}, {"pointer": "/x", "message": "ann@one.example is none"}]
    document = {"title": "Refused", "detail": "see errors", "errors": errors, "requestId": str(uuid4())}

    def refused() -> dict[str, Any]:
        raise ProblemError(422, document)

    with pytest.raises(ToolError) as told:
        guarded(refused)()
    assert str(told.value).splitlines() == ["422 Refused: see errors", "  /labels: is missing", WITHHELD]


def test_nothing_that_changes_anything_gets_out(both: Furnished) -> None:
    api = ReadingApi(GatewayApi(both.a.principal_id))  # type: ignore[arg-type]
    path = f"/sandboxes/{both.a.sandbox.sandbox_id}"
    feed = both.of(both.a)["feed"]
    for method, below, query in (
        ("POST", "/segments", None),
        ("DELETE", f"/feeds/{feed}", None),
        ("POST", f"/feeds/{feed}/publish", {"dryRun": False}),
        ("PATCH", f"/feeds/{feed}", {"dryRun": "no"}),
    ):
        with pytest.raises(WouldChangeError):
            api.call(method, f"{path}{below}", body={}, query=query)
    assert both.a.call(feeds, "GET", f"feeds/{feed}").status == 200
    assert both.a.call(connect, "GET", "connections").status == 200


def test_what_reads_like_an_identifier_is_withheld_wherever_it_stands() -> None:
    told = {"name": "mail to ann@example.com", "b" * 64: [DEVICE, {"x": "+49 30 23125001"}], "ok": ["4711", 12, None]}
    assert without_identifiers(told) == {
        "name": WITHHELD,
        WITHHELD: [WITHHELD, {"x": WITHHELD}],
        "ok": ["4711", 12, None],
    }
    assert without_identifiers("\u0660\u0663\u0660\u0662\u0663\u0661\u0662\u0665\u0660") == WITHHELD, "of any script"
    assert without_identifiers("seg_01K5Z8Q4T3N7W2X9B6C1D0E5FG at 2026-03-01T12:00:00.000Z") != WITHHELD
