"""A file that many workers share: what happens between its pieces of work, over moto."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.ingest import uploads
from handfast.ingest import shard_store, shards, shared_work, splits, store
from handfast.lake import suppressions
from handfast.platform import clock, queues
from tests.worlds.faults import crash
from tests.worlds.sandboxes import Member, World
from tests.worlds.uploads import (
    announce,
    apply_all,
    deliver_file,
    do_shared_work,
    handled,
    identity,
    keys,
    members,
    put_file,
    segment_of,
    stored,
)

PEOPLE = b"id,mail,ad,consent\n" + b"".join(b"c%d,p%d@one.example,,y\n" % (number, number) for number in range(12))


@pytest.fixture(autouse=True)
def small_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splits, "SPLIT_BYTES", 60)


def begun(member: Member, content: bytes = PEOPLE, **members: Any) -> tuple[str, str]:
    """A file that has been cut into splits, of which none has been read yet: its segment and its upload."""
    segment_id = segment_of(member)
    upload_id = announce(member, segmentId=segment_id, **members)
    put_file(member, upload_id, content)
    event = {"Records": [{"s3": {"object": {"key": f"uploads/{member.sandbox.sandbox_id}/{upload_id}"}}}]}
    assert handled(uploads.handler, event)
    return segment_id, upload_id


def test_nothing_of_the_work_stays(world: World, a: Member, tmp_path: Path) -> None:
    segment_id, upload_id = begun(a)
    assert len(keys("shards/")) == 4
    assert do_shared_work()
    apply_all(world)
    done = stored(a, upload_id)
    assert (done.status, done.rows, done.accepted, done.people, done.realized) == ("completed", 12, 12, 12, 12)
    assert members(a, segment_id, tmp_path) == {identity("email", f"p{number}@one.example") for number in range(12)}
    assert keys("shards/") == keys("uploads/") == keys("changes/") == []


@pytest.mark.parametrize("stage", ["read", "fold", "decide", "seal"])
@pytest.mark.parametrize("after", [0, 1])
def test_a_worker_that_is_killed_costs_its_piece(
    world: World, a: Member, tmp_path: Path, stage: str, after: int
) -> None:
    segment_id, upload_id = begun(a)
    place = f"shards/{a.sandbox.sandbox_id}/{upload_id}/{stage}/"
    killed = False
    while messages := world.messages("UPLOADS_QUEUE_URL"):
        for message in messages:
            if message["stage"] == stage and not killed:
                with crash(at=place, after=after):
                    killed = not handled(uploads.handler, message)
            assert handled(uploads.handler, message)
    apply_all(world)
    assert killed or (stage, after) == ("seal", 1), "a seal writes its document alone"
    assert stored(a, upload_id).status == "completed"
    assert len(members(a, segment_id, tmp_path)) == 12


def test_what_was_lost_is_asked_for_again(
    world: World, a: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment_id, upload_id = begun(a)
    lost = len(world.messages("UPLOADS_QUEUE_URL"))
    assert lost > 3
    assert deliver_file(a, upload_id)  # as the sweep does
    assert stored(a, upload_id).total == 0, "it is too early"
    monkeypatch.setattr(shard_store, "IDLE", timedelta(0))
    assert deliver_file(a, upload_id)
    apply_all(world)
    assert stored(a, upload_id).status == "completed"
    assert len(members(a, segment_id, tmp_path)) == 12


def test_a_worker_that_dies_before_it_asks_for_the_next_stage_does_so_when_its_message_comes_back(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, upload_id = begun(a)
    *messages, last = world.messages("UPLOADS_QUEUE_URL")
    for message in messages:
        assert handled(uploads.handler, message)
    with monkeypatch.context() as dying:
        dying.setattr(shared_work, "send", lambda *_: 1 / 0)
        assert not handled(uploads.handler, last)
    assert handled(uploads.handler, last)
    assert world.messages("UPLOADS_QUEUE_URL") == [], "another worker may be about to ask"
    monkeypatch.setattr(shard_store, "IDLE", timedelta(0))
    assert handled(uploads.handler, last)
    assert do_shared_work()
    apply_all(world)
    assert stored(a, upload_id).status == "completed"


def test_who_is_erased_while_a_file_is_read_is_refused(world: World, a: Member, tmp_path: Path) -> None:
    segment_id, upload_id = begun(a)
    messages = world.messages("UPLOADS_QUEUE_URL")
    for message in messages[:-1]:
        assert handled(uploads.handler, message)
    gone = identity("email", "p3@one.example")
    suppressions.add(a.sandbox.sandbox_id, [gone], "erasure", clock.now())
    assert handled(uploads.handler, messages[-1])
    assert do_shared_work()
    apply_all(world)
    done = stored(a, upload_id)
    assert (done.status, done.accepted, done.rejected_by_reason) == ("completed", 11, {"suppressed": 1})
    assert gone not in members(a, segment_id, tmp_path)


def test_a_split_that_cannot_be_read_fails_the_whole(world: World, a: Member) -> None:
    _, upload_id = begun(a, PEOPLE + b"c99,\xff@one.example,,y\n")
    assert do_shared_work()
    failure = stored(a, upload_id).failure
    assert failure is not None
    assert failure.reason == "not_utf8"
    assert keys("shards/") == keys("uploads/") == keys("changes/") == []


def test_a_column_of_digests_and_addresses_is_refused_though_each_split_is_one_of_them(world: World, a: Member) -> None:
    digests = b"".join(b"d%d,%064x,,y\n" % (number, number + 1) for number in range(12))
    _, upload_id = begun(
        a,
        PEOPLE + digests,
        columns=[{"column": "id", "as": "profileId"}, {"column": "mail", "as": "identity", "namespace": "email"}],
    )
    assert do_shared_work()
    failure = stored(a, upload_id).failure
    assert failure is not None
    assert failure.reason == "mixed_raw_and_hashed"


def test_a_change_too_large_for_one_message_goes_on_with_the_next(
    world: World, a: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment_id, upload_id = begun(a)
    assert do_shared_work()
    monkeypatch.setattr(queues, "is_enough", lambda _: True)
    turns = 0
    while stored(a, upload_id).status == "processing":
        turns += 1
        apply_all(world)
        assert turns < 20
    assert turns > 2
    assert len(members(a, segment_id, tmp_path)) == stored(a, upload_id).realized == 12


def test_a_piece_that_fails_for_good_fails_the_upload(a: Member, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _, upload_id = begun(a)
    (message, *_) = world.messages("UPLOADS_QUEUE_URL")
    monkeypatch.setattr(shards, "read", lambda *_: 1 / 0)
    assert not handled(uploads.handler, message)
    assert stored(a, upload_id).status == "processing"
    assert not handled(uploads.handler, message, receipt=queues.MAX_RECEIVES)
    failure = stored(a, upload_id).failure
    assert failure is not None
    assert failure.reason == "processing_failed"


@pytest.mark.parametrize("how", ["often", "long"])
def test_a_file_whose_workers_are_always_killed_fails(a: Member, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    _, upload_id = begun(a)
    if how == "often":
        for _ in range(20):
            store.begin(stored(a, upload_id))
    else:
        later = clock.now() + timedelta(hours=21)
        monkeypatch.setattr(clock, "now", lambda: later)
    assert handled(uploads.handler, store.file_message(stored(a, upload_id)))
    failed = stored(a, upload_id)
    assert (failed.status, failed.failure and failed.failure.reason) == ("failed", "processing_failed")
    assert keys("shards/") == keys("uploads/") == []
