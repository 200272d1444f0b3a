"""Many open erasures in one sweep, against a bare DuckDB anti-join rewrite of the same objects.

    python -m benchmarks.erase [people, 2,500,000 by default]

A sandbox knows people by four identities each, 30 % and 20 % of them in two segments. A thousand are named by one
identity each. The sweep is the product's own code over a folder in S3's place: all identities of the people are
found, suppressed and erased from profiles and memberships, and looked for again. The limit is told all the identities,
and rewrites the same objects, each by one statement. Ratios are of CPU seconds.
"""

import json
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from benchmarks.bucket_files import measure
from handfast.ingest import changes
from handfast.lake import buckets as lake_buckets
from handfast.lake import people as lake_people
from handfast.lake import person_changes, suppressions
from handfast.lake.buckets import bucket_of, key_range
from handfast.lake.duck import connect, literal, write

PEOPLE = 2_500_000
BITS = 8
ERASED = 1_000
_SANDBOX = "sbx"
_SEGMENTS = {"seg_1": 3, "seg_2": 2}
"""With how many of ten people are members."""
_NAMESPACES = {1: "unhex(sha256(i || 'mail'))", 2: "unhex(sha256(i || 'phone'))"} | {
    code: f"encode(CAST(md5(i || '{code}') AS VARCHAR) || '-dev')" for code in (4, 5)
}
_RUNS = 2


def generate(root: Path, people: int) -> None:
    """The sandbox's objects, a few buckets at a time."""
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE identities AS {_identities(people)} ORDER BY hi, lo")
        at = "TIMESTAMP '2026-01-01'"
        profile = (
            "hi, lo, namespace, value, 'p' || i AS profile_id, NULL::VARCHAR AS share,"
            f" CASE i % 10 WHEN 0 THEN 'n' WHEN 1 THEN NULL ELSE 'y' END AS profile_share,"
            f" NULL::TIMESTAMP AS share_at, NULL::VARCHAR AS attributes, {at} AS profile_share_at"
        )
        objects = {f"profiles/sandbox={_SANDBOX}": f"SELECT {profile} FROM identities WHERE TRUE"} | {
            f"memberships/sandbox={_SANDBOX}/segment={name}": f"SELECT hi, lo, {at} AS since FROM identities"
            f" WHERE hash(i, {share}) % 10 < {share}"
            for name, share in _SEGMENTS.items()
        }
        for name, select in objects.items():
            (root / name).mkdir(parents=True)
            for bucket in range(1 << BITS):
                low, high = key_range(bucket, BITS)
                path = root / name / f"{bucket:05d}.parquet"
                write(connection, f"{select} AND hi BETWEEN {low} AND {high}", path)


def _identities(people: int) -> str:
    def half(seed: int, code: int) -> str:
        return f"(hash(i, {seed}, {code})::HUGEINT - 9223372036854775808)::BIGINT"

    return " UNION ALL ".join(
        f"SELECT i, {half(1, code)} AS hi, {half(2, code)} AS lo, {code}::SMALLINT AS namespace, {value} AS value"
        f" FROM range({people}) numbers(i)"
        for code, value in _NAMESPACES.items()
    )


def named(root: Path) -> tuple[dict[str, list[tuple[int, int]]], list[tuple[int, int]]]:
    """A thousand people by one identity each, and all identities that they have."""
    source = f"read_parquet({literal(root / 'profiles' / f'sandbox={_SANDBOX}' / '*.parquet')})"
    chosen = f"substr(profile_id, 2)::BIGINT % (SELECT count(*) // 4 // {ERASED} FROM {source}) = 0"
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT profile_id, namespace, hi, lo FROM {source} WHERE {chosen} ORDER BY ALL"
        ).fetchall()
    people: dict[str, list[tuple[int, int]]] = {}
    for profile_id, _, hi, lo in rows:
        people.setdefault(profile_id, []).append((hi, lo))
    kept = dict(list(people.items())[:ERASED])
    return {name: keys[:1] for name, keys in kept.items()}, [key for keys in kept.values() for key in keys]


def linked(data: Path, folder: Path) -> Path:
    """The same objects in a folder below, to be written over."""
    root = folder / "objects"
    shutil.copytree(data, root, copy_function=lambda source, target: Path(target).hardlink_to(source))
    return root


def sweep(data: Path, people: dict[str, list[tuple[int, int]]]) -> dict[str, Any]:
    """The people erased: CPU seconds of each part, identities found at first and in the end, and rows left."""
    from benchmarks.folder import stored_in  # noqa: PLC0415 - the limit's process needs none of it

    parts: dict[str, float] = {}
    began = time.process_time()

    def part(name: str) -> None:
        nonlocal began
        parts[name], began = round(time.process_time() - began, 2), time.process_time()

    with TemporaryDirectory(dir=data.parent) as folder, stored_in(root := linked(data, Path(folder)), BITS):
        at = datetime.now(UTC)
        part("prepare")
        found = lake_people.find_people(_SANDBOX, people)
        part("find")
        keys = {key for person in found.values() for key in person.identities}
        suppressions.add(_SANDBOX, keys, "erasure", at)
        part("suppress")
        person_changes.erase(_SANDBOX, "chg_1", at, keys)
        part("publish")
        for span in lake_buckets.spans_of_keys(keys):
            changes.apply_span({"sandboxId": _SANDBOX, "span": span})
        part("apply")
        known_as = {name: person.profile_ids for name, person in found.items()}
        again = lake_people.find_people(
            _SANDBOX, {name: list(person.identities) for name, person in found.items()}, known_as
        )
        part("verify")
        left = _rows(root)
    return {
        "parts": parts,
        "found": len(keys),
        "foundAgain": sum(len(person.identities) for person in again.values()),
        "left": left,
    }


def limit(data: Path, keys: list[tuple[int, int]]) -> dict[str, Any]:
    """The same objects, each rewritten without the identities by one statement; the same settings and threads."""
    buckets = {bucket_of(hi, BITS) for hi, _ in keys}
    with TemporaryDirectory(dir=data.parent) as folder, connect() as connection:
        connection.execute(
            "CREATE TABLE named AS SELECT unnest($1::BIGINT[]) AS hi, unnest($2::BIGINT[]) AS lo",
            [[hi for hi, _ in keys], [lo for _, lo in keys]],
        )
        for path in _objects(data):
            if int(path.stem) in buckets:
                target = Path(folder) / path.relative_to(data)
                target.parent.mkdir(parents=True, exist_ok=True)
                write(connection, f"FROM read_parquet({literal(path)}) ANTI JOIN named USING (hi, lo)", target)
        return {"left": _rows(Path(folder))}


def _objects(root: Path) -> Iterator[Path]:
    yield from sorted(root.glob("profiles/**/*.parquet"))
    yield from sorted(root.glob("memberships/**/*.parquet"))


def _rows(root: Path) -> dict[str, int]:
    return {
        name: sum(
            rows
            for (rows,) in duckdb.execute(
                f"SELECT num_rows FROM parquet_file_metadata({literal(root / name / '**/*.parquet')})"
            ).fetchall()
        )
        for name in ("profiles", "memberships")
    }


def run(people: int = PEOPLE) -> list[dict[str, Any]]:
    """The table's rows: seconds, CPU seconds, peak memory in MB, and the ratio to the limit."""
    with TemporaryDirectory() as temporary:
        data = Path(temporary) / "data"
        generate(data, people)
        by_one, keys = named(data)
        theirs, ours = measure((limit, data, keys), (sweep, data, by_one), runs=_RUNS)
        size = sum(path.stat().st_size for path in _objects(data))
    result = ours["result"]
    if result["left"] != theirs["result"]["left"] or result["found"] != len(keys) or result["foundAgain"]:
        raise AssertionError("the sweep and the bare statements disagree")
    facts = {"identities": people * len(_NAMESPACES), "bits": BITS, "megabytes": size >> 20, "erased": len(keys)}
    return [
        {"case": name, **facts}
        | {key: case[key] for key in ("seconds", "cpuSeconds", "peakMb")}
        | {"toLimit": round(case["cpuSecondsRatio"], 2)}
        | {"parts": case["result"].get("parts", {})}
        for name, case in (("bare anti-join rewrite", theirs), ("sweep", ours))
    ]


if __name__ == "__main__":
    for row in run(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE):
        print(json.dumps(row))
