"""What a place of files is: which files there are, and their bytes, each by its version.

Texts that leave here hold no name of a file and nothing of what is in one, but for names of folders that somebody set.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class RemoteError(Exception):
    """A place of files did not give what was asked.

    `reason` is a stable code: `authentication_failed`, `host_key`, `unreachable`, `access_denied`, `own_bucket`,
    `address_refused`, `gone`, `changed`, `archived`, `too_large`, `too_many_files`, `refused`, or one of the reasons of
    tables. `detail` says what to do about it.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class RemoteFile:
    """A file: `name` is relative to the root, `size` in bytes, `version` another text once the bytes are others.

    `partition` are the values of the folders that it lies in, by column, as Hive writes them (`dt=2026-11-28/`); None
    is Hive's null.
    """

    name: str
    size: int
    version: str
    partition: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class LeftOut:
    """A file that is never read, and why: `hidden`, `empty`, `archived` or `unusable_name`."""

    name: str
    size: int
    reason: str


class RemoteFiles(Protocol):
    """A place of files, open for reading. Everything that it does raises RemoteError."""

    def listing(self) -> Iterator[RemoteFile | LeftOut]:
        """All files there are, those that are never read too."""
        ...

    def files(self) -> Iterator[RemoteFile]:
        """The files to be read."""
        return (each for each in self.listing() if isinstance(each, RemoteFile))

    def chunks(self, file: RemoteFile) -> Iterator[bytes]:
        """The bytes of a file, in pieces.

        RemoteError `changed` when it is no longer of that version, `gone` when it is not there any more.
        """
        ...

    def read(self, name: str) -> bytes:
        """A small file as a whole, by its name."""
        ...

    def names(self, folder: str) -> Iterable[str]:
        """The names of all files below a folder, hidden ones too, relative to the root."""
        ...

    def close(self) -> None:
        """End what was opened."""
        ...
