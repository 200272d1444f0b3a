"""A destination holds what the ledger says, whatever fails on the way."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from handfast.delivery import passes, rules, states, store
from handfast.destinations.aggregation import Aggregation
from handfast.destinations.contract import GroupBy
from handfast.lake import layout
from handfast.lake.buckets import bucket_of
from handfast.platform import clock, objects
from tests.worlds.data_plane import read_rows
from tests.worlds.deliveries import BITS, DESTINATION, FAULTS, FLOW, START, Deliveries, Fault, Member, key, value
from tests.worlds.seeds import seeds

A, B = "seg_a", "seg_b"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deliveries:
    return Deliveries(tmp_path, monkeypatch)


def everybody(count: int, segment: str = A) -> set[Member]:
    return {(number, segment) for number in range(1, count + 1)}


def test_who_enters_is_told_once_and_who_leaves_is_told_to_go(world: Deliveries) -> None:
    world.change(everybody(10), set())
    passed = world.deliver()
    assert passed
    assert (passed.counts.activated, passed.counts.exited, passed.is_unfinished, passed.due_at) == (10, 0, False, None)
    assert world.outside.holds == world.wanted()
    calls = world.outside.calls
    world.deliver()
    assert world.outside.calls == calls

    world.later(60)
    world.change(set(), everybody(4))
    passed = world.deliver()
    assert passed
    assert (passed.counts.activated, passed.counts.exited) == (0, 4)
    assert world.outside.holds == world.wanted()


def test_whoever_is_erased_is_told_to_go_by_the_value_that_was_sent(world: Deliveries) -> None:
    world.change(everybody(3), set())
    world.deliver()
    world.change(set(), {(2, A)}, erased={2})
    world.deliver()
    assert world.outside.told[-1].value == value(2).hex()
    assert world.outside.holds == world.wanted()


@pytest.mark.parametrize("fault", ["cut_after", "unavailable_after", "crash"])
def test_whoever_may_have_arrived_and_is_withdrawn_meanwhile_is_told_to_go(world: Deliveries, fault: Fault) -> None:
    world.outside.faults = [fault]
    world.change({(1, A)}, set())
    world.deliver()
    world.change(set(), {(1, A)}, erased={1})
    world.drain()
    assert [(pair.value, pair.change) for pair in world.outside.told] == [
        (value(1).hex(), "realized"),
        (value(1).hex(), "exited"),
    ]


def test_whoever_was_never_sent_and_is_withdrawn_is_never_named(world: Deliveries) -> None:
    world.outside.faults = ["throttled"]
    world.change(everybody(6), set())
    world.deliver()
    unsent = {n for n, _ in everybody(6) if value(n).hex() not in {pair.value for pair in world.outside.told}}
    assert len(unsent) == 3
    world.change(set(), everybody(6))
    world.drain()
    assert not {pair.value for pair in world.outside.told} & {value(number).hex() for number in unsent}


def test_what_is_refused_is_a_dead_letter_until_it_is_replayed(world: Deliveries) -> None:
    world.outside.faults = ["refused"]
    world.change({(1, A)}, set())
    passed = world.deliver()
    assert passed
    assert passed.counts.failed == {"400": 1}
    (letter,) = store.dead_letters(DESTINATION)
    assert (letter.status, letter.reason, letter.answer, letter.pairs, letter.identities) == (400, "400", "no", 1, 1)
    assert (letter.attempts, letter.in_doubt, letter.segments) == (1, False, {A: 1})
    world.later(86_400)
    world.deliver()
    assert world.outside.calls == 1
    world.replay()
    world.deliver()
    assert world.outside.holds == world.wanted()


def test_of_a_request_taken_in_part_only_the_rest_is_sent_again(world: Deliveries) -> None:
    world.outside.faults = ["in_part"]
    members = {(number, A) for number in range(1, 40)}
    same_bucket = {member for member in members if world_bucket(member) == world_bucket((1, A))}
    first = dict.fromkeys(sorted(same_bucket)[:3])
    world.change(set(first), set())
    passed = world.deliver()
    assert passed
    assert passed.counts.activated == 1
    assert passed.counts.failed == {"odd": 1}
    world.later(60)
    world.deliver()
    assert [len(pairs) for pairs in world.outside.batches.values()] == [3, 1]
    world.replay()
    world.drain()
    assert world.outside.holds == world.wanted()


def world_bucket(member: Member) -> int:
    return bucket_of(key(member[0]), BITS)


def test_a_destination_that_fails_is_left_alone_for_longer_and_longer(world: Deliveries) -> None:
    world.outside.faults = ["unavailable"] * 50
    world.change(everybody(60), set())
    world.deliver()
    assert world.outside.calls == rules.OPENS_AT
    waits = []
    for _ in range(4):
        breaker = store.breaker(DESTINATION)
        assert breaker
        assert (breaker.reason, breaker.since) == ("503", clock.to_text(START))
        wait = (clock.from_text(breaker.retry_at) - world.now).total_seconds()
        waits.append(wait)
        calls = world.outside.calls
        world.later(wait + 1)
        world.deliver()
        assert world.outside.calls == calls + 1
    assert waits == sorted(waits)
    assert waits[-1] > 4 * waits[0]
    world.outside.faults = []
    world.drain()
    assert store.breaker(DESTINATION) is None
    assert world.outside.holds == world.wanted()


def test_failures_in_a_row_count_over_passes(world: Deliveries) -> None:
    world.outside.faults = ["unavailable"] * rules.OPENS_AT
    world.change({(1, A)}, set())
    for number in range(rules.OPENS_AT):
        assert store.failing(DESTINATION) is None, number
        world.deliver()
        world.later(60)
    assert world.outside.calls == rules.OPENS_AT
    breaker = store.failing(DESTINATION)
    assert breaker
    assert (breaker.failures, breaker.since) == (rules.OPENS_AT, clock.to_text(START))
    world.drain()
    assert store.breaker(DESTINATION) is None


def test_throttling_is_no_try_and_is_waited_for(world: Deliveries) -> None:
    world.outside.faults = ["throttled"]
    world.change({(1, A)}, set())
    passed = world.deliver()
    breaker = store.breaker(DESTINATION)
    assert passed
    assert breaker
    assert clock.from_text(breaker.retry_at) >= world.now.replace(microsecond=0)
    assert (clock.from_text(breaker.retry_at) - world.now).total_seconds() >= 30
    assert not list(store.dead_letters(DESTINATION))


def test_one_batch_that_always_fails_becomes_a_dead_letter_and_holds_up_nobody(
    world: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = value(1).hex()
    send = world.outside.send

    def picky(pairs: object, batch_id: str) -> object:
        world.outside.faults = ["unavailable"] if any(pair.value == poison for pair in pairs) else []  # type: ignore[attr-defined]
        return send(pairs, batch_id)  # type: ignore[arg-type]

    monkeypatch.setattr(world.outside, "send", picky)
    world.change(everybody(30), set())
    world.deliver()
    assert len(world.outside.holds) >= 27
    world.drain()
    (letter,) = store.dead_letters(DESTINATION)
    assert (letter.reason, letter.attempts, letter.in_doubt) == ("503", rules.TRIES, True)


def test_whoever_leaves_after_a_dead_letter_in_doubt_is_told_so_once(
    world: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "TRIES", 1)
    world.outside.faults = ["unavailable_after"]
    world.change({(1, A)}, set())
    world.deliver()
    (letter,) = store.dead_letters(DESTINATION)
    assert letter.in_doubt
    world.change(set(), {(1, A)}, erased={1})
    world.drain()
    assert world.outside.holds == set()
    told = len(world.outside.told)
    world.replay()
    world.change({(2, A)}, set())
    world.drain()
    assert len(world.outside.told) == told + 1


def test_a_dead_letter_that_is_surely_refused_keeps_nobodys_value(world: Deliveries, tmp_path: Path) -> None:
    world.outside.faults = ["refused"]
    world.change({(1, A)}, set())
    world.deliver()
    (stored,) = objects.listing(f"{layout.deliveries(FLOW)}_dead/")
    objects.download(stored.key, tmp_path / "dead.parquet")
    names = list(layout.ATTEMPT_COLUMNS)
    assert [row[names.index("value")] for row in read_rows(tmp_path / "dead.parquet")] == [None]


def test_a_backfill_sends_what_was_sent_before_it_once_more(world: Deliveries) -> None:
    world.change(everybody(5), set())
    world.deliver()
    world.later(60)
    world.backfill = clock.to_text(world.now)
    world.later(60)
    assert world.deliver()
    assert len(world.outside.told) == 10
    world.later(60)
    world.deliver()
    assert len(world.outside.told) == 10


def test_another_target_for_a_namespace_moves_its_members(world: Deliveries) -> None:
    world.change(everybody(2), set())
    world.deliver()
    world.targets = {1: "hashed_email"}
    world.deliver()
    moved = {(pair.target, pair.change) for pair in world.outside.told[2:]}
    assert moved == {("email", "exited"), ("hashed_email", "realized")}


def test_one_persons_change_is_one_request_however_many_buckets_it_is_in(world: Deliveries) -> None:
    world.change(everybody(3), set())
    assert len({world_bucket((number, A)) for number in (1, 2, 3)}) > 1
    world.deliver()
    assert world.outside.calls == 1


def test_buckets_that_do_not_fit_into_memory_together_go_one_after_the_other(
    world: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "GROUP_BYTES", 1)
    world.outside.faults = ["unavailable", "in_part", "none", "refused"]
    world.change(everybody(20), set())
    world.deliver()
    world.replay()
    world.drain()
    assert world.outside.holds == world.wanted()


def test_what_left_and_entered_again_before_a_refusal_is_sent_once_it_is_replayed(
    world: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.change({(1, A)}, set())
    world.deliver()
    world.later(60)
    world.outside.faults = ["unavailable_after"]
    world.change(set(), {(1, A)})
    world.deliver()
    world.later(60)
    world.outside.faults = ["refused"]
    world.change({(1, A)}, set())
    world.deliver()
    world.later(60)
    world.change({(1, B)}, set())
    world.deliver()
    world.replay()
    world.drain()
    assert world.outside.holds == world.wanted()


def test_what_a_failing_destination_has_not_been_reached_with_is_counted_as_waiting(world: Deliveries) -> None:
    world.outside.faults = ["throttled"] * 9
    world.change(everybody(20), set())
    world.deliver()
    assert states.waiting(FLOW) == 20


def test_changes_wait_for_others_until_they_are_of_age(world: Deliveries) -> None:
    world.aggregation = Aggregation(max_identities=3, max_age_seconds=600)
    world.change({(1, A)}, set())
    passed = world.deliver()
    assert passed
    assert (world.outside.calls, states.waiting(FLOW)) == (0, 1)
    assert (passed.is_unfinished, passed.due_at) == (False, START + timedelta(seconds=600))
    world.later(300)
    world.change({(2, A), (2, B)}, set())
    world.deliver()
    assert world.outside.calls == 0
    world.later(300)
    passed = world.deliver()
    assert passed
    assert (world.outside.calls, passed.due_at) == (1, None)
    assert world.outside.holds == world.wanted()


def test_as_many_identities_as_a_request_takes_do_not_wait(world: Deliveries) -> None:
    world.aggregation = Aggregation(max_identities=2, max_age_seconds=600)
    world.change({(1, A)}, set())
    world.deliver()
    world.later(1)
    world.change({(2, A), (3, A)}, set())
    world.deliver()
    assert [len(pairs) for pairs in world.outside.batches.values()] == [2, 1]
    world.later(1)
    world.change(set(), {(1, A)}, erased={1})
    world.deliver()
    assert len(world.outside.holds) == 3
    world.later(600)
    world.deliver()
    assert world.outside.holds == world.wanted()


@pytest.mark.parametrize("group_by", [("segment",), ("status",), ("namespace",), ("segment", "status")])
def test_a_request_has_changes_of_one_group(world: Deliveries, group_by: tuple[GroupBy, ...]) -> None:
    world.aggregation = Aggregation(group_by=group_by)
    world.change(everybody(4), set())
    world.drain()
    world.change(everybody(4, B), {(1, A), (2, A)})
    world.drain()
    for pairs in world.outside.batches.values():
        groups = [{"segment": pair.segment_id, "status": pair.change, "namespace": pair.target} for pair in pairs]
        assert len({tuple(group[name] for name in group_by) for group in groups}) == 1
    assert world.outside.holds == world.wanted()


@pytest.mark.parametrize("seed", range(10))
def test_however_changes_are_gathered_the_destination_holds_the_truth(world: Deliveries, seed: int) -> None:
    world.aggregation = Aggregation(2, 300, ("segment",))
    test_after_every_combination_of_faults_the_destination_holds_the_truth(world, seed)


@pytest.mark.parametrize("seed", seeds(12))
def test_after_every_combination_of_faults_the_destination_holds_the_truth(world: Deliveries, seed: int) -> None:
    draw = random.Random(seed)
    ever: set[Member] = set()
    erased: set[int] = set()
    for _ in range(draw.randint(3, 8)):
        world.outside.faults = [draw.choice(FAULTS) for _ in range(draw.randint(0, 12))]
        members = {(draw.randint(1, 12), draw.choice((A, B))) for _ in range(draw.randint(0, 10))}
        enters = {member for member in members if member[0] not in erased}
        leaves = {member for member in world.live if draw.random() < 0.3} - enters
        gone = {number for number in range(1, 13) if draw.random() < 0.05} - {
            n for n, _ in enters | world.live - leaves
        }
        erased |= gone
        world.later(draw.choice((1, 10, 600)))
        world.change(enters, leaves, erased=gone)
        ever |= enters
        for _ in range(draw.randint(0, 4)):
            world.deliver()
            world.later(draw.choice((0, 3, 60, 4_000, 90_000)))
        if draw.random() < 0.2:
            world.replay()
    world.outside.faults = []
    world.replay()
    world.drain()
    assert world.outside.holds == world.wanted()
    assert {(pair.value, pair.segment_id) for pair in world.outside.told} <= {
        (value(number).hex(), segment) for number, segment in ever
    }
