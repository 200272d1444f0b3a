"""Deciding only on what has changed comes to the same as deciding on everything."""

import hashlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handfast.dataflows import rules
from handfast.ingest.applying import load
from handfast.ingest.plan import CurrentBucket, SpanChange
from handfast.matching import engine, incremental, inventory
from handfast.matching.models import BucketFiles, BucketResult, BucketState, Held, Terms
from handfast.matching.trait_rules import Connective, Frequency, MemberOf, Negation
from handfast.partners.models import PartnerRef
from handfast.platform import clock
from handfast.platform.objects import ObjectVersion
from tests.worlds.data_plane import KEYS as MEMBERS
from tests.worlds.data_plane import PROFILES, SUPPRESSIONS, Identity, Row, read_rows, value_of, write_rows
from tests.worlds.trait_rules import holds

BITS = 1
CHANGED = "hi BIGINT, lo BIGINT, segment VARCHAR, realized BOOLEAN, namespace SMALLINT"
START = datetime(2026, 1, 1, tzinfo=UTC)
TERMS = Terms("sbx_a", PartnerRef("sbx_b", "Organization B", "b"), ("seg_1", "seg_2"), (1, 2), "default_allow")
COMPOSED = (
    ("seg_4", Connective("AND", (MemberOf("seg_1"), Negation(MemberOf("seg_2"))))),
    ("seg_5", Connective("OR", (MemberOf("seg_3"), Frequency(("seg_1", "seg_2"), "==", 2)))),
)
CHECKED = replace(TERMS, partner_consent_default="default_allow")
KEYS = [(hi, lo) for hi in (-(1 << 63), -1, 0, 5) for lo in (-7, 5)]

type Answers = tuple[int, str | None, str | None]
"""Of a profile: namespace, share, profile_share."""


@dataclass
class Side:
    """A sandbox's objects as ingest leaves them."""

    folder: Path
    files: dict[int, CurrentBucket] = field(default_factory=dict)
    suppressed: dict[int, Path] = field(default_factory=dict)
    changes: int = 0

    def apply(
        self,
        profiles: Mapping[Identity, Answers],
        members: Mapping[tuple[Identity, str], bool],
        snapshot: str | None = None,
        erase: Sequence[Identity] = (),
    ) -> None:
        self.changes += 1
        folder = self.folder / str(self.changes)
        at = START + timedelta(minutes=20 * self.changes)
        rows = [
            (*key, code, value_of(key), None, share, person, at.replace(tzinfo=None), None, at.replace(tzinfo=None))
            for key, (code, share, person) in profiles.items()
        ]
        change = SpanChange(
            at,
            write_rows(folder / "profiles.parquet", PROFILES, rows),
            write_rows(
                folder / "memberships.parquet", CHANGED, [(*k, name, to, 1) for (k, name), to in members.items()]
            ),
            snapshot_segment=snapshot,
            erase=write_rows(folder / "erase.parquet", "hi BIGINT, lo BIGINT", erase) if erase else None,
        )
        with load(change, BITS) as loaded:
            merged = loaded.merge(
                [self.files.get(bucket, CurrentBucket(bucket)) for bucket in range(1 << BITS)], folder
            )
        for result in merged:
            old = self.files.get(result.bucket, CurrentBucket(result.bucket))
            memberships = {**old.memberships, **{name: part.path for name, part in result.memberships.items()}}
            found = result.profiles or old.profiles
            versions = {path: etag(path) for path in (found, *memberships.values()) if path}
            self.files[result.bucket] = CurrentBucket(result.bucket, found, memberships, None, versions)

    def suppress(self, key: Identity) -> None:
        bucket = int(key[0] < 0)
        rows: list[Row] = read_rows(self.suppressed[bucket]) if bucket in self.suppressed else []
        path = self.folder / f"suppressed-{bucket}-{len(rows)}.parquet"
        self.suppressed[bucket] = write_rows(path, SUPPRESSIONS, [*rows, (*key, None, "opt_out")])


def etag(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass
class World:
    """Both sides of a dataflow, what its target holds, and how its last reconciliation left each bucket."""

    folder: Path
    clock: datetime = START
    disclosures: dict[int, Path] = field(default_factory=dict)
    states: dict[int, BucketState] = field(default_factory=dict)
    followed: int = 0

    def __post_init__(self) -> None:
        self.source, self.target = Side(self.folder / "source"), Side(self.folder / "target")

    def inputs(self, terms: Terms) -> tuple[dict[int, BucketFiles], dict[int, dict[str, ObjectVersion]]]:
        files, read = {}, {}
        for bucket in range(1 << BITS):
            own, other = (side.files.get(bucket, CurrentBucket(bucket)) for side in (self.source, self.target))
            roles = {f"memberships/{name}": path for name, path in own.memberships.items() if name in terms.sources}
            roles |= {"profiles": own.profiles, "partner": other.profiles}  # type: ignore[dict-item]
            roles |= {"suppressions": self.source.suppressed.get(bucket), "disclosures": self.disclosures.get(bucket)}  # type: ignore[dict-item]
            read[bucket] = {role: ObjectVersion(role, etag(path)) for role, path in roles.items() if path}
            files[bucket] = BucketFiles(
                bucket,
                own.profiles,
                other.profiles,
                {name: own.memberships[name] for name in terms.sources if name in own.memberships},
                self.source.suppressed.get(bucket),
                self.disclosures.get(bucket),
                self.target.suppressed.get(bucket),
            )
        return files, read

    def reconcile(self, terms: Terms) -> None:
        """Reconcile by what has changed, and check that it comes to the same as reconciling everything."""
        self.clock += timedelta(hours=1)
        terms = replace(terms, hour=clock.hours(self.clock))
        files, read = self.inputs(terms)
        followed = incremental.follow(self.states, terms, read, files)
        self.followed += sum(bucket_files.baseline is not None for bucket_files in followed)
        results = self.results(followed, terms)
        truth = self.results(list(files.values()), terms)
        assert {b: told(result) for b, result in results.items()} == {b: told(result) for b, result in truth.items()}
        if terms.composed:
            kept = self.results([self.made(each, terms) for each in files.values()], replace(terms, composed=()))
            assert {b: told(result) for b, result in results.items()} == {b: told(result) for b, result in kept.items()}
        for bucket, result in results.items():
            if result.disclosures:
                self.disclosures[bucket] = result.disclosures
                read[bucket]["disclosures"] = ObjectVersion("disclosures", etag(result.disclosures))
            self.states[bucket] = BucketState(
                inventory.terms_version(terms),
                inventory.versions(read[bucket]),
                result.members,
                result.kept_back,
                result.delivered,
                "run",
                result.realized,
                result.exited,
                of_age=result.of_age,
                excluded_by_segment=result.excluded_by_segment,
            )
            adds_up(self.states[bucket], terms)

    def made(self, files: BucketFiles, terms: Terms) -> BucketFiles:
        """The bucket with composed segments' members as if they were kept, by set algebra in plain Python."""
        rows = {name: {row[:2]: row for row in read_rows(path)} for name, path in files.memberships.items()}
        members = dict(files.memberships)
        for name, rule in terms.composed:
            everybody = {key for part in rows.values() for key in part}
            found = [
                (*key, None)
                for key in everybody
                if holds(rule, {part: 0 for part, keys in rows.items() if key in keys})
            ]
            path = Path(tempfile.mkdtemp(dir=self.folder)) / "made.parquet"
            members[name] = write_rows(path, MEMBERS, found)
        return replace(files, memberships=members)

    def results(self, files: Sequence[BucketFiles], terms: Terms) -> dict[int, BucketResult]:
        out = Path(tempfile.mkdtemp(dir=self.folder))
        return {result.bucket: result for result in engine.reconcile(files, terms, out, self.clock, BITS)}


def adds_up(state: BucketState, terms: Terms) -> None:
    """Members are those that are shared and all that are excluded, by namespace, and by segment where it is counted."""
    by_segment = rules.segment_counts([state])
    assert state.members == state.shared + sum(state.excluded.values())
    if terms.partner:
        assert state.excluded_by_segment == {}
    else:
        assert sum(members.total() for members in by_segment.values()) == state.members
        assert sum(by_segment.values(), Counter()) == Counter(state.excluded) + Counter(shared=state.shared)


def told(result: BucketResult) -> tuple[Any, ...]:
    rows = read_rows(result.disclosures) if result.disclosures else None
    return replace(result, disclosures=None, of_age=None), rows


@pytest.fixture
def world() -> Iterator[World]:
    folder = Path(tempfile.mkdtemp())
    yield World(folder)
    shutil.rmtree(folder)


def everybody(world: World) -> None:
    world.source.apply(dict.fromkeys(KEYS, (1, None, None)), {(key, "seg_1"): True for key in KEYS})
    world.source.apply({}, {(key, "seg_2"): True for key in KEYS[2:6]})
    world.target.apply(dict.fromkeys(KEYS[:6], (1, None, None)), {})


some_keys = st.sampled_from(KEYS)
answers = st.tuples(
    st.just(1), st.sampled_from([None, None, "y", "n", "dn", "u"]), st.sampled_from([None, None, "y", "n"])
)
joins = st.dictionaries(st.tuples(some_keys, st.sampled_from(["seg_1", "seg_2", "seg_3"])), st.booleans(), max_size=4)
changes = st.tuples(
    st.sampled_from(["source", "source", "target"]),
    st.dictionaries(some_keys, answers, max_size=3),
    joins,
    st.sampled_from([None, None, None, "seg_1"]),
)
others = st.one_of(
    st.tuples(st.just("erase"), st.sampled_from(["source", "target"]), some_keys),
    st.tuples(st.just("suppress"), some_keys),
)
TO_DESTINATION = replace(TERMS, partner=None, stopped=("seg_2",))
AGED = replace(TERMS, minimum_age=2)
HELD = replace(TERMS, held=(Held("seg_1", 1, "below_minimum"),))
terms_of = st.sampled_from(
    [TERMS] * 4
    + [HELD] * 4
    + [replace(TERMS, stopped=("seg_2",))] * 3
    + [replace(TERMS, segments=("seg_1", "seg_4", "seg_5"), composed=COMPOSED)] * 4
    + [CHECKED] * 4
    + [AGED] * 4
    + [TO_DESTINATION] * 4
    + [replace(TERMS, paused=True), replace(TERMS, segments=()), replace(TO_DESTINATION, paused=True)]
)
steps = st.lists(st.tuples(st.lists(st.one_of(changes, changes, changes, others), max_size=3), terms_of), max_size=5)


@settings(max_examples=400 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 8, deadline=None)
@given(steps)
def test_after_any_changes_the_outcome_is_that_of_deciding_anew(
    story: list[tuple[list[tuple[Any, ...]], Terms]],
) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        world = World(folder)
        everybody(world)
        world.reconcile(TERMS)
        for happened, terms in story:
            for change in happened:
                tell(world, change)
            world.reconcile(terms)
    finally:
        shutil.rmtree(folder)


def tell(world: World, change: tuple[Any, ...]) -> None:
    match change:
        case ("erase", side, key):
            getattr(world, side).apply({}, {}, erase=[key])
        case ("suppress", key):
            world.source.suppress(key)
        case (side, profiles, members, snapshot):
            getattr(world, side).apply(profiles, members, snapshot)


def test_changes_on_both_sides_are_followed(world: World) -> None:
    everybody(world)
    world.reconcile(TERMS)
    world.source.apply({KEYS[0]: (1, "n", None)}, {(KEYS[1], "seg_1"): False, (KEYS[4], "seg_2"): True})
    world.source.apply({KEYS[0]: (1, None, "n"), KEYS[5]: (1, "n", None)}, {(KEYS[1], "seg_1"): True})
    world.target.apply({KEYS[6]: (1, None, None)}, {})
    files, read = world.inputs(TERMS)
    followed = incremental.follow(world.states, TERMS, read, files)
    assert all(bucket_files.baseline for bucket_files in followed)
    world.reconcile(TERMS)
    assert world.followed == 2
    world.source.apply({}, {(KEYS[2], "seg_2"): False})
    files, read = world.inputs(TERMS)
    followed = incremental.follow(world.states, TERMS, read, files)
    assert all(bucket_files.baseline for bucket_files in followed), "of none everything is decided"
    again = world.results(followed, TERMS)
    assert sum(result.exited for result in again.values()) == 1


def test_exclusions_by_segment_are_followed_for_a_target_that_is_no_partner(world: World) -> None:
    everybody(world)
    world.reconcile(TO_DESTINATION)
    world.source.apply({KEYS[3]: (1, "n", None)}, {(KEYS[0], "seg_2"): True, (KEYS[1], "seg_1"): False})
    world.reconcile(TO_DESTINATION)
    assert world.followed == 2
    assert rules.segment_counts(world.states.values()) == {
        "seg_1": {"consent": 1, "shared": 6},
        "seg_2": {"consent": 1, "policy": 4},
    }


def test_buckets_of_before_exclusions_were_counted_by_segment_are_decided_anew(world: World) -> None:
    everybody(world)
    world.reconcile(TO_DESTINATION)
    before = f"2 {replace(TO_DESTINATION, hour=0)!r}"
    kept = {
        bucket: replace(state, terms=hashlib.sha256(before.encode()).hexdigest(), excluded_by_segment={})
        for bucket, state in world.states.items()
    }
    files, read = world.inputs(TO_DESTINATION)
    assert not any(part.baseline for part in incremental.follow(kept, TO_DESTINATION, read, files))


def test_what_is_held_back_is_followed_and_what_was_given_before_stays(world: World) -> None:
    everybody(world)
    world.reconcile(TERMS)
    world.reconcile(HELD)
    world.source.apply({}, {(KEYS[0], "seg_1"): False, (KEYS[0], "seg_2"): True, (KEYS[1], "seg_1"): False})
    world.target.apply({KEYS[6]: (1, None, None), KEYS[7]: (1, None, None)}, {})
    world.reconcile(HELD)
    assert world.followed == 2
    waiting = sum(state.excluded.get("below_minimum", 0) for state in world.states.values())
    assert waiting == 2, "the target has come to know two members"
    world.source.apply({}, {(KEYS[1], "seg_1"): True})
    world.reconcile(HELD)
    assert sum(state.excluded.get("below_minimum", 0) for state in world.states.values()) == 3


def test_a_partners_own_answers_are_followed_where_it_asks_for_them(world: World) -> None:
    everybody(world)
    world.reconcile(CHECKED)
    for answer, shared in (("n", 5), ("y", 6), ("dn", 5)):
        world.target.apply({KEYS[0]: (1, answer, None)}, {})
        files, read = world.inputs(CHECKED)
        assert all(part.baseline for part in incremental.follow(world.states, CHECKED, read, files))
        world.reconcile(CHECKED)
        assert sum(state.delivered["seg_1"][1] for state in world.states.values()) == shared


def test_whom_the_partner_has_known_for_too_short_waits_until_the_hour_it_has_not(world: World) -> None:
    everybody(world)
    for _ in range(3):
        world.reconcile(AGED)
    assert sum(state.shared for state in world.states.values()) == 6 + 4
    world.target.changes = 9  # in the hour of START + 3
    world.target.apply({KEYS[6]: (1, None, None), KEYS[7]: (1, None, None)}, {})
    world.source.apply({KEYS[0]: (1, "n", None)}, {})
    hours = clock.hours(START)
    for hour, waiting in ((4, 2), (5, 2), (6, 0)):
        files, read = world.inputs(AGED)
        followed = incremental.follow(world.states, replace(AGED, hour=hours + hour), read, files)
        assert all(bucket_files.baseline for bucket_files in followed) == (hour < 6)
        world.reconcile(AGED)
        assert sum(state.excluded.get("guard_age", 0) for state in world.states.values()) == waiting
        due = {state.of_age for state in world.states.values()} - {None}
        assert due == ({hours + 6} if waiting else set())
    assert sum(state.shared for state in world.states.values()) == 5 + 4 + 2


def test_a_guard_by_age_that_is_set_later_takes_nothing_back(world: World) -> None:
    everybody(world)
    world.reconcile(TERMS)
    before = sum(state.shared for state in world.states.values())
    old = replace(TERMS, minimum_age=1000)
    world.reconcile(old)
    assert sum(state.shared for state in world.states.values()) == before
    world.target.apply({KEYS[6]: (1, None, None)}, {})
    world.source.apply({}, {(KEYS[0], "seg_1"): False})
    world.reconcile(old)
    assert sum(state.shared for state in world.states.values()) == before - 1, "and what leaves leaves"


@pytest.mark.parametrize("lost", ["delta_log", "disclosures", "terms", "paused", "suppression", "erasure"])
def test_what_cannot_be_followed_is_decided_anew(world: World, lost: str) -> None:
    everybody(world)
    world.reconcile(TERMS)
    world.source.apply({}, {(KEYS[1], "seg_1"): False})
    terms = TERMS
    match lost:
        case "delta_log":  # the object that the state names is none that the log knows
            world.states = {
                bucket: replace(state, versions={**state.versions, "memberships/seg_1": "other"})
                for bucket, state in world.states.items()
            }
        case "disclosures":
            world.states = {
                bucket: replace(state, versions={**state.versions, "disclosures": "other"})
                for bucket, state in world.states.items()
            }
        case "terms":
            terms = replace(TERMS, namespaces=(1,))
        case "paused":
            terms = replace(TERMS, paused=True)
        case "suppression":
            world.source.suppress(KEYS[0])
            world.source.suppress(KEYS[4])
        case "erasure":
            world.source.apply({}, {}, erase=[KEYS[0], KEYS[4]])
    files, read = world.inputs(terms)
    assert not any(bucket_files.baseline for bucket_files in incremental.follow(world.states, terms, read, files))
    world.reconcile(terms)


def test_a_long_delta_log_loses_its_oldest_deltas(world: World) -> None:
    everybody(world)
    world.reconcile(TERMS)
    states = dict(world.states)
    for number in range(40):
        world.source.apply({}, {(KEYS[1], "seg_1"): number % 2 == 1, (KEYS[7], "seg_1"): number % 2 == 1})
        if number == 30:
            world.reconcile(TERMS)
    files, read = world.inputs(TERMS)
    assert all(bucket_files.baseline for bucket_files in incremental.follow(world.states, TERMS, read, files))
    assert not any(bucket_files.baseline for bucket_files in incremental.follow(states, TERMS, read, files))
    world.reconcile(TERMS)
