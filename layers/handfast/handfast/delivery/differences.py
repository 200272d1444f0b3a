"""Buckets of a dataflow to a destination: what is due, what was taken, and the objects that say so, as local files."""

# ruff: noqa: S608 - statements are built from quoted names and numbers
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from handfast.delivery.models import BucketDelivery, HeldCounts
from handfast.destinations.contract import Change, Pair
from handfast.destinations.rules import transformed
from handfast.destinations.sending import Sending
from handfast.identity.namespaces import namespace_of
from handfast.lake import buckets, layout
from handfast.lake.duck import Connection, connect, create_table, relation, timestamp, wire_time, write
from handfast.platform import clock

_HERE = Path(__file__).parent
_DUE, _HELD, _LEFT, _WAITING = ((_HERE / f"{name}.sql").read_text() for name in ("due", "held", "left", "waiting"))
TARGET_COLUMNS = {"namespace": "SMALLINT", "target": "VARCHAR"}
_PROFILE_COLUMNS = {**layout.KEY_COLUMNS, "attributes": layout.PROFILE_COLUMNS["attributes"]}
_NUMBER_COLUMNS = {"n": "BIGINT"}
_RANGE_COLUMNS = {"start": "BIGINT", "stop": "BIGINT"}
_LEFT_COLUMNS = {"n": "BIGINT", "attempts": "SMALLINT", "not_before": "TIMESTAMP"}
_GROUP_COLUMNS = {"segment": "segment", "status": "realized", "namespace": "namespace"}
_ROW = "hi, lo, namespace, target, value, segment, realized, changed_at"
_KEYS = "hi, lo, segment, target"


@dataclass(frozen=True)
class DeliveryFiles:
    """Buckets' objects as local files. `doubtful` are those of the dead letters of which some may have been taken.

    `profiles` are there where attributes are sent along. Attempts and dead letters may be of other buckets as well.
    """

    profiles: Sequence[Path] = ()
    disclosures: Sequence[Path] = ()
    held: Sequence[Path] = ()
    attempts: Sequence[Path] = ()
    dead: Sequence[Path] = ()
    doubtful: Sequence[Path] = ()


@dataclass(frozen=True)
class Left:
    """A change that is tried again: its number in `due`, how often it was tried, and not before when."""

    number: int
    attempts: int
    not_before: datetime


@dataclass(frozen=True)
class Tried:
    """How often a change was tried, and whether some try may have arrived."""

    attempts: int = 0
    in_doubt: bool = False


NEVER = Tried()
"""Of a change that was not tried yet."""


class Differences:
    """What is due of some buckets, numbered in the order of keys, and what is written after it was sent.

    Where requests are of one group only, the order of groups comes before that of keys.
    """

    def __init__(self, connection: Connection, sending: Sending, now: datetime) -> None:
        self._connection = connection
        self._sending = sending
        self._now = now
        self._bucket = buckets.bucket_sql(buckets.bucket_bits())
        ((self.due,),) = self._rows("SELECT count(*) FROM due")
        """How many changes may be sent now."""
        codes = [code for (code,) in self._rows("SELECT DISTINCT namespace FROM due")]
        self._digests = listed(code for code in codes if namespace_of(code).hashed)
        self._hashed = [code for code in codes if code in sending.hashed]
        ((self._are_tried,),) = self._rows("SELECT count(*) > 0 FROM due WHERE attempts > 0 OR in_doubt")

    def requests(self) -> list[range]:
        """The numbers of the changes that go out in one request each."""
        most, groups = self._sending.aggregation.max_identities, _groups(self._sending)
        if most:
            partition = f"PARTITION BY {', '.join(groups)}" if groups else ""
            groups = [*groups, f"(dense_rank() OVER ({partition} ORDER BY hi, lo, target) - 1) // {most}"]
        parts = [(0, self.due)]
        if groups:
            names = [f"group_{number}" for number in range(len(groups))]
            columns = ", ".join(f"{group} AS {name}" for group, name in zip(groups, names, strict=True))
            select = f"SELECT n, {columns} FROM due"
            parts = self._rows(f"SELECT min(n), max(n) + 1 FROM ({select}) GROUP BY {', '.join(names)} ORDER BY 1")
        size = self._sending.limits.pairs
        return [range(first, min(first + size, end)) for start, end in parts for first in range(start, end, size)]

    def pairs(self, numbers: range) -> list[Pair]:
        """Some of what may be sent now."""
        columns = (
            "target,"
            f" CASE WHEN namespace IN ({self._digests}) THEN lower(hex(value)) ELSE decode(value) END, segment,"
            f" CASE WHEN realized THEN 'realized' ELSE 'exited' END, {wire_time('changed_at')}, {self._attributes()}"
        )
        is_hashed = f"coalesce(namespace IN ({listed(self._hashed)}), FALSE)"
        source = f"FROM due d WHERE {_among(numbers)} ORDER BY n"
        if self._hashed or self._sending.attributes:
            return [self._pair(*row) for row in self._rows(f"SELECT {columns}, {is_hashed} {source}")]
        return list(map(Pair._make, self._rows(f"SELECT {columns} {source}")))

    def _attributes(self) -> str:
        if not self._sending.attributes:
            return "NULL"
        return "CASE WHEN realized THEN (SELECT p.attributes FROM profiles p WHERE p.hi = d.hi AND p.lo = d.lo) END"

    def _pair(
        self,
        target: str,
        value: str,
        segment: str,
        change: Change,
        at: str,
        attributes: str | None,
        hashed: bool,
    ) -> Pair:
        known = from_json(attributes) if attributes else {}
        paths = {path: known[name] for name, path in self._sending.attributes.items() if name in known}
        return Pair(target, transformed(value) if hashed else value, segment, change, at, paths or None)

    def tried(self, numbers: range) -> dict[int, Tried]:
        """By number, what is known of those of these changes that were tried before."""
        if not self._are_tried:
            return {}
        rows = self._rows(
            f"SELECT n, attempts, in_doubt FROM due WHERE {_among(numbers)} AND (attempts > 0 OR in_doubt)"
        )
        return {number: Tried(*facts) for number, *facts in rows}

    def write_attempts(self, numbers: range, path: Path) -> None:
        """Write some changes as attempts that are under way."""
        self._write(_among(numbers), f"{_ROW}, attempts", path)

    def write_dead(self, numbers: Sequence[int], path: Path, *, in_doubt: bool) -> None:
        """Write changes that are not tried again, unless they are replayed, and then as often as new ones.

        Values are those of changes in doubt alone, whose leaving may have to be told; the ledger has the others.
        """
        self._numbers("buried", numbers)
        row = _ROW if in_doubt else _ROW.replace("value", "CAST(NULL AS BLOB) AS value")
        self._write("n IN (SELECT n FROM buried)", f"{row}, CAST(0 AS SMALLINT) AS attempts", path)

    def take(self, taken: Sequence[range], left: Sequence[Left], buried: Sequence[int]) -> list[tuple[str, bool, int]]:
        """Note what came of changes, by number: taken, tried again, dead letters; the rest was not reached.

        Of those that were taken: segments, whether entered, and how many pairs.
        """
        ranges = [(numbers.start, numbers.stop) for numbers in taken]
        create_table(self._connection, "ranges", _RANGE_COLUMNS, ranges)
        self._connection.execute(
            "CREATE TEMP TABLE taken AS SELECT d.* FROM due d"
            " JOIN (SELECT unnest(range(start, stop)) AS n FROM ranges) r ON r.n = d.n"
        )
        rows = [(each.number, each.attempts, timestamp(each.not_before)) for each in left]
        create_table(self._connection, "left_over", _LEFT_COLUMNS, rows)
        self._numbers("renewed", [*(each.number for each in left), *buried])
        self._connection.execute(f"CREATE TEMP TABLE held_now AS {_HELD}", {"now": timestamp(self._now)})
        return self._rows("SELECT segment, realized, count(*) FROM taken GROUP BY ALL")

    def write_unresolved(self, dead: Path, path: Path) -> tuple[int, int]:
        """Write the changes of a dead letter of whose pairs nothing has been taken since; how many, and of how many."""
        rows = relation([dead], layout.ATTEMPT_COLUMNS)
        same = "t.hi = x.hi AND t.lo = x.lo AND t.segment = x.segment AND t.target = x.target"
        left = write(self._connection, f"FROM {rows} x WHERE NOT EXISTS (SELECT 1 FROM taken t WHERE {same})", path)
        ((all_of_them,),) = self._rows(f"SELECT count(*) FROM {rows}")
        return left, all_of_them

    def write_held(self, folder: Path) -> dict[int, Path]:
        """Write what the destination holds by now of the buckets of which it has taken something: a file for each."""
        paths = {}
        for (bucket,) in self._rows(f"SELECT DISTINCT {self._bucket} FROM taken ORDER BY 1"):
            paths[bucket] = folder / buckets.object_key("held-now-", bucket)
            within = buckets.within_sql(buckets.key_range(bucket, buckets.bucket_bits()))
            write(self._connection, f"FROM held_now WHERE {within}", paths[bucket])
        return paths

    def states(self, of: Iterable[int]) -> dict[int, BucketDelivery]:
        """The buckets after `take`, without the digests of what was read of them."""
        held: dict[int, dict[str, dict[int, int]]] = {}
        counted = f"SELECT {self._bucket}, segment, namespace, count(*) FROM held_now GROUP BY ALL"
        for bucket, segment, code, count in self._rows(counted):
            held.setdefault(bucket, {}).setdefault(segment, {})[code] = count
        waiting = {bucket: facts for bucket, *facts in self._waiting()}
        return {bucket: _state(held.get(bucket, {}), *waiting.get(bucket, (0, None))) for bucket in of}

    def _waiting(self) -> list[tuple[int, int, datetime | None]]:
        select = f"SELECT {self._bucket}, count(*), min(not_before) FROM ({_WAITING}) GROUP BY ALL"
        return self._connection.execute(select, {"now": timestamp(self._now)}).fetchall()

    def write_left(self, path: Path) -> int:
        """Write the attempts that are in doubt, those of other buckets as well; how many those are."""
        return write(self._connection, f"FROM ({_LEFT}) ORDER BY {_KEYS}", path)

    def _write(self, condition: str, columns: str, path: Path) -> None:
        select = f"SELECT {columns}, CAST(NULL AS TIMESTAMP) AS not_before FROM due WHERE {condition} ORDER BY n"
        write(self._connection, select, path)

    def _numbers(self, table: str, numbers: Sequence[int]) -> None:
        create_table(self._connection, table, _NUMBER_COLUMNS, [(number,) for number in numbers])

    def _rows(self, statement: str) -> list[Any]:
        return self._connection.execute(statement).fetchall()


def _state(held: HeldCounts, left: int, due_at: datetime | None) -> BucketDelivery:
    return BucketDelivery("", held, left, clock.to_text(due_at.replace(tzinfo=UTC)) if due_at else None)


def _among(numbers: range) -> str:
    return f"n >= {numbers.start} AND n < {numbers.stop}"


def listed(codes: Iterable[int]) -> str:
    """Codes within an IN."""
    return ", ".join(map(str, codes)) or "NULL"


def _groups(sending: Sending) -> list[str]:
    """The columns that are the same in all pairs of a request."""
    names = dict.fromkeys([*sending.limits.group_by, *sending.aggregation.group_by])
    return [_GROUP_COLUMNS[name] for name in names]


@contextmanager
def compared(files: DeliveryFiles, of: Collection[int], sending: Sending, now: datetime) -> Iterator[Differences]:
    """What is due of buckets."""
    backfill = clock.from_text(sending.backfill) if sending.backfill else None
    within = f"{buckets.bucket_sql(buckets.bucket_bits())} IN ({listed(of)})"
    relations = {
        "profiles": (files.profiles, _PROFILE_COLUMNS, "TRUE"),
        "disclosures": (files.disclosures, layout.DISCLOSURE_COLUMNS, "TRUE"),
        "held": (files.held, layout.DELIVERY_COLUMNS, "TRUE"),
        "attempted": (files.attempts, layout.ATTEMPT_COLUMNS, within),
        "elsewhere": (files.attempts, layout.ATTEMPT_COLUMNS, f"NOT {within}"),
        "attempts": ([*files.attempts, *files.doubtful], layout.ATTEMPT_COLUMNS, within),
        "dead": (files.dead, layout.ATTEMPT_COLUMNS, within),
    }
    times = {"now": timestamp(now), "backfill": timestamp(backfill) if backfill else None}
    with connect() as connection:
        create_table(connection, "targets", TARGET_COLUMNS, list(sending.targets.items()))
        for name, (paths, columns, condition) in relations.items():
            select = f"SELECT {', '.join(columns)} FROM {relation(paths, columns)} WHERE {condition}"
            connection.execute(f"CREATE VIEW {name} AS {select}")
        connection.execute(f"CREATE TEMP TABLE everything AS {_DUE}", times)
        if sending.aggregation.max_age_seconds:
            _hold_back(connection, sending, now)
        order = ", ".join([*_groups(sending), _KEYS])
        connection.execute(
            f"CREATE TEMP TABLE due AS SELECT row_number() OVER (ORDER BY {order}) - 1 AS n, * FROM everything"
            " WHERE NOT is_dead AND (not_before IS NULL OR not_before <= $now)",
            {"now": times["now"]},
        )
        yield Differences(connection, sending, now)


def _hold_back(connection: Connection, sending: Sending, now: datetime) -> None:
    """Have new changes wait until the oldest of their group is of age, or as many identities wait as a request takes.

    A change of which nobody knows since when it is due does not wait.
    """
    is_new = "attempts = 0 AND NOT in_doubt AND NOT is_dead AND since IS NOT NULL"
    aggregation = sending.aggregation
    groups = ", ".join([is_new, *_groups(sending)])
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE everything AS SELECT * REPLACE ("
        f" CASE WHEN {is_new} AND count(DISTINCT (hi, lo, target)) OVER g < $most AND min(since) OVER g > $since"
        "  THEN min(since) OVER g + $age ELSE not_before END AS not_before)"
        f" FROM everything WINDOW g AS (PARTITION BY {groups})",
        {
            "most": aggregation.max_identities or sending.limits.pairs,
            "since": timestamp(now) - timedelta(seconds=aggregation.max_age_seconds),
            "age": timedelta(seconds=aggregation.max_age_seconds),
        },
    )
