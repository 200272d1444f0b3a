"""A sender that watches everything it may read while it shares people one by one: whom its partner knows, it sees
nowhere. The budgeted answers with noise are attacked in tests/unit/test_attacker.py.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from functions.activity import app as activity
from functions.feeds import app as feeds
from functions.privacy_requests import app as privacy
from functions.segments import app as segments
from handfast.journal import store as journal
from tests.worlds.exports import deliver
from tests.worlds.sandboxes import Member, organizations
from tests.worlds.sharing import Pair, pair_of, segment
from tests.worlds.uploads import apply_all

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
