"""The newest snapshot of a Delta table: its log, replayed from the newest checkpoint on.

The rules are those of https://github.com/delta-io/delta/blob/master/PROTOCOL.md. What a reader has to know and is not
known here is refused: a file that is taken or left out by mistake is people given or left out by mistake. What lies in
the log is listed, so that `_last_checkpoint`, which only saves listing it, is not read.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handfast.lake.duck import Connection, connect, identifier, parquet, row_counts
from handfast.remote_files.contract import RemoteError
from handfast.remote_files.tables import (
    MOST_FILES,
    Metadata,
    NameObjects,
    ReadObject,
    Size,
    TableFile,
    TableSnapshot,
    checked_name,
    damaged,
    incomplete,
    names_below,
    not_a_table,
    outside_table,
    table_too_large,
    unsupported,
)

LOG = "_delta_log/"
_SIDECARS = f"{LOG}_sidecars/"
_COMMIT = re.compile(rf"{LOG}(\d{{20}})\.json")
_CHECKPOINT = re.compile(rf"{LOG}(\d{{20}})\.checkpoint(?:\.(\d{{10}})\.(\d{{10}})|\.[0-9A-Za-z-]+)?\.(?:parquet|json)")
_MOST_COMMITS = 10_000
"""The most commits behind a checkpoint; writers make a new one after 10 to 100."""
_MOST_ROWS = 10 * MOST_FILES
"""The most rows of a checkpoint's file, which has removed files too."""
_MOST_FOOTER_BYTES = 16 << 20
_MOST_ACTION_BYTES = 1 << 20
"""The most bytes of an action of a checkpoint: a file's statistics, or the schema."""
_ROWS_AT_ONCE = 1_000
_READER_VERSION = 3
_FEATURES = frozenset(
    {
        "columnMapping",
        "deletionVectors",
        "timestampNtz",
        "typeWidening",
        "typeWidening-preview",
        "v2Checkpoint",
        "vacuumProtocolCheck",
    }
)
"""What a table may ask of readers. Of the first two it may have said that it might use them, and not do so."""


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class _DeletionVector(_Model):
    storage: str = Field(alias="storageType")
    place: str = Field(alias="pathOrInlineDv")
    offset: int | None = None


class _Remove(_Model):
    path: str
    deletion_vector: _DeletionVector | None = Field(None, alias="deletionVector")

    @property
    def name(self) -> str:
        """The path without the escapes of URIs."""
        try:
            return unquote(self.path, errors="strict")
        except UnicodeDecodeError:
            raise damaged("a file's name is not UTF-8") from None


class _Add(_Remove):
    size: Size
    partition: dict[str, str | None] | None = Field(None, alias="partitionValues")


class _Protocol(_Model):
    reader_version: int = Field(alias="minReaderVersion")
    features: list[str] | None = Field(None, alias="readerFeatures")


class _Format(_Model):
    provider: str


class _TableMetadata(_Model):
    format: _Format
    schema_text: str = Field(alias="schemaString")
    partition_columns: list[str] = Field(alias="partitionColumns")
    configuration: dict[str, str | None] | None = None


class _Column(_Model):
    name: str


class _Schema(_Model):
    fields: list[_Column]


class _Sidecar(_Model):
    path: str


class _Action(_Model):
    model_config = ConfigDict(extra="forbid")

    add: _Add | None = None
    remove: _Remove | None = None
    metadata: _TableMetadata | None = Field(None, alias="metaData")
    protocol: _Protocol | None = None
    sidecar: _Sidecar | None = None
    checkpoint_metadata: Any = Field(None, alias="checkpointMetadata")
    cdc: Any = None
    commit_info: Any = Field(None, alias="commitInfo")
    domain_metadata: Any = Field(None, alias="domainMetadata")
    txn: Any = None


_COLUMNS = frozenset(info.alias or name for name, info in _Action.model_fields.items())
_KEPT = ("add", "metaData", "protocol", "sidecar")
"""What of a checkpoint counts; the files that it names as removed are there for who cleans up."""


def newest(read: ReadObject, names: NameObjects) -> TableSnapshot:
    """The newest snapshot of the table at a root; values of partition columns are not in its files.

    Raises RemoteError for what is no table, or one that cannot be read, with what to do about it.
    """
    log = _Log.of(names_below(names, LOG))
    metadata = Metadata(read)
    replay = _Replay()
    for action in _of_checkpoint(metadata, log):
        replay.apply(action)
    for version in log.commits:
        for action in _lines(metadata.read(f"{LOG}{version:020}.json")):
            replay.apply(action)
    return replay.snapshot(log.version)


# The log's files


@dataclass(frozen=True)
class _Log:
    """The files of the newest checkpoint, and the versions of the commits after it; all the names that there are."""

    version: int
    checkpoint: tuple[str, ...]
    commits: tuple[int, ...]
    names: frozenset[str]

    @classmethod
    def of(cls, names: Iterable[str]) -> "_Log":
        known = frozenset(names)
        commits = {int(found[1]) for name in known if (found := _COMMIT.fullmatch(name))}
        checkpoints = dict(_checkpoints(known))
        if not commits and not checkpoints:
            raise not_a_table("Delta", LOG)
        start = max(checkpoints, default=-1)
        after = sorted(version for version in commits if version > start)
        version = max(after, default=start)
        if len(after) != version - start:
            raise incomplete("a commit of the log is missing; restore it, or write a checkpoint of a newer version")
        if len(after) > _MOST_COMMITS:
            raise table_too_large()
        return cls(version, checkpoints.get(start, ()), tuple(after), known)


def _checkpoints(names: Iterable[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The files of each checkpoint that is whole, by its version: of several of one version, any will do."""
    parts: dict[tuple[int, int], dict[int, str]] = defaultdict(dict)
    for name in names:
        if found := _CHECKPOINT.fullmatch(name):
            version, part, of = (int(number or 1) for number in found.groups())
            if found[2]:
                parts[version, of][part] = name
            else:
                yield version, (name,)
    for (version, of), of_version in parts.items():
        if len(of_version) == of and min(of_version) == 1 and max(of_version) == of:
            yield version, tuple(of_version.values())


# Actions


def _of_checkpoint(metadata: Metadata, log: _Log) -> Iterator[_Action]:
    sidecars: list[str] = []
    for name in log.checkpoint:
        for action in _of_file(metadata, name):
            if action.sidecar is not None:
                sidecars.append(_sidecar(action.sidecar, log))
            yield action
    for name in dict.fromkeys(sidecars):
        for action in _of_file(metadata, name):
            if action.sidecar is not None:
                raise damaged("a checkpoint's sidecar names another one")
            yield action


def _sidecar(sidecar: _Sidecar, log: _Log) -> str:
    if "/" in sidecar.path:
        raise outside_table()
    name = f"{_SIDECARS}{sidecar.path}"
    if name not in log.names:
        raise incomplete("a sidecar of its checkpoint is not there; write a new checkpoint")
    return name


def _of_file(metadata: Metadata, name: str) -> Iterator[_Action]:
    data = metadata.read(name)
    return _lines(data) if name.endswith(".json") else _rows(metadata, data)


def _lines(data: bytes) -> Iterator[_Action]:
    return (_action(line) for line in data.split(b"\n") if line.strip())


def _action(text: bytes | str) -> _Action:
    try:
        return _Action.model_validate_json(text)
    except ValidationError as error:
        if any(each["type"] == "extra_forbidden" for each in error.errors(include_input=False, include_url=False)):
            raise unsupported("the table's log has an action that is not known") from None
        raise damaged("an action of the log is none") from None


def _rows(metadata: Metadata, data: bytes) -> Iterator[_Action]:
    """The actions of a file of Parquet, which has a column for each kind."""
    import duckdb  # noqa: PLC0415 - only what reads a checkpoint has it

    if _MOST_FOOTER_BYTES < int.from_bytes(data[-8:-4], "little") < len(data):
        raise table_too_large()
    try:
        with TemporaryDirectory() as folder, connect() as connection:
            path = Path(folder) / "checkpoint.parquet"
            path.write_bytes(data)
            for text in _texts(connection, path):
                metadata.count(len(text))
                yield _action(text)
    except duckdb.OutOfMemoryException:
        raise table_too_large() from None
    except duckdb.Error:
        raise damaged("a checkpoint is damaged, or not Parquet") from None


def _texts(connection: Connection, path: Path) -> Iterator[str]:
    """The rows of a checkpoint as JSON."""
    if row_counts(connection, [path])[path] > _MOST_ROWS:
        raise table_too_large()
    columns = {row[0] for row in connection.execute(f"DESCRIBE FROM {parquet([path])}").fetchall()}
    if columns - _COLUMNS:
        raise unsupported("a checkpoint has an action that is not known")
    kept = [identifier(column) for column in _KEPT if column in columns]
    if not kept:
        raise damaged("a checkpoint has no actions")
    packed = ", ".join(f"{column} := {column}" for column in kept)
    is_any = " OR ".join(f"{column} IS NOT NULL" for column in kept)
    connection.execute(
        f"""
        SELECT CASE WHEN strlen(text) <= {_MOST_ACTION_BYTES} THEN text END
        FROM (SELECT CAST(to_json(struct_pack({packed})) AS VARCHAR) AS text FROM {parquet([path])} WHERE {is_any})
        """
    )
    while rows := connection.fetchmany(_ROWS_AT_ONCE):
        for (text,) in rows:
            if text is None:
                raise table_too_large()
            yield text


# What they come to


@dataclass
class _Replay:
    """What the actions so far come to: files by their name and deletion vector, of which each is replaced alone."""

    files: dict[tuple[str, _DeletionVector | None], _Add] = field(default_factory=dict)
    protocol: _Protocol | None = None
    metadata: _TableMetadata | None = None

    def apply(self, action: _Action) -> None:
        """Take one more action. Raises RemoteError `table_too_large`."""
        if action.remove is not None:
            self.files.pop((action.remove.name, action.remove.deletion_vector), None)
        if action.add is not None:
            self.files[action.add.name, action.add.deletion_vector] = action.add
            if len(self.files) > MOST_FILES:
                raise table_too_large()
        self.protocol = action.protocol or self.protocol
        self.metadata = action.metadata or self.metadata

    def snapshot(self, version: int) -> TableSnapshot:
        """The table as it is then. Raises RemoteError for what readers have to know and is not known here."""
        if self.protocol is None or self.metadata is None:
            raise damaged("the log has no protocol, or no metadata of the table")
        _check_protocol(self.protocol)
        columns = _columns(self.metadata)
        if any(vector is not None for _, vector in self.files):
            detail = "rows of the table are deleted by deletion vectors; purge them (REORG TABLE … APPLY (PURGE))"
            raise RemoteError("deletion_vectors", f"{detail}, and set delta.enableDeletionVectors to false")
        partition_columns = self.metadata.partition_columns
        files = (_file(name, added, partition_columns) for (name, _), added in sorted(self.files.items()))
        return TableSnapshot(str(version), tuple(files), columns)


def _check_protocol(protocol: _Protocol) -> None:
    features = set(protocol.features or ())
    is_known = 1 <= protocol.reader_version <= _READER_VERSION and features <= _FEATURES
    if not is_known or (protocol.reader_version == _READER_VERSION and protocol.features is None):
        raise unsupported(f"the table asks more of readers than the features {', '.join(sorted(_FEATURES))}")


def _columns(metadata: _TableMetadata) -> tuple[str, ...]:
    if metadata.format.provider != "parquet":
        raise RemoteError("not_parquet", "the table's files are not Parquet; rewrite it")
    if (metadata.configuration or {}).get("delta.columnMapping.mode") not in {None, "none"}:
        detail = "the table's files have other names for its columns (delta.columnMapping.mode)"
        raise RemoteError("column_mapping", f"{detail}; rewrite it without column mapping")
    try:
        columns = tuple(column.name for column in _Schema.model_validate_json(metadata.schema_text).fields)
    except ValidationError:
        raise damaged("its schema is none") from None
    if not set(metadata.partition_columns) <= set(columns):
        raise damaged("it is partitioned by a column that it lacks")
    return columns


def _file(name: str, added: _Add, partition_columns: list[str]) -> TableFile:
    """A file whose partition's values are texts, of which an empty one is null."""
    said = added.partition or {}
    if said.keys() != set(partition_columns):
        raise damaged("a file has values of other columns than the table is partitioned by")
    values = {column: said[column] or None for column in partition_columns}
    return TableFile(checked_name(name), added.size, values)
