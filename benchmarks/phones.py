"""National phone numbers of five countries in the shapes people write, in bulk against one by one.

    python -m benchmarks.phones [numbers, 200,000 by default]

The numbers are made by a seed from `SHAPES`, each `#` a digit, for a column of numbers beside one of regions. They are
read as `ingest.odd_values` reads them, from their texts to the digests of E.164, on one thread: one by one by
`Namespace.normalise`, and by `Namespace.spelt` with the rest one by one. The whole file is staged, too, with either.
Each is measured in a process of its own.
"""

import csv
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from benchmarks.bucket_files import measure
from handfast.identity.namespaces import Rejected, namespace
from handfast.ingest import odd_values
from handfast.ingest.models import Column
from handfast.ingest.plan import Plan
from handfast.ingest.staging import stage
from handfast.lake.duck import connect, literal

NUMBERS = 200_000
RUNS = 5
SHAPES = {
    "DE": (
        *("(0)30 2#######", "030-2#######", "(030) 23 ## ## ##", "0171/3######", "0151 2#######", "02161 2#####"),
        *("+49 30 2#######", "+49 (0)89 2######", "0049 171 3######", "0049-(0)171-3######"),
    ),
    "US": (
        *("(415) 5##-####", "212-5##-####", "312.5##.####", "617 5## ####", "6175######", "3035######.0"),
        *("1 206 5## ####", "1-503-5##-####", "+1 303-5##-####", "+1 (206) 5## ####"),
    ),
    "GB": (
        *("020 7946 ####", "(0161) 496 ####", "01865 2#####", "07911 1#####", "079111#####", "(020) 7### ####"),
        *("+44 20 7946 ####", "+44 (0)7911 1#####", "0044 161 496 ####", "+44 (0) 1865 2#####"),
    ),
    "FR": (
        *("01 45 ## ## ##", "01.45.##.##.##", "06 12 ## ## ##", "(04) 72 ## ## ##", "06-12-##-##-##", "0612######"),
        *("+33 1 45 ## ## ##", "+33 (0)6 12 ## ## ##", "0033 6 12 ## ## ##", "+33.1.45.##.##.##"),
    ),
    "JP": (
        *("03-3###-####", "(03) 3###-####", "090-1###-####", "06 6### ####", "045-2##-####", "0801#######"),
        *("+81 3-3###-####", "+81 90 1### ####", "+81 (0)3 3### ####", "+81-6-6###-####"),
    ),
}
_COLUMNS = (Column("region", "phoneRegion"), Column("phone", "identity", 2, "hash"))
_PLAN = Plan("csv", _COLUMNS, None, {}, None, bytes(16), 6, datetime(2026, 1, 1, tzinfo=UTC))


def write_numbers(path: Path, numbers: int) -> None:
    """A CSV of `region` and `phone`, the countries and their shapes in turn."""
    rng = Random(1)
    shapes = [(region, shape) for shapes in zip(*SHAPES.values(), strict=True) for region, shape in _of(shapes)]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("region", "phone"))
        for place in range(numbers):
            region, shape = shapes[place % len(shapes)]
            writer.writerow((region, "".join(rng.choice("0123456789") if char == "#" else char for char in shape)))


def _of(shapes: tuple[str, ...]) -> list[tuple[str, str]]:
    return list(zip(SHAPES, shapes, strict=True))


def read(path: Path, is_bulk: bool) -> int:
    """How many of the texts are numbers, of which the digests are then there."""
    phone = namespace("phone")
    with connect() as connection:
        connection.execute("SET threads = 1")
        connection.execute(
            "CREATE TABLE odd AS SELECT row_number() OVER () AS id, phone AS text, region"
            f" FROM read_csv({literal(path)}, all_varchar = true)"
        )
        connection.execute("CREATE TABLE read (id BIGINT, value BLOB)")
        if is_bulk and phone.spelt is not None:
            select = phone.spelt(lambda sql: connection.execute(sql).fetchall(), "odd", None)
            connection.execute(f"INSERT INTO read SELECT id, unhex(sha256(canonical)) FROM ({select})")
        cursor = connection.execute(
            "SELECT text, region FROM odd ANTI JOIN (FROM read WHERE value IS NOT NULL) USING (id)"
        )
        left = sum(1 for text, region in cursor.fetchall() if _digest(text, region))
        ((known,),) = connection.execute("SELECT count(value) FROM read").fetchall()
    return left + int(known)


def _digest(text: str, region: str) -> bytes | None:
    try:
        return namespace("phone").normalise(text, phone_region=region)
    except Rejected:
        return None


def staged(path: Path, is_bulk: bool) -> int:
    """The file staged: how many of its rows are accepted."""
    if not is_bulk:
        odd_values.MANY = sys.maxsize
    with TemporaryDirectory(dir=path.parent) as folder:
        return stage(path, _PLAN, Path(folder)).counts.accepted


def run(numbers: int = NUMBERS) -> list[dict[str, Any]]:
    """Medians of each case: result, seconds, cpuSeconds and how many times as many a CPU second as one by one."""
    with TemporaryDirectory() as name:
        path = Path(name) / "phones.csv"
        write_numbers(path, numbers)
        found = []
        for what, work in (("read", read), ("staged", staged)):
            alone, bulk = measure((work, path, False), (work, path, True), runs=RUNS)
            if alone["result"] != bulk["result"]:
                raise RuntimeError(f"{bulk['result']} numbers are {what} in bulk, {alone['result']} one by one")
            found += [{"name": f"{what} one by one"} | alone, {"name": f"{what} in bulk"} | bulk]
        return [
            row | {"perCpuSecond": numbers / row["cpuSeconds"], "timesAsMany": 1 / row["cpuSecondsRatio"]}
            for row in found
        ]


if __name__ == "__main__":
    print(f"{os.process_cpu_count()} cores, load {os.getloadavg()[0]:.1f}, DuckDB {duckdb.__version__}")
    for row in run(*map(int, sys.argv[1:])):
        times = f"{row['seconds']:6.2f} s {row['cpuSeconds']:6.2f} CPU s {row['perCpuSecond']:>10,.0f}/CPU s"
        print(f"{row['name']:20} {row['result']:>10,} {times} {row['timesAsMany']:6.1f} times {row['peakMb']:5} MB")
