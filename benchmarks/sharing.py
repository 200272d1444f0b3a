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
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from moto import mock_aws

from handfast.lake import buckets, layout, views
from handfast.lake.duck import connect, literal, parquet, write
from handfast.platform import objects
from handfast_cli.demo.side import until
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


def withdrawals(turns: int) -> dict[str, float]:
    """Seconds from the acceptance of a change until the next read lacks the person, and a link from before is dead."""
    pair, segment, _ = _shared(turns)
    profile = httpx.post(pair.b.post("/recipient-tokens", {"name": "Benchmark"})["activationUrl"]).json()
    with httpx.Client(base_url=profile["endpoint"], timeout=60) as tool:
        tool.headers["authorization"] = f"Bearer {profile['bearerToken']}"
        share = tool.get("/shares").json()["items"][0]["name"]
        table = tool.get(f"/shares/{share}/all-tables").json()["items"][0]["name"]
        query = f"/shares/{share}/schemas/received/tables/{table}/query"

        def links() -> list[str]:
            lines = map(json.loads, tool.post(query, json={}).text.splitlines())
            return [line["file"]["url"] for line in lines if "file" in line]

        def values() -> set[str]:
            found: set[str] = set()
            for link in links():
                answer = httpx.get(link)
                if answer.status_code == 200:
                    with TemporaryDirectory() as folder, connect() as connection:
                        path = Path(folder) / "view.parquet"
                        path.write_bytes(answer.content)
                        rows = connection.execute(f"SELECT value FROM {parquet([path])}").fetchall()
                        found |= {value for (value,) in rows}
            return found

        def is_dead(link: str) -> bool:
            return httpx.get(link).status_code != 200

        def has_left(person: str) -> bool:
            return person not in values()

        reads, dead = [], []
        for number in range(turns):
            before = links()
            left = {"identity": {"namespace": sides.EMAIL, "value": sides.address(number)}, "segmentId": segment}
            pair.a.post("/memberships", {"changes": [left | {"status": "exited"}]})
            began = time.perf_counter()
            until(partial(is_dead, before[0]))
            dead.append(time.perf_counter() - began)
            until(partial(has_left, sides.address(number)))
            reads.append(time.perf_counter() - began)
    return {
        "turns": turns,
        "link dead p50": sorted(dead)[turns // 2],
        "link dead worst": max(dead),
        "read p50": sorted(reads)[turns // 2],
        "read worst": max(reads),
    }


def _shared(people: int) -> tuple[sides.Pair, str, str]:
    """Two fresh sandboxes that share so many people: they, the segment and the dataflow."""
    pair = sides.connected(ROOT / ".local" / "stack.json", overlap_threshold=0)
    segment = sides.segment_of(pair.a, "Readers", range(people))
    known = sides.segment_of(pair.b, "Known", range(people))
    sides.arrived(pair.a, segment, people)
    sides.arrived(pair.b, known, people)
    body = {"name": "Large", "segmentIds": [segment], "namespaces": ["email"], "connectionIds": [pair.connection]}
    pair.a.post(f"/feeds/{pair.a.post('/feeds', body)['feedId']}/publish")
    (found,) = until(lambda: list(pair.b.items("/received-feeds")))
    received = found["receivedFeedId"]
    flow = pair.b.post(f"/received-feeds/{received}/enable")["dataflowId"]
    until(lambda: len(list(pair.b.items(f"/received-feeds/{received}/members"))) == people)
    return pair, segment, flow


def over_the_stack(rows: int) -> dict[str, float]:
    """Seconds of the client's first read, for which files are made, and of the next ones, with their rows."""
    pair, segment, flow = _shared(2)
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
    """Print all, the files measured in a process of its own, whose AWS clients are its own."""
    asked = sys.argv[1] if len(sys.argv) > 1 else "1000000"
    if asked == "files":
        with TemporaryDirectory() as folder:
            print(json.dumps(most_files(Path(folder))))
        return
    subprocess.run([sys.executable, "-m", "benchmarks.sharing", "files"], check=True)
    print(json.dumps(over_the_stack(int(asked))))
    print(json.dumps(withdrawals(10)))


if __name__ == "__main__":
    main()
