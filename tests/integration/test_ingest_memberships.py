"""Streamed membership changes through the handler, over moto."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from functions.segments import app as segments
from handfast.identity.keys import key
from handfast.identity.profile_ids import kept
from handfast.ingest import changes as ingest_changes
from handfast.lake import change_log
from handfast.platform import objects, queues
from handfast.platform.secret import identity_secret
from tests.worlds.sandboxes import Member, World
from tests.worlds.sharing import pointers, segment


def change(segment_id: str, value: str, status: str = "realized", namespace: str = "email", **members: Any) -> Any:
    identity = {"namespace": namespace, "value": value}
    return {"identity": identity, "segmentId": segment_id, "status": status} | members


def written(member: Member) -> dict[str, Any]:
    found = {
        stored.key: objects.read_json(stored.key) for stored in objects.listing(f"changes/{member.sandbox.sandbox_id}/")
    }
    return {name: body[0] for name, body in found.items() if body}


def test_changes_become_one_change_of_the_span_and_one_message(world: World, a: Member) -> None:
    segment_id = segment(a)
    body = {
        "changes": [
            change(segment_id, " Someone@Example.com ", share="Y", profileId="p1"),
            change(segment_id, "(212) 555-0100", "exited", "phone"),
        ]
    }
    answer = a.call(segments, "POST", "memberships", body)
    assert (answer.status, answer.body) == (202, {"accepted": 2, "rejected": []})
    (message,) = world.messages("INGEST_QUEUE_URL")
    assert message == {"sandboxId": a.sandbox.sandbox_id, "span": 0}
    ((change_key, tables),) = written(a).items()
    assert change_key == f"changes/{a.sandbox.sandbox_id}/000/{tables['changeId']}/stream.json"
    email, phone = hashlib.sha256(b"someone@example.com"), hashlib.sha256(b"+12125550100")
    assert tables["profiles"]["value"] == [email.hexdigest(), phone.hexdigest()]
    hi, lo = key(identity_secret(), 1, email.digest())
    assert (tables["profiles"]["hi"][0], tables["profiles"]["lo"][0]) == (hi, lo)
    assert tables["profiles"]["profile_share"] == ["y", None]
    assert tables["profiles"]["profile_id"] == ["p1", None]
    assert tables["memberships"]["realized"] == [True, False]
    assert tables["memberships"]["segment"] == [segment_id] * 2


def test_a_profile_id_that_is_an_address_or_a_number_is_kept_as_its_hash(a: Member) -> None:
    ids = ["Rosa@one.example", " rosa@one.example", "+49 30 23125001", "crm:rosa@one.example", " 7", "\u200b"]
    changes = [change(segment(a), f"user{number}@example.com", profileId=text) for number, text in enumerate(ids)]
    assert a.call(segments, "POST", "memberships", {"changes": changes}).body["accepted"] == len(ids)
    (tables,) = written(a).values()
    stored = tables["profiles"]["profile_id"]
    assert stored == [kept(text, identity_secret()) for text in ids]
    assert stored[0] == stored[1]
    assert stored[4:] == ["7", None]


def test_each_bad_change_comes_back_with_its_reason_and_the_others_are_taken(
    world: World, a: Member, b: Member
) -> None:
    segment_id, foreign = segment(a), segment(b)
    wrong = [
        (change("seg_unknown", "x@example.com"), "unknown_segment"),
        (change(foreign, "x@example.com"), "unknown_segment"),
        (change(segment_id, "x@example.com", namespace="fax"), "unknown_namespace"),
        (change(segment_id, "x@example.com", share="perhaps"), "unknown_share"),
        (change(segment_id, "not an address"), "invalid_email"),
        (change(segment_id, ""), "empty"),
        (change(segment_id, "x@example.com", profileId="unknown"), "placeholder_profile_id"),
        (change(segment_id, "5", namespace="phone"), "invalid_phone"),
        (change(segment_id, "00000000-0000-0000-0000-000000000000", namespace="IDFA"), "all_zero_device_id"),
    ]
    changes = [change(segment_id, "x@example.com"), *(body for body, _ in wrong)]
    answer = a.call(segments, "POST", "memberships", {"changes": changes})
    assert answer.status == 202
    assert answer.body["accepted"] == 1
    assert answer.body["rejected"] == [{"index": index, "reason": reason} for index, (_, reason) in enumerate(wrong, 1)]

    none = a.call(segments, "POST", "memberships", {"changes": [wrong[0][0]]})
    assert (none.status, none.body["accepted"]) == (202, 0)
    assert len(written(a)) == 1
    assert len(world.messages("INGEST_QUEUE_URL")) == 1


BAD_CHANGES: list[tuple[list[Any], str]] = [
    ([], "/changes"),
    ([change("seg_1", "x@example.com")] * 1001, "/changes"),
    ([change("seg_1", "x@example.com", "maybe")], "/changes/0/status"),
    ([change("seg_1", "x@example.com"), {"segmentId": "seg_1", "status": "exited"}], "/changes/1/identity"),
    ([change("seg_1", "x@example.com", profileId="")], "/changes/0/profileId"),
    ([change("seg_1", "x" * 5000)], "/changes/0/identity/value"),
    (
        [change("seg_1", "x@example.com") | {"identity": {"namespace": 7, "value": "x"}}],
        "/changes/0/identity/namespace",
    ),
]


def test_a_bad_stream_body_is_refused_by_field_and_quotes_nobody(a: Member) -> None:
    for changes, pointer in BAD_CHANGES:
        answer = a.call(segments, "POST", "memberships", {"changes": changes})
        assert (answer.status, pointers(answer)) == (422, [pointer])
        assert "example.com" not in json.dumps(answer.body)


def test_a_repeated_call_with_one_idempotency_key_applies_once(world: World, a: Member) -> None:
    body = {"changes": [change(segment(a), "x@example.com")]}
    answers = [a.call(segments, "POST", "memberships", body, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [(answer.status, answer.body) for answer in answers] == [(202, {"accepted": 1, "rejected": []})] * 2
    assert len(written(a)) == 1
    assert len(world.messages("INGEST_QUEUE_URL")) == 1


def test_changes_of_many_spans_are_written_to_each(world: World, a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET_BITS", "8")
    segment_id = segment(a)
    body = {"changes": [change(segment_id, f"person{number}@example.com") for number in range(50)]}
    assert a.call(segments, "POST", "memberships", body).body["accepted"] == 50
    changes = written(a)
    spans = sorted({name.split("/")[2] for name in changes})
    assert spans == ["000", "001", "002", "003"]
    assert sorted(message["span"] for message in world.messages("INGEST_QUEUE_URL")) == [0, 1, 2, 3]
    rows = [(hi, int(name.split("/")[2])) for name, tables in changes.items() for hi in tables["memberships"]["hi"]]
    assert len(rows) == 50
    assert all((hi % 2**64) >> 62 == span for hi, span in rows)


def test_no_raw_identity_is_logged_or_written(a: Member, capsys: pytest.CaptureFixture[str]) -> None:
    body = {
        "changes": [
            change(segment(a), "Someone.Secret@example.com"),
            change("seg_x", "+12125550123", namespace="phone"),
        ]
    }
    a.call(segments, "POST", "memberships", body)
    a.call(segments, "POST", "memberships", {"changes": [{"identity": "Someone.Secret@example.com"}]})
    seen = capsys.readouterr().out.lower() + json.dumps(written(a)).lower()
    assert "secret@" not in seen
    assert "2125550123" not in seen


def test_changes_are_counted_in_the_segment_once_they_are_applied(world: World, a: Member) -> None:
    segment_id = segment(a)

    def stream(*changes: Any) -> dict[str, Any]:
        a.call(segments, "POST", "memberships", {"changes": list(changes)})
        for message in world.messages("INGEST_QUEUE_URL"):
            ingest_changes.apply_span(message)
        counts: dict[str, Any] = a.call(segments, "GET", f"segments/{segment_id}").body["counts"]
        return {name: counts[name] for name in ("identities", "byNamespace")}

    joins = [change(segment_id, "ann@example.com"), change(segment_id, "+12125550123", namespace="phone")]
    assert stream(*joins) == {"identities": 2, "byNamespace": {"Email_LC_SHA256": 1, "Phone_SHA256_E.164": 1}}
    assert stream(*joins)["identities"] == 2
    leaves = change(segment_id, "ANN@example.com", "exited")
    assert stream(leaves) == {"identities": 1, "byNamespace": {"Phone_SHA256_E.164": 1}}
    assert written(a) == {}


def test_what_takes_too_long_is_left_to_another_message(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment_id = segment(a)
    for name in ("ann", "bob", "cid"):
        a.call(segments, "POST", "memberships", {"changes": [change(segment_id, f"{name}@example.com")]})
    world.messages("INGEST_QUEUE_URL")
    monkeypatch.setattr(queues, "WORK_FOR", timedelta(0))
    message = {"sandboxId": a.sandbox.sandbox_id, "span": 0}
    for left in (2, 1):
        ingest_changes.apply_span(message)
        assert len(change_log.pending(a.sandbox.sandbox_id, 0)) == left
        assert world.messages("INGEST_QUEUE_URL") == [message]
    ingest_changes.apply_span(message)
    assert world.messages("INGEST_QUEUE_URL") == []
    assert a.call(segments, "GET", f"segments/{segment_id}").body["counts"]["identities"] == 3
