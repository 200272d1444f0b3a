"""What is said with a profile id holds for all identities of the person, over moto."""

from pathlib import Path
from typing import Any

import pytest

from functions.segments import app as segments_app
from handfast.platform import objects
from tests.worlds.sandboxes import Member, World
from tests.worlds.told import ID, MAIL, PHONE, SHARE, STATUS, Told
from tests.worlds.uploads import announce, deliver_file, identity, ingested, members, put_file, segment_of

pytestmark = pytest.mark.usefixtures("shared_out")

ROSA, ROSAS_PHONE = ("email", "rosa@one.example"), ("phone", "+493023125001")

DEVICE = "gaid", "aebe52e7-03ee-455a-b3c4-e57283966239"


@pytest.fixture
def told(world: World, a: Member, tmp_path: Path) -> Told:
    return Told(world, a, tmp_path)


def test_an_answer_reaches_the_identities_that_the_row_does_not_name(told: Told) -> None:
    told.upload("id,mail,phone,share\nc1,rosa@one.example,+493023125001,y\n", ID, MAIL, PHONE, SHARE)
    told.upload("id,mail,share\nc1,rosa@one.example,n\n", ID, MAIL, SHARE)
    assert told.person(ROSA, ROSAS_PHONE) == ["n", "n"]


def test_an_identity_that_comes_later_has_the_answer(told: Told) -> None:
    told.upload("id,mail,share\nc1,rosa@one.example,n\n", ID, MAIL, SHARE)
    told.upload("id,phone\nc1,+493023125001\n", ID, PHONE)
    assert told.person(ROSA, ROSAS_PHONE) == ["n", "n"]
    told.upload("id,phone,share\nc1,+493023125001,y\n", ID, PHONE, SHARE)
    assert told.person(ROSA, ROSAS_PHONE) == ["y", "y"]


def test_an_answer_given_before_any_identity_waits_for_them(told: Told) -> None:
    told.upload("id,share\nc1,n\nc2,y\n", ID, SHARE)
    assert told.answers() == {}
    told.upload("id,mail,phone\nc1,rosa@one.example,\nc2,,+493023125001\n", ID, MAIL, PHONE)
    assert told.person(ROSA, ROSAS_PHONE) == ["n", "y"]


def test_an_answer_by_id_alone_reaches_all_identities_that_are_known(told: Told) -> None:
    told.upload("id,mail,phone,share\nc1,rosa@one.example,+493023125001,y\n", ID, MAIL, PHONE, SHARE)
    told.upload("id,share\nc1,n\n", ID, SHARE)
    assert told.person(ROSA, ROSAS_PHONE) == ["n", "n"]


@pytest.mark.parametrize(
    "lines", [("c1,rosa@one.example,,y", "c1,,+493023125001,n"), ("c1,,+493023125001,n", "c1,rosa@one.example,,y")]
)
def test_within_a_file_the_stricter_answer_wins_and_says_which_lost(told: Told, lines: tuple[str, str]) -> None:
    done = told.upload("\n".join(["id,mail,phone,share", *lines]), ID, MAIL, PHONE, SHARE)
    assert told.person(ROSA, ROSAS_PHONE) == ["n", "n"]
    assert done.values_rejected == {"stricter_answer": 1}
    rejects = objects.read(f"rejects/{told.member.sandbox.sandbox_id}/{done.upload_id}.csv")
    assert rejects is not None
    row = next(number for number, line in enumerate(lines, 1) if line.endswith("y"))
    assert rejects[0].decode().split() == ["row,column,reason", f"{row},share,stricter_answer"]


def test_an_identity_takes_the_place_of_the_persons_others(told: Told) -> None:
    told.upload(
        "id,mail,phone,share\nc1,rosa@one.example,+493023125001,n\nc2,bob@one.example,,y\n",
        ID,
        MAIL,
        PHONE,
        SHARE,
        segmentId=(segment := segment_of(told.member)),
    )
    lines = [
        "c1,rosa@new.example",
        "c1,rosa@work.example",
        ",bob@one.example",
        "c2,bob@new.example",
        "c3,cyd@one.example",
    ]
    done = told.upload("\n".join(["id,mail", *lines]), ID, MAIL, replaceIdentities=True)
    told.apply()
    new = [("email", f"rosa@{place}.example") for place in ("new", "work")]
    bob, bobs_new, cyd = (("email", f"{name}.example") for name in ("bob@one", "bob@new", "cyd@one"))
    assert told.answers().keys() == {identity(*name) for name in (*new, ROSA, ROSAS_PHONE, bob, bobs_new, cyd)}
    assert told.person(*new, ROSAS_PHONE, bobs_new) == ["n", "n", "n", "y"]
    assert done.replaced == 1
    assert set(members(told.member, segment, told.folder)) == {identity(*ROSAS_PHONE), identity(*bob)}
    told.upload("id,mail\nc1,rosa@one.example\n", ID, MAIL)
    assert told.person(ROSA) == ["n"]


def test_an_identity_that_waits_to_be_applied_is_replaced_too(told: Told) -> None:
    assert told.take(told.ready("id,mail,share\nc1,rosa@one.example,y\n", ID, MAIL, SHARE))
    done = told.upload("id,mail,share\nc1,rosa@new.example,n\n", ID, MAIL, SHARE, replaceIdentities=True)
    assert done.replaced == 1
    assert told.person(ROSA, ("email", "rosa@new.example")) == ["n", "n"]


def test_an_id_of_many_people_replaces_nobody(told: Told) -> None:
    told.upload("id,mail\n0,rosa@one.example\n0,bob@one.example\n", ID, MAIL)
    failed = ingested(
        told.world, told.member, b"id,mail\n0,cyd@one.example\n", columns=[ID, MAIL], replaceIdentities=True
    )
    assert (failed.failure and failed.failure.reason, failed.replaced) == ("removal_guard", 0)
    assert len(told.answers()) == 2
    done = told.upload("id,mail\n0,cyd@one.example\n", ID, MAIL, replaceIdentities=True, allowRemoval=True)
    assert done.replaced == 2


def test_rows_without_a_profile_id_hide_nobody_who_has_several(told: Told) -> None:
    lines = ["c1,rosa@one.example,,n", "c1,,+493023125001,", ",bob@one.example,,"]
    told.upload("\n".join(["id,mail,phone,share", *lines]), ID, MAIL, PHONE, SHARE)
    assert told.person(ROSA, ROSAS_PHONE) == ["n", "n"]


def test_a_refusal_is_not_lost_with_the_rows_identities(told: Told) -> None:
    told.upload("id,mail,share\nc1,rosa@one.example,y\n", ID, MAIL, SHARE)
    told.upload("id,mail,share\nc1,not an address,n\n", ID, MAIL, SHARE)
    assert told.person(ROSA) == ["n"]


def test_an_exit_by_profile_id_is_an_exit_of_all_identities(told: Told) -> None:
    segment = segment_of(told.member)
    for status in ("id,mail,status\nc1,rosa@one.example,exited\n", "id,status\nc1,exited\n"):
        told.upload("id,mail,phone\nc1,rosa@one.example,+493023125001\n", ID, MAIL, PHONE, segmentId=segment)
        assert len(members(told.member, segment, told.folder)) == 2
        columns = [ID, MAIL, STATUS] if "mail" in status else [ID, STATUS]
        done = told.upload(status, *columns, segmentId=segment)
        assert members(told.member, segment, told.folder) == set()
        assert done.exited == 2


def test_an_answer_that_waits_to_be_applied_counts(told: Told, world: World) -> None:
    member = told.member
    first = announce(member, [ID, MAIL, SHARE])
    put_file(member, first, b"id,mail,share\nc1,rosa@one.example,n\n")
    assert deliver_file(member, first)
    second = announce(member, [ID, PHONE])
    put_file(member, second, b"id,phone\nc1,+493023125001\n")
    assert deliver_file(member, second)
    told.apply()
    assert told.person(ROSA, ROSAS_PHONE) == ["n", "n"]


def test_an_identity_that_waits_to_be_applied_has_the_answer_too(told: Told) -> None:
    member = told.member
    first = announce(member, [ID, MAIL, SHARE])
    put_file(member, first, b"id,mail,share\nc1,rosa@one.example,y\n")
    assert deliver_file(member, first)
    told.upload("id,share\nc1,n\n", ID, SHARE)
    assert told.person(ROSA) == ["n"]


def said(name: tuple[str, str], segment: str, status: str = "realized", **said: str) -> Any:
    return {"identity": {"namespace": name[0], "value": name[1]}, "segmentId": segment, "status": status} | said


def test_streamed_answers_and_exits_with_a_profile_id_are_the_persons(told: Told) -> None:
    segment = segment_of(told.member)
    told.upload("id,mail\nc1,rosa@one.example\n", ID, MAIL, segmentId=segment)
    told.stream(said(ROSAS_PHONE, segment, profileId="c1", share="n"))
    assert told.person(ROSA, ROSAS_PHONE) == ["n", "n"]
    assert len(members(told.member, segment, told.folder)) == 2
    told.stream(said(ROSAS_PHONE, segment, "exited", profileId="c1"))
    assert members(told.member, segment, told.folder) == set()
    told.stream(said(DEVICE, segment, profileId="c1"))
    assert told.person(ROSA, ROSAS_PHONE, DEVICE) == ["n", "n", "n"]
    told.stream(said(ROSA, segment, share="y"))
    assert told.answers()[identity(*ROSA)] == ("y", "n")


def test_in_a_call_what_is_said_later_counts(told: Told) -> None:
    segment = segment_of(told.member)
    told.stream(
        said(ROSA, segment, profileId="c1"),
        said(ROSAS_PHONE, segment, "exited", profileId="c1"),
        said(DEVICE, segment, profileId="c1"),
    )
    assert members(told.member, segment, told.folder) == {identity(*DEVICE)}


def test_consents_of_people_and_of_identities(told: Told) -> None:
    told.upload("id,mail,phone\nc1,rosa@one.example,+493023125001\n", ID, MAIL, PHONE)
    told.consents({"profileId": "c1", "share": "N"})
    assert told.person(ROSA, ROSAS_PHONE) == ["n", "n"]
    told.consents({"profileId": "c1", "share": "y", "at": "2026-01-01T00:00:00Z"})
    assert told.person(ROSA, ROSAS_PHONE) == ["n", "n"]
    told.consents(
        {"identity": {"namespace": "email", "value": ROSA[1]}, "share": "dn"}, {"profileId": "c1", "share": "y"}
    )
    assert told.answers() == {identity(*ROSA): ("dn", "y"), identity(*ROSAS_PHONE): (None, "y")}


def test_a_consent_waits_for_identities_and_the_later_of_two_counts(told: Told) -> None:
    told.consents({"profileId": "c1", "share": "n", "at": "2026-02-01T00:00:00Z"})
    told.consents({"profileId": "c1", "share": "y", "at": "2026-01-01T00:00:00Z"})
    told.consents({"profileId": "c2", "share": "y", "at": "2026-01-01T00:00:00Z"})
    told.upload("id,mail,phone\nc1,rosa@one.example,\nc2,,+493023125001\n", ID, MAIL, PHONE)
    assert told.person(ROSA, ROSAS_PHONE) == ["n", "y"]


def test_a_consent_that_cannot_be_read_comes_back_with_its_reason(told: Told) -> None:
    identity_of = {"namespace": "email", "value": "x@example.com"}
    wrong = [
        ({"share": "y"}, "no_identity"),
        ({"profileId": "c1", "share": "perhaps"}, "unknown_share"),
        ({"profileId": "c1", "share": "y", "at": "2999-01-01T00:00:00Z"}, "in_the_future"),
        ({"identity": identity_of | {"namespace": "fax"}, "share": "y"}, "unknown_namespace"),
        ({"identity": identity_of | {"value": "nobody"}, "share": "y"}, "invalid_email"),
    ]
    body = {"changes": [{"profileId": "c1", "share": "y"}, *(change for change, _ in wrong)]}
    answer = told.member.call(segments_app, "POST", "consents", body)
    rejected = [{"index": index, "reason": reason} for index, (_, reason) in enumerate(wrong, 1)]
    assert (answer.status, answer.body) == (202, {"accepted": 1, "rejected": rejected})


def test_a_repeat_that_was_given_earlier_does_not_make_an_answer_older(told: Told) -> None:
    """Else a refusal dated between the two would count, or worse a consent between two refusals."""
    told.upload("id,mail\nc1,rosa@one.example\nc2,tom@one.example\n", ID, MAIL)
    for day in (5, 3, 4):
        shares = ("y", "n") if day != 4 else ("n", "y")
        at = f"2026-01-0{day}T00:00:00Z"
        told.consents(
            *({"profileId": name, "share": share, "at": at} for name, share in zip(("c1", "c2"), shares, strict=True))
        )
    assert told.person(ROSA, ("email", "tom@one.example")) == ["y", "n"]


def test_an_identity_takes_the_answer_of_the_person_it_comes_to(told: Told) -> None:
    told.consents({"profileId": "c1", "share": "y"}, {"profileId": "c2", "share": "n", "at": "2026-01-01T00:00:00Z"})
    told.upload("id,mail\nc1,rosa@one.example\n", ID, MAIL)
    told.upload("id,mail,phone\nc2,rosa@one.example,\nc2,,+493023125001\n", ID, MAIL, PHONE)
    assert told.person(ROSA, ROSAS_PHONE) == ["n", "n"]


def test_an_identity_brings_a_later_refusal_along(told: Told) -> None:
    told.consents({"profileId": "c2", "share": "y", "at": "2026-01-01T00:00:00Z"}, {"profileId": "c1", "share": "n"})
    told.upload("id,mail,phone\nc1,rosa@one.example,\nc2,,+493023125001\n", ID, MAIL, PHONE)
    told.upload("id,mail\nc2,rosa@one.example\n", ID, MAIL)
    assert told.person(ROSA, ROSAS_PHONE) == ["n", "n"]


def test_a_profile_id_that_is_an_address_ties_without_an_identity_too(told: Told) -> None:
    told.upload("id,share\nRosa@One.example,n\n", ID, SHARE)
    told.upload("id,phone\nrosa@one.example,+493023125001\n", ID, PHONE)
    assert told.person(ROSAS_PHONE) == ["n"]
