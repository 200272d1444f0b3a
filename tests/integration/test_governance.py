"""Labels, policies and data sources that stop and resume what is shared, and what both sides are told."""

from pathlib import Path
from typing import Any

import pytest

from functions.feeds import app as feeds
from functions.governance import app as governance
from functions.segments import app as segments
from handfast.dataflows import population
from tests.worlds.data_plane import value_of
from tests.worlds.exports import FIRST, THIRD, Export, shared
from tests.worlds.sandboxes import Answer, Member
from tests.worlds.sharing import Pair, log, pair_of, pointers, segment

PII = {"operator": "AND", "operands": [{"label": "C3"}, {"operator": "OR", "operands": [{"label": "I1"}]}]}


@pytest.fixture
def sharing(stores: None, tmp_path: Path) -> Export:
    found = shared(tmp_path)
    found.run()
    return found


@pytest.fixture
def pair(world: Any) -> Pair:
    return pair_of(world)


def held(sharing: Export) -> set[str]:
    """The segments that the receiver has members of."""
    return set().union(*sharing.held().values())


def label(owner: Member, segment_id: str, *labels: str, **query: str) -> Answer:
    return owner.call(segments, "PATCH", f"segments/{segment_id}", {"labels": list(labels)}, query=query)


def told(member: Member, event_type: str) -> list[Any]:
    from handfast.journal import store as journal

    return [dict(record) for record in journal.log(member.sandbox.sandbox_id) if record["type"] == event_type]


def test_a_policy_that_is_enabled_stops_one_segment_and_its_end_resumes_it(sharing: Export) -> None:
    pair = sharing.pair
    assert label(pair.a, pair.visitors, "C2").status == 200
    assert pair.exports() == []
    assert held(sharing) == {pair.buyers, pair.visitors}
    dry = pair.a.call(governance, "POST", "policies/restrict_third_party_export/enable", query={"dryRun": "true"})
    violation = {
        "policy": "restrict_third_party_export",
        "policyName": "Restrict third-party data export",
        "label": "C2",
        "marketingAction": "export_to_third_party",
        "from": {"entityType": "segment", "entityId": pair.visitors, "name": "Visitors"},
    }
    assert dry.body["segments"] == [{"segmentId": pair.visitors, "name": "Visitors", "violations": [violation]}]
    assert [flow["dataflowId"] for flow in dry.body["dataflows"]] == [sharing.dataflow]
    assert pair.exports() == []
    enabled = pair.a.call(governance, "POST", "policies/restrict_third_party_export/enable")
    assert (enabled.status, enabled.body["enabled"]) == (200, True)
    sharing.run()
    assert held(sharing) == {pair.buyers}
    found = population.population(sharing.dataflow)
    assert {step.reason: step.identities for step in found.steps}["policy"] == 2
    assert found.members == (found.shared or 0) + sum(step.identities for step in found.steps)
    (own,), (theirs,) = told(pair.a, "policy.violated"), told(pair.b, "policy.violated")
    assert own["detail"]["violations"] == [{"segmentId": pair.visitors} | violation]
    assert theirs["detail"] == {"name": "Spring", "segmentIds": [pair.visitors], "reason": "policy"}
    assert (own["subject"], theirs["subject"], theirs["actor"]["kind"]) == (
        sharing.dataflow,
        sharing.dataflow,
        "partner",
    )
    assert pair.a.call(governance, "POST", "policies/restrict_third_party_export/disable").status == 200
    sharing.run()
    assert held(sharing) == {pair.buyers, pair.visitors}
    assert [len(told(side, "policy.resolved")) for side in (pair.a, pair.b)] == [1, 1]


def test_publishing_is_refused_until_the_label_is_off(sharing: Export) -> None:
    pair = sharing.pair
    secret = segment(pair.a, "Secret", labels=["C11"])
    feed = pair.draft(segmentIds=[pair.buyers, secret])
    explained = pair.a.call(feeds, "POST", f"feeds/{feed}/explain").body["items"]
    assert [(item["segmentId"], item["allowed"], item["connectionId"]) for item in explained] == [
        (pair.buyers, True, pair.connection),
        (secret, False, pair.connection),
    ]
    refused = pair.publish(feed)
    assert (refused.status, refused.body["reason"]) == (422, "policy_violation")
    assert refused.body["violations"] == [{"segmentId": secret, **item} for item in explained[1]["violations"]]
    assert refused.body["resolve"] == explained[1]["resolve"]
    assert label(pair.a, secret).status == 200
    assert pair.publish(feed).status == 200


def test_a_label_stops_a_segment_at_once_and_off_it_goes_on(sharing: Export) -> None:
    pair = sharing.pair
    dry = label(pair.a, pair.buyers, "C11", dryRun="true")
    assert (dry.status, dry.body["dataflows"][0]["segmentIds"]) == (200, [pair.buyers])
    assert pair.a.call(segments, "GET", f"segments/{pair.buyers}").body["labels"] == []
    assert label(pair.a, pair.buyers, "C11").status == 200
    sharing.run()
    assert sharing.held() == {value_of(THIRD).decode(): {pair.visitors}}
    assert label(pair.a, pair.buyers).status == 200
    sharing.run()
    assert set(sharing.held()) == {value_of(FIRST).decode(), value_of(THIRD).decode()}


def test_policies_of_ones_own_deny_nested_expressions_and_can_be_replaced(sharing: Export) -> None:
    pair = sharing.pair
    body = {"name": "No direct ids", "marketingActions": ["data_export", "analytics"], "deny": PII, "enabled": True}
    dry = pair.a.call(governance, "POST", "policies", body)
    assert dry.status == 201, dry.body
    path = f"policies/{dry.body['policyId']}"
    assert (dry.body["status"], dry.body["core"], dry.body["deny"]) == ("ENABLED", False, PII)
    assert dry.body["marketingActionRefs"] == [
        "../marketingActions/core/dataExport",
        "../marketingActions/core/analytics",
    ]
    assert label(pair.a, pair.buyers, "C3").status == 200
    assert label(pair.a, pair.visitors, "I1").status == 200
    assert pair.exports() == []
    assert label(pair.a, pair.visitors, "I1", "C3").status == 200
    sharing.run()
    assert held(sharing) == {pair.buyers}
    relaxed = body | {"marketingActions": ["analytics"]}
    dry = pair.a.call(governance, "PUT", path, relaxed, query={"dryRun": "true"})
    assert dry.body["dataflows"][0]["resumedSegmentIds"] == [pair.visitors]
    assert pair.a.call(governance, "PUT", path, relaxed).status == 200
    sharing.run()
    assert held(sharing) == {pair.buyers, pair.visitors}
    assert pair.a.call(governance, "PUT", path, body).status == 200
    sharing.run()
    assert held(sharing) == {pair.buyers}
    assert pair.a.call(governance, "DELETE", path).status == 204
    sharing.run()
    assert held(sharing) == {pair.buyers, pair.visitors}
    assert pair.a.call(governance, "GET", path).status == 404


def test_the_policy_on_c11_stays_on_and_core_policies_as_they_are(pair: Pair) -> None:
    listed = pair.a.call(governance, "GET", "policies", query={"limit": "200"}).body["items"]
    assert [item["policyId"] for item in listed if item["enabled"]] == ["restrict_data_sharing"]
    off = pair.a.call(governance, "POST", "policies/restrict_data_sharing/disable")
    assert (off.status, off.body["current"]) == (409, "always_on")
    body = {"name": "Mine", "marketingActions": ["segment_match"], "deny": {"label": "C1"}}
    for method in ("PUT", "DELETE"):
        answer = pair.a.call(governance, method, "policies/restrict_data_export", body if method == "PUT" else None)
        assert (answer.status, answer.body["current"]) == (409, "core")


def test_no_label_looks_like_a_core_one(pair: Pair) -> None:
    alike = pair.a.call(governance, "PUT", "labels/c11", {"name": "Not for partners"})
    assert (alike.status, alike.body["current"]) == (409, "core")


def test_a_custom_label_is_kept_while_it_is_used(pair: Pair) -> None:
    unknown = pair.a.call(segments, "POST", "segments", {"name": "Loyal", "labels": ["C2", "loyal"]})
    assert (unknown.status, pointers(unknown)) == (422, ["/labels/1"])
    put = pair.a.call(governance, "PUT", "labels/loyal", {"name": "Loyalty data"})
    assert (put.status, put.body["custom"]) == (200, True)
    mine = segment(pair.a, "Loyal", labels=["loyal", "C2"])
    assert pair.a.call(segments, "GET", f"segments/{mine}").body["labels"] == ["C2", "loyal"]
    used = pair.a.call(governance, "DELETE", "labels/loyal")
    assert (used.status, used.body["current"], used.body["segmentIds"]) == (409, "in_use", [mine])
    assert label(pair.a, mine).status == 200
    policy = {"name": "Loyal", "marketingActions": ["analytics"], "deny": {"label": "loyal"}}
    policy_id = pair.a.call(governance, "POST", "policies", policy).body["policyId"]
    used = pair.a.call(governance, "DELETE", "labels/loyal")
    assert (used.status, used.body["policyIds"]) == (409, [policy_id])
    assert pair.a.call(governance, "DELETE", f"policies/{policy_id}").status == 204
    assert pair.a.call(governance, "DELETE", "labels/loyal").status == 204
    assert pair.b.call(governance, "GET", "labels/loyal").status == 404
    codes = [item["code"] for item in pair.a.call(governance, "GET", "labels", query={"limit": "200"}).body["items"]]
    assert codes[0] == "C1"
    assert "loyal" not in codes


def test_a_marketing_action_of_ones_own_is_used_by_policies_and_feeds_and_deleted_once_it_is_not(
    sharing: Export,
) -> None:
    pair, path = sharing.pair, "marketing-actions/loyalty_mailing"
    body = {"name": "Loyalty mailing", "description": "By post"}
    policy = {"name": "No mail", "marketingActions": ["loyalty_mailing"], "deny": PII, "enabled": True}
    refused = pair.a.call(governance, "POST", "policies", policy)
    assert (refused.status, pointers(refused)) == (422, ["/marketingActions/0"])
    refused = pair.a.call(feeds, "PATCH", f"feeds/{sharing.feed}", {"restrictedMarketingActions": ["loyalty_mailing"]})
    assert (refused.status, pointers(refused)) == (422, ["/restrictedMarketingActions/0"])
    for _ in range(2):
        made = pair.a.call(governance, "PUT", path, body)
        assert (made.status, made.body["custom"], made.body["name"]) == (200, True, "Loyalty mailing")
    assert made.body["marketingActionRef"] == "../marketingActions/custom/loyalty_mailing"
    listed = pair.a.call(governance, "GET", "marketing-actions").body["items"]
    assert (len(listed), listed[0]["code"], listed[-1]) == (13, "analytics", made.body)
    by_reference = policy | {"marketingActionRefs": [made.body["marketingActionRef"]], "marketingActions": None}
    dry = pair.a.call(governance, "POST", "policies", by_reference, query={"dryRun": "true"})
    assert (dry.body["dryRun"], dry.body["dataflows"]) == (True, []), "sharing is another action"
    assert "Location" not in dry.headers
    rule = pair.a.call(governance, "POST", "policies", by_reference)
    assert (rule.status, rule.body["marketingActions"]) == (201, ["loyalty_mailing"])
    asked = pair.a.call(governance, "GET", f"{path}/constraints", query={"labels": "C3,I1"})
    assert [found["policyId"] for found in asked.body["violatedPolicies"]] == [rule.body["policyId"]]
    restricted = {"restrictedMarketingActions": ["loyalty_mailing", "analytics"]}
    assert pair.a.call(feeds, "PATCH", f"feeds/{sharing.feed}", restricted).status == 200
    assert pair.publish(sharing.feed).status == 200
    assert pair.received()["restrictedMarketingActions"] == ["loyalty_mailing", "analytics"]
    used = pair.a.call(governance, "DELETE", path)
    assert (used.status, used.body["current"]) == (409, "in_use")
    assert (used.body["policyIds"], used.body["feedIds"]) == ([rule.body["policyId"]], [sharing.feed])
    assert pair.a.call(governance, "DELETE", f"policies/{rule.body['policyId']}").status == 204
    assert pair.a.call(feeds, "DELETE", f"feeds/{sharing.feed}").status == 204
    assert pair.a.call(governance, "DELETE", path).status == 204
    assert pair.a.call(governance, "GET", path).status == 404
    assert [kind for kind, _ in log(pair.a) if kind.startswith("marketing")] == [
        "marketing_action.created",
        "marketing_action.changed",
        "marketing_action.deleted",
    ]


def test_core_marketing_actions_stay_as_they_are(pair: Pair) -> None:
    for method, body in (("PUT", {}), ("DELETE", None)):
        answer = pair.a.call(governance, method, "marketing-actions/emailTargeting", body)
        assert (answer.status, answer.body["current"]) == (409, "core")
    assert pair.a.call(governance, "GET", "marketing-actions/emailTargeting").body["code"] == "email_targeting"
    for code in ("Loyalty", "1st", "x" * 41):
        assert pair.a.call(governance, "PUT", f"marketing-actions/{code}", {}).status == 404


def test_a_new_policy_is_tried_first(sharing: Export) -> None:
    pair = sharing.pair
    assert label(pair.a, pair.visitors, "C3").status == 200
    body = {"name": "Mine", "marketingActions": ["data_export"], "deny": {"label": "C3"}, "enabled": True}
    dry = pair.a.call(governance, "POST", "policies", body, query={"dryRun": "true"})
    assert [found["segmentId"] for found in dry.body["segments"]] == [pair.visitors]
    assert dry.body["dataflows"][0]["segmentIds"] == [pair.visitors]
    assert pair.exports() == []
    assert not [found for found in pair.a.call(governance, "GET", "policies").body["items"] if not found["core"]]


def test_what_a_policy_keeps_from_export_is_in_no_file(sharing: Export) -> None:
    pair, body = sharing.pair, {"format": "csv"}
    composed = segment(pair.a, "Some visitors", expression=pair.visitors)
    received = f"received-feeds/{pair.received()['receivedFeedId']}/members/export"
    paths = [(pair.a, [f"segments/{name}/members/export" for name in (pair.visitors, composed)]), (pair.b, [received])]
    assert label(pair.a, pair.visitors, "C12").status == 200
    source = pair.b.call(governance, "PATCH", "data-sources/ds_audience_sharing", {"labels": ["C12"]})
    assert source.status == 200
    for member, path in ((member, path) for member, found in paths for path in found):
        assert member.call(segments, "POST", path, body).status == 201, "no policy is enabled"
    for member, exports in paths:
        assert member.call(governance, "POST", "policies/restrict_data_export/enable").status == 200
        for path in exports:
            refused = member.call(segments, "POST", path, body)
            assert (refused.status, refused.body["reason"]) == (422, "policy_violation")
            (violation,) = refused.body["violations"]
            assert (violation["label"], violation["marketingAction"]) == ("C12", "data_export")
            assert "disable the policy Restrict data export" in refused.body["resolve"]
            assert not any("feed" in text for text in refused.body["resolve"])
    assert pair.a.call(segments, "POST", f"segments/{pair.buyers}/members/export", body).status == 201


def test_terms_and_labels_of_what_is_received_are_evaluated(sharing: Export) -> None:
    pair = sharing.pair
    expression = {"name": "Mixed", "expression": f"{pair.buyers} AND NOT {pair.visitors}"}
    mixed = pair.b.call(segments, "POST", "segments", expression).body["segmentId"]
    mine = segment(pair.b, "Mine")
    assert pair.b.call(governance, "PATCH", "data-sources/ds_audience_sharing", {"labels": ["C9"]}).status == 200
    assert pair.b.call(governance, "POST", "policies/restrict_data_science/enable").status == 200
    (received,) = pair.b.call(feeds, "GET", "received-feeds").body["items"]

    def violated(action: str, segment_id: str) -> list[str]:
        entities = [{"entityType": "segment", "entityId": segment_id}]
        answer = pair.b.call(governance, "POST", f"marketing-actions/{action}/constraints", {"entities": entities})
        question = {"evalRef": f"/marketingActions/core/{action}/constraints", "entityList": entities}
        (in_bulk,) = pair.b.call(governance, "POST", "bulk-eval", [question]).body
        assert (answer.status, in_bulk["status"]) == (200, 200)
        assert in_bulk["body"]["violatedPolicies"] == answer.body["violatedPolicies"]
        assert answer.body["labels"] == ([] if segment_id == mine else ["C9"])
        return [policy["policyId"] for policy in answer.body["violatedPolicies"]]

    for segment_id in (pair.buyers, mixed):
        assert violated("email_targeting", segment_id) == [received["receivedFeedId"]]
        assert violated("data_science", segment_id) == ["restrict_data_science"]
        assert violated("onsite_advertising", segment_id) == []
    assert violated("email_targeting", mine) == []
    # What the sender shares of its own has no terms of a partner's.
    entities = [{"entityType": "segment", "entityId": pair.buyers}]
    body = {"entities": entities}
    own = pair.a.call(governance, "POST", "marketing-actions/email_targeting/constraints", body)
    assert own.body["violatedPolicies"] == []
    assert (
        pair.a.call(feeds, "POST", f"feeds/{received['feedId']}/unshare", {"connectionId": pair.connection}).status
        == 200
    )
    path = "marketing-actions/email_targeting/constraints"
    assert pair.b.call(governance, "POST", path, body).status == 404
