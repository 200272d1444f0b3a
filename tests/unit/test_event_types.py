"""The types of events: those that the code writes, and those that the page lists."""

import ast
import re
from pathlib import Path

from handfast.activity import rules
from handfast.journal.chain import Record
from handfast.journal.event_types import EVENT_TYPES, is_known

ROOT = Path(__file__).resolve().parents[2]
FAMILIES = {name.partition(".")[0] for name in EVENT_TYPES}
TYPE = re.compile(rf"({'|'.join(FAMILIES)})\.[a-z_]+")
NOT_RECORDED = {"webhook.test", "connection.test", "message.test", "privacy_request.message", "segment.membership"}
"""What is only sent: to try whether it arrives, to be passed on to a person, or to a destination."""


def test_what_the_code_writes_is_listed() -> None:
    written = {
        node.value
        for path in (ROOT / "layers/handfast/handfast").rglob("*.py")
        if path.name != "event_types.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and TYPE.fullmatch(node.value)
    }
    assert {"feed.published", "grant.put"} <= written
    assert written - NOT_RECORDED <= EVENT_TYPES.keys()


def test_the_page_lists_the_same() -> None:
    page = (ROOT / "docs/api.md").read_text()
    rows = re.findall(r"^\| `([a-z_]+\.)` \| (.*) \|$", page, re.MULTILINE)
    listed = {family + name for family, names in rows for name in re.findall(r"`(\w+)`", names)}
    assert listed - NOT_RECORDED == EVENT_TYPES.keys()


def test_a_pattern_that_no_event_can_have_is_unknown() -> None:
    assert all(map(is_known, ("*", "feed.*", *EVENT_TYPES)))
    assert not any(map(is_known, ("nope", "feed", "feed.publish", "nope.*", "connect.*", "feed.published.*")))


def test_the_attributes_of_an_event_on_the_bus_are_cloud_events() -> None:
    record: Record = {
        "type": "feed.changed",
        "at": "2026-01-01T00:00:00.000Z",
        "sequence": 1,
        "subject": "feed_1",
        "actor": {},
        "detail": {},
        "hash": "",
    }
    event = rules.cloud_event("sbx_1", "handfast", record)
    assert all(re.fullmatch("[a-z0-9]{1,20}", name) for name in event)
    assert event["sandboxid"] == "sbx_1"
