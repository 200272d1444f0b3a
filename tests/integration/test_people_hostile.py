"""What a person said holds, whatever comes between: identities that move, files that wait, workers at once."""

from pathlib import Path
from typing import Any

import pytest

from functions.ingest import app as ingest
from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker as privacy_queue
from functions.segments import app as segments_app
from handfast.lake import buckets
from handfast.platform import objects
from handfast.privacy_requests import notices
from tests.worlds.exports import deliver
from tests.worlds.faults import before_writes, meanwhile
from tests.worlds.privacy import automatic, subject
from tests.worlds.sandboxes import Member, World
from tests.worlds.sharing import Pair, pair_of
from tests.worlds.uploads import (
    announce,
    deliver_file,
    handled,
    identity,
    ingested,
    members,
    put_file,
    rows,
    segment_of,
    stored,
)

ID = {"column": "id", "as": "profileId"}
MAIL = {"column": "mail", "as": "identity", "namespace": "email"}
SHARE = {"column": "share", "as": "share"}
STATUS = {"column": "status", "as": "status"}
OLD, NEW = ("email", "old@one.example"), ("email", "new@one.example")


@pytest.fixture
def box(world: World, a: Member, tmp_path: Path) -> "Box":
    return Box(world, a, tmp_path)


class Box:
    """A sandbox that is told things of people."""

    def __init__(self, world: World, member: Member, folder: Path) -> None:
        self.world, self.member, self.folder = world, member, folder

    def ready(self, text: str, *columns: Any, **upload: Any) -> str:
        """An upload whose file is there and not yet taken."""
        upload_id = announce(self.member, list(columns), **upload)
        put_file(self.member, upload_id, text.encode())
        return upload_id

    def take(self, upload_id: str) -> bool:
        return deliver_file(self.member, upload_id)

    def upload(self, text: str, *columns: Any, **upload: Any) -> Any:
        """Ingest a file and apply it."""
        upload_id = self.ready(text, *columns, **upload)
        assert self.take(upload_id)
        self.apply()
        return stored(self.member, upload_id)

    def send(self, path: str, *changes: Any) -> None:
        answer = self.member.call(segments_app, "POST", path, {"changes": list(changes)})
        assert answer.body["accepted"] == len(changes), answer.body

    def consents(self, *changes: Any) -> None:
        self.send("consents", *changes)
        self.apply()

    def apply(self) -> None:
        while messages := self.world.messages("INGEST_QUEUE_URL"):
            for message in messages:
                assert handled(ingest.handler, message)

    def profiles(self) -> dict[tuple[int, int], Any]:
        """By identity: profile id, own answer, the person's, attributes."""
        found = rows(f"profiles/sandbox={self.member.sandbox.sandbox_id}/", self.folder)
        return {(row[0], row[1]): (row[4], row[5], row[6], row[8]) for row in found}

    def person(self, name: tuple[str, str]) -> Any:
        return self.profiles()[identity(*name)][2]

    def stream(self, mail: str) -> None:
        """Let somebody join a segment, so that a message comes for the span."""
        who = {"namespace": "email", "value": mail}
        self.send("memberships", {"identity": who, "segmentId": segment_of(self.member), "status": "realized"})
        self.apply()

    def waiting(self) -> list[str]:
        return [found.key for found in objects.listing(f"changes/{self.member.sandbox.sandbox_id}/")]


@pytest.fixture
def pair(world: World) -> Pair:
    """A partner that knows both addresses and has enabled a feed of the segment `buyers`."""
    found = pair_of(world)
    ingested(world, found.b, b"mail\nold@one.example\nnew@one.example\n", columns=[MAIL])
    found.published()
    assert found.decide("enable").status == 200
    deliver(found.exports())
    return found


def run(pair: Pair, box: Box) -> None:
    box.apply()
    for _ in range(3):
        assert deliver(pair.exports()) == []


def shared(pair: Pair) -> int:
    """How many identities the partner is given."""
    received = pair.received()["receivedFeedId"]
    return len(pair.b.call(segments_app, "GET", f"received-feeds/{received}/members").body["items"])


def erased(member: Member, *others: Member, box: Box, mail: str, pair: Pair | None = None) -> Any:
    """An erasure as far as it comes."""
    body = {"type": "erasure", "regulation": "gdpr", "verified": True, "subject": subject(mail)}
    assert member.call(privacy, "POST", "privacy-requests", body).status == 202
    for _ in range(15):
        for each in (member, *others):
            handled(privacy_queue.handler, {"sandboxId": each.sandbox.sandbox_id})
        box.apply()
        if pair:
            run(pair, box)
    (made,) = member.call(privacy, "GET", "privacy-requests").body["items"]
    return made


# Shared against a refusal


def test_a_refusal_outlives_the_move_of_the_persons_only_identity(box: Box) -> None:
    """The answer is the person's, so that it waits for the next identity when the only one has moved."""
    box.upload("id,mail,share\nc1,old@one.example,n\n", ID, MAIL, SHARE)
    box.upload("id,mail\nc2,old@one.example\n", ID, MAIL)
    box.upload("id,mail\nc1,new@one.example\n", ID, MAIL)
    assert box.person(NEW) == "n"


def test_a_consent_that_waited_does_not_come_back_after_a_later_refusal(
    world: World, pair: Pair, tmp_path: Path
) -> None:
    """The yes that was kept before anybody was known is not what is left when the identity has moved."""
    box = Box(world, pair.a, tmp_path)
    box.consents({"profileId": "c1", "share": "y"})
    box.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    box.consents({"profileId": "c1", "share": "n"})
    box.upload("id,mail\nc2,old@one.example\n", ID, MAIL)
    box.upload("id,mail\nc1,new@one.example\n", ID, MAIL, segmentId=pair.buyers)
    run(pair, box)
    assert box.person(NEW) == "n"
    assert shared(pair) == 0


def test_the_consent_of_one_person_does_not_reach_an_identity_that_a_waiting_file_gives_another(
    world: World, pair: Pair, tmp_path: Path
) -> None:
    """The identity is somebody else's by a file that waits, and he refuses."""
    box = Box(world, pair.a, tmp_path)
    box.consents({"profileId": "c2", "share": "n"})
    box.upload("id,mail\nc1,old@one.example\n", ID, MAIL, segmentId=pair.buyers)
    assert box.take(box.ready("id,mail\nc2,old@one.example\n", ID, MAIL))
    box.send("consents", {"profileId": "c1", "share": "y"})
    run(pair, box)
    assert box.profiles()[identity(*OLD)][:3] == ("c2", None, "n")
    assert shared(pair) == 0


def test_the_same_by_two_files(box: Box) -> None:
    box.upload("id,share\nc2,n\n", ID, SHARE)
    box.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    assert box.take(box.ready("id,mail\nc2,old@one.example\n", ID, MAIL))
    box.upload("id,share\nc1,y\n", ID, SHARE)
    assert box.profiles()[identity(*OLD)][:3] == ("c2", None, "n")


def test_a_refusal_by_profile_id_outlives_the_address_that_is_replaced_meanwhile(
    world: World, pair: Pair, tmp_path: Path
) -> None:
    """The refusal was taken for the identity that is replaced while it is on its way."""
    box = Box(world, pair.a, tmp_path)
    box.upload("id,mail\nc1,old@one.example\n", ID, MAIL, segmentId=pair.buyers)
    replacing = box.ready("id,mail\nc1,new@one.example\n", ID, MAIL, replaceIdentities=True, segmentId=pair.buyers)

    def replace() -> None:
        assert box.take(replacing)
        box.apply()

    with meanwhile(replace, "stream.json"):
        box.send("consents", {"profileId": "c1", "share": "n"})
    run(pair, box)
    assert box.person(NEW) == "n"
    assert shared(pair) == 0


def test_the_same_with_a_file_of_refusals(box: Box) -> None:
    box.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    replacing = box.ready("id,mail\nc1,new@one.example\n", ID, MAIL, replaceIdentities=True)
    refusing = box.ready("id,share\nc1,n\n", ID, SHARE)

    def replace() -> None:
        assert box.take(replacing)
        box.apply()

    with meanwhile(replace, "profiles.parquet"):
        assert box.take(refusing)
    box.apply()
    assert box.person(NEW) == "n"


def test_the_same_where_the_refusal_comes_right_before_the_change_is_visible(box: Box) -> None:
    """The refusal comes before the change is visible, which is applied before it has been looked at once more."""
    box.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    replacing = box.ready("id,mail\nc1,new@one.example\n", ID, MAIL, replaceIdentities=True)
    done: list[str] = []

    def between(write: str) -> None:
        if "change.json" in write and not done:
            done.append("refused")
            box.send("consents", {"profileId": "c1", "share": "n"})
        elif "PEOPLE" in write and len(done) == 1:
            done.append("applied")
            box.apply()

    with before_writes(between):
        assert box.take(replacing)
    box.apply()
    assert done == ["refused", "applied"]
    assert box.person(NEW) == "n"


def test_a_refusal_of_the_person_outlives_the_replaced_address(box: Box) -> None:
    """A replaced identity that comes back, here in a list without ids, still refuses."""
    box.upload("id,mail,share\nc1,old@one.example,n\n", ID, MAIL, SHARE)
    box.upload("id,mail\nc1,new@one.example\n", ID, MAIL, replaceIdentities=True)
    box.upload("mail\nold@one.example\n", MAIL)
    assert box.person(OLD) == "n"


def test_a_refusal_of_the_address_itself_outlives_its_replacing(box: Box) -> None:
    """So does one that refused by itself."""
    box.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    box.consents({"identity": {"namespace": "email", "value": OLD[1]}, "share": "n"})
    box.upload("id,mail\nc1,new@one.example\n", ID, MAIL, replaceIdentities=True)
    box.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    assert box.profiles()[identity(*OLD)][1] == "n"


# Erased, or not, against what was meant


def test_an_identity_that_a_refused_row_names_is_not_replaced(box: Box) -> None:
    """The file names it, though its row is refused."""
    box.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    done = box.upload(
        "id,mail,share\nc1,new@one.example,y\nc1,old@one.example,perhaps\n", ID, MAIL, SHARE, replaceIdentities=True
    )
    assert done.rejected == 1
    assert identity(*OLD) in box.profiles()


@pytest.mark.parametrize("mode", ["delta", "snapshot"])
def test_a_profile_id_of_many_strangers_does_not_erase_them(box: Box, mode: str) -> None:
    """One row of the id 0 would take all 50 out of their segments."""
    lines = [f"0,p{number}@one.example" for number in range(50)]
    box.upload("\n".join(["id,mail", *lines]), ID, MAIL, segmentId=segment_of(box.member))
    other = segment_of(box.member, "Other")
    done = box.upload("id,mail\n0,x@one.example\n", ID, MAIL, replaceIdentities=True, mode=mode, segmentId=other)
    assert len(box.profiles()) >= 50, (done.status, done.replaced)


def test_an_identity_that_a_waiting_file_has_moved_is_not_replaced(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """With several spans, as every deployment has."""
    monkeypatch.setenv("BUCKET_BITS", "8")

    def span(mail: str) -> int:
        return buckets.span_of(buckets.bucket_of(identity("email", mail)[0], 8))

    new = next(mail for mail in (f"new{n}@one.example" for n in range(50)) if span(mail) != span(OLD[1]))
    box.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    assert box.take(box.ready("id,mail\nc2,old@one.example\n", ID, MAIL))
    done = box.upload(f"id,mail\nc1,{new}\n", ID, MAIL, replaceIdentities=True)
    assert done.replaced == 0
    assert identity(*OLD) in box.profiles()


def test_an_exit_does_not_take_an_identity_that_a_waiting_file_has_moved(box: Box) -> None:
    """It joined after it was the other person's."""
    segment = segment_of(box.member)
    box.upload("id,mail\nc1,old@one.example\n", ID, MAIL, segmentId=segment)
    assert box.take(box.ready("id,mail\nc2,old@one.example\n", ID, MAIL, segmentId=segment))
    box.upload("id,status\nc1,exited\n", ID, STATUS, segmentId=segment)
    assert members(box.member, segment, box.folder) == {identity(*OLD)}


def test_a_file_that_is_delivered_twice_at_once_leaves_nothing_behind(box: Box, world: World) -> None:
    """S3 notifies at least once. What the slower worker writes must not lie there: every erasure would wait for it."""
    automatic(world.a)
    box.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    upload_id = box.ready("id,mail\nc1,new@one.example\n", ID, MAIL)

    def other() -> None:
        assert box.take(upload_id)
        box.apply()

    with meanwhile(other, "profiles.parquet"):
        box.take(upload_id)
    box.apply()
    made = erased(box.member, box=box, mail="somebody@else.example")
    assert ([key.rsplit("/", 1)[1] for key in box.waiting()], made["status"]) == ([], "completed")


def test_an_erasure_finds_what_was_replaced(world: World, pair: Pair, tmp_path: Path) -> None:
    """The identity stays known to be the person's, so that an erasure finds where it went."""
    automatic(world.a, world.b)
    box = Box(world, pair.a, tmp_path)
    box.upload("id,mail,share\nc1,old@one.example,y\n", ID, MAIL, SHARE, segmentId=pair.buyers)
    run(pair, box)
    box.upload("id,mail\nc1,new@one.example\n", ID, MAIL, replaceIdentities=True, segmentId=pair.buyers)
    run(pair, box)
    made = erased(pair.a, pair.b, box=box, mail=NEW[1], pair=pair)
    assert made["status"] == "completed"
    found = notices.disclosures_of(world.a.sandbox_id, [identity(*OLD), identity(*NEW)])
    assert [row for _, row in found if row.has_value] == []
    assert identity(*OLD) not in Box(world, pair.b, tmp_path).profiles()


# Counts


def test_a_failed_upload_says_that_it_replaced_nobody(box: Box) -> None:
    """Nobody has left."""
    segment = segment_of(box.member)
    box.upload("id,mail\nc1,old@one.example\nc2,b@one.example\n", ID, MAIL, segmentId=segment)
    done = box.upload(
        "id,mail\nc1,new@one.example\n", ID, MAIL, replaceIdentities=True, mode="snapshot", segmentId=segment
    )
    assert (done.status, done.replaced) == ("failed", 0)
