"""What a sandbox receives, given on to its own destinations: by whose terms, and how it follows what is received."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.connect_requests import app as connect
from functions.destinations import app as destinations
from functions.feeds import app as feeds
from functions.governance import app as governance
from functions.segments import app as segments
from handfast.dataflows import recency, runs
from handfast.destinations import accounts, store
from handfast.feeds import member_reader
from handfast.identity.keys import Key
from handfast.journal import store as journal
from handfast.lake import people
from handfast.platform import clock
from tests.worlds.data_plane import KEYS, Identity, Profile
from tests.worlds.exports import FIRST, SECOND, SINCE, THIRD, Export, decoded, deliver, names, shared
from tests.worlds.faults import calls_made
from tests.worlds.privacy import ANN, BOB, automatic, ring_of
from tests.worlds.sandboxes import Answer, Member, organizations
from tests.worlds.sharing import pointers, segment
from tests.worlds.uploads import identity

EVERYONE_KNOWN = (FIRST, SECOND, THIRD)


def set_up(member: Member) -> str:
    """A destination that does nothing with data as such; returns its id."""
    body = {"type": "http", "name": "Warehouse", "settings": {"url": "https://warehouse.example.com/"}}
    answer = member.call(destinations, "POST", "destinations", body)
    assert answer.status == 201, answer.body
    return str(answer.body["destinationId"])


def activate(member: Member, destination: str, *segment_ids: str, **more: Any) -> Answer:
    """Give segments to a destination, by e-mail address."""
    mapping = [{"source": "email", "target": "email_lc_sha256"}]
    body = {"segments": [{"segmentId": name} for name in segment_ids], "mapping": mapping}
    return member.call(destinations, "POST", f"destinations/{destination}/activations", body, **more)


class Onward:
    """A receiver that holds a partner's feed, and a destination of its own."""

    own = ""

    def __init__(self, sharing: Export) -> None:
        self.sharing, self.pair, self.b = sharing, sharing.pair, sharing.pair.b
        self.sharing.target(*EVERYONE_KNOWN)
        self.sharing.run()
        self.destination = set_up(self.b)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        return self.b.call(destinations, method, path, body, **more)

    def activate(self, *segment_ids: str, **more: Any) -> Answer:
        return activate(self.b, self.destination, *segment_ids, **more)

    def activated(self, *segment_ids: str) -> str:
        answer = self.activate(*segment_ids)
        assert answer.status == 201, answer.body
        self.run()
        return str(answer.body["dataflowId"])

    def run(self) -> None:
        """Do all that waits, and what follows of it."""
        while bodies := self.pair.exports():
            assert deliver(bodies) == []

    def given(self, dataflow: str, *segment_ids: str) -> set[str]:
        """Whom the destination is to have of segments."""
        self.run()
        page = member_reader.members_page(member_reader.disclosed(dataflow), segment_ids, 200, None)
        return {decoded(item.value) for item in page.items}

    def explained(self, segment_id: str) -> Any:
        answer = self.call("POST", f"destinations/{self.destination}/explain", {"segmentIds": [segment_id]})
        (found,) = (item for item in answer.body["items"] if item["segmentId"] == segment_id)
        return found

    def restrict(self, *actions: str) -> None:
        """Have the partner exclude these uses from now on."""
        self.pair.change(self.sharing.feed, restrictedMarketingActions=list(actions))

    def doing(self, *actions: str) -> None:
        """Have the destination do this with data."""
        path = f"destinations/{self.destination}"
        assert self.call("PATCH", path, {"marketingActions": list(actions)}).status == 200

    def composed(self, expression: str) -> str:
        answer = self.b.call(segments, "POST", "segments", {"name": "Composed", "expression": expression})
        assert answer.status == 201, answer.body
        return str(answer.body["segmentId"])


@pytest.fixture
def onward(stores: None, tmp_path: Path) -> Onward:
    return Onward(shared(tmp_path))


def test_a_received_segment_is_given_to_a_destination_and_follows_what_is_received(onward: Onward) -> None:
    buyers = onward.pair.buyers
    flow = onward.activated(buyers)
    assert onward.given(flow, buyers) == names(*EVERYONE_KNOWN)
    onward.sharing.members(buyers, FIRST, THIRD)
    onward.sharing.dirty()
    assert onward.given(flow, buyers) == names(FIRST, THIRD)
    onward.sharing.members(buyers, *EVERYONE_KNOWN)
    onward.sharing.dirty()
    assert onward.given(flow, buyers) == names(*EVERYONE_KNOWN)
    assert runs.delivered(flow) == len(EVERYONE_KNOWN)


def test_a_preview_counts_what_is_received(onward: Onward) -> None:
    answer = onward.activate(onward.pair.buyers, query={"dryRun": "true"})
    counted = {"members": 3, "activated": 3, "people": {"members": 1, "cleared": 1}}  # of one profile id
    assert (answer.status, answer.body["counts"]) == (201, counted), answer.body
    assert onward.pair.exports() == []


def test_a_destination_is_told_the_name_of_what_is_received(onward: Onward) -> None:
    path, settings = f"destinations/{onward.destination}", {"settings": {"includeSegmentNames": True}}
    assert onward.call("PATCH", path, settings).status == 200
    answer = onward.activate(onward.pair.buyers, query={"dryRun": "true"})
    (told,) = answer.body["sample"]["profiles"][0]["segmentMembership"]["ups"].values()
    assert told["name"] == "Buyers"


def test_what_a_destination_is_told_of_a_composed_segment_is_one_read(onward: Onward) -> None:
    composed = onward.composed(f"{onward.pair.visitors} AND NOT {onward.pair.buyers}")
    assert onward.activate(composed).status == 201
    (activation,) = store.activations(onward.b.sandbox.sandbox_id, onward.destination)
    with calls_made() as made:  # all that the role of deliveries may
        told = accounts.told(onward.b.sandbox.sandbox_id, activation.segments)
    assert (made, [each.name for each in told.values()]) == (["BatchGetItem"], ["Composed"])


def test_only_what_is_received_now_can_be_activated(onward: Onward) -> None:
    assert onward.pair.decide("disable").status == 200
    answer = onward.activate(onward.pair.buyers)
    assert (answer.status, pointers(answer)) == (422, ["/segments/0/segmentId"])
    assert answer.body["errors"][0]["message"] == "no such segment, neither of your own nor received now"


def test_terms_refuse_what_they_exclude_and_say_what_would_help(onward: Onward) -> None:
    received = onward.pair.received()
    assert received["restrictedMarketingActions"] == ["email_targeting", "analytics"]
    onward.doing("email_targeting")
    violation = {
        "policy": received["receivedFeedId"],
        "policyName": "Spring",
        "label": None,
        "marketingAction": "email_targeting",
        "from": {"entityType": "receivedFeed", "entityId": received["receivedFeedId"], "name": "Spring"},
    }
    resolve = ["have the partner allow email_targeting in its feed Spring", "leave the segment out"]
    composed = onward.composed(f"{onward.pair.buyers} OR {onward.pair.visitors}")
    for segment_id in (onward.pair.buyers, composed):
        for query in ({}, {"dryRun": "true"}):
            refused = onward.activate(segment_id, query=query)
            assert (refused.status, refused.body["reason"]) == (422, "policy_violation")
            assert refused.body["violations"] == [{"segmentId": segment_id} | violation]
            assert refused.body["resolve"] == resolve
        found = onward.explained(segment_id)
        assert (found["allowed"], found["violations"], found["resolve"]) == (False, [violation], resolve)
    onward.doing()
    assert onward.activate(onward.pair.buyers).status == 201
    assert onward.explained(composed) == {
        "destinationId": onward.destination,
        "segmentId": composed,
        "segmentName": "Composed",
        "allowed": True,
        "violations": [],
        "lostSegmentIds": [],
        "resolve": [],
    }


def _tighten(onward: Onward) -> None:
    onward.restrict("onsite_advertising")


def _loosen(onward: Onward) -> None:
    onward.restrict("analytics")


def _disable(onward: Onward) -> None:
    assert onward.pair.decide("disable").status == 200


def _enable(onward: Onward) -> None:
    assert onward.pair.decide("enable").status == 200


def _drop(onward: Onward) -> None:
    onward.pair.change(onward.sharing.feed, segmentIds=[onward.pair.visitors])


def _take_up(onward: Onward) -> None:
    onward.pair.change(onward.sharing.feed, segmentIds=[onward.pair.buyers, onward.pair.visitors])
    _enable(onward)


def _forbid(onward: Onward) -> None:
    source = onward.b.call(governance, "PATCH", "data-sources/ds_audience_sharing", {"labels": ["C6"]})
    assert source.status == 200
    assert onward.b.call(governance, "POST", "policies/restrict_onsite_advertising/enable").status == 200


def _allow(onward: Onward) -> None:
    assert onward.b.call(governance, "POST", "policies/restrict_onsite_advertising/disable").status == 200


def _do_more(onward: Onward) -> None:
    onward.doing("analytics")


def _do_less(onward: Onward) -> None:
    onward.doing("onsite_advertising")


@pytest.mark.parametrize(
    ("stop", "resume"),
    [(_tighten, _loosen), (_disable, _enable), (_drop, _take_up), (_forbid, _allow), (_do_more, _do_less)],
    ids=["terms", "disabled", "dropped", "policy", "destination"],
)
@pytest.mark.parametrize("is_composed", [False, True], ids=["received", "composed"])
def test_whatever_stops_it_takes_its_members_out_at_once_and_back(
    onward: Onward, stop: Any, resume: Any, *, is_composed: bool
) -> None:
    onward.doing("onsite_advertising")
    segment_id = onward.composed(onward.pair.buyers) if is_composed else onward.pair.buyers
    flow = onward.activated(segment_id)
    assert onward.given(flow, segment_id) == names(*EVERYONE_KNOWN)
    stop(onward)
    assert onward.given(flow, segment_id) == set()
    assert runs.delivered(flow) == 0
    assert not onward.explained(segment_id)["allowed"]
    resume(onward)
    assert onward.given(flow, segment_id) == names(*EVERYONE_KNOWN)
    assert onward.explained(segment_id)["allowed"]


def test_what_the_terms_still_forbid_is_not_told_to_go_on(onward: Onward) -> None:
    onward.doing("onsite_advertising")
    composed = onward.composed(onward.pair.buyers)
    flow = onward.activated(onward.pair.buyers, composed)
    _forbid(onward)
    _tighten(onward)
    onward.run()
    log = len(list(journal.log(onward.b.sandbox.sandbox_id)))
    path = "policies/restrict_onsite_advertising/disable"
    preview = onward.b.call(governance, "POST", path, query={"dryRun": "true"})
    assert (preview.status, preview.body["dataflows"]) == (200, [])
    _allow(onward)
    assert onward.given(flow, onward.pair.buyers, composed) == set()
    told = [record["type"] for record in list(journal.log(onward.b.sandbox.sandbox_id))[log:]]
    assert "policy.resolved" not in told
    _loosen(onward)
    assert onward.given(flow, onward.pair.buyers, composed) == names(*EVERYONE_KNOWN)


def _names_an_export_label(onward: Onward, _: str) -> None:
    path = f"destinations/{onward.destination}"
    assert onward.call("PATCH", path, {"exportLabels": ["onsite_ad_targeting"]}).status == 200


def _renames_and_recomposes(onward: Onward, composed: str) -> None:
    onward.doing("onsite_advertising")
    onward.run()
    hidden = f"{onward.own} OR NOT ({onward.own} OR {onward.pair.buyers}) AND {onward.own}"
    body = {"name": "Ours alone", "expression": f"{onward.own} AND NOT {onward.pair.buyers}"}
    assert onward.b.call(segments, "PATCH", f"segments/{composed}", body).status == 200
    body["expression"] = hidden
    assert onward.b.call(segments, "PATCH", f"segments/{composed}", body).status == 200


def _names_one_that_names_it(onward: Onward, composed: str) -> None:
    onward.doing("onsite_advertising")
    inner = onward.composed(f"{onward.own} AND NOT {onward.pair.buyers}")
    body = {"expression": f"{onward.own} AND NOT {inner}"}
    assert onward.b.call(segments, "PATCH", f"segments/{composed}", body).status == 200


@pytest.mark.parametrize("evade", [_names_an_export_label, _renames_and_recomposes, _names_one_that_names_it])
def test_terms_hold_whatever_is_changed_after_the_activation(onward: Onward, evade: Any) -> None:
    _tighten(onward)
    onward.own = segment(onward.b, "Ours")
    onward.sharing.put(
        f"memberships/sandbox={onward.b.sandbox.sandbox_id}/segment={onward.own}",
        KEYS,
        {key: (*key, SINCE) for key in EVERYONE_KNOWN},
    )
    given = onward.composed(f"{onward.own} OR {onward.pair.buyers}" if evade is _names_an_export_label else onward.own)
    flow = onward.activated(given)
    assert onward.given(flow, given) == names(*EVERYONE_KNOWN)
    evade(onward, given)
    assert onward.given(flow, given) == set()
    found = onward.explained(given)
    assert {each["policyName"] for each in found["violations"]} == {"Spring"}


@pytest.mark.parametrize("how", ["unshare", "disconnect"])
def test_what_ends_the_feed_takes_its_members_out(onward: Onward, how: str) -> None:
    buyers = onward.pair.buyers
    without = onward.composed(f"{onward.pair.visitors} AND NOT {buyers}")
    flow = onward.activated(buyers, without)
    body = {"connectionId": onward.pair.connection}
    if how == "unshare":
        answer = onward.pair.a.call(feeds, "POST", f"feeds/{onward.sharing.feed}/unshare", body)
    else:
        answer = onward.pair.a.call(connect, "POST", f"connections/{onward.pair.connection}/disconnect", {})
    assert answer.status in {200, 204}, answer.body
    assert onward.given(flow, buyers, without) == set()
    found = onward.explained(buyers)
    assert (found["allowed"], found["lostSegmentIds"]) == (False, [buyers])
    assert found["resolve"] == [f"have {buyers} received again"]
    assert onward.explained(without)["lostSegmentIds"] == sorted([buyers, onward.pair.visitors])


@pytest.mark.parametrize("check", [False, True])
def test_the_receivers_own_consent_holds(onward: Onward, check: bool) -> None:
    sandbox = onward.b.sandbox.sandbox_id
    assert onward.b.call(feeds, "PATCH", "", {"settings": {"checkOwnConsent": check}}).status == 200
    buyers = onward.pair.buyers
    flow = onward.activated(buyers)
    profiles: dict[Identity, Profile] = {key: Profile() for key in EVERYONE_KNOWN} | {SECOND: Profile(share="n")}
    onward.sharing.profiles(sandbox, profiles)
    onward.sharing.dirty()
    assert onward.given(flow, buyers) == names(FIRST, THIRD)


def test_a_segment_that_two_feeds_bring_has_each_member_once_and_both_terms(onward: Onward) -> None:
    buyers = onward.pair.buyers
    onward.pair.published(name="Summer", restrictedMarketingActions=["data_science"])
    assert onward.pair.decide("enable").status == 200
    flow = onward.activated(buyers)
    assert onward.given(flow, buyers) == names(*EVERYONE_KNOWN)
    assert runs.delivered(flow) == len(EVERYONE_KNOWN)
    onward.doing("data_science", "analytics")
    assert onward.given(flow, buyers) == set()
    assert {each["policyName"] for each in onward.explained(buyers)["violations"]} == {"Spring", "Summer"}


def test_a_recency_of_what_is_received_counts_from_when_it_came(
    onward: Onward, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyers = onward.pair.buyers
    lately = onward.composed(f"FREQUENCY([{buyers}] <= 2D) >= 1")
    flow = onward.activated(lately)
    assert onward.given(flow, lately) == names(*EVERYONE_KNOWN)
    later = clock.now() + timedelta(days=4)
    monkeypatch.setattr(clock, "now", lambda: later)
    recency.run_overdue()
    assert onward.given(flow, lately) == set()


def test_a_partner_is_told_nothing_of_what_is_given_on(onward: Onward) -> None:
    onward.activated(onward.pair.buyers)
    log = list(journal.log(onward.pair.a.sandbox.sandbox_id))
    onward.sharing.members(onward.pair.buyers, FIRST)
    onward.sharing.dirty()
    onward.run()
    new = list(journal.log(onward.pair.a.sandbox.sandbox_id))[len(log) :]
    assert [(record["type"], record["subject"]) for record in new] == [("dataflow.completed", onward.sharing.dataflow)]


@pytest.mark.parametrize("asked_at", ["sender", "receiver"])
def test_who_is_erased_leaves_the_receivers_destinations_within_the_same_chain(stores: None, asked_at: str) -> None:
    ring = ring_of(organizations())
    received, own = ring.segments["sandbox a"], ring.segments["sandbox b"]
    flow = str(activate(ring.b, set_up(ring.b), received, own).body["dataflowId"])
    ring.work()
    ring.export()
    ann, bob = identity("email", ANN[1]), identity("email", BOB[1])

    def held(*named: Key) -> set[tuple[Key, str]]:
        rows = people.disclosures(flow, named)
        return {((row.hi, row.lo), row.segment_id) for row in rows if row.withdrawn_at is None}

    everything = {(key, segment_id) for key in (ann, bob) for segment_id in (received, own)}
    assert held(ann, bob) == everything
    automatic(ring.a.sandbox, ring.b.sandbox)
    ring.requested(ring.a if asked_at == "sender" else ring.b)
    ring.work()
    ring.export()
    # What the sender has delivered goes from everywhere; the receiver's own customer is another matter.
    stays = {(ann, own)} if asked_at == "sender" else set()
    assert held(ann, bob) == {(bob, received), (bob, own)} | stays
    values = {row.segment_id: row.has_value for row in people.disclosures(flow, [ann])}
    assert values == {received: asked_at == "sender", own: asked_at == "sender"}


def test_who_says_no_to_the_sender_leaves_the_receivers_destinations(onward: Onward) -> None:
    buyers = onward.pair.buyers
    flow = onward.activated(buyers)
    sender = onward.pair.a.sandbox.sandbox_id
    onward.sharing.profiles(sender, {FIRST: Profile(share="n"), SECOND: Profile(), THIRD: Profile()})
    onward.sharing.dirty()
    assert onward.given(flow, buyers) == names(SECOND, THIRD)
