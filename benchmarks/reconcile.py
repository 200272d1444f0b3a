"""Reconciliation against the bare DuckDB statements over the same files, and against a loop in Python.

    python -m benchmarks.reconcile [identities per side, 1,000,000 by default]

The limit is two statements over all files at once, without our code: the match that writes who is shared, sorted,
with values; and the counts of members by bucket and reason. Ratios are of CPU seconds, which neighbours on the
machine disturb less than wall time.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from benchmarks.bucket_files import (
    BITS,
    PARTNER,
    TERMS,
    bytes_read,
    etag,
    generate,
    inputs,
    measure,
    unbounded,
    value_bytes,
)
from handfast.governance import consent
from handfast.lake.duck import write
from handfast.matching import engine, incremental, inventory
from handfast.matching.inputs import RECONCILED
from handfast.matching.inventory import MEMBERSHIPS
from handfast.matching.models import BucketFiles, BucketResult, BucketState, Terms
from handfast.platform.objects import ObjectVersion

STOPPED = Terms("source", PARTNER, (), (), "default_allow")
AGED = replace(TERMS, minimum_age=72, hour=500_000)
"""Under a guard by age that all have passed."""
HALTED = replace(TERMS, stopped=("seg_2",))
"""Under a policy that stops the smaller one of both segments."""
TO_DESTINATION = replace(TERMS, partner=None)
"""For a target that takes whoever has consented, and of which exclusions are counted by segment."""
NAIVE_SIZE = 1_000_000
KEYS = {"profiles": ("hi", "lo"), "partner": ("hi", "lo"), MEMBERSHIPS: ()}
"""What matching the two sides' identities takes."""
_RUNS = 3
_CONSENTED = "coalesce(p.share, 'y') NOT IN ('n', 'dn')"


def reconcile(
    folder: Path, disclosures: Path | None, states: Mapping[int, BucketState], terms: Terms, out: Path
) -> dict[str, Any]:
    """One reconciliation of all buckets, as the export function does it; after the change where there are states."""
    out.mkdir(exist_ok=True)
    files = inputs(folder, disclosures, changed=bool(states))
    read = {bucket_files.bucket: _read(bucket_files) for bucket_files in files}
    followed = incremental.follow(states, terms, read, {bucket_files.bucket: bucket_files for bucket_files in files})
    with_values: list[int] = []
    results = list(engine.reconcile(followed, terms, out, datetime.now(UTC), BITS, values=with_values.extend))
    sums = {name: sum(getattr(result, name) for result in results) for name in ("shared", "realized", "exited")}
    return sums | {
        "states": {result.bucket: _state(result, read[result.bucket], terms) for result in results},
        "with_values": set(with_values),
    }


def ungoverned(folder: Path, out: Path) -> dict[str, Any]:
    """A first share as if nobody's consent were asked: with those who refuse, 5 % more are shared."""
    governed, consent.CONSENTED = consent.CONSENTED, "1"
    try:
        return reconcile(folder, None, {}, TERMS, out)
    finally:
        consent.CONSENTED = governed


def _bytes(folder: Path, disclosures: Path | None, result: Mapping[str, Any], terms: Terms, *, changed: bool) -> int:
    """What a reconciliation asks S3 for."""
    files = inputs(folder, disclosures, changed=changed)
    if not terms.segments:
        files = [BucketFiles(bucket_files.bucket, disclosures=bucket_files.disclosures) for bucket_files in files]
    return bytes_read(files, RECONCILED) + value_bytes(
        bucket_files for bucket_files in files if bucket_files.bucket in result["with_values"]
    )


def _read(files: BucketFiles) -> dict[str, ObjectVersion]:
    paths = {"profiles": files.profiles, "partner": files.partner}
    paths |= {f"memberships/{name}": path for name, path in files.memberships.items()}
    return {role: ObjectVersion(role, etag(path)) for role, path in paths.items() if path}


def _state(result: BucketResult, read: Mapping[str, ObjectVersion], terms: Terms) -> BucketState:
    counts = (result.members, result.kept_back, result.delivered, "run", result.realized, result.exited)
    return BucketState(inventory.terms_version(terms), inventory.versions(read), *counts)


def _views(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    connection.execute(f"""
        CREATE OR REPLACE VIEW memberships AS
        SELECT hi, lo, 'seg_1' AS segment FROM '{folder}/memberships/seg_1/*.parquet'
        UNION ALL SELECT hi, lo, 'seg_2' FROM '{folder}/memberships/seg_2/*.parquet';
        CREATE OR REPLACE VIEW profiles AS FROM '{folder}/profiles/source/*.parquet';
        CREATE OR REPLACE VIEW partner AS FROM '{folder}/profiles/partner/*.parquet';
    """)


def match_limit(folder: Path, out: Path) -> int:
    """The bare match, written."""
    out.mkdir(exist_ok=True)
    with unbounded() as connection:
        _views(connection, folder)
        return write(
            connection,
            "SELECT m.hi, m.lo, p.namespace, p.value, m.segment FROM memberships m JOIN profiles p USING (hi, lo)"
            f" WHERE p.namespace IN (1, 2) AND {_CONSENTED}"
            " AND EXISTS (SELECT 1 FROM partner t WHERE t.hi = m.hi AND t.lo = m.lo) ORDER BY m.hi, m.lo",
            out / "match.parquet",
        )


def counts_limit(folder: Path) -> int:
    """The bare counts by bucket and reason."""
    with unbounded() as connection:
        _views(connection, folder)
        rows = connection.execute(f"""
            SELECT m.hi >> {64 - BITS} AS bucket,
                   CASE WHEN p.hi IS NULL THEN 1 WHEN p.namespace NOT IN (1, 2) THEN 2 WHEN NOT {_CONSENTED} THEN 3
                        WHEN NOT EXISTS (SELECT 1 FROM partner t WHERE t.hi = m.hi AND t.lo = m.lo) THEN 4
                        ELSE 0 END AS reason,
                   count(*)
            FROM memberships m LEFT JOIN profiles p ON p.hi = m.hi AND p.lo = m.lo GROUP BY ALL""").fetchall()
    return sum(count for _, reason, count in rows if reason == 0)


def naive(folder: Path) -> int:
    """What one would write first: a dict of profiles, a set of the partner's keys, JSON for each identity shared."""
    with duckdb.connect() as connection:
        _views(connection, folder)
        rows = connection.execute("SELECT hi, lo, namespace, value, share FROM profiles").fetchall()
        profiles = {(hi, lo): (namespace, value, share) for hi, lo, namespace, value, share in rows}
        partner = set(connection.execute("SELECT hi, lo FROM partner").fetchall())
        shared = []
        for hi, lo, segment in connection.execute("SELECT hi, lo, segment FROM memberships").fetchall():
            namespace, value, share = profiles[hi, lo]
            if namespace in {1, 2} and share not in {"n", "dn"} and (hi, lo) in partner:
                shared.append(json.dumps({"namespace": namespace, "value": value.hex(), "segment": segment}))
    return len(shared)


def run(size: int = 1_000_000, overlap: float = 0.1) -> list[dict[str, Any]]:
    """The table's rows: seconds, ratios to the limit and to the first share, rows a second, peak memory."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        generate(folder / "data", size, overlap)
        data, first_out = folder / "data", folder / "first"
        states = reconcile(data, None, {}, TERMS, first_out)["states"]
        first, aged, stopped, given, free, match, counts, changed, withdrawn = measure(
            (reconcile, data, None, {}, TERMS, folder / "again"),
            (reconcile, data, None, {}, AGED, folder / "aged"),
            (reconcile, data, None, {}, HALTED, folder / "halted"),
            (reconcile, data, None, {}, TO_DESTINATION, folder / "given"),
            (ungoverned, data, folder / "free"),
            (match_limit, data, folder / "match"),
            (counts_limit, data),
            (reconcile, data, first_out, states, TERMS, folder / "changed"),
            (reconcile, data, first_out, {}, STOPPED, folder / "withdrawn"),
            runs=_RUNS,
        )
        if not first["result"]["shared"] == match["result"] == counts["result"]:
            raise AssertionError("the engine and the bare statements disagree")
        read = {
            "first share": _bytes(data, None, first["result"], TERMS, changed=False),
            "1 % changed": _bytes(data, first_out, changed["result"], TERMS, changed=True),
            "withdrawal of everything": _bytes(data, first_out, withdrawn["result"], STOPPED, changed=False),
            "bare match": bytes_read(inputs(data), KEYS),
        }
        loop = _loop(folder, data, min(size, NAIVE_SIZE), overlap, size)
    limit = match["cpuSecondsRatio"] + counts["cpuSecondsRatio"]
    cases = {
        "bare match": match,
        "bare counts": counts,
        "first share": first,
        "first share, by age": aged,
        "first share, a policy on one segment": stopped,
        "first share, to a destination": given,
        "first share, ungoverned": free,
        "1 % changed": changed,
        "withdrawal of everything": withdrawn,
    }
    rows = [
        {"case": name, "identities": size}
        | {key: case[key] for key in ("seconds", "cpuSeconds", "peakMb")}
        | {
            "rowsPerSecond": round(2 * size / case["seconds"]),
            "toLimit": round(case["cpuSecondsRatio"] / limit, 2),
            "toMatch": round(case["cpuSecondsRatio"] / match["cpuSecondsRatio"], 2),
            "toFirstShare": round(case["cpuSecondsRatio"], 2),
        }
        | ({"bytesPerIdentity": round(read[name] / (2 * size), 1)} if name in read else {})
        for name, case in cases.items()
    ]
    naive_size = min(size, NAIVE_SIZE)
    rows.append(
        {"case": "loop in Python", "identities": naive_size}
        | {key: loop[key] for key in ("seconds", "cpuSeconds", "peakMb")}
        | {"rowsPerSecond": round(2 * naive_size / loop["seconds"])}
    )
    return rows


def _loop(folder: Path, data: Path, naive_size: int, overlap: float, size: int) -> dict[str, Any]:
    if naive_size != size:
        data = folder / "naive"
        generate(data, naive_size, overlap)
    return measure((naive, data), runs=1)[0]


if __name__ == "__main__":
    for row in run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000):
        print(json.dumps(row))
