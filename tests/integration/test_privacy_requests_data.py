"""Suppression and erasure in the data plane: what a sandbox holds, takes and shares afterwards."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.feeds import app as feeds_app
from functions.ingest import app as ingest_app
from handfast.dataflows import population
from handfast.dataflows import store as dataflows
from handfast.identity import keys as identity_keys
from handfast.ingest import store as ingest
from handfast.lake import buckets, change_log, layout, person_changes, suppressions
from handfast.lake import people as lake_people
from handfast.lake.duck import connect, write
from handfast.platform import objects
from handfast.platform.ids import new_id
from handfast.segments import store as segments
from tests.worlds.exports import FIRST, SECOND, THIRD, Export, names, shared
from tests.worlds.faults import crash, meanwhile
from tests.worlds.privacy import ANN, BOB, COLUMNS, file_of, stream
from tests.worlds.sandboxes import Member, World
from tests.worlds.uploads import apply_all, handled, identity, ingested, keys, rows, segment_of

AT = datetime(2026, 1, 1, tzinfo=UTC)
LATER = AT + timedelta(days=1)
EXAMPLES = 100 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 6


@pytest.fixture
def sharing(stores: None, tmp_path: Path) -> Export:
    return shared(tmp_path)


def erase(world: World, member: Member, *people: identity_keys.Key, reason: suppressions.Reason = "erasure") -> None:
    """Suppress identities and have them erased."""
    suppressions.add(member.sandbox.sandbox_id, people, reason, AT)
    person_changes.erase(member.sandbox.sandbox_id, new_id("chg"), AT, people)
    apply_all(world)


# Suppressions


def test_an_erasure_outweighs_an_opt_out_which_alone_can_be_lifted(a: Member) -> None:
    sandbox, first, second, third = a.sandbox.sandbox_id, (1, 1), (2, -2), (-(1 << 63), 5)
    assert suppressions.find(sandbox, [first]) == {}
    suppressions.add(sandbox, [first, second, third], "opt_out", AT)
    suppressions.add(sandbox, [second], "erasure", AT)
    suppressions.add(sandbox, [second], "opt_out", AT)
    assert suppressions.find(sandbox, [first, second, third, (9, 9)]) == {
        first: "opt_out",
        second: "erasure",
        third: "opt_out",
    }
    assert suppressions.count(sandbox) == {"opt_out": 2, "erasure": 1}
    suppressions.release(sandbox, [first, second], "release", LATER)
    assert suppressions.find(sandbox, [first, second, third]) == {second: "erasure", third: "opt_out"}
    assert suppressions.find(a.sandbox.organization_id, [second]) == {}


def test_repeating_a_suppression_writes_nothing(a: Member) -> None:
    suppressions.add(a.sandbox.sandbox_id, [(1, 1)], "erasure", AT)
    before = list(objects.listing("suppressions"))
    suppressions.add(a.sandbox.sandbox_id, [(1, 1)], "erasure", AT)
    assert list(objects.listing("suppressions")) == before


SAID: dict[str, tuple[suppressions.Reason | suppressions.Release, int, str | None]] = {
    "opt_out": ("opt_out", 1, None),
    "opt_in": ("release", 2, None),
    "opt_out again": ("opt_out", 3, None),
    "erasure": ("erasure", 4, None),
    "opt_in after the erasure": ("release", 5, None),
    "release": ("release_erasure", 6, None),
    "opt_out at last": ("opt_out", 7, None),
    "DROP": ("erasure", 8, "A1"),
    "DROP, another": ("erasure", 8, "B2"),
    "DROP, taken back": ("release_erasure", 9, "A1"),
}
ENDS: list[tuple[list[str], suppressions.Reason | None]] = [
    (["opt_out", "opt_in"], None),
    (["opt_in", "opt_out again"], "opt_out"),
    (["opt_out", "erasure"], "erasure"),
    (["erasure", "opt_in after the erasure"], "erasure"),
    (["opt_out again", "erasure", "release"], None),
    (["erasure", "release", "opt_out at last"], "opt_out"),
    (["opt_out", "opt_in", "opt_out again", "erasure", "opt_in after the erasure"], "erasure"),
    (["DROP", "DROP, taken back"], None),
    (["DROP", "DROP, another", "DROP, taken back"], "erasure"),
    (["opt_out at last", "DROP", "DROP, taken back"], "opt_out"),
    (["erasure", "DROP", "DROP, taken back"], "erasure"),
    (["release", "DROP"], "erasure"),
]


@pytest.mark.parametrize(("said", "end"), ENDS)
@pytest.mark.parametrize("towards", [None, "partner"])
def test_the_last_word_counts_in_whatever_order_words_are_carried_out(
    a: Member, said: list[str], end: suppressions.Reason | None, towards: str | None
) -> None:
    for number, order in enumerate(islice(permutations(said), 12)):
        key = (number << 50, number)
        for name in order:
            word, hour, item = SAID[name]
            at = None if word in {"release", "release_erasure"} else towards
            suppressions.say(a.sandbox.sandbox_id, [(key, AT + timedelta(hours=hour), item)], word, towards=at)
        if towards is None or not {"opt_in", "opt_in after the erasure"} & set(said):  # that lifts nothing there
            found = suppressions.find(a.sandbox.sandbox_id, [key], towards=towards)
            assert found == ({key: end} if end else {}), order


def test_what_was_suppressed_before_there_were_items_is_lifted_as_any(a: Member, tmp_path: Path) -> None:
    path = tmp_path / "old.parquet"
    with connect() as connection:
        row = "1::BIGINT AS hi, 1::BIGINT AS lo, TIMESTAMP '2026-01-01' AS since, 'erasure' AS reason"
        write(connection, f"SELECT {row}", path)
    prefix = layout.suppressions(a.sandbox.sandbox_id)
    objects.write_file(buckets.object_key(prefix, buckets.bucket_of(1, buckets.bucket_bits())), path, replaces=None)
    suppressions.say(a.sandbox.sandbox_id, [((1, 1), AT, "A1")], "release_erasure")
    suppressions.add(a.sandbox.sandbox_id, [(1, 2)], "opt_out", AT)
    assert suppressions.find(a.sandbox.sandbox_id, [(1, 1), (1, 2)]) == {(1, 1): "erasure", (1, 2): "opt_out"}
    suppressions.release(a.sandbox.sandbox_id, [(1, 1)], "release_erasure", LATER)
    assert suppressions.find(a.sandbox.sandbox_id, [(1, 1)]) == {}
    assert suppressions.count(a.sandbox.sandbox_id) == {"opt_out": 1}


def test_a_suppression_made_at_the_same_time_is_kept(a: Member) -> None:
    sandbox = a.sandbox.sandbox_id
    with meanwhile(lambda: suppressions.add(sandbox, [(2, 2)], "erasure", AT)):
        suppressions.add(sandbox, [(1, 1)], "erasure", AT)
    assert suppressions.find(sandbox, [(1, 1), (2, 2)]).keys() == {(1, 1), (2, 2)}


# Ingest


def test_an_upload_refuses_rows_that_name_an_erased_person_and_counts_them(
    world: World, a: Member, tmp_path: Path
) -> None:
    suppressions.add(a.sandbox.sandbox_id, [identity("email", "ann@example.com")], "erasure", AT)
    suppressions.add(a.sandbox.sandbox_id, [identity("email", "bob@example.com")], "opt_out", AT)
    upload = ingested(world, a, file_of(ANN, BOB), columns=COLUMNS, segmentId=segment_of(a))
    assert (upload.rows, upload.accepted, upload.rejected_by_reason) == (2, 1, {"suppressed": 1})
    assert [row[:2] for row in rows(f"profiles/sandbox={a.sandbox.sandbox_id}/", tmp_path)] == [
        identity("email", BOB[1])
    ]
    rejects = objects.download(ingest.rejects_key(a.sandbox.sandbox_id, upload.upload_id), tmp_path / "rejects")
    assert rejects
    assert (tmp_path / "rejects").read_text() == "row,column,reason\n1,,suppressed\n"


def test_a_stream_refuses_an_erased_identity_and_takes_one_that_opted_out(world: World, a: Member) -> None:
    suppressions.add(a.sandbox.sandbox_id, [identity("email", "ann@example.com")], "erasure", AT)
    suppressions.add(a.sandbox.sandbox_id, [identity("email", "bob@example.com")], "opt_out", AT)
    answer = stream(a, segment_of(a), "not an address", "Ann@example.com", "bob@example.com")
    assert answer == {
        "accepted": 1,
        "rejected": [{"index": 0, "reason": "invalid_email"}, {"index": 1, "reason": "suppressed"}],
    }


def test_an_erasure_takes_a_person_out_of_profiles_and_every_segment_and_out_of_their_counts(
    world: World, a: Member, tmp_path: Path
) -> None:
    first, second = segment_of(a, "First"), segment_of(a, "Second")
    for segment_id in (first, second):
        ingested(world, a, file_of(ANN, BOB), columns=COLUMNS, segmentId=segment_id)
    gone = [identity("email", ANN[1]), identity("phone", ANN[2])]
    erase(world, a, *gone, (123, 456))
    sandbox, bob = a.sandbox.sandbox_id, identity("email", BOB[1])
    assert [row[:2] for row in rows(f"profiles/sandbox={sandbox}/", tmp_path)] == [bob]
    for segment_id in (first, second):
        assert [row[:2] for row in rows(f"memberships/sandbox={sandbox}/segment={segment_id}/", tmp_path)] == [bob]
        segment = segments.segment(sandbox, segment_id)
        assert segment
        assert (segment.identities, dict(segment.by_namespace)) == (1, {1: 1})
    assert keys(f"changes/{sandbox}/") == []


def test_an_erasure_killed_halfway_counts_once_when_it_is_repeated(world: World, a: Member) -> None:
    segment_id = segment_of(a)
    ingested(world, a, file_of(ANN, BOB), columns=COLUMNS, segmentId=segment_id)
    gone = [identity("email", ANN[1]), identity("phone", ANN[2])]
    suppressions.add(a.sandbox.sandbox_id, gone, "erasure", AT)
    change_id = new_id("chg")
    person_changes.erase(a.sandbox.sandbox_id, change_id, AT, gone)
    (message,) = world.messages("INGEST_QUEUE_URL")
    with crash(at="profiles/"):
        assert not handled(ingest_app.handler, message)
    assert not person_changes.applied(a.sandbox.sandbox_id, change_id, gone)
    change_log.wake(a.sandbox.sandbox_id, change_id, [0])
    apply_all(world)
    assert person_changes.applied(a.sandbox.sandbox_id, change_id, gone)
    segment = segments.segment(a.sandbox.sandbox_id, segment_id)
    assert segment
    assert (segment.identities, dict(segment.by_namespace)) == (1, {1: 1})
    assert lake_people.find_people(a.sandbox.sandbox_id, {"ann": gone})["ann"].identities == {}


def test_a_consent_answer_reaches_all_identities_of_a_person_and_nothing_else(
    world: World, a: Member, tmp_path: Path
) -> None:
    ingested(world, a, file_of(ANN, BOB), columns=COLUMNS)
    keys_of_ann = [identity("email", ANN[1]), identity("phone", ANN[2])]
    known = lake_people.profiles(a.sandbox.sandbox_id, keys_of_ann)
    person_changes.answer(a.sandbox.sandbox_id, new_id("chg"), LATER, keys_of_ann, known, "n", AT)
    apply_all(world)
    found = {row[:2]: row[4:9] for row in rows(f"profiles/sandbox={a.sandbox.sandbox_id}/", tmp_path)}
    at = AT.replace(tzinfo=None)
    assert found == dict.fromkeys(keys_of_ann, ("1", "n", "n", at, None)) | {
        identity("email", BOB[1]): ("2", None, None, None, None)
    }


# Find


def test_people_are_found_by_any_identity_across_buckets_many_at_once(world: World, a: Member) -> None:
    people = [(str(n), f"p{n}@example.com", f"+1415555{n:04d}") for n in range(40)]
    ingested(world, a, file_of(*people, ("", "nobody@example.com", "")), columns=COLUMNS)
    asked = {
        mail: [identity("email", mail) if int(number) % 2 else identity("phone", tel)] for number, mail, tel in people
    }
    lonely = identity("email", "nobody@example.com")
    found = lake_people.find_people(a.sandbox.sandbox_id, asked | {"lonely": [lonely], "unknown": [(7, 7)]})
    for number, mail, tel in people:
        assert found[mail].identities == {identity("email", mail): 1, identity("phone", tel): 2}
        assert found[mail].profile_ids == {number}
    assert found["lonely"] == lake_people.FoundPerson({lonely: 1}, frozenset(), 1)
    assert found["unknown"] == lake_people.FoundPerson({}, frozenset())


# Sharing


def test_an_erasure_of_either_side_empties_the_ledgers_value_and_keeps_its_row(sharing: Export, tmp_path: Path) -> None:
    sharing.run()
    assert sharing.held().keys() == names(FIRST, THIRD)
    for side, gone, left in ((sharing.pair.a, FIRST, names(THIRD)), (sharing.pair.b, THIRD, set())):
        suppressions.add(side.sandbox.sandbox_id, [gone], "erasure", AT)
        sharing.dirty()
        sharing.run()
        assert sharing.held().keys() == left
        ledger = lake_people.disclosures(sharing.dataflow, [gone])
        assert ledger
        assert all(row.withdrawn_at and not row.has_value for row in ledger)
    steps = population.population(sharing.dataflow).steps
    assert {step.reason: step.identities for step in steps}["suppressed"] == 1


def test_an_opt_out_ends_sharing_and_keeps_the_ledger_as_it_was(sharing: Export) -> None:
    sharing.run()
    suppressions.add(sharing.pair.a.sandbox.sandbox_id, [FIRST], "opt_out", AT)
    sharing.dirty()
    sharing.run()
    assert sharing.held().keys() == names(THIRD)
    (row,) = lake_people.disclosures(sharing.dataflow, [FIRST, SECOND])
    assert row.withdrawn_at
    assert row.has_value


def test_what_a_stopped_dataflow_delivered_loses_its_values_too(sharing: Export) -> None:
    sharing.run()
    body = {"connectionId": sharing.pair.connection}
    assert sharing.pair.a.call(feeds_app, "POST", f"feeds/{sharing.feed}/unshare", body).status == 200
    sharing.run()
    flow = dataflows.dataflow(sharing.dataflow)
    assert flow
    assert flow.status == "closed"
    assert all(row.has_value for row in lake_people.disclosures(sharing.dataflow, [FIRST]))
    suppressions.add(sharing.pair.b.sandbox.sandbox_id, [FIRST], "erasure", AT)
    sharing.dirty()
    sharing.run()
    assert not any(row.has_value for row in lake_people.disclosures(sharing.dataflow, [FIRST]))
    assert all(row.has_value for row in lake_people.disclosures(sharing.dataflow, [THIRD]))


# Whatever came before


PEOPLE = [(str(n), f"p{n}@example.com", f"+1415555{n:04d}") for n in range(3)]
steps = st.lists(
    st.tuples(
        st.sampled_from(["upload", "stream", "later"]), st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3)
    ),
    max_size=4,
)


@given(before=steps, after=steps, who=st.sampled_from(PEOPLE))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_an_erasure_no_object_of_the_sandbox_holds_the_value(
    before: Any, after: Any, who: tuple[str, str, str], world: World, tmp_path: Path
) -> None:
    world.messages("INGEST_QUEUE_URL")
    objects.delete(*keys(""))
    a = world.member(world.a)
    segment_id = segment_of(a, new_id("name"))
    _act(world, a, segment_id, before)
    gone = [identity("email", who[1]), identity("phone", who[2])]
    suppressions.add(a.sandbox.sandbox_id, gone, "erasure", AT)
    person_changes.erase(a.sandbox.sandbox_id, new_id("chg"), AT, gone)
    _act(world, a, segment_id, after)
    apply_all(world)
    held = [
        row
        for prefix in ("profiles", "memberships")
        for row in rows(f"{prefix}/sandbox={a.sandbox.sandbox_id}/", tmp_path)
    ]
    assert not {row[:2] for row in held} & set(gone)
    assert keys("changes/") == []
    assert keys("uploads/") == []


def _act(world: World, member: Member, segment_id: str, acts: Iterable[tuple[str, list[tuple[str, str, str]]]]) -> None:
    """Uploads applied at once, and streams applied at once or with what comes next."""
    for kind, people in acts:
        if kind == "upload":
            ingested(world, member, file_of(*people), columns=COLUMNS, segmentId=segment_id)
        else:
            stream(member, segment_id, *(mail for _, mail, _ in people))
        if kind == "stream":
            apply_all(world)
