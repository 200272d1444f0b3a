"""Changes merged into buckets: profiles, members, snapshots, suppressions and counts."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handfast.ingest.applying import load, removals
from handfast.ingest.plan import BucketMerged, CurrentBucket, SpanChange
from handfast.lake.buckets import bucket_of
from handfast.lake.streaming import Answer, StreamChange, stream
from handfast.platform import clock
from tests.worlds.data_plane import KEYS, KNOWN_PROFILES, PROFILES, read_rows, write_rows

CHANGED = "hi BIGINT, lo BIGINT, segment VARCHAR, realized BOOLEAN, namespace SMALLINT"
SUPPRESSED = "hi BIGINT, lo BIGINT, since TIMESTAMP, reason VARCHAR"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
BITS = 6
WIDTH = 1 << 58  # of a bucket
ONE, TWO, FAR = (1, 1), (2, -1), (-WIDTH, 5)

type Identity = tuple[int, int]


def naive(at: datetime) -> datetime:
    return at.replace(tzinfo=None)


def profile(key: Identity, at: datetime | None = None, namespace: int = 1, **said: Any) -> tuple[Any, ...]:
    """A row of profiles."""
    names = ("profile_id", "share", "profile_share")
    answers = tuple(said.get(name) for name in names)
    times = [naive(at) if at and said.get(name) else None for name in ("share", "profile_share")]
    return (*key, namespace, b"value", *answers, times[0], said.get("attributes"), times[1])


@dataclass
class Buckets:
    """Buckets as they are now."""

    folder: Path
    files: dict[int, CurrentBucket] = field(default_factory=dict)
    steps: int = 0

    def apply(
        self,
        profiles: Sequence[tuple[Any, ...]] = (),
        members: Sequence[tuple[Identity, str, bool]] = (),
        at: datetime = NOON,
        snapshot: str | None = None,
        source: str | None = None,
        sources: frozenset[str] = frozenset(),
    ) -> list[BucketMerged]:
        """Apply a change made of rows."""
        step = self.folder / f"step{self.steps}"
        namespaces = {row[:2]: row[2] for row in profiles}
        rows = [(*who, name, into, namespaces.get(who)) for who, name, into in members]
        change = SpanChange(
            at,
            write_rows(step / "profiles.parquet", PROFILES, profiles),
            write_rows(step / "memberships.parquet", CHANGED, rows),
            snapshot_segment=snapshot,
            source_id=source,
            sources=sources,
        )
        return self.merge(change, step)

    def merge(self, change: SpanChange, step: Path) -> list[BucketMerged]:
        """Apply a change and take its results as what is there now."""
        step.mkdir(exist_ok=True)
        self.steps += 1
        with load(change, BITS) as loaded:
            buckets = sorted({*loaded.buckets, *self.files})
            merged = loaded.merge([self.files.get(bucket, CurrentBucket(bucket)) for bucket in buckets], step)
        for result in merged:
            old = self.files.get(result.bucket, CurrentBucket(result.bucket))
            memberships = {segment: members.path for segment, members in result.memberships.items()}
            self.files[result.bucket] = CurrentBucket(
                result.bucket, result.profiles or old.profiles, {**old.memberships, **memberships}, old.suppressions
            )
        return merged

    def suppress(self, *keys: Identity) -> None:
        """Suppress identities."""
        for bucket in {bucket_of(key[0], BITS) for key in keys}:
            rows = [(*key, naive(NOON), "erasure") for key in keys if bucket_of(key[0], BITS) == bucket]
            path = write_rows(self.folder / f"suppressed{bucket}.parquet", SUPPRESSED, rows)
            old = self.files.get(bucket, CurrentBucket(bucket))
            self.files[bucket] = CurrentBucket(bucket, old.profiles, old.memberships, path)

    def profiles(self) -> dict[Identity, tuple[Any, ...]]:
        """All profiles, after a check of their order and place."""
        return {(row[0], row[1]): row[2:10] for row in self._rows({b: f.profiles for b, f in self.files.items()})}

    def known_since(self) -> dict[Identity, int | None]:
        """The hour in which each identity came."""
        found = [row for files in self.files.values() for row in (read_rows(files.profiles) if files.profiles else [])]
        return {(row[0], row[1]): row[10] for row in found}

    def members(self, segment: str) -> dict[Identity, datetime]:
        """A segment's members and since when."""
        paths = {bucket: files.memberships.get(segment) for bucket, files in self.files.items()}
        return {(row[0], row[1]): row[2] for row in self._rows(paths)}

    def _rows(self, paths: Mapping[int, Path | None]) -> list[tuple[Any, ...]]:
        found = []
        for bucket, path in paths.items():
            rows = read_rows(path) if path else []
            assert [row[:2] for row in rows] == sorted({row[:2] for row in rows})
            assert {bucket_of(row[0], BITS) for row in rows} <= {bucket}
            found += rows
        return found


@pytest.fixture
def buckets(tmp_path: Path) -> Buckets:
    return Buckets(tmp_path)


def counted(merged: Sequence[BucketMerged]) -> tuple[dict[str, dict[int, int]], dict[str, dict[int, int]]]:
    """Who came and who went, by segment and namespace."""
    sums: tuple[dict[str, dict[int, int]], dict[str, dict[int, int]]] = ({}, {})
    for bucket in merged:
        for segment, members in bucket.memberships.items():
            for total, part in zip(sums, (members.realized, members.exited), strict=True):
                for code, count in part.items():
                    total.setdefault(segment, {}).setdefault(code, 0)
                    total[segment][code] += count
    return sums


def test_empty_buckets_take_the_change_as_it_is(buckets: Buckets) -> None:
    rows = [profile(ONE, NOON, profile_share="y"), profile(TWO, namespace=4), profile(FAR, profile_id="9")]
    merged = buckets.apply(rows, [(ONE, "a", True), (TWO, "a", True), (FAR, "b", True), (FAR, "a", False)])
    assert buckets.profiles() == {row[:2]: row[2:] for row in rows}
    assert buckets.members("a") == {ONE: naive(NOON), TWO: naive(NOON)}
    assert buckets.members("b") == {FAR: naive(NOON)}
    assert counted(merged) == ({"a": {1: 1, 4: 1}, "b": {1: 1}}, {})
    assert {bucket.bucket for bucket in merged} == {0, 63}


def test_the_same_change_again_writes_nothing(buckets: Buckets) -> None:
    rows = [profile(ONE, NOON, share="y", attributes='{"a":"b"}', profile_id="1"), profile(TWO)]
    members = [(ONE, "a", True), (TWO, "a", False)]
    buckets.apply(rows, members)
    rows[0] = profile(ONE, LATER, share="y", attributes='{"a":"b"}', profile_id="1")
    again = buckets.apply(rows, members, LATER)
    assert all(bucket.profiles is None and not bucket.memberships for bucket in again)
    assert buckets.profiles()[ONE][5] == naive(NOON)


def test_a_null_among_attributes_clears_one(buckets: Buckets) -> None:
    buckets.apply([profile(ONE, attributes='{"a":"1","b":"2"}'), profile(TWO, attributes='{"a":null,"b":"2"}')])
    buckets.apply([profile(ONE, attributes='{"a":null,"c":":null"}')])
    found = {key: json.loads(row[6]) for key, row in buckets.profiles().items()}
    assert found == {ONE: {"b": "2", "c": ":null"}, TWO: {"b": "2"}}
    buckets.apply([profile(ONE, attributes='{"b":null,"c":null}')])
    assert buckets.profiles()[ONE][6] is None


def test_null_leaves_what_is_there_and_attributes_merge(buckets: Buckets) -> None:
    buckets.apply([profile(ONE, NOON, profile_id="1", share="n", profile_share="y", attributes='{"a":"1","b":"1"}')])
    buckets.apply([profile(ONE, LATER, profile_share="n", attributes='{"b":"2"}')])
    assert buckets.profiles()[ONE][2:] == ("1", "n", "n", naive(NOON), '{"a":"1","b":"2"}', naive(LATER))
    buckets.apply([profile(ONE)])
    assert buckets.profiles()[ONE][2:] == ("1", "n", "n", naive(NOON), '{"a":"1","b":"2"}', naive(LATER))


def test_an_answer_given_earlier_does_not_undo_a_later_one(buckets: Buckets) -> None:
    buckets.apply([profile(ONE, LATER, profile_share="n")])
    buckets.apply([profile(ONE, NOON, profile_share="y", share="y")])
    assert buckets.profiles()[ONE][3:] == ("y", "n", naive(NOON), None, naive(LATER))


def test_members_keep_the_time_they_joined_and_leave_when_told(buckets: Buckets) -> None:
    rows = [profile(ONE), profile(TWO)]
    buckets.apply(rows, [(ONE, "a", True), (TWO, "a", True)])
    merged = buckets.apply(rows, [(ONE, "a", True), (TWO, "a", False)], LATER)
    assert buckets.members("a") == {ONE: naive(NOON)}
    assert counted(merged) == ({}, {"a": {1: 1}})
    buckets.apply(rows, [(TWO, "a", True)], LATER)
    assert buckets.members("a") == {ONE: naive(NOON), TWO: naive(LATER)}


def test_a_snapshot_lets_go_of_those_it_does_not_name_in_every_bucket(buckets: Buckets) -> None:
    rows = [profile(ONE), profile(TWO), profile(FAR, namespace=5)]
    everyone = [(who, segment, True) for who in (ONE, TWO, FAR) for segment in ("a", "b")]
    buckets.apply(rows, everyone)
    merged = buckets.apply([profile(ONE)], [(ONE, "a", True)], LATER, snapshot="a")
    assert set(buckets.members("a")) == {ONE}
    assert set(buckets.members("b")) == {ONE, TWO, FAR}
    assert counted(merged) == ({}, {"a": {1: 1, 5: 1}})
    assert len(buckets.profiles()) == 3


def test_suppressed_identities_are_never_brought_in(buckets: Buckets) -> None:
    buckets.suppress(ONE, FAR)
    merged = buckets.apply(
        [profile(ONE, NOON, share="y"), profile(TWO), profile(FAR)], [(who, "a", True) for who in (ONE, TWO, FAR)]
    )
    assert set(buckets.profiles()) == set(buckets.members("a")) == {TWO}
    assert counted(merged) == ({"a": {1: 1}}, {})


def test_a_suppressed_member_may_still_leave(buckets: Buckets) -> None:
    buckets.apply([profile(ONE)], [(ONE, "a", True)])
    buckets.suppress(ONE)
    buckets.apply([profile(ONE)], [(ONE, "a", False)])
    assert buckets.members("a") == {}


def test_a_stream_change_reads_as_the_same_tables(buckets: Buckets, tmp_path: Path) -> None:
    buckets.apply([profile(TWO, NOON, profile_id="2", profile_share="y")], [(TWO, "a", True)])
    changes = [
        StreamChange(*ONE, 3, b"\x01\xff", share=Answer("n", LATER), segment="a", realized=True),
        StreamChange(*TWO, 1, b"value", segment="a"),
    ]
    path = tmp_path / "stream.json"
    path.write_text(json.dumps(stream(changes)))
    merged = buckets.merge(SpanChange(LATER, None, None, path), tmp_path / "stream")
    assert buckets.profiles() == {
        ONE: (3, b"\x01\xff", None, "n", None, naive(LATER), None, None),
        TWO: (1, b"value", "2", None, "y", None, None, naive(NOON)),
    }
    assert buckets.members("a") == {ONE: naive(LATER)}
    assert counted(merged) == ({"a": {3: 1}}, {"a": {1: 1}})


def test_removals_count_members_that_a_snapshot_would_not_keep(buckets: Buckets, tmp_path: Path) -> None:
    buckets.apply([profile(ONE), profile(TWO), profile(FAR)], [(who, "a", True) for who in (ONE, TWO, FAR)])
    current = [files.memberships["a"] for files in buckets.files.values()]
    rows = [(*ONE, "a", True, 1), (*TWO, "a", False, 1), (*FAR, "b", True, 1)]
    staged = write_rows(tmp_path / "staged.parquet", CHANGED, rows)
    assert removals(current, [staged], "a") == (3, 2)
    assert removals(current, [], "a") == (3, 3)
    assert removals([], [staged], "a") == (0, 0)


PUT = st.lists(
    st.tuples(
        st.sampled_from([None, "src_1", "src_2"]),
        st.sampled_from([None, "a"]),
        st.dictionaries(st.sampled_from([ONE, TWO, FAR]), st.booleans(), max_size=3),
        st.sampled_from([frozenset[str](), frozenset({"src_1"}), frozenset({"src_1", "src_2"})]),
    ),
    max_size=6,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=400 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 12,
    deadline=None,
)
@given(changes=PUT)
def test_a_snapshot_removes_only_whom_its_own_source_has_put(
    tmp_path_factory: pytest.TempPathFactory, changes: Any
) -> None:
    buckets = Buckets(tmp_path_factory.mktemp("buckets"))
    put: dict[Identity, set[str | None]] = {}
    for number, (source, snapshot, said, sources) in enumerate(changes):
        rows = [(*who, "a", into, 1) for who, into in said.items()]
        staged = write_rows(buckets.folder / f"staged{number}.parquet", CHANGED, rows)
        current = [files.memberships["a"] for files in buckets.files.values() if "a" in files.memberships]
        gone = {None, "src_1", "src_2"} - sources if source is None else {source}
        own = {who for who, names in put.items() if names <= gone}
        unnamed = {who for who in own if not said.get(who)}
        assert removals(current, [staged], "a", source_id=source, sources=sources) == (len(own), len(unnamed))

        known = [profile(who) for who in said]
        members = [(who, "a", into) for who, into in said.items()]
        at = NOON + timedelta(minutes=number)
        merged = buckets.apply(known, members, at, snapshot, source, sources)
        before = set(put)
        for who in [*put] if snapshot else []:
            if who not in said:
                put[who] -= gone
        for who, into in said.items():
            put[who] = put.get(who, set()) | {source} if into else set()
        put = {who: names for who, names in put.items() if names}
        came, went = counted(merged)
        assert (sum(came.get("a", {}).values()), sum(went.get("a", {}).values())) == (
            len(put.keys() - before),
            len(before - put.keys()),
        )
        assert set(buckets.members("a")) == set(put)


KEYS_DRAWN = st.tuples(st.sampled_from([0, 1, WIDTH, -WIDTH, -1]), st.integers(0, 2))
CHANGES = st.lists(
    st.tuples(
        st.dictionaries(KEYS_DRAWN, st.sampled_from([None, "y", "n"]), max_size=6),
        st.dictionaries(st.tuples(KEYS_DRAWN, st.sampled_from(["a", "b"])), st.booleans(), max_size=8),
        st.sampled_from([None, "a"]),
    ),
    max_size=4,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=400 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 12,
    deadline=None,
)
@given(changes=CHANGES)
def test_any_changes_in_order_give_what_plain_dictionaries_give(
    tmp_path_factory: pytest.TempPathFactory, changes: Any
) -> None:
    buckets = Buckets(tmp_path_factory.mktemp("buckets"))
    shares: dict[Identity, str | None] = {}
    members: dict[str, set[Identity]] = {"a": set(), "b": set()}
    for number, (answers, said, snapshot) in enumerate(changes):
        at = NOON + timedelta(minutes=number)
        known = {**{who: None for who, _ in said}, **answers}
        rows = [profile(who, at if share else None, profile_share=share) for who, share in known.items()]
        merged = buckets.apply(rows, [(who, name, into) for (who, name), into in said.items()], at, snapshot)
        before = {name: set(found) for name, found in members.items()}
        for who, share in known.items():
            shares[who] = share or shares.get(who)
        if snapshot:
            members[snapshot] = set()
        for (who, name), into in said.items():
            (members[name].add if into else members[name].discard)(who)
        came, went = counted(merged)
        for name, found in members.items():
            assert sum(came.get(name, {}).values()) == len(found - before[name])
            assert sum(went.get(name, {}).values()) == len(before[name] - found)
    assert {who: row[4] for who, row in buckets.profiles().items()} == shares
    assert {name: set(buckets.members(name)) for name in members} == members


def test_large_groups_and_single_buckets_give_the_same(buckets: Buckets, tmp_path: Path) -> None:
    rows = [profile((number * WIDTH - (1 << 63), number)) for number in range(64)]
    change = SpanChange(
        NOON,
        write_rows(tmp_path / "p.parquet", PROFILES, rows),
        write_rows(tmp_path / "m.parquet", CHANGED, [(*row[:2], "a", True, 1) for row in rows]),
    )
    whole = buckets.merge(change, tmp_path / "whole")
    (tmp_path / "single").mkdir()
    with load(change, BITS) as loaded:
        for expected in whole:
            (single,) = loaded.merge([CurrentBucket(expected.bucket)], tmp_path / "single")
            assert single.profiles is not None
            assert expected.profiles is not None
            assert single.profiles.read_bytes() == expected.profiles.read_bytes()
            assert single.memberships["a"].realized == expected.memberships["a"].realized == {1: 1}


def test_bucket_files_have_the_declared_columns(buckets: Buckets) -> None:
    buckets.apply([profile(ONE)], [(ONE, "a", True)])
    files = buckets.files[0]
    for path, declared in ((files.profiles, KNOWN_PROFILES), (files.memberships["a"], f"{KEYS}, put_by VARCHAR[]")):
        columns = duckdb.execute(f"DESCRIBE FROM '{path}'").fetchall()
        assert ", ".join(f"{name} {kind}" for name, kind, *_ in columns) == declared


def test_the_hour_in_which_an_identity_came_stays_and_what_was_there_before_hours_has_none(tmp_path: Path) -> None:
    buckets = Buckets(tmp_path)
    old = write_rows(tmp_path / "old.parquet", PROFILES, [profile(ONE)])
    buckets.files[0] = CurrentBucket(0, old)
    noon = clock.hours(NOON)
    buckets.apply([profile(TWO), profile(FAR)])
    assert buckets.known_since() == {ONE: None, TWO: noon, FAR: noon}
    both = [profile(key, LATER, share="y") for key in (ONE, TWO)]
    buckets.apply([*both, profile((3, 3)), profile((FAR[0], 6))], at=LATER)
    assert buckets.known_since() == {ONE: None, TWO: noon, FAR: noon, (3, 3): noon + 1, (FAR[0], 6): noon + 1}
    old_beside_new = [profile((4, 4)), profile((FAR[0], 7))]
    buckets.files[0] = CurrentBucket(0, old)
    buckets.apply(old_beside_new, at=LATER)
    assert buckets.known_since() == {
        ONE: None,
        (4, 4): noon + 1,
        FAR: noon,
        (FAR[0], 6): noon + 1,
        (FAR[0], 7): noon + 1,
    }
