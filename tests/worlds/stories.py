"""A story of three sandboxes on stores in memory: what happens to them, and what has to hold."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from functions.approvals import app as approvals
from functions.connect_requests import app as connect
from functions.feeds import app as feeds_app
from functions.privacy_requests import app as privacy
from functions.segments import app as segments_app
from handfast.access import service as access
from handfast.connections import store as connections
from handfast.dataflows import runs, work
from handfast.feeds import store as feeds
from handfast.feeds.rules import LIVE
from handfast.ingest import changes as ingest_changes
from handfast.ingest import files as ingest
from handfast.ingest import store as ingest_store
from handfast.journal import chain
from handfast.journal import store as journal
from handfast.journal.models import ErasureScope
from handfast.lake import change_log
from handfast.platform import objects, table
from handfast.platform.table import Update
from handfast.privacy_requests import store as requests
from handfast.privacy_requests import worker
from handfast.segments import store as segments
from tests.worlds.people import COLUMNS, PEOPLE, Change, Key, Known, Person, identity
from tests.worlds.story import Story


class Stories(Story):
    """The machine; each rule is a step of the story."""

    def __init__(self) -> None:
        super().__init__()
        self.known = {self.id(n): Known() for n in range(3)}
        self.asked: dict[str, tuple[int, Key]] = {}
        for member in self.members:
            place = ("ACCESS_TABLE", f"SBX#{member.sandbox.sandbox_id}", "SBX")
            table.apply(Update(*place, assign={"privacyRule": "automatic", "removalGuard": 1, "rejectGuard": 1}))
        access.forget()

    # Data in

    @initialize(partner=st.integers(1, 2))
    def people_are_shared(self, partner: int) -> None:
        """Stories begin where there is something to lose."""
        self.make_segments()
        for n in range(3):
            self.upload(n, [(person, set(person.columns), "") for person in PEOPLE], 0, "delta")
        self.share([0, partner, 3 - partner])
        self.share([partner, 3 - partner, 0])
        self.run_dry()

    @rule(
        n=st.integers(0, 2),
        rows=st.lists(
            st.tuples(
                st.sampled_from(PEOPLE),
                st.sets(st.sampled_from(["mail", "second", "device"]), min_size=1),
                st.sampled_from(["", "y", "n"]),
            ),
            min_size=1,
            max_size=4,
        ),
        segment=st.integers(0, 1),
        mode=st.sampled_from(["delta", "delta", "snapshot"]),
    )
    def upload(self, n: int, rows: Any, segment: int, mode: str) -> None:
        """A file is put; it is read when its message is handled."""
        lines = [
            [str(person.number), *(person.columns[c][1] if c in named else "" for c in ("mail", "second", "device")), y]
            for person, named, y in rows
        ]
        body = {
            "fileName": "crm.csv",
            "format": "csv",
            "mode": mode,
            "columns": COLUMNS,
            "segmentId": self.segments[n][segment],
        }
        made = self.call(n, segments_app, "POST", "uploads", body, 201)["uploadId"]
        text = "\n".join(",".join(line) for line in [["id", "mail", "second", "device", "consent"], *lines]) + "\n"
        objects.write(f"uploads/{self.id(n)}/{made}", text.encode(), replaces=None)
        self.files.append((n, made, lines, self.segments[n][segment], mode))

    @rule(
        n=st.integers(0, 2),
        who=st.sampled_from(PEOPLE),
        column=st.sampled_from(["mail", "device"]),
        number=st.integers(0, 1),
        realized=st.booleans(),
    )
    def stream(self, n: int, who: Person, column: str, number: int, realized: bool) -> None:
        """A membership is streamed."""
        segment = self.segments[n][number]
        symbol, value = who.columns[column]
        change = {
            "identity": {"namespace": symbol, "value": value},
            "segmentId": segment,
            "status": "realized" if realized else "exited",
            "profileId": str(who.number),
        }
        before = self.pending(n)
        self.call(n, segments_app, "POST", "memberships", {"changes": [change]}, 202)
        for change_id in self.pending(n) - before:
            named = identity(symbol, value)[0]
            change_of = Change([(named, str(who.number), None)], {(named, segment): realized})
            self.known[self.id(n)].taken(change_id, change_of, {})

    def pending(self, n: int) -> set[str]:
        """The ids of a sandbox's changes that wait."""
        return {stored.key.split("/")[3] for stored in objects.listing(f"changes/{self.id(n)}/")}

    def read_file(self, index: int) -> None:
        """A file's message is handled; the model learns the change."""
        n, upload_id, lines, segment, mode = self.files.pop(index)
        erased = self.erased(n)
        ingest.take_file(self.id(n), upload_id)
        upload = ingest_store.upload(self.id(n), upload_id)
        assert upload
        item = table.get("SEGMENTS_TABLE", f"SBX#{self.id(n)}", f"UPL#{upload_id}")
        change = Change([], {}, segment if mode == "snapshot" else None)
        said: dict[str, str] = {}
        for line in lines:
            texts = dict(zip(("mail", "second", "device"), line[1:4], strict=True))
            keys = {
                column: identity(*PEOPLE[int(line[0])].columns[column])[0] for column, text in texts.items() if text
            }
            named = [who for who in keys.values() if who not in erased]
            # An erased device does not tell of whom the rest of the row is.
            if named and erased.isdisjoint(who for column, who in keys.items() if column != "device"):
                change.profiles += [(who, line[0], line[4] or None) for who in named]
                change.members |= {(who, segment): True for who in named}
                said |= {line[0]: min(line[4], said.get(line[0], "y"))} if line[4] else {}  # the stricter counts
        assert item
        if upload.status == "failed":
            assert upload.failure
            assert (upload.failure.reason, change.profiles) == ("all_rejected", [])
            return
        self.known[self.id(n)].taken(item["changeId"], change, said)

    # Sharing

    @rule(pair=st.permutations(range(3)))
    def disable(self, pair: list[int]) -> None:
        """The receiver takes nothing new."""
        source, target = pair[:2]
        for received in self.call(target, feeds_app, "GET", "received-feeds")["items"]:
            if received["feedId"] == self.feeds.get((source, target)) and received["status"] == "enabled":
                self.call(target, approvals, "POST", f"received-feeds/{received['receivedFeedId']}/disable")

    @rule(pair=st.permutations(range(3)))
    def unshare(self, pair: list[int]) -> None:
        """The sender ends a share."""
        source, target = pair[:2]
        ends = (min(source, target), max(source, target))
        if feed := self.feeds.pop((source, target), None):
            self.call(source, feeds_app, "POST", f"feeds/{feed}/unshare", {"connectionId": self.connections[ends]})

    @rule(n=st.integers(0, 2))
    def regenerate(self, n: int) -> None:
        """A new connect ID; what is connected stays so."""
        self.call(n, connect, "GET", "connect-id")
        self.call(n, connect, "POST", "connect-id/regenerate")

    # People's requests

    @rule(
        n=st.integers(0, 2),
        who=st.sampled_from(PEOPLE),
        column=st.sampled_from(["mail", "second", "device"]),
        kind=st.sampled_from(["erasure", "erasure", "opt_out", "opt_in"]),
    )
    def ask(self, n: int, who: Person, column: str, kind: str) -> None:
        """A person asks, by one of the identities."""
        symbol, value = who.columns[column]
        subject = {"identities": [{"namespace": symbol, "value": value}]}
        body = {"type": kind, "regulation": "gdpr", "subject": subject, "verified": True}
        made = self.call(n, privacy, "POST", "privacy-requests", body, 202)["privacyRequestId"]
        if kind == "erasure":
            self.asked[made] = n, identity(symbol, value)[0]

    @rule(n=st.integers(0, 2), scope=st.sampled_from(["delivered", "everything"]))
    def reach(self, n: int, scope: ErasureScope) -> None:
        """A sandbox has partners' erasures reach so far from now on."""
        access.change_sandbox(self.id(n), partner_erasures=scope)

    # Messages

    @rule(which=st.integers(0, 99), twice=st.booleans())
    def handle(self, which: int, twice: bool) -> None:
        """A message or a file is handled, perhaps twice."""
        if waiting := self.deliverable():
            self.handle_one(waiting[which % len(waiting)], twice=twice)

    def ingest(self, message: Mapping[str, Any]) -> None:
        """The changes of a span are applied, to the model first."""
        known, sandbox_id = self.known[message["sandboxId"]], message["sandboxId"]
        erased = self.erased([self.id(n) for n in range(3)].index(sandbox_id))
        for change in change_log.pending(sandbox_id, message["span"]):
            if change.erases:
                path = f"changes/{sandbox_id}/{message['span']:03d}/{change.change_id}/erase.parquet"
                known.erase({(row[0], row[1]) for row in self.rows(path)})
            elif change.change_id in known.changes:
                known.apply(known.changes[change.change_id], erased)
        ingest_changes.apply_span(message)

    # What has to hold

    @rule()
    def run_dry(self) -> None:
        """All that is waiting is handled, and the stores are compared with the model."""
        for _ in range(400):
            for _ in range(400):
                waiting = self.deliverable()
                if not waiting:
                    break
                self.handle_one(waiting[0])
            busy = [self.id(n) for n in range(3) if requests.work(self.id(n))]
            for sandbox_id in busy:
                worker.work({"sandboxId": sandbox_id})
            if not busy and not self.deliverable():
                break
        else:
            raise AssertionError("the queues never run dry")
        self.check()

    def check(self) -> None:
        """The stores agree with the model."""
        for n in range(3):
            self.check_data(n)
            assert chain.first_break(journal.log(self.id(n)))[2] is None
        for flow in {flow.dataflow_id: flow for n in range(3) for flow in self.flows(n)}.values():
            self.check_flow(flow)
        for made, (n, named) in self.asked.items():
            request = requests.request(self.id(n), made)
            assert request
            assert request.status == "completed", (request.status, [stage.status for stage in request.stages])
            assert named in self.erased(n)
        asked = {named for _, named in self.asked.values()}
        people = [{identity(*raw)[0] for raw in person.columns.values()} for person in PEOPLE]
        those_who_asked = {who for own in people if own & asked for who in own}
        assert all(self.erased(n) <= those_who_asked for n in range(3))
        self.check_nobody_erased_is_left()

    def check_data(self, n: int) -> None:
        """Profiles, members and counts are those of the model."""
        known = self.known[self.id(n)]
        profiles = {
            (row[0], row[1]): [row[4], row[6] or row[5]] for row in self.rows(f"profiles/sandbox={self.id(n)}/")
        }
        assert profiles == known.profiles
        members = {
            ((row[0], row[1]), segment)
            for segment in self.segments[n]
            for row in self.rows(f"memberships/sandbox={self.id(n)}/segment={segment}/")
        }
        assert members == known.members
        for segment in self.segments[n]:
            stored = segments.segment(self.id(n), segment)
            assert stored
            assert stored.identities == len({member for member in members if member[1] == segment})
        assert not self.pending(n)
        assert not list(objects.listing(f"uploads/{self.id(n)}/"))

    def check_flow(self, flow: Any) -> None:
        """The receiver holds exactly who may be shared; a disabled feed nobody else."""
        source, target = self.known[flow.source.address], self.known[flow.target.partner.address]
        ends = flow.source.address, flow.target.partner.address
        suppressed = self.suppressed(flow.source.address)
        suppressed |= self.towards(*ends) | self.towards(*ends[::-1])
        terms = work.terms(flow.dataflow_id)
        ids = [self.id(n) for n in range(3)]
        pair = (ids.index(flow.source.address), ids.index(flow.target.partner.address))
        if self.feeds.get(pair) != flow.target.about["feedId"]:
            assert not terms.segments
        eligible = {
            (who, segment)
            for who, segment in source.members
            if segment in terms.segments
            and source.profiles.get(who, [None, "n"])[1] != "n"
            and who not in suppressed
            and who in target.profiles
        }
        rows = self.rows(f"disclosures/dataflow={flow.dataflow_id}/")
        held = {((row[0], row[1]), row[4]) for row in rows if row[6] is None}
        assert held <= eligible if terms.paused else held == eligible
        assert runs.delivered(flow.dataflow_id) == len(held)

    def check_nobody_erased_is_left(self) -> None:
        """No object names somebody erased by value or key, but suppressions, their log, and rows of the ledger."""
        erased = {self.id(n): self.erased(n) for n in range(3)}
        sides: dict[str, set[str]] = {}
        for flow in (flow for n in range(3) for flow in self.flows(n)):
            source, target = flow.source.address, flow.target.partner.address
            sides[flow.dataflow_id] = {source, target}
            # Whoever was given somebody who is erased has erased them, too, or what came from there.
            given = {(row[0], row[1]) for row in self.rows(f"disclosures/dataflow={flow.dataflow_id}/")}
            assert given & erased[source] <= erased[target] | self.towards(target, source)
        for name in (stored.key for stored in list(objects.listing(""))):
            kind, owner = name.split("/")[:2]
            owner = owner.rpartition("=")[2]
            if kind not in {"suppressions", "suppressions_towards", "suppression_log"}:
                gone = set().union(*(erased[side] for side in sides.get(owner, {owner})))
                assert not self.named(name, without_value=kind == "disclosures") & gone, name

    def named(self, name: str, *, without_value: bool) -> set[Key]:
        """The people whom an object names, by key or value; in the ledger, by value."""
        if name.endswith(".parquet"):
            return {(row[0], row[1]) for row in self.rows(name) if not (without_value and row[3] is None)}
        body = self.deployment.objects[name][0]
        return {
            who
            for person in PEOPLE
            for who, value in (identity(*raw) for raw in person.columns.values())
            if str(who[0]).encode() in body or value.hex().encode() in body or value in body
        }

    @invariant()
    def nothing_is_read_over_an_ended_connection(self) -> None:
        """A receiver's reading stops at once."""
        for n in range(3):
            for received in feeds.received_feeds(self.id(n)):
                source = next(m for m in range(3) if received.partner.is_sandbox(self.id(m)))
                if self.feeds.get((source, n)) != received.feed_id:
                    assert not received.readable_segments

    @invariant()
    def connections_count_what_is_shared_over_them(self) -> None:
        """The numbers kept on a side's connections are those of its shares."""
        for n in range(3):
            live = [share for share in feeds.shares(self.id(n)) if share.status in LIVE]
            for item in table.query(connections.CONNECTIONS, f"SBX#{self.id(n)}", "CON#"):
                connection = connections.from_item(item)
                over = [share.segment_ids for share in live if share.connection_id == connection.connection_id]
                segments = {name for names in over for name in names}
                assert (connection.feeds_shared, connection.segments_shared) == (len(over), len(segments))
