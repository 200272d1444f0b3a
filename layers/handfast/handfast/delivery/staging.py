"""Who is in the whole memberships of some buckets: put down before it is written to the destination, and read again.

What is put down are attempts, as of changes: an object of a delivery that never becomes complete says whom the
destination may have.
"""

# ruff: noqa: S608 - statements are built from quoted names and numbers
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from handfast.delivery.differences import TARGET_COLUMNS, DeliveryFiles, listed
from handfast.destinations.contract import Account, SnapshotFormat
from handfast.destinations.rules import transformed
from handfast.destinations.sending import Sending
from handfast.destinations.snapshots.sampling import MEMBER_COLUMNS
from handfast.identity.namespaces import namespace_of
from handfast.lake import buckets, layout
from handfast.lake.duck import Connection, connect, create_table, insert, literal, parquet, relation, timestamp, write

_STAGED = (Path(__file__).parent / "staged.sql").read_text()
_PROFILE_COLUMNS = {**layout.KEY_COLUMNS, "profile_id": "VARCHAR"}
_SEGMENT_COLUMNS = {"segment": "VARCHAR", "mapping_id": "VARCHAR"}
_DIGEST_COLUMNS = {"value": "BLOB", "digest": "VARCHAR"}
TEXTS_AT_ONCE = 10_000
"""Texts that are hashed on their way at once."""
_KEYS = "hi, lo, segment, target"
_UNTRIED = "CAST(0 AS SMALLINT) AS attempts, CAST(NULL AS TIMESTAMP) AS not_before"


@dataclass(frozen=True)
class Refused:
    """Members that the format cannot hold, for a reason, in a file of attempts."""

    reason: str
    path: Path
    segments: Mapping[str, int]
    identities: int


@dataclass
class Staged:
    """What was put down in a file, in pairs by segment, and what could not be written and was not said before."""

    path: Path
    members: Counter[str] = field(default_factory=Counter)
    entered: Counter[str] = field(default_factory=Counter)
    exited: Counter[str] = field(default_factory=Counter)
    identities: int = 0
    refused: list[Refused] = field(default_factory=list)


def stage(
    files: DeliveryFiles, of: Collection[int], sending: Sending, to: SnapshotFormat, now: datetime, folder: Path
) -> Staged:
    """Put down who is to be in the files of some buckets."""
    within = f"{buckets.bucket_sql(buckets.bucket_bits())} IN ({listed(of)})"
    relations = {
        "profiles": (files.profiles, _PROFILE_COLUMNS, "TRUE"),
        "disclosures": (files.disclosures, layout.DISCLOSURE_COLUMNS, "TRUE"),
        "held": (files.held, layout.DELIVERY_COLUMNS, "TRUE"),
        "attempted": ([*files.attempts, *files.doubtful], layout.ATTEMPT_COLUMNS, within),
        "dead": (files.dead, layout.ATTEMPT_COLUMNS, within),
    }
    with connect() as connection:
        create_table(connection, "targets", TARGET_COLUMNS, list(sending.targets.items()))
        _create_segments(connection, sending.account)
        for name, (paths, columns, condition) in relations.items():
            select = f"SELECT {', '.join(columns)} FROM {relation(paths, columns)} WHERE {condition}"
            connection.execute(f"CREATE VIEW {name} AS {select}")
        connection.execute(f"CREATE TEMP TABLE found AS {_STAGED}", {"now": timestamp(now)})
        _create_judged(connection, sending, to)
        return _written(connection, folder)


def _create_segments(connection: Connection, account: Account[Any, Any]) -> None:
    rows = [(each.segment_id, each.mapping_id) for each in account.segments.values()]
    create_table(connection, "segments", _SEGMENT_COLUMNS, rows)


def _create_judged(connection: Connection, sending: Sending, to: SnapshotFormat) -> None:
    """Find the text of each identity, and why it cannot be written: then it is in no file."""
    codes = [code for (code,) in connection.execute("SELECT DISTINCT namespace FROM found").fetchall()]
    hashed = listed(code for code in codes if code in sending.hashed)
    _create_digests(connection, hashed)
    digests = listed(code for code in codes if namespace_of(code).hashed)
    text = (
        f"CASE WHEN f.namespace IN ({digests}) THEN lower(hex(f.value))"
        f" WHEN f.namespace IN ({hashed}) THEN h.digest ELSE decode(f.value) END"
    )
    hashing = f"LEFT JOIN digests h ON f.namespace IN ({hashed}) AND h.value = f.value"
    connection.execute(
        "CREATE TEMP TABLE judged AS SELECT *, is_live AND refused IS NULL AS realized FROM ("
        f"SELECT *, {to.refusal} AS refused FROM ("
        f"SELECT f.*, coalesce(m.mapping_id, f.segment) AS mapping_id, {text} AS id, p.profile_id"
        f" FROM found f {hashing} LEFT JOIN segments m ON m.segment = f.segment"
        " LEFT JOIN profiles p ON p.hi = f.hi AND p.lo = f.lo))"
    )


def _create_digests(connection: Connection, hashed: str) -> None:
    """Hash the texts of some namespaces, a few at a time: one rule says how, which is not SQL's."""
    create_table(connection, "digests", _DIGEST_COLUMNS, [])
    if hashed == listed(()):
        return
    connection.execute(
        "CREATE TEMP TABLE texts AS SELECT row_number() OVER () AS n, text FROM ("
        f"SELECT DISTINCT decode(value) AS text FROM found WHERE namespace IN ({hashed}))"
    )
    ((count,),) = connection.execute("SELECT count(*) FROM texts").fetchall()
    for first in range(1, count + 1, TEXTS_AT_ONCE):
        last = first + TEXTS_AT_ONCE - 1
        rows = connection.execute(f"SELECT text FROM texts WHERE n BETWEEN {first} AND {last}").fetchall()
        insert(connection, "digests", _DIGEST_COLUMNS, [(text.encode(), transformed(text)) for (text,) in rows])


def _written(connection: Connection, folder: Path) -> Staged:
    staged = Staged(folder / "staged.parquet")
    # Whoever was told of and cannot be written any more leaves, as the others who were told of.
    write(
        connection,
        f"SELECT hi, lo, namespace, target, value, segment, realized, changed_at, {_UNTRIED}, id, profile_id"
        f" FROM judged WHERE realized OR is_told ORDER BY {_KEYS}",
        staged.path,
    )
    counted = connection.execute(
        "SELECT segment, count(*) FILTER (realized), count(*) FILTER (realized AND NOT is_held),"
        " count(*) FILTER (NOT realized AND is_held) FROM judged GROUP BY ALL"
    ).fetchall()
    for segment, *numbers in counted:
        for counter, number in zip((staged.members, staged.entered, staged.exited), numbers, strict=True):
            if number:
                counter[segment] = number
    ((staged.identities,),) = connection.execute(
        "SELECT count(DISTINCT (hi, lo, target)) FROM judged WHERE realized <> is_held AND (realized OR is_held)"
    ).fetchall()
    staged.refused = list(_refused(connection, folder))
    return staged


def _refused(connection: Connection, folder: Path) -> Iterator[Refused]:
    """Who cannot be written, but for those of whom a dead letter says so already."""
    connection.execute(
        "CREATE TEMP TABLE refusals AS SELECT * FROM judged j WHERE is_live AND refused IS NOT NULL AND NOT EXISTS ("
        "SELECT 1 FROM dead d WHERE d.hi = j.hi AND d.lo = j.lo AND d.segment = j.segment AND d.target = j.target"
        " AND d.realized AND d.changed_at = j.changed_at)"
    )
    row = "hi, lo, namespace, target, CAST(NULL AS BLOB) AS value, segment, TRUE AS realized, changed_at"
    for (reason,) in connection.execute("SELECT DISTINCT refused FROM refusals ORDER BY 1").fetchall():
        chosen = f"FROM refusals WHERE refused = {literal(reason)}"
        path = folder / f"refused-{reason}.parquet"
        write(connection, f"SELECT {row}, {_UNTRIED} {chosen} ORDER BY {_KEYS}", path)
        counted = connection.execute(f"SELECT segment, count(*) {chosen} GROUP BY ALL").fetchall()
        ((identities,),) = connection.execute(f"SELECT count(DISTINCT (hi, lo, target)) {chosen}").fetchall()
        yield Refused(reason, path, dict(counted), identities)


@contextmanager
def members(
    staged: Sequence[Path], account: Account[Any, Any], share: tuple[int, int] | None = None
) -> Iterator[Connection]:
    """A connection with the tables `members` and `leavers` of a `SnapshotPart`, of what was put down in some files.

    `share`: the part's number and how many there are, of which each has the members of some profiles; None: all.
    """
    person = "coalesce(s.profile_id, s.hi || ':' || s.lo)"
    chosen = f"md5_number_lower({person}) % {share[1]} = {share[0]}" if share else "TRUE"
    columns = "s.hi, s.lo, s.profile_id, s.target, s.id, s.segment, coalesce(m.mapping_id, s.segment) AS mapping_id"
    source = f"FROM {parquet(staged)} s LEFT JOIN segments m ON m.segment = s.segment WHERE {chosen}"
    gone = (
        "NOT s.realized AND NOT EXISTS (SELECT 1 FROM members e"
        " WHERE e.hi = s.hi AND e.lo = s.lo AND e.target = s.target)"
    )
    with connect() as connection:
        _create_segments(connection, account)
        for name, condition in (("members", "s.realized"), ("leavers", gone)):
            create_table(connection, name, MEMBER_COLUMNS, ())
            connection.execute(
                f"INSERT INTO {name} SELECT {columns} {source} AND {condition} ORDER BY s.hi, s.lo, s.segment, s.target"
            )
        yield connection


def write_held(staged: Path, of: Iterable[int], at: datetime, folder: Path) -> dict[int, tuple[Path, int]]:
    """Write what a destination holds of buckets after a delivery that began at `at`: a file for each, and its rows."""
    held = {}
    with connect() as connection:
        for bucket in of:
            within = buckets.within_sql(buckets.key_range(bucket, buckets.bucket_bits()))
            path = folder / buckets.object_key("held-", bucket)
            select = (
                "SELECT hi, lo, namespace, target, value, segment,"
                f" CAST('{timestamp(at).isoformat()}' AS TIMESTAMP) AS sent_at"
                f" FROM {parquet([staged])} WHERE realized AND {within} ORDER BY {_KEYS}"
            )
            held[bucket] = (path, write(connection, select, path))
    return held
