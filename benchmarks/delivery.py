"""Delivering a first share to a destination, against a loop that posts the same bodies ready-made.

    python -m benchmarks.delivery [identities, 500,000 by default [identities of a request, 1,000 by default]]

A span of a dataflow's ledger in a folder in S3's place, a pair for each identity. `nothing`
sends nowhere, which leaves the delivery code alone; `http` sends to a process of its own on the loopback interface,
and `httpx loop` posts the bodies of that to the same process, one after the other on one connection. The calls of a
second are not counted. Ratios are of CPU seconds of the process that sends.
"""

import asyncio
import json
import multiprocessing
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from unittest.mock import patch

import duckdb
import httpx

from benchmarks.folder import stored_in
from handfast.dataflows.models import Dataflow, Target
from handfast.delivery import passes
from handfast.delivery.line import Line
from handfast.destinations.contract import Account, Answer, DestinationType, Limits, Pair, Segment
from handfast.destinations.sending import Sending
from handfast.destinations.types.http import destination
from handfast.destinations.types.http.payload import Bodies
from handfast.destinations.types.http.settings import HttpAuthentication, HttpSettings
from handfast.lake import layout
from handfast.lake.buckets import key_range
from handfast.lake.duck import write
from handfast.partners.models import PartnerRef

IDENTITIES = 500_000
BITS = 6
"""64 buckets, which are one span."""
PER_CALL = 1_000
_FLOW, _SEGMENT = "flow_1", "seg_1"
_AT = "2026-11-01T00:00:00.000Z"


def generate(root: Path, identities: int) -> None:
    """The span's ledger."""
    folder = root / layout.disclosures(_FLOW)
    folder.mkdir(parents=True)
    half = "(hash(i, {})::HUGEINT - 9223372036854775808)::BIGINT"
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE ledger AS SELECT {half.format(1)} AS hi, {half.format(2)} AS lo, 1::SMALLINT AS namespace,"
            f" unhex(sha256(i || 'mail')) AS value, '{_SEGMENT}' AS segment, TIMESTAMP '2026-11-01' AS disclosed_at,"
            f" NULL::TIMESTAMP AS withdrawn_at FROM range({identities}) numbers(i) ORDER BY hi, lo"
        )
        for bucket in range(1 << BITS):
            low, high = key_range(bucket, BITS)
            write(connection, f"FROM ledger WHERE hi BETWEEN {low} AND {high}", folder / f"{bucket:05d}.parquet")


class _Nothing:
    """A sender that sends nowhere, and keeps what it was to send."""

    def __init__(self) -> None:
        self.sent: list[Sequence[Pair]] = []

    def send(self, pairs: Sequence[Pair], _batch_id: str) -> Answer:
        """Take the pairs."""
        self.sent.append(pairs)
        return Answer(200)

    @contextmanager
    def open(self, _account: object) -> Iterator["_Nothing"]:
        """Itself."""
        yield self


class FreeLine:
    """A line to a destination that is never closed."""

    calls = 0
    is_open = False

    def permit(self, _wanted: int) -> None:
        """Count a call."""
        self.calls += 1

    def note(self, _answer: Answer) -> None:
        """Take no note of an answer."""


class _Endpoint(asyncio.Protocol):
    """An endpoint that reads requests and answers 204."""

    def __init__(self) -> None:
        self._read = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer each request that has come whole."""
        self._read += data
        while (head := self._read.find(b"\r\n\r\n")) >= 0:
            length = int(self._read[:head].lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            if len(self._read) < head + 4 + length:
                return
            del self._read[: head + 4 + length]
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


def _listen(told: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Endpoint, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def endpoint() -> Iterator[str]:
    """The address of a process that takes what is posted to it."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_listen, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/changes"
    finally:
        process.terminate()
        process.join()


def _row(case: str, identities: int, do: Callable[[], int]) -> dict[str, Any]:
    began, cpu = time.perf_counter(), time.process_time()
    done = do()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    if done != identities:
        raise RuntimeError(f"{case}: {done} of {identities} were sent")
    return {
        "case": case,
        "seconds": round(seconds, 2),
        "cpuSeconds": round(cpu, 2),
        "perCpuSecond": round(identities / cpu),
    }


def _delivered(sending: Sending) -> int:
    """How many pairs a pass over the whole span delivers."""
    flow = Dataflow(
        _FLOW, PartnerRef("sbx_1", "A", "A"), Target("destination"), "Flow", "active", (_SEGMENT,), _AT, _AT
    )
    passed = passes.deliver(flow, 0, sending, cast("Line", FreeLine()))
    return passed.counts.activated


def _loop(url: str, bodies: Sequence[bytes], identities: int) -> int:
    with httpx.Client(trust_env=False) as client:
        for body in bodies:
            client.post(url, content=body, headers={"content-type": "application/json"}).raise_for_status()
    return identities


def run(identities: int = IDENTITIES, per_call: int = PER_CALL) -> list[dict[str, Any]]:
    """The three cases."""
    with TemporaryDirectory() as folder, endpoint() as url:
        generate(Path(folder), identities)
        with patch.dict(os.environ, OUTBOUND_PRIVATE_NETWORKS="allow"), stored_in(Path(folder), BITS):
            return list(_cases(url, Path(folder) / layout.deliveries(_FLOW), identities, per_call))


def _cases(url: str, held: Path, identities: int, per_call: int) -> Iterator[dict[str, Any]]:
    settings = HttpSettings.model_validate({"url": url, "maxProfilesPerCall": per_call})
    segment = Segment(_SEGMENT, "Segment", "segment", _AT, _AT, _AT, _AT)
    account = Account(None, settings, HttpAuthentication.model_validate({}), {_SEGMENT: segment})
    limits, targets = Limits(per_call, 1_000_000), {1: "email_lc_sha256"}
    nothing = _Nothing()
    kind = cast("DestinationType[Any, Any]", nothing)
    sending = Sending("sbx_1", "dst_1", kind, account, targets, limits)
    yield _row("nothing", identities, lambda: _delivered(sending))
    bodies = list(map(Bodies(account).body, nothing.sent))
    shutil.rmtree(held)
    yield _row("http", identities, lambda: _delivered(replace(sending, kind=destination)))
    yield _row("httpx loop", identities, lambda: _loop(url, bodies, identities))


def main() -> None:
    """Print the cases."""
    rows = run(*map(int, sys.argv[1:]))
    loop = rows[-1]
    for row in rows:
        print(json.dumps({**row, "toLoop": round(row["cpuSeconds"] / loop["cpuSeconds"], 2)}))


if __name__ == "__main__":
    main()
