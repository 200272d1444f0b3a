"""Reading by Delta Sharing: the reference client over the local stack, and the answer that lists most files.

`python -m benchmarks.sharing [rows]` needs a local stack that is up (`make up`). It connects two fresh sandboxes and
puts a ledger of so many rows in the place of what their export would have written.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from moto import mock_aws

from handfast.lake import buckets, layout, views
from handfast.lake.duck import connect, literal, write
from handfast.platform import objects
from tests.worlds import connected_sides as sides
from tests.worlds import exports, readers, stores

ROOT = Path(__file__).resolve().parents[1]
BITS = 6
"""Of the local stack."""
LEDGER = """
SELECT CAST(hash(n)::HUGEINT - (1::HUGEINT << 63) AS BIGINT) AS hi, n AS lo,
       CAST(1 AS SMALLINT) AS namespace, unhex(sha256(CAST(n AS VARCHAR))) AS value, {segment} AS segment,
       TIMESTAMP '2026-11-01' + to_microseconds(n) AS disclosed_at, CAST(NULL AS TIMESTAMP) AS withdrawn_at
FROM range({rows}) t(n)
"""


def timed[T](work: Callable[[], T]) -> tuple[T, float]:
    """What work comes to, and the seconds that it took."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def put_ledger(folder: Path, dataflow_id: str, segment: str, rows: int, bits: int) -> None:
    """Put rows of one segment into the place of a dataflow's disclosures."""
    with connect() as connection:
        connection.execute(f"CREATE TABLE ledger AS {LEDGER.format(segment=literal(segment), rows=rows)}")
        held = dict(buckets.listing(layout.disclosures(dataflow_id)))
        for bucket in range(1 << bits):
            path = folder / "bucket.parquet"
            within = buckets.within_sql(buckets.key_range(bucket, bits))
            write(connection, f"FROM ledger WHERE {within} ORDER BY hi, lo", path)
            key = buckets.object_key(layout.disclosures(dataflow_id), bucket)
            objects.write_file(key, path, replaces=held.get(bucket))


def over_the_stack(rows: int) -> dict[str, float]:
    """Seconds of the client's first read, for which files are made, and of the next ones, with their rows."""
    stack_file = ROOT / ".local" / "stack.json"
    pair = sides.connected(stack_file, overlap_threshold=0)
    segment = sides.segment_of(pair.a, "Readers", range(2))
    known = sides.segment_of(pair.b, "Known", range(2))
    sides.arrived(pair.a, segment, 2)
    sides.arrived(pair.b, known, 2)
    body = {"name": "Large", "segmentIds": [segment], "namespaces": ["email"], "connectionIds": [pair.connection]}
    pair.a.post(f"/feeds/{pair.a.post('/feeds', body)['feedId']}/publish")
    (received,) = sides.until(lambda: list(pair.b.items("/received-feeds")))
    flow = pair.b.post(f"/received-feeds/{received['receivedFeedId']}/enable")["dataflowId"]
    sides.until(lambda: len(list(pair.b.items(f"/received-feeds/{received['receivedFeedId']}/members"))) == 2)
    with TemporaryDirectory() as folder:
        put_ledger(Path(folder), flow, segment, rows, BITS)
        link = pair.b.post("/recipient-tokens", {"name": "Benchmark"})["activationUrl"]
        profile = Path(folder) / "config.share"
        profile.write_text(httpx.post(link).text)
        return _client(profile)


def _client(profile: Path) -> dict[str, float]:
    uv = ROOT / ".uv" / "bin" / "uv"
    script = str(ROOT / "tests" / "worlds" / "sharing_client.py")
    options = ["run", "--quiet", "--isolated", "--frozen", "--only-group", "sharing", "python", script]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    with subprocess.Popen([str(uv) if uv.exists() else "uv", *options], **pipes) as process:
        sent, said = process.stdin, process.stdout
        assert sent
        assert said

        def ask(**question: Any) -> Any:
            sent.write(json.dumps(question | {"profile": str(profile)}) + "\n")
            sent.flush()
            found = json.loads(said.readline())
            assert "answer" in found, found
            return found["answer"]

        (table,) = ask(ask="tables")
        first, made = timed(lambda: ask(ask="count", table=table))
        _, read = timed(lambda: ask(ask="count", table=table))
        _, limited = timed(lambda: ask(ask="count", table=table, limit=10))
        sent.close()
    return {"rows": first["rows"], "first": made, "again": read, "limit 10": limited}


def most_files(folder: Path) -> dict[str, float]:
    """Milliseconds of an answer that lists 512 files, in this process over moto's stores, and its bytes."""
    with ExitStack() as stack:
        patching = stack.enter_context(pytest.MonkeyPatch.context())
        for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
            patching.delenv(name, raising=False)
        for name, value in {
            "AWS_DEFAULT_REGION": stores.REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }.items():
            patching.setenv(name, value)
        stores.forget()
        stack.enter_context(mock_aws())
        stores.create_stores(patching)
        stack.enter_context(readers.signing(patching))
        export = exports.shared(folder)
        patching.setenv("BUCKET_BITS", "9")
        stack.enter_context(patch.object(views, "FILE_BYTES", 1))
        put_ledger(folder, export.dataflow, export.pair.buyers, 51_200, 9)
        tool = readers.ReadingTool(readers.access_token(export.pair.b.principal_id))
        path = f"{tool.table()}/query"
        while (answer := tool.call("POST", path, {})).status == 503:
            pass
        times = sorted(timed(lambda: tool.call("POST", path, {}))[1] for _ in range(9))
        files = sum("file" in line for line in answer.lines)
        return {"files": files, "bytes": len(answer.text), "p50 ms": times[4] * 1000, "worst ms": times[-1] * 1000}


def main() -> None:
    """Print both, each measured in a process of its own, whose AWS clients are its own."""
    asked = sys.argv[1] if len(sys.argv) > 1 else "1000000"
    if asked == "files":
        with TemporaryDirectory() as folder:
            print(json.dumps(most_files(Path(folder))))
        return
    subprocess.run([sys.executable, "-m", "benchmarks.sharing", "files"], check=True)
    print(json.dumps(over_the_stack(int(asked))))


if __name__ == "__main__":
    main()
