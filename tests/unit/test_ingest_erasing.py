"""Identities taken out of buckets: what is written anew, in which order, and who is counted."""

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from handfast.ingest.applying import load
from handfast.ingest.plan import BucketMerged, CurrentBucket, SpanChange
from handfast.lake import layout
from handfast.lake.duck import ROW_GROUP, connect, write
from tests.worlds.data_plane import PROFILES, read_rows, write_rows

KEYS = "hi BIGINT, lo BIGINT"
MEMBERS = f"{KEYS}, since TIMESTAMP"
AT = datetime(2026, 1, 1)  # noqa: DTZ001 - as the column holds it
SECOND = 1 << 58  # the first key of the second bucket
ROWS = 100

type Key = tuple[int, int]


def erased(folder: Path, keys: list[Key]) -> list[BucketMerged]:
    """Two buckets of a hundred people, of whom every other one is in a segment, without these identities."""
    group = []
    for bucket, first in ((0, 0), (1, SECOND)):
        people = [(first + number, number) for number in range(ROWS)]
        profiles = [(*key, 1 + key[1] % 2 * 3, b"value", None, None, None, None, None, None) for key in people]
        files = folder / f"bucket{bucket}"
        group.append(
            CurrentBucket(
                bucket,
                write_rows(files / "profiles.parquet", PROFILES, profiles),
                {"seg": write_rows(files / "members.parquet", MEMBERS, [(*key, AT) for key in people[::2]])},
            )
        )
    change = SpanChange(
        AT.replace(tzinfo=UTC), None, None, erase=write_rows(folder / "erase.parquet", KEYS, sorted(keys))
    )
    (folder / "out").mkdir()
    with load(change, 6) as loaded:
        return loaded.merge(group, folder / "out")


def left(path: Path | None) -> list[Key]:
    assert path is not None
    return [row[:2] for row in read_rows(path)]


def test_only_the_objects_that_hold_an_erased_identity_are_written_anew(tmp_path: Path) -> None:
    first, second = erased(tmp_path, [(SECOND + 3, 3), (7, 8)])
    assert (first.profiles, first.memberships, second.memberships) == (None, {}, {})
    assert left(second.profiles) == [(SECOND + number, number) for number in range(ROWS) if number != 3]


def test_the_rows_left_keep_their_order_however_many_are_erased(tmp_path: Path) -> None:
    keys = [(number, number) for number in range(50 * ROWS) if number % 10]
    first, second = erased(tmp_path, keys)
    assert left(first.profiles) == [(number, number) for number in range(0, ROWS, 10)]
    assert left(first.memberships["seg"].path) == left(first.profiles)
    assert (second.profiles, second.memberships) == (None, {})


def test_rows_of_several_row_groups_keep_their_order(tmp_path: Path) -> None:
    """Threads read a row group each, and hand its rows on as they come."""
    rows = 3 * ROW_GROUP
    profiles = tmp_path / "profiles.parquet"
    with connect() as connection:
        unset = ", ".join(f"NULL::{kind} AS {name}" for name, kind in islice(layout.PROFILE_COLUMNS.items(), 4, None))
        write(
            connection,
            f"SELECT i AS hi, i AS lo, 1::SMALLINT AS namespace, 'v'::BLOB AS value, {unset}"
            f" FROM range({rows}) AS people(i)",
            profiles,
        )
    erase = write_rows(tmp_path / "erase.parquet", KEYS, [(1, 1), (rows - 1, rows - 1)])
    with load(SpanChange(AT.replace(tzinfo=UTC), None, None, erase=erase), 6) as loaded:
        (merged,) = loaded.merge([CurrentBucket(0, profiles)], tmp_path)
    assert left(merged.profiles) == [(number, number) for number in range(rows - 1) if number != 1]


def test_those_who_leave_a_segment_are_counted_by_their_profiles_namespaces(tmp_path: Path) -> None:
    first, _ = erased(tmp_path, [(number, number) for number in range(5)])
    assert (first.memberships["seg"].realized, first.memberships["seg"].exited) == ({}, {1: 3})
