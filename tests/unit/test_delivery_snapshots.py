"""A delivery of whole memberships is complete or none, whatever fails on the way."""

import csv
import random
from datetime import timedelta
from pathlib import Path

import pytest

from handfast.delivery import rules, snapshot_parts, snapshots, staging, states, store
from handfast.delivery.exits import exit_of
from handfast.delivery.line import Line
from handfast.delivery.passes import deliver as deliver_changes
from handfast.destinations.aggregation import Aggregation
from handfast.destinations.rules import transformed
from handfast.destinations.snapshots.audience_manager import AudienceManager
from handfast.destinations.snapshots.rtc_collaboration import RtcCollaboration
from handfast.lake import buckets, layout
from handfast.platform import clock, objects, slots
from tests.worlds.data_plane import DISCLOSURES, PROFILES, write_rows
from tests.worlds.deliveries import DESTINATION, FLOW, START, Member, flow, key, value
from tests.worlds.seeds import seeds
from tests.worlds.snapshots import FILE_FAULTS, A, B, SnapshotDeliveries

DAY = 86_400


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SnapshotDeliveries:
    return SnapshotDeliveries(tmp_path, monkeypatch)


def everybody(count: int, segment: str = A) -> set[Member]:
    return {(number, segment) for number in range(1, count + 1)}


def test_one_delivery_has_all_of_all_spans(world: SnapshotDeliveries) -> None:
    world.change(everybody(40) | everybody(10, B), set())
    first, second = world.deliver_all()
    assert first
    assert second
    assert (first.counts.activated, first.counts.exited, first.is_unfinished) == (50, 0, False)
    assert (second.counts.activated, second.due_at) == (0, None)
    (told,) = world.folder.manifests()
    assert [(each["segmentId"], each["identities"]) for each in told["segments"]] == [(A, 40), (B, 10)]
    assert len(told["files"]) == 2
    assert world.folder.holds() == world.wanted()
    assert first.due_at == START + snapshots.REPEATED_AFTER


def test_who_leaves_is_in_no_file_of_the_next_delivery(world: SnapshotDeliveries) -> None:
    world.change(everybody(10), set())
    world.drain()
    world.later(60)
    world.change(set(), everybody(4), erased={1, 2, 3, 4})
    found = [each.counts for each in world.deliver_all() if each]
    assert (sum(each.activated for each in found), sum(each.exited for each in found)) == (0, 4)
    assert len(world.folder.manifests()) == 2
    assert world.folder.holds() == world.wanted()
    world.change(set(), everybody(10))
    world.drain()
    assert world.folder.manifests()[-1]["files"] == []


def test_a_delivery_is_repeated_after_a_day_without_a_change(world: SnapshotDeliveries) -> None:
    world.change(everybody(5), set())
    world.deliver_all()
    world.later(DAY - 1)
    world.deliver_all()
    assert len(world.folder.manifests()) == 1
    world.later(1)
    found = world.deliver_all()
    assert len(world.folder.manifests()) == 2
    assert world.folder.holds() == world.wanted()
    assert sum(each.counts.activated for each in found if each) == 0
    world.is_paused = True
    world.later(2 * DAY)
    world.deliver_all()
    assert len(world.folder.manifests()) == 2


def test_changes_are_gathered_and_an_erasure_waits_no_longer(world: SnapshotDeliveries) -> None:
    world.change(everybody(5), set())
    world.drain()
    world.aggregation = Aggregation(max_age_seconds=600)
    world.later(60)
    at = world.now
    world.change({(6, A)}, {(1, A)}, erased={1})
    found = world.deliver_all()
    assert {each.due_at for each in found if each and each.due_at} <= {
        at + timedelta(seconds=600),
        START + snapshots.REPEATED_AFTER,
    }
    assert (len(world.folder.manifests()), states.waiting(FLOW)) == (1, 2)
    assert exit_of(flow(), [(key(1), 1)]) == "due"
    world.later(600)
    world.deliver_all()
    assert world.folder.holds() == world.wanted()
    assert exit_of(flow(), [(key(1), 1)]) == "taken"


@pytest.mark.parametrize("fault", ["crash", "crash_after", "unavailable", "unavailable_after", "throttled"])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_half_is_no_delivery_and_the_next_worker_goes_on_with_it(
    world: SnapshotDeliveries, fault: str, at: int
) -> None:
    world.change(everybody(20), set())
    world.folder.faults = [*["none"] * at, fault]  # type: ignore[list-item]
    world.deliver_span(0)
    is_told = at == 2 and fault.endswith("_after")
    assert len(world.folder.manifests()) == is_told
    assert states.waiting(FLOW)
    left = {(1, A)}
    world.change(set(), left, erased={1})
    assert exit_of(flow(), [(key(1), 1)]) == ("due" if _was_put_down(world, 1) else "taken")
    world.later(60)
    world.drain()
    assert world.folder.holds() == world.wanted()
    assert exit_of(flow(), [(key(1), 1)]) == "taken"
    assert not [stored.key for stored in objects.listing(store.attempts_prefix(FLOW))]


def _was_put_down(world: SnapshotDeliveries, number: int) -> bool:
    """Whether somebody's span was put down, so that they may be in a file."""
    prefix = store.attempts_prefix(FLOW)
    spans = {
        buckets.span_of(int(stored.key.removeprefix(prefix).partition("/")[0])) for stored in objects.listing(prefix)
    }
    return buckets.span_of(buckets.bucket_of(key(number), world.bits)) in spans


def test_whoever_leaves_while_a_delivery_waits_is_in_no_later_part(world: SnapshotDeliveries) -> None:
    world.change(everybody(20), set())
    world.folder.faults = ["none", "unavailable"]
    world.deliver_span(0)
    second = {number for number, _ in everybody(20) if buckets.span_of(buckets.bucket_of(key(number), 7)) == 1}
    gone = min(second)
    world.change(set(), {(gone, A)}, erased={gone})
    world.later(60)
    world.drain()
    assert value(gone).hex() not in {text for text, _ in world.folder.named()}


def test_a_delivery_that_is_refused_is_a_dead_letter_until_one_is_complete(world: SnapshotDeliveries) -> None:
    world.change(everybody(3), set())
    world.folder.faults = ["refused"] * 9
    passed = world.deliver_span(0)
    assert passed
    (letter,) = store.dead_letters(DESTINATION)
    assert (letter.status, letter.reason, letter.answer, letter.attempts) == (400, "400", "no", 1)
    assert passed.counts.failed == {"400": letter.pairs}
    assert passed.due_at == START + snapshots.AGAIN_AFTER
    calls = world.folder.calls
    world.deliver_all()
    assert world.folder.calls == calls
    world.later(3_601)
    world.deliver_all()
    (again,) = store.dead_letters(DESTINATION)
    assert again.batch_id != letter.batch_id
    world.folder.faults = []
    world.replay()
    world.deliver_all()
    assert world.folder.holds() == world.wanted()
    assert not list(store.dead_letters(DESTINATION))
    assert states.waiting(FLOW) == 0


def test_what_fails_too_often_is_a_dead_letter_which_success_removes(world: SnapshotDeliveries) -> None:
    world.change(everybody(3), set())
    world.folder.faults = ["unavailable"] * rules.TRIES
    for _ in range(rules.TRIES):
        world.deliver_span(0)
        world.later(5_000)
    (letter,) = store.dead_letters(DESTINATION)
    assert (letter.reason, letter.attempts) == ("503", rules.TRIES)
    world.drain()
    assert not list(store.dead_letters(DESTINATION))


def test_members_that_a_format_cannot_hold_are_dead_letters_and_keep_nobody_else(
    world: SnapshotDeliveries, tmp_path: Path
) -> None:
    world.to = AudienceManager(77)
    world.account.segments[A].__dict__["mapping_id"] = "4711"
    world.change(everybody(3) | everybody(2, B), set())
    passed = world.deliver_all()
    letters = list(store.dead_letters(DESTINATION))
    assert {letter.reason for letter in letters} == {"mapping_id_is_no_trait"}
    assert sum(letter.pairs for letter in letters) == 2
    assert sum(each.counts.activated for each in passed if each) == 3
    assert len("".join(body.decode() for body in world.folder.files.values()).splitlines()) == 3
    assert states.waiting(FLOW) == 0
    world.later(DAY)
    world.deliver_all()
    assert len(list(store.dead_letters(DESTINATION))) == len(letters)
    world.account.segments[B].__dict__["mapping_id"] = "4712"
    world.replay()
    world.deliver_all()
    assert not list(store.dead_letters(DESTINATION))
    assert states.waiting(FLOW) == 0


def test_a_part_that_is_large_is_several_files(world: SnapshotDeliveries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_parts, "PART_BYTES", 1)
    world.change(everybody(12), set())
    world.folder.faults = ["none", "crash_after"]
    world.deliver_span(0)
    world.drain()
    (told,) = world.folder.manifests()
    assert len(told["files"]) == len({buckets.bucket_of(key(number), 7) for number, _ in everybody(12)})
    assert world.folder.holds() == world.wanted()


def test_a_worker_whose_time_is_over_leaves_the_rest_to_the_next(
    world: SnapshotDeliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_parts, "PART_BYTES", 1)
    world.change(everybody(12), set())
    put = world.folder.put

    def slowly(path: Path) -> object:
        world.later(61)
        return put(path)

    monkeypatch.setattr(world.folder, "put", slowly)
    passed = world.deliver_span(0)
    assert passed
    assert (passed.is_unfinished, world.folder.calls) == (True, 1)
    world.drain()
    assert len(world.folder.manifests()) == 1


def test_two_workers_are_never_at_a_delivery(world: SnapshotDeliveries) -> None:
    world.change(everybody(12), set())
    with slots.lent(store.slots(FLOW, 0), "another"):
        passed = world.deliver_span(1)
    assert passed
    assert (passed.due_at, world.folder.calls) == (world.now + timedelta(seconds=5), 0)


def test_a_backfill_writes_a_delivery_at_once(world: SnapshotDeliveries) -> None:
    world.change(everybody(5), set())
    world.drain()
    world.later(60)
    world.backfill = clock.to_text(world.now)
    world.later(60)
    world.deliver_all()
    assert len(world.folder.manifests()) == 2


def test_another_mapping_writes_a_delivery_at_once(world: SnapshotDeliveries) -> None:
    world.change(everybody(5), set())
    world.drain()
    world.account.segments[A].__dict__["mapping_id"] = "readers"
    world.deliver_all()
    assert {segment for _, segment in world.folder.holds()} == {"readers"}


def test_a_destination_that_is_told_of_changes_again_is_told_who_has_left(world: SnapshotDeliveries) -> None:
    world.change(everybody(5), set())
    world.folder.faults = ["none", "crash_after"]
    world.deliver_span(0)
    world.change(set(), {(1, A), (2, A)}, erased={1, 2})
    world.kind = type(world.kind)(world.outside)  # type: ignore[call-arg]
    for span in buckets.all_spans():
        deliver_changes(flow(), span, world.sending(), Line(DESTINATION, 1_000_000))
    exited = {pair.value for pair in world.outside.told if pair.change == "exited"}
    assert {value(number).hex() for number in (1, 2)} & {text for text, _ in world.folder.named()} <= exited
    world.kind = type(world.kind)(world.folder)  # type: ignore[call-arg]
    world.drain()
    assert world.folder.holds() == world.wanted()


@pytest.mark.parametrize("seed", seeds(8))
def test_any_story_ends_with_what_is_wanted(
    seed: int, world: SnapshotDeliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(snapshot_parts, "PART_BYTES", chance.choice([1, 1 << 20]))
    world.aggregation = Aggregation(max_age_seconds=chance.choice([0, 900]))
    gone: set[int] = set()
    for _ in range(12):
        number, segment = chance.randrange(1, 12), chance.choice([A, B])
        if chance.random() < 0.6 and number not in gone:
            world.change({(number, segment)}, set())
        else:
            leaves = {member for member in world.live if member[0] == number}
            gone |= {number} if leaves else set()
            world.change(set(), leaves, erased=gone)
        world.folder.faults = [chance.choice(FILE_FAULTS) for _ in range(chance.randrange(4))]
        world.deliver_span(chance.choice([0, 1]))
        for each in gone:
            if exit_of(flow(), [(key(each), each)]) == "taken" and world.folder.manifests():
                assert value(each).hex() not in {text for text, _ in world.folder.holds()}
        world.later(chance.choice([0, 10, 4_000, DAY]))
    world.folder.faults = []
    world.change(everybody(3, B) - {(number, B) for number in gone}, set())
    world.drain()
    assert world.folder.holds() == world.wanted()
    assert states.waiting(FLOW) == 0
    assert not [stored for stored in objects.listing(layout.deliveries(FLOW)) if "_attempts" in stored.key]


# Rows of profiles


@pytest.fixture
def collaboration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SnapshotDeliveries:
    """Members of whom each three neighbours by number are one profile, whose identities are in both spans."""
    world = SnapshotDeliveries(tmp_path, monkeypatch, RtcCollaboration())
    world.targets = {1: "email_lc_sha256"}
    by_bucket: dict[int, list[tuple[object, ...]]] = {}
    for number in range(1, 31):
        row = (key(number), number, 1, value(number), f"p-{number // 3}", None, None, None, None, None)
        by_bucket.setdefault(buckets.bucket_of(key(number), 7), []).append(row)
    for bucket, rows in by_bucket.items():
        path = write_rows(tmp_path / "profiles.parquet", PROFILES, rows)
        objects.write_file(buckets.object_key(layout.profiles("sbx_1"), bucket), path, replaces=None)
    return world


def test_identities_of_a_profile_share_a_row_whatever_spans_they_are_in(
    collaboration: SnapshotDeliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = collaboration
    monkeypatch.setattr(snapshot_parts, "PART_BYTES", 4_000)
    world.change(everybody(29), set())
    world.folder.faults = ["none", "crash_after"]
    world.deliver_span(0)
    world.later(60)
    world.deliver_all()
    assert len(world.folder.files) > 1
    rows = [row for body in world.folder.files.values() for row in csv.DictReader(body.decode().splitlines())]
    assert len(rows) == 10
    found = {frozenset(row["HASHED_EMAIL_SHA_256"].split("|")) for row in rows}
    people = [{number for number in range(1, 30) if number // 3 == person} for person in range(10)]
    assert found == {frozenset(value(number).hex() for number in person) for person in people}
    assert {row["AUDIENCE_ID"] for row in rows} == {A}


def test_files_of_profiles_are_written_over_and_never_fewer(
    collaboration: SnapshotDeliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = collaboration
    monkeypatch.setattr(snapshot_parts, "PART_BYTES", 4_000)
    world.change(everybody(29), set())
    world.deliver_all()
    names = set(world.folder.files)
    world.later(60)
    world.change(set(), everybody(28), erased=set(range(1, 29)))
    world.deliver_all()
    assert set(world.folder.files) >= names
    text = "".join(body.decode() for body in world.folder.files.values())
    assert value(29).hex() in text
    assert not [number for number in range(1, 29) if value(number).hex() in text]


def test_whoever_was_put_down_long_ago_is_put_down_anew(collaboration: SnapshotDeliveries) -> None:
    world = collaboration
    world.change(everybody(5), set())
    world.folder.faults = ["crash"]
    world.deliver_span(0)
    world.change(set(), {(1, A)}, erased={1})
    assert exit_of(flow(), [(key(1), 1)]) == "due"
    world.later(snapshots.STALE_AFTER.total_seconds() + 1)
    world.deliver_all()
    text = "".join(body.decode() for body in world.folder.files.values())
    assert (value(1).hex() in text, value(2).hex() in text) == (False, True)
    assert exit_of(flow(), [(key(1), 1)]) == "taken"


@pytest.mark.parametrize("seed", seeds(5))
def test_whoever_has_left_by_proof_is_in_no_file_that_is_written_over(
    seed: int, collaboration: SnapshotDeliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, chance = collaboration, random.Random(seed)
    monkeypatch.setattr(snapshot_parts, "PART_BYTES", chance.choice([8_000, 1 << 20]))
    gone: set[int] = set()
    for _ in range(10):
        world.change({(number, A) for number in chance.sample(range(1, 31), 6) if number not in gone}, set())
        leaving = set(chance.sample(range(1, 31), chance.randrange(4)))
        gone |= {number for number, _ in world.live} & leaving
        world.change(set(), {member for member in world.live if member[0] in gone}, erased=gone)
        world.folder.faults = [chance.choice(FILE_FAULTS) for _ in range(chance.randrange(4))]
        world.deliver_span(chance.choice([0, 1]))
        text = "".join(body.decode() for body in world.folder.files.values())
        for each in gone:
            assert exit_of(flow(), [(key(each), each)]) == "due" or value(each).hex() not in text
        world.later(chance.choice([0, 10, 4_000, DAY]))
    world.folder.faults = []
    for _ in range(5):
        world.later(4_000)
        world.deliver_all()
    text = "".join(body.decode() for body in world.folder.files.values())
    assert {number for number in range(1, 31) if value(number).hex() in text} == {number for number, _ in world.live}
    assert {exit_of(flow(), [(key(each), each)]) for each in gone} <= {"taken"}


# Texts


def test_texts_are_hashed_on_their_way_as_in_requests(
    world: SnapshotDeliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "TEXTS_AT_ONCE", 2)
    ecid = 3
    for number, text in enumerate(TEXTS, 1):
        row = (key(number), number, ecid, text.encode(), A, START.replace(tzinfo=None), None)
        path = write_rows(world.files / "ledger.parquet", DISCLOSURES, [row])
        name = buckets.object_key(layout.disclosures(FLOW), buckets.bucket_of(key(number), 7))
        objects.write_file(name, path, replaces=None)
    world.targets, world.hashed = {ecid: "customer"}, frozenset({ecid})
    world.deliver_all()
    assert {text for text, _ in world.folder.holds()} == {transformed(text) for text in TEXTS}


TEXTS = [" Ann ", "BOB", "ÉMILE\u00a0", "straße", "İstanbul", "ΟΔΟΣ"]
