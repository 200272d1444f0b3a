"""Who has left by a stream does not join again by a file that tells of a time before."""

from datetime import timedelta
from pathlib import Path

import pytest

from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker as queue
from functions.segments import app as segments
from handfast.lake import departures, layout
from handfast.platform import clock
from handfast.privacy_requests import store as requests
from tests.worlds.privacy import automatic, subject
from tests.worlds.sandboxes import Member, World
from tests.worlds.uploads import apply_all, handled, identity, ingested, members, rows, segment_of

COLUMNS = [{"column": "mail", "as": "identity", "namespace": "email"}]
FILE = b"mail\nann@one.example\nbob@one.example\n"


def key_of(name: str) -> tuple[int, int]:
    return identity("email", f"{name}@one.example")


def stream(world: World, member: Member, segment_id: str, status: str) -> None:
    """Ann joins the segment, or leaves it."""
    ann = {"namespace": "email", "value": "ann@one.example"}
    change = {"identity": ann, "segmentId": segment_id, "status": status}
    assert member.call(segments, "POST", "memberships", {"changes": [change]}).body["accepted"] == 1
    apply_all(world)


def noted(member: Member, folder: Path) -> list[tuple[int, int]]:
    """Whom the sandbox knows to have left."""
    folder.mkdir()
    return [row[:2] for row in rows(layout.departures(member.sandbox.sandbox_id), folder)]


@pytest.mark.parametrize("mode", ["delta", "snapshot"])
def test_who_left_by_a_stream_stays_out_until_a_file_tells_of_later(
    world: World, a: Member, tmp_path: Path, mode: str
) -> None:
    segment_id = segment_of(a)
    options = {"columns": COLUMNS, "segmentId": segment_id, "mode": mode}
    ingested(world, a, FILE, **options)
    extracted = clock.now_text()
    stream(world, a, segment_id, "exited")
    ended = ingested(world, a, FILE, asOf=extracted, **options)
    assert (ended.status, ended.realized) == ("completed", 0)
    assert members(a, segment_id, tmp_path) == {key_of("bob")}
    ingested(world, a, FILE, asOf=clock.now_text(), **options)
    assert members(a, segment_id, tmp_path) == {key_of("ann"), key_of("bob")}


def test_who_came_back_by_a_stream_stays(world: World, a: Member, tmp_path: Path) -> None:
    segment_id = segment_of(a)
    extracted = clock.now_text()
    for status in ("exited", "realized"):
        stream(world, a, segment_id, status)
    ingested(world, a, FILE, columns=COLUMNS, segmentId=segment_id, mode="snapshot", asOf=extracted)
    assert members(a, segment_id, tmp_path) == {key_of("ann"), key_of("bob")}


def test_another_segment_is_another_matter(world: World, a: Member, tmp_path: Path) -> None:
    left, joined = segment_of(a, "Left"), segment_of(a, "Joined")
    extracted = clock.now_text()
    stream(world, a, left, "exited")
    ingested(world, a, FILE, columns=COLUMNS, segmentId=joined, asOf=extracted)
    assert members(a, joined, tmp_path) == {key_of("ann"), key_of("bob")}


def test_who_has_left_is_known_for_a_week(
    world: World, a: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment_id, sandbox_id = segment_of(a), a.sandbox.sandbox_id
    stream(world, a, segment_id, "exited")
    assert noted(a, tmp_path / "at once") == [key_of("ann")]
    hi, lo = key_of("ann")
    elsewhere = f"(SELECT {hi} AS hi, {lo} AS lo, 'seg_other' AS segment, FALSE AS realized)"
    for age, name in ((-timedelta(minutes=1), "on the last day"), (timedelta(minutes=1), "after it")):
        departures.add(sandbox_id, elsewhere, clock.now() + departures.KEPT + age)
        assert len(noted(a, tmp_path / name)) == (2 if age < timedelta() else 1)


def test_who_is_erased_is_forgotten(world: World, a: Member, tmp_path: Path) -> None:
    automatic(a.sandbox)
    ingested(world, a, FILE, columns=COLUMNS)
    stream(world, a, segment_of(a), "exited")
    erasure = {"type": "erasure", "regulation": "gdpr", "verified": True, "subject": subject("ann@one.example")}
    assert a.call(privacy, "POST", "privacy-requests", erasure).status == 202
    while requests.work(a.sandbox.sandbox_id):
        assert handled(queue.handler, {"sandboxId": a.sandbox.sandbox_id})
        apply_all(world)
    assert noted(a, tmp_path / "after") == []
