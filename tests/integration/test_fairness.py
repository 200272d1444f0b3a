"""One sandbox's load and another's: shares of what all of them work with."""

import json
from collections import Counter
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from functions.ingest import app as ingest
from functions.ingest import uploads
from functions.segments import app as segments_app
from handfast.access import service as access
from handfast.ingest import file_queue, files
from handfast.platform import clock
from handfast.platform.slots import Slots, lent
from tests.worlds.faults import CrashError, calls_made, meanwhile
from tests.worlds.sandboxes import Member, World
from tests.worlds.stores import REGION
from tests.worlds.template import FUNCTIONS
from tests.worlds.uploads import PEOPLE, announce, deliver_file, handled, put_file, stored, waiting


def _slots(member: Member) -> Slots:
    return Slots("SEGMENTS_TABLE", f"SLOTS#uploads/{member.sandbox.sandbox_id}", file_queue.UPLOADS_AT_ONCE, 900)


def _later(monkeypatch: pytest.MonkeyPatch, passed: timedelta) -> None:
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + passed)


def test_of_fifty_files_of_one_sandbox_four_are_in_work_and_the_next_of_another_is_begun(
    world: World, a: Member, b: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file that is begun stays in work while all that come after it are delivered."""
    mine = [announce(a) for _ in range(50)]
    other = announce(b)
    left = [*((a, upload_id) for upload_id in mine), (b, other)]
    begun: list[str] = []

    def work(_: str, upload_id: str) -> None:
        begun.append(upload_id)
        while left:
            assert deliver_file(*left.pop(0))

    monkeypatch.setattr(files, "take_file", work)
    assert deliver_file(*left.pop(0))
    assert begun == [*mine[: file_queue.UPLOADS_AT_ONCE], other]
    assert len(waiting()) == 50 - file_queue.UPLOADS_AT_ONCE


def _deliver_another(member: Member) -> str:
    upload_id = announce(member)
    put_file(member, upload_id, PEOPLE)
    assert deliver_file(member, upload_id)
    return upload_id


class Workers:
    """Lambda's workers on the uploads and the ingest queue, in rounds of a message each, as many as may run at once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.files: list[tuple[Member, str]] = []
        self.groups: dict[tuple[str, int], list[dict[str, Any]]] = {}

    def round(self) -> None:
        """Each worker takes one message, of a FIFO queue the first of each group."""
        at_once = FUNCTIONS["UploadsFunction"]["Events"]["Queue"]["Properties"]["ScalingConfig"]["MaximumConcurrency"]
        begun, self.files = self.files[:at_once], self.files[at_once:]
        for member, upload_id in begun:
            assert deliver_file(member, upload_id)
        for message in self.world.messages("INGEST_QUEUE_URL"):
            self.groups.setdefault((message["sandboxId"], message["span"]), []).append(message)
        for messages in self.groups.values():
            if messages:
                assert handled(ingest.handler, messages.pop(0))

    def rounds(self, member: Member) -> int:
        """How many rounds a file takes from its announcement until it is taken in."""
        upload_id = announce(member)
        put_file(member, upload_id, PEOPLE)
        self.files.append((member, upload_id))
        count = 0
        while stored(member, upload_id).status != "completed":
            self.round()
            count += 1
        return count


def test_the_slowest_file_is_at_most_a_fifth_slower_behind_twenty_of_another_sandbox(
    world: World, a: Member, b: Member
) -> None:
    """Where each worker has a core of its own: on one machine the others' work costs time that no share gives back."""
    workers = Workers(world)
    alone = [workers.rounds(b) for _ in range(2)]
    theirs, behind = (a.sandbox.sandbox_id, 0), []
    with ExitStack() as in_work:
        for n in range(file_queue.UPLOADS_AT_ONCE):
            in_work.enter_context(lent(file_queue.slots_of(a.sandbox.sandbox_id), f"other {n}"))
        for _ in range(2):
            workers.files = [(a, announce(a)) for _ in range(20 - file_queue.UPLOADS_AT_ONCE)]
            workers.groups[theirs] = [{"sandboxId": theirs[0], "span": theirs[1]}] * 20
            behind.append(workers.rounds(b))
            assert workers.groups[theirs], "the other sandbox has work left"
    assert max(behind) <= 1.2 * max(alone)


def test_behind_files_of_another_sandbox_a_file_asks_for_nothing_more_and_waits_in_no_queue_of_theirs(
    world: World, a: Member, b: Member
) -> None:
    def taken_in() -> tuple[Counter[str], set[str]]:
        """What it asks of AWS from its announcement to its end, and the groups of all that is queued."""
        access.forget()  # on a slow machine two seconds end here or there
        with calls_made() as made:
            upload_id = _deliver_another(b)
            queued = sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues["ingest.fifo"]._messages
            assert handled(ingest.handler, json.loads(queued[-1].body))
        assert stored(b, upload_id).status == "completed"
        return Counter(made), {str(message.group_id) for message in queued}

    taken_in()
    alone, groups = taken_in()
    with ExitStack() as others:
        _deliver_another(a)
        for n in range(file_queue.UPLOADS_AT_ONCE):
            others.enter_context(lent(file_queue.slots_of(a.sandbox.sandbox_id), f"other {n}"))
        _deliver_another(a)
        assert len(waiting()) == 1, "of the other sandbox one is taken in, four are in work, and one waits"
        behind, all_groups = taken_in()
    assert behind == alone
    theirs = all_groups - groups
    assert theirs
    assert all(group.startswith(a.sandbox.sandbox_id) for group in theirs)


def test_a_file_that_waits_says_so_expires_no_more_and_has_its_turn(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = announce(a)
    put_file(a, upload_id, PEOPLE)
    with ExitStack() as others:
        for n in range(file_queue.UPLOADS_AT_ONCE):
            assert others.enter_context(lent(_slots(a), f"other {n}"))
        assert deliver_file(a, upload_id)
        view = a.call(segments_app, "GET", f"uploads/{upload_id}").body
        assert (view["status"], view["waiting"], view["error"]) == ("processing", True, None)
        [(message, first)] = waiting()
        assert handled(uploads.handler, message)
        assert [delay for _, delay in waiting()] == [first, 2 * first]
    _later(monkeypatch, timedelta(hours=2))
    assert handled(uploads.handler, message)
    upload = stored(a, upload_id)
    assert (upload.status, upload.waiting, upload.rows, upload.accepted) == ("processing", False, 4, 3)


def test_a_worker_that_dies_keeps_its_slot_for_the_same_file_or_until_no_worker_can_be_at_it(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = Slots("SEGMENTS_TABLE", "SLOTS#test", 1, 900)
    with suppress(CrashError), lent(slots, "failed"):
        raise CrashError
    with lent(slots, "other") as is_lent:
        assert is_lent  # an error gives it back; only death does not
    dying = lent(slots, "dead")
    assert dying.__enter__()
    with lent(slots, "other") as is_lent:
        assert not is_lent
    with lent(slots, "dead") as is_lent:
        assert is_lent
    assert lent(slots, "dead").__enter__()
    _later(monkeypatch, timedelta(seconds=901))
    with lent(slots, "other") as is_lent:
        assert is_lent
        dying.__exit__(None, None, None)
        with lent(slots, "third") as is_third:
            assert not is_third  # who comes back late gives back nobody else's


def test_of_two_that_see_a_free_slot_at_once_one_has_it(world: World) -> None:
    slots = Slots("SEGMENTS_TABLE", "SLOTS#test", 1, 900)
    faster = lent(slots, "faster")
    with meanwhile(faster.__enter__) as taken, lent(slots, "late") as late:
        assert (taken, late) == ([True], False)


def test_a_slot_is_lent_for_as_long_as_its_worker_can_run_and_the_share_is_a_part_of_all_workers() -> None:
    function = FUNCTIONS["UploadsFunction"]
    assert function["Timeout"] == file_queue.RUN_SECONDS
    workers = function["Events"]["Queue"]["Properties"]["ScalingConfig"]["MaximumConcurrency"]
    assert workers >= file_queue.UPLOADS_AT_ONCE * 10
