"""Feeds from draft to end, on both sides, with their races (docs/architecture.md, States)."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from functions.approvals import app as approvals
from functions.connect_requests import app as connect
from functions.feeds import app as feeds
from functions.segments import app as segments
from handfast.connections import store as connections_store
from handfast.dataflows import outbox, runs, work
from handfast.dataflows import store as dataflows
from handfast.feeds import disconnecting
from handfast.feeds.models import MAX_CONNECTIONS, MAX_SEGMENTS, ReceivedFeed, SegmentRef
from handfast.journal import chain
from handfast.journal import store as journal
from handfast.partners.models import PartnerRef
from handfast.platform import table
from handfast.platform.items import FORM, KINDS
from tests.worlds.faults import before_writes, crash, meanwhile
from tests.worlds.sandboxes import CONTEXT, Answer, Member, organizations
from tests.worlds.sharing import Pair, connected, log, pair_of, pointers, segment
from tests.worlds.stores import built_once

EVENTS = Path(__file__).parents[2] / "events"


PARTNER = {"organizationName": "Organization B", "sandboxName": "sandbox b"}
_built_pair = built_once(lambda: pair_of(organizations()))


@pytest.fixture
def pair(stores: None) -> Pair:
    return _built_pair()


# Drafts


def test_a_new_feed_is_a_draft_with_canonical_names_and_an_etag(pair: Pair) -> None:
    answer = pair.a.call(feeds, "POST", "feeds", pair.body(namespaces=["email", "EMAIL", "Phone_SHA256_E.164"]))
    assert (answer.status, answer.headers["ETag"][:3]) == (201, '"1-')
    assert answer.body["status"] == "draft"
    assert answer.body["version"] == 0
    assert answer.body["namespaces"] == ["Email_LC_SHA256", "Phone_SHA256_E.164"]
    assert answer.body["restrictedMarketingActions"] == ["email_targeting", "analytics"]
    assert answer.body["shares"] == []
    assert "revision" not in answer.body
    assert pair.a.call(feeds, "GET", f"feeds/{answer.body['feedId']}").body == answer.body
    assert ("feed.created", "principal") in log(pair.a)
    assert not [entry for entry in log(pair.b) if entry[0].startswith("feed")]


def test_a_draft_names_each_wrong_member(pair: Pair) -> None:
    def refused(**changes: Any) -> list[str]:
        answer = pair.a.call(feeds, "POST", "feeds", pair.body(**changes))
        assert answer.status == 422, answer.body
        return pointers(answer)

    assert refused(segmentIds=[pair.buyers, "seg_none"]) == ["/segmentIds/1"]
    assert refused(namespaces=["email", "shoe size"]) == ["/namespaces/1"]
    assert refused(connectionIds=["con_none"]) == ["/connectionIds/0"]
    assert refused(restrictedMarketingActions=["analytics", "world domination"]) == ["/restrictedMarketingActions/1"]
    assert refused(segmentIds=[]) == ["/segmentIds"]
    assert refused(namespaces=[]) == ["/namespaces"]
    assert refused(name="") == ["/name"]
    assert refused(colour="red") == ["/colour"]
    assert refused(segmentIds=[f"seg_{number}" for number in range(21)]) == ["/segmentIds"]
    assert pair.a.call(feeds, "POST", "feeds", "{").status == 400
    assert not pair.a.call(feeds, "GET", "feeds").body["items"]


def test_segments_and_connections_of_another_sandbox_are_unknown(pair: Pair) -> None:
    c = pair.world.member(pair.world.c)
    foreign_connection, foreign_segment = connected(c, pair.b), segment(c, "Theirs")
    assert pointers(pair.a.call(feeds, "POST", "feeds", pair.body(connectionIds=[foreign_connection]))) == [
        "/connectionIds/0"
    ]
    assert pointers(pair.a.call(feeds, "POST", "feeds", pair.body(segmentIds=[foreign_segment]))) == ["/segmentIds/0"]


def test_a_pending_connection_cannot_be_shared_over(pair: Pair) -> None:
    c = pair.world.member(pair.world.c)
    connect_id = c.call(connect, "GET", "connect-id").body["connectId"]
    pending = pair.a.call(connect, "POST", "connect-requests", {"connectId": connect_id}).body["connectionId"]
    answer = pair.a.call(feeds, "POST", "feeds", pair.body(connectionIds=[pending]))
    assert (answer.status, answer.body["reason"]) == (422, "connection_not_active")


def test_a_received_segment_cannot_be_shared_onward(pair: Pair) -> None:
    pair.published()
    body = pair.body(segmentIds=[pair.buyers])
    answer = pair.b.call(feeds, "POST", "feeds", body)
    assert (answer.status, answer.body["reason"]) == (422, "received_segment_not_shareable")
    assert pointers(answer) == ["/segmentIds/0"]


def test_a_patch_changes_only_what_it_names(pair: Pair) -> None:
    feed = pair.draft(description="For everyone")
    answer = pair.a.call(feeds, "PATCH", f"feeds/{feed}", {"name": "Autumn", "description": None})
    assert (answer.status, answer.headers["ETag"][:3]) == (200, '"2-')
    assert (answer.body["name"], answer.body["description"]) == ("Autumn", None)
    assert answer.body["segmentIds"] == [pair.buyers]
    unchanged = pair.a.call(feeds, "PATCH", f"feeds/{feed}", {"name": "Autumn"})
    assert unchanged.headers["ETag"].startswith('"2-')
    assert pointers(pair.a.call(feeds, "PATCH", f"feeds/{feed}", {"name": None})) == ["/name"]
    assert pointers(pair.a.call(feeds, "PATCH", f"feeds/{feed}", {"segmentIds": ["seg_none"]})) == ["/segmentIds/0"]


def test_a_patch_over_a_stale_version_is_refused(pair: Pair) -> None:
    feed = pair.draft()
    first = pair.a.call(feeds, "PATCH", f"feeds/{feed}", {"name": "One"}, headers={"If-Match": '"1"'})
    second = pair.a.call(feeds, "PATCH", f"feeds/{feed}", {"name": "Two"}, headers={"If-Match": '"1"'})
    assert (first.status, second.status) == (200, 412)


def test_a_patch_overtaken_by_another_is_stale_or_a_conflict(pair: Pair) -> None:
    feed = pair.draft()

    def patch(name: str, **headers: str) -> Answer:
        return pair.a.call(feeds, "PATCH", f"feeds/{feed}", {"name": name}, headers=headers)

    with meanwhile(lambda: patch("One")):
        assert patch("Two", **{"If-Match": '"1"'}).status == 412
    with meanwhile(lambda: patch("Three")):
        assert patch("Four").body["current"] == "draft"
    assert pair.a.call(feeds, "GET", f"feeds/{feed}").body["name"] == "Three"
    with meanwhile(lambda: pair.a.call(feeds, "DELETE", f"feeds/{feed}")):
        assert patch("Five").status == 404


def test_a_segment_in_use_by_a_feed_cannot_be_deleted_until_it_is_released(pair: Pair) -> None:
    feed = pair.draft(segmentIds=[pair.buyers, pair.visitors])
    assert pair.a.call(segments, "DELETE", f"segments/{pair.buyers}").status == 409
    pair.a.call(feeds, "PATCH", f"feeds/{feed}", {"segmentIds": [pair.visitors]})
    assert pair.a.call(segments, "DELETE", f"segments/{pair.buyers}").status == 204
    pair.a.call(feeds, "DELETE", f"feeds/{feed}")
    assert pair.a.call(segments, "DELETE", f"segments/{pair.visitors}").status == 204


def test_a_released_segment_stays_in_use_until_the_next_version(pair: Pair) -> None:
    feed = pair.published(segmentIds=[pair.buyers, pair.visitors])
    pair.a.call(feeds, "PATCH", f"feeds/{feed}", {"segmentIds": [pair.visitors]})
    assert pair.a.call(segments, "DELETE", f"segments/{pair.buyers}").status == 409
    assert pair.publish(feed).status == 200
    assert pair.a.call(segments, "DELETE", f"segments/{pair.buyers}").status == 204


def test_unknown_feeds_are_not_found_whoever_has_them(pair: Pair) -> None:
    feed = pair.published()
    c = pair.world.member(pair.world.c)
    for who, name in ((pair.a, "feed_none"), (pair.b, feed), (c, feed)):
        assert who.call(feeds, "GET", f"feeds/{name}").status == 404
        assert who.call(feeds, "PATCH", f"feeds/{name}", {"name": "x"}).status == 404
        assert who.call(feeds, "DELETE", f"feeds/{name}").status == 404
        assert who.call(feeds, "POST", f"feeds/{name}/publish").status == 404
        assert who.call(feeds, "POST", f"feeds/{name}/unshare", {"connectionId": pair.connection}).status == 404


def test_a_stranger_to_the_sandbox_in_the_path_finds_nothing(pair: Pair) -> None:
    feed, received = pair.enabled()
    theirs = f"/sandboxes/{pair.world.b.sandbox_id}"
    mine = f"/sandboxes/{pair.world.a.sandbox_id}"
    got, flow = f"received-feeds/{received['receivedFeedId']}", f"dataflows/{received['dataflowId']}"
    reads = ["feeds", "received-feeds", got, "dataflows", flow, f"{flow}/runs", f"{flow}/population"]
    assert {pair.a.call(feeds, "GET", f"{theirs}/{path}").status for path in reads} == {404}
    assert {pair.a.call(approvals, "POST", f"{theirs}/{got}/{act}").status for act in ("enable", "decline")} == {404}
    writes = [f"feeds/{feed}/publish", f"feeds/{feed}/unshare", f"feeds/{feed}/estimate", f"{flow}/pause", "feeds"]
    assert {pair.b.call(feeds, "POST", f"{mine}/{path}", {}).status for path in writes} == {404}


def test_lists_are_paged_newest_first(pair: Pair) -> None:
    made = [pair.published(name=f"Feed {number}") for number in range(3)]
    first = pair.a.call(feeds, "GET", "feeds", query={"limit": "2"}).body
    second = pair.a.call(feeds, "GET", "feeds", query={"limit": "2", "cursor": first["nextCursor"]}).body
    assert [feed["feedId"] for feed in first["items"] + second["items"]] == made[::-1]
    assert all(len(feed["shares"]) == 1 for feed in first["items"])
    got = pair.b.call(feeds, "GET", "received-feeds", query={"limit": "2"}).body
    assert [feed["feedName"] for feed in got["items"]] == ["Feed 2", "Feed 1"]


# Publishing


def test_publishing_offers_the_feed_to_each_partner(pair: Pair) -> None:
    c = pair.world.member(pair.world.c)
    other = connected(pair.a, c)
    feed = pair.published(connectionIds=[pair.connection, other])
    view = pair.a.call(feeds, "GET", f"feeds/{feed}").body
    assert (view["status"], view["version"], view["hasUnpublishedChanges"]) == ("published", 1, False)
    assert {share["connectionId"]: share["status"] for share in view["shares"]} == {
        pair.connection: "pending",
        other: "pending",
    }
    received = pair.received()
    assert received["status"] == "pending"
    assert received["partner"] == {"organizationName": "Organization A", "sandboxName": "sandbox a"}
    assert received["segments"] == [{"segmentId": pair.buyers, "name": "Buyers", "accepted": False}]
    assert received["namespaces"] == ["Email_LC_SHA256"]
    assert received["restrictedMarketingActions"] == ["email_targeting", "analytics"]
    assert (received["version"], received["acceptedVersion"], received["dataflowId"]) == (1, None, None)
    assert received["accepted"] is None
    assert len(c.call(feeds, "GET", "received-feeds").body["items"]) == 1
    assert log(pair.a)[-1] == ("feed.published", "principal")
    assert log(pair.b)[-1] == ("feed.published", "partner")
    assert not pair.exports()


def test_a_dry_run_of_publishing_changes_nothing(pair: Pair) -> None:
    feed, before = pair.draft(), log(pair.a)
    answer = pair.a.call(feeds, "POST", f"feeds/{feed}/publish", query={"dryRun": "true"})
    assert answer.status == 200
    assert answer.body == {
        "dryRun": True,
        "feedId": feed,
        "name": "Spring",
        "version": 1,
        "segments": [{"segmentId": pair.buyers, "name": "Buyers"}],
        "connections": [{"connectionId": pair.connection, "partner": PARTNER}],
        "shares": [
            {
                "connectionId": pair.connection,
                "change": "offer",
                "addedSegmentIds": [pair.buyers],
                "removedSegmentIds": [],
            }
        ],
        "minimums": [
            {
                "connectionId": pair.connection,
                "segmentId": pair.buyers,
                "namespace": "Email_LC_SHA256",
                "minimum": "reached",
            }
        ],
    }
    assert pair.a.call(feeds, "GET", f"feeds/{feed}").body["status"] == "draft"
    assert log(pair.a) == before


def test_a_segment_labelled_c11_cannot_be_published(pair: Pair) -> None:
    secret = segment(pair.a, "Secret", labels=["C11", "C2"])
    feed = pair.draft(segmentIds=[pair.buyers, secret])
    expected = {
        "policy": "restrict_data_sharing",
        "policyName": "Restrict data sharing",
        "label": "C11",
        "marketingAction": "segment_match",
        "segmentId": secret,
        "from": {"entityType": "segment", "entityId": secret, "name": "Secret"},
    }
    dry = pair.a.call(feeds, "POST", f"feeds/{feed}/publish", query={"dryRun": "true"})
    assert (dry.status, dry.body["violations"]) == (422, [expected])
    assert ("policy.violated", "principal") not in log(pair.a)
    answer = pair.publish(feed)
    assert (answer.status, answer.body["violations"]) == (422, [expected])
    assert log(pair.a)[-1] == ("policy.violated", "principal")
    assert not pair.b.call(feeds, "GET", "received-feeds").body["items"]


def test_publishing_needs_a_connection_that_is_active(pair: Pair) -> None:
    empty = pair.publish(pair.draft(connectionIds=[]))
    assert (empty.status, pointers(empty)) == (422, ["/connectionIds"])
    feed = pair.draft()
    pair.b.call(connect, "POST", f"connections/{pair.connection}/disconnect")
    answer = pair.publish(feed)
    assert (answer.status, pointers(answer)) == (422, ["/connectionIds/0"])


def test_publishing_again_without_a_change_is_a_conflict(pair: Pair) -> None:
    feed = pair.published()
    answer = pair.publish(feed)
    assert (answer.status, answer.body["current"], answer.body["version"]) == (409, "published", 1)


def test_of_two_publications_at_once_one_wins(pair: Pair) -> None:
    feed = pair.draft()
    with meanwhile(lambda: pair.publish(feed)) as others:
        answer = pair.publish(feed)
    assert (others[0].status, answer.status, answer.body["current"]) == (200, 409, "published")
    assert len(pair.b.call(feeds, "GET", "received-feeds").body["items"]) == 1
    assert [entry[0] for entry in log(pair.a)].count("feed.published") == 1


def test_a_publication_of_a_draft_that_changes_meanwhile_is_a_conflict(pair: Pair) -> None:
    feed = pair.draft()
    change = {"segmentIds": [pair.visitors]}
    with meanwhile(lambda: pair.a.call(feeds, "PATCH", f"feeds/{feed}", change)):
        assert pair.publish(feed).status == 409
    assert pair.publish(feed).body["segmentIds"] == [pair.visitors]


def test_a_publication_over_a_connection_that_ends_meanwhile_shares_nothing(pair: Pair) -> None:
    feed = pair.draft()
    end = f"connections/{pair.connection}/disconnect"
    with meanwhile(lambda: pair.b.call(connect, "POST", end)) as others:
        assert (pair.publish(feed).status, others[0].status) == (409, 200)
    assert not pair.b.call(feeds, "GET", "received-feeds").body["items"]


def test_a_segment_deleted_while_it_is_put_into_a_feed_is_unknown(pair: Pair) -> None:
    gone = f"segments/{pair.buyers}"
    with meanwhile(lambda: pair.a.call(segments, "DELETE", gone)):
        answer = pair.a.call(feeds, "POST", "feeds", pair.body(segmentIds=[pair.visitors, pair.buyers]))
    assert (answer.status, pointers(answer)) == (422, ["/segmentIds/1"])
    feed = pair.draft(segmentIds=[pair.visitors])
    new = segment(pair.a, "New")
    gone = f"segments/{new}"
    with meanwhile(lambda: pair.a.call(segments, "DELETE", gone)):
        assert pair.a.call(feeds, "PATCH", f"feeds/{feed}", {"segmentIds": [new]}).status == 409


def test_a_new_partner_does_not_disturb_the_others(pair: Pair) -> None:
    feed, _ = pair.enabled()
    c = pair.world.member(pair.world.c)
    pair.change(feed, connectionIds=[pair.connection, connected(pair.a, c)])
    assert pair.received()["status"] == "enabled"
    assert c.call(feeds, "GET", "received-feeds").body["items"][0]["status"] == "pending"
    assert not pair.exports()


def test_a_partner_taken_out_of_the_draft_is_unshared_when_it_is_published(pair: Pair) -> None:
    other = connected(pair.a, pair.world.member(pair.world.c))
    feed, received = pair.enabled(connectionIds=[pair.connection, other])
    pair.a.call(feeds, "PATCH", f"feeds/{feed}", {"connectionIds": [other]})
    preview = pair.a.call(feeds, "POST", f"feeds/{feed}/publish", query={"dryRun": "true"}).body["shares"]
    assert [(share["connectionId"], share["change"]) for share in preview] == [
        (other, "none"),
        (pair.connection, "unshare"),
    ]
    assert pair.received()["status"] == "enabled"
    assert pair.publish(feed).status == 200
    assert pair.received()["status"] == "revoked"
    assert [message["dataflowId"] for message in pair.exports()] == [received["dataflowId"]]


# What a receiver decides


def test_enabling_starts_a_dataflow_and_its_first_run(pair: Pair) -> None:
    feed = pair.published(segmentIds=[pair.buyers, pair.visitors])
    answer = pair.decide("enable")
    assert (answer.status, answer.body["status"], answer.body["acceptedVersion"]) == (200, "enabled", 1)
    assert all(offered["accepted"] for offered in answer.body["segments"])
    flow = answer.body["dataflowId"]
    (message,) = pair.exports()
    assert (message["dataflowId"], message["span"]) == (flow, 0)
    (run,) = pair.b.call(feeds, "GET", f"dataflows/{flow}/runs").body["items"]
    assert (run["runId"], run["status"], run["progress"]) == (message["runId"], "running", {"done": 0, "total": 1})
    share = pair.share(feed)
    assert (share["status"], share["acceptedVersion"], share["dataflowId"]) == ("enabled", 1, flow)
    assert log(pair.b)[-1] == ("received_feed.enabled", "principal")
    assert log(pair.a)[-1] == ("received_feed.enabled", "partner")
    assert [due.run_id for due in outbox.pending()] == [run["runId"]]
    terms = work.terms(flow)
    assert (terms.source, terms.partner) == (pair.world.a.sandbox_id, PartnerRef.of(pair.world.b))
    assert terms.segments == (pair.buyers, pair.visitors)
    assert (terms.namespaces, terms.consent_default, terms.paused) == ((1,), "default_allow", False)


def test_of_two_enablings_at_once_one_wins(pair: Pair) -> None:
    pair.published()
    received = pair.received()["receivedFeedId"]
    with meanwhile(lambda: pair.decide("enable", received)) as others:
        answer = pair.decide("enable", received)
    assert (others[0].status, answer.status, answer.body["current"]) == (200, 409, "enabled")
    assert len(pair.b.call(feeds, "GET", "dataflows").body["items"]) == 1
    assert len(pair.exports()) == 1


def test_an_enabling_overtaken_by_an_unsharing_is_a_conflict(pair: Pair) -> None:
    feed = pair.published()
    path, body = f"feeds/{feed}/unshare", {"connectionId": pair.connection}
    with meanwhile(lambda: pair.a.call(feeds, "POST", path, body)) as others:
        answer = pair.decide("enable")
    assert (others[0].status, answer.status, answer.body["current"]) == (200, 409, "revoked")
    assert not pair.b.call(feeds, "GET", "dataflows").body["items"]


def test_an_unsharing_overtaken_by_an_enabling_ends_the_new_dataflow(pair: Pair) -> None:
    feed = pair.published()
    received = pair.received()["receivedFeedId"]
    with meanwhile(lambda: pair.decide("enable", received)) as others:
        answer = pair.a.call(feeds, "POST", f"feeds/{feed}/unshare", {"connectionId": pair.connection})
    assert (others[0].status, answer.status) == (200, 200)
    assert pair.received()["status"] == "revoked"
    (flow,) = pair.b.call(feeds, "GET", "dataflows").body["items"]
    assert flow["status"] == "closing"
    assert work.terms(flow["dataflowId"]).segments == ()


def test_an_enabling_overtaken_by_a_new_version_accepts_nothing_unseen(pair: Pair) -> None:
    feed = pair.published()
    pair.a.call(feeds, "PATCH", f"feeds/{feed}", {"segmentIds": [pair.buyers, pair.visitors]})
    with meanwhile(lambda: pair.publish(feed)):
        assert pair.decide("enable").status == 409
    assert (pair.received()["status"], pair.received()["version"]) == ("pending", 2)


def test_an_enabling_over_a_connection_that_ends_meanwhile_starts_nothing(pair: Pair) -> None:
    pair.published()

    def broken_off() -> Answer:
        with crash(at="SHARE#"):
            return pair.b.call(connect, "POST", f"connections/{pair.connection}/disconnect")

    with meanwhile(broken_off) as others:
        assert pair.decide("enable").status == 409
    assert others[0].status == 500
    assert not pair.b.call(feeds, "GET", "dataflows").body["items"]


@pytest.mark.parametrize(
    ("steps", "action", "current"),
    [
        ((), "disable", "pending"),
        (("enable",), "enable", "enabled"),
        (("enable",), "decline", "enabled"),
        (("enable", "disable"), "disable", "disabled"),
        (("enable", "disable"), "decline", "disabled"),
        (("decline",), "enable", "declined"),
        (("decline",), "decline", "declined"),
        (("decline",), "disable", "declined"),
    ],
)
def test_a_decision_in_the_wrong_state_names_that_state(
    pair: Pair, steps: tuple[str, ...], action: str, current: str
) -> None:
    pair.published()
    for step in steps:
        assert pair.decide(step).status == 200
    answer = pair.decide(action)
    assert (answer.status, answer.body["current"]) == (409, current)
    assert pair.received()["status"] == current


def test_disabling_holds_new_members_back_and_lets_others_leave(pair: Pair) -> None:
    feed, received = pair.enabled()
    assert pair.decide("disable").body["status"] == "disabled"
    terms = work.terms(received["dataflowId"])
    assert (terms.segments, terms.paused) == ((pair.buyers,), True)
    assert pair.share(feed)["status"] == "disabled"
    again = pair.decide("enable").body
    assert (again["status"], again["dataflowId"]) == ("enabled", received["dataflowId"])
    assert not work.terms(received["dataflowId"]).paused
    assert len(pair.exports()) == 1


def test_declining_ends_an_offer_and_later_versions_pass_it_by(pair: Pair) -> None:
    feed = pair.published()
    assert pair.decide("decline").body["status"] == "declined"
    pair.change(feed, segmentIds=[pair.buyers, pair.visitors])
    assert (pair.received()["status"], pair.received()["version"]) == ("declined", 1)
    assert log(pair.a)[-3] == ("received_feed.declined", "partner")


def test_a_declined_feed_is_offered_anew_after_it_was_unshared(pair: Pair) -> None:
    feed = pair.published()
    pair.decide("decline")
    assert pair.a.call(feeds, "POST", f"feeds/{feed}/unshare", {"connectionId": pair.connection}).status == 200
    pair.change(feed, connectionIds=[pair.connection])
    got = pair.b.call(feeds, "GET", "received-feeds").body["items"]
    assert [received["status"] for received in got] == ["pending", "revoked"]


def test_received_feeds_are_the_receivers_alone(pair: Pair) -> None:
    pair.published()
    received = pair.received()["receivedFeedId"]
    for who in (pair.a, pair.world.member(pair.world.c)):
        assert who.call(feeds, "GET", f"received-feeds/{received}").status == 404
        for action in ("enable", "disable", "decline"):
            assert who.call(approvals, "POST", f"received-feeds/{received}/{action}").status == 404
    assert pair.decide("enable", "rf_none").status == 404
    viewer = pair.world.member(pair.world.b, "viewer")
    assert viewer.call(approvals, "POST", f"received-feeds/{received}/enable").status == 403


# New versions


def test_in_a_new_version_added_segments_wait_and_removed_ones_stop(pair: Pair) -> None:
    feed, received = pair.enabled()
    flow = received["dataflowId"]
    pair.change(feed, segmentIds=[pair.visitors], namespaces=["email", "phone"])
    now = pair.received()
    assert (now["status"], now["version"], now["acceptedVersion"]) == ("changed", 2, 1)
    assert [(offered["segmentId"], offered["accepted"]) for offered in now["segments"]] == [(pair.visitors, False)]
    assert work.terms(flow).segments == ()
    assert work.terms(flow).namespaces == (1,)
    assert [message["dataflowId"] for message in pair.exports()] == [flow]
    assert log(pair.b)[-1] == ("feed.changed", "partner")
    again = pair.decide("enable").body
    assert (again["status"], again["acceptedVersion"], again["dataflowId"]) == ("enabled", 2, flow)
    assert work.terms(flow).segments == (pair.visitors,)
    assert work.terms(flow).namespaces == (1, 2)


def test_a_new_version_stands_beside_what_was_accepted(pair: Pair) -> None:
    feed, received = pair.enabled(namespaces=["email", "phone"], restrictedMarketingActions=["analytics"])
    offered = {
        "segments": [{"segmentId": pair.buyers, "name": "Buyers"}],
        "namespaces": ["Email_LC_SHA256", "Phone_SHA256_E.164"],
        "restrictedMarketingActions": ["analytics"],
    }
    assert received["accepted"] == offered
    terms = {"segmentIds": [pair.visitors], "namespaces": ["email"], "restrictedMarketingActions": ["data_science"]}
    for name in ("Summer", "Autumn"):
        pair.change(feed, name=name, **terms)
        now = pair.received()
        assert now["accepted"] == offered
        assert (now["namespaces"], now["acceptedNamespaces"]) == (["Email_LC_SHA256"], ["Email_LC_SHA256"])
        assert now["restrictedMarketingActions"] == ["data_science"]
    assert pair.b.call(feeds, "GET", f"received-feeds/{received['receivedFeedId']}").body["accepted"] == offered
    assert pair.decide("disable").body["accepted"] == offered
    assert pair.decide("enable").body["accepted"] == {
        "segments": [{"segmentId": pair.visitors, "name": "Visitors"}],
        "namespaces": ["Email_LC_SHA256"],
        "restrictedMarketingActions": ["data_science"],
    }


@pytest.mark.parametrize(("accepted_version", "kept"), [(None, False), (1, False), (2, True)])
def test_what_was_accepted_before_its_offer_was_kept_is_known_while_it_is_still_the_offer(
    accepted_version: int | None, kept: bool
) -> None:
    kind = KINDS["received_feed"]
    segments = (SegmentRef("seg_1", "Buyers"),)
    feed = ReceivedFeed(
        received_feed_id="rf_1",
        feed_id="feed_1",
        connection_id="con_1",
        partner=PartnerRef("sbx_1", "Organization A", "sandbox a"),
        feed_name="Spring",
        description=None,
        status="enabled",
        version=2,
        segments=segments,
        namespaces=("Email_LC_SHA256",),
        restricted_marketing_actions=("analytics",),
        shared_at="2026-03-01T12:00:00.000Z",
        updated_at="2026-03-01T12:00:00.000Z",
        accepted_version=accepted_version,
    )
    item = kind.dump(feed, "SBX#1", "RF#rf_1") | {FORM: "received_feed/2"}
    del item["accepted"]
    assert kind.load(item).accepted == (feed.offer if kept else None)


def test_what_is_taken_out_and_put_back_has_to_be_accepted_again(pair: Pair) -> None:
    feed, received = pair.enabled(segmentIds=[pair.buyers, pair.visitors])
    pair.change(feed, segmentIds=[pair.visitors])
    pair.change(feed, segmentIds=[pair.buyers, pair.visitors])
    assert work.terms(received["dataflowId"]).segments == (pair.visitors,)
    pair.change(feed, namespaces=["phone"])
    pair.change(feed, namespaces=["email", "phone"])
    now = pair.received()
    assert now["accepted"]["namespaces"] == ["Email_LC_SHA256"]
    assert (now["namespaces"], now["acceptedNamespaces"]) == (["Email_LC_SHA256", "Phone_SHA256_E.164"], [])


def test_a_pending_or_disabled_feed_keeps_its_state_over_a_new_version(pair: Pair) -> None:
    feed = pair.published()
    pair.change(feed, name="Summer")
    assert (pair.received()["status"], pair.received()["feedName"]) == ("pending", "Summer")
    pair.decide("enable")
    pair.decide("disable")
    pair.change(feed, segmentIds=[pair.buyers, pair.visitors])
    assert (pair.received()["status"], pair.received()["acceptedVersion"]) == ("disabled", 2)


def test_a_changed_feed_can_be_disabled(pair: Pair) -> None:
    feed, _ = pair.enabled()
    pair.change(feed, segmentIds=[pair.buyers, pair.visitors])
    assert pair.decide("disable").body["status"] == "disabled"


# Terms


def test_terms_stop_a_segment_labelled_c11_since(pair: Pair) -> None:
    _, received = pair.enabled(segmentIds=[pair.buyers, pair.visitors])
    pair.a.call(segments, "PATCH", f"segments/{pair.buyers}", {"labels": ["C11"]})
    assert work.terms(received["dataflowId"]).stopped == (pair.buyers,)
    assert [message["dataflowId"] for message in pair.exports()] == [received["dataflowId"]]


def test_terms_stop_with_the_connection_before_anything_else_has_been_revoked(pair: Pair) -> None:
    _, received = pair.enabled()
    with crash(at="SHARE#"):
        assert pair.b.call(connect, "POST", f"connections/{pair.connection}/disconnect").status == 500
    assert pair.received()["status"] == "enabled"
    assert work.terms(received["dataflowId"]).segments == ()


def test_terms_of_an_unknown_dataflow_are_an_error(pair: Pair) -> None:
    with pytest.raises(LookupError):
        work.terms("flow_none")


# Dataflows


def test_a_change_touches_dataflows_by_segment_at_the_source_and_all_at_the_target(pair: Pair) -> None:
    _, received = pair.enabled()
    flow = received["dataflowId"]

    def touched(sandbox_id: str, *segment_ids: str) -> list[str]:
        found = dataflows.dataflows_touching(sandbox_id, segment_ids or None)
        return [dataflow.dataflow_id for dataflow in found]

    a, b, c = (sandbox.sandbox_id for sandbox in (pair.world.a, pair.world.b, pair.world.c))
    assert touched(a, pair.buyers) == touched(a) == touched(b) == touched(b, "seg_any") == [flow]
    assert touched(a, pair.visitors) == touched(c) == []


def test_both_sides_see_a_dataflow_and_a_third_does_not(pair: Pair) -> None:
    _, received = pair.enabled()
    flow = received["dataflowId"]
    mine, theirs = (who.call(feeds, "GET", f"dataflows/{flow}").body for who in (pair.a, pair.b))
    assert (mine["direction"], mine["partner"]["organizationName"]) == ("outgoing", "Organization B")
    assert (theirs["direction"], theirs["partner"]["organizationName"]) == ("incoming", "Organization A")
    c = pair.world.member(pair.world.c)
    assert c.call(feeds, "GET", f"dataflows/{flow}").status == 404
    assert c.call(feeds, "GET", f"dataflows/{flow}/runs").status == 404
    assert c.call(feeds, "POST", f"dataflows/{flow}/pause").status == 404
    assert c.call(feeds, "GET", "dataflows").body["items"] == []


def test_the_source_pauses_and_resumes_a_dataflow(pair: Pair) -> None:
    _, received = pair.enabled()
    path = f"dataflows/{received['dataflowId']}"
    assert pair.b.call(feeds, "POST", f"{path}/pause").status == 409
    paused = pair.a.call(feeds, "POST", f"{path}/pause")
    assert (paused.status, paused.body["status"]) == (200, "paused")
    assert work.terms(received["dataflowId"]).paused
    assert pair.a.call(feeds, "POST", f"{path}/pause").body["current"] == "paused"
    assert pair.b.call(feeds, "GET", path).body["status"] == "paused"
    assert not pair.exports()
    assert pair.a.call(feeds, "POST", f"{path}/resume").body["status"] == "active"
    assert pair.a.call(feeds, "POST", f"{path}/resume").status == 409
    assert len(pair.exports()) == 1
    assert log(pair.b)[-2:] == [("dataflow.paused", "partner"), ("dataflow.resumed", "partner")]


def test_a_pause_overtaken_by_the_end_of_the_share_is_a_conflict(pair: Pair) -> None:
    feed, received = pair.enabled()
    path, body = f"feeds/{feed}/unshare", {"connectionId": pair.connection}
    with meanwhile(lambda: pair.a.call(feeds, "POST", path, body)):
        answer = pair.a.call(feeds, "POST", f"dataflows/{received['dataflowId']}/pause")
    assert (answer.status, answer.body["current"]) == (409, "closing")


def test_spans_add_their_counts_to_a_run_once(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET_BITS", "7")
    _, received = pair.enabled()
    flow = received["dataflowId"]
    (run,) = runs.runs(flow)
    assert sorted(run.outstanding) == ["000", "001"]
    counts = {"profilesReceived": 5, "realized": 3, "identitiesActivated": 3, "excluded.consent": 2}
    for _ in range(2):
        after = runs.span_done(flow, run.run_id, "000", counts, {"seg_1": {1: 3}})
    assert after is not None
    assert after.outstanding == {"001"}
    last = runs.span_done(flow, run.run_id, "001", {"realized": 1}, {"seg_1": {1: 1}})
    assert last is not None
    assert last.outstanding == frozenset()
    table.apply(runs.end_run(last, "completed"))
    with pytest.raises(table.ConditionFailed):
        table.apply(runs.end_run(last, "failed"))
    sent, view = (each.call(feeds, "GET", f"dataflows/{flow}/runs").body["items"][0] for each in (pair.a, pair.b))
    assert (view["status"], view["progress"], view["realized"]) == ("completed", {"done": 2, "total": 2}, 4)
    assert sent["identitiesExcluded"] == {"byReason": {"consent": 2}}
    assert pair.received()["counts"] == {"memberships": 4}
    assert runs.span_done(flow, "run_none", "000", {"realized": 9}, {"seg_1": {1: 99}}) is None
    assert pair.received()["counts"] == {"memberships": 4}


def test_marking_dirty_sends_one_message_a_span(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    _, received = pair.enabled()
    flow = dataflows.dataflow(received["dataflowId"])
    assert flow is not None
    monkeypatch.setenv("BUCKET_BITS", "8")
    run = outbox.mark_dirty(flow, "ingest")
    assert {(message["runId"], message["span"]) for message in pair.exports()} == {
        (run.run_id, span) for span in range(4)
    }
    outbox.mark_dirty(flow, "ingest", ["002"])
    assert [message["span"] for message in pair.exports()] == [2]


# Ending


def test_unsharing_ends_both_copies_and_closes_the_dataflow(pair: Pair) -> None:
    feed, received = pair.enabled()
    body = {"connectionId": pair.connection}
    dry = pair.a.call(feeds, "POST", f"feeds/{feed}/unshare", body, query={"dryRun": "true"})
    assert (dry.status, dry.body["dryRun"], dry.body["segmentIds"]) == (200, True, [pair.buyers])
    assert pair.received()["status"] == "enabled"
    answer = pair.a.call(feeds, "POST", f"feeds/{feed}/unshare", body)
    assert (answer.status, answer.body["connectionIds"]) == (200, [])
    assert answer.body["shares"][0]["status"] == pair.received()["status"] == "revoked"
    assert [offered["accepted"] for offered in pair.received()["segments"]] == [False]
    assert pair.b.call(feeds, "GET", f"dataflows/{received['dataflowId']}").body["status"] == "closing"
    assert work.terms(received["dataflowId"]).segments == ()
    assert len(pair.exports()) == 1
    assert log(pair.b)[-1] == ("feed.unshared", "partner")
    again = pair.a.call(feeds, "POST", f"feeds/{feed}/unshare", body)
    assert (again.status, again.body["current"]) == (409, "revoked")
    assert pair.decide("enable").status == 409


def test_unsharing_a_share_that_never_stands_still_asks_for_another_try(pair: Pair) -> None:
    feed, received = pair.enabled()
    decisions = itertools.cycle(["disable", "enable"])

    def decide(_: str) -> None:
        assert pair.decide(next(decisions), received["receivedFeedId"]).status == 200

    with before_writes(decide):
        answer = pair.a.call(feeds, "POST", f"feeds/{feed}/unshare", {"connectionId": pair.connection})
    assert (answer.status, answer.headers["Retry-After"]) == (429, "1")


def test_of_two_unsharings_at_once_one_wins(pair: Pair) -> None:
    feed = pair.published()
    path, body = f"feeds/{feed}/unshare", {"connectionId": pair.connection}
    with meanwhile(lambda: pair.a.call(feeds, "POST", path, body)) as others:
        answer = pair.a.call(feeds, "POST", path, body)
    assert (others[0].status, answer.status, answer.body["current"]) == (200, 409, "revoked")
    assert [entry[0] for entry in log(pair.b)].count("feed.unshared") == 1


def test_unsharing_names_what_is_not_shared(pair: Pair) -> None:
    feed = pair.published()
    answer = pair.a.call(feeds, "POST", f"feeds/{feed}/unshare", {"connectionId": "con_none"})
    assert (answer.status, pointers(answer)) == (422, ["/connectionId"])
    assert pointers(pair.a.call(feeds, "POST", f"feeds/{feed}/unshare", {})) == ["/connectionId"]


def test_a_feed_shared_again_gets_a_new_offer_and_a_new_dataflow(pair: Pair) -> None:
    feed, received = pair.enabled()
    pair.a.call(feeds, "POST", f"feeds/{feed}/unshare", {"connectionId": pair.connection})
    pair.change(feed, connectionIds=[pair.connection])
    again = pair.decide("enable").body
    assert again["receivedFeedId"] != received["receivedFeedId"]
    assert again["dataflowId"] != received["dataflowId"]
    assert work.terms(received["dataflowId"]).segments == ()
    assert work.terms(again["dataflowId"]).segments == (pair.buyers,)


def test_deleting_a_feed_unshares_it_from_everyone(pair: Pair) -> None:
    c = pair.world.member(pair.world.c)
    feed, received = pair.enabled(connectionIds=[pair.connection, connected(pair.a, c)])
    assert pair.a.call(feeds, "DELETE", f"feeds/{feed}").status == 204
    assert pair.a.call(feeds, "GET", f"feeds/{feed}").status == 404
    assert pair.received()["status"] == "revoked"
    assert c.call(feeds, "GET", "received-feeds").body["items"][0]["status"] == "revoked"
    assert [message["dataflowId"] for message in pair.exports()] == [received["dataflowId"]]
    assert log(pair.a)[-1] == ("feed.deleted", "principal")
    assert pair.a.call(feeds, "DELETE", f"feeds/{feed}").status == 404


def test_a_deletion_overtaken_by_a_publication_leaves_the_feed(pair: Pair) -> None:
    feed = pair.draft()
    with meanwhile(lambda: pair.publish(feed)):
        assert pair.a.call(feeds, "DELETE", f"feeds/{feed}").status == 409
    assert pair.share(feed)["status"] == "pending"
    assert pair.a.call(feeds, "DELETE", f"feeds/{feed}").status == 204


def test_a_deletion_that_broke_off_is_finished_by_repeating_it(pair: Pair) -> None:
    feed, _ = pair.enabled()
    with crash(at="feed.deleted"):
        assert pair.a.call(feeds, "DELETE", f"feeds/{feed}").status == 500
    assert pair.received()["status"] == "revoked"
    assert pair.a.call(feeds, "DELETE", f"feeds/{feed}").status == 204


def test_a_disconnect_revokes_what_both_sides_share(pair: Pair) -> None:
    _, received = pair.enabled()
    theirs = segment(pair.b, "Fans")
    back = pair.b.call(feeds, "POST", "feeds", pair.body(segmentIds=[theirs])).body["feedId"]
    pair.b.call(feeds, "POST", f"feeds/{back}/publish")
    assert pair.a.call(connect, "POST", f"connections/{pair.connection}/disconnect").status == 200
    assert pair.received()["status"] == "revoked"
    assert pair.a.call(feeds, "GET", "received-feeds").body["items"][0]["status"] == "revoked"
    assert pair.b.call(feeds, "GET", f"feeds/{back}").body["connectionIds"] == []
    assert [message["dataflowId"] for message in pair.exports()] == [received["dataflowId"]]
    assert ("feed.unshared", "system") in log(pair.a)
    ended = connections_store.get(pair.world.a.sandbox_id, pair.connection)
    assert ended
    disconnecting.end_sharing(pair.world.a, ended)
    assert not pair.exports()


def test_a_disconnect_that_broke_off_is_finished_by_the_sweep(pair: Pair) -> None:
    pair.enabled()
    second = pair.published(name="Second")
    with crash(at="feed.unshared", after=1):
        assert pair.a.call(connect, "POST", f"connections/{pair.connection}/disconnect").status == 500
    assert pair.share(second)["status"] == "pending"
    disconnecting.finish_disconnects()
    assert pair.share(second)["status"] == "revoked"
    assert {received["status"] for received in pair.b.call(feeds, "GET", "received-feeds").body["items"]} == {"revoked"}


def test_a_promised_run_that_was_never_sent_is_kept_by_the_sweep(pair: Pair) -> None:
    pair.published()
    with crash(after=1):
        assert pair.decide("enable").status == 500
    assert pair.received()["status"] == "enabled"
    assert not pair.exports()
    outbox.dispatch_pending()
    assert len(pair.exports()) == 1
    outbox.dispatch_pending()
    assert not pair.exports()


def test_connections_count_what_is_shared_and_received(pair: Pair) -> None:
    first = pair.published(segmentIds=[pair.buyers, pair.visitors])
    offer = pair.received()["receivedFeedId"]
    feed = pair.published(name="Second", segmentIds=[pair.buyers])
    assert pair.shared() == (2, 2)
    pair.a.call(feeds, "PATCH", f"feeds/{feed}", {"segmentIds": [pair.visitors, segment(pair.a, "More")]})
    assert pair.shared() == (2, 2), "a draft shares nothing"
    pair.publish(feed)
    assert pair.shared() == (2, 3)
    pair.a.call(feeds, "DELETE", f"feeds/{feed}")
    assert pair.shared() == (1, 2)
    for action in ("enable", "disable"):
        pair.decide(action, offer)
        assert pair.shared() == (1, 2)
    pair.a.call(feeds, "POST", f"feeds/{first}/unshare", {"connectionId": pair.connection})
    assert pair.shared() == (0, 0)
    pair.published(name="Third")
    assert pair.shared() == (1, 1)
    pair.decide("decline")
    assert pair.shared() == (0, 0)
    pair.published(name="Fourth")
    pair.a.call(connect, "POST", f"connections/{pair.connection}/disconnect")
    assert pair.shared() == (0, 0)
    assert pair.world.member(pair.world.c).call(connect, "GET", "connections").body["items"] == []


def test_the_largest_publication_fits_one_transaction(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(table, "before_write", lambda writes: sizes.append(len(writes)))
    c = pair.world.member(pair.world.c)
    other = connected(pair.a, c)

    def size(connection_ids: list[str], old: list[str], new: list[str]) -> int:
        """Of the publication that swaps all segments of a feed that all partners have enabled."""
        feed = pair.published(connectionIds=connection_ids, segmentIds=old)
        for partner in (pair.b, c)[: len(connection_ids)]:
            received = partner.call(feeds, "GET", "received-feeds").body["items"][0]["receivedFeedId"]
            assert partner.call(approvals, "POST", f"received-feeds/{received}/enable").status == 200
        pair.a.call(feeds, "PATCH", f"feeds/{feed}", {"segmentIds": new})
        sizes.clear()
        assert pair.publish(feed).status == 200
        return max(sizes)

    more, most = segment(pair.a, "More"), segment(pair.a, "Most")
    least = size([pair.connection], [pair.buyers], [pair.visitors])
    a_connection = size([pair.connection, other], [pair.buyers], [pair.visitors]) - least
    a_segment = size([pair.connection], [pair.buyers, more], [pair.visitors, most]) - least
    assert least + (MAX_CONNECTIONS - 1) * a_connection + (MAX_SEGMENTS - 1) * a_segment <= 100


def test_every_record_of_both_logs_is_chained(pair: Pair) -> None:
    feed, _ = pair.enabled()
    pair.a.call(feeds, "DELETE", f"feeds/{feed}")
    for member in (pair.a, pair.b):
        records = list(journal.log(member.sandbox.sandbox_id))
        assert chain.first_break(records)[2] is None
        assert len(records) > 3


def sample_event(name: str, who: Member, **ids: str) -> dict[str, Any]:
    """The sample event, sent by this member to its own sandbox, with ids that exist."""
    event: dict[str, Any] = json.loads((EVENTS / name).read_text())
    event["requestContext"]["authorizer"]["claims"]["sub"] = who.principal_id
    sandbox = event["pathParameters"]["sandbox"]
    text = json.dumps(event).replace(sandbox, who.sandbox.sandbox_id)
    for old, new in ids.items():
        text = text.replace(old, new)
    changed: dict[str, Any] = json.loads(text)
    return changed


def test_the_sample_events_draft_a_feed_and_enable_one(pair: Pair) -> None:
    ids = {"seg_01KAM4QB6N8Q1S3V5X7Z9B2D4F": pair.buyers, "con_01KAM4Q9H2K4M6P8R0T2W4Y6A8": pair.connection}
    created = feeds.handler(sample_event("feeds.json", pair.a, **ids), CONTEXT)
    assert created["statusCode"] == 201
    assert json.loads(created["body"])["name"] == "Spring campaign"
    pair.published()
    ids = {"rf_01KAM4QC8P0R2T4W6Y8A0C2E4G": pair.received()["receivedFeedId"]}
    enabled = approvals.handler(sample_event("approvals.json", pair.b, **ids), CONTEXT)
    assert (enabled["statusCode"], json.loads(enabled["body"])["status"]) == (200, "enabled")
    again = approvals.handler(sample_event("approvals.json", pair.b, **ids), CONTEXT)
    assert again["body"] == enabled["body"], "the same Idempotency-Key has the same answer"
