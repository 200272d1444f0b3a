"""What stories of three sandboxes have in common: their stores in memory, their queues, and what they share."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from functions.approvals import app as approvals
from functions.connect_requests import app as connect
from functions.feeds import app as feeds_app
from functions.segments import app as segments_app
from handfast.access import service as access
from handfast.dataflows import store as dataflows
from handfast.ingest import changes as ingest_changes
from handfast.lake import layout
from handfast.partners.models import key_of
from handfast.platform import objects
from handfast.platform.wanted import Selection
from handfast.privacy_requests import worker
from handfast.segment_export import service as export
from tests.worlds.data_plane import read_rows
from tests.worlds.memory import Deployment
from tests.worlds.people import Key
from tests.worlds.sandboxes import World

BITS = 2


class Story(RuleBasedStateMachine):
    """Three sandboxes of two organizations; a machine adds the steps."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "object"
        self.deployment = Deployment()
        self.deployment.install(self.patch, BITS)
        first, second = access.create_organization("Organization A"), access.create_organization("Organization B")
        owners = {"sandbox a": first, "sandbox b": second, "sandbox c": first}
        sandboxes = [access.create_sandbox(owner, name, overlap_threshold=0) for name, owner in owners.items()]
        self.world = World(sandboxes[0], sandboxes[1], sandboxes[2])
        self.members = [self.world.member(sandbox) for sandbox in sandboxes]
        self.segments: dict[int, list[str]] = {}
        self.connections: dict[tuple[int, int], str] = {}
        self.feeds: dict[tuple[int, int], str] = {}
        self.files: list[tuple[int, str, list[list[str]], str, str]] = []

    def teardown(self) -> None:
        """See how the story ends, unless it has failed, and give AWS back."""
        try:
            if sys.exception() is None:
                self.run_dry()
        finally:
            self.patch.undo()
            self.folder.cleanup()

    def run_dry(self) -> None:
        """Handle all that is waiting, and compare the stores with the model."""
        raise NotImplementedError

    def read_file(self, index: int) -> None:
        """Read one of `files`."""
        raise NotImplementedError

    def ingest(self, message: Mapping[str, Any]) -> None:
        """Apply the changes of a span."""
        ingest_changes.apply_span(message)

    def attend(self, message: Mapping[str, Any]) -> None:
        """Have the worker look at a sandbox's requests."""
        worker.work(message)

    def id(self, n: int) -> str:
        """The id of a sandbox."""
        return self.members[n].sandbox.sandbox_id

    def call(self, n: int, function: Any, method: str, path: str, body: Any = None, ok: int = 200) -> Any:
        """Call a function as a member of a sandbox; returns the body of an answer that has to be `ok`."""
        answer = self.members[n].call(function, method, path, body)
        assert answer.status == ok, answer.body
        return answer.body

    def make_segments(self) -> None:
        """Two in each sandbox."""
        for n in range(3):
            self.segments[n] = [
                self.call(n, segments_app, "POST", "segments", {"name": name}, 201)["segmentId"]
                for name in ("Buyers", "Visitors")
            ]

    def share(self, pair: Sequence[int]) -> None:
        """One connects to another and shares both segments with it, as far as that is not so yet."""
        source, target = pair[:2]
        ends = (min(source, target), max(source, target))
        if ends not in self.connections:
            connect_id = self.call(target, connect, "GET", "connect-id")["connectId"]
            made = self.call(source, connect, "POST", "connect-requests", {"connectId": connect_id}, 201)
            self.connections[ends] = made["connectionId"]
            self.call(target, approvals, "POST", f"connections/{made['connectionId']}/accept")
        if (source, target) not in self.feeds:
            body = {
                "name": "Spring",
                "segmentIds": self.segments[source],
                "namespaces": ["email", "gaid"],
                "restrictedMarketingActions": [],
                "connectionIds": [self.connections[ends]],
            }
            feed = self.call(source, feeds_app, "POST", "feeds", body, 201)["feedId"]
            self.feeds[source, target] = feed
            self.call(source, feeds_app, "POST", f"feeds/{feed}/publish")
        self.enable(source, target)

    @rule(pair=st.permutations(range(3)))
    def share_more(self, pair: list[int]) -> None:
        """One connects to another and shares with it."""
        self.share(pair)

    @rule(ends=st.sampled_from([(0, 1), (0, 2), (1, 2)]), by=st.booleans())
    def disconnect(self, ends: tuple[int, int], by: bool) -> None:
        """Either side ends the connection."""
        if connection := self.connections.pop(ends, None):
            self.call(ends[by], connect, "POST", f"connections/{connection}/disconnect")
            self.feeds.pop(ends, None)
            self.feeds.pop(ends[::-1], None)

    def enable(self, source: int, target: int) -> None:
        """The receiver enables what waits for it."""
        feed = self.feeds[source, target]
        for received in self.call(target, feeds_app, "GET", "received-feeds")["items"]:
            if received["feedId"] == feed and received["status"] in {"pending", "disabled", "changed"}:
                self.call(target, approvals, "POST", f"received-feeds/{received['receivedFeedId']}/enable")

    def towards(self, source: str, target: str) -> set[Key]:
        """The identities that a sandbox suppresses towards another one alone."""
        return self._listed(layout.suppressions_towards(source, key_of(target)))

    def suppressed(self, source: str) -> set[Key]:
        """The identities that a sandbox suppresses towards everybody."""
        return self._listed(layout.suppressions(source))

    def _listed(self, prefix: str) -> set[Key]:
        """The identities that a list suppresses; a list also says what was released."""
        return {(row[0], row[1]) for row in self.rows(prefix) if row[3] in {"erasure", "opt_out"}}

    def erased(self, n: int) -> set[Key]:
        """The identities that a sandbox has suppressed for an erasure."""
        return {(row[0], row[1]) for row in self.rows(f"suppressions/sandbox={self.id(n)}/") if row[3] == "erasure"}

    def deliverable(self) -> list[tuple[str, int]]:
        """What may come next: of each group the first message, of standard queues any, and any file."""
        found = [("files", index) for index in range(len(self.files))]
        for name in ("INGEST_QUEUE_URL", "EXPORT_QUEUE_URL", "PRIVACY_QUEUE_URL"):
            seen: set[str] = set()
            for index, (group, _) in enumerate(self.deployment.queues[name]):
                if not group or group not in seen:
                    found.append((name, index))
                seen.add(group)
        return found

    def handle_one(self, place: tuple[str, int], *, twice: bool = False) -> None:
        """A message or a file is handled."""
        name, index = place
        if name == "files":
            self.read_file(index)
            return
        _, body = self.deployment.queues[name].pop(index)
        work: Mapping[str, Callable[[Any], None]] = {
            "INGEST_QUEUE_URL": self.ingest,
            "EXPORT_QUEUE_URL": export.reconcile,
            "PRIVACY_QUEUE_URL": self.attend,
        }
        for _ in range(1 + twice):
            work[name](body)

    def flows(self, n: int) -> list[Any]:
        """The dataflows of a sandbox."""
        return dataflows.dataflows_page(self.id(n), 200, None, Selection())[0]

    def rows(self, prefix: str) -> list[tuple[Any, ...]]:
        """The rows of all Parquet objects below a prefix."""
        found: list[tuple[Any, ...]] = []
        for stored in list(objects.listing(prefix)):
            if stored.key.endswith(".parquet"):
                self.path.write_bytes(self.deployment.objects[stored.key][0])
                found += read_rows(self.path)
        return found
