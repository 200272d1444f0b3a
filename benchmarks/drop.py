"""A list of DROP compared with all that a sandbox knows.

    python -m benchmarks.drop [identities, 10,000,000 by default] [lines, 1,000,000 by default]

A sandbox knows people by four identities each, an address and a phone number among them, whose last ten digits are all
indexed. A third each of the lines are addresses, phone numbers and mobile advertising ids, and two in a hundred of them
are known. What is measured is the product's own code over a folder in S3's place: reading the ZIP, comparing every
line, and writing down what each comes to.
"""

import json
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from benchmarks import erase
from benchmarks.bucket_files import measure
from handfast.identity.drop import LAST_TEN, device_codes
from handfast.identity.keys import digest_sql, key_sql
from handfast.journal.models import Sandbox
from handfast.lake.buckets import key_range
from handfast.lake.duck import connect, literal, write
from handfast.privacy_requests.drop import matching, reading

IDENTITIES, LINES = 10_000_000, 1_000_000
_KNOWN = 50
"""One line of so many is known."""
_SANDBOX, _SECRET = "sbx", b"a secret of the benchmark"
_LISTS = {
    "20260801_4821_Email.csv": ("E", "{} || 'mail'"),
    "20260801_4821_Phone.csv": ("P", "{} || 'last'"),
    "20260801_4821_MAID.csv": ("M", "md5({} || 'idfa')"),
}
"""By name, what its IDs begin with, and SQL of the text that the hash of a number is of."""
_RUNS = 2


def generate(root: Path, people: int, lines: int) -> None:
    """The sandbox's objects, with keys as the product makes them, and the list."""
    profiles, index = root / f"profiles/sandbox={_SANDBOX}", root / f"phone_index/sandbox={_SANDBOX}"
    for folder in (profiles, index):
        folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute("SET VARIABLE secret = ?", [_SECRET])
        kinds = {1: "mail", 2: "phone", 4: "idfa", 5: "gaid"}
        values = " UNION ALL ".join(
            f"SELECT i, {code}::SMALLINT AS namespace, {_value(code, kind)} AS value,"
            f" {digest_sql(code, _value(code, kind))} AS digest FROM range({people}) numbers(i)"
            for code, kind in kinds.items()
        )
        connection.execute(
            f"CREATE TABLE identities AS SELECT {key_sql()}, * EXCLUDE (digest) FROM ({values}) ORDER BY hi, lo"
        )
        last_ten = digest_sql(LAST_TEN, "unhex(sha256(i || 'last'))")
        keys = f"SELECT {key_sql()}, i FROM (SELECT i, {last_ten} AS digest FROM range({people}) numbers(i))"
        connection.execute(
            f"CREATE TABLE indexed AS SELECT p.hi, p.lo, k.hi AS last_ten_hi, k.lo AS last_ten_lo FROM identities AS p"
            f" JOIN ({keys}) AS k USING (i) WHERE p.namespace = 2 ORDER BY ALL"
        )
        objects = {
            profiles: "SELECT hi, lo, namespace, value, 'p' || i AS profile_id FROM identities",
            index: "SELECT * FROM indexed",
        }
        for folder, select in objects.items():
            for bucket in range(1 << erase.BITS):
                low, high = key_range(bucket, erase.BITS)
                write(connection, f"{select} WHERE hi BETWEEN {low} AND {high}", folder / f"{bucket:05d}.parquet")
        with zipfile.ZipFile(root / "list.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, (prefix, text) in _LISTS.items():
                path = root / name
                known, unknown = text.format(f"CAST(i % {people} AS VARCHAR)"), text.format("('x' || i)")
                connection.execute(
                    f"COPY (SELECT '{prefix}' || lpad(CAST(i AS VARCHAR), 11, '0') AS ID, to_base64(unhex(sha256("
                    f"CASE WHEN i % {_KNOWN} = 0 THEN {known} ELSE {unknown} END)))"
                    f" AS Hash FROM range({lines // len(_LISTS)}) numbers(i)) TO {literal(path)} (HEADER)"
                )
                archive.write(path, name)
                path.unlink()


def _value(code: int, kind: str) -> str:
    """SQL: the value of an identity of the number i: a digest, or the text of a device's UUID."""
    if code in device_codes():
        return f"encode(CAST(CAST(md5(i || '{kind}') AS UUID) AS VARCHAR))"
    return f"unhex(sha256(i || '{kind}'))"


def compare(root: Path) -> dict[str, int]:
    """Compare the list; how many lines came to what."""
    from benchmarks.folder import stored_in  # noqa: PLC0415 - generating needs none of it

    with stored_in(root, erase.BITS), TemporaryDirectory(dir=root.parent) as name, connect() as connection:
        reading.read(connection, reading.unpacked(root / "list.zip", "list.zip", Path(name)))
        matching.match(connection, Sandbox(_SANDBOX, "", "", "", phone_index=True), _SECRET, None)
        write(
            connection, "SELECT id, outcome FROM lines JOIN outcomes USING (line) ORDER BY line", Path(name) / "lines"
        )
        return dict(connection.execute("SELECT outcome, count(*) FROM outcomes GROUP BY ALL ORDER BY 1").fetchall())


def run(identities: int = IDENTITIES, lines: int = LINES) -> dict[str, Any]:
    """The row of the list."""
    with TemporaryDirectory() as temporary:
        root = Path(temporary) / "root"
        root.mkdir()
        generate(root, identities // 4, lines)
        (row,) = measure((compare, root), runs=_RUNS)
    if row["result"]["deleted"] < lines // _KNOWN * 0.99:
        raise AssertionError(row["result"])
    figures = {"seconds": round(row["seconds"], 1), "cpuSeconds": round(row["cpuSeconds"], 1), "peakMb": row["peakMb"]}
    return {"identities": identities, "lines": lines, **figures, "outcomes": row["result"]}


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:]))))
