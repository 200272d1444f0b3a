"""Members of one's own segments through the handler: listed, exported, and loaded again."""

import hashlib
import os
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import pytest

from functions.segments import app as segments
from handfast.platform import aws
from tests.worlds.sandboxes import Answer, Member, World, organizations
from tests.worlds.sharing import Pair, pair_of
from tests.worlds.stores import built_once
from tests.worlds.uploads import apply_all, ingested, segment_of

COLUMNS = [
    {"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
    {"column": "tel", "as": "identity", "namespace": "phone", "transform": "hash"},
    {"column": "ecid", "as": "identity", "namespace": "ecid"},
]
ECID = "10238471029384710293847102938471029384"
PHONE = "+14155552671"
FILE = f"mail,tel,ecid\nann@example.com,{PHONE},{ECID}\nbob@example.com,,\n".encode()
HELD = {
    ("Email_LC_SHA256", hashlib.sha256(b"ann@example.com").hexdigest()),
    ("Email_LC_SHA256", hashlib.sha256(b"bob@example.com").hexdigest()),
    ("Phone_SHA256_E.164", hashlib.sha256(PHONE.encode()).hexdigest()),
    ("ECID", ECID),
}


@built_once
def _built() -> tuple[World, str]:
    world = organizations()
    a = world.member(world.a)
    found = segment_of(a)
    ingested(world, a, FILE, columns=COLUMNS, segmentId=found)
    ingested(world, a, b"mail,tel,ecid\ncat@example.com,,\n", columns=COLUMNS)
    apply_all(world)
    return world, found


@pytest.fixture
def built(stores: None) -> tuple[World, str]:
    """A segment of the first sandbox, which knows somebody beside its members."""
    return _built()


@pytest.fixture
def world(built: tuple[World, str]) -> World:
    return built[0]


@pytest.fixture
def segment_id(built: tuple[World, str]) -> str:
    return built[1]


def read(member: Member, segment_id: str, **query: str) -> Answer:
    return member.call(segments, "GET", f"segments/{segment_id}/members", query=query or None)


def export(member: Member, segment_id: str, form: str = "csv") -> Answer:
    return member.call(segments, "POST", f"segments/{segment_id}/members/export", {"format": form})


def pages(member: Member, segment_id: str, limit: int) -> Iterator[tuple[str, str]]:
    cursor: str | None = ""
    while cursor is not None:
        answer = read(member, segment_id, limit=str(limit), **({"cursor": cursor} if cursor else {}))
        assert answer.status == 200, answer.body
        yield from ((item["namespace"], item["value"]) for item in answer.body["items"])
        cursor = answer.body["nextCursor"]


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_the_members_of_an_own_segment_are_listed_page_by_page(a: Member, segment_id: str, limit: int) -> None:
    listed = list(pages(a, segment_id, limit))
    assert len(listed) == len(HELD)
    assert set(listed) == HELD
    (first, *_) = read(a, segment_id).body["items"]
    assert first["segmentIds"] == [segment_id]
    assert first["since"].endswith("Z")


def _content(answer: Answer) -> bytes:
    key = unquote(urlsplit(answer.body["url"]).path).partition("packages/")
    stored = aws.s3().get_object(Bucket=os.environ["DATA_BUCKET"], Key=f"packages/{key[2]}")
    return bytes(stored["Body"].read())


def test_an_export_holds_all_members(a: Member, segment_id: str) -> None:
    answer = export(a, segment_id)
    assert (answer.status, answer.body["members"], answer.body["format"]) == (201, len(HELD), "csv")
    header, *lines = _content(answer).decode().splitlines()
    assert header == "namespace,value,segmentIds,since"
    assert {tuple(line.split(",")[:2]) for line in lines} == HELD
    assert export(a, segment_id, "parquet").body["members"] == len(HELD)
    assert export(a, segment_id, "xlsx").status == 422


def test_a_segment_without_members_is_an_empty_list_and_an_empty_file(a: Member) -> None:
    found = segment_of(a)
    named = [{"segmentId": found, "name": "Readers"}]
    assert read(a, found).body == {"items": [], "segments": named, "asOf": None, "runId": None, "nextCursor": None}
    assert export(a, found).body["members"] == 0


def test_who_may_not_read_profiles_and_other_sandboxes_read_no_members(
    world: World, a: Member, b: Member, segment_id: str
) -> None:
    viewer = world.member(world.a, "viewer")
    for answer in (read(viewer, segment_id), export(viewer, segment_id)):
        assert (answer.status, answer.body["permission"]) == (403, "profiles:read")
    assert read(b, segment_id).status == export(b, segment_id).status == 404
    assert read(a, segment_id, cursor="forged").status == 400


def test_a_cursor_of_one_segment_is_none_of_another(a: Member, segment_id: str) -> None:
    cursor = read(a, segment_id, limit="1").body["nextCursor"]
    assert read(a, segment_of(a), cursor=cursor).status == 400


def test_a_received_segment_leads_to_the_received_feed(world: World) -> None:
    pair: Pair = pair_of(world)
    _, received = pair.enabled()
    for answer in (read(pair.b, pair.buyers), export(pair.b, pair.buyers)):
        assert (answer.status, answer.body["current"]) == (409, "received")
        assert answer.body["receivedFeedId"] == received["receivedFeedId"]
