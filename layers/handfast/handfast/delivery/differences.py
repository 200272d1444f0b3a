"""A bucket of a dataflow to a destination: what is due, what was taken, and the objects that say so, as local files."""

# ruff: noqa: S608 - statements are built from quoted names and numbers
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from handfast.delivery.models import HeldCounts
from handfast.destinations.contract import Change, Pair
from handfast.destinations.rules import transformed
from handfast.destinations.sending import Sending
from handfast.identity.namespaces import namespace_of
from handfast.lake import layout
from handfast.lake.duck import Connection, connect, create_table, relation, timestamp, wire_time, write
from handfast.platform import clock

_HERE = Path(__file__).parent
_DUE, _HELD, _LEFT = ((_HERE / f"{name}.sql").read_text() for name in ("due", "held", "left"))
_TARGET_COLUMNS = {"namespace": "SMALLINT", "target": "VARCHAR"}
_PROFILE_COLUMNS = {**layout.KEY_COLUMNS, "attributes": layout.PROFILE_COLUMNS["attributes"]}
_NUMBER_COLUMNS = {"n": "BIGINT"}
_LEFT_COLUMNS = {"n": "BIGINT", "attempts": "SMALLINT", "not_before": "TIMESTAMP"}
_PLAIN = (None, False)
"""Of a change without attributes whose value is given as it is kept."""
_ROW = "hi, lo, namespace, target, value, segment, realized, changed_at"


@dataclass(frozen=True)
class DeliveryFiles:
    """A bucket's objects as local files. `doubtful` are those of the dead letters of which some may have been taken.

    `profiles` are there where attributes are sent along.
    """

    profiles: Path | None = None
    disclosures: Path | None = None
    held: Path | None = None
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


@dataclass(frozen=True)
class Due:
    """How many changes may be sent now, how many wait for their time, and when the first of those comes."""

    now: int
    waiting: int
    first_at: datetime | None


class Differences:
    """What is due of a bucket, numbered in the order of keys, and what is written after it was sent."""

    def __init__(self, connection: Connection, due: Due, sending: Sending) -> None:
        self._connection = connection
        self._sending = sending
        self.due = due

    def pairs(self, first: int, limit: int) -> list[Pair]:
        """Some of what may be sent now, from a number on."""
        codes = [code for (code,) in self._rows("SELECT DISTINCT namespace FROM due")]
        digests = ", ".join(str(code) for code in codes if namespace_of(code).hashed) or "NULL"
        hashed = ", ".join(str(code) for code in codes if code in self._sending.hashed) or "NULL"
        rows = self._rows(
            "SELECT target,"
            f" CASE WHEN namespace IN ({digests}) THEN lower(hex(value)) ELSE decode(value) END, segment,"
            f" CASE WHEN realized THEN 'realized' ELSE 'exited' END, {wire_time('changed_at')},"
            f" {self._attributes()}, coalesce(namespace IN ({hashed}), FALSE)"
            f" FROM due d WHERE {_between(first, limit)} ORDER BY n"
        )
        return [Pair(*row[:5]) if row[5:] == _PLAIN else self._pair(*row) for row in rows]

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
        hashed: bool | None,
    ) -> Pair:
        known = from_json(attributes) if attributes else {}
        paths = {path: known[name] for name, path in self._sending.attributes.items() if name in known}
        return Pair(target, transformed(value) if hashed else value, segment, change, at, paths or None)

    def tried(self, first: int, limit: int) -> dict[int, Tried]:
        """By number, what is known of those of these changes that were tried before."""
        rows = self._rows(
            f"SELECT n, attempts, in_doubt FROM due WHERE {_between(first, limit)} AND (attempts > 0 OR in_doubt)"
        )
        return {number: Tried(*facts) for number, *facts in rows}

    def write_attempts(self, first: int, limit: int, path: Path) -> None:
        """Write some changes, from a number on, as attempts that are under way."""
        self._write(_between(first, limit), f"{_ROW}, attempts", path)

    def write_dead(self, numbers: Sequence[int], path: Path, *, in_doubt: bool) -> None:
        """Write changes that are not tried again, unless they are replayed, and then as often as new ones.

        Values are those of changes in doubt alone, whose leaving may have to be told; the ledger has the others.
        """
        self._numbers("buried", numbers)
        row = _ROW if in_doubt else _ROW.replace("value", "CAST(NULL AS BLOB) AS value")
        self._write("n IN (SELECT n FROM buried)", f"{row}, CAST(0 AS SMALLINT) AS attempts", path)

    def write_unresolved(self, dead: Path, path: Path) -> tuple[int, int]:
        """Write the changes of a dead letter of whose pairs nothing has been taken since; how many, and of how many."""
        rows = relation([dead], layout.ATTEMPT_COLUMNS)
        same = "t.hi = x.hi AND t.lo = x.lo AND t.segment = x.segment AND t.target = x.target"
        left = write(self._connection, f"FROM {rows} x WHERE NOT EXISTS (SELECT 1 FROM taken t WHERE {same})", path)
        ((all_of_them,),) = self._rows(f"SELECT count(*) FROM {rows}")
        return left, all_of_them

    def take(self, taken: Sequence[Sequence[int]]) -> list[tuple[str, bool, int]]:
        """Note which changes, by number, the destination has taken: segments, whether entered, and how many pairs."""
        self._numbers("taken_numbers", list(chain.from_iterable(taken)))
        self._connection.execute("CREATE TEMP TABLE taken AS SELECT d.* FROM due d JOIN taken_numbers USING (n)")
        return self._rows("SELECT segment, realized, count(*) FROM taken GROUP BY ALL")

    def write_held(self, now: datetime, path: Path) -> HeldCounts:
        """Write what the destination holds after what it has taken; how many pairs that are."""
        self._connection.execute(f"CREATE TEMP TABLE held_now AS {_HELD}", {"now": timestamp(now)})
        write(self._connection, "FROM held_now", path)
        counts: dict[str, dict[int, int]] = {}
        for segment, code, count in self._rows("SELECT segment, namespace, count(*) FROM held_now GROUP BY ALL"):
            counts.setdefault(segment, {})[code] = count
        return counts

    def write_left(self, left: Sequence[Left], buried: Sequence[int], path: Path) -> int:
        """Write the attempts that are in doubt, once `take` has been told what was taken; how many those are."""
        rows = [(each.number, each.attempts, timestamp(each.not_before)) for each in left]
        create_table(self._connection, "left_over", _LEFT_COLUMNS, rows)
        self._numbers("renewed", [*(each.number for each in left), *buried])
        return write(self._connection, f"FROM ({_LEFT}) ORDER BY hi, lo, segment, target", path)

    def _write(self, condition: str, columns: str, path: Path) -> None:
        select = f"SELECT {columns}, CAST(NULL AS TIMESTAMP) AS not_before FROM due WHERE {condition} ORDER BY n"
        write(self._connection, select, path)

    def _numbers(self, table: str, numbers: Sequence[int]) -> None:
        create_table(self._connection, table, _NUMBER_COLUMNS, [(number,) for number in numbers])

    def _rows(self, statement: str) -> list[Any]:
        return self._connection.execute(statement).fetchall()


def _between(first: int, limit: int) -> str:
    return f"n >= {first} AND n < {first + limit}"


@contextmanager
def compared(files: DeliveryFiles, sending: Sending, now: datetime) -> Iterator[Differences]:
    """What is due of a bucket."""
    backfill = clock.from_text(sending.backfill) if sending.backfill else None
    with connect() as connection:
        create_table(connection, "targets", _TARGET_COLUMNS, list(sending.targets.items()))
        relations = {
            "profiles": ([files.profiles], _PROFILE_COLUMNS),
            "disclosures": ([files.disclosures], layout.DISCLOSURE_COLUMNS),
            "held": ([files.held], layout.DELIVERY_COLUMNS),
            "attempted": (files.attempts, layout.ATTEMPT_COLUMNS),
            "attempts": ([*files.attempts, *files.doubtful], layout.ATTEMPT_COLUMNS),
            "dead": (files.dead, layout.ATTEMPT_COLUMNS),
        }
        for name, (paths, columns) in relations.items():
            connection.execute(f"CREATE VIEW {name} AS SELECT {', '.join(columns)} FROM {relation(paths, columns)}")
        times = {"now": timestamp(now), "backfill": timestamp(backfill) if backfill else None}
        connection.execute(f"CREATE TEMP TABLE everything AS {_DUE}", times)
        connection.execute(
            "CREATE TEMP TABLE due AS"
            " SELECT row_number() OVER (ORDER BY hi, lo, segment, target) - 1 AS n, * FROM everything"
            " WHERE not_before IS NULL OR not_before <= $now",
            {"now": times["now"]},
        )
        ((due,),) = connection.execute("SELECT count(*) FROM due").fetchall()
        ((waiting, first_at),) = connection.execute(
            "SELECT count(*), min(not_before) FROM everything WHERE not_before > $now", {"now": times["now"]}
        ).fetchall()
        yield Differences(connection, Due(due, waiting, first_at.replace(tzinfo=UTC) if first_at else None), sending)
