"""Ingest of raw rows, against the bare DuckDB statements that parse, hash and write the same file.

    python -m benchmarks.ingest [rows, 1,000,000 by default]

The file is made by a seed: people with an e-mail address, a phone number, two device ids, a consent answer and two
segments. All sides end with one Parquet file per bucket of profiles, and one per bucket and segment of members, once
with the phone numbers and once without. The bare statements are measured a second time with the change written down
before it is merged, which is what no ingest that can be tried again comes below. Each has a process of its own.
"""

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from benchmarks.bucket_files import Work, measure, unbounded
from handfast.ingest.applying import load
from handfast.ingest.models import Column
from handfast.ingest.plan import CurrentBucket, Plan, SpanChange
from handfast.ingest.staging import stage
from handfast.lake.duck import literal

ROWS = 1_000_000
PHONES = 100_000
RUNS = 5
_AREA_CODES = (201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228)
_SECRET = bytes(range(16))
_BITS = 6
_AT = datetime(2026, 1, 1, tzinfo=UTC)
_COLUMNS = (
    Column("id", "profileId"),
    Column("mail", "identity", 1, "hash"),
    Column("phone", "identity", 2, "hash"),
    Column("idfa", "identity", 4),
    Column("gaid", "identity", 5),
    Column("consent", "share"),
    Column("in_a", "segment", segment_id="seg_a"),
    Column("in_b", "segment", segment_id="seg_b"),
)
_WITHOUT_PHONES = tuple(column for column in _COLUMNS if column.column != "phone")


def _device(seed: str) -> str:
    digest = f"md5('{seed}' || i)"
    parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    return " || '-' || ".join(f"substr({digest}, {start}, {length})" for start, length in parts)


def write_people(path: Path, rows: int, *, national_phones: bool = False) -> None:
    """People as a CRM exports them: mixed case, some spaces and tags, a tenth without a consent answer."""
    area_code = f"{list(_AREA_CODES)}[1 + i % {len(_AREA_CODES)}]"
    number = f"(2300000 + i // {len(_AREA_CODES)})"
    phone = f"'+1' || {area_code} || {number}"
    if national_phones:
        phone = f"printf('(%d) %d-%04d', {area_code}, {number} // 10000, {number} % 10000)"
    duckdb.execute(
        f"""
        COPY (
            SELECT 'p' || i AS id,
                CASE hash(i, 1) % 20
                    WHEN 0 THEN '  User' || i || '.Ab@Example.COM '
                    WHEN 1 THEN 'user+tag' || i || '@mail.example.org'
                    ELSE 'first.last' || i || '@example.com'
                END AS mail,
                {phone} AS phone, upper({_device("a")}) AS idfa, {_device("b")} AS gaid,
                CASE hash(i, 3) % 10 WHEN 0 THEN 'n' WHEN 1 THEN '' ELSE 'y' END AS consent,
                CASE WHEN hash(i, 4) % 10 < 3 THEN '1' ELSE '' END AS in_a,
                CASE WHEN hash(i, 5) % 10 < 2 THEN 'true' ELSE '' END AS in_b
            FROM range({rows}) AS people(i)
        ) TO {literal(path)} (FORMAT csv, HEADER)
        """
    )


def people_plan(bucket_bits: int) -> Plan:
    """How a file of `write_people` is read."""
    return replace(_plan(_COLUMNS), bucket_bits=bucket_bits)


def _plan(columns: tuple[Column, ...]) -> Plan:
    return Plan("csv", columns, None, {"seg_a": "seg_a", "seg_b": "seg_b"}, "US", _SECRET, _BITS, _AT)


def ingest(path: Path, columns: tuple[Column, ...]) -> int:
    """Stage the file and apply it to empty buckets: how many identities there are then."""
    with TemporaryDirectory(dir=path.parent) as folder:
        spans = stage(path, _plan(columns), Path(folder)).spans
        for span in spans:
            _apply(SpanChange(_AT, span.profiles, span.memberships), Path(folder))
        return _count(Path(folder) / "profiles-?????.parquet")


def _apply(change: SpanChange, folder: Path) -> None:
    with load(change, _BITS) as loaded:
        loaded.merge([CurrentBucket(bucket) for bucket in loaded.buckets], folder)


def _count(paths: Path) -> int:
    ((rows,),) = duckdb.execute(f"SELECT count(*) FROM read_parquet({literal(paths)})").fetchall()
    return int(rows)


def bare(path: Path, columns: tuple[Column, ...]) -> int:
    """The same file by DuckDB alone, without any check: how many identities there are then."""
    with TemporaryDirectory(dir=path.parent) as folder:
        _bare(path, columns, Path(folder))
        return _count(Path(folder) / "profiles" / "*" / "*.parquet")


def kept(path: Path, columns: tuple[Column, ...]) -> int:
    """The same, with the change on the disk before it is merged, as what may be tried again has to have it."""
    with TemporaryDirectory(dir=path.parent) as folder:
        _bare(path, columns, Path(folder), keeps_change=True)
        return _count(Path(folder) / "profiles" / "*" / "*.parquet")


def _bare(path: Path, columns: tuple[Column, ...], work_dir: Path, *, keeps_change: bool = False) -> None:
    options = (
        "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 65536, PARQUET_VERSION v2,"
        " DICTIONARY_SIZE_LIMIT 64"
    )
    partitioned = f"{options}, PARTITION_BY"
    kinds = ", ".join(f"'{column.column}': 'VARCHAR'" for column in _COLUMNS)
    form = f"auto_detect=false, header=true, delim=',', quote='\"', escape='\"', columns={{{kinds}}}"
    values = {1: "unhex(sha256(lower(trim(mail))))", 2: "unhex(sha256(trim(phone)))"}
    values |= {4: "encode(lower(trim(idfa)))", 5: "encode(lower(trim(gaid)))"}
    values = {code: value for code, value in values.items() if code in {column.namespace for column in columns}}
    parsed = ", ".join(f"{value} AS v{code}" for code, value in values.items())
    keyed = " UNION ALL ".join(
        f"SELECT id, consent, in_a, in_b, {code}::SMALLINT AS namespace, v{code} AS value,"
        f" sha256(getvariable('secret') || '\\x{code:02x}'::BLOB || v{code}) AS digest FROM people"
        for code in values
    )
    halves = ", ".join(
        f"unhex(substr(digest, {start}, 16))::BIT::BIGINT AS {name}" for start, name in ((1, "hi"), (17, "lo"))
    )
    at = f"TIMESTAMP '{_AT.replace(tzinfo=None)}'"
    bucket = f"(hi >> {64 - _BITS}) & {(1 << _BITS) - 1} AS bucket"
    with unbounded() as connection:
        connection.execute("SET VARIABLE secret = ?", [_SECRET])
        connection.execute(
            f"CREATE TABLE people AS SELECT id, {parsed}, consent, in_a = '1' AS in_a, in_b = 'true' AS in_b"
            f" FROM read_csv({literal(path)}, {form})"
        )
        connection.execute(f"CREATE TABLE identities AS SELECT {halves}, * EXCLUDE (digest) FROM ({keyed})")
        identities = "identities"
        if keeps_change:
            change = literal(work_dir / "change.parquet")
            connection.execute(f"COPY (FROM identities ORDER BY hi, lo) TO {change} ({options})")
            identities = f"read_parquet({change})"
        connection.execute(
            f"COPY (SELECT hi, lo, namespace, value, id AS profile_id, NULL::VARCHAR AS share,"
            f" consent AS profile_share, {at} AS share_at, NULL::VARCHAR AS attributes,"
            f" {bucket} FROM {identities}{'' if keeps_change else ' ORDER BY hi, lo'})"
            f" TO {literal(work_dir / 'profiles')} ({partitioned} (bucket))"
        )
        connection.execute(
            f"COPY (SELECT hi, lo, {at} AS since, segment, {bucket} FROM ("
            "SELECT hi, lo, 'a' AS segment FROM identities WHERE in_a UNION ALL"
            " SELECT hi, lo, 'b' FROM identities WHERE in_b) ORDER BY hi, lo)"
            f" TO {literal(work_dir / 'members')} ({partitioned} (segment, bucket))"
        )


def national(path: Path, columns: tuple[Column, ...]) -> int:
    """Phone numbers as their country writes them, which the library decides: how many are accepted."""
    with TemporaryDirectory(dir=path.parent) as folder:
        return stage(path, _plan(columns), Path(folder)).counts.accepted


def run(rows: int = ROWS) -> list[dict[str, Any]]:
    """Medians of each case: rows (of identities), seconds, cpuSeconds, perSecond, peakMb, and ratios to the limit."""
    with TemporaryDirectory() as name:
        people, phones = Path(name) / "people.csv", Path(name) / "phones.csv"
        write_people(people, rows)
        write_people(phones, PHONES, national_phones=True)
        found = []
        for kind, columns in (("", _COLUMNS), (" without phones", _WITHOUT_PHONES)):
            names = (f"bare statements{kind}", f"the change kept{kind}", f"ingest{kind}")
            measured = _measured((bare, people, columns), (kept, people, columns), (ingest, people, columns))
            if len({figures["rows"] for figures in measured}) > 1:
                raise RuntimeError(f"they do not make the same identities: {measured}")
            found += [{"name": name} | figures for name, figures in zip(names, measured, strict=True)]
        alone = tuple(column for column in _COLUMNS if column.column == "phone")
        return [
            *found,
            *({"name": "national phone numbers"} | figures for figures in _measured((national, phones, alone))),
        ]


def _measured(*works: Work) -> list[dict[str, Any]]:
    measured = measure(*works, runs=RUNS)
    return [
        figures | {"rows": figures["result"], "perSecond": figures["result"] / figures["seconds"]}
        for figures in measured
    ]


if __name__ == "__main__":
    print(f"{os.process_cpu_count()} cores, load {os.getloadavg()[0]:.1f}, DuckDB {duckdb.__version__}")
    for row in run(*map(int, sys.argv[1:])):
        ratios = f"{row['secondsRatio']:6.2f} x {row['cpuSecondsRatio']:6.2f} x of CPU"
        times = (
            f"{row['seconds']:6.2f} s {row['cpuSeconds']:6.2f} CPU s {row['perSecond']:>10,.0f}/s {row['peakMb']:5} MB"
        )
        print(f"{row['name']:30} {row['rows']:>10,} {times} {ratios}")
