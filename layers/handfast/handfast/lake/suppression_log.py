"""What was decided to suppress and to release, in order: `suppression_log/`, which nothing ever rewrites.

It outlives a restore of everything else, so that what was decided since can be done again. An object is a decision on
some keys, named by when it was written; its rows are keys as `suppressions/` has them, and so no more personal than
they are. The bucket's lifecycle deletes it after 400 days, which is the oldest backup that can be brought up to date.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, cast

from handfast.identity.keys import Key
from handfast.lake import layout
from handfast.lake.duck import Connection, connect, parquet, timestamp, write
from handfast.platform import clock, objects
from handfast.platform.ids import new_id

type Decision = Literal["erasure", "opt_out", "release", "forget_answers"]


def append(sandbox_id: str, connection: Connection, decision: Decision, since: datetime) -> None:
    """Write down a decision on the keys of the connection's relation `given`; nothing where it is empty."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "entry"
        if write(connection, f"SELECT hi, lo, TIMESTAMP '{timestamp(since)}' AS since FROM given", path):
            key = f"{layout.suppression_log(sandbox_id)}{clock.now_text()}/{decision}/{new_id('dec')}.parquet"
            objects.write_file(key, path, replaces=None)


def entries(sandbox_id: str, since: datetime) -> Iterator[tuple[Decision, str]]:
    """The decisions written down from a time on, oldest first, each with its object's key."""
    prefix = layout.suppression_log(sandbox_id)
    for stored in objects.listing(prefix):
        written_at, decision, _ = stored.key.removeprefix(prefix).split("/")
        if written_at >= clock.to_text(since):
            yield cast("Decision", decision), stored.key


def keys_of(path: Path) -> list[Key]:
    """The keys of an entry that was copied into a file."""
    with connect() as connection:
        return connection.execute(f"SELECT hi, lo FROM {parquet([path])}").fetchall()
