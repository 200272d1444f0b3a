"""What a table of a lake is by its newest snapshot: which data files, of which columns.

Reasons of RemoteError beside those of the store: `not_a_table`, `damaged_table`, `incomplete_table`,
`ambiguous_table`, `unsupported_table`, `deletion_vectors`, `delete_files`, `column_mapping`, `renamed_columns`,
`not_parquet`, `outside_table` and `table_too_large`. docs/lake-tables.md says what to do about each.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from handfast.remote_files.contract import RemoteError

MOST_FILES = 100_000
"""The most data files of a snapshot, and of anything else that a table lists."""
MOST_BYTES = 256 << 20
"""The most bytes of a table's metadata that are read, as they are packed and unpacked."""
_LONGEST = 900
_ABSOLUTE = re.compile(r"/|[A-Za-z][A-Za-z0-9+.-]*:/")

type Size = Annotated[int, Field(ge=0, lt=1 << 63)]
"""Bytes of a file, as a table has them."""
type ReadObject = Callable[[str], bytes]
"""The bytes of an object by its name below the table's root; raises RemoteError."""
type NameObjects = Callable[[str], Iterable[str]]
"""The names, below the table's root, of all objects below a folder, which ends with a slash; raises RemoteError."""


@dataclass(frozen=True)
class TableFile:
    """A Parquet file of a table: its name below the root, and its size in bytes as the table has it.

    `partition` are values of columns that are not in the file, as text.
    """

    name: str
    size: int
    partition: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class TableSnapshot:
    """A table at one time: `version` is another text once its files are others, `columns` are its columns' names.

    Files are in the order of their names.
    """

    version: str
    files: tuple[TableFile, ...]
    columns: tuple[str, ...]


class Metadata:
    """A table's metadata, read up to a limit."""

    def __init__(self, read: ReadObject) -> None:
        self._read = read
        self._left = MOST_BYTES

    def read(self, name: str) -> bytes:
        """An object as a whole. Raises RemoteError `table_too_large`, and what reading raises."""
        data = self._read(name)
        self.count(len(data))
        return data

    def count(self, size: int) -> None:
        """Count bytes that were read or unpacked. Raises RemoteError `table_too_large`."""
        self._left -= size
        if self._left < 0:
            raise table_too_large()


def names_below(names: NameObjects, folder: str) -> set[str]:
    """The names of all objects below a folder of metadata. Raises RemoteError `table_too_large`."""
    found: set[str] = set()
    for name in names(folder):
        found.add(name)
        if len(found) > 10 * MOST_FILES:
            raise table_too_large()
    return found


def checked_name(name: str) -> str:
    """The name below the root that a table's metadata has of a file.

    Raises RemoteError `outside_table` for one that is absolute or leads elsewhere, `damaged_table` for no name.
    """
    parts = name.split("/")
    if _ABSOLUTE.match(name) or ".." in parts:
        raise outside_table()
    if not name.isprintable() or len(name) > _LONGEST or any(part in {"", "."} for part in parts):
        raise damaged("a file's name is empty, too long or has control characters")
    return name


def not_a_table(kind: str, folder: str) -> RemoteError:
    """The refusal of a place without a table's metadata."""
    detail = f"there is no {kind} table: nothing that is one's metadata lies in {folder}; name the table's own folder"
    return RemoteError("not_a_table", detail)


def damaged(what: str) -> RemoteError:
    """The refusal of metadata that says what cannot be."""
    return RemoteError("damaged_table", f"the table's metadata cannot be read: {what}; restore or rewrite the table")


def incomplete(what: str) -> RemoteError:
    """The refusal of metadata of which some is not there."""
    return RemoteError("incomplete_table", f"the table's metadata is not all there: {what}")


def unsupported(what: str) -> RemoteError:
    """The refusal of a table that needs what is not known here."""
    return RemoteError("unsupported_table", f"{what}; write the table without it, or unload it to files")


def outside_table() -> RemoteError:
    """The refusal of files that lie elsewhere, as those of a shallow clone do."""
    return RemoteError(
        "outside_table",
        "the table has files outside of its own folder, as a shallow clone or an added file; rewrite it as a whole",
    )


def table_too_large() -> RemoteError:
    """The refusal of metadata that is too long to read."""
    return RemoteError(
        "table_too_large",
        f"the table has more than {MOST_FILES:,} files, or more metadata than is read; compact it (OPTIMIZE,"
        " rewrite_data_files), and write a checkpoint or expire snapshots",
    )
