"""The sweep: what one part does is not held up by another, and work whose message was lost comes to its end."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from functions.ingest import app as ingest
from functions.ingest import uploads
from functions.segments import app as segments
from functions.sweep import app
from handfast.dataflows import outbox, runs, work
from handfast.ingest import file_queue
from handfast.lake import change_log
from handfast.platform import clock, table
from handfast.platform.queues import LOOKS
from handfast.platform.settings import MissingSettingError
from handfast.platform.slots import lent
from tests.worlds.exports import deliver, shared
from tests.worlds.faults import before_writes, calls_made, crash, failing, meanwhile
from tests.worlds.sandboxes import World
from tests.worlds.uploads import (
    COLUMNS,
    PEOPLE,
    announce,
    apply_all,
    deliver_file,
    events,
    handled,
    keys,
    put_file,
    rows,
    stored,
    waiting,
)

PARTS = list(app._PARTS)


def noted(done: list[str], name: str) -> Callable[[], None]:
    return lambda: done.append(name)


def broken() -> None:
    raise RuntimeError("broken")


@pytest.mark.parametrize("failing", PARTS)
def test_a_part_that_fails_keeps_none_of_the_others_from_running_and_the_function_fails(
    failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    for name in PARTS:
        monkeypatch.setitem(app._PARTS, name, broken if name == failing else noted(done, name))
    with pytest.raises(ExceptionGroup) as raised:
        app.handler({}, None)
    assert done == [name for name in PARTS if name != failing]
    assert [str(error) for error in raised.value.exceptions] == ["broken"]


def test_parts_that_all_fail_are_all_told(monkeypatch: pytest.MonkeyPatch, stores: None) -> None:
    for name in (
        "OPENDSR_SECRET_ARN",
        "ACCESS_TABLE",
        "ACTIVITY_TABLE",
        "CONNECTIONS_TABLE",
        "DESTINATIONS_TABLE",
        "FEEDS_TABLE",
        "PRIVACY_TABLE",
        "DATA_BUCKET",
    ):
        monkeypatch.delenv(name)
    with pytest.raises(ExceptionGroup) as raised:
        app.handler({}, None)
    assert [type(error) for error in raised.value.exceptions] == [MissingSettingError] * len(PARTS)


def test_a_change_whose_message_was_lost_is_sent_for_again_ever_more_rarely(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"changes": [{"identity": {"namespace": "email", "value": "ann@example.com"}, "share": "n"}]}
    assert world.member(world.a).call(segments, "POST", "consents", body).status == 202
    lost, begun, sent = world.messages("INGEST_QUEUE_URL"), clock.now(), []
    for look in range(9):
        monkeypatch.setattr(clock, "now", lambda at=begun + look * LOOKS: at)
        change_log.wake_overdue()
        sent.append(world.messages("INGEST_QUEUE_URL"))
    assert sent == [[], lost, lost, [], lost, [], [], [], lost]
    assert handled(ingest.handler, *lost)
    monkeypatch.setattr(clock, "now", lambda: begun + 16 * LOOKS)
    change_log.wake_overdue()
    assert (world.messages("INGEST_QUEUE_URL"), keys("changes/")) == ([], [])


def test_of_all_changes_that_wait_in_a_span_one_message_is_sent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as wait: those of a stream whose worker is ill are thousands in a few minutes."""
    a = world.member(world.a)
    for share in ("n", "y", "n"):
        body = {"changes": [{"identity": {"namespace": "email", "value": "ann@example.com"}, "share": share}]}
        assert a.call(segments, "POST", "consents", body).status == 202
    lost = world.messages("INGEST_QUEUE_URL")
    later(monkeypatch, LOOKS + timedelta(seconds=1))
    change_log.wake_overdue()
    sent = world.messages("INGEST_QUEUE_URL")
    assert (len(lost), sent) == (3, lost[:1])
    assert handled(ingest.handler, *sent)
    assert keys("changes/") == []


def later(monkeypatch: pytest.MonkeyPatch, time: timedelta) -> None:
    """Have it be so much later."""
    at = clock.now() + time
    monkeypatch.setattr(clock, "now", lambda: at)


def test_a_run_whose_messages_were_lost_is_sent_for_again_and_done_once(
    stores: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sharing = shared(tmp_path)
    lost = sharing.pair.exports()
    (due,) = outbox.pending()
    monkeypatch.setattr(clock, "now", lambda: clock.from_text(due.started_at))
    outbox.dispatch_pending()
    assert sharing.pair.exports() == []
    later(monkeypatch, LOOKS)
    outbox.dispatch_pending()
    assert sharing.pair.exports() == lost
    assert deliver(lost * 2) == []
    (run,) = runs.runs(sharing.dataflow)
    assert (run.status, run.counts["realized"]) == ("completed", 3)
    assert outbox.pending() == []


def test_a_run_of_which_only_the_end_is_missing_is_ended(
    stores: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sharing = shared(tmp_path)
    with failing(RuntimeError("dies"), at="dataflow.completed"):
        assert deliver(sharing.pair.exports()) == ["0"]
    (run,) = runs.runs(sharing.dataflow)
    assert (run.status, run.outstanding) == ("running", frozenset())
    later(monkeypatch, LOOKS)
    outbox.dispatch_pending()
    assert deliver(sharing.pair.exports()) == []
    assert [run.status for run in runs.runs(sharing.dataflow)] == ["completed"]


def test_a_run_that_has_failed_or_was_begun_again_after_its_end_is_left_alone(
    stores: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sharing = shared(tmp_path)
    (message,) = sharing.pair.exports()
    work.fail(message, RuntimeError("broken"))
    assert outbox.pending() == []
    (failed,) = runs.runs(sharing.dataflow)
    outbox.begin(failed)
    assert (sharing.pair.exports(), len(outbox.pending())) == ([message], 1)
    later(monkeypatch, LOOKS)
    outbox.dispatch_pending()
    assert (sharing.pair.exports(), outbox.pending()) == ([], [])


def test_very_many_due_runs_are_dispatched_in_several_sweeps(stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    due = [runs.new_run(f"flw_{number}", "test") for number in range(20)]
    for run in due:
        table.apply(outbox.outbox_entry(run))

    def dispatched() -> int:
        return sum(runs.run(run.dataflow_id, run.run_id) is not None for run in due)

    counts = []
    later(monkeypatch, timedelta())
    with before_writes(lambda _: later(monkeypatch, timedelta(seconds=10))):
        while dispatched() < len(due):
            outbox.dispatch_pending()
            counts.append(dispatched())
            assert len(counts) < len(due)
    assert counts[0] == 7, "no run is begun after a minute"


FILES = "UPLOADS_QUEUE_URL"


def test_a_file_whose_message_was_lost_is_taken_once_and_never_while_a_worker_holds_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = world.member(world.a)
    upload = announce(a)
    put_file(a, upload, PEOPLE)
    file_queue.wake_overdue()
    later(monkeypatch, LOOKS + timedelta(seconds=1))
    with lent(file_queue.slots_of(a.sandbox.sandbox_id), upload):
        file_queue.wake_overdue()
    assert world.messages(FILES) == []
    file_queue.wake_overdue()
    found = world.messages(FILES)
    with lent(file_queue.slots_of(a.sandbox.sandbox_id), upload):  # the first message has come after all
        assert handled(uploads.handler, *found)
        assert (stored(a, upload).status, world.messages(FILES)) == ("awaiting_file", [])
    assert handled(uploads.handler, *found, *found)
    apply_all(world)
    assert (len(found), stored(a, upload).status) == (1, "completed")
    assert events(a.sandbox) == ["upload.completed"]
    file_queue.wake_overdue()
    assert (world.messages(FILES), keys("uploads/")) == ([], [])


def test_a_file_that_waits_for_its_sandbox_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a = world.member(world.a)
    upload, slots = announce(a), file_queue.slots_of(a.sandbox.sandbox_id)
    put_file(a, upload, PEOPLE)
    later(monkeypatch, LOOKS + timedelta(seconds=1))
    with ExitStack() as others:
        for n in range(file_queue.UPLOADS_AT_ONCE):
            others.enter_context(lent(slots, f"upl_{n}"))
        file_queue.wake_overdue()
        assert world.messages(FILES) == []


def test_a_file_sent_for_again_that_waits_is_not_taken_beside_the_worker_of_its_first_message(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = world.member(world.a)
    upload, slots = announce(a), file_queue.slots_of(a.sandbox.sandbox_id)
    put_file(a, upload, PEOPLE)
    later(monkeypatch, LOOKS + timedelta(seconds=1))
    file_queue.wake_overdue()
    (again,) = world.messages(FILES)
    with ExitStack() as others:
        for n in range(file_queue.UPLOADS_AT_ONCE):
            others.enter_context(lent(slots, f"upl_{n}"))
        assert handled(uploads.handler, again)
    ((waited, _),) = waiting()
    with lent(slots, upload):
        assert handled(uploads.handler, waited)
    assert (stored(a, upload).rows, len(waiting()), len(keys("uploads/"))) == (0, 1, 1)


def test_a_file_that_is_put_again_while_it_is_taken_does_not_mix_with_the_first(world: World, tmp_path: Path) -> None:
    """As by a client that tries a PUT again whose answer was late."""
    a = world.member(world.a)
    upload = announce(a, [COLUMNS[0], COLUMNS[1]])
    put_file(a, upload, b"id,mail\n1,ann@example.com\n")

    def put_again() -> None:
        put_file(a, upload, b"id,mail\n2,bob@example.com\n3,cat@example.com\n")
        assert deliver_file(a, upload, message=1)

    with meanwhile(put_again, at="changes/"):
        assert deliver_file(a, upload)
    ((waited, _),) = waiting()
    assert handled(uploads.handler, waited, first=2)
    apply_all(world)
    assert (stored(a, upload).rows, keys("uploads/")) == (1, [])
    assert len(rows("profiles/", tmp_path)) == 1


def test_many_files_cost_the_sweep_a_query_for_their_sandbox_and_a_call_for_ten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = world.member(world.a), world.member(world.b)
    for member, count in ((a, 12), (b, 1)):
        for n in range(count):
            put_file(member, f"upl_{n}", b"")
    later(monkeypatch, LOOKS + timedelta(seconds=1))
    with calls_made() as made:
        file_queue.wake_overdue()
    assert Counter(made) == {"ListObjectsV2": 1, "Query": 2, "SendMessageBatch": 3}
    assert len(world.messages(FILES)) == 13


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"id,consent\n", "failed"), (b"id,consent\n1,n\n", "completed")],
)
def test_an_upload_whose_worker_dies_at_its_end_comes_to_it_without_the_message(
    world: World, monkeypatch: pytest.MonkeyPatch, content: bytes, status: str
) -> None:
    a = world.member(world.a)
    upload = announce(a, [COLUMNS[0], COLUMNS[3]])
    put_file(a, upload, content)
    with crash(at=f"upload.{status}"):
        assert not deliver_file(a, upload)
    assert stored(a, upload).status == "processing"
    later(monkeypatch, 4 * LOOKS + timedelta(seconds=1))  # until then the dead worker's slot is its own
    file_queue.wake_overdue()
    assert handled(uploads.handler, *world.messages(FILES))
    assert (stored(a, upload).status, events(a.sandbox), keys("uploads/")) == (status, [f"upload.{status}"], [])
