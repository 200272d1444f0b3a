"""Who is realized under a minimum and guards, over any changes, against the same rules in plain Python."""

import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handfast.dataflows import rules
from handfast.dataflows.models import HoldDecision, Run, Verdict
from handfast.lake.duck import connect
from handfast.matching import engine, guarding, relations, weighing
from handfast.matching.guarding import Overlap, Weighed
from handfast.matching.models import BucketFiles, Guards, Held, Terms
from handfast.partners.models import PartnerRef
from handfast.platform import clock
from handfast.platform.noise import Draws
from tests.worlds.data_plane import KEYS, PROFILES, Identity, Profile, read_rows, reason, write_buckets

START = datetime(2026, 1, 1, tzinfo=UTC)
TERMS = Terms("sbx_a", PartnerRef("sbx_b", "Organization B", "b"), ("seg_1", "seg_2"), (1, 2), "default_allow")
FEW = [(hi, 5) for hi in (-(1 << 63), -9, -1, 0, 5, 9)]
GUARDS = Guards(minimum=1000, largest_share=0.9, fastest_growth=1.0)
FLOOR = 3
"""Of shares and universes, in place of the product's: what few identities can reach."""


@dataclass
class World:
    """Both sides of a dataflow, what was decided, and what its target holds."""

    folder: Path
    profiles: Mapping[Identity, Profile] = field(default_factory=dict)
    partner: set[Identity] = field(default_factory=set)
    members: Mapping[str, set[Identity]] = field(default_factory=dict)
    decision: HoldDecision | None = None
    ledger: dict[int, Path] = field(default_factory=dict)

    def files(self) -> list[BucketFiles]:
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        profiles = write_buckets(folder / "p", PROFILES, ((k, p.row(k)) for k, p in self.profiles.items()), 1)
        partner = write_buckets(folder / "t", PROFILES, ((k, Profile().row(k)) for k in self.partner), 1)
        members = {
            segment: write_buckets(folder / segment, KEYS, ((k, (*k, None)) for k in keys), 1)
            for segment, keys in self.members.items()
        }
        return [
            BucketFiles(
                bucket,
                profiles.get(bucket),
                partner.get(bucket),
                {segment: files[bucket] for segment, files in members.items() if bucket in files},
                disclosures=self.ledger.get(bucket),
            )
            for bucket in (0, 1)
        ]

    def run(self, terms: Terms, now: datetime, *, decides: bool) -> Counter[str]:
        """Decide where that is due, and reconcile; what keeps back whom afterwards."""
        files = self.files()
        if decides:
            with connect() as connection:
                relations.create_segment_type(connection, terms.segments)
                weighed = Weighed(*weighing.counted(connection, files, terms, None), 1)
            self.decision = rules.decided("flow", self.decision, weighed, terms, now, 0)
        reasons = rules.reasons(self.decision)
        held = tuple(Held(*pair, why) for pair, why in sorted(reasons.items()) if why)
        out = Path(tempfile.mkdtemp(dir=self.folder))
        results = list(engine.reconcile(files, replace(terms, held=held), out, now, 1))
        self.ledger |= {result.bucket: result.disclosures for result in results if result.disclosures}
        return sum((Counter(result.excluded) for result in results), Counter())

    def held(self) -> set[tuple[Identity, str]]:
        rows = (row for path in self.ledger.values() for row in read_rows(path))
        return {((row[0], row[1]), row[4]) for row in rows if row[6] is None}


class Reference:
    """The same once more, of sets."""

    def __init__(self) -> None:
        self.reasons: dict[tuple[str, int], str | None] = {}
        self.accepted: tuple[int, datetime] | None = None
        self.given: set[tuple[Identity, str]] = set()

    def run(self, world: World, guards: Guards, now: datetime, *, decides: bool) -> Counter[str]:
        why = {
            (key, segment): reason(key, segment, world.profiles, dict.fromkeys(world.partner, Profile()), set(), TERMS)
            for segment in TERMS.segments
            for key in world.members.get(segment, ())
        }
        if decides:
            self.decide(world, why, guards, now)
        after = set()
        for pair, found in why.items():
            if found != "shared":
                continue
            held = self.reasons[pair[1], world.profiles[pair[0]].namespace]
            if held is None or pair in self.given:
                after.add(pair)
            else:
                why[pair] = held
        self.given = after
        return Counter(found for found in why.values() if found != "shared")

    def decide(self, world: World, why: Mapping[tuple[Identity, str], str], guards: Guards, now: datetime) -> None:
        universe = len(world.partner)
        if self.accepted is None:
            self.accepted = universe, now
        outgrown = universe > max(self.accepted[0], FLOOR) * (1 + guards.fastest_growth)
        if not outgrown and now - self.accepted[1] >= timedelta(days=1):
            self.accepted = universe, now
        for segment in TERMS.segments:
            for code in TERMS.namespaces:
                found = [
                    reached
                    for (key, name), reached in why.items()
                    if name == segment and key in world.profiles and world.profiles[key].namespace == code
                ]
                matched = found.count("shared")
                cleared = matched + found.count("not_in_partner")
                self.reasons[segment, code] = (
                    "below_minimum"
                    if matched < guards.minimum
                    else "guard_share"
                    if cleared >= FLOOR and matched > guards.largest_share * cleared
                    else "guard_growth"
                    if outgrown
                    else None
                )


some = st.sets(st.sampled_from(FEW))
states = st.fixed_dictionaries(
    {
        "profiles": st.dictionaries(
            st.sampled_from(FEW),
            st.builds(Profile, namespace=st.sampled_from([1, 1, 1, 2, 5]), share=st.sampled_from([None, "y", "n"])),
            min_size=4,
        ),
        "partner": some,
        "members": st.fixed_dictionaries({"seg_1": some, "seg_2": some}),
    }
)
guards_of = st.builds(
    Guards,
    minimum=st.integers(0, 3),
    largest_share=st.sampled_from([0.5, 0.9, 1.0]),
    fastest_growth=st.sampled_from([0.0, 0.5, 1.0]),
)
steps = st.lists(st.tuples(states, guards_of, st.integers(0, 30), st.booleans()), min_size=2, max_size=4)


@settings(max_examples=1000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 20, deadline=None)
@given(story=steps)
def test_who_is_given_after_any_changes_is_whom_the_rules_allow(story: list[Any]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(guarding, "SHARE_COUNTS_FROM", FLOOR)
            patch.setattr(guarding, "UNIVERSE_FLOOR", FLOOR)
            world, reference, now = World(folder), Reference(), START
            for number, (state, guards, hours, may_decide) in enumerate(story):
                for name, value in state.items():
                    setattr(world, name, value)
                now += timedelta(hours=hours)
                decides = may_decide or number == 0
                before = world.held()
                left = world.run(replace(TERMS, guards=guards), now, decides=decides)
                expected = reference.run(world, guards, now, decides=decides)
                assert world.held() == reference.given
                assert +left == expected
                known = dict.fromkeys(world.partner, Profile())
                eligible = {
                    (key, segment)
                    for segment in TERMS.segments
                    for key in world.members[segment]
                    if reason(key, segment, world.profiles, known, set(), TERMS) == "shared"
                }
                assert before - world.held() == before - eligible, "exits are never held back, nor anything else"
    finally:
        shutil.rmtree(folder)


def decision(**changes: Any) -> HoldDecision:
    verdicts = tuple(Verdict(segment, code, None) for segment in TERMS.segments for code in TERMS.namespaces)
    at = clock.to_text(START)
    return replace(HoldDecision("flow", at, GUARDS, verdicts, 5000, 5000, at), **changes)


def run_of(reason: str, at: datetime) -> Run:
    return Run("flow", "run", "running", reason, clock.to_text(at), 1)


HELD = (Verdict("seg_1", 1, "below_minimum"), *decision().verdicts[1:])


@pytest.mark.parametrize(
    ("decided", "after", "due"),
    [
        (None, timedelta(0), True),
        (decision(), timedelta(hours=23), False),
        (decision(), timedelta(hours=24), True),
        (decision(verdicts=HELD), timedelta(minutes=59), False),
        (decision(verdicts=HELD), timedelta(hours=1), True),
        (decision(guards=replace(GUARDS, minimum=5)), timedelta(minutes=59), False),
        (decision(guards=replace(GUARDS, minimum=5)), timedelta(hours=1), True),
        (decision(verdicts=decision().verdicts[1:]), timedelta(0), True),
    ],
)
def test_when_it_is_decided_again(decided: HoldDecision | None, after: timedelta, *, due: bool) -> None:
    terms = replace(TERMS, guards=GUARDS)
    assert rules.is_due(decided, terms, run_of("data.changed", START), START + after) == due


def test_enabling_decides_again_once_and_not_within_the_hour() -> None:
    terms, later = replace(TERMS, guards=GUARDS), START + timedelta(hours=1)
    assert rules.is_due(decision(), terms, run_of("received_feed.enabled", later), later)
    soon = later - timedelta(seconds=1)
    assert not rules.is_due(decision(), terms, run_of("received_feed.enabled", soon), soon)
    now = decision(decided_at=clock.to_text(later))
    assert not rules.is_due(now, terms, run_of("received_feed.enabled", later), later)
    assert not rules.is_due(decision(), terms, run_of("feed.changed", later), later), "the sender alone cannot ask"


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [
        (Overlap(40, 40), "below_minimum"),
        (Overlap(5000, 999), "below_minimum"),
        (Overlap(5000, 1000), None),
        (Overlap(5000, 4500), None),
        (Overlap(5000, 4501), "guard_share"),
        (Overlap(5000, 5000), "guard_share"),
    ],
)
def test_what_is_held_back_of_exact_counts(overlap: Overlap, expected: str | None) -> None:
    assert guarding.decide(overlap, 1, GUARDS) == expected
    released = None if expected == "guard_share" else expected
    assert guarding.decide(overlap, 1, GUARDS, released=True) == released


def test_whom_the_partner_has_come_to_know_a_moment_ago_does_not_count() -> None:
    assert guarding.decide(Overlap(5000, 1000, 199), 1, GUARDS) is None
    assert guarding.decide(Overlap(5000, 1000, 200), 1, GUARDS) == "guard_age"
    assert guarding.decide(Overlap(5000, 500, 100), 1 / 2, GUARDS) == "guard_age"
    assert guarding.decide(Overlap(5000, 999, 4000), 1, GUARDS) == "below_minimum"
    assert guarding.decide(Overlap(5000, 4501, 400), 1, GUARDS) == "guard_share"


def test_more_is_read_while_it_is_open_whether_many_wait_for_their_age() -> None:
    assert guarding.is_settled(Overlap(50_000, 15_000, 0), 1 / 2, GUARDS)
    assert not guarding.is_settled(Overlap(50_000, 15_000, 100), 1 / 2, GUARDS)
    assert guarding.is_settled(Overlap(50_000, 15_000, 1000), 1 / 2, GUARDS)
    assert guarding.is_settled(Overlap(50_000, 15_000, 100), 1, GUARDS)


def test_what_waits_for_its_age_holds_back_no_pair_and_growth_goes_before() -> None:
    terms, pair = replace(TERMS, guards=GUARDS, minimum_age=5), {("seg_1", 1): Overlap(9000, 2000, 4000)}
    found = rules.decided("flow", None, Weighed(pair, 5000, 1), terms, START, 0)
    assert [verdict.reason for verdict in found.held()] == ["guard_age"]
    assert rules.held(found) == {("seg_1", 1): None}
    assert not any(map(rules.is_guarded, found.verdicts)), "time alone releases it"
    grown = rules.decided("flow", found, Weighed(pair, 2_000_000, 1), terms, START + timedelta(hours=2), 0)
    assert rules.held(grown) == {("seg_1", 1): "guard_growth"}


def test_of_few_no_share_is_looked_at() -> None:
    guards = replace(GUARDS, minimum=1)
    assert guarding.decide(Overlap(1999, 1999), 1, guards) is None
    assert guarding.decide(Overlap(2000, 2000), 1, guards) == "guard_share"


def test_noise_alone_holds_nothing_back_where_both_sides_want_no_minimum() -> None:
    assert guarding.decide(Overlap(3, -120), 1, replace(GUARDS, minimum=0)) is None
    assert guarding.decide(Overlap(5000, 5100), 1, replace(GUARDS, largest_share=1)) is None


def test_an_overlap_is_decided_on_with_noise_that_its_question_decides() -> None:
    overlaps = {("seg_1", code): Overlap(5000, 1000) for code in range(400)}
    found = weighing.noised(overlaps, Draws(b"key", "question"))
    assert found == weighing.noised(overlaps, Draws(b"key", "question"))
    assert found != weighing.noised(overlaps, Draws(b"key", "another"))
    assert {overlap.cleared for overlap in found.values()} == {5000}
    noise = [overlap.matched - 1000 for overlap in found.values()]
    assert abs(fmean(noise)) < 4 * guarding.SIGMA / 20
    assert 0.8 * guarding.SIGMA < pstdev(noise) < 1.2 * guarding.SIGMA


def test_a_decision_costs_less_than_answers_that_have_less_noise() -> None:
    assert [guarding.answers(pairs) for pairs in (1, 4, 5, 100)] == [1, 1, 2, 25]


def test_a_sample_decides_as_everything_would() -> None:
    chance = random.Random(1)
    wrong = 0
    for _ in range(400):
        cleared = chance.randrange(20_000, 60_000)
        matched = int(cleared * chance.choice([0.001, 0.01, 0.03, 0.3, 0.8, 0.89, 0.91, 1.0]))
        if abs(matched - GUARDS.minimum) < 4 * guarding.SIGMA:
            continue
        truth, share = guarding.decide(Overlap(cleared, matched), 1, GUARDS), 1 / 64
        while True:
            both = chance.binomialvariate(matched, share)
            others = chance.binomialvariate(cleared - matched, share)
            noise = round(chance.gauss(0, guarding.SIGMA))
            sampled = Overlap(both + others, both + noise) if share < 1 else Overlap(cleared, matched + noise)
            if guarding.is_settled(sampled, share, GUARDS):
                break
            share = min(1, 2 * share)
        wrong += guarding.decide(sampled, share, GUARDS) != truth
    assert wrong <= 400 * 0.1, "each look is wrong in one of twenty at most, and there are few looks"


def test_a_universe_outgrows_its_guard_from_a_floor_on() -> None:
    assert not guarding.has_outgrown(200_000, 10, GUARDS), "a first upload is no growth"
    assert guarding.has_outgrown(200_001, 10, GUARDS)
    assert not guarding.has_outgrown(2_000_000, 1_000_000, GUARDS)
    assert guarding.has_outgrown(2_000_001, 1_000_000, GUARDS)


def test_growth_is_measured_from_one_size_for_a_day() -> None:
    terms, size = replace(TERMS, guards=GUARDS), 1_000_000
    old = decision(universe=size, accepted_universe=size)
    for hour, universe in ((1, 1_500_000), (2, 1_900_000)):
        old = rules.decided("flow", old, Weighed({}, universe, 1), terms, START + timedelta(hours=hour), 0)
        assert old.accepted_universe == size, "many small steps are one large one"
    pair = {("seg_1", 1): Overlap(9000, 2000)}
    grown = rules.decided("flow", old, Weighed(pair, 2_000_001, 1), terms, START + timedelta(hours=3), 0)
    assert [verdict.reason for verdict in grown.verdicts] == ["guard_growth"]
    still = rules.decided("flow", grown, Weighed(pair, 2_000_001, 1), terms, START + timedelta(hours=30), 0)
    assert [verdict.reason for verdict in still.verdicts] == ["guard_growth"], "time alone releases nothing"
    released = rules.released(still, clock.to_text(START + timedelta(hours=31)))
    assert ([verdict.reason for verdict in released.verdicts], released.accepted_universe) == ([None], 2_000_001)
    back = rules.decided("flow", grown, Weighed(pair, 1_900_000, 1), terms, START + timedelta(hours=4), 0)
    assert [verdict.reason for verdict in back.verdicts] == [None]
