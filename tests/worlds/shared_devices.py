"""A story of people who share devices, of three sandboxes that share people, and of the systems that each has outside.

The model knows who is who. What has to hold is not what exactly becomes of everything, as in `stories`, but that no
answer claims what was not asked or done, and that nobody else's data leaves or goes.
"""

import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyzipper
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from functions.approvals import app as approvals
from functions.privacy_requests import app as privacy
from functions.privacy_requests import connectors as connectors_api
from functions.segments import app as segments_app
from handfast.access import service as access
from handfast.connectors import calls
from handfast.connectors.contract import Status
from handfast.ingest import files as ingest
from handfast.journal import chain
from handfast.journal import store as journal
from handfast.lake import suppressions
from handfast.platform import clock, objects, table
from handfast.platform.table import Update
from handfast.privacy_requests import (
    due_work,
    list_store,
    recipient_store,
    rules,
    scopes,
    sweep,
    task_rules,
    task_store,
)
from handfast.privacy_requests import store as requests
from handfast.privacy_requests.models import PrivacyRequest
from tests.worlds.connector_servers.running import Running
from tests.worlds.outside import LOOKS_BY, NAMESPACES, PEOPLE, SHARED, SYSTEMS, Outside, key_of, settings, texts, value
from tests.worlds.people import Key
from tests.worlds.story import Story

COLUMNS = [
    {"column": "id", "as": "profileId"},
    {"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
    {"column": "tel", "as": "identity", "namespace": "phone", "transform": "hash"},
    {"column": "device", "as": "identity", "namespace": "gaid"},
    {"column": "shared", "as": "identity", "namespace": "gaid"},
    {"column": "consent", "as": "share"},
]
KINDS = ("mail", "tel", "device", "shared")
PROVEN = frozenset({"id", "mail", "tel"})
"""What leads to a person; a device does not."""
STOPPING = frozenset({"opt_out", "objection", "restriction"})
BY_HAND = ("rectification", "restriction", "limit")
TYPES = ("erasure", "erasure", "erasure", "access", "access", "opt_out", "opt_in", "consent", "objection", *BY_HAND)


@dataclass(frozen=True)
class Asked:
    """A person's request at a sandbox: of whom it is, and by what."""

    n: int
    who: int
    kinds: frozenset[str]
    type: str
    share: str | None

    @property
    def people(self) -> set[int]:
        """Whom it is about: nobody, where a device alone is named."""
        return {self.who} if self.kinds & PROVEN else set()

    @property
    def named(self) -> set[Key]:
        """The identities that it names."""
        return {key_of(self.who, kind) for kind in self.kinds - {"id"}}


@dataclass(frozen=True)
class Found:
    """What a sandbox knew when a request's work began: kinds of identities of the person, and who had received them."""

    reach: frozenset[str]
    received: Mapping[int, set[Key]]


def owned(people: set[int]) -> set[Key]:
    """All identities that any of the people has."""
    return {key_of(who, kind) for who in people for kind in KINDS}


def sharing(people: set[int]) -> set[int]:
    """The people, and whoever shares a device with one of them."""
    return {who for who in PEOPLE if SHARED[who] in {SHARED[each] for each in people}}


class SharedDevices(Story):
    """The machine; each rule is a step of the story."""

    def __init__(self, at: Mapping[str, Running]) -> None:
        super().__init__()
        self.ahead = timedelta()
        self.patch.setattr(clock, "now", lambda: datetime.now(UTC) + self.ahead)
        self.patch.setattr(calls, "sleep", lambda _: None)
        self.patch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
        self.outside = Outside(at, {})
        self.officers = [self.world.member(member.sandbox, "privacy-officer") for member in self.members]
        self.asked: dict[str, Asked] = {}
        self.found: dict[str, Found] = {}
        self.uploaded: list[set[Key]] = [set(), set(), set()]
        self.lifted: set[int] = set()
        self.told: set[str] = set()

    @initialize(
        held=st.fixed_dictionaries(
            {
                name: st.dictionaries(
                    st.sampled_from(PEOPLE),
                    st.frozensets(st.sampled_from(["id", "mail", "tel", "device", "shared", "user"]), min_size=1),
                    min_size=2,
                )
                for name in SYSTEMS
            }
        ),
        automatic=st.lists(st.booleans(), min_size=3, max_size=3),
        everything=st.lists(st.booleans(), min_size=3, max_size=3),
    )
    def people_are_shared(self, held: Any, automatic: Sequence[bool], everything: Sequence[bool]) -> None:
        """Everybody is known everywhere by something, and shared in a ring."""
        for n, member in enumerate(self.members):
            rule, scope = "automatic" if automatic[n] else "approval", "everything" if everything[n] else "delivered"
            new = {"privacyRule": rule, "partnerErasures": scope, "removalGuard": 1, "rejectGuard": 1}
            table.apply(Update("ACCESS_TABLE", f"SBX#{member.sandbox.sandbox_id}", "SBX", assign=new))
        access.forget()
        self.outside.held = held
        self.outside.reset()
        for name, n in SYSTEMS.items():
            body = {"type": name, "name": name, "settings": settings(name, self.outside.at[name])}
            self.call(n, connectors_api, "POST", "connectors", body, 201)
        self.make_segments()
        for n in range(3):
            self.upload(n, [(who, frozenset(KINDS) - {KINDS[n]}, "") for who in PEOPLE], 0)
        for pair in ((0, 1), (1, 2), (2, 0)):
            self.share(pair)
        self.run_dry()

    # Data in

    @rule(
        n=st.integers(0, 2),
        rows=st.lists(
            st.tuples(
                st.sampled_from(PEOPLE),
                st.frozensets(st.sampled_from(KINDS), min_size=1),
                st.sampled_from(["", "", "y", "n"]),
            ),
            min_size=1,
            max_size=3,
        ),
        segment=st.integers(0, 1),
    )
    def upload(self, n: int, rows: Any, segment: int) -> None:
        """A file is put; it is read when its message is handled."""
        lines = [[f"crm-{who}", *(value(who, kind) if kind in named else "" for kind in KINDS), share]
                 for who, named, share in rows]  # fmt: skip
        body = {"fileName": "crm.csv", "format": "csv", "mode": "delta", "columns": COLUMNS}
        body |= {"segmentId": self.segments[n][segment]}
        made = self.call(n, segments_app, "POST", "uploads", body, 201)["uploadId"]
        text = "\n".join(",".join(line) for line in [["id", *KINDS, "consent"], *lines]) + "\n"
        objects.write(f"uploads/{self.id(n)}/{made}", text.encode(), replaces=None)
        self.files.append((n, made, lines, self.segments[n][segment], "delta"))

    @rule(
        n=st.integers(0, 2),
        who=st.sampled_from(PEOPLE),
        kind=st.sampled_from(["mail", "device", "shared"]),
        segment=st.integers(0, 1),
    )
    def stream(self, n: int, who: int, kind: str, segment: int) -> None:
        """A membership is streamed; nobody erased comes back by it."""
        change = {"identity": {"namespace": NAMESPACES[kind], "value": value(who, kind)}, "status": "realized"}
        change |= {"segmentId": self.segments[n][segment], "profileId": value(who, "id")}
        self.uploaded[n] |= {key_of(who, kind)} - self.erased(n)
        self.call(n, segments_app, "POST", "memberships", {"changes": [change]}, 202)

    def read_file(self, index: int) -> None:
        """A file's message is handled; rows that name nobody erased bring their identities."""
        n, upload_id, lines, _, _ = self.files.pop(index)
        erased = self.erased(n)
        ingest.take_file(self.id(n), upload_id)
        for line in lines:
            who = int(line[0][-1])
            keys = {key_of(who, kind) for kind, text in zip(KINDS, line[1:5], strict=True) if text}
            if keys.isdisjoint(erased):
                self.uploaded[n] |= keys

    # Requests

    @rule(
        n=st.integers(0, 2),
        who=st.sampled_from(PEOPLE),
        kinds=st.sampled_from([{"mail"}, {"mail"}, {"tel"}, {"id"}, {"shared"}, {"device"}, {"mail", "shared"}]),
        type=st.sampled_from(TYPES),
        share=st.sampled_from(["y", "n"]),
        lift=st.booleans(),
    )
    def ask(self, n: int, who: int, kinds: set[str], type: str, share: str, lift: bool) -> None:  # noqa: A002
        """A person asks for something, by some of what is his."""
        named = [{"namespace": NAMESPACES.get(kind, "profileId"), "value": value(who, kind)} for kind in sorted(kinds)]
        law = "ccpa" if type == "limit" else "gdpr"
        body: dict[str, Any] = {"type": type, "regulation": law, "verified": True, "subject": {"identities": named}}
        body |= {"note": "the name is spelt otherwise"} if type == "rectification" else {}
        if type == "consent":
            body["share"] = share
        if type == "opt_in" and lift:
            body["liftErasure"] = True
            self.lifted.add(n)
        made = self.call(n, privacy, "POST", "privacy-requests", body, 202)["privacyRequestId"]
        self.asked[made] = Asked(n, who, frozenset(kinds), type, body.get("share"))

    @rule(
        n=st.integers(0, 2),
        which=st.integers(0, 9),
        how=st.sampled_from(["approve", "approve", "profiles", "delivered", "everything", "deny"]),
    )
    def decide(self, n: int, which: int, how: str) -> None:
        """An officer decides on one of the requests that wait for it."""
        if waiting := self.waiting(n):
            self.decide_one(n, waiting[which % len(waiting)], how)

    def waiting(self, n: int) -> list[PrivacyRequest]:
        """The requests that a sandbox has still to decide on."""
        return [each for each in self.all_requests(n) if each.status == "pending"]

    def decide_one(self, n: int, request: PrivacyRequest, how: str) -> None:
        """An officer approves a request, in some scope, or denies it."""
        path = f"privacy-requests/{request.privacy_request_id}"
        if how == "deny":
            body: dict[str, Any] = {"reason": "no such right", "ground": "claim_not_covered"}
        else:
            is_led = how == "profiles" and "sharedDevices" in request.stages[0].detail
            scope = how if how in ("delivered", "everything") and scopes.scope_of(request) else None
            body = ({"sharedDevices": "profiles"} if is_led else {}) | ({"scope": scope} if scope else {})
        answer = self.officers[n].call(approvals, "POST", f"{path}/{'deny' if how == 'deny' else 'approve'}", body)
        assert answer.status == 200, answer.body

    @rule(n=st.integers(0, 2), which=st.integers(0, 9))
    def do_by_hand(self, n: int, which: int) -> None:
        """Somebody does what no program does, and says so."""
        if waiting := [each for each in self.all_requests(n) if rules.awaits_hand(each)]:
            self.complete_one(n, waiting[which % len(waiting)])

    def complete_one(self, n: int, request: PrivacyRequest) -> None:
        """An officer completes what was done by hand."""
        path = f"privacy-requests/{request.privacy_request_id}/complete"
        answer = self.officers[n].call(approvals, "POST", path, {"note": "done in the files"})
        assert answer.status == 200, answer.body

    @rule(n=st.integers(0, 2), which=st.integers(0, 9))
    def retry(self, n: int, which: int) -> None:
        """What has gaps is tried again."""
        gaps = [each for each in self.all_requests(n) if each.status == "completed_with_gaps"]
        if gaps:
            made = gaps[which % len(gaps)].privacy_request_id
            answer = self.members[n].call(privacy, "POST", f"privacy-requests/{made}/retry")
            assert answer.status in (200, 409), answer.body

    def all_requests(self, n: int) -> list[PrivacyRequest]:
        """Every request of a sandbox."""
        return list(list_store.requests(self.id(n)))

    # What happens meanwhile

    @rule(name=st.sampled_from(sorted(SYSTEMS)), status=st.sampled_from([500, 503, 400, 403, 405]))
    def fail(self, name: str, status: int) -> None:
        """A system answers the next call so."""
        self.outside.at[name].fault("", status, b"{}")

    @rule()
    def finish(self) -> None:
        """The systems do what they were told."""
        self.outside.finish()

    @rule(days=st.sampled_from([0.05, 1, 40]))
    def time_passes(self, days: float) -> None:
        """Long enough for a repeat, or for the deadline of the law."""
        while self.files:
            self.read_file(0)  # a file that comes late is not taken
        self.ahead += timedelta(days=days)

    @rule(which=st.integers(0, 99), twice=st.booleans())
    def handle(self, which: int, twice: bool) -> None:
        """A message or a file is handled, perhaps twice."""
        if waiting := self.deliverable():
            self.handle_one(waiting[which % len(waiting)], twice=twice)

    def attend(self, message: Mapping[str, Any]) -> None:
        """The worker looks; what the sandbox knows is noted for the requests that it begins."""
        sandbox_id = message["sandboxId"]
        n = [self.id(each) for each in range(3)].index(sandbox_id)
        for request in requests.work(sandbox_id):
            name = request.privacy_request_id
            if request.stage.name == "find" and name in self.asked and name not in self.found:
                self.found[name] = self.found_of(n, self.asked[name])
        super().attend(message)

    def found_of(self, n: int, asked: Asked) -> Found:
        """What a sandbox knows of who asks."""
        rows = self.rows(f"profiles/sandbox={self.id(n)}/")
        own = {(row[0], row[1]) for row in rows if row[4] == value(asked.who, "id")}
        proven = {key_of(asked.who, kind) for kind in asked.kinds & {"mail", "tel"}}
        reach = asked.kinds
        if "id" in asked.kinds or own & proven:
            reach |= {"id"} | {kind for kind in KINDS if key_of(asked.who, kind) in own}
        received: dict[int, set[Key]] = {}
        for flow in self.flows(n):
            target = next(m for m in range(3) if flow.target.partner and flow.target.partner.is_sandbox(self.id(m)))
            if target != n:
                ledger = {(row[0], row[1]) for row in self.rows(f"disclosures/dataflow={flow.dataflow_id}/")}
                received[target] = received.get(target, set()) | ledger
        return Found(reach, received)

    # What has to hold

    @rule()
    def run_dry(self) -> None:
        """All that is waiting is handled, as far as nobody has to decide, and what came of it is looked at."""
        until = clock.now() + timedelta(hours=3)
        for _ in range(200):
            if not self.step_on() and not self.go_on_by(until):
                break
        else:
            raise AssertionError(("the queues never run dry", self.open_stages()))
        self.check()

    def step_on(self) -> bool:
        """Handle what is waiting now; whether there was anything."""
        self.deployment.queues["PRIVACY_QUEUE_URL"].clear()  # all sandboxes are looked at
        busy = [self.id(n) for n in range(3) if self.has_work(self.id(n))]
        for sandbox_id in busy:
            self.attend({"sandboxId": sandbox_id})
        self.deployment.queues["PRIVACY_QUEUE_URL"].clear()
        others = self.deliverable()
        while waiting := self.deliverable():
            self.handle_one(waiting[0])
        return bool(busy or others)

    def has_work(self, sandbox_id: str) -> bool:
        """Whether a worker has something to do for a sandbox."""
        return bool(
            requests.work(sandbox_id) or requests.undecided(sandbox_id) or due_work.due(sandbox_id, clock.now())
        )

    def go_on_by(self, until: datetime) -> bool:
        """Let time pass until a system is asked again, if it is by then."""
        due = [at for n in range(3) if (at := due_work.next_due(self.id(n))) and at <= until]
        if due:
            self.ahead += max(timedelta(), min(due) - clock.now()) + timedelta(seconds=1)
        return bool(due)

    def check(self) -> None:
        """Nothing untrue is said, and nothing of anybody else's is touched."""
        for n in range(3):
            assert chain.first_break(journal.log(self.id(n)))[2] is None
            self.check_nobody_else_is_erased(n)
            self.check_last_words(n)
            for request in self.all_requests(n):
                self.check_request(n, request)
        for name, n in SYSTEMS.items():
            self.check_outside(name, n)

    def roots(self, n: int) -> list[tuple[PrivacyRequest, Asked]]:
        """The requests of a sandbox that were approved, with who has asked, wherever that was."""
        found = [each for each in self.all_requests(n) if each.status not in {"pending", "denied"}]
        return [(each, self.asked[each.origin.root_id]) for each in found]

    def check_nobody_else_is_erased(self, n: int) -> None:
        """Only those who have asked are suppressed; everybody else's identities are there."""
        may: set[Key] = set()
        for request, asked in self.roots(n):
            if request.type == "erasure" and not scopes.limited_to(request):
                people = sharing({asked.who}) if request.shared_devices == "profiles" else asked.people
                may |= asked.named | owned(people)
        assert self.erased(n) <= may
        known = {(row[0], row[1]) for row in self.rows(f"profiles/sandbox={self.id(n)}/")}
        left = self.uploaded[n] - may - known
        assert not left, [(who, kind) for who in PEOPLE for kind in KINDS if key_of(who, kind) in left]
        for m in range(3):
            asking = [asked for request, asked in self.roots(n) if request.origin.partner and request.type == "erasure"]
            delivered = {key for asked in asking for key in asked.named | owned(sharing({asked.who}))}
            assert m == n or self.towards(self.id(n), self.id(m)) <= delivered

    def words(self, n: int, who: int) -> list[PrivacyRequest]:
        """What was carried out at a sandbox that may concern a person's address, in the order in which it was said."""
        found = [
            request
            for request in self.all_requests(n)
            if rules.has_begun(request)
            and (self.asked[request.origin.root_id].who == who or request.shared_devices == "profiles")
            and not scopes.limited_to(request)
            and request.type in STOPPING | {"erasure", "opt_in"}
        ]
        return sorted(found, key=lambda request: request.word_at)

    def check_last_words(self, n: int) -> None:
        """Whoever has the last word has it, whatever was approved before: as far as it names the person's address."""
        for who in PEOPLE:
            words = self.words(n, who)
            if not words or words[-1].origin.partner or "mail" not in self.asked[words[-1].origin.root_id].kinds:
                continue
            last = words[-1]
            if self.asked[last.origin.root_id].who != who or [one.word_at for one in words].count(last.word_at) > 1:
                continue
            mail = key_of(who, "mail")
            why = suppressions.find(self.id(n), [mail]).get(mail)
            match last.type:
                case "erasure":
                    assert why == "erasure", (who, words)
                case "opt_in":
                    assert why != "opt_out", (who, words)
                    assert why is None or not last.lifts_erasure, (who, words)
                case _:
                    assert why is not None, (who, words)

    def is_contradicted(self, n: int, request: PrivacyRequest) -> bool:
        """Whether the person has said something else later than a request did."""
        later = self.words(n, self.asked[request.origin.root_id].who)
        return request.type == "consent" or any(word.word_at > request.word_at for word in later)

    def check_outside(self, name: str, n: int) -> None:
        """A system hears of nobody who has not asked, and deletes nobody who did not ask for that."""
        reach = [(request, asked) for request, asked in self.roots(n) if not scopes.limited_to(request)]
        heard = self.outside.heard(name)
        for who in set(PEOPLE) - {who for _, asked in reach for who in asked.people}:
            own = {text for text in texts(who) if text in heard}
            own -= {value(asked.who, "device") for _, asked in reach}
            assert not own, (name, own)
        erasing = {who for request, asked in reach if request.type == "erasure" for who in asked.people}
        assert self.outside.deleted(name) <= erasing
        if name == "segment":
            changing = {who for request, asked in reach if not rules.reads(request.type) for who in asked.people}
            assert self.outside.suppressed() <= changing

    def check_request(self, n: int, request: PrivacyRequest) -> None:
        """An answer claims what was asked and done."""
        if request.origin.partner:
            assert scopes.travels(request.type, request.share)
        if request.status not in {"completed", "completed_with_gaps"} or request.privacy_request_id in self.told:
            return
        name = request.privacy_request_id
        recipients, tasks = recipient_store.recipients(self.id(n), name), task_store.tasks(self.id(n), name)
        left = rules.gaps(recipients, tasks) + sum(request.result.get("stillSuppressed", {}).values())
        assert (request.status == "completed") == (left == 0), (request.status, left)
        assert request.result["gaps"] == left
        if name not in self.asked:
            return
        asked, found = self.asked[name], self.found[name]
        is_told = len(tasks) == sum(of == n for of in SYSTEMS.values())
        may_not_be = request.type in {*STOPPING, "consent"} and self.is_contradicted(n, request)
        assert is_told or (not tasks and (rules.lifts(request) or may_not_be))
        self.check_recipients(n, request, asked, found)
        for task in tasks:
            self.check_task(request, asked, found, task)
            assert task.status is not Status.SUPERSEDED or self.is_undone(n, request, asked)
        if request.type == "access" and request.status == "completed":
            self.check_package(n, name, asked, found)

    def check_recipients(self, n: int, request: PrivacyRequest, asked: Asked, found: Found) -> None:
        """Everybody who had received the person is told, and who has confirmed an erasure has suppressed the person."""
        told = {
            m: each
            for each in recipient_store.recipients(self.id(n), request.privacy_request_id)
            for m in range(3)
            if each.partner and each.partner.is_sandbox(self.id(m))
        }
        if request.type not in {"erasure", "objection", "restriction", "rectification"}:
            return
        for m, received in found.received.items():
            due = received & asked.named
            if request.type in {"objection", "restriction"} and self.is_contradicted(n, request):
                continue
            assert not due or m in told, (n, m)
            if due and told[m].status == "confirmed" and request.type == "erasure" and m not in self.lifted:
                assert due <= self.erased(m) | self.towards(self.id(m), self.id(n))

    def check_task(self, request: PrivacyRequest, asked: Asked, found: Found, task: Any) -> None:
        """Nobody is absent whom the system holds by what it could be asked by, and who is confirmed to be gone is."""
        if request.type != "erasure":
            return
        held = self.held(task.name, asked, found)
        is_held = bool(held & PROVEN) or bool(asked.people and held)
        assert not (task.status is Status.ABSENT and is_held), (task, held)
        if task.status is Status.CONFIRMED and not task_rules.gaps(task) and held & PROVEN:
            assert self.outside.was_told(task.name, asked.who), (task, held)

    def is_undone(self, n: int, request: PrivacyRequest, asked: Asked) -> bool:
        """Whether a later request of the same people, or of their device, asks for the opposite."""
        return any(
            task_rules.is_later(each, request) and rules.lifts(each) != rules.lifts(request)
            for each, later in self.roots(n)
            if later.who in sharing({asked.who})
        )

    def held(self, name: str, asked: Asked, found: Found) -> frozenset[str]:
        """By which kinds of identities a system holds the person that it could be asked by."""
        return self.outside.held[name].get(asked.who, frozenset()) & found.reach & LOOKS_BY[name]

    def check_package(self, n: int, name: str, asked: Asked, found: Found) -> None:
        """A package has nothing of anybody else, and says that a system holds nothing only where that is so."""
        answer = self.officers[n].call(privacy, "GET", f"privacy-requests/{name}/package")
        if answer.status == 410:
            return  # of somebody who was erased since
        assert answer.status == 303, answer.body
        self.told.add(name)
        body = self.deployment.objects[f"access/{self.id(n)}/{name}.zip"][0]
        with pyzipper.AESZipFile(io.BytesIO(body)) as archive:
            archive.setpassword(answer.body["passphrase"].encode())
            data = json.loads(archive.read("data.json"))
        shown = json.dumps(data)
        for who in set(PEOPLE) - asked.people:
            others = {text for text in texts(who) if text in shown} - {value(asked.who, kind) for kind in asked.kinds}
            assert not others, others
        for system in data["systems"]:
            held = self.held(system["name"], asked, found)
            says_nothing = system["status"] == "answered" and not system["records"]
            assert not (says_nothing and held & PROVEN), (system, held)

    def teardown(self) -> None:
        """Decide on all that waits before the end, so that everything has one."""
        try:
            if sys.exception() is None:
                self.end()
        finally:
            super().teardown()

    def end(self) -> None:
        """All is decided and done."""
        for _ in range(4):
            for n in range(3):
                for request in self.waiting(n):
                    self.decide_one(n, request, "approve")
                for request in self.all_requests(n):
                    if rules.awaits_hand(request):
                        self.complete_one(n, request)
                    if request.stage.status == "failed":  # as what waits does when much time passes at once
                        self.call(n, privacy, "POST", f"privacy-requests/{request.privacy_request_id}/retry")
            self.run_dry()
            self.outside.finish()
            self.ahead += timedelta(hours=2)
        self.ahead += timedelta(days=8)  # as long as a system that is down is tried
        sweep.sweep()
        self.run_dry()
        assert not self.open_stages()

    def open_stages(self) -> list[Any]:
        """The requests that have no end yet, with the stages that they stand at."""
        left = [each for n in range(3) for each in self.all_requests(n) if each.status in rules.OPEN]
        return [
            (
                each,
                recipient_store.recipients(each.sandbox_id, each.privacy_request_id),
                task_store.tasks(each.sandbox_id, each.privacy_request_id),
            )
            for each in left
        ]
