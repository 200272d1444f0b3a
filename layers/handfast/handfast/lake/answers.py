"""Consent answers of people of whom no identity is known yet: `answers/`, by the key of their profile id.

Of two answers the later given counts, of two given at once the stricter.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.governance.consent import STRICTEST_FIRST
from handfast.identity import keys as identity_keys
from handfast.identity.keys import Key
from handfast.lake import buckets, layout
from handfast.lake.duck import Connection, connect, create_table, create_words, parquet, relation, timestamp, write
from handfast.lake.transfers import parallel
from handfast.platform import objects
from handfast.platform.objects import LostRaceError, ObjectVersion

_RACES = 8
_RULES = """
CREATE MACRO in_force(old, old_at, new, new_at) AS CASE
    WHEN new IS NULL OR old = new THEN coalesce(old, new)
    WHEN old IS NULL OR old_at IS NULL OR new_at > old_at THEN new
    WHEN new_at = old_at THEN CAST(least(CAST(old AS answer), CAST(new AS answer)) AS VARCHAR)
    ELSE old
END;
CREATE MACRO weight(share, given_at) AS
    epoch_us(coalesce(given_at, TIMESTAMP '1970-01-01')) * 16 - enum_code(CAST(share AS answer))
"""
_ADDED = """
    SELECT * EXCLUDE (old_share, old_at, new_at), CASE WHEN share = old_share THEN old_at ELSE new_at END AS share_at
    FROM (
        SELECT hi, lo, in_force(old.share, old.share_at, named.share, named.share_at) AS share,
            old.share AS old_share, old.share_at AS old_at, named.share_at AS new_at
        FROM old FULL JOIN named USING (hi, lo)
    )
    ORDER BY hi, lo
"""
_FORGOTTEN = "SELECT * FROM old ANTI JOIN named USING (hi, lo) ORDER BY hi, lo"


def create_rules(connection: Connection) -> None:
    """Create the type `answer` and the macros by which answers are compared.

    `in_force`: which of two answers counts. `weight(share, at)`: the greatest of several is the one in force.
    """
    create_words(connection, "answer", STRICTEST_FIRST)
    connection.execute(_RULES)


def key(secret: bytes, profile_id: str) -> Key:
    """The key that a person's answer is kept by."""
    return identity_keys.key(secret, identity_keys.PROFILE_ID, profile_id.encode())


def add(sandbox_id: str, answers: Path) -> None:
    """Keep the answers of a Parquet file of `layout.ANSWER_COLUMNS`; a repeat changes nothing."""
    with connect() as connection:
        create_rules(connection)
        connection.execute(f"CREATE TABLE given AS SELECT * FROM {parquet([answers])}")
        _rewrite(sandbox_id, connection, _ADDED)


def give(sandbox_id: str, keys: Iterable[Key], share: str, at: datetime) -> None:
    """Keep one answer of people."""
    rows = [(*key, share, timestamp(at)) for key in sorted(set(keys))]
    with connect() as connection:
        create_rules(connection)
        create_table(connection, "given", layout.ANSWER_COLUMNS, rows)
        _rewrite(sandbox_id, connection, _ADDED)


def forget(sandbox_id: str, keys: Iterable[Key]) -> None:
    """Keep the answers of these people no longer."""
    with connect() as connection:
        create_table(connection, "given", layout.KEY_COLUMNS, list(keys))
        _rewrite(sandbox_id, connection, _FORGOTTEN)


def download(sandbox_id: str, folder: Path, keys: Iterable[Key] | None = None) -> list[Path]:
    """The objects that hold the answers of some people, or of all, as local files."""
    listed = dict(buckets.listing(layout.answers(sandbox_id)))
    if keys is not None:
        named = buckets.by_bucket(keys)
        listed = {bucket: stored for bucket, stored in listed.items() if bucket in named}
    return [path for path, _ in buckets.download(listed, folder, "answers").values()]


def _rewrite(sandbox_id: str, connection: Connection, statement: str) -> None:
    """Write the buckets that the table `given` concerns anew, where the statement makes them different."""
    bits = buckets.bucket_bits()
    left = [
        bucket for (bucket,) in connection.execute(f"SELECT DISTINCT {buckets.bucket_sql(bits)} FROM given").fetchall()
    ]
    for _ in range(_RACES):
        if not left:
            return
        listed = dict(buckets.listing(layout.answers(sandbox_id)))
        with TemporaryDirectory() as folder:
            paths, read = _new_buckets(connection, statement, sorted(left), listed, Path(folder))
            written = parallel(lambda bucket: _is_written(sandbox_id, bucket, paths[bucket], read.get(bucket)), paths)  # noqa: B023
        left = [bucket for bucket, is_written in zip(paths, written, strict=True) if not is_written]
    if left:
        raise LostRaceError(layout.answers(sandbox_id))


def _new_buckets(
    connection: Connection, statement: str, left: Iterable[int], listed: Mapping[int, ObjectVersion], folder: Path
) -> tuple[dict[int, Path], dict[int, ObjectVersion]]:
    bits = buckets.bucket_bits()
    files = buckets.download({bucket: listed[bucket] for bucket in left if bucket in listed}, folder, "old")
    paths: dict[int, Path] = {}
    for bucket in left:
        within = buckets.within_sql(buckets.key_range(bucket, bits))
        old = relation([files[bucket][0]] if bucket in files else [], layout.ANSWER_COLUMNS)
        connection.execute(f"CREATE OR REPLACE TABLE old AS SELECT * FROM {old}")
        connection.execute(f"CREATE OR REPLACE TABLE named AS SELECT * FROM given WHERE {within}")
        connection.execute(f"CREATE OR REPLACE TABLE new AS {statement}")
        ((is_same,),) = connection.execute(
            "SELECT NOT EXISTS (FROM (FROM old EXCEPT FROM new) UNION ALL FROM (FROM new EXCEPT FROM old))"
        ).fetchall()
        if not is_same:
            paths[bucket] = folder / buckets.object_key("new-", bucket)
            write(connection, "FROM new", paths[bucket])
    return paths, {bucket: stored for bucket, (_, stored) in files.items()}


def _is_written(sandbox_id: str, bucket: int, path: Path, replaces: ObjectVersion | None) -> bool:
    try:
        objects.write_file(buckets.object_key(layout.answers(sandbox_id), bucket), path, replaces=replaces)
    except LostRaceError:
        return False
    return True
