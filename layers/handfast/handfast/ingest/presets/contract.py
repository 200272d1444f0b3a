"""What a preset says of a kind of file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from handfast.ingest.models import ColumnMapping, FileOptions, Format, Mode
from handfast.ingest.plan import Plan

if TYPE_CHECKING:
    from handfast.ingest.cells import Source
    from handfast.lake.duck import Connection


class Unfit(Exception):  # noqa: N818 - an expected outcome
    """A file that is announced as something that it cannot be; `pointer` is the member of the upload to correct."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"{pointer}: {message}")
        self.pointer = pointer
        self.message = message


@dataclass(frozen=True)
class Surroundings:
    """What a sandbox has that a preset asks for: symbols of its own namespaces, and ids of data sources by name."""

    own_namespaces: tuple[str, ...] = ()
    data_sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """How a file is read: its columns, and the data source that its name tells, if it does."""

    columns: tuple[ColumnMapping, ...]
    data_source_id: str | None = None


type Open = Callable[[Connection, Path, Plan, Path], Source]
"""Opens an unpacked file; takes the connection, the file, its plan and a folder to work in. Raises UploadRejected."""


@dataclass(frozen=True)
class Preset:
    """A kind of file. `title` and `description` are for people, `source` is the page that documents the kind.

    `formats` are those that such files have, `mode` is what one does to memberships, `modes` what it may do instead.
    `detect` takes a file's name and its first bytes, unpacked, and returns the reason to take it for this kind as a
    sentence, or None; it never quotes a value. `read` takes the upload as announced and raises Unfit. `open` opens a
    file that is no columns; without it the columns are read as those of any file.
    """

    name: str
    title: str
    description: str
    source: str
    formats: tuple[Format, ...]
    mode: Mode
    detect: Callable[[str, bytes], str | None]
    read: Callable[[FileOptions, Surroundings], Reading]
    open: Open | None = None
    modes: tuple[Mode, ...] = ()
