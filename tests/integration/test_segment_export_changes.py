"""Changes as ingest leaves them, exported by what they name alone: the receiver ends with exactly the truth."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from functions.segments import app as segments
from handfast.dataflows import population as dataflows_population
from handfast.dataflows import states as dataflows_states
from handfast.feeds import member_reader
from handfast.lake import layout, ranges
from handfast.matching import engine
from handfast.matching.models import BucketFiles, BucketResult, BucketState
from handfast.platform import objects
from tests.worlds.exports import Export, deliver
from tests.worlds.faults import crash
from tests.worlds.sandboxes import Member, organizations
from tests.worlds.sharing import pair_of, segment
from tests.worlds.stores import built_once
from tests.worlds.uploads import apply_all

type Change = tuple[int, str, str]
"""A person's number, the segment, realized or exited."""


@built_once
def _shared() -> Export:
    pair = pair_of(organizations())
    a, b = pair.a, pair.b
    feed = pair.published(segmentIds=[pair.buyers, pair.visitors])
    sharing = Export(pair, Path(), feed, pair.decide("enable").body["dataflowId"])
    told(sharing, a, *((person, pair.buyers, "realized") for person in range(60)))
    told(sharing, a, (60, pair.visitors, "realized"))
    own = segment(b, "Own")
    told(sharing, b, *((person, own, "realized") for person in range(40)))
    sharing.run()
    return sharing


@pytest.fixture
def sharing(stores: None, monkeypatch: pytest.MonkeyPatch) -> Export:
    """Sixty people in both sandboxes, all members of the first segment, shared once."""
    monkeypatch.setattr(ranges, "TAIL", 64)  # so that objects are read in ranges, small as they are
    return _shared()


def told(sharing: Export, member: Member, *changes: Change, **consent: str) -> None:
    """Stream changes and have them applied."""
    body = [
        {
            "identity": {"namespace": "email", "value": f"{person}@example.com"},
            "segmentId": segment_id,
            "status": status,
            **consent,
        }
        for person, segment_id, status in changes
    ]
    assert member.call(segments, "POST", "memberships", {"changes": body}).body["accepted"] == len(changes)
    apply_all(sharing.pair.world)


def held(sharing: Export) -> dict[str, list[str]]:
    page = member_reader.members_page(
        member_reader.disclosed(sharing.dataflow), [sharing.pair.buyers, sharing.pair.visitors], 200, None
    )
    return {item.value: item.segment_ids for item in page.items}


def outcome(sharing: Export) -> dict[int, Any]:
    states = dataflows_states.state(sharing.dataflow, 0)[0]
    return {bucket: _counts(state) for bucket, state in states.items()}


def _counts(state: BucketState) -> Any:
    counts = {name: value for name, value in asdict(state).items() if name in ("members", "excluded", "delivered")}
    return counts | {"inputs": {role: etag for role, etag in state.versions.items() if role != "disclosures"}}


def anew(sharing: Export) -> dict[int, Any]:
    """The outcome of deciding everything anew, which must not change what is held."""
    before = held(sharing)
    objects.delete(*(stored.key for stored in objects.listing(layout.states(sharing.dataflow))))
    sharing.dirty()
    sharing.run()
    assert held(sharing) == before
    return outcome(sharing)


def test_changes_on_either_side_come_to_the_same_as_deciding_anew(
    sharing: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = sharing.pair
    assert len(held(sharing)) == 40
    decided: list[BucketFiles] = []
    reconcile = engine.reconcile

    def noted(buckets: Sequence[BucketFiles], *rest: Any, **named: Any) -> Iterator[BucketResult]:
        decided.extend(buckets)
        return reconcile(buckets, *rest, **named)

    with monkeypatch.context() as patch:
        patch.setattr(engine, "reconcile", noted)
        told(sharing, pair.a, (1, pair.buyers, "exited"), (50, pair.buyers, "exited"))
        sharing.run()
        assert len(held(sharing)) == 39
        told(sharing, pair.a, (2, pair.buyers, "realized"), (3, pair.buyers, "realized"), share="n")
        told(sharing, pair.a, (1, pair.buyers, "realized"))
        sharing.run()
        assert len(held(sharing)) == 38
    assert decided
    assert all(files.baseline for files in decided), "of none everything was decided"
    assert outcome(sharing) == anew(sharing)
    own = pair.b.call(segments, "GET", "segments", query={"origin": "own"}).body["items"][0]["segmentId"]
    told(sharing, pair.b, *((person, own, "realized") for person in range(38, 45)))
    sharing.run()
    assert len(held(sharing)) == 43
    assert outcome(sharing) == anew(sharing)
    population = dataflows_population.population(sharing.dataflow)
    assert (population.members, population.shared) == (60, 43)


def test_a_crash_between_any_two_writes_leaves_no_count_behind(sharing: Export) -> None:
    pair, crashes = sharing.pair, 0
    for writes in range(10):
        status = "exited" if writes % 2 == 0 else "realized"
        told(sharing, pair.a, (1, pair.buyers, status), (2, pair.buyers, status))
        messages = pair.exports()
        with crash(after=writes):
            crashes += bool(deliver(messages))
        assert deliver(messages * 2) == []
        assert len(held(sharing)) == (38 if writes % 2 == 0 else 40)
        if writes in (4, 9):
            assert outcome(sharing) == anew(sharing)
    assert crashes >= 4  # disclosures, the state, the span, the run
