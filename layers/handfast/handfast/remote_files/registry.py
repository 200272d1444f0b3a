"""The kinds of places that files are read from, by their names."""

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from handfast.connectors.contract import Check, Settings
from handfast.remote_files.contract import RemoteFiles
from handfast.remote_files.s3 import S3Files, S3Settings
from handfast.remote_files.sftp import SftpFiles, SftpSettings
from handfast.remote_files.table_files import TableFiles

type Kind = Literal["s3", "sftp", "delta", "iceberg"]
TABLES: frozenset[Kind] = frozenset({"delta", "iceberg"})
"""Kinds of which a run takes one snapshot as a whole."""
IN_S3: frozenset[Kind] = TABLES | {"s3"}
"""Kinds whose stores tell of new files."""


class OpenFiles(RemoteFiles, Protocol):
    """A place of files that can be tried."""

    def checks(self) -> list[Check]:
        """Whether it is reached, and Handfast let in; the first that fails is the last."""
        ...


def schema_of(kind: Kind) -> type[Settings]:
    """What the settings of a kind are."""
    return SftpSettings if kind == "sftp" else S3Settings


def open_files(kind: Kind, source_id: str, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> OpenFiles:
    """The files of a source, which nothing is asked of yet.

    Raises RemoteError for what is never read, ValidationError when the kind allows its settings no longer.
    """
    given = {**settings, **secrets}
    if kind == "sftp":
        return SftpFiles(SftpSettings.model_validate(given))
    store = S3Files(S3Settings.model_validate(given), source_id)
    return store if kind == "s3" else TableFiles(kind, store)
