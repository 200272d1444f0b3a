"""Objects that are changed in place, bucket by bucket, however many writers there are: each write is conditional."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Iterable, Mapping
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from handfast.lake import buckets
from handfast.lake.duck import Connection, widened, write
from handfast.lake.transfers import parallel
from handfast.platform import objects
from handfast.platform.objects import LostRaceError, ObjectVersion

WITHOUT_NAMED = "SELECT * FROM old ANTI JOIN named USING (hi, lo) ORDER BY ALL"
"""The statement of a rewriting after which nothing of the identities given is left."""

_RACES = 8
AT_ONCE = 64
"""Buckets read together."""


def rewrite(
    connection: Connection,
    prefix: str,
    columns: Mapping[str, str],
    statement: str,
    parameters: Mapping[str, Any] | None = None,
) -> None:
    """Write the buckets that the connection's relation `given` names anew, where the statement makes them different.

    The statement makes the new rows, in order, of the tables `old` (`columns`, what the buckets hold) and `named`
    (the rows of `given` that fall into them). Raises LostRaceError when others change the buckets all the time.
    """
    bucket = buckets.bucket_sql(buckets.bucket_bits())
    left = [number for (number,) in connection.execute(f"SELECT DISTINCT {bucket} FROM given ORDER BY 1").fetchall()]
    for _ in range(_RACES):
        listed = dict(buckets.listing(prefix)) if left else {}
        lost: list[int] = []
        for part in batched(left, AT_ONCE, strict=False):
            with TemporaryDirectory() as folder:
                versions = {number: listed[number] for number in part if number in listed}
                read = read_old(connection, versions, columns, Path(folder))
                named = f"SELECT * FROM given WHERE {bucket} IN ({', '.join(map(str, part))})"
                connection.execute(f"CREATE OR REPLACE TABLE named AS {named}")
                connection.execute(f"CREATE OR REPLACE TABLE new AS {statement}", parameters or {})
                lost += _put(connection, prefix, read, Path(folder))
        left = lost
        if not left:
            return
    raise LostRaceError(prefix)


def read_old(
    connection: Connection, listed: Mapping[int, ObjectVersion], columns: Mapping[str, str], folder: Path
) -> dict[int, ObjectVersion]:
    """Make the objects the table `old`, in which a column that an object lacks is null; returns the versions read."""
    files = buckets.download(listed, folder, "old")
    rows = widened([path for path, _ in files.values()], columns)
    connection.execute(f"CREATE OR REPLACE TABLE old AS SELECT * FROM {rows}")
    return {number: stored for number, (_, stored) in files.items()}


def _put(connection: Connection, prefix: str, read: Mapping[int, ObjectVersion], folder: Path) -> Iterable[int]:
    """Write the buckets in which `new` is not `old`; returns those that another writer has changed meanwhile."""
    bits = buckets.bucket_bits()
    changed = connection.execute(
        f"SELECT DISTINCT {buckets.bucket_sql(bits)}"
        " FROM (FROM (FROM old EXCEPT FROM new) UNION ALL FROM (FROM new EXCEPT FROM old)) ORDER BY 1"
    ).fetchall()
    paths = {number: folder / buckets.object_key("new-", number) for (number,) in changed}
    for number, path in paths.items():
        write(connection, f"FROM new WHERE {buckets.within_sql(buckets.key_range(number, bits))}", path)

    def put(number: int) -> bool:
        try:
            objects.write_file(buckets.object_key(prefix, number), paths[number], replaces=read.get(number))
        except LostRaceError:
            return False
        return True

    return [number for number, is_written in zip(paths, parallel(put, paths), strict=True) if not is_written]
