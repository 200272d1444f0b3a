"""Consent answers of people of whom no identity is known yet: `answers/`, by the key of their profile id.

Of two answers the later given counts, of two given at once the stricter.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.governance.consent import STRICTEST_FIRST
from handfast.identity import keys as identity_keys
from handfast.identity.keys import Key
from handfast.lake import buckets, layout, suppression_log
from handfast.lake.duck import Connection, connect, create_table, create_words, parquet, relation, timestamp, wire_time
from handfast.lake.rewriting import WITHOUT_NAMED, rewrite
from handfast.platform import clock

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


def create_rules(connection: Connection) -> None:
    """Create the type `answer` and the macros by which answers are compared.

    `in_force`: which of two answers counts. `weight(share, at)`: the greatest of several is the one in force.
    """
    create_words(connection, "answer", STRICTEST_FIRST)
    connection.execute(_RULES)


@dataclass(frozen=True)
class PersonAnswer:
    """An answer of a person, and when it was given (RFC 3339)."""

    share: str
    given_at: str


def key(secret: bytes, profile_id: str) -> Key:
    """The key that a person's answer is kept by."""
    return identity_keys.key(secret, identity_keys.PROFILE_ID, profile_id.encode())


def add(sandbox_id: str, answers: Path) -> None:
    """Keep the answers of a Parquet file of `layout.ANSWER_COLUMNS`; a repeat changes nothing."""
    with connect() as connection:
        create_rules(connection)
        connection.execute(f"CREATE TABLE given AS SELECT * FROM {parquet([answers])}")
        rewrite(connection, layout.answers(sandbox_id), layout.ANSWER_COLUMNS, _ADDED)


def give(sandbox_id: str, keys: Iterable[Key], share: str, at: datetime) -> None:
    """Keep one answer of people, given then."""
    rows = [(*key, share, timestamp(at)) for key in sorted(set(keys))]
    with connect() as connection:
        create_rules(connection)
        create_table(connection, "given", layout.ANSWER_COLUMNS, rows)
        rewrite(connection, layout.answers(sandbox_id), layout.ANSWER_COLUMNS, _ADDED)


def forget(sandbox_id: str, keys: Iterable[Key]) -> None:
    """Keep the answers of these people no longer."""
    with connect() as connection:
        now = timestamp(clock.now())
        create_table(connection, "given", {**layout.KEY_COLUMNS, "since": "TIMESTAMP"}, [(*key, now) for key in keys])
        suppression_log.append(sandbox_id, connection, "forget_answers")
        _forget(sandbox_id, connection)


def repeat_forgetting(sandbox_id: str, path: Path) -> None:
    """Do what an entry of the suppression log says once more; it is not written down again."""
    with connect() as connection:
        connection.execute(f"CREATE TABLE given AS SELECT hi, lo FROM {parquet([path])}")
        _forget(sandbox_id, connection)


def _forget(sandbox_id: str, connection: Connection) -> None:
    rewrite(connection, layout.answers(sandbox_id), layout.ANSWER_COLUMNS, WITHOUT_NAMED)


def find(sandbox_id: str, secret: bytes, profile_ids: Iterable[str]) -> dict[str, PersonAnswer]:
    """The answers that are kept of people, by their profile ids."""
    names = {key(secret, name): name for name in profile_ids}
    with TemporaryDirectory() as folder, connect() as connection:
        rows = relation(download(sandbox_id, Path(folder), names), layout.ANSWER_COLUMNS)
        create_table(connection, "named", layout.KEY_COLUMNS, list(names))
        found = connection.execute(
            f"SELECT hi, lo, share, {wire_time('share_at')} FROM {rows} SEMI JOIN named USING (hi, lo)"
        ).fetchall()
    return {names[hi, lo]: PersonAnswer(share, given_at) for hi, lo, share, given_at in found}


def download(sandbox_id: str, folder: Path, keys: Iterable[Key] | None = None) -> list[Path]:
    """The objects that hold the answers of some people, or of all, as local files."""
    listed = dict(buckets.listing(layout.answers(sandbox_id)))
    if keys is not None:
        named = buckets.by_bucket(keys)
        listed = {bucket: stored for bucket, stored in listed.items() if bucket in named}
    return [path for path, _ in buckets.download(listed, folder, "answers").values()]
