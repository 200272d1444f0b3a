"""Whoever asks for an erasure while something of theirs is on its way: nothing comes back, and whoever has it hears."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.approvals import app as approvals
from functions.connect_requests import app as connect
from functions.feeds import app as feeds_app
from functions.segments import app as segments_app
from handfast.ingest import changes
from handfast.ingest import files as ingest
from handfast.lake import change_log, people
from handfast.platform import clock, objects, table
from handfast.privacy_requests import notices, proof, recipient_store, worker
from handfast.privacy_requests import store as requests
from handfast.privacy_requests.models import PrivacyRequest
from handfast.segment_export import service as export
from tests.worlds.faults import before_writes, meanwhile
from tests.worlds.people import COLUMNS, PEOPLE, Key, identity
from tests.worlds.stories import Stories

ANN = PEOPLE[0]


def who(*names: str) -> list[Key]:
    return [identity(*ANN.columns[name])[0] for name in names]


@pytest.fixture
def told() -> Iterator[Stories]:
    story = Stories()
    story.make_segments()
    for n in range(3):
        story.reach(n, "everything")
    yield story
    story.patch.undo()
    story.folder.cleanup()


def file_of(*lines: str) -> bytes:
    return "\n".join(["id,mail,second,device,consent", *lines, ""]).encode()


def line(profile_id: str, *columns: str) -> str:
    texts = (ANN.columns[name][1] if name in columns else "" for name in ("mail", "second", "device"))
    return ",".join([profile_id, *texts, ""])


def put(story: Stories, n: int, *lines: str) -> str:
    """A file that nobody has read yet."""
    body: dict[str, Any] = {"fileName": "crm.csv", "format": "csv", "mode": "delta", "columns": COLUMNS}
    body["segmentId"] = story.segments[n][0]
    made: str = story.call(n, segments_app, "POST", "uploads", body, 201)["uploadId"]
    objects.write(f"uploads/{story.id(n)}/{made}", file_of(*lines), replaces=None)
    return made


def uploaded(story: Stories, n: int, *lines: str) -> None:
    ingest.take_file(story.id(n), put(story, n, *lines))
    drain(story)


def drain(story: Stories) -> None:
    """All messages, but for the workers' own."""
    while found := [place for place in story.deliverable() if place[0] in {"INGEST_QUEUE_URL", "EXPORT_QUEUE_URL"}]:
        name, index = found[0]
        _, body = story.deployment.queues[name].pop(index)
        (changes.apply_span if name == "INGEST_QUEUE_URL" else export.reconcile)(body)


def look(story: Stories, *members: int, times: int = 1) -> None:
    """The workers look."""
    for _ in range(times):
        for n in members or (0, 1, 2):
            worker.work({"sandboxId": story.id(n)})
        drain(story)


def erasure(story: Stories, n: int, column: str = "mail") -> PrivacyRequest:
    before = {request.privacy_request_id for request in requests.work(story.id(n))}
    story.ask(n, ANN, column, "erasure")
    (made,) = [request for request in requests.work(story.id(n)) if request.privacy_request_id not in before]
    return made


def now(story: Stories, of: PrivacyRequest) -> PrivacyRequest:
    found = requests.request(of.sandbox_id, of.privacy_request_id)
    assert found
    return found


def until_done(story: Stories, *made: PrivacyRequest) -> None:
    for _ in range(30):
        if all(now(story, request).status == "completed" for request in made):
            return
        look(story)
    raise AssertionError([(now(story, request).status, now(story, request).stage) for request in made])


def held(story: Stories, n: int) -> set[Key]:
    """Who a sandbox knows, has as members, or holds or shares with a value."""
    known = {
        (row[0], row[1]) for kind in ("profiles", "memberships") for row in story.rows(f"{kind}/sandbox={story.id(n)}/")
    }
    rows = notices.disclosures_of(story.id(n), who("mail", "second", "device"))
    return known | {(row.hi, row.lo) for _, row in rows if row.has_value or row.withdrawn_at is None}


def test_an_identity_that_comes_in_while_an_erasure_runs_is_passed_on_to_partners_told_already(told: Stories) -> None:
    uploaded(told, 0, line("ann", "mail"))
    uploaded(told, 1, line("one", "mail"), line("two", "second"))
    told.share([0, 1, 2])
    drain(told)
    made = erasure(told, 0)
    look(told, 0, times=2)
    assert now(told, made).stage.name == "verify"
    uploaded(told, 0, line("ann", "second"))
    until_done(told, made)
    assert held(told, 0) == held(told, 1) == set()
    recipients = recipient_store.recipients(made.sandbox_id, made.privacy_request_id)
    assert [recipient.status for recipient in recipients] == ["confirmed", "confirmed"]
    receipts = [
        proof.read_receipt(proof.SignedDocument.model_validate(dict(recipient.receipt or {})))
        for recipient in recipients
    ]
    assert {receipt.root_id for receipt in receipts} == {made.privacy_request_id}
    assert not list(objects.listing("subjects/"))


def test_a_recipient_that_has_the_request_by_another_way_hears_of_identities_that_it_has_not_heard_of(
    told: Stories,
) -> None:
    uploaded(told, 0, line("ann", "mail"))
    uploaded(told, 1, line("ann", "mail", "second"))
    uploaded(told, 2, line("one", "mail"), line("two", "second"))
    for pair in ([0, 1, 2], [0, 2, 1], [1, 2, 0]):
        told.share(pair)
    drain(told)
    made = erasure(told, 0)
    until_done(told, made)
    look(told, times=8)
    assert held(told, 0) == held(told, 1) == held(told, 2) == set()
    assert not list(objects.listing("subjects/"))


def test_a_file_that_waits_when_an_erasure_completes_does_not_bring_the_person_back(told: Stories) -> None:
    uploaded(told, 0, line("ann", "mail", "second"))
    waiting = put(told, 0, line("ann", "mail", "device"), line("ann", "second"))
    until_done(told, erasure(told, 0))
    ingest.take_file(told.id(0), waiting)
    drain(told)
    assert held(told, 0) == set()
    rejects = told.deployment.objects[f"rejects/{told.id(0)}/{waiting}.csv"][0].decode()
    assert rejects == "row,column,reason\n1,,suppressed\n2,,suppressed\n"


def test_an_erasure_waits_for_a_file_read_before_it_and_takes_what_its_rows_say_of_the_person(told: Stories) -> None:
    uploaded(told, 0, line("ann", "mail"))
    ingest.take_file(told.id(0), put(told, 0, line("ann", "mail", "device")))
    late = told.deployment.queues["INGEST_QUEUE_URL"].pop()
    made = erasure(told, 0)
    for change in change_log.pending(told.id(0), 0):
        assert not change.erases
    worker.work({"sandboxId": told.id(0)})
    told.deployment.queues["INGEST_QUEUE_URL"].append(late)
    until_done(told, made)
    assert held(told, 0) == set()
    assert people.find_people(told.id(0), {"ann": who("device")})["ann"].identities == {}


def test_a_file_whose_reading_an_erasure_overtakes_is_read_again(told: Stories) -> None:
    uploaded(told, 0, line("ann", "mail"))
    made = erasure(told, 0)
    waiting = put(told, 0, line("ann", "mail", "device"))
    with meanwhile(lambda: until_done(told, made), at="changes/"):
        ingest.take_file(told.id(0), waiting)
    drain(told)
    assert held(told, 0) == set()
    assert not told.pending(0)


def test_an_erasure_waits_for_a_change_whose_message_is_lost_and_has_it_applied(told: Stories) -> None:
    uploaded(told, 0, line("ann", "mail"))
    ingest.take_file(told.id(0), put(told, 0, line("bob", "device")))
    told.deployment.queues["INGEST_QUEUE_URL"].clear()
    (old,) = told.pending(0)
    told.patch.setattr(change_log, "pending", _without(old, change_log.pending))
    made = erasure(told, 0)
    look(told, times=8)
    assert now(told, made).stage.name == "verify"
    told.patch.undo()
    told.deployment.install(told.patch, 2)
    until_done(told, made)
    assert held(told, 0) == set(who("device"))


def test_a_change_that_another_worker_has_had_applied_is_not_made_again(told: Stories) -> None:
    """Its message would be dropped, as one like it was sent, and the change would wait for whatever comes next."""
    uploaded(told, 0, line("ann", "mail"))
    made = erasure(told, 0)
    published: list[str] = []

    def note(write: str) -> None:
        if "change.json" in write:
            published.append(write)

    def be_slower(write: str) -> None:
        note(write)
        if published and "change.json" not in write:
            drain(told)
            raise table.ConditionFailed(0, None)  # the faster worker has gone on with the request

    with before_writes(be_slower):
        worker.work({"sandboxId": told.id(0)})
    assert published
    with before_writes(note):
        look(told, 0, times=8)
    assert now(told, made).status == "completed"
    assert len(published) == 1
    assert not told.pending(0)


def test_an_erasure_has_a_run_repeated_whose_message_is_lost(told: Stories) -> None:
    uploaded(told, 0, line("ann", "mail"))
    uploaded(told, 1, line("one", "mail"))
    told.share([0, 1, 2])
    drain(told)
    made = erasure(told, 0)
    while now(told, made).stage.name != "verify":
        worker.work({"sandboxId": told.id(0)})
        while told.deployment.queues["INGEST_QUEUE_URL"]:
            changes.apply_span(told.deployment.queues["INGEST_QUEUE_URL"].pop(0)[1])
    told.deployment.queues["EXPORT_QUEUE_URL"].clear()
    worker.work({"sandboxId": told.id(0)})
    assert not told.deployment.queues["EXPORT_QUEUE_URL"], "it may only be late"
    told.patch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(seconds=20))
    until_done(told, made)
    assert held(told, 0) == held(told, 1) == set()


def _without(change_id: str, pending: Any) -> Any:
    return lambda *place: [change for change in pending(*place) if change.change_id != change_id]


def test_erasures_that_two_partners_ask_for_at_once_pass_each_other(told: Stories) -> None:
    for n in (0, 1):
        uploaded(told, n, line("ann", "mail", "device"))
    told.share([0, 1, 2])
    told.share([1, 0, 2])
    drain(told)
    made = erasure(told, 0), erasure(told, 1, "device")
    until_done(told, *made)
    look(told, times=6)
    assert held(told, 0) == held(told, 1) == set()
    assert not list(objects.listing("subjects/"))
    for request in made:
        assert {
            recipient.status for recipient in recipient_store.recipients(request.sandbox_id, request.privacy_request_id)
        } <= {
            "confirmed",
            "absent",
        }


def test_two_erasures_of_the_same_person_both_complete(told: Stories) -> None:
    for n in (0, 1):
        uploaded(told, n, line("ann", "mail", "device"))
    told.share([0, 1, 2])
    drain(told)
    first = erasure(told, 0)
    look(told, 0)
    second = erasure(told, 0, "device")
    until_done(told, first, second)
    assert held(told, 0) == held(told, 1) == set()


@pytest.mark.parametrize("looks", range(5))
def test_an_erasure_while_the_partner_disconnects_reaches_it_all_the_same(told: Stories, looks: int) -> None:
    for n in (0, 1):
        uploaded(told, n, line("ann", "mail"))
    told.share([0, 1, 2])
    drain(told)
    made = erasure(told, 0)
    look(told, 0, times=looks)
    told.disconnect((0, 1), True)
    until_done(told, made)
    assert held(told, 0) == held(told, 1) == set()


@pytest.mark.parametrize("looks", range(4))
def test_an_erasure_while_a_feed_is_being_enabled_leaves_nobody_with_the_person(told: Stories, looks: int) -> None:
    for n in (0, 1):
        uploaded(told, n, line("ann", "mail"))
    connect_id = told.call(1, connect, "GET", "connect-id")["connectId"]
    connection = told.call(0, connect, "POST", "connect-requests", {"connectId": connect_id}, 201)["connectionId"]
    told.call(1, approvals, "POST", f"connections/{connection}/accept")
    body = {
        "name": "Spring",
        "segmentIds": told.segments[0],
        "namespaces": ["email"],
        "restrictedMarketingActions": [],
        "connectionIds": [connection],
    }
    feed = told.call(0, feeds_app, "POST", "feeds", body, 201)["feedId"]
    told.call(0, feeds_app, "POST", f"feeds/{feed}/publish")
    made = erasure(told, 0)
    for _ in range(looks):
        worker.work({"sandboxId": told.id(0)})
    told.feeds[0, 1] = feed
    told.enable(0, 1)
    until_done(told, made)
    assert held(told, 0) == set()
    shared = [row for _, row in notices.disclosures_of(told.id(0), who("mail"))]
    assert not any(row.has_value or row.withdrawn_at is None for row in shared)


def test_a_reconciliation_that_read_before_the_erasure_hands_nothing_over_unnoticed(told: Stories) -> None:
    uploaded(told, 0, line("ann", "second"))
    uploaded(told, 1, line("one", "mail"))
    told.share([0, 1, 2])
    drain(told)
    ingest.take_file(told.id(0), put(told, 0, line("ann", "mail")))
    _, message = told.deployment.queues["INGEST_QUEUE_URL"].pop()
    changes.apply_span(message)
    runs = told.deployment.queues["EXPORT_QUEUE_URL"]
    under_way = runs.pop(0)
    made = erasure(told, 0, "second")

    def goes_on() -> None:
        for _ in range(4):  # meanwhile the erasure goes on as far as it can; its own runs wait behind this one
            worker.work({"sandboxId": told.id(0)})
            while told.deployment.queues["INGEST_QUEUE_URL"]:
                changes.apply_span(told.deployment.queues["INGEST_QUEUE_URL"].pop(0)[1])
        assert now(told, made).status == "running"

    with meanwhile(goes_on, at="disclosures/"):
        export.reconcile(under_way[1])
    until_done(told, made)
    assert held(told, 0) == held(told, 1) == set()
    assert [recipient.status for recipient in recipient_store.recipients(made.sandbox_id, made.privacy_request_id)] == [
        "confirmed"
    ]
