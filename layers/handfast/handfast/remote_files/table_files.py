"""The data files of a table's newest snapshot, as files to be read (docs/lake-tables.md)."""

from collections.abc import Iterator
from typing import Literal

from handfast.connectors.contract import Check
from handfast.remote_files.contract import LeftOut, RemoteError, RemoteFile, RemoteFiles
from handfast.remote_files.naming import is_usable
from handfast.remote_files.s3 import S3Files
from handfast.remote_files.tables import TableSnapshot

type TableKind = Literal["delta", "iceberg"]


class TableFiles(RemoteFiles):
    """A table in S3 that is being read: its log or metadata first, and then the files that these name."""

    def __init__(self, kind: TableKind, store: S3Files) -> None:
        """Take the kind, and the folder that the table lies in."""
        self._kind = kind
        self._store = store

    def listing(self) -> Iterator[RemoteFile | LeftOut]:
        """The data files of the newest snapshot.

        A file of a table is never written over, so that its size is all that its version needs to tell.
        """
        for file in self._newest().files:
            if not is_usable(file.name):
                yield LeftOut(file.name, file.size, "unusable_name")
            elif not file.size:
                yield LeftOut(file.name, 0, "empty")
            else:
                yield RemoteFile(file.name, file.size, str(file.size), file.partition)

    def chunks(self, file: RemoteFile) -> Iterator[bytes]:
        """The bytes of a data file. RemoteError `changed` when they are not as many as the table says."""
        changed = RemoteError("changed", "a data file has another size than the table says; rewrite the table")
        done = 0
        for piece in self._store.body(file.name):
            done += len(piece)
            if done > file.size:
                raise changed
            yield piece
        if done != file.size:
            raise changed

    def read(self, name: str) -> bytes:
        """An object of the table as a whole."""
        return self._store.read(name)

    def names(self, folder: str) -> Iterator[str]:
        """The names of all objects below a folder of the table."""
        return self._store.names(folder)

    def close(self) -> None:
        """Nothing is kept open."""

    def checks(self) -> list[Check]:
        """Whether the role can be had, and not by others."""
        return self._store.checks()

    def _newest(self) -> TableSnapshot:
        if self._kind == "delta":
            from handfast.remote_files import delta  # noqa: PLC0415 - the engine, which only Delta's checkpoints need

            return delta.newest(self._store.read, self._store.names)
        from handfast.remote_files import iceberg  # noqa: PLC0415

        return iceberg.newest(self._store.read, self._store.names)
