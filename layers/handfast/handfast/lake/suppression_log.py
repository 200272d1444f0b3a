"""What was decided to suppress and to release, in order: `suppression_log/`, which nothing ever rewrites.

It outlives a restore of everything else, so that what was decided since can be done again. An object is a decision on
some keys, named by when it was written; its rows are keys as `suppressions/` has them, and so no more personal than
they are. The bucket's lifecycle deletes it after 400 days, which is the oldest backup that can be brought up to date.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, cast

from handfast.identity.keys import Key
from handfast.lake import layout
from handfast.lake.duck import Connection, connect, parquet, widened, write
from handfast.platform import clock, objects
from handfast.platform.ids import new_id

type Decision = Literal["erasure", "opt_out", "release", "release_erasure", "forget_answers"]

_TOWARDS = "-towards-"


@dataclass(frozen=True)
class Entry:
    """A decision that is written down in the object `key`; `towards` is the key of the one partner that it concerns."""

    decision: Decision
    towards: str | None
    key: str


def append(sandbox_id: str, connection: Connection, decision: Decision, towards: str | None = None) -> None:
    """Write down a decision on the rows of the connection's relation `given`; nothing where it is empty."""
    name = f"{decision}{_TOWARDS}{towards}" if towards else decision
    with TemporaryDirectory() as folder:
        path = Path(folder) / "entry"
        if write(connection, "FROM given", path):
            key = f"{layout.suppression_log(sandbox_id)}{clock.now_text()}/{name}/{new_id('dec')}.parquet"
            objects.write_file(key, path, replaces=None)


def read(connection: Connection, path: Path) -> None:
    """Make the relation `given` of an entry that was copied into a file."""
    rows = widened([path], layout.SUPPRESSION_COLUMNS)
    connection.execute(f"CREATE TABLE given AS SELECT DISTINCT hi, lo, since, listed_by FROM {rows}")


def entries(sandbox_id: str, since: datetime) -> Iterator[Entry]:
    """The decisions written down from a time on, oldest first."""
    prefix = layout.suppression_log(sandbox_id)
    for stored in objects.listing(prefix):
        written_at, name, _ = stored.key.removeprefix(prefix).split("/")
        if written_at >= clock.to_text(since):
            decision, _, towards = name.partition(_TOWARDS)
            yield Entry(cast("Decision", decision), towards or None, stored.key)


def keys_of(path: Path) -> list[Key]:
    """The keys of an entry that was copied into a file."""
    with connect() as connection:
        return connection.execute(f"SELECT hi, lo FROM {parquet([path])}").fetchall()
