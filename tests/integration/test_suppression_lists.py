"""A do-not-contact list as a file: whom it names is shared with nobody from then on, and stays known."""

from pathlib import Path
from typing import Any

import pytest

from functions.privacy_requests import app as privacy
from functions.segments import app as segments
from handfast.feeds import member_reader
from tests.worlds.exports import Export
from tests.worlds.faults import crash
from tests.worlds.sandboxes import Member, World, organizations
from tests.worlds.sharing import pair_of, segment
from tests.worlds.stores import built_once
from tests.worlds.uploads import announce, apply_all, deliver_file, ingested, members, put_file, stored

MAIL = [{"column": "mail", "as": "identity", "namespace": "email"}]
PEOPLE = 20


@built_once
def _built_export() -> Export:
    world = organizations()
    pair = pair_of(world)
    feed = pair.published(segmentIds=[pair.buyers])
    sharing = Export(pair, Path(), feed, pair.decide("enable").body["dataflowId"])
    listed = b"mail\n" + b"".join(b"%d@example.com\n" % person for person in range(PEOPLE))
    ingested(world, pair.a, listed, columns=MAIL, segmentId=pair.buyers)
    ingested(world, pair.b, listed, columns=MAIL, segmentId=segment(pair.b, "Own"))
    sharing.run()
    assert shared(sharing) == PEOPLE
    return sharing


@pytest.fixture
def sharing(stores: None) -> Export:
    """Twenty people whom both sides know, all of them shared."""
    return _built_export()


def shared(sharing: Export) -> int:
    return len(
        member_reader.members_page(member_reader.disclosed(sharing.dataflow), [sharing.pair.buyers], 200, None).items
    )


def suppress(sharing: Export, member: Member, *people: object) -> Any:
    content = b"mail\n" + b"".join(f"{person}@example.com\n".encode() for person in people)
    upload = ingested(sharing.pair.world, member, content, columns=MAIL, mode="suppression")
    sharing.run()
    return upload


def counted(member: Member) -> dict[str, int]:
    answer: dict[str, int] = member.call(privacy, "GET", "suppressions/count").body
    return answer


def test_whom_a_list_names_leaves_every_partner_and_stays_a_member(sharing: Export, tmp_path: Path) -> None:
    a = sharing.pair.a
    upload = suppress(sharing, a, 1, 2, "stranger")
    assert (upload.status, upload.rows, upload.accepted, upload.realized, upload.exited) == ("completed", 3, 3, 0, 0)
    assert shared(sharing) == PEOPLE - 2
    assert len(members(a, sharing.pair.buyers, tmp_path)) == PEOPLE
    assert counted(a) == {"erasure": 0, "optOut": 3}


def test_a_repeat_changes_nothing_and_the_receiver_decides_on_its_own_sharing_alone(sharing: Export) -> None:
    pair = sharing.pair
    for _ in range(2):
        suppress(sharing, pair.a, 3)
        assert (shared(sharing), counted(pair.a)["optOut"]) == (PEOPLE - 1, 1)
    suppress(sharing, pair.b, 4)
    assert (shared(sharing), counted(pair.b)["optOut"]) == (PEOPLE - 1, 1)


def test_somebody_on_the_list_who_comes_later_is_not_shared(sharing: Export) -> None:
    pair = sharing.pair
    suppress(sharing, pair.a, "later")
    for member, segment_id in ((pair.a, pair.buyers), (pair.b, segment(pair.b, "More"))):
        ingested(pair.world, member, b"mail\nlater@example.com\n", columns=MAIL, segmentId=segment_id)
    sharing.run()
    assert shared(sharing) == PEOPLE


def test_a_list_cut_short_at_any_write_is_whole_after_the_repeat(sharing: Export) -> None:
    a = sharing.pair.a
    upload_id = announce(a, MAIL, "suppression")
    put_file(a, upload_id, b"mail\n4@example.com\n5@example.com\n")
    for writes in range(12):
        with crash(after=writes):
            deliver_file(a, upload_id)
    assert deliver_file(a, upload_id)
    apply_all(sharing.pair.world)
    sharing.run()
    assert stored(a, upload_id).status == "completed"
    assert (shared(sharing), counted(a)["optOut"]) == (PEOPLE - 2, 2)


def test_a_list_holds_identities_alone_and_is_about_no_segment(world: World, a: Member) -> None:
    columns = [*MAIL, {"column": "id", "as": "profileId"}, {"column": "answer", "as": "share"}]
    body = {"fileName": "list.csv", "format": "csv", "mode": "suppression", "columns": columns}
    answer = a.call(segments, "POST", "uploads", body | {"segmentId": segment(a, "Any")})
    assert answer.status == 422
    pointers = {error["pointer"] for error in answer.body["errors"]}
    assert pointers == {"/segmentId", "/columns/1/as", "/columns/2/as"}
