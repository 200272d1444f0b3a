"""Whatever call breaks, and however messages come: in the end the stores say what they say when nothing breaks.

Each call of a story is broken in turn: HYPOTHESIS_PROFILE=long breaks every one in every way, else a sample of them.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any

import pytest

from functions.approvals import app as approvals
from functions.connect_requests import app as connect
from functions.feeds import app as feeds_app
from functions.privacy_requests import app as privacy
from functions.segments import app as segments_app
from handfast.access import service as access
from handfast.connectors import registry
from handfast.connectors import store as connectors
from handfast.connectors.contract import Limits, Person, Reference, Settings, State, Status
from handfast.connectors.models import Configured
from handfast.dataflows import outbox, population
from handfast.dataflows import runs as dataflows_runs
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Dataflow
from handfast.ingest import store as ingest
from handfast.journal import chain
from handfast.journal import store as journal
from handfast.lake import change_log
from handfast.platform import objects, table
from handfast.platform.queues import MAX_RECEIVES
from handfast.platform.wanted import Selection
from handfast.privacy_requests import list_store, proof, proof_check, reading, recipient_store, task_store
from handfast.privacy_requests import store as requests
from tests.worlds.faults import failing
from tests.worlds.outages import (
    FILES,
    HANDLERS,
    Call,
    Delivery,
    Fault,
    Faults,
    Lambdas,
    answer_lost,
    overtaken,
    refused,
    stop_after,
    stop_before,
)
from tests.worlds.people import COLUMNS, PEOPLE
from tests.worlds.stories import Stories

EVERY = os.environ.get("HYPOTHESIS_PROFILE") == "long"
SOURCE, TARGET = 0, 1
HEADER = "id,mail,second,device,consent"


def _any(_: Call) -> bool:
    return True


def _writes(call: Call) -> bool:
    return call.writes


def target_id(flow: Dataflow) -> str:
    """The sandbox that a dataflow leads to."""
    assert flow.target.partner
    return flow.target.partner.address


class Outside:
    """A system outside that forgets people at once, and keeps what it was told."""

    type, name, settings_schema, limits = "outside", "Outside", Settings, Limits(people=10, calls_per_minute=600)

    def __init__(self) -> None:
        self.told: set[tuple[str, tuple[tuple[str, str], ...]]] = set()

    def delete(self, _: Settings, people: Sequence[Person]) -> list[Reference]:
        self.told |= {(person.request_id, person.identities) for person in people}
        return [Reference("", tuple(range(len(people))), State(Status.CONFIRMED))]


class Told(Stories):
    """Two sandboxes, one of them about to share or sharing with the other, and what happens to them."""

    def __init__(self) -> None:
        super().__init__()
        self.patch.setattr("handfast.platform.optimistic.time.sleep", lambda _: None)
        self.outside = Outside()
        self.patch.setattr(registry, "connectors", lambda: {"outside": self.outside})
        self.faults = Faults(self.deployment, self.patch)
        self.lambdas = Lambdas(self.deployment, self.faults, self.patch)
        self.make_segments()

    @property
    def ids(self) -> list[str]:
        return [self.id(n) for n in range(3)]

    def put_file(self, n: int, mode: str, *lines: str) -> None:
        """A file comes; its message is on its way."""
        body = {"fileName": "crm.csv", "format": "csv", "mode": mode, "columns": COLUMNS}
        made = self.call(n, segments_app, "POST", "uploads", body | {"segmentId": self.segments[n][0]}, 201)["uploadId"]
        key = f"uploads/{self.id(n)}/{made}"
        objects.write(key, "\n".join([HEADER, *lines, ""]).encode(), replaces=None)
        self.lambdas.waiting.append(Delivery(FILES, "", {"Records": [{"s3": {"object": {"key": key}}}]}))

    def everybody_is_known(self) -> None:
        """The source has two members with two identities each; the target knows one identity of each of three."""
        ann, bob, cat = (line(number) for number in range(3))
        self.put_file(SOURCE, "delta", ann, bob)
        self.put_file(TARGET, "delta", ann, bob, cat)
        self.lambdas.run_dry(self.idle)

    def offer(self) -> None:
        """The source's feed waits for the target."""
        enable, self.enable = self.enable, lambda *_: None  # type: ignore[method-assign]
        self.share([SOURCE, TARGET, 2])
        self.enable = enable  # type: ignore[method-assign]

    def is_shared(self) -> None:
        self.everybody_is_known()
        self.share([SOURCE, TARGET, 2])
        self.lambdas.run_dry(self.idle)

    def connects_outside(self) -> None:
        at = "2026-01-01T00:00:00.000Z"
        configured = Configured(self.id(SOURCE), "cn_1", "outside", "Outside", {}, (), at, at)
        table.apply(connectors.put(configured))
        self.patch.setattr(connectors, "secrets", lambda _: {})

    def idle(self) -> bool:
        """Whether nothing is under way: no request, run, upload or change."""
        return not any(requests.work(self.id(n)) for n in (SOURCE, TARGET)) and not outbox.pending()

    def client(self, n: int, function: Any, path: str, body: Any = None) -> Callable[[], None]:
        """A call that its client makes again until it is answered; then it may find its own work done."""
        made = 0

        def call() -> None:
            nonlocal made
            made += 1
            answer = self.members[n].call(function, "POST", path, body)
            if answer.status in {429, 500, 503}:
                raise table.TransactionConflict
            assert answer.status < 300 or (made > 1 and answer.status == 409), answer.body

        return call

    # What is so in the end

    def truth(self) -> dict[str, Any]:
        """All that the stores say, without times, ids made on the way, and repeats that changed nothing."""
        found: dict[str, Any] = {}
        for n in (SOURCE, TARGET):
            found |= {f"{name} of {n}": value for name, value in self.sandbox(n).items()}
        flows = {
            flow.dataflow_id: flow
            for n in (SOURCE, TARGET)
            for flow in dataflows.dataflows_page(self.id(n), 200, None, Selection())[0]
        }
        for flow in flows.values():
            way = f"{self.ids.index(flow.source.address)} to {self.ids.index(target_id(flow))}"
            found |= {f"{name}, {way}": value for name, value in self.flow(flow).items()}
        kept = ("changes/", "uploads/", "subjects/")
        found["left over"] = [stored.key for stored in objects.listing("") if stored.key.startswith(kept)]
        found["promised"] = outbox.pending()
        found["told outside"] = sorted(identities for _, identities in self.outside.told)
        found["dead letters"] = [letter.body for letter in self.lambdas.dead_letters]
        return found

    def sandbox(self, n: int) -> dict[str, Any]:
        sandbox_id = self.id(n)
        profiles = [(*row[:7], row[8]) for row in self.rows(f"profiles/sandbox={sandbox_id}/")]
        uploads = list(ingest.uploads_newest_first(sandbox_id))
        log = list(journal.log(sandbox_id))
        assert chain.first_break(log)[2] is None
        return {
            "profiles": sorted(profiles, key=repr),
            "members": {
                segment: sorted(row[:2] for row in self.rows(f"memberships/sandbox={sandbox_id}/segment={segment}/"))
                for segment in self.segments[n]
            },
            "counts": [_counts(sandbox_id, segment) for segment in self.segments[n]],
            "suppressed": sorted((*row[:2], row[3]) for row in self.rows(f"suppressions/sandbox={sandbox_id}/")),
            "kept from partners": sorted(
                (*row[:2], row[3]) for row in self.rows(f"suppressions_towards/sandbox={sandbox_id}/")
            ),
            "uploads": sorted(
                (file_upload.status, file_upload.rows, file_upload.accepted, file_upload.realized, file_upload.exited)
                for file_upload in uploads
            ),
            "activity": sorted(_told(record) for record in log if not _is_empty(record)),
            "requests": sorted(self.requests(n), key=repr),
        }

    def requests(self, n: int) -> Iterator[Any]:
        for request in list_store.requests_page(self.id(n), 200, None, lambda _: True, "")[0]:
            history = self.call(n, privacy, "GET", f"privacy-requests/{request.privacy_request_id}/history")
            keys = [key.public_key for key in reading.receipt_keys().keys]
            assert proof_check.verify(proof.canonical(history), *keys).holds
            yield (
                request.type,
                request.status,
                [(stage.name, stage.status) for stage in request.stages],
                [
                    (told.name, told.status)
                    for told in recipient_store.recipients(request.sandbox_id, request.privacy_request_id)
                ],
                [(told.name, told.status) for told in task_store.tasks(request.sandbox_id, request.privacy_request_id)],
            )

    def flow(self, flow: Any) -> dict[str, Any]:
        runs = list(dataflows_runs.runs(flow.dataflow_id))
        sums: Counter[str] = Counter()
        for run in runs:
            sums.update({name: run.counts.get(name, 0) for name in ("realized", "exited")})
        rows = self.rows(f"disclosures/dataflow={flow.dataflow_id}/")
        return {
            "ledger": sorted(((*row[:5], row[6] is None) for row in rows), key=repr),
            "status": dataflows.dataflow(flow.dataflow_id) and flow.status,
            "held": dataflows_runs.delivered(flow.dataflow_id),
            "run counts": dict(sums),
            "runs": {run.status for run in runs},
            "population": population.population(flow.dataflow_id).model_dump(),
        }


def line(number: int, consent: str = "", *columns: str) -> str:
    """A person's row."""
    named = columns or ("mail", "device")
    texts = (PEOPLE[number].columns[name][1] if name in named else "" for name in ("mail", "second", "device"))
    return ",".join([str(number), *texts, consent])


def _counts(sandbox_id: str, segment: str) -> dict[str, int]:
    item = table.get(change_log.SEGMENTS, f"SBX#{sandbox_id}", f"SEG#{segment}") or {}
    return {name: value for name, value in item.items() if name.startswith("identities") and value}


def _is_empty(record: Any) -> bool:
    return record["type"] == "dataflow.completed" and not any(
        record["detail"].get(name) for name in ("realized", "exited")
    )


def _told(record: Any) -> str:
    facts = {name: value for name, value in record["detail"].items() if isinstance(value, int)}
    return json.dumps([record["type"], facts], sort_keys=True)


# Stories, each of them from where it begins


def upload(story: Told) -> None:
    """A snapshot comes: Ann leaves, Bob has one identity more, Cat is new."""
    story.is_shared()
    story.put_file(SOURCE, "snapshot", line(1, "", "mail", "second"), line(2))


def stream(story: Told) -> None:
    """A stream call takes Ann's address out, and Cat's device in."""
    story.is_shared()
    changes = [
        {
            "identity": {"namespace": symbol, "value": value},
            "segmentId": story.segments[SOURCE][0],
            "status": status,
            "profileId": str(person.number),
        }
        for person, column, status in ((PEOPLE[0], "mail", "exited"), (PEOPLE[2], "device", "realized"))
        for symbol, value in [person.columns[column]]
    ]
    story.lambdas.client = story.client(SOURCE, segments_app, "memberships", {"changes": changes})


def first_share(story: Told) -> None:
    """The target enables the feed."""
    story.everybody_is_known()
    story.offer()
    (received,) = story.call(TARGET, feeds_app, "GET", "received-feeds")["items"]
    story.lambdas.client = story.client(TARGET, approvals, f"received-feeds/{received['receivedFeedId']}/enable")


def withdrawal(story: Told) -> None:
    """The source takes the feed back."""
    story.is_shared()
    ends = {"connectionId": story.connections[SOURCE, TARGET]}
    story.lambdas.client = story.client(SOURCE, feeds_app, f"feeds/{story.feeds[SOURCE, TARGET]}/unshare", ends)


def disconnect(story: Told) -> None:
    """The target ends the connection."""
    story.is_shared()
    path = f"connections/{story.connections[SOURCE, TARGET]}/disconnect"
    story.lambdas.client = story.client(TARGET, connect, path)


def erasure(story: Told) -> None:
    """Ann asks the source to be erased, which has given her to the target and to a system outside."""
    story.is_shared()
    story.connects_outside()
    story.ask(SOURCE, PEOPLE[0], "mail", "erasure")


STORIES = [upload, stream, first_share, withdrawal, disconnect, erasure]


class Scene:
    """A story's beginning, from which it is played again and again, and how it ends when nothing breaks."""

    def __init__(self, begins: Callable[[Told], None]) -> None:
        self.story = Told()
        begins(self.story)
        lambdas, deployment = self.story.lambdas, self.story.deployment
        lambdas.receive()
        self._kept = deepcopy((dict(deployment.items), lambdas.waiting, lambdas.passed)), dict(deployment.objects)
        self._client = lambdas.client
        self.play()
        self.truth = self.story.truth()
        self.totals: dict[Callable[[Call], bool], int] = {}

    def play(self, number: int = 0, fault: Fault | None = None, wanted: Callable[[Call], bool] = _any) -> int:
        """Play the story with one call broken; how many of the wanted calls there were."""
        story, lambdas = self.story, self.story.lambdas
        items, lambdas.waiting, lambdas.passed = deepcopy(self._kept[0])
        story.deployment.items.clear()
        story.deployment.items.update(items)
        story.deployment.objects.clear()
        story.deployment.objects.update(self._kept[1])
        story.deployment.queues.clear()
        story.outside.told.clear()
        lambdas.dead_letters.clear()
        lambdas.client = self._client
        access.forget()
        with story.faults.at(number, fault, wanted):
            lambdas.run_dry(story.idle)
            return story.faults.counted

    def close(self) -> None:
        self.story.patch.undo()
        self.story.folder.cleanup()


@pytest.fixture(scope="module", params=STORIES, ids=lambda story: story.__name__)
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    scene = Scene(request.param)
    yield scene
    scene.close()


def _sample(total: int, most: int) -> Sequence[int]:
    """All of the numbers from 1, or as many of them, evenly spread."""
    if EVERY or total <= most:
        return range(1, total + 1)
    return [1 + (2 * step + 1) * total // (2 * most) for step in range(most)]


def _each(scene: Scene, fault: Fault, wanted: Callable[[Call], bool], most: int) -> None:
    if wanted not in scene.totals:
        scene.totals[wanted] = scene.play(wanted=wanted)
    total = scene.totals[wanted]
    assert total
    for number in _sample(total, most):
        scene.play(number, fault, wanted)
        assert scene.story.truth() == scene.truth, f"call {number} of {total}"


@pytest.mark.parametrize("fault", [stop_before, stop_after], ids=lambda fault: fault.__name__)
def test_whatever_write_is_the_last_before_a_stop_the_end_is_the_truth(scene: Scene, fault: Fault) -> None:
    _each(scene, fault, _writes, 4 if fault is stop_before else 2)


def test_a_call_that_the_service_refuses_is_made_again_with_its_message(scene: Scene) -> None:
    _each(scene, refused, _any, 3)


def test_a_write_whose_answer_is_lost_counts_once(scene: Scene) -> None:
    _each(scene, answer_lost, _writes, 2)


def test_another_worker_that_does_the_same_before_a_write_leaves_the_truth(scene: Scene) -> None:
    """The message is handed out a second time while the first worker is under way, which then loses its writes."""
    lambdas = scene.story.lambdas

    def meanwhile() -> None:
        if lambdas.at_work:
            lambdas.again(lambdas.at_work)

    _each(scene, overtaken(meanwhile), _writes, 2)


@pytest.mark.parametrize("newest_first", [False, True])
def test_messages_that_come_twice_and_out_of_order_leave_the_truth(scene: Scene, newest_first: bool) -> None:
    lambdas = scene.story.lambdas
    lambdas.twice, lambdas.newest_first = True, newest_first
    scene.play()
    lambdas.twice = lambdas.newest_first = False
    assert scene.story.truth() == scene.truth


# Poison


@pytest.fixture
def told() -> Iterator[Told]:
    story = Told()
    yield story
    story.patch.undo()
    story.folder.cleanup()


def _hand_out_all(story: Told) -> None:
    """Batches of ten, of one queue, until nothing is left."""
    lambdas = story.lambdas
    while found := lambdas.deliverable():
        batch = [delivery for delivery in lambdas.waiting if delivery.queue == found[0].queue][:10]
        lambdas.hand_out(*batch)


def test_a_file_that_breaks_the_worker_fails_its_upload_and_keeps_none_of_the_others_from_theirs(told: Told) -> None:
    for lines in ([line(0)], ["poison,no address,,,"], [line(1)]):
        told.put_file(SOURCE, "delta", *lines)
    with failing(MemoryError(), at="rejects/"):
        _hand_out_all(told)
    uploads = list(ingest.uploads_newest_first(told.id(SOURCE)))
    assert sorted(
        (file_upload.status, file_upload.failure and file_upload.failure.reason) for file_upload in uploads
    ) == [
        ("completed", None),
        ("completed", None),
        ("failed", "processing_failed"),
    ]
    assert len(told.sandbox(SOURCE)["members"][told.segments[SOURCE][0]]) == 4
    assert not told.lambdas.dead_letters


def test_a_poisoned_ledger_ends_in_the_dead_letters_with_its_run_failed_and_the_others_are_shared(told: Told) -> None:
    told.is_shared()
    told.share([SOURCE, 2, TARGET])
    told.lambdas.run_dry(told.idle)
    flows = dataflows.dataflows_page(told.id(SOURCE), 200, None, Selection())[0]
    poisoned = next(flow for flow in flows if target_id(flow) == told.id(TARGET))
    good = next(flow for flow in flows if target_id(flow) == told.id(2))
    stored = [
        listed.key
        for listed in objects.listing(f"disclosures/dataflow={poisoned.dataflow_id}/")
        if "_state" not in listed.key
    ]
    kept = {key: told.deployment.objects[key] for key in stored}
    told.deployment.objects.update({key: (b"poison", {}) for key in stored})
    told.put_file(2, "delta", line(0), line(1))
    told.put_file(SOURCE, "delta", line(2))
    _hand_out_all(told)
    (dead,) = told.lambdas.dead_letters
    assert (dead.body["dataflowId"], dead.receives) == (poisoned.dataflow_id, 5)
    assert next(dataflows_runs.runs(poisoned.dataflow_id)).status == "failed"
    assert [record["type"] for record in journal.log(told.id(SOURCE))].count("dataflow.failed") == 1
    assert {run.status for run in dataflows_runs.runs(good.dataflow_id)} == {"completed"}
    assert dataflows_runs.delivered(good.dataflow_id) == 4
    told.deployment.objects.update(kept)
    told.lambdas.dead_letters.clear()
    told.put_file(SOURCE, "delta", line(2, "", "mail"))
    told.share([TARGET, SOURCE, 2])
    outbox.mark_dirty(poisoned, "test")
    told.lambdas.run_dry(told.idle)
    assert dataflows_runs.delivered(poisoned.dataflow_id) == 6


def test_a_message_that_nobody_understands_ends_in_the_dead_letters_and_holds_nothing_up(told: Told) -> None:
    told.is_shared()
    told.ask(SOURCE, PEOPLE[0], "mail", "erasure")
    for queue in ("INGEST_QUEUE_URL", "EXPORT_QUEUE_URL", "PRIVACY_QUEUE_URL", FILES):
        told.lambdas.waiting.insert(0, Delivery(queue, "odd", {"Records": [{}], "odd": True}))
    told.lambdas.run_dry(told.idle)
    assert sorted(letter.queue for letter in told.lambdas.dead_letters) == sorted(HANDLERS)
    assert {letter.receives for letter in told.lambdas.dead_letters} == {MAX_RECEIVES}
    assert told.truth()["held, 0 to 1"] == 2
