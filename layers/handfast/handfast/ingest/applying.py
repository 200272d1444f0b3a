"""A change applied to a span's buckets, over local files.

What a bucket's profiles and a segment's members are afterwards is decided by `profiles.sql` and `members.sql` beside
this module.
"""

# ruff: noqa: S608 - statements are built from quoted names, numbers and this module's own text
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path

from handfast.ingest import put_by
from handfast.ingest.erasing import erase
from handfast.ingest.plan import OVERWRITTEN, BucketMerged, CurrentBucket, MembersMerged, SpanChange
from handfast.lake import answers, layout, streaming
from handfast.lake.buckets import bucket_sql, key_range, object_key, within_sql
from handfast.lake.delta_log import Delta, DeltaLog, delta_logs, is_short, metadata
from handfast.lake.duck import (
    Connection,
    beside,
    connect,
    database,
    literal,
    relation,
    row_counts,
    timestamp,
    widened,
    write,
)
from handfast.platform import clock

_MEMBERS = {"segment": "VARCHAR", **layout.STORED_MEMBER_COLUMNS, "is_replaced": "BOOLEAN"}
_PATCHED = """
CREATE MACRO patched(old, new) AS CASE
    WHEN new IS NULL THEN old
    WHEN old IS NULL AND NOT contains(new, ':null') THEN new
    ELSE nullif(CAST(json_merge_patch(coalesce(old, '{}'), new) AS VARCHAR), '{}')
END
"""
_FRESH = "SELECT * REPLACE (patched(NULL, attributes) AS attributes)"


class LoadedChange:
    """A span's part of a change, ready to be merged into its buckets."""

    def __init__(self, connection: Connection, change: SpanChange, bucket_bits: int) -> None:
        self._connection = connection
        self._change = change
        self._bits = bucket_bits
        self._database = database(connection)
        self._logs: Mapping[Path, DeltaLog] = {}
        self._rows: Mapping[Path, int] = {}
        self._bucket = bucket_sql(bucket_bits)
        self._hour = clock.hours(change.at)

    @cached_property
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

    def merge(self, group: Sequence[CurrentBucket], out_dir: Path) -> list[BucketMerged]:
        """Apply the change to some buckets, whose rows should fit into memory together.

        `memberships` of each must hold, where there is one, the object of each segment that the change names in it
        and of the snapshot's, and of every segment for a change that erases. What becomes different is written below
        `out_dir`.
        """
        if self._change.erase is not None:
            return erase(self._connection, group, out_dir)
        self._relate(group)
        replaced = [path for files in group for path in files.versions]
        self._logs, self._rows = delta_logs(self._connection, replaced), row_counts(self._connection, replaced)
        self._merge_members(group)
        # One bucket's object is written by one thread.
        with ThreadPoolExecutor(os.process_cpu_count()) as pool:
            profiles = self._write_profiles(group, out_dir, pool)
            memberships = self._write_members({files.bucket: files for files in group}, out_dir, pool)
        return [
            BucketMerged(files.bucket, profiles.get(files.bucket), memberships.get(files.bucket, {})) for files in group
        ]

    def _relate(self, group: Sequence[CurrentBucket]) -> None:
        buckets = {files.bucket for files in group}
        suppressions = relation([files.suppressions for files in group], layout.SUPPRESSION_COLUMNS)
        suppressed = "FALSE"
        if any(files.suppressions for files in group):
            suppressed = (
                f"EXISTS (SELECT 1 FROM {suppressions} AS s WHERE s.hi = c.hi AND s.lo = c.lo AND s.reason = 'erasure')"
            )
        # Rows of other buckets are told apart only where there are some, as it takes longer than reading them.
        within = "TRUE" if buckets >= self.buckets.keys() else f"{self._bucket} IN ({', '.join(map(str, buckets))})"
        by_segment: dict[str, list[Path]] = {}
        for files in group:
            for segment, path in files.memberships.items():
                by_segment.setdefault(segment, []).append(path)
        members = " UNION ALL ".join(
            f"SELECT {literal(segment)} AS segment, hi, lo, since, put_by, {self._is_replaced(segment)} AS is_replaced"
            f" FROM {widened(paths, layout.STORED_MEMBER_COLUMNS)}"
            for segment, paths in by_segment.items()
        )
        for name, select in (
            ("old_profiles", f"SELECT * FROM {widened([f.profiles for f in group], layout.STORED_PROFILE_COLUMNS)}"),
            ("new_profiles", f"SELECT * FROM change_profiles AS c WHERE {within} AND NOT {suppressed}"),
            ("fresh_profiles", f"{_FRESH}, {self._hour} AS known_since FROM new_profiles WHERE value IS NOT NULL"),
            (
                "old_members",
                members or f"SELECT * FROM {relation((), _MEMBERS)}",
            ),
            (
                "new_members",
                f"SELECT * FROM change_members AS c WHERE {within} AND segment <> {literal(OVERWRITTEN)}"
                f" AND NOT (realized AND ({suppressed} OR {self._has_left}))",
            ),
        ):
            self._connection.execute(f"CREATE OR REPLACE VIEW {name} AS {select}")

    @property
    def _has_left(self) -> str:
        """SQL: whether who joins by a row `c` has left the segment later than the change tells of."""
        if self._change.as_of is None or not self._change.departures:
            return "FALSE"
        departures = relation(self._change.departures, layout.DEPARTURE_COLUMNS)
        later = f"d.left_at > TIMESTAMP '{timestamp(self._change.as_of)}'"
        same = "d.hi = c.hi AND d.lo = c.lo AND d.segment = c.segment"
        return f"EXISTS (SELECT 1 FROM {departures} AS d WHERE {same} AND {later})"

    def _is_replaced(self, segment: str) -> str:
        """SQL: whether a member of a segment leaves it where the change does not name the segment."""
        if segment not in self._change.replaced_segments:
            return "FALSE"
        return f"(hi, lo) IN (SELECT hi, lo FROM change_members WHERE segment = {literal(OVERWRITTEN)})"

    def _merge_members(self, group: Sequence[CurrentBucket]) -> None:
        at = timestamp(self._change.at)
        self._connection.execute("DROP VIEW IF EXISTS members; DROP TABLE IF EXISTS merged_members")
        if any(files.memberships for files in group):
            as_of = timestamp(self._change.as_of) if self._change.as_of else None
            parameters = {"at": at, "snapshot": self._change.snapshot_segment, "as_of": as_of}
            self._connection.execute(f"CREATE TABLE merged_members AS {_statement('members')}", parameters)
            select = "SELECT * FROM merged_members"
        else:
            select = (
                f"SELECT segment, hi, lo, TIMESTAMP {literal(str(at))} AS since, 'realized' AS change, namespace,"
                " put_by_it() AS put_by, FALSE AS is_put_otherwise FROM new_members WHERE realized"
            )
        self._connection.execute(f"CREATE VIEW members AS {select}")

    def _write_profiles(
        self, group: Sequence[CurrentBucket], out_dir: Path, pool: ThreadPoolExecutor
    ) -> dict[int, Path]:
        fresh = [f.bucket for f in group if f.profiles is None and f.suppressions is None and f.bucket in self.buckets]
        changed = dict.fromkeys(fresh, "fresh_profiles")
        if len(fresh) < len(group):
            parameters = {"hour": self._hour}
            self._connection.execute(f"CREATE OR REPLACE TABLE profiles AS {_statement('profiles')}", parameters)
            rows = self._connection.execute(f"SELECT DISTINCT {self._bucket} FROM profiles WHERE changed").fetchall()
            changed |= {bucket: "profiles" for (bucket,) in rows if bucket not in changed}
        rows_changed = self._profile_deltas() if len(fresh) < len(group) else {}

        def write_bucket(files: CurrentBucket) -> Path:
            delta = "SELECT * FROM profile_deltas WHERE TRUE"
            footer = self._footer(files, files.profiles, delta, rows_changed.get(files.bucket, 0))
            select = f"SELECT {', '.join(layout.STORED_PROFILE_COLUMNS)} FROM {changed[files.bucket]} WHERE TRUE"
            return self._write(files.bucket, select, out_dir / object_key("profiles-", files.bucket), footer)

        different = [files for files in group if files.bucket in changed]
        return dict(zip([files.bucket for files in different], pool.map(write_bucket, different), strict=True))

    def _profile_deltas(self) -> Mapping[int, int]:
        """Gather the profiles whose answers change, as they were; how many each bucket has."""
        self._connection.execute(
            """
            CREATE OR REPLACE TABLE profile_deltas AS
            SELECT new.hi, new.lo, old.namespace, old.share, old.profile_share
            FROM profiles AS new LEFT JOIN old_profiles AS old ON old.hi = new.hi AND old.lo = new.lo
            WHERE new.changed AND (
                old.hi IS NULL
                OR new.share IS DISTINCT FROM old.share
                OR new.profile_share IS DISTINCT FROM old.profile_share
            )
            """
        )
        counts = self._connection.execute(f"SELECT {self._bucket}, count(*) FROM profile_deltas GROUP BY 1").fetchall()
        return dict(counts)

    def _footer(
        self, files: CurrentBucket, replaced: Path | None, select: str, rows_changed: int
    ) -> Mapping[str, str] | None:
        """The footer's account of what a bucket's object changes over the version that it replaces, if it is short."""
        version = files.versions.get(replaced) if replaced else None
        if replaced is None or version is None or not is_short(rows_changed, self._rows[replaced]):
            return None
        delta = Delta(version, self._write(files.bucket, select, replaced.with_suffix(".delta")).read_bytes())
        return metadata((*self._logs[replaced], delta), self._rows[replaced])

    def _write_members(
        self, group: Mapping[int, CurrentBucket], out_dir: Path, pool: ThreadPoolExecutor
    ) -> dict[int, dict[str, MembersMerged]]:
        counts = self._connection.execute(
            f"""
            SELECT bucket, segment, change, coalesce(members.namespace, old.namespace, 0), count(*)
            FROM (SELECT {self._bucket} AS bucket, * FROM members WHERE change <> 'kept' OR is_put_otherwise) AS members
            LEFT JOIN old_profiles AS old
                ON members.namespace IS NULL AND old.hi = members.hi AND old.lo = members.lo
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
            """
        ).fetchall()
        came_and_went: dict[tuple[int, str], dict[str, dict[int, int]]] = {}
        for bucket, segment, change, namespace, count in counts:
            changes = came_and_went.setdefault((bucket, segment), {"realized": {}, "exited": {}})
            if change != "kept":
                changes[change][namespace] = count

        def write_members(place: tuple[int, str]) -> Path:
            bucket, segment = place
            select = (
                f"SELECT hi, lo, since, put_by FROM members WHERE segment = {literal(segment)} AND change <> 'exited'"
            )
            delta = (
                "SELECT hi, lo, change = 'realized' AS realized FROM members"
                f" WHERE segment = {literal(segment)} AND change <> 'kept'"
            )
            rows_changed = sum(sum(counts.values()) for counts in came_and_went[place].values())
            footer = self._footer(group[bucket], group[bucket].memberships.get(segment), delta, rows_changed)
            return self._write(bucket, select, out_dir / object_key(f"members-{segment}-", bucket), footer)

        merged: dict[int, dict[str, MembersMerged]] = {}
        for (bucket, segment), path in zip(came_and_went, pool.map(write_members, came_and_went), strict=True):
            changes = came_and_went[bucket, segment]
            merged.setdefault(bucket, {})[segment] = MembersMerged(path, changes["realized"], changes["exited"])
        return merged

    def _write(self, bucket: int, select: str, path: Path, footer: Mapping[str, str] | None = None) -> Path:
        within = within_sql(key_range(bucket, self._bits))
        with beside(self._connection, self._database) as connection:
            write(connection, f"{select} AND {within}", path, footer)
        return path


@contextmanager
def load(change: SpanChange, bucket_bits: int) -> Iterator[LoadedChange]:
    """Read a change's files; the result holds until the context ends."""
    with connect() as connection:
        profiles, members = (
            relation([change.profiles], layout.PROFILE_COLUMNS),
            relation([change.memberships], streaming.MEMBERS),
        )
        kept = "VIEW"
        if change.stream is not None:
            kept = "TABLE"
            profiles, members = streaming.profiles_sql(change.stream), streaming.members_sql(change.stream)
        answers.create_rules(connection)
        put_by.create_rules(connection, change.source_id, change.sources)
        connection.execute(_PATCHED)
        connection.execute(f"CREATE {kept} change_profiles AS SELECT * FROM {profiles}")
        # Many small statements read the members, for which opening the file each time would take longer than copying.
        connection.execute(f"CREATE TABLE change_members AS SELECT * FROM {members}")
        connection.execute(
            f"CREATE TABLE change_erase AS SELECT hi, lo FROM {relation([change.erase], layout.KEY_COLUMNS)}"
        )
        yield LoadedChange(connection, change, bucket_bits)


def segments_of(memberships: Sequence[Path]) -> list[str]:
    """The segments that a change's rows of memberships speak of."""
    with connect() as connection:
        rows = connection.execute(f"SELECT DISTINCT segment FROM {relation(memberships, streaming.MEMBERS)}").fetchall()
    return sorted(str(segment) for (segment,) in rows if segment != OVERWRITTEN)


def removals(
    current: Sequence[Path],
    staged: Sequence[Path],
    segment: str,
    *,
    as_of: datetime | None = None,
    source_id: str | None = None,
    sources: Collection[str] = (),
) -> tuple[int, int]:
    """How many members of a segment a staged snapshot may remove, and how many it would; as of then, by its source."""
    if not current:
        return 0, 0
    later = f"since > TIMESTAMP '{timestamp(as_of)}'" if as_of else "FALSE"
    with connect() as connection:
        put_by.create_rules(connection, source_id, sources)
        ((members, leaving),) = connection.execute(
            f"""
            SELECT count(*), count(CASE WHEN staged.hi IS NULL AND NOT {later} THEN 1 END)
            FROM {widened(current, layout.STORED_MEMBER_COLUMNS)} AS members
            LEFT JOIN (
                SELECT hi, lo FROM {relation(staged, streaming.MEMBERS)}
                WHERE segment = {literal(segment)} AND realized IS NOT FALSE
            ) AS staged ON staged.hi = members.hi AND staged.lo = members.lo
            WHERE put_by_others(put_by) = []
            """
        ).fetchall()
    return members, leaving


def additions(current: Sequence[Path], staged: Sequence[Path]) -> tuple[int, int]:
    """How many identities profiles have now, and how many that staged ones have they do not."""
    known, named = (relation(paths, layout.KEY_COLUMNS) for paths in (current, staged))
    with connect() as connection:
        ((count, new),) = connection.execute(
            f"SELECT (SELECT count(*) FROM {known} k), (SELECT count(*) FROM (SELECT DISTINCT hi, lo FROM {named} s)"
            f" ANTI JOIN (SELECT hi, lo FROM {known} k) USING (hi, lo))"
        ).fetchall()
    return count, new


@cache
def _statement(name: str) -> str:
    return (Path(__file__).parent / f"{name}.sql").read_text()
