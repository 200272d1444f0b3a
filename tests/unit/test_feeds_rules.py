"""The states of feeds and dataflows as a table, and what a new version means for a partner."""

from dataclasses import replace
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.connections.models import Connection
from handfast.dataflows import rules as dataflows
from handfast.dataflows.models import Dataflow, DataflowStatus, Target
from handfast.feeds import rules
from handfast.feeds.models import Content, Copies, CreateFeed, Feed, SegmentRef, Share, ShareStatus
from handfast.governance import policies
from handfast.governance.labels import LABELS
from handfast.governance.marketing_actions import PARTNER_ACTIONS, FeedMarketingAction
from handfast.partners.models import PartnerRef

SENDER = PartnerRef("sbx_a", "Organization A", "a")
RECEIVER = PartnerRef("sbx_b", "Organization B", "b")
CONNECTION = Connection("con_1", "outgoing", RECEIVER, "active", "t0", "t9", "ID")

SHARE_STATES: tuple[ShareStatus, ...] = get_args(ShareStatus.__value__)
DATAFLOW_STATES: tuple[DataflowStatus, ...] = get_args(DataflowStatus.__value__)
# (state, action) → state; every pair not listed is refused.
SHARES = {
    ("pending", "publish"): "pending",
    ("pending", "enable"): "enabled",
    ("pending", "decline"): "declined",
    ("pending", "revoke"): "revoked",
    ("enabled", "publish"): "changed",
    ("enabled", "disable"): "disabled",
    ("enabled", "revoke"): "revoked",
    ("changed", "publish"): "changed",
    ("changed", "enable"): "enabled",
    ("changed", "disable"): "disabled",
    ("changed", "revoke"): "revoked",
    ("disabled", "publish"): "disabled",
    ("disabled", "enable"): "enabled",
    ("disabled", "revoke"): "revoked",
    ("declined", "revoke"): "revoked",
}
DATAFLOWS = {
    ("active", "pause"): "paused",
    ("active", "close"): "closing",
    ("paused", "resume"): "active",
    ("paused", "close"): "closing",
    ("closing", "finish"): "closed",
}


def content(
    *segment_ids: str, namespaces: tuple[str, ...] = ("ECID",), connections: tuple[str, ...] = ("con_1",)
) -> Content:
    return Content("Spring", None, segment_ids, namespaces, (), connections)


def feed(draft: Content, released: Content | None = None, version: int = 1) -> Feed:
    return Feed("sbx_a", "feed_1", "published", version, draft, released, "t0", "t1")


def refs(*segment_ids: str) -> tuple[SegmentRef, ...]:
    return tuple(SegmentRef(segment_id, segment_id.upper()) for segment_id in segment_ids)


def offer(*segment_ids: str, namespaces: tuple[str, ...] = ("ECID",)) -> Copies:
    return rules.offered(
        feed(content(*segment_ids, namespaces=namespaces)), SENDER, CONNECTION, refs(*segment_ids), "rf_1"
    )


def accepted(copies: Copies, *segment_ids: str) -> Copies:
    return rules.moved(
        copies,
        "enabled",
        "t2",
        accepted_version=1,
        accepted_segment_ids=segment_ids,
        accepted_namespaces=copies.share.namespaces,
        dataflow_id="flow_1",
    )


def dataflow(status: DataflowStatus = "active") -> Dataflow:
    about = {"feedId": "feed_1", "connectionId": "con_1", "receivedFeedId": "rf_1"}
    return Dataflow("flow_1", SENDER, Target("partner", RECEIVER, about), "Spring", status, ("x",), "t0", "t0")


@pytest.mark.parametrize(("status", "action"), list(product(SHARE_STATES, rules.SHARE_TRANSITIONS)))
def test_a_share_moves_as_the_table_says(status: ShareStatus, action: rules.ShareAction) -> None:
    assert rules.SHARE_TRANSITIONS[action].get(status) == SHARES.get((status, action))


@pytest.mark.parametrize(("status", "action"), list(product(DATAFLOW_STATES, dataflows.DATAFLOW_TRANSITIONS)))
def test_a_dataflow_moves_as_the_table_says(status: DataflowStatus, action: dataflows.DataflowAction) -> None:
    assert dataflows.DATAFLOW_TRANSITIONS[action].get(status) == DATAFLOWS.get((status, action))


def test_only_c11_forbids_sharing_with_partners_by_itself() -> None:
    by_itself = [
        label for label in LABELS if policies.violated(policies.CORE_POLICIES.values(), {label}, PARTNER_ACTIONS)
    ]
    assert by_itself == ["C11"]


@pytest.mark.parametrize("status", SHARE_STATES)
def test_only_an_accepted_share_lets_anything_flow(status: ShareStatus) -> None:
    share = replace(accepted(offer("x"), "x").share, status=status)
    flows = rules.accepted(dataflow(), share)
    assert bool(flows.segment_ids) == (status in {"enabled", "changed", "disabled"})
    assert flows.realize == (status in {"enabled", "changed"})


@pytest.mark.parametrize("status", DATAFLOW_STATES)
def test_only_a_dataflow_that_is_not_ending_lets_anything_flow(status: DataflowStatus) -> None:
    flows = rules.accepted(dataflow(status), accepted(offer("x"), "x").share)
    assert bool(flows.segment_ids) == (status in {"active", "paused"})
    assert flows.realize == (status == "active")


def test_a_dataflow_of_an_earlier_offer_carries_nothing() -> None:
    again = replace(accepted(offer("x"), "x").share, received_feed_id="rf_2")
    assert rules.accepted(dataflow(), again) == rules.accepted(dataflow(), None) == rules.NOTHING


NAMES = st.lists(st.sampled_from("uvwxyz"), unique=True, min_size=1).map(tuple)


@given(first=NAMES, second=NAMES, third=NAMES)
def test_nothing_flows_that_was_not_accepted_in_every_version_since(
    first: tuple[str, ...], second: tuple[str, ...], third: tuple[str, ...]
) -> None:
    copies = accepted(offer(*first, namespaces=first), *first)
    for number, names in enumerate((second, third), start=2):
        version = feed(content(*names, namespaces=names), version=number)
        copies = rules.next_version(version, refs(*names), copies)
    share, received = copies.share, copies.received
    everywhere = set(first) & set(second) & set(third)
    assert set(share.accepted_segment_ids) == set(share.accepted_namespaces) == everywhere
    assert {segment.segment_id for segment in received.readable_segments} == everywhere
    assert (share.status, share.version, share.accepted_version) == ("changed", 3, 1)


@given(names=NAMES)
def test_both_copies_agree_after_every_step(names: tuple[str, ...]) -> None:
    def agree(copies: Copies) -> bool:
        share, received = copies.share, copies.received
        common = {"feed_id", "connection_id", "received_feed_id", "status", "version", "namespaces", "dataflow_id"}
        common |= {"accepted_version", "accepted_segment_ids", "accepted_namespaces", "shared_at", "updated_at"}
        same = all(getattr(share, name) == getattr(received, name) for name in common)
        return same and share.segment_ids == tuple(segment.segment_id for segment in received.segments)

    copies = offer(*names)
    assert agree(copies)
    copies = accepted(copies, *names)
    assert agree(copies)
    copies = rules.next_version(feed(content("u", "new"), version=2), refs("u", "new"), copies)
    assert agree(copies)
    assert agree(rules.moved(copies, "revoked", "t9"))


def test_the_order_of_a_feeds_parts_is_no_change() -> None:
    assert not rules.has_changes(feed(content("x", "y"), content("y", "x")))
    assert rules.has_changes(feed(content("x"), content("y", "x")))
    assert rules.has_changes(feed(content("x"), content("x", connections=())))
    assert rules.has_changes(feed(content("x"), None))


def changes(of: Feed, *shares: Share) -> list[tuple[str, str]]:
    return [(change.connection_id, change.change) for change in rules.share_changes(of, shares)]


def test_a_publication_offers_changes_unshares_or_leaves_alone() -> None:
    live = accepted(offer("x"), "x").share
    new = feed(content("y", connections=("con_1", "con_2")), content("x"))
    assert changes(new, live) == [("con_1", "change"), ("con_2", "offer")]
    assert changes(new, replace(live, status="declined")) == [("con_1", "none"), ("con_2", "offer")]
    assert changes(new, replace(live, status="revoked")) == [("con_1", "offer"), ("con_2", "offer")]
    gone = feed(content("x", connections=("con_2",)), content("x"))
    assert changes(gone, live) == [("con_2", "offer"), ("con_1", "unshare")]
    wider = feed(content("x", connections=("con_1", "con_2")), content("x"))
    assert changes(wider, live) == [("con_1", "none"), ("con_2", "offer")]


def test_a_feed_keeps_the_segments_of_its_draft_and_of_what_it_released() -> None:
    assert rules.used_segments(feed(content("x"), content("y"))) == {"x", "y"}
    assert rules.used_segments(feed(content("x"))) == {"x"}


def test_marketing_actions_read_as_codes_or_as_printed() -> None:
    printed = [
        "Analytics",
        "Combine with PII",
        "Cross-site targeting",
        "Data Science",
        "Email targeting",
        "Export to third party",
        "Onsite advertising",
        "Onsite personalization",
        "Segment Match",
        "Single identity personalization",
    ]
    body = CreateFeed(name="x", segment_ids=["s"], namespaces=["email"], restricted_marketing_actions=printed)
    assert tuple(body.restricted_marketing_actions) == get_args(FeedMarketingAction)
