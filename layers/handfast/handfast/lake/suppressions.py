"""The suppressed identities of a sandbox, by key alone: `suppressions/`.

`erasure`: ingest refuses the identity, sharing leaves it out, and disclosures hold its value no longer.
`opt_out`: ingest keeps it, sharing leaves it out. Erasure outweighs.
What is suppressed `towards` a partner, by its key, is another list: ingest does not look at it, and sharing only in
dataflows between the two.

The person's last word counts, in whatever order words are carried out: each row has the time of the word, a `release`
or `release_erasure` lifts what was said before it, and stays as a row of its own, so that nothing said before it comes
into force later. Of words of one time the stricter counts. `listed_by` is the work item of DROP by whose list alone a
row stands. A release of an item lifts what stands by that item, a `release_erasure` its erasure alone; one without an
item lifts all.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from handfast.identity.keys import Key
from handfast.lake import buckets, layout, suppression_log
from handfast.lake.duck import Connection, connect, create_table, timestamp, widened, wire_time
from handfast.lake.rewriting import AT_ONCE, read_old, rewrite
from handfast.platform import objects
from handfast.platform.objects import ObjectVersion

type Reason = Literal["erasure", "opt_out"]
type Release = Literal["release", "release_erasure"]
type Word = tuple[Key, datetime, str | None]
"""An identity, when the person said it, and the work item of DROP by which alone it was said."""

IN_FORCE = "reason IN ('erasure', 'opt_out')"
"""SQL: whether a row suppresses; the others are releases."""
_WORDS = {**layout.KEY_COLUMNS, "since": "TIMESTAMP", "listed_by": "VARCHAR"}
_SAID = """
    WITH said AS (
        SELECT hi, lo, reason, listed_by, max(since) AS since
        FROM (FROM old UNION ALL BY NAME SELECT *, $reason AS reason FROM named)
        GROUP BY ALL
    ),
    weighed AS (
        SELECT *,
            max(since) FILTER (reason = 'release_erasure' AND listed_by IS NULL) OVER person AS all_lifted,
            max(since) FILTER (reason = 'release' AND listed_by IS NULL) OVER person AS opt_out_lifted,
            max(since) FILTER (reason = 'release_erasure') OVER item AS item_lifted,
            max(since) FILTER (reason = 'release') OVER item AS item_opt_out_lifted
        FROM said WINDOW person AS (PARTITION BY hi, lo), item AS (PARTITION BY hi, lo, listed_by)
    )
    SELECT hi, lo, since, reason, listed_by FROM weighed
    WHERE reason IN ('release', 'release_erasure')
        OR coalesce(since >= CASE reason
            WHEN 'erasure' THEN greatest(all_lifted, item_lifted)
            ELSE greatest(all_lifted, opt_out_lifted, item_opt_out_lifted)
        END, TRUE)
    ORDER BY hi, lo, reason, listed_by NULLS FIRST
"""


def add(sandbox_id: str, keys: Iterable[Key], reason: Reason, since: datetime, *, towards: str | None = None) -> None:
    """Suppress identities of people who said so then, everywhere or `towards` the partner of that key alone.

    A repeat changes nothing.
    """
    say(sandbox_id, [(key, since, None) for key in keys], reason, towards=towards)


def add_file(sandbox_id: str, path: Path, reason: Reason, since: datetime) -> None:
    """Suppress the identities of a Parquet file, however many; a repeat changes nothing.

    Rows with the column `listed_by` stand by that work item of DROP alone.
    """
    with connect() as connection:
        rows = widened([path], layout.SUPPRESSION_COLUMNS)
        connection.execute(
            f"CREATE TABLE given AS SELECT DISTINCT hi, lo, ?::TIMESTAMP AS since, listed_by FROM {rows}",
            [timestamp(since)],
        )
        _say(sandbox_id, connection, reason, None)


def release(sandbox_id: str, keys: Iterable[Key], release: Release, since: datetime) -> None:
    """Lift what people said before they said otherwise: opt-outs, and with `release_erasure` erasures.

    What holds towards single partners is lifted by a `release_erasure` alone.
    """
    say(sandbox_id, [(key, since, None) for key in keys], release)


def say(sandbox_id: str, words: Iterable[Word], said: Reason | Release, *, towards: str | None = None) -> None:
    """`add` or `release` for people who said so at times of their own."""
    with connect() as connection:
        rows = sorted({(*key, timestamp(since), item) for key, since, item in words}, key=lambda row: row[:3])
        create_table(connection, "given", _WORDS, rows)
        _say(sandbox_id, connection, said, towards)


def _say(sandbox_id: str, connection: Connection, said: Reason | Release, towards: str | None) -> None:
    # First, so that the log never lacks what is in force.
    suppression_log.append(sandbox_id, connection, said, towards)
    _rewrite(sandbox_id, connection, said, towards)


def _rewrite(sandbox_id: str, connection: Connection, said: Reason | Release, towards: str | None) -> None:
    lists = [towards]
    if said == "release_erasure":
        lists += partners(sandbox_id)
    for partner in lists:
        rewrite(connection, _prefix(sandbox_id, partner), layout.SUPPRESSION_COLUMNS, _SAID, {"reason": said})
    if towards:
        _lift_towards(sandbox_id, connection, towards)


def _lift_towards(sandbox_id: str, connection: Connection, partner: str) -> None:
    """Lift what was released before a partner's list named it: looked at last, as a release writes its own list first.

    A release that comes after this look meets the list.
    """
    keys = connection.execute("SELECT DISTINCT hi, lo FROM given").fetchall()
    rows = _rows(sandbox_id, keys, "SELECT hi, lo, since, listed_by FROM old", "reason = 'release_erasure'")
    if rows:
        create_table(connection, "given", _WORDS, rows)
        prefix = _prefix(sandbox_id, partner)
        rewrite(connection, prefix, layout.SUPPRESSION_COLUMNS, _SAID, {"reason": "release_erasure"})


def _prefix(sandbox_id: str, towards: str | None) -> str:
    return layout.suppressions_towards(sandbox_id, towards) if towards else layout.suppressions(sandbox_id)


def repeat(sandbox_id: str, path: Path, decision: Reason | Release, *, towards: str | None = None) -> None:
    """Do what an entry of the log says once more; it is not written down again."""
    with connect() as connection:
        suppression_log.read(connection, path)
        _rewrite(sandbox_id, connection, decision, towards)


def listed_by(sandbox_id: str, items: Iterable[str]) -> dict[str, list[Key]]:
    """The identities that stand suppressed by work items of DROP, by the item."""
    found: dict[str, list[Key]] = {}
    wanted = [(item,) for item in items]
    for _, connection in _reading(dict(_listing(sandbox_id))) if wanted else ():
        create_table(connection, "wanted", {"listed_by": "VARCHAR"}, wanted)
        rows = connection.execute(
            f"SELECT DISTINCT listed_by, hi, lo FROM old SEMI JOIN wanted USING (listed_by) WHERE {IN_FORCE}"
        ).fetchall()
        for item, *key in rows:
            found.setdefault(item, []).append((key[0], key[1]))
    return found


def find(sandbox_id: str, keys: Iterable[Key], *, towards: str | None = None) -> dict[Key, Reason]:
    """Those of the identities that are suppressed, everywhere or `towards` the partner of that key, and why."""
    return {key: reason for key, (reason, _) in entries(sandbox_id, keys, towards=towards).items()}


def entries(sandbox_id: str, keys: Iterable[Key], *, towards: str | None = None) -> dict[Key, tuple[Reason, str]]:
    """Those of the identities that are suppressed as in `find`, why, and when that was said last (RFC 3339)."""
    select = f"SELECT hi, lo, reason, {wire_time('since')} FROM old"
    rows = sorted(
        _rows(sandbox_id, keys, select, IN_FORCE, towards=towards), key=lambda row: (row[2] == "erasure", row)
    )
    return {(hi, lo): (reason, since) for hi, lo, reason, since in rows}


def _rows(
    sandbox_id: str, keys: Iterable[Key], select: str, condition: str, *, towards: str | None = None
) -> list[tuple[Any, ...]]:
    """What a SELECT over `old`, the rows that there are of some identities, gives of those of a condition."""
    named = buckets.by_bucket(keys)
    listed = {bucket: stored for bucket, stored in buckets.listing(_prefix(sandbox_id, towards)) if bucket in named}
    found: list[tuple[Any, ...]] = []
    for part, connection in _reading(listed):
        create_table(connection, "named", layout.KEY_COLUMNS, [key for bucket in part for key in named[bucket]])
        found += connection.execute(f"{select} SEMI JOIN named USING (hi, lo) WHERE {condition}").fetchall()
    return found


def partners(sandbox_id: str) -> list[str]:
    """The keys of the partners towards whom alone identities are, or were, suppressed."""
    prefix = layout.suppressions_towards_partners(sandbox_id)
    named = {stored.key.removeprefix(prefix).partition("/")[0] for stored in objects.listing(prefix)}
    return sorted(name.removeprefix("partner=") for name in named)


def erased_since(sandbox_id: str, at: datetime) -> list[Key]:
    """The identities whose erasure was asked for from a time on."""
    statement = "SELECT DISTINCT hi, lo FROM old WHERE reason = 'erasure' AND since >= $at"
    parameters = {"at": timestamp(at)}
    found = _reading(dict(_listing(sandbox_id)))
    return [row for _, connection in found for row in connection.execute(statement, parameters).fetchall()]


def count(sandbox_id: str) -> Counter[str]:
    """How many identities are suppressed, by reason."""
    counts: Counter[str] = Counter()
    for _, connection in _reading(dict(_listing(sandbox_id))):
        # `erasure` comes before `opt_out`, which it outweighs.
        why = f"SELECT min(reason) AS reason FROM old WHERE {IN_FORCE} GROUP BY hi, lo"
        rows = connection.execute(f"SELECT reason, count(*) FROM ({why}) GROUP BY ALL").fetchall()
        counts.update(dict(rows))
    return counts


def _listing(sandbox_id: str) -> Iterator[tuple[int, ObjectVersion]]:
    return buckets.listing(layout.suppressions(sandbox_id))


def _reading(listed: Mapping[int, ObjectVersion]) -> Iterator[tuple[tuple[int, ...], Connection]]:
    """Some buckets at a time, and where they are the table `old`."""
    if listed:
        with TemporaryDirectory() as folder, connect() as connection:
            for part in batched(listed, AT_ONCE, strict=False):
                read_old(
                    connection, {bucket: listed[bucket] for bucket in part}, layout.SUPPRESSION_COLUMNS, Path(folder)
                )
                yield part, connection
