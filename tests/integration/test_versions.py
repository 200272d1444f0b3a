"""If-Match: what was changed since it was read is neither changed nor deleted (docs/api.md, Manners)."""

from types import ModuleType
from typing import Any

import pytest

from functions.access import app as access
from functions.activity import app as activity
from functions.feeds import app as feeds
from functions.privacy_requests import connectors
from functions.segments import app as segments
from handfast.access import store as grants
from handfast.platform import table
from tests.worlds.faults import meanwhile
from tests.worlds.furnished import Furnished, furnished
from tests.worlds.sandboxes import Answer, Member, World, organizations
from tests.worlds.sharing import Pair, pair_of
from tests.worlds.stores import built_once

VERSIONED: dict[str, tuple[ModuleType, str, Any]] = {
    "segment": (segments, "PATCH", {"name": "Other"}),
    "feed": (feeds, "PATCH", {"name": "Other"}),
    "connector": (connectors, "PATCH", {"name": "Other"}),
    "webhook": (activity, "PATCH", {"types": ["feed.*"]}),
    "principal": (access, "PUT", {"role": "audience-manager"}),
}
"""By the path's parameter: the function, and a change."""


class Kept:
    """One thing of a sandbox that has a version."""

    def __init__(self, both: Furnished, kind: str) -> None:
        self.function, self.method, self.body = VERSIONED[kind]
        self.member: Member = both.a
        self.path = f"{'grant' if kind == 'principal' else kind}s/{both.of(both.a)[kind]}"

    def call(self, method: str, body: Any = None, **headers: str) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.member.call(self.function, method, self.path, body, headers=given)

    def tag(self) -> str:
        return self.call("GET").headers["ETag"]

    def change(self, **headers: str) -> Answer:
        return self.call(self.method, self.body, **headers)


@built_once
def _furnished() -> Furnished:
    return furnished(organizations())


@pytest.fixture
def both(stores: None, monkeypatch: pytest.MonkeyPatch) -> Furnished:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    return _furnished()


@pytest.fixture(params=VERSIONED)
def kept(both: Furnished, request: pytest.FixtureRequest) -> Kept:
    if request.param == "segment":
        both.a.call(feeds, "DELETE", f"feeds/{both.of(both.a)['feed']}")
    return Kept(both, request.param)


def test_a_stale_tag_neither_deletes_nor_changes(kept: Kept) -> None:
    stale = kept.tag()
    assert kept.change(If_Match=stale).status == 200
    fresh = kept.tag()
    assert fresh != stale
    before = kept.call("GET").body
    for answer in (kept.call("DELETE", If_Match=stale), kept.change(If_Match=stale)):
        assert (answer.status, answer.body["title"]) == (412, "The resource has changed")
    assert kept.call("GET").body == before
    assert kept.call("DELETE", If_Match='"x"').status == 412
    assert kept.call("DELETE", If_Match=fresh).status == 204
    assert kept.call("GET").status == 404


def test_one_of_several_tags_is_enough_and_a_weak_one_is_none(kept: Kept) -> None:
    stale = kept.tag()
    kept.change()
    fresh = kept.tag()
    assert kept.change(If_Match=f'W/{fresh}, "x" , {stale}').status == 412
    assert kept.call("DELETE", If_Match=f'"x", {stale},{fresh}').status == 204


def test_any_version_is_deleted_where_the_caller_says_so(kept: Kept) -> None:
    kept.change()
    assert kept.call("DELETE", If_Match="*").status == 204


def test_a_deletion_that_is_overtaken_by_a_change_is_stale(kept: Kept) -> None:
    tag = kept.tag()
    with meanwhile(kept.change) as changed:
        assert kept.call("DELETE", If_Match=tag).status == 412
    assert changed[0].status == 200
    assert kept.call("GET").status == 200


def test_a_connector_that_is_kept_keeps_its_secret(both: Furnished) -> None:
    connector = Kept(both, "connector")
    with meanwhile(connector.change):
        assert connector.call("DELETE", If_Match=connector.tag()).status == 412
    assert connector.call("PATCH", {"settings": {"url": "https://localhost:1/other"}}).status == 200
    assert connector.call("DELETE", If_Match=connector.tag()).status == 204


def test_a_feed_with_partners_is_deleted_at_its_version(world: World) -> None:
    pair: Pair = pair_of(world)
    feed = pair.published()
    read = pair.a.call(feeds, "GET", f"feeds/{feed}")
    assert pair.a.call(feeds, "DELETE", f"feeds/{feed}", headers={"If-Match": '"1"'}).status == 412
    assert pair.a.call(feeds, "GET", f"feeds/{feed}").body == read.body
    tag = {"If-Match": read.headers["ETag"]}
    assert pair.a.call(feeds, "DELETE", f"feeds/{feed}", headers=tag).status == 204
    assert pair.a.call(feeds, "GET", f"feeds/{feed}").status == 404


def test_a_grant_that_nobody_has_is_no_version(world: World) -> None:
    admin, newcomer = world.member(world.a), world.member(world.c)
    path = f"grants/{newcomer.principal_id}"
    assert admin.call(access, "PUT", path, {"role": "viewer"}, headers={"If-Match": '"1"'}).status == 412
    assert admin.call(access, "PUT", path, {"role": "viewer"}).status == 200


def test_a_grant_from_before_grants_had_versions_is_changed_and_taken(world: World) -> None:
    admin, other = world.member(world.a), world.member(world.a, "viewer")
    for pk, sk in (
        (f"PRINCIPAL#{other.principal_id}", f"GRANT#{world.a.sandbox_id}"),
        (f"SBX#{world.a.sandbox_id}", f"GRANT#{other.principal_id}"),
    ):
        item = table.get(grants.ACCESS, pk, sk)
        assert item
        del item["revision"]
        table.apply(table.Put(grants.ACCESS, item | {"form": "grant/1"}, table.PRESENT))
    path = f"grants/{other.principal_id}"
    tag = admin.call(access, "GET", path).headers["ETag"]
    assert admin.call(access, "PUT", path, {"role": "viewer"}, headers={"If-Match": '"1"'}).status == 412
    assert admin.call(access, "PUT", path, {"role": "viewer"}, headers={"If-Match": tag}).status == 200
    assert admin.call(access, "GET", path).headers["ETag"] != tag
