"""Iceberg tables by their newest snapshot: as the usual library has them, and no metadata is believed."""

import gzip
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import fastavro
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, NestedField, StringType

from handfast.remote_files import iceberg
from handfast.remote_files.contract import RemoteError
from handfast.remote_files.tables import TableFile, TableSnapshot
from tests.worlds.lake_tables import in_folder, in_memory

COLUMNS = Schema(
    NestedField(1, "id", LongType()), NestedField(2, "day", StringType()), NestedField(3, "mail", StringType())
)
DAYS = ("2026-01-01", "a b/ü%", None)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqlCatalog]:
    made = SqlCatalog("made", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=f"file://{tmp_path}/lake")
    made.create_namespace("of")
    yield made
    made.close()


def people(random: Random, count: int) -> pa.Table:
    ids = [random.randrange(1000) for _ in range(count)]
    return pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "day": pa.array([random.choice(DAYS) for _ in ids], pa.string()),
            "mail": [f"person{number}@mail.example" for number in ids],
        }
    )


def rows_of(root: Path, snapshot: TableSnapshot) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for file in snapshot.files:
        assert (root / file.name).stat().st_size == file.size
        assert file.partition == {}
        found = duckdb.execute("FROM read_parquet(?, hive_partitioning = false)", [str(root / file.name)])
        rows += found.fetchall()
    return sorted(rows, key=str)


PARTITIONS = {
    "none": PartitionSpec(),
    "identity": PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "day")),
}


@pytest.mark.filterwarnings("ignore:Delete operation did not match any records")
@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("version", ["1", "2"])
def test_a_table_has_the_rows_that_the_library_finds(
    tmp_path: Path, catalog: SqlCatalog, version: str, partition: str
) -> None:
    random = Random(f"{version} {partition}")
    properties = {
        "format-version": version,
        "commit.manifest-merge.enabled": "true",
        "commit.manifest.min-count-to-merge": "3",
    }
    table = catalog.create_table("of.people", COLUMNS, partition_spec=PARTITIONS[partition], properties=properties)
    root = Path(table.location().removeprefix("file://"))
    assert iceberg.newest(*in_folder(root)) == TableSnapshot("-1", (), ("id", "day", "mail"))
    for _ in range(8):
        match random.randrange(4):
            case 0:
                table.delete(f"id < {random.randrange(400)}")
            case 1:
                table.overwrite(people(random, 5))
            case _:
                table.append(people(random, 10))
        snapshot = iceberg.newest(*in_folder(root))
        current = table.current_snapshot()
        assert snapshot.version == str(current.snapshot_id if current else -1)
        assert {file.name for file in snapshot.files} == {
            task.file.file_path.removeprefix(f"{table.location()}/") for task in table.scan().plan_files()
        }
        arrow = table.scan().to_arrow()
        assert rows_of(root, snapshot) == sorted(map(tuple, (row.values() for row in arrow.to_pylist())), key=str)


def test_columns_that_come_and_go_are_no_hindrance_and_renamed_ones_are(catalog: SqlCatalog) -> None:
    table = catalog.create_table("of.people", COLUMNS)
    place = in_folder, Path(table.location().removeprefix("file://"))

    def reason() -> str:
        try:
            iceberg.newest(*place[0](place[1]))
        except RemoteError as refused:
            return refused.reason
        return "read"

    table.append(people(Random(1), 5))
    with table.update_schema() as update:
        update.add_column("phone", StringType())
    with table.update_schema() as update:
        update.delete_column("day")
    table.append(pa.table({"id": [1], "mail": ["a"], "phone": ["1"]}))
    assert iceberg.newest(*place[0](place[1])).columns == ("id", "mail", "phone")
    with table.update_schema() as update:
        update.rename_column("mail", "email")
    assert reason() == "renamed_columns"
    # Files that were all written since have the names of now.
    table.overwrite(pa.table({"id": [1], "email": ["a"], "phone": ["1"]}))
    assert reason() == "read"
    with table.update_schema() as update:
        update.delete_column("phone")
    with table.update_schema() as update:
        update.add_column("phone", StringType())
    assert reason() == "renamed_columns"


# Metadata of one's own

ROOT = "s3://lake/people"
LIST = {
    "type": "record",
    "name": "manifest_file",
    "fields": [
        {"name": "manifest_path", "type": "string"},
        {"name": "content", "type": ["null", "int"], "default": None},
        {"name": "added_snapshot_id", "type": ["null", "long"], "default": None},
    ],
}
DATA_FILE = {
    "type": "record",
    "name": "r2",
    "fields": [
        {"name": "content", "type": "int"},
        {"name": "file_path", "type": "string"},
        {"name": "file_format", "type": "string"},
        {"name": "partition", "type": {"type": "record", "name": "r102", "fields": []}},
        {"name": "file_size_in_bytes", "type": "long"},
    ],
}
ENTRIES = {
    "type": "record",
    "name": "manifest_entry",
    "fields": [
        {"name": "status", "type": "int"},
        {"name": "snapshot_id", "type": ["null", "long"], "default": None},
        {"name": "data_file", "type": DATA_FILE},
    ],
}
SCHEMA = {"type": "struct", "schema-id": 0, "fields": [{"id": 1, "name": "mail", "required": False, "type": "string"}]}


def avro(schema: Any, *records: Any) -> bytes:
    file = io.BytesIO()
    fastavro.writer(file, schema, records, codec="deflate")
    return file.getvalue()


def table(**changes: Any) -> bytes:
    made = {
        "format-version": 2,
        "location": ROOT,
        "schemas": [SCHEMA],
        "current-schema-id": 0,
        "current-snapshot-id": 7,
        "snapshots": [{"snapshot-id": 7, "schema-id": 0, "manifest-list": f"{ROOT}/metadata/list.avro"}],
    }
    return json.dumps(made | changes).encode()


def entry(path: str = f"{ROOT}/data/a.parquet", status: int = 1, **changes: Any) -> dict[str, Any]:
    made = {"content": 0, "file_path": path, "file_format": "PARQUET", "partition": {}, "file_size_in_bytes": 9}
    return {"status": status, "data_file": made | changes}


def place(
    *entries: Any, metadata: bytes | None = None, content: int | None = 0, path: str = f"{ROOT}/metadata/m.avro"
) -> dict[str, bytes]:
    manifest = {"manifest_path": path, "content": content, "added_snapshot_id": 7}
    return {
        "metadata/00001-a.metadata.json": table() if metadata is None else metadata,
        "metadata/list.avro": avro(LIST, manifest),
        "metadata/m.avro": avro(ENTRIES, *entries),
    }


def newest(objects: Mapping[str, bytes]) -> TableSnapshot:
    return iceberg.newest(*in_memory(objects))


def reason(objects: Mapping[str, bytes]) -> str:
    with pytest.raises(RemoteError) as refused:
        newest(objects)
    assert refused.value.detail
    return refused.value.reason


def test_files_are_named_below_the_table() -> None:
    entries = [entry(), entry("s3a://lake/people/data/day=a%20b/b c.parquet", 0), entry("s3://x/y", 2)]
    found = newest(place(*entries))
    assert found == TableSnapshot(
        "7", (TableFile("data/a.parquet", 9), TableFile("data/day=a%20b/b c.parquet", 9)), ("mail",)
    )
    assert newest(place(*entries, metadata=table(location=f"{ROOT}/"))) == found
    assert newest(place(*entries, metadata=table(location="s3n://lake/people"))) == found


def test_a_table_of_the_first_version_is_read() -> None:
    snapshots = [{"snapshot-id": 7, "manifests": [f"{ROOT}/metadata/m.avro"]}]
    old = {"format-version": 1, "schemas": None, "current-schema-id": None, "schema": SCHEMA, "snapshots": snapshots}
    objects = place(entry(), metadata=table(**old))
    del objects["metadata/list.avro"]
    assert newest(objects).files == (TableFile("data/a.parquet", 9),)
    assert newest(place(entry(), content=None)).files == (TableFile("data/a.parquet", 9),)


def test_the_newest_metadata_is_found() -> None:
    def found(names: list[str], hint: bytes | None = None) -> str:
        """The name that the metadata was read of, which its only column has."""
        objects: dict[str, bytes] = {}
        for name in names:
            columns = [{"id": 1, "name": name, "type": "string"}]
            data = table(schemas=[{"schema-id": 0, "fields": columns}], **{"current-snapshot-id": None})
            objects[f"metadata/{name}"] = gzip.compress(data) if "gz" in name else data
        if hint is not None:
            objects["metadata/version-hint.text"] = hint
        try:
            return newest(objects).columns[0]
        except RemoteError as refused:
            return refused.reason

    uuid = "b1a8-3fce"
    by_catalog = [f"{number:05}-{uuid}.metadata.json" for number in (0, 9, 10)]
    assert found(by_catalog) == by_catalog[-1]
    assert found([*by_catalog, "00010-other.metadata.json"]) == "ambiguous_table"
    assert found([*by_catalog, "00010-other.metadata.json"], b"00010-other\n") == "00010-other.metadata.json"
    assert found(by_catalog, b"00009-b1a8-3fce.metadata.json") == by_catalog[1]
    by_hint = [f"v{number}.metadata.json" for number in (1, 2, 3, 10)]
    assert found(by_hint) == "v10.metadata.json"
    assert found(by_hint, b"1") == "v3.metadata.json"
    assert found(by_hint, b"10") == "v10.metadata.json"
    assert found(["v1.metadata.json", "v2.gz.metadata.json"], b"2") == "v2.gz.metadata.json"
    assert found(["00002-a.metadata.json.gz"]) == "00002-a.metadata.json.gz"
    for hint in (b"4", b"-1", b"", b"\xff", b"9" * 500, b"../secret", b"\xd9\xa1"):
        assert found(by_hint, hint) == "incomplete_table"
    assert found([]) == "not_a_table"
    assert found(["snap-1.avro", "v.metadata.json"]) == "not_a_table"


HOSTILE: dict[str, tuple[str, dict[str, bytes]]] = {
    "no JSON": ("damaged_table", place(metadata=b"{")),
    "deep JSON": ("damaged_table", place(metadata=b'{"location":' * 100_000)),
    "packed, and cut": ("damaged_table", place(metadata=gzip.compress(bytes(9999))[:-9])),
    "packed, and none": ("damaged_table", place(metadata=b"\x1f\x8b" + b"x" * 99)),
    "packed, and too large": ("table_too_large", place(metadata=gzip.compress(bytes((256 << 20) + 9)))),
    "the third version": ("unsupported_table", place(metadata=table(**{"format-version": 3}))),
    "no version": ("damaged_table", place(metadata=table(**{"format-version": "2"}))),
    "no location": ("damaged_table", place(metadata=table(location=None))),
    "no schema": ("damaged_table", place(metadata=table(schemas=[]))),
    "no schema at all": ("damaged_table", place(metadata=table(schemas=None))),
    "no snapshot": ("damaged_table", place(metadata=table(**{"current-snapshot-id": 8}))),
    "another location": ("outside_table", place(entry(), metadata=table(location="s3://lake/other"))),
    "no location's name": ("outside_table", place(entry(), metadata=table(location=""))),
    "a list elsewhere": (
        "outside_table",
        place(metadata=table(snapshots=[{"snapshot-id": 7, "manifest-list": "s3://lake/peoples/list.avro"}])),
    ),
    "a manifest elsewhere": ("outside_table", place(entry(), path="file:///etc/passwd")),
    "a file elsewhere": ("outside_table", place(entry("s3://other/a.parquet"))),
    "a file above": ("outside_table", place(entry(f"{ROOT}/data/../../a.parquet"))),
    "a file at the root of all": ("outside_table", place(entry(f"{ROOT}//a.parquet"))),
    "a file without a name": ("damaged_table", place(entry(f"{ROOT}/"))),
    "a manifest that is gone": ("gone", place(entry(), path=f"{ROOT}/metadata/other.avro")),
    "a manifest that is its own list": ("damaged_table", place(entry(), path=f"{ROOT}/metadata/list.avro")),
    "a list that is none": ("damaged_table", place() | {"metadata/list.avro": b"PAR1"}),
    "a manifest of other things": ("damaged_table", place() | {"metadata/m.avro": avro(LIST, {"manifest_path": "x"})}),
    "a file of no status": ("damaged_table", place(entry(status=3))),
    "less than no bytes": ("damaged_table", place(entry(file_size_in_bytes=-1))),
    "a snapshot that is no number": (
        "damaged_table",
        place() | {"metadata/00001-a.metadata.json": table(snapshots=[{"snapshot-id": 1e300}])},
    ),
    "ORC": ("not_parquet", place(entry(file_format="ORC"))),
    "a manifest of deletes": ("delete_files", place(entry(content=1), content=1)),
    "deletes by position": ("delete_files", place(entry(content=1))),
    "deletes by equality": ("delete_files", place(entry(content=2))),
    "many manifests": (
        "table_too_large",
        place() | {"metadata/list.avro": avro(LIST, *[{"manifest_path": f"{ROOT}/metadata/m.avro"}] * 100_001)},
    ),
    "many files": ("table_too_large", place(*(entry(f"{ROOT}/{number}") for number in range(100_001)))),
    "a large manifest again and again": (
        "table_too_large",
        place()
        | {
            "metadata/list.avro": avro(LIST, *[{"manifest_path": f"{ROOT}/metadata/m.avro"}] * 30),
            "metadata/m.avro": avro(ENTRIES, *[entry("a" * 1_000_000, 2)] * 10),
        },
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_metadata_that_cannot_be_is_refused(name: str) -> None:
    expected, objects = HOSTILE[name]
    assert reason(objects) == expected


def test_deletes_that_are_deleted_are_no_hindrance() -> None:
    manifests = [
        {"manifest_path": f"{ROOT}/metadata/{name}.avro", "content": kind} for name, kind in (("m", 0), ("d", 1))
    ]
    objects = place(entry()) | {
        "metadata/list.avro": avro(LIST, *manifests),
        "metadata/d.avro": avro(ENTRIES, entry(f"{ROOT}/data/d.parquet", 2, content=1)),
    }
    assert [file.name for file in newest(objects).files] == ["data/a.parquet"]


@pytest.mark.parametrize(
    "before",
    [
        [{"id": 1, "name": "email", "type": "string"}],
        [{"id": 2, "name": "mail", "type": "string"}],
        [
            {"id": 1, "name": "mail", "type": "string"},
            {
                "id": 3,
                "name": "ids",
                "type": {
                    "type": "list",
                    "element": {"type": "struct", "fields": [{"id": 5, "name": "x", "type": "long"}]},
                },
            },
        ],
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_a_file_of_other_names_is_refused(before: list[Any], known: bool) -> None:
    """Of a snapshot that is known to have had them, or that is not known any more; none of one that had the same."""
    ids = {
        "type": "map",
        "key": "string",
        "value": {"type": "struct", "fields": [{"id": 5, "name": "id", "type": "long"}]},
    }
    now = {
        "schema-id": 1,
        "fields": [{"id": 1, "name": "mail", "type": "string"}, {"id": 3, "name": "ids", "type": ids}],
    }
    snapshots = [{"snapshot-id": 7, "schema-id": 1, "manifest-list": f"{ROOT}/metadata/list.avro"}]
    if known:
        snapshots.append({"snapshot-id": 6, "schema-id": 0, "manifest-list": "x"})
    schemas = {"schemas": [{"schema-id": 0, "fields": before}, now], "current-schema-id": 1, "snapshots": snapshots}
    assert newest(place(entry(), metadata=table(**schemas))).files
    old = entry() | {"snapshot_id": 6}
    assert reason(place(old, metadata=table(**schemas))) == "renamed_columns"


@settings(deadline=None)
@given(flips=st.lists(st.tuples(st.integers(0), st.integers(1, 255)), min_size=1, max_size=3))
def test_damaged_metadata_is_refused_or_read(flips: list[tuple[int, int]]) -> None:
    objects = place(entry(), entry(f"{ROOT}/data/b.parquet", 0))
    for at, flip in flips:
        name = sorted(objects)[at % len(objects)]
        data = bytearray(objects[name])
        data[at // len(objects) % len(data)] ^= flip
        objects[name] = bytes(data)
    try:
        newest(objects)
    except RemoteError:
        return
