"""The newest snapshot of an Iceberg table: its metadata, the manifests that this lists, and the data files of those.

The rules are those of https://iceberg.apache.org/spec/, versions 1 and 2. A catalog knows which metadata is the newest;
without one it is what `version-hint.text` says, and else the file of the greatest number. What an identity transform
partitions by is a column of the data files as any other, so that files have no values beside them.
"""

import re
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handfast.remote_files import avro
from handfast.remote_files.contract import RemoteError
from handfast.remote_files.tables import (
    MOST_BYTES,
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

FOLDER = "metadata/"
_HINT = f"{FOLDER}version-hint.text"
_METADATA = re.compile(
    rf"{FOLDER}(?:v(?P<version>\d{{1,18}})|(?P<number>\d{{1,18}})-[0-9A-Za-z-]+)"
    r"(?:\.gz)?\.metadata\.json(?:\.gz)?"
)
_GZIP_MAGIC, _GZIP = b"\x1f\x8b", 16 + zlib.MAX_WBITS
_SCHEME = re.compile(r"\As3[an]?://")
_NO_SNAPSHOT = -1
"""The id of the snapshot of a table that has none, in some versions of the metadata."""
_DELETED = 2
"""The status of a file that a manifest only remembers; 0 and 1 are of files that are there."""


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class _Field(_Model):
    id: int
    name: str
    type: Any


class _Schema(_Model):
    id: int = Field(0, alias="schema-id")
    fields: list[_Field]


class _Snapshot(_Model):
    id: int = Field(alias="snapshot-id")
    schema_id: int | None = Field(None, alias="schema-id")
    manifest_list: str | None = Field(None, alias="manifest-list")
    manifests: list[str] | None = None


class _TableMetadata(_Model):
    format_version: int = Field(alias="format-version")
    location: str
    only_schema: _Schema | None = Field(None, alias="schema")
    schemas: list[_Schema] | None = None
    schema_id: int | None = Field(None, alias="current-schema-id")
    snapshot_id: int | None = Field(None, alias="current-snapshot-id")
    snapshots: list[_Snapshot] | None = None


class _Manifest(_Model):
    path: str = Field(alias="manifest_path")
    content: int | None = None
    added_snapshot_id: int | None = None

    @property
    def is_of_deletes(self) -> bool:
        """Whether its files say which rows of others are deleted."""
        return bool(self.content)


class _DataFile(_Model):
    content: int | None = None
    path: str = Field(alias="file_path")
    format: str = Field(alias="file_format")
    size: Size = Field(alias="file_size_in_bytes")


class _Entry(_Model):
    status: int
    snapshot_id: int | None = None
    data_file: _DataFile


def newest(read: ReadObject, names: NameObjects) -> TableSnapshot:
    """The newest snapshot of the table at a root; its version is the snapshot's id.

    Raises RemoteError for what is no table, or one that cannot be read, with what to do about it.
    """
    metadata = Metadata(read)
    table = _table(metadata, names_below(names, FOLDER))
    schema = _schema(table)
    columns = tuple(column.name for column in schema.fields)
    snapshot = _snapshot(table)
    if snapshot is None:
        return TableSnapshot(str(_NO_SNAPSHOT), (), columns)
    files: dict[str, TableFile] = {}
    naming = _Naming.of(table, schema)
    for manifest in _manifests(metadata, table, snapshot):
        for file in _files(metadata, table, manifest, naming):
            files[file.name] = file
            if len(files) > MOST_FILES:
                raise table_too_large()
    return TableSnapshot(str(snapshot.id), tuple(files[name] for name in sorted(files)), columns)


# The table's metadata


def _table(metadata: Metadata, names: set[str]) -> _TableMetadata:
    data = metadata.read(_newest_metadata(metadata, names))
    if data.startswith(_GZIP_MAGIC):
        data = _unpacked(data)
        metadata.count(len(data))
    try:
        table = _TableMetadata.model_validate_json(data)
    except ValidationError:
        raise damaged("its metadata is none of Iceberg's") from None
    if table.format_version not in {1, 2}:
        raise unsupported("the table is of another version of Iceberg's format than 1 or 2")
    return table


def _newest_metadata(metadata: Metadata, names: set[str]) -> str:
    numbered: dict[int, list[str]] = defaultdict(list)
    for name in names:
        if found := _METADATA.fullmatch(name):
            numbered[int(found["version"] or found["number"])].append(name)
    if not numbered:
        raise not_a_table("Iceberg", FOLDER)
    number = max(numbered)
    if _HINT in names:
        hint = metadata.read(_HINT).decode(errors="replace").strip()
        named = {f"{FOLDER}{hint}", f"{FOLDER}{hint}.metadata.json"} & names
        if named:
            return named.pop()
        number = _hinted(hint, numbered)
    if len(numbered[number]) > 1:
        detail = "two metadata files have the greatest number, and only a catalog knows which of them counts"
        raise RemoteError("ambiguous_table", f"{detail}; commit to the table again, or write {_HINT}")
    return numbered[number][0]


def _hinted(hint: str, numbered: Collection[int]) -> int:
    """The version that a hint says, or the last one after it: hints are written after versions, or not any more."""
    number = int(hint) if re.fullmatch(r"[0-9]{1,18}", hint) else -1
    if number not in numbered:
        raise incomplete(f"{_HINT} names metadata that is not there; write the newest version into it")
    while number + 1 in numbered:
        number += 1
    return number


def _unpacked(data: bytes) -> bytes:
    unpacking = zlib.decompressobj(_GZIP)
    try:
        plain = unpacking.decompress(data, MOST_BYTES)
    except zlib.error:
        raise damaged("its metadata is packed, and cannot be unpacked") from None
    if not unpacking.eof:
        raise table_too_large() if len(plain) == MOST_BYTES else damaged("its packed metadata is cut short")
    return plain


def _schema(table: _TableMetadata) -> _Schema:
    if table.schema_id is None or table.schemas is None:
        found = table.only_schema
    else:
        found = next((schema for schema in table.schemas if schema.id == table.schema_id), None)
    if found is None:
        raise damaged("its schema is none")
    return found


def _snapshot(table: _TableMetadata) -> _Snapshot | None:
    if table.snapshot_id in {None, _NO_SNAPSHOT}:
        return None
    for snapshot in table.snapshots or ():
        if snapshot.id == table.snapshot_id:
            return snapshot
    raise damaged("its newest snapshot is not among its snapshots")


# Names of columns


@dataclass(frozen=True)
class _Naming:
    """Which snapshots' files have the names that columns have now: Iceberg finds columns by numbers, readers by name.

    `schema_of` is the number of the schema of each snapshot that is known, `others` are those of other names.
    """

    schema_of: dict[int, int | None]
    others: frozenset[int]

    @classmethod
    def of(cls, table: _TableMetadata, current: _Schema) -> "_Naming":
        now = dict(_numbered({"type": "struct", "fields": [column.model_dump() for column in current.fields]}))
        numbers = {name: number for number, name in now.items()}
        others = frozenset(
            schema.id
            for schema in table.schemas or ()
            for number, name in _numbered({"type": "struct", "fields": [each.model_dump() for each in schema.fields]})
            if now.get(number, name) != name or numbers.get(name, number) != number
        )
        return cls({snapshot.id: snapshot.schema_id for snapshot in table.snapshots or ()}, others)

    def check(self, snapshot_id: int | None) -> None:
        """Raises RemoteError `renamed_columns` for a file of a snapshot that may have had other names."""
        schema = self.schema_of.get(snapshot_id) if snapshot_id is not None else None
        if self.others and (schema is None or schema in self.others):
            detail = "columns of the table were renamed, or one took a dropped one's name, after files were written"
            raise RemoteError("renamed_columns", f"{detail}; rewrite all data files (rewrite_data_files, rewrite-all)")


def _numbered(kind: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The number and the name of each field of a type, below the names of those that it is in."""
    match kind:
        case {"type": "struct", "fields": list(fields)}:
            for each in fields:
                match each:
                    case {"id": int(number), "name": str(name), "type": inner}:
                        yield number, (*path, name)
                        yield from _numbered(inner, (*path, name))
        case {"type": "list", "element": inner}:
            yield from _numbered(inner, (*path, "element"))
        case {"type": "map", "key": key, "value": value}:
            yield from _numbered(key, (*path, "key"))
            yield from _numbered(value, (*path, "value"))


# Manifests


def _manifests(metadata: Metadata, table: _TableMetadata, snapshot: _Snapshot) -> list[_Manifest]:
    if snapshot.manifest_list is None:
        found = [_Manifest(manifest_path=path) for path in snapshot.manifests or ()]
    else:
        found = list(islice(_read(metadata, table, snapshot.manifest_list, _Manifest), MOST_FILES + 1))
    if len(found) > MOST_FILES:
        raise table_too_large()
    return found


def _files(metadata: Metadata, table: _TableMetadata, manifest: _Manifest, naming: _Naming) -> Iterator[TableFile]:
    for entry in _read(metadata, table, manifest.path, _Entry):
        if entry.status == _DELETED:
            continue
        if entry.status not in {0, 1}:
            raise damaged("a manifest has a file of no known status")
        if manifest.is_of_deletes or entry.data_file.content:
            detail = "rows of the table are deleted by delete files; compact it (rewrite_data_files with"
            raise RemoteError("delete_files", f"{detail} delete-file-threshold 1), or write it copy-on-write")
        if entry.data_file.format.upper() != "PARQUET":
            raise RemoteError("not_parquet", "some of the table's files are not Parquet; rewrite its data files")
        naming.check(manifest.added_snapshot_id if entry.snapshot_id is None else entry.snapshot_id)
        yield TableFile(_name(table, entry.data_file.path), entry.data_file.size)


def _read[Model: _Model](metadata: Metadata, table: _TableMetadata, path: str, model: type[Model]) -> Iterator[Model]:
    try:
        for value in avro.values(metadata.read(_name(table, path)), metadata.count):
            yield model.model_validate(value)
    except (avro.AvroError, ValidationError):
        raise damaged("a manifest, or the list of them, is none") from None


def _name(table: _TableMetadata, path: str) -> str:
    """The name below the root of a file that the table has by its whole address."""
    root = _SCHEME.sub("s3://", table.location).rstrip("/") + "/"
    address = _SCHEME.sub("s3://", path)
    if not address.startswith(root):
        raise outside_table()
    return checked_name(address.removeprefix(root))
