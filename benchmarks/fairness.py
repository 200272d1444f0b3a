"""How long a file of one row takes, alone and behind another sandbox's twenty, on the deployed stack.

    python -m benchmarks.fairness [turns, 15 by default]

Each turn sends the file alone, and then right after the other sandbox has sent its files. `begun` is the time from
the file's arrival until a worker has begun with it, `takenIn` that until the log has it as taken in, in seconds;
nobody asks meanwhile. `othersBegun` is how many of the other sandbox's files were begun before it, and `othersTakenIn`
how many were taken in: the local stack, which works on one message of a FIFO queue at a time where AWS works on one of
each sandbox and span, takes a file in behind those that came before it.
"""

import json
import statistics
import sys
import time
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.visible import NAMESPACE, digest
from handfast.platform import clock, table
from handfast_cli.demo.command import new_side
from handfast_cli.demo.side import Side, until
from handfast_cli.local.commands import bring_up
from handfast_cli.local.paths import state_folder

TURNS = 15
BEFORE = 20
"""Files that the other sandbox sends right before."""
_COLUMNS = [{"column": "email", "as": "identity", "namespace": NAMESPACE, "transform": "none"}]


type _Upload = dict[str, Any]


@dataclass(frozen=True)
class _Times:
    """When a file had arrived, was begun and was taken in, in seconds since 1970."""

    arrived: float
    begun: float
    taken_in: float


def _announce(side: Side, files: int) -> list[_Upload]:
    body = {"fileName": "one.csv", "format": "csv", "mode": "delta", "columns": _COLUMNS}
    return [side.post("/uploads", body) for _ in range(files)]


def _send(announced: list[_Upload], first: int) -> list[float]:
    """Send a file of one row for each upload, of the people from the first number on; when each had arrived."""
    arrived = []
    for number, upload in enumerate(announced, first):
        httpx.put(upload["uploadUrl"], content=f"email\n{digest(number)}\n".encode(), timeout=60).raise_for_status()
        arrived.append(time.time())
    return arrived


def _times(side: Side, uploads: list[_Upload], arrived: list[float]) -> list[_Times]:
    """What became of files, once the log has all as taken in."""
    path = f"/activity?type=upload.completed&limit={len(uploads)}"
    ids = [upload["uploadId"] for upload in uploads]

    def found() -> dict[str, str]:
        return {record["subject"]: record["at"] for record in side.get(path)["items"] if record["subject"] in ids}

    until(lambda: len(found()) == len(ids))
    ended, pk = found(), f"SBX#{side.session.sandbox}"
    begun = [(table.get("SEGMENTS_TABLE", pk, f"UPL#{upload_id}") or {})["acceptedAt"] for upload_id in ids]
    return [
        _Times(came, clock.from_text(start).timestamp(), clock.from_text(ended[upload_id]).timestamp())
        for upload_id, came, start in zip(ids, arrived, begun, strict=True)
    ]


def _alone(side: Side, number: int) -> _Times:
    own = _announce(side, 1)
    (times,) = _times(side, own, _send(own, number))
    return times


def _behind(side: Side, other: Side, number: int) -> tuple[_Times, list[_Times]]:
    """The file's times, and those of the other sandbox's."""
    own, theirs = _announce(side, 1), _announce(other, BEFORE)
    others_arrived = _send(theirs, number)
    arrived = _send(own, number)
    others = _times(other, theirs, others_arrived)
    (times,) = _times(side, own, arrived)
    return times, others


def run(turns: int = TURNS) -> list[dict[str, Any]]:
    """Seconds alone and behind others, median and 95th percentile, and what of the other sandbox's came before."""
    bring_up(state_folder())
    stack_file = state_folder() / "stack.json"
    side, other = (new_side(stack_file, letter) for letter in "ab")
    for warm in (side, other):
        _alone(warm, 0)
    alone, behind, others_begun, others_taken_in = [], [], [], []
    for turn in range(turns):
        alone.append(_alone(side, turn))
        own, others = _behind(side, other, turn)
        behind.append(own)
        others_begun.append(sum(each.begun < own.begun for each in others))
        others_taken_in.append(sum(each.taken_in < own.taken_in for each in others))
    before = {"othersBegun": statistics.median(others_begun), "othersTakenIn": statistics.median(others_taken_in)}
    return [{"case": "alone", **_row(alone)}, {"case": f"behind {BEFORE} of another sandbox", **_row(behind), **before}]


def _row(files: list[_Times]) -> dict[str, Any]:
    return {
        "files": len(files),
        "begun": _seconds([each.begun - each.arrived for each in files]),
        "takenIn": _seconds([each.taken_in - each.arrived for each in files]),
    }


def _seconds(times: list[float]) -> dict[str, float]:
    last = statistics.quantiles(times, n=20)[-1]
    return {"p50": round(statistics.median(times), 2), "p95": round(last, 2)}


if __name__ == "__main__":
    for row in run(*map(int, sys.argv[1:])):
        print(json.dumps(row))
