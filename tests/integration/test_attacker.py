"""A sender that watches everything it may read while it shares people one by one: whom its partner knows, it sees
nowhere. The budgeted answers with noise are attacked in tests/unit/test_attacker.py.
"""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from functions.activity import app as activity
from functions.approvals import app as approvals
from functions.feeds import app as feeds
from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker
from functions.segments import app as segments
from handfast.activity import hourly_records
from handfast.dataflows import runs
from handfast.journal import store as journal
from handfast.lake import buckets
from handfast.platform import clock
from handfast.privacy_requests.naming import NAMED_A_DAY
from tests.worlds.exports import deliver
from tests.worlds.faults import calls_made
from tests.worlds.privacy import automatic, subject
from tests.worlds.sandboxes import Member, organizations
from tests.worlds.sharing import Pair, pair_of, segment
from tests.worlds.uploads import apply_all, handled, identity

PEOPLE = [f"person{number}@example.com" for number in range(8)]
KNOWN = PEOPLE[::2]
_PERSONAL = re.compile(r"SEQ#\d+|[a-z]+_[0-9A-Z]{26}|\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f]{64}")
"""Ids, times and hashes, which are others for each person."""


def stream(pair: Pair, member: Member, segment_id: str, *people: str) -> None:
    changes = [
        {"identity": {"namespace": "email", "value": mail}, "segmentId": segment_id, "status": "realized", "share": "y"}
        for mail in people
    ]
    assert member.call(segments, "POST", "memberships", {"changes": changes}).body["accepted"] == len(people)
    apply_all(pair.world)
    assert deliver(pair.exports()) == []


def watched(pair: Pair, mail: str, records: int) -> dict[str, Any]:
    """All that the sender can read after a person has been shared, or has not, with its log from a record on."""
    flow, a = pair.received()["dataflowId"], pair.a
    subject = {"subject": {"identities": [{"namespace": "email", "value": mail}]}}
    request = {"type": "erasure", "regulation": "gdpr"} | subject
    return {
        "dataflow": a.call(feeds, "GET", f"dataflows/{flow}").body,
        "dataflows": a.call(feeds, "GET", "dataflows").body,
        "run": a.call(feeds, "GET", f"dataflows/{flow}/runs").body["items"][0],
        "population": a.call(feeds, "GET", f"dataflows/{flow}/population").body,
        "feeds": a.call(feeds, "GET", "feeds").body,
        "segment": a.call(segments, "GET", f"segments/{pair.buyers}").body,
        "explained": a.call(feeds, "POST", "people/explain", {"identity": {"namespace": "email", "value": mail}}).body,
        "dry run": a.call(privacy, "POST", "privacy-requests", request, query={"dryRun": "true"}).body,
        "notifications": a.call(activity, "GET", "notifications").body,
        "records": list(journal.log(a.sandbox.sandbox_id))[records:],
    }


def numbers(told: Any, path: str = "") -> Iterator[tuple[str, float | str]]:
    """All leaves of an answer: numbers as they are, texts without what is others for each."""
    if isinstance(told, dict):
        for name, value in told.items():
            yield from numbers(value, f"{path}/{name}")
    elif isinstance(told, list):
        for index, value in enumerate(told):
            yield from numbers(value, f"{path}/{index}")
    elif isinstance(told, int | float) and not isinstance(told, bool):
        yield path, told
    else:
        yield path, _PERSONAL.sub("…", json.dumps(told, default=str))


def moves(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """By how much each number has moved, and what each text is."""
    old = dict(numbers(before))
    return {
        path: value - before_it
        if isinstance(value, int | float)
        and isinstance(before_it := old.get(path, 0), int | float)
        and not path.startswith("/records")
        else value
        for path, value in numbers(after)
        if not path.endswith(("/sequence", "/revision"))
    }


@pytest.mark.usefixtures("stores")
def test_what_the_sender_reads_is_the_same_whether_its_partner_knows_a_person_or_not() -> None:
    pair = pair_of(organizations())
    stream(pair, pair.b, segment(pair.b, "Own"), *KNOWN, "padding@example.com")
    pair.published()
    assert pair.decide("enable").status == 200
    stream(pair, pair.a, pair.buyers, "padding@example.com", "another@example.com")
    seen = dict[str, dict[str, Any]]()
    watched(pair, "padding@example.com", 0)
    before = watched(pair, "padding@example.com", 0)
    for mail in PEOPLE:
        records = len(list(journal.log(pair.a.sandbox.sandbox_id)))
        stream(pair, pair.a, pair.buyers, mail)
        after = watched(pair, mail, records)
        seen[mail] = moves(before, after)
        before = after
    first = seen[KNOWN[0]]
    assert first["/segment/counts/identities"] == first["/population/members"] == 1, "the sender's own move"
    for mail, told in seen.items():
        assert told == first, mail
    received = pair.b.call(feeds, "GET", "received-feeds").body["items"][0]
    assert received["counts"]["memberships"] == len(KNOWN) + 1, "and the partner was given whom it knows"


@pytest.mark.usefixtures("stores")
def test_who_asks_for_people_names_few_on_a_day_and_each_partner_hears_how_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pair = pair_of(organizations())
    stream(pair, pair.b, segment(pair.b, "Own"), *KNOWN)
    pair.published()
    assert pair.decide("enable").status == 200
    stream(pair, pair.a, pair.buyers, *PEOPLE)
    automatic(pair.a.sandbox)
    asked = [*PEOPLE, *[f"stranger{number}@example.com" for number in range(NAMED_A_DAY)]]
    bodies = [{"type": "access", "regulation": "gdpr", "verified": True, "subject": subject(mail)} for mail in asked]
    made = [pair.a.call(privacy, "POST", "privacy-requests", body).body for body in bodies[:10]]
    bulk = pair.a.call(privacy, "POST", "privacy-requests/bulk", {"items": bodies[10:]}).body["items"]
    for _ in range(4):
        for message in pair.world.messages("PRIVACY_QUEUE_URL"):
            assert handled(worker.handler, message)
    requests = [
        pair.a.call(privacy, "GET", f"privacy-requests/{one['privacyRequestId']}").body for one in [*made, *bulk]
    ]
    answered = ["completed"] * NAMED_A_DAY
    assert [each["status"] for each in requests] == answered + ["pending"] * (len(asked) - NAMED_A_DAY)
    assert [each["fourEyes"] for each in requests[NAMED_A_DAY:]] == [True] * len(PEOPLE)
    last = f"privacy-requests/{requests[-1]['privacyRequestId']}/approve"
    assert pair.a.call(approvals, "POST", last, {}).body["reason"] == "another_approver"
    for body in ({"type": "limit", "regulation": "ccpa"}, {"type": "rectification", "regulation": "gdpr", "note": "x"}):
        more = body | {"verified": True, "subject": subject(PEOPLE[0])}
        assert pair.a.call(privacy, "POST", "privacy-requests", more).body["status"] == "pending", body
    erasure = {"type": "erasure", "regulation": "gdpr", "verified": True, "subject": subject(PEOPLE[0])}
    assert pair.a.call(privacy, "POST", "privacy-requests", erasure).body["status"] == "approved", "acts at once"

    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    hourly_records.record_ended()
    (heard,) = [record for record in journal.log(pair.b.sandbox.sandbox_id) if record["type"] == "recipient.named"]
    assert (heard["actor"]["name"], heard["detail"]["calls"]) == ("Organization A", len(KNOWN))
    assert not [record for record in journal.log(pair.a.sandbox.sandbox_id) if record["type"] == "recipient.named"]


@pytest.mark.parametrize("is_composed", [False, True], ids=["own", "composed"])
def test_a_run_asks_the_same_of_aws_whether_the_partner_knows_the_person(stores: None, is_composed: bool) -> None:
    pair = pair_of(organizations())
    everywhere = one_in_each_bucket()
    stream(pair, pair.b, segment(pair.b, "Customers"), *KNOWN, *everywhere)
    stream(pair, pair.a, pair.buyers, *everywhere)
    shared = pair.buyers
    if is_composed:
        body = {"name": "Composed", "expression": pair.buyers}
        shared = pair.a.call(segments, "POST", "segments", body).body["segmentId"]
    pair.published(segmentIds=[shared])
    assert pair.decide("enable").status == 200
    assert deliver(pair.exports()) == []
    flow = pair.received()["dataflowId"]
    for status in ("realized", "exited", "realized"):
        asked = {mail: run_of(pair, mail, status) for mail in PEOPLE}
        assert asked == dict.fromkeys(PEOPLE, asked[PEOPLE[0]]), status
    assert runs.delivered(flow) == len(everywhere) + len(KNOWN)


def one_in_each_bucket() -> list[str]:
    """People of whom each bucket holds one, as it does of any real sandbox's."""
    mails = (f"other{number}@example.com" for number in range(2_000))
    found = {buckets.bucket_of(identity("email", mail)[0], buckets.bucket_bits()): mail for mail in mails}
    assert len(found) == 1 << buckets.bucket_bits()
    return list(found.values())


def run_of(pair: Pair, mail: str, status: str) -> tuple[str, ...]:
    """What a run asks of AWS in which one person is all that is new."""
    change = {"identity": {"namespace": "email", "value": mail}, "segmentId": pair.buyers, "status": status}
    assert pair.a.call(segments, "POST", "memberships", {"changes": [change | {"share": "y"}]}).status == 202
    apply_all(pair.world)
    bodies = pair.exports()
    assert len(bodies) == 1
    with calls_made() as made:
        assert deliver(bodies) == []
    return tuple(made)
