"""The chain of a log, and what follows from a record."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.activity import rules
from handfast.journal import chain
from handfast.journal.event_types import matches
from handfast.platform import standard_webhooks, table

_texts = st.text(st.characters(codec="utf-8"), max_size=20)
# DynamoDB holds numbers of 38 digits between 1E-130 and 1E+126.
_numbers = st.integers(-(10**30), 10**30) | st.floats(-1e9, 1e9).filter(
    lambda number: number == 0 or abs(number) > 1e-9
)
_details = st.dictionaries(
    _texts,
    st.recursive(
        st.none() | st.booleans() | _numbers | _texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


def _chained(details: list[dict[str, Any]]) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    previous = chain.GENESIS
    for index, detail in enumerate(details):
        record = {
            "sequence": index + 1,
            "type": "feed.published",
            "at": f"2026-01-01T00:00:0{index}.000Z",
            "actor": {"kind": "principal", "id": "p", "name": "P"},
            "subject": "feed_1",
            "detail": detail,
            "previousHash": previous,
        }
        record = table.deserialised(table.serialised(record))
        record["hash"] = previous = chain.record_hash(record)
        records.append(record)
    return records


_logs = st.lists(_details, min_size=1, max_size=6).map(_chained)


@given(_logs)
def test_an_untouched_log_holds_after_a_trip_through_the_table(records: list[dict[str, Any]]) -> None:
    read_back = [table.deserialised(table.serialised(record)) for record in records]
    assert chain.first_break(read_back) == (len(records), records[-1]["hash"], None)


_CHANGED = {
    "sequence": 99,
    "type": "feed.unshared",
    "at": "2027-01-01T00:00:00.000Z",
    "actor": {"kind": "system", "id": None, "name": "Handfast"},
    "subject": "feed_2",
    "detail": {"something": "else entirely, longer than any drawn text"},
    "previousHash": "f" * 64,
    "hash": "f" * 64,
}


@given(_logs, st.data())
def test_a_changed_attribute_is_found_where_it_is(records: list[dict[str, Any]], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(records) - 1))
    name = data.draw(st.sampled_from(sorted(_CHANGED)))
    records[index] = records[index] | {name: _CHANGED[name]}
    assert chain.first_break(records)[2] == index + 1


@given(_logs, st.data())
def test_a_missing_attribute_is_found_where_it_is(records: list[dict[str, Any]], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(records) - 1))
    del records[index][data.draw(st.sampled_from(sorted(_CHANGED)))]
    assert chain.first_break(records)[2] == index + 1


@given(_logs, st.data())
def test_a_record_rewritten_with_a_fitting_hash_breaks_the_next_one(
    records: list[dict[str, Any]], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(records) - 1))
    records[index] = records[index] | {"subject": "feed_2"}
    records[index]["hash"] = chain.record_hash(records[index])
    count, head, broken_at = chain.first_break(records)
    if index == len(records) - 1:
        # Nothing follows: only a head noted elsewhere tells.
        assert (count, broken_at) == (len(records), None)
        assert head == records[-1]["hash"]
    else:
        assert broken_at == index + 2


@given(_logs, st.data())
def test_a_record_left_out_put_in_or_moved_is_found(records: list[dict[str, Any]], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(records) - 1))
    doubled = [*records[: index + 1], *records[index:]]
    assert chain.first_break(doubled)[2] == index + 2
    if index < len(records) - 1:
        left_out = [*records[:index], *records[index + 1 :]]
        assert chain.first_break(left_out)[2] == index + 1
        swapped = [*records[:index], records[index + 1], records[index], *records[index + 2 :]]
        assert chain.first_break(swapped)[2] == index + 1


@given(_logs)
def test_a_log_cut_off_at_its_end_shows_an_older_head(records: list[dict[str, Any]]) -> None:
    count, head, broken_at = chain.first_break(records[:-1])
    assert broken_at is None
    assert (count, head) != (len(records), records[-1]["hash"])


def test_an_empty_log_holds() -> None:
    assert chain.first_break([]) == (0, None, None)


@pytest.mark.parametrize(
    ("pattern", "event_type", "expected"),
    [
        ("*", "feed.published", True),
        ("feed.published", "feed.published", True),
        ("feed.*", "feed.published", True),
        ("feed.*", "feed", False),
        ("feed.*", "received_feed.enabled", False),
        ("feed", "feed.published", False),
        ("feed.publish", "feed.published", False),
    ],
)
def test_patterns_match_types_and_families(pattern: str, event_type: str, expected: bool) -> None:
    assert matches(pattern, event_type) is expected


def _record(event_type: str, kind: str = "partner", **detail: Any) -> dict[str, Any]:
    name = {"partner": "Organization B", "system": "Handfast", "principal": "P"}.get(kind)
    actor = {"kind": kind, "id": None, "name": name}
    at = "2026-01-01T00:00:00.000Z"
    record = {"sequence": 7, "type": event_type, "at": at, "actor": actor, "subject": "x_1", "detail": detail}
    return record | {"previousHash": chain.GENESIS, "hash": "0" * 64}


@pytest.mark.parametrize(
    ("record", "title"),
    [
        (_record("connection.requested"), "Organization B asks to connect"),
        (_record("connection.requested", "principal"), None),
        (_record("connection.accepted"), "Organization B accepted your connection request"),
        (_record("connection.expired", "system"), "A connection request expired"),
        (_record("feed.published", name="Spring"), "Organization B shares the feed “Spring” with you"),
        (_record("feed.published"), "Organization B shares the feed with you"),
        (_record("feed.published", name="{actor} {0}"), "Organization B shares the feed “{actor} {0}” with you"),
        (_record("upload.failed", "system"), "The upload failed"),
        (_record("upload.completed", "principal", fileName="crm.csv"), "The upload “crm.csv” completed"),
        (_record("feed.unshared", "system", name="Spring"), "The feed “Spring” is no longer shared"),
        (_record("dataflow.paused", name="Spring"), "Organization B paused the dataflow “Spring”"),
        (_record("dataflow.completed", "system"), None),
        (_record("dataflow.completed", "system", reason="feed.changed"), None),
        (
            _record("dataflow.completed", "system", reason="received_feed.enabled"),
            "The first run of the dataflow completed",
        ),
        (_record("dataflow.failed", "system"), "A run of the dataflow failed"),
        (_record("policy.violated", "principal", name="Spring"), "A policy stopped the feed “Spring”"),
        (_record("grant.put", "operator"), None),
        (_record("privacy_request.received"), "Organization B made a privacy request"),
        (_record("privacy_request.received", "principal"), "P made a privacy request"),
        (_record("privacy_request.received", "principal", status="unverified"), None),
        (_record("privacy_request.verified", "principal"), "A privacy request was verified"),
        (_record("privacy_request.denied", "principal"), "P denied a privacy request"),
        (_record("privacy_request.recipient_answered"), "Organization B answered a privacy request"),
        (_record("privacy_request.completed", "system"), "A privacy request completed"),
        (_record("privacy_request.failed", "system"), "A privacy request failed and waits for a retry"),
        (_record("privacy_request.due_soon", "system"), "A privacy request is due soon"),
        (_record("privacy_request.overdue", "system"), "A privacy request is overdue"),
        (_record("privacy_request.approved", "principal"), None),
    ],
)
def test_the_deeds_of_others_notify(record: dict[str, Any], title: str | None) -> None:
    assert rules.notification_title(record) == title


def test_ids_follow_from_sandbox_and_sequence_alone() -> None:
    record = _record("feed.changed")
    assert rules.notification_id(record) == "ntf_000000000007"
    assert rules.event_id("sbx_1", record) == "sbx_1-7"
    assert "." not in rules.event_id("sbx_1", record)


def test_an_event_has_the_attributes_of_cloudevents() -> None:
    event = rules.cloud_event("sbx_1", "handfast", _record("feed.changed", name="Spring"))
    assert {"specversion", "id", "source", "type", "time", "subject"} <= event.keys()
    assert event["data"]["detail"] == {"name": "Spring"}


@given(st.text(st.characters(codec="utf-8"), max_size=30_000), st.text(max_size=200))
def test_a_webhook_body_stays_under_20_kb(text: str, name: str) -> None:
    record = _record("feed.changed", text=text)
    record["actor"]["name"] = name
    data = rules.event_data("sbx_1", record)
    body = standard_webhooks.webhook_body(record["type"], record["at"], data)
    assert len(body) < 20_000
    assert json.loads(body)["data"]["detail"] in ({"text": text}, None)
