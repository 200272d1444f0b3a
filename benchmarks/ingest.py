"""Ingest of raw rows, against the bare DuckDB statements that parse, hash and write the same file.

The file is made by a seed: people with an e-mail address, a phone number, two device ids, a consent answer and two
segments. Both sides end with one Parquet file per bucket of profiles, and one per bucket and segment of members.
`python -m benchmarks.ingest` prints the figures; `run` returns them.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from handfast.ingest.applying import load
from handfast.ingest.models import BucketFiles, Plan, SpanChange
from handfast.ingest.staging import stage
from handfast.platform.duck import connect, literal
from handfast.segments.models import Column

ROWS = 1_000_000
PHONES = 100_000
ROUNDS = 3
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


def _device(seed: str) -> str:
    digest = f"md5('{seed}' || i)"
    parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    return " || '-' || ".join(f"substr({digest}, {start}, {length})" for start, length in parts)


def write_people(path: Path, rows: int, *, national_phones: bool = False) -> None:
    """People as a CRM exports them: mixed case, some spaces and tags, a tenth without a consent answer."""
    phone = "'+1' || (2000000000 + i)"
    if national_phones:
        phone = "printf('(%d) %d-%04d', 200 + i // 7920000, 200 + i // 10000 % 792, i % 10000)"
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


def _plan(columns: tuple[Column, ...]) -> Plan:
    return Plan("csv", columns, None, {"seg_a": "seg_a", "seg_b": "seg_b"}, "US", _SECRET, _BITS, _AT)


def ingest(path: Path, work_dir: Path) -> tuple[float, float, int]:
    """Stage the file and apply it to empty buckets: seconds of each, and how many identities there are then."""
    start = time.perf_counter()
    staged = stage(path, _plan(_COLUMNS), work_dir)
    middle = time.perf_counter()
    for span in staged.spans:
        out_dir = work_dir / f"buckets{span.span}"
        out_dir.mkdir()
        with load(SpanChange(_AT, span.profiles, span.memberships), _BITS, work_dir) as change:
            change.merge([BucketFiles(bucket) for bucket in change.buckets], out_dir)
    end = time.perf_counter()
    return middle - start, end - middle, _count(work_dir / "buckets*" / "profiles-*.parquet")


def _count(paths: Path) -> int:
    ((rows,),) = duckdb.execute(f"SELECT count(*) FROM read_parquet({literal(paths)})").fetchall()
    return int(rows)


def bare(path: Path, work_dir: Path) -> tuple[float, int]:
    """The same file by DuckDB alone, without any check: seconds, and how many identities there are then."""
    start = time.perf_counter()
    options = (
        "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 65536, PARQUET_VERSION v2,"
        " DICTIONARY_SIZE_LIMIT 64, PARTITION_BY"
    )
    kinds = ", ".join(f"'{column.column}': 'VARCHAR'" for column in _COLUMNS)
    form = f"auto_detect=false, header=true, delim=',', quote='\"', escape='\"', columns={{{kinds}}}"
    values = {1: "unhex(sha256(lower(trim(mail))))", 2: "unhex(sha256(trim(phone)))"}
    values |= {4: "encode(lower(trim(idfa)))", 5: "encode(lower(trim(gaid)))"}
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
    with connect(work_dir) as connection:
        connection.execute("SET VARIABLE secret = ?", [_SECRET])
        connection.execute(
            f"CREATE TABLE people AS SELECT id, {parsed}, consent, in_a = '1' AS in_a, in_b = 'true' AS in_b"
            f" FROM read_csv({literal(path)}, {form})"
        )
        connection.execute(f"CREATE TABLE identities AS SELECT {halves}, * EXCLUDE (digest) FROM ({keyed})")
        connection.execute(
            f"COPY (SELECT hi, lo, namespace, value, id AS profile_id, NULL::VARCHAR AS share,"
            f" consent AS profile_share, {at} AS share_at, NULL::VARCHAR AS attributes,"
            f" {bucket} FROM identities ORDER BY hi, lo)"
            f" TO {literal(work_dir / 'profiles')} ({options} (bucket))"
        )
        connection.execute(
            f"COPY (SELECT hi, lo, {at} AS since, segment, {bucket} FROM ("
            "SELECT hi, lo, 'a' AS segment FROM identities WHERE in_a UNION ALL"
            " SELECT hi, lo, 'b' FROM identities WHERE in_b) ORDER BY hi, lo)"
            f" TO {literal(work_dir / 'members')} ({options} (segment, bucket))"
        )
    return time.perf_counter() - start, _count(work_dir / "profiles" / "*" / "*.parquet")


def _in_folder[T](folder: Path, work: Callable[[Path, Path], T], path: Path) -> T:
    work_dir = folder / "work"
    work_dir.mkdir()
    try:
        return work(path, work_dir)
    finally:
        shutil.rmtree(work_dir)


def _national(path: Path, work_dir: Path) -> float:
    start = time.perf_counter()
    staged = stage(path, _plan((Column("phone", "identity", 2, "hash"),)), work_dir)
    assert staged.counts.accepted == PHONES
    return time.perf_counter() - start


def run(rows: int = ROWS, rounds: int = ROUNDS) -> list[dict[str, Any]]:
    """Medians over rounds in which both sides take turns: name, rows, seconds, perSecond, and ratio to bare."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        people, phones = folder / "people.csv", folder / "phones.csv"
        write_people(people, rows)
        write_people(phones, PHONES, national_phones=True)
        ours, theirs, national = [], [], []
        identities = 0
        for _ in range(rounds):
            staging, applying, identities = _in_folder(folder, ingest, people)
            ours.append((staging, applying))
            seconds, same = _in_folder(folder, bare, people)
            if same != identities:
                raise RuntimeError(f"ingest made {identities} identities, the bare statements {same}")
            theirs.append(seconds)
            national.append(_in_folder(folder, _national, phones))
    total = statistics.median(staging + applying for staging, applying in ours)
    base = statistics.median(theirs)
    ratio = statistics.median(sum(mine) / other for mine, other in zip(ours, theirs, strict=True))
    phone_seconds = statistics.median(national)
    return [
        _row("ingest: stage", identities, statistics.median(staging for staging, _ in ours)),
        _row("ingest: apply to empty buckets", identities, statistics.median(applying for _, applying in ours)),
        _row("ingest: stage and apply", identities, total, ratio),
        _row("bare DuckDB statements", identities, base, 1.0),
        _row("ingest: national phone numbers", PHONES, phone_seconds),
    ]


def _row(name: str, rows: int, seconds: float, ratio: float | None = None) -> dict[str, Any]:
    return {"name": name, "rows": rows, "seconds": seconds, "perSecond": rows / seconds, "ratio": ratio}


if __name__ == "__main__":
    print(f"{os.process_cpu_count()} cores, load {os.getloadavg()[0]:.1f}, DuckDB {duckdb.__version__}")
    for row in run(*map(int, sys.argv[1:])):
        shown = f"{row['ratio']:.2f} x" if row["ratio"] else ""
        print(f"{row['name']:32} {row['rows']:>10,} {row['seconds']:8.2f} s {row['perSecond']:>12,.0f}/s {shown:>8}")
