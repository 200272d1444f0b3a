"""Identities taken out of a span's buckets, over local files: only the objects that hold one are written anew."""

# ruff: noqa: S608 - statements are built from quoted names, numbers and this module's own text
from collections.abc import Iterable, Sequence
from pathlib import Path

from handfast.ingest.plan import BucketMerged, CurrentBucket, MembersMerged
from handfast.lake.buckets import object_key
from handfast.lake.duck import Connection, parquet, write


def erase(connection: Connection, group: Sequence[CurrentBucket], out_dir: Path) -> list[BucketMerged]:
    """Take the identities of the table `change_erase` out of some buckets, and write what is different.

    Members are counted by the namespaces of their profiles, so profiles must not have lost them before.
    """
    profiles = [files.profiles for files in group if files.profiles]
    members = [path for files in group for path in files.memberships.values()]
    connection.execute("CREATE OR REPLACE TABLE gone (hi BIGINT, lo BIGINT, namespace SMALLINT, file VARCHAR)")
    if profiles:
        connection.execute(f"INSERT INTO gone SELECT hi, lo, namespace, filename FROM {_erased(profiles)}")
    holding = {Path(name) for (name,) in connection.execute("SELECT DISTINCT file FROM gone").fetchall()}
    exited = _exited(connection, members) if members else {}
    merged = []
    for files in group:
        memberships = {
            segment: MembersMerged(
                _without(connection, path, out_dir / object_key(f"members-{segment}-", files.bucket)), {}, exited[path]
            )
            for segment, path in files.memberships.items()
            if path in exited
        }
        kept = None
        if files.profiles in holding:
            kept = _without(connection, files.profiles, out_dir / object_key("profiles-", files.bucket))
        merged.append(BucketMerged(files.bucket, kept, memberships))
    return merged


def _erased(files: Iterable[Path]) -> str:
    return f"{parquet(files)} SEMI JOIN change_erase USING (hi, lo)"


def _exited(connection: Connection, files: Sequence[Path]) -> dict[Path, dict[int, int]]:
    """How many members each file loses, by the code of their namespace; 0 for those without a profile."""
    rows = connection.execute(
        f"""
        SELECT members.filename, coalesce(gone.namespace, 0), count(*)
        FROM (SELECT filename, hi, lo FROM {_erased(files)}) AS members LEFT JOIN gone USING (hi, lo)
        GROUP BY 1, 2 ORDER BY 1, 2
        """
    ).fetchall()
    counts: dict[Path, dict[int, int]] = {}
    for name, namespace, count in rows:
        counts.setdefault(Path(name), {})[namespace] = count
    return counts


def _without(connection: Connection, path: Path, out: Path) -> Path:
    write(connection, f"FROM {parquet([path])} ANTI JOIN change_erase USING (hi, lo) ORDER BY hi, lo", out)
    return out
