"""Delta tables by their newest snapshot: as the usual library has them, and no log is believed."""

import json
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import deltalake
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handfast.remote_files import delta
from handfast.remote_files.contract import RemoteError
from handfast.remote_files.tables import TableFile, TableSnapshot
from tests.worlds.lake_tables import in_folder, in_memory

DAYS = ("2026-01-01", "2026-01-02", "a b/ü%", None)


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
    """The rows of a snapshot's files, with the values that the files lack."""
    rows: list[tuple[Any, ...]] = []
    for file in snapshot.files:
        assert (root / file.name).stat().st_size == file.size
        days = file.partition.get("day")
        kept = "id, mail" if file.partition else "id, mail, day"
        found = duckdb.execute(
            f"SELECT {kept} FROM read_parquet(?, hive_partitioning = false)", [str(root / file.name)]
        )
        rows += [(*row, days) if file.partition else row for row in found.fetchall()]
    return sorted(rows, key=str)


@pytest.mark.parametrize("partitioned", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_a_table_has_the_rows_that_the_library_finds(tmp_path: Path, seed: int, partitioned: bool) -> None:
    random = Random(seed)
    root = tmp_path / "table"
    by = ["day"] if partitioned else None
    deltalake.write_deltalake(root, people(random, 20), partition_by=by)
    for _ in range(12):
        table = deltalake.DeltaTable(root)
        match random.randrange(6):
            case 0:
                deltalake.write_deltalake(root, people(random, 5), mode="overwrite", partition_by=by)
            case 1:
                table.delete(f"id < {random.randrange(400)}")
            case 2:
                table.optimize.compact()
            case 3:
                table.create_checkpoint()
                old = sorted((root / delta.LOG).glob("*.json"))[:-1]
                for path in old if random.random() < 0.5 else []:
                    path.unlink()
            case _:
                deltalake.write_deltalake(root, people(random, 10), mode="append", partition_by=by)
        table = deltalake.DeltaTable(root)
        snapshot = delta.newest(*in_folder(root))
        assert snapshot.version == str(table.version())
        assert snapshot.columns == ("id", "day", "mail")
        arrow = table.to_pyarrow_table().select(["id", "mail", "day"])
        assert rows_of(root, snapshot) == sorted(map(tuple, (row.values() for row in arrow.to_pylist())), key=str)


# Logs of one's own

SCHEMA = json.dumps({"type": "struct", "fields": [{"name": name, "type": "string"} for name in ("mail", "day")]})
PROTOCOL = {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}


def metadata(**changes: Any) -> dict[str, Any]:
    made = {"id": "1", "format": {"provider": "parquet"}, "schemaString": SCHEMA, "partitionColumns": []}
    return {"metaData": made | changes}


def add(path: str, **changes: Any) -> dict[str, Any]:
    return {
        "add": {"path": path, "size": 7, "partitionValues": {}, "modificationTime": 1, "dataChange": True} | changes
    }


def remove(path: str, **changes: Any) -> dict[str, Any]:
    return {"remove": {"path": path, "dataChange": True} | changes}


def lines(*actions: Any) -> bytes:
    return b"".join(json.dumps(action).encode() + b"\n" for action in actions)


def log(*commits: bytes, first: int = 0) -> dict[str, bytes]:
    return {f"_delta_log/{first + number:020}.json": commit for number, commit in enumerate(commits)}


START = lines(PROTOCOL, metadata(), add("a.parquet"), {"commitInfo": {"any": [1]}})


def newest(objects: Mapping[str, bytes]) -> TableSnapshot:
    return delta.newest(*in_memory(objects))


def names(objects: Mapping[str, bytes]) -> list[str]:
    return [file.name for file in newest(objects).files]


def reason(objects: Mapping[str, bytes]) -> str:
    with pytest.raises(RemoteError) as refused:
        newest(objects)
    assert refused.value.detail
    return refused.value.reason


def parquet(folder: Path, *actions: dict[str, Any]) -> bytes:
    """Actions as the file of a checkpoint."""
    values = pa.map_(pa.string(), pa.string())
    vector = pa.struct({"storageType": pa.string(), "pathOrInlineDv": pa.string()})
    file = {"path": pa.string(), "size": pa.int64(), "partitionValues": values, "deletionVector": vector}
    kinds = {
        "add": pa.struct(file),
        "remove": pa.struct({"path": pa.string()}),
        "protocol": pa.struct({"minReaderVersion": pa.int32(), "readerFeatures": pa.list_(pa.string())}),
        "metaData": pa.struct(
            {
                "format": pa.struct({"provider": pa.string()}),
                "schemaString": pa.string(),
                "partitionColumns": pa.list_(pa.string()),
                "configuration": values,
            }
        ),
        "sidecar": pa.struct({"path": pa.string(), "sizeInBytes": pa.int64()}),
    }
    columns = {kind: pa.array([action.get(kind) for action in actions], of) for kind, of in kinds.items()}
    pq.write_table(pa.table(columns), folder / "made.parquet")
    return (folder / "made.parquet").read_bytes()


def test_commits_are_replayed_in_their_order() -> None:
    table = log(
        START,
        lines(add("b.parquet"), add("c.parquet"), {"txn": {"appId": "x", "version": 1}}),
        lines(remove("a.parquet"), remove("b.parquet"), {"cdc": {"path": "_change_data/x"}}),
        lines(add("a.parquet", size=9), {"domainMetadata": {}}) + b"\n",
    )
    snapshot = newest(table | {"_delta_log/00000000000000000001.crc": b"x", "_delta_log/_last_checkpoint": b"{"})
    assert snapshot == TableSnapshot(
        "3", (TableFile("a.parquet", 9, {}), TableFile("c.parquet", 7, {})), ("mail", "day")
    )


def test_values_that_files_lack_are_told() -> None:
    first = lines(
        PROTOCOL,
        metadata(partitionColumns=["day"]),
        add("day=2026-01-01/a%20b%252F.parquet", partitionValues={"day": "2026-01-01"}),
        add("day=x/b.parquet", partitionValues={"day": None}),
        add("day=x/c.parquet", partitionValues={"day": ""}),
    )
    found = {file.name: file.partition for file in newest(log(first)).files}
    assert found == {
        "day=2026-01-01/a b%2F.parquet": {"day": "2026-01-01"},
        "day=x/b.parquet": {"day": None},
        "day=x/c.parquet": {"day": None},
    }


@pytest.mark.parametrize("parts", [1, 3])
def test_a_checkpoint_stands_for_the_commits_before_it(tmp_path: Path, parts: int) -> None:
    actions = [PROTOCOL, metadata(), *(add(f"{letter}.parquet") for letter in "abcd"), remove("x.parquet")]
    table = log(lines(remove("b.parquet"), add("e.parquet")), first=8)
    for part in range(parts):
        name = f"{7:020}.checkpoint" + (f".{part + 1:010}.{parts:010}" if parts > 1 else "")
        table[f"_delta_log/{name}.parquet"] = parquet(tmp_path, *actions[part::parts])
    assert names(table) == [f"{letter}.parquet" for letter in "acde"]
    # One that is not whole is none, whatever it claims.
    table |= log(START, *[lines()] * 7)
    table[f"_delta_log/{8:020}.checkpoint.{2:010}.{1_000_000:010}.parquet"] = b"x"
    table[f"_delta_log/{8:020}.checkpoint.{2:010}.{1:010}.parquet"] = b"x"
    assert names(table)[0] == "a.parquet"
    if parts > 1:
        del table[f"_delta_log/{7:020}.checkpoint.{2:010}.{parts:010}.parquet"]
        assert names(table) == ["a.parquet", "e.parquet"]


V2 = {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["v2Checkpoint"]}}
UUID = "80a083e8-7026-4e79-81be-64bd76c43a11"


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_a_checkpoint_may_have_its_files_beside_it(tmp_path: Path, form: str) -> None:
    actions = (V2, metadata(), {"sidecar": {"path": "s1.parquet", "sizeInBytes": 1}})
    table = {
        f"_delta_log/{7:020}.checkpoint.{UUID}.{form}": lines({"checkpointMetadata": {"version": 7}}, *actions)
        if form == "json"
        else parquet(tmp_path, *actions),
        "_delta_log/_sidecars/s1.parquet": parquet(tmp_path, add("a.parquet"), add("b.parquet")),
    }
    assert names(table) == ["a.parquet", "b.parquet"]
    within = {"sidecar": {"path": "s1.parquet", "sizeInBytes": 1}}
    assert reason(table | {"_delta_log/_sidecars/s1.parquet": parquet(tmp_path, within)}) == "damaged_table"
    del table["_delta_log/_sidecars/s1.parquet"]
    assert reason(table) == "incomplete_table"
    away = lines(V2, metadata(), {"sidecar": {"path": "../../s1.parquet", "sizeInBytes": 1}})
    assert reason({f"_delta_log/{7:020}.checkpoint.{UUID}.json": away}) == "outside_table"


def test_features_that_are_not_used_are_no_hindrance() -> None:
    features = ["deletionVectors", "columnMapping", "timestampNtz", "typeWidening", "vacuumProtocolCheck"]
    protocol = {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": features}}
    unused = metadata(configuration={"delta.columnMapping.mode": "none", "delta.enableDeletionVectors": "true"})
    vector = {"storageType": "u", "pathOrInlineDv": "x", "offset": 1, "sizeInBytes": 3, "cardinality": 2}
    table = log(
        lines(protocol, unused, add("a.parquet")),
        lines(remove("a.parquet"), add("a.parquet", deletionVector=vector)),
        lines(remove("a.parquet", deletionVector=vector), add("b.parquet")),
    )
    assert names(table) == ["b.parquet"]
    assert reason({name: data for name, data in table.items() if "02.json" not in name}) == "deletion_vectors"


def test_deletion_vectors_of_a_checkpoint_are_refused(tmp_path: Path) -> None:
    added = add("a.parquet", deletionVector={"storageType": "i", "pathOrInlineDv": "x"})
    checkpoint = parquet(tmp_path, PROTOCOL, metadata(), added)
    assert reason({f"_delta_log/{7:020}.checkpoint.parquet": checkpoint}) == "deletion_vectors"


def with_protocol(**protocol: Any) -> dict[str, bytes]:
    return log(lines({"protocol": {"minWriterVersion": 7} | protocol}, metadata()))


def with_add(*paths: str, **changes: Any) -> dict[str, bytes]:
    return log(lines(PROTOCOL, metadata(), *(add(path, **changes) for path in paths)))


HOSTILE: dict[str, tuple[str, dict[str, bytes]]] = {
    "nothing": ("not_a_table", {}),
    "no log": ("not_a_table", {"_delta_log/_last_checkpoint": b"{}", "_delta_log/1.json": b"{}"}),
    "no first commit": ("incomplete_table", log(START, first=1)),
    "a gap": ("incomplete_table", log(START) | log(lines(), first=2)),
    "a gap of 10^19": ("incomplete_table", log(START) | log(lines(), first=10**19)),
    "a part of a million": (
        "not_a_table",
        {f"_delta_log/{7:020}.checkpoint.{1:010}.{1_000_000:010}.parquet": b"x"},
    ),
    "many commits": ("table_too_large", log(START, *[b""] * 10_001)),
    "no protocol": ("damaged_table", log(lines(metadata()))),
    "no metadata": ("damaged_table", log(lines(PROTOCOL))),
    "no JSON": ("damaged_table", log(START, b"{")),
    "deep JSON": ("damaged_table", log(START, b'{"add":' * 100_000)),
    "no object": ("damaged_table", log(START, b"[1]")),
    "not UTF-8": ("damaged_table", log(START, b'{"add": {"path": "\xff"}}')),
    "an unknown action": ("unsupported_table", log(START, lines({"addFile": {"path": "x"}}))),
    "an unknown version": ("unsupported_table", with_protocol(minReaderVersion=4)),
    "a version below all": ("unsupported_table", with_protocol(minReaderVersion=0)),
    "an unknown feature": ("unsupported_table", with_protocol(minReaderVersion=3, readerFeatures=["catalogManaged"])),
    "no features": ("unsupported_table", with_protocol(minReaderVersion=3)),
    "a version that is a text": ("damaged_table", with_protocol(minReaderVersion="1")),
    "column mapping": (
        "column_mapping",
        log(lines(PROTOCOL, metadata(configuration={"delta.columnMapping.mode": "name"}))),
    ),
    "another format": ("not_parquet", log(lines(PROTOCOL, metadata(format={"provider": "orc"})))),
    "no schema": ("damaged_table", log(lines(PROTOCOL, metadata(schemaString="{}")))),
    "partitioned by nothing": ("damaged_table", log(lines(PROTOCOL, metadata(partitionColumns=["x"])))),
    "a value of nothing": ("damaged_table", with_add("a.parquet", partitionValues={"x": "1"})),
    "a value that is a number": ("damaged_table", with_add("a.parquet", partitionValues={"day": 1})),
    "an absolute file": ("outside_table", with_add("/a.parquet")),
    "a file elsewhere": ("outside_table", with_add("s3://other/a.parquet")),
    "a file of a clone": ("outside_table", with_add("file:/a.parquet")),
    "a file above": ("outside_table", with_add("x/../../a.parquet")),
    "a file above, escaped": ("outside_table", with_add("%2E%2E/a.parquet")),
    "no name": ("damaged_table", with_add("")),
    "a name with nothing between": ("damaged_table", with_add("a//b.parquet")),
    "a name with a line end": ("damaged_table", with_add("a%0Ab.parquet")),
    "a name that is not UTF-8": ("damaged_table", with_add("%FF.parquet")),
    "a long name": ("damaged_table", with_add("a" * 1000)),
    "less than no bytes": ("damaged_table", with_add("a.parquet", size=-1)),
    "bytes beyond count": ("damaged_table", with_add("a.parquet", size=1e300)),
    "bytes beyond numbers": ("damaged_table", with_add("a.parquet", size=1 << 63)),
    "a checkpoint that is none": ("damaged_table", {f"_delta_log/{7:020}.checkpoint.parquet": b"PAR1" * 9}),
    "a checkpoint of a long footer": (
        "table_too_large",
        {f"_delta_log/{7:020}.checkpoint.parquet": bytes(34 << 20) + b"\0\0\0\2PAR1"},
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_log_that_cannot_be_is_refused(name: str) -> None:
    expected, table = HOSTILE[name]
    assert reason(table) == expected


def test_a_commit_that_is_gone_meanwhile_is_told() -> None:
    read, _ = in_memory(log(START))
    _, names = in_memory(log(START, START))
    with pytest.raises(RemoteError, match="gone"):
        delta.newest(read, names)


@pytest.mark.parametrize("select", ["NULL AS txn", "{'path': 'a'} AS add, 1 AS other", "1 AS add"])
def test_a_checkpoint_of_other_columns_is_refused(tmp_path: Path, select: str) -> None:
    duckdb.execute(f"COPY (SELECT {select}) TO '{tmp_path / 'made.parquet'}' (FORMAT parquet)")
    table = {f"_delta_log/{7:020}.checkpoint.parquet": (tmp_path / "made.parquet").read_bytes()}
    assert reason(table) in {"damaged_table", "unsupported_table"}


def test_more_than_is_read_is_refused(tmp_path: Path) -> None:
    """Rows that a checkpoint repeats, texts that it folds, files, and bytes of commits."""
    checkpoint = tmp_path / "made.parquet"
    few = "{'path': 'a.parquet', 'size': 1::BIGINT, 'partitionValues': MAP {}::MAP(VARCHAR, VARCHAR)}"
    duckdb.execute(f"COPY (SELECT {few} AS add FROM range(1000001)) TO '{checkpoint}' (FORMAT parquet)")
    assert checkpoint.stat().st_size < 200_000
    assert reason({f"_delta_log/{7:020}.checkpoint.parquet": checkpoint.read_bytes()}) == "table_too_large"
    long = "{'path': repeat('a', 2000000), 'size': 1::BIGINT, 'partitionValues': MAP {}::MAP(VARCHAR, VARCHAR)}"
    duckdb.execute(f"COPY (SELECT {long} AS add FROM range(1000)) TO '{checkpoint}' (FORMAT parquet)")
    assert reason({f"_delta_log/{7:020}.checkpoint.parquet": checkpoint.read_bytes()}) == "table_too_large"
    assert reason(log(START, *[b" " * (100 << 20)] * 3)) == "table_too_large"
    assert reason(log(START, lines(*(add(f"{number}.parquet") for number in range(100_000))))) == "table_too_large"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flips=st.lists(st.tuples(st.integers(0), st.integers(1, 255)), min_size=1, max_size=3))
def test_a_damaged_log_is_refused_or_read(tmp_path: Path, flips: list[tuple[int, int]]) -> None:
    checkpoint = f"_delta_log/{7:020}.checkpoint.parquet"
    table = log(lines(remove("b.parquet"), add("d.parquet")), first=8)
    table[checkpoint] = parquet(tmp_path, PROTOCOL, metadata(), *(add(f"{letter}.parquet") for letter in "abc"))
    for place, flip in flips:
        name = sorted(table)[place % 2]
        data = bytearray(table[name])
        data[place // 2 % len(data)] ^= flip
        table[name] = bytes(data)
    try:
        newest(table)
    except RemoteError:
        return
