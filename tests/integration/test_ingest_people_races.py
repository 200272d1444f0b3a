"""Two changes that speak of one person at once: neither misses what the other says, whoever comes first where."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from functions.segments import app as segments_app
from handfast.lake import answers
from handfast.platform import objects
from handfast.platform.secret import identity_secret
from tests.worlds.faults import before_writes
from tests.worlds.sandboxes import Member, World, organizations
from tests.worlds.stores import built_once
from tests.worlds.uploads import announce, apply_all, deliver_file, identity, ingested, put_file, rows, segment_of

ID = {"column": "id", "as": "profileId"}
PHONE = {"column": "phone", "as": "identity", "namespace": "phone"}
SHARE = {"column": "share", "as": "share"}
NUMBER = "+493023125001"

type Act = Callable[[], Any]


@dataclass
class Ready:
    """The first sandbox knows somebody, and has files of an identity and of a refusal that wait to be read."""

    world: World
    segment: str
    identity_file: str
    refusal_file: str


@built_once
def _ready() -> Ready:
    world = organizations()
    a = world.member(world.a)
    ingested(world, a, b"id,phone\nc9,+493023125009\n", columns=[ID, PHONE])

    def upload(text: str, *columns: Any) -> str:
        upload_id = announce(a, list(columns))
        put_file(a, upload_id, text.encode())
        return upload_id

    files = upload(f"id,phone\nc1,{NUMBER}\n", ID, PHONE), upload("id,share\nc1,n\n", ID, SHARE)
    return Ready(world, segment_of(a), *files)


@pytest.fixture
def ready(stores: None) -> Ready:
    return _ready()


@pytest.fixture
def world(ready: Ready) -> World:
    return ready.world


@pytest.fixture
def acts(ready: Ready, a: Member) -> dict[str, Act]:
    """What comes with a person's phone, and what comes with its refusal."""
    change = {"identity": {"namespace": "phone", "value": NUMBER}, "segmentId": ready.segment, "status": "realized"}
    return {
        "file of an identity": lambda: deliver_file(a, ready.identity_file),
        "stream of an identity": lambda: a.call(
            segments_app, "POST", "memberships", {"changes": [change | {"profileId": "c1"}]}
        ),
        "file of a refusal": lambda: deliver_file(a, ready.refusal_file),
        "consent call": lambda: a.call(
            segments_app, "POST", "consents", {"changes": [{"profileId": "c1", "share": "n"}]}
        ),
    }


IDENTITIES, REFUSALS = ("file of an identity", "stream of an identity"), ("file of a refusal", "consent call")
PAIRS = [pair for one in IDENTITIES for other in REFUSALS for pair in ((one, other), (other, one))]


@pytest.mark.parametrize(("first", "second"), PAIRS)
@pytest.mark.parametrize("place", range(6))
def test_a_refusal_reaches_an_identity_that_comes_at_the_same_time(
    world: World, a: Member, tmp_path: Path, acts: dict[str, Act], first: str, second: str, place: int
) -> None:
    """The second happens whole right before one of the first's writes, or after it where it has not so many."""
    left = place

    def come_between(_: str) -> None:
        nonlocal left
        left -= 1
        if left == -1:
            acts[second]()

    with before_writes(come_between):
        assert acts[first]()
    if left > 0:
        return  # with fewer left, the second has come after the first already
    if left == 0:
        acts[second]()
    apply_all(world)
    apply_all(world)
    found = {(row[0], row[1]): row[6] for row in rows(f"profiles/sandbox={a.sandbox.sandbox_id}/", tmp_path)}
    assert found[identity("phone", NUMBER)] == "n"


def test_a_refusal_taken_before_an_identity_is_visible_is_visible_first(
    world: World, a: Member, acts: dict[str, Act]
) -> None:
    visible: list[str] = []

    def watch(write: str) -> None:
        if "profiles.parquet" in write and not visible:
            visible.append("refusal")
            acts["consent call"]()
        elif "change.json" in write:
            visible.append("change")
            changes = [stored.key for stored in objects.listing("changes/") if stored.key.endswith("change.json")]
            assert len(changes) == len(visible) - 2

    with before_writes(watch):
        assert acts["file of an identity"]()
    assert visible == ["refusal", "change", "change"]


def test_an_answer_that_waits_for_identities_can_be_forgotten(a: Member, tmp_path: Path) -> None:
    a.call(segments_app, "POST", "consents", {"changes": [{"profileId": name, "share": "n"} for name in ("c1", "c2")]})
    prefix = f"answers/sandbox={a.sandbox.sandbox_id}/"
    assert len(rows(prefix, tmp_path)) == 2
    answers.forget(a.sandbox.sandbox_id, [answers.key(identity_secret(), "c1")])
    assert {row[:2] for row in rows(prefix, tmp_path)} == {answers.key(identity_secret(), "c2")}
