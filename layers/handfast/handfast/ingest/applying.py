"""A change applied to a span's buckets, over local files.

What a bucket's profiles and a segment's members are afterwards is decided by `profiles.sql` and `members.sql` beside
this module.
"""

# ruff: noqa: S608 - statements are built from quoted names, numbers and this module's own text
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb

from handfast.identity.keys import key_range
from handfast.ingest.models import BucketFiles, BucketMerged, MembersMerged, SpanChange
from handfast.platform.duck import connect, literal, timestamp, write

_PROFILES = {
    "hi": "BIGINT",
    "lo": "BIGINT",
    "namespace": "SMALLINT",
    "value": "BLOB",
    "profile_id": "VARCHAR",
    "share": "VARCHAR",
    "profile_share": "VARCHAR",
    "share_at": "TIMESTAMP",
    "attributes": "VARCHAR",
}
_CHANGED_MEMBERS = {"hi": "BIGINT", "lo": "BIGINT", "segment": "VARCHAR", "realized": "BOOLEAN"}
_MEMBERS = {"hi": "BIGINT", "lo": "BIGINT", "since": "TIMESTAMP"}
_KEYS = {"hi": "BIGINT", "lo": "BIGINT"}
_STREAM = {
    "profiles": "STRUCT(hi BIGINT[], lo BIGINT[], namespace SMALLINT[], value VARCHAR[], profile_id VARCHAR[],"
    " share VARCHAR[])",
    "memberships": "STRUCT(hi BIGINT[], lo BIGINT[], segment VARCHAR[], realized BOOLEAN[])",
}


class LoadedChange:
    """A span's part of a change, ready to be merged into its buckets."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, change: SpanChange, bucket_bits: int) -> None:
        self._connection = connection
        self._change = change
        self._bits = bucket_bits
        self._bucket = f"(hi >> {64 - bucket_bits}) & {(1 << bucket_bits) - 1}"

    def buckets(self) -> dict[int, list[str]]:
        """The buckets that the change names identities of, and the segments it names there (none when it erases)."""
        rows = self._connection.execute(
            f"SELECT DISTINCT {self._bucket}, NULL FROM change_profiles UNION ALL"
            f" SELECT DISTINCT {self._bucket}, NULL FROM change_erase UNION ALL"
            f" SELECT DISTINCT {self._bucket}, segment FROM change_members ORDER BY 1, 2"
        ).fetchall()
        buckets: dict[int, list[str]] = {}
        for bucket, segment in rows:
            buckets.setdefault(bucket, []).extend([segment] if segment is not None else [])
        return buckets

    def merge(self, group: Sequence[BucketFiles], out_dir: Path) -> list[BucketMerged]:
        """Apply the change to some buckets, whose rows should fit into memory together.

        `memberships` of each must hold, where there is one, the object of each segment that the change names in it
        and of the snapshot's, and of every segment for a change that erases. What becomes different is written below
        `out_dir`.
        """
        self._relate(group)
        parameters = {"at": timestamp(self._change.at), "snapshot": self._change.snapshot_segment}
        self._connection.execute(f"CREATE OR REPLACE TABLE members AS {_statement('members')}", parameters)
        profiles = self._write_profiles(group, out_dir)
        memberships = self._write_members(out_dir)
        return [
            BucketMerged(files.bucket, profiles.get(files.bucket), memberships.get(files.bucket, {})) for files in group
        ]

    def _relate(self, group: Sequence[BucketFiles]) -> None:
        buckets = ", ".join(str(files.bucket) for files in group)
        suppressions = _relation([files.suppressions for files in group], _KEYS)
        suppressed = "FALSE"
        if any(files.suppressions for files in group):
            suppressed = (
                f"EXISTS (SELECT 1 FROM {suppressions} AS s WHERE s.hi = c.hi AND s.lo = c.lo AND s.reason = 'erasure')"
            )
        within = f"{self._bucket} IN ({buckets})"
        by_segment: dict[str, list[Path]] = {}
        for files in group:
            for segment, path in files.memberships.items():
                by_segment.setdefault(segment, []).append(path)
        members = " UNION ALL ".join(
            f"SELECT {literal(segment)} AS segment, hi, lo, since FROM {_relation(paths, _MEMBERS)}"
            for segment, paths in by_segment.items()
        )
        new_members = f"SELECT * FROM change_members AS c WHERE {within} AND NOT (realized AND {suppressed})"
        if self._change.erase is not None:
            new_members = (
                "SELECT hi, lo, segment, FALSE AS realized FROM old_members SEMI JOIN change_erase USING (hi, lo)"
            )
        for name, select in (
            ("old_profiles", f"SELECT * FROM {_relation([files.profiles for files in group], _PROFILES)}"),
            ("new_profiles", f"SELECT * FROM change_profiles AS c WHERE {within} AND NOT {suppressed}"),
            ("old_members", members or f"SELECT * FROM {_relation([], {'segment': 'VARCHAR'} | _MEMBERS)}"),
            ("new_members", new_members),
        ):
            self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {select}")

    def _write_profiles(self, group: Sequence[BucketFiles], out_dir: Path) -> dict[int, Path]:
        if self._change.erase is not None:
            return self._erase_profiles(out_dir)
        named = self.buckets()
        fresh = [f.bucket for f in group if f.profiles is None and f.suppressions is None and f.bucket in named]
        changed = dict.fromkeys(fresh, "new_profiles")
        if len(fresh) < len(group):
            self._connection.execute(f"CREATE OR REPLACE TABLE profiles AS {_statement('profiles')}")
            rows = self._connection.execute(f"SELECT DISTINCT {self._bucket} FROM profiles WHERE changed").fetchall()
            changed |= {bucket: "profiles" for (bucket,) in rows if bucket not in changed}
        return {
            bucket: self._write(
                bucket,
                f"SELECT {', '.join(_PROFILES)} FROM {table} WHERE TRUE",
                out_dir / f"profiles-{bucket:05d}.parquet",
            )
            for bucket, table in sorted(changed.items())
        }

    def _erase_profiles(self, out_dir: Path) -> dict[int, Path]:
        rows = self._connection.execute(
            f"SELECT DISTINCT {self._bucket} FROM old_profiles SEMI JOIN change_erase USING (hi, lo) ORDER BY 1"
        ).fetchall()
        left = f"SELECT {', '.join(_PROFILES)} FROM old_profiles ANTI JOIN change_erase USING (hi, lo) WHERE TRUE"
        self._connection.execute(f"CREATE OR REPLACE TABLE profiles AS {left} ORDER BY hi, lo")
        return {
            bucket: self._write(bucket, "SELECT * FROM profiles WHERE TRUE", out_dir / f"profiles-{bucket:05d}.parquet")
            for (bucket,) in rows
        }

    def _write_members(self, out_dir: Path) -> dict[int, dict[str, MembersMerged]]:
        counts = self._connection.execute(
            f"""
            SELECT bucket, segment, change, coalesce(new.namespace, old.namespace, 0), count(*)
            FROM (SELECT {self._bucket} AS bucket, * FROM members WHERE change <> 'kept') AS members
            LEFT JOIN new_profiles AS new ON new.hi = members.hi AND new.lo = members.lo
            LEFT JOIN old_profiles AS old ON old.hi = members.hi AND old.lo = members.lo
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
            """
        ).fetchall()
        came_and_went: dict[tuple[int, str], dict[str, dict[int, int]]] = {}
        for bucket, segment, change, namespace, count in counts:
            changes = came_and_went.setdefault((bucket, segment), {"realized": {}, "exited": {}})
            changes[change][namespace] = count
        merged: dict[int, dict[str, MembersMerged]] = {}
        for (bucket, segment), changes in came_and_went.items():
            select = f"SELECT hi, lo, since FROM members WHERE segment = {literal(segment)} AND change <> 'exited'"
            path = self._write(bucket, select, out_dir / f"members-{bucket:05d}-{segment}.parquet")
            merged.setdefault(bucket, {})[segment] = MembersMerged(path, changes["realized"], changes["exited"])
        return merged

    def _write(self, bucket: int, select: str, path: Path) -> Path:
        low, high = key_range(bucket, self._bits)
        write(self._connection, f"{select} AND hi BETWEEN {low} AND {high}", path)
        return path


@contextmanager
def load(change: SpanChange, bucket_bits: int, work_dir: Path) -> Iterator[LoadedChange]:
    """Read a change's files; the result holds until the context ends."""
    with connect(work_dir) as connection:
        profiles, members = _relation([change.profiles], _PROFILES), _relation([change.memberships], _CHANGED_MEMBERS)
        if change.stream is not None:
            stream = f"read_json({literal(change.stream)}, columns={_STREAM!r})"
            profiles, members = _stream_profiles(stream, change), _stream_members(stream)
        connection.execute(f"CREATE VIEW change_profiles AS SELECT * FROM {profiles}")
        connection.execute(f"CREATE VIEW change_members AS SELECT * FROM {members}")
        connection.execute(f"CREATE TABLE change_erase AS SELECT hi, lo FROM {_relation([change.erase], _KEYS)}")
        yield LoadedChange(connection, change, bucket_bits)


def _stream_profiles(stream: str, change: SpanChange) -> str:
    columns = ", ".join(
        f"unnest(profiles.{name}) AS {name}" for name in ("hi", "lo", "namespace", "value", "profile_id", "share")
    )
    answered = f"CASE WHEN share IS NOT NULL THEN TIMESTAMP {literal(str(timestamp(change.at)))} END"
    return (
        f"(SELECT hi, lo, namespace, unhex(value) AS value, profile_id, share, CAST(NULL AS VARCHAR) AS profile_share,"
        f" {answered} AS share_at, CAST(NULL AS VARCHAR) AS attributes FROM (SELECT {columns} FROM {stream}))"
    )


def _stream_members(stream: str) -> str:
    columns = ", ".join(f"unnest(memberships.{name}) AS {name}" for name in _CHANGED_MEMBERS)
    return f"(SELECT {columns} FROM {stream})"


def removals(current: Sequence[Path], staged: Sequence[Path], segment: str, work_dir: Path) -> tuple[int, int]:
    """How many members a segment has now, and how many of them a staged snapshot of it would remove."""
    if not current:
        return 0, 0
    with connect(work_dir) as connection:
        ((members, leaving),) = connection.execute(
            f"""
            SELECT count(*), count(CASE WHEN staged.hi IS NULL THEN 1 END)
            FROM {_relation(current, _MEMBERS)} AS members
            LEFT JOIN (
                SELECT hi, lo FROM {_relation(staged, _CHANGED_MEMBERS)}
                WHERE segment = {literal(segment)} AND realized
            ) AS staged ON staged.hi = members.hi AND staged.lo = members.lo
            """
        ).fetchall()
    return members, leaving


@cache
def _statement(name: str) -> str:
    return (Path(__file__).parent / f"{name}.sql").read_text()


def _relation(files: Iterable[Path | None], columns: Mapping[str, str]) -> str:
    """A FROM item over the Parquet files that there are; without any, an empty one of the same columns."""
    paths = ", ".join(literal(path) for path in files if path is not None)
    if paths:
        return f"read_parquet([{paths}])"
    return f"(SELECT {', '.join(f'CAST(NULL AS {kind}) AS {name}' for name, kind in columns.items())} WHERE FALSE)"
