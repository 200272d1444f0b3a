"""A destination that is given whole memberships as files, and fails in every way."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, cast

import pytest

from handfast.connectors.contract import Settings
from handfast.delivery import snapshots, store
from handfast.delivery.line import Line
from handfast.delivery.passes import Passed
from handfast.destinations.contract import Account, Answer, DestinationType, Limits, Segment, SnapshotFormat
from handfast.destinations.sending import Sending
from handfast.destinations.snapshots.rows import Rows
from handfast.lake import buckets
from handfast.platform import slots
from tests.worlds.deliveries import DESTINATION, FLOW, Crash, Deliveries, flow

A, B = "seg_a", "seg_b"

type FileFault = Literal["none", "unavailable", "unavailable_after", "throttled", "refused", "crash", "crash_after"]
FILE_FAULTS: tuple[FileFault, ...] = (
    "none",
    "unavailable",
    "unavailable_after",
    "throttled",
    "refused",
    "crash",
    "crash_after",
)
_ANSWERS = {
    "none": Answer(200),
    "unavailable": Answer(503),
    "unavailable_after": Answer(500),
    "throttled": Answer(429, retry_after=30.0),
    "refused": Answer(400, detail="no"),
}


@dataclass
class Folder:
    """Where files are put, by name."""

    files: dict[str, bytes] = field(default_factory=dict)
    faults: list[FileFault] = field(default_factory=list)
    calls: int = 0

    def put(self, path: Path) -> Answer:
        """Take a file, or fail as the next fault says."""
        self.calls += 1
        fault = self.faults.pop(0) if self.faults else "none"
        if fault == "crash":
            raise Crash
        if fault in ("none", "unavailable_after", "crash_after"):
            self.files[path.name] = path.read_bytes()
        if fault == "crash_after":
            raise Crash
        return _ANSWERS[fault]

    def manifests(self) -> list[dict[str, Any]]:
        """Of the deliveries that are complete, oldest first."""
        return [json.loads(self.files[name]) for name in sorted(self.files) if name.endswith("-manifest.json")]

    def named(self) -> set[tuple[str, str]]:
        """Who is in any file that there ever was, in a delivery that is complete or not."""
        return {member for name in self.files if name.endswith(".csv") for member in self._rows(name)}

    def holds(self) -> set[tuple[str, str]]:
        """Who is in the last complete delivery, which is what its manifest says."""
        last = self.manifests()[-1]
        found = set()
        for each in last["files"]:
            body = self.files[each["name"]]
            assert (len(body), sha256(body).hexdigest()) == (each["bytes"], each["sha256"])
            rows = self._rows(each["name"])
            assert len(rows) == each["rows"]
            found |= rows
        counted = {each["segmentId"]: each["identities"] for each in last["segments"]}
        assert sum(counted.values()) == len(found)
        return found

    def _rows(self, name: str) -> set[tuple[str, str]]:
        header, *rows = csv.reader(self.files[name].decode().splitlines())
        assert header == ["segment", "namespace", "id"]
        return {(text, segment) for segment, _, text in rows}


@dataclass
class _Kind:
    folder: Folder

    @contextmanager
    def open(self, _account: Any) -> Iterator[Folder]:
        """The folder itself."""
        yield self.folder


class SnapshotDeliveries(Deliveries):
    """A dataflow of two spans to a destination that is given whole memberships."""

    bits = 7

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, to: SnapshotFormat | None = None) -> None:
        super().__init__(folder, patch)
        self.to = to or Rows("csv")
        self.folder = Folder()
        self.kind = cast("DestinationType[Any, Any]", _Kind(self.folder))
        segments = {name: Segment(name, name, name) for name in (A, B)}
        self.account = Account("account", Settings(), Settings(), segments)
        self.limits = Limits(1 << 62, 1_000_000)
        self.is_paused = False
        self.hashed: frozenset[int] = frozenset()
        self.files = folder
        self._workers = 0

    def sending(self) -> Sending:
        """The destination as delivery sees it."""
        return Sending(
            "sbx_1",
            DESTINATION,
            self.kind,
            self.account,
            self.targets,
            self.limits,
            hashed=self.hashed,
            backfill=self.backfill,
            aggregation=self.aggregation,
            snapshot=self.to,
            is_paused=self.is_paused,
        )

    def deliver_span(self, span: int) -> Passed | None:
        """What a worker makes of a span, unless the destination is not to be called; None then, and when it dies."""
        line = Line(DESTINATION, 1_000_000)
        if line.retry_at:
            return None
        self._workers += 1
        holder = f"worker-{self._workers}"
        with slots.lent(store.slots(FLOW, span), holder) as is_lent:
            assert is_lent
            try:
                return snapshots.deliver(flow(), span, self.sending(), self.to, line, holder)
            except Crash:
                return None

    def deliver_all(self) -> list[Passed | None]:
        """One pass of each span."""
        return [self.deliver_span(span) for span in buckets.all_spans()]

    def drain(self) -> None:
        """Let time pass until nothing is due but the repetition of a day later."""
        for _ in range(200):
            passed = self.deliver_all()
            if all(each and not each.is_unfinished for each in passed):
                due = [each.due_at for each in passed if each and each.due_at]
                if all(at > self.now for at in due) and self.folder.holds() == self.wanted():
                    return
            self.later(4_000)
        raise AssertionError("something is due for ever")
