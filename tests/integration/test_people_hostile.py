"""What a person said holds, whatever comes between: identities that move, files that wait, workers at once."""

from pathlib import Path
from typing import Any

import pytest

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
from tests.worlds.told import ID, MAIL, SHARE, STATUS, Told
from tests.worlds.uploads import handled, identity, ingested, members, segment_of

OLD, NEW = ("email", "old@one.example"), ("email", "new@one.example")


@pytest.fixture
def told(world: World, a: Member, tmp_path: Path) -> Told:
    return Told(world, a, tmp_path)


@pytest.fixture
def pair(world: World) -> Pair:
    """A partner that knows both addresses and has enabled a feed of the segment `buyers`."""
    found = pair_of(world)
    ingested(world, found.b, b"mail\nold@one.example\nnew@one.example\n", columns=[MAIL])
    found.published()
    assert found.decide("enable").status == 200
    deliver(found.exports())
    return found


def run(pair: Pair, told: Told) -> None:
    told.apply()
    for _ in range(3):
        assert deliver(pair.exports()) == []


def shared(pair: Pair) -> int:
    """How many identities the partner is given."""
    received = pair.received()["receivedFeedId"]
    return len(pair.b.call(segments_app, "GET", f"received-feeds/{received}/members").body["items"])


def erased(member: Member, *others: Member, told: Told, mail: str, pair: Pair | None = None) -> Any:
    """An erasure as far as it comes."""
    body = {"type": "erasure", "regulation": "gdpr", "verified": True, "subject": subject(mail)}
    assert member.call(privacy, "POST", "privacy-requests", body).status == 202
    for _ in range(15):
        for each in (member, *others):
            handled(privacy_queue.handler, {"sandboxId": each.sandbox.sandbox_id})
        told.apply()
        if pair:
            run(pair, told)
    (made,) = member.call(privacy, "GET", "privacy-requests").body["items"]
    return made


# Shared against a refusal


def test_a_refusal_outlives_the_move_of_the_persons_only_identity(told: Told) -> None:
    """The answer is the person's, so that it waits for the next identity when the only one has moved."""
    told.upload("id,mail,share\nc1,old@one.example,n\n", ID, MAIL, SHARE)
    told.upload("id,mail\nc2,old@one.example\n", ID, MAIL)
    told.upload("id,mail\nc1,new@one.example\n", ID, MAIL)
    assert told.person(NEW) == ["n"]


def test_a_consent_that_waited_does_not_come_back_after_a_later_refusal(
    world: World, pair: Pair, tmp_path: Path
) -> None:
    """The yes that was kept before anybody was known is not what is left when the identity has moved."""
    told = Told(world, pair.a, tmp_path)
    told.consents({"profileId": "c1", "share": "y"})
    told.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    told.consents({"profileId": "c1", "share": "n"})
    told.upload("id,mail\nc2,old@one.example\n", ID, MAIL)
    told.upload("id,mail\nc1,new@one.example\n", ID, MAIL, segmentId=pair.buyers)
    run(pair, told)
    assert told.person(NEW) == ["n"]
    assert shared(pair) == 0


def test_the_consent_of_one_person_does_not_reach_an_identity_that_a_waiting_file_gives_another(
    world: World, pair: Pair, tmp_path: Path
) -> None:
    """The identity is somebody else's by a file that waits, and he refuses."""
    told = Told(world, pair.a, tmp_path)
    told.consents({"profileId": "c2", "share": "n"})
    told.upload("id,mail\nc1,old@one.example\n", ID, MAIL, segmentId=pair.buyers)
    assert told.take(told.ready("id,mail\nc2,old@one.example\n", ID, MAIL))
    told.send("consents", {"profileId": "c1", "share": "y"})
    run(pair, told)
    assert told.profiles()[identity(*OLD)] == ("c2", None, "n")
    assert shared(pair) == 0


def test_the_same_by_two_files(told: Told) -> None:
    told.upload("id,share\nc2,n\n", ID, SHARE)
    told.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    assert told.take(told.ready("id,mail\nc2,old@one.example\n", ID, MAIL))
    told.upload("id,share\nc1,y\n", ID, SHARE)
    assert told.profiles()[identity(*OLD)] == ("c2", None, "n")


def test_a_refusal_by_profile_id_outlives_the_address_that_is_replaced_meanwhile(
    world: World, pair: Pair, tmp_path: Path
) -> None:
    """The refusal was taken for the identity that is replaced while it is on its way."""
    told = Told(world, pair.a, tmp_path)
    told.upload("id,mail\nc1,old@one.example\n", ID, MAIL, segmentId=pair.buyers)
    replacing = told.ready("id,mail\nc1,new@one.example\n", ID, MAIL, replaceIdentities=True, segmentId=pair.buyers)

    def replace() -> None:
        assert told.take(replacing)
        told.apply()

    with meanwhile(replace, "stream.json"):
        told.send("consents", {"profileId": "c1", "share": "n"})
    run(pair, told)
    assert told.person(NEW) == ["n"]
    assert shared(pair) == 0


def test_the_same_with_a_file_of_refusals(told: Told) -> None:
    told.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    replacing = told.ready("id,mail\nc1,new@one.example\n", ID, MAIL, replaceIdentities=True)
    refusing = told.ready("id,share\nc1,n\n", ID, SHARE)

    def replace() -> None:
        assert told.take(replacing)
        told.apply()

    with meanwhile(replace, "profiles.parquet"):
        assert told.take(refusing)
    told.apply()
    assert told.person(NEW) == ["n"]


def test_the_same_where_the_refusal_comes_right_before_the_change_is_visible(told: Told) -> None:
    """The refusal comes before the change is visible, which is applied before it has been looked at once more."""
    told.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    replacing = told.ready("id,mail\nc1,new@one.example\n", ID, MAIL, replaceIdentities=True)
    done: list[str] = []

    def between(write: str) -> None:
        if "change.json" in write and not done:
            done.append("refused")
            told.send("consents", {"profileId": "c1", "share": "n"})
        elif "PEOPLE" in write and len(done) == 1:
            done.append("applied")
            told.apply()

    with before_writes(between):
        assert told.take(replacing)
    told.apply()
    assert done == ["refused", "applied"]
    assert told.person(NEW) == ["n"]


def test_a_refusal_of_the_person_outlives_the_replaced_address(told: Told) -> None:
    """A replaced identity that comes back, here in a list without ids, still refuses."""
    told.upload("id,mail,share\nc1,old@one.example,n\n", ID, MAIL, SHARE)
    told.upload("id,mail\nc1,new@one.example\n", ID, MAIL, replaceIdentities=True)
    told.upload("mail\nold@one.example\n", MAIL)
    assert told.person(OLD) == ["n"]


def test_a_refusal_of_the_address_itself_outlives_its_replacing(told: Told) -> None:
    """So does one that refused by itself."""
    told.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    told.consents({"identity": {"namespace": "email", "value": OLD[1]}, "share": "n"})
    told.upload("id,mail\nc1,new@one.example\n", ID, MAIL, replaceIdentities=True)
    told.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    assert told.profiles()[identity(*OLD)][1] == "n"


# Erased, or not, against what was meant


def test_an_identity_that_a_refused_row_names_is_not_replaced(told: Told) -> None:
    """The file names it, though its row is refused."""
    told.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    done = told.upload(
        "id,mail,share\nc1,new@one.example,y\nc1,old@one.example,perhaps\n", ID, MAIL, SHARE, replaceIdentities=True
    )
    assert done.rejected == 1
    assert identity(*OLD) in told.profiles()


@pytest.mark.parametrize("mode", ["delta", "snapshot"])
def test_a_profile_id_of_many_strangers_does_not_erase_them(told: Told, mode: str) -> None:
    """One row of the id 0 would take all 50 out of their segments."""
    lines = [f"0,p{number}@one.example" for number in range(50)]
    told.upload("\n".join(["id,mail", *lines]), ID, MAIL, segmentId=segment_of(told.member))
    other = segment_of(told.member, "Other")
    done = told.attempted("id,mail\n0,x@one.example\n", ID, MAIL, replaceIdentities=True, mode=mode, segmentId=other)
    assert len(told.profiles()) >= 50, (done.status, done.replaced)


def test_an_identity_that_a_waiting_file_has_moved_is_not_replaced(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """With several spans, as every deployment has."""
    monkeypatch.setenv("BUCKET_BITS", "8")

    def span(mail: str) -> int:
        return buckets.span_of(buckets.bucket_of(identity("email", mail)[0], 8))

    new = next(mail for mail in (f"new{n}@one.example" for n in range(50)) if span(mail) != span(OLD[1]))
    told.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    assert told.take(told.ready("id,mail\nc2,old@one.example\n", ID, MAIL))
    done = told.upload(f"id,mail\nc1,{new}\n", ID, MAIL, replaceIdentities=True)
    assert done.replaced == 0
    assert identity(*OLD) in told.profiles()


def test_an_exit_does_not_take_an_identity_that_a_waiting_file_has_moved(told: Told) -> None:
    """It joined after it was the other person's."""
    segment = segment_of(told.member)
    told.upload("id,mail\nc1,old@one.example\n", ID, MAIL, segmentId=segment)
    assert told.take(told.ready("id,mail\nc2,old@one.example\n", ID, MAIL, segmentId=segment))
    told.upload("id,status\nc1,exited\n", ID, STATUS, segmentId=segment)
    assert members(told.member, segment, told.folder) == {identity(*OLD)}


def test_a_file_that_is_delivered_twice_at_once_leaves_nothing_behind(told: Told, world: World) -> None:
    """S3 notifies at least once. What the slower worker writes must not lie there: every erasure would wait for it."""
    automatic(world.a)
    told.upload("id,mail\nc1,old@one.example\n", ID, MAIL)
    upload_id = told.ready("id,mail\nc1,new@one.example\n", ID, MAIL)

    def other() -> None:
        assert told.take(upload_id)
        told.apply()

    with meanwhile(other, "profiles.parquet"):
        told.take(upload_id)
    told.apply()
    made = erased(told.member, told=told, mail="somebody@else.example")
    assert (
        [found.key.rsplit("/", 1)[1] for found in objects.listing(f"changes/{told.member.sandbox.sandbox_id}/")],
        made["status"],
    ) == ([], "completed")


def test_an_erasure_finds_what_was_replaced(world: World, pair: Pair, tmp_path: Path) -> None:
    """The identity stays known to be the person's, so that an erasure finds where it went."""
    automatic(world.a, world.b, erasures="everything")
    told = Told(world, pair.a, tmp_path)
    told.upload("id,mail,share\nc1,old@one.example,y\n", ID, MAIL, SHARE, segmentId=pair.buyers)
    run(pair, told)
    told.upload("id,mail\nc1,new@one.example\n", ID, MAIL, replaceIdentities=True, segmentId=pair.buyers)
    run(pair, told)
    made = erased(pair.a, pair.b, told=told, mail=NEW[1], pair=pair)
    assert made["status"] == "completed"
    found = notices.disclosures_of(world.a.sandbox_id, [identity(*OLD), identity(*NEW)])
    assert [row for _, row in found if row.has_value] == []
    assert identity(*OLD) not in Told(world, pair.b, tmp_path).profiles()


# Counts


def test_a_failed_upload_says_that_it_replaced_nobody(told: Told) -> None:
    """Nobody has left."""
    segment = segment_of(told.member)
    told.upload("id,mail\nc1,old@one.example\nc2,b@one.example\n", ID, MAIL, segmentId=segment)
    done = told.attempted(
        "id,mail\nc1,new@one.example\n", ID, MAIL, replaceIdentities=True, mode="snapshot", segmentId=segment
    )
    assert (done.status, done.replaced) == ("failed", 0)
