"""Labels, policies and export controls, against tables written by hand and a reference in a few lines."""

import os
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from handfast.governance import export_controls, marketing_actions
from handfast.governance.export_controls import ROWS
from handfast.governance.expressions import Deny, because, fits, is_met, labels_of
from handfast.governance.labels import LABELS, is_code
from handfast.governance.marketing_actions import MARKETING_ACTION_DESCRIPTIONS, PARTNER_ACTIONS
from handfast.governance.policies import (
    ALWAYS_ON,
    CORE_POLICIES,
    Carried,
    Origin,
    Policy,
    resolutions,
    violated,
    violations,
)
from handfast.policy_service.models import PutPolicy

# Adobe's pairs, with labels that Adobe says others encompass (docs/governance.md, Core policies).
CORE = {
    "restrict_third_party_export": ("export_to_third_party", {"C2"}),
    "restrict_combination_with_pii": ("combine_with_pii", {"C3"}),
    "restrict_email_targeting": ("email_targeting", {"C4", "C5"}),
    "restrict_cross_site_targeting": ("cross_site_targeting", {"C4", "C5"}),
    "restrict_onsite_advertising": ("onsite_advertising", {"C4", "C6"}),
    "restrict_onsite_personalization": ("onsite_personalization", {"C4", "C7"}),
    "restrict_usage_analytics": ("analytics", {"C8"}),
    "restrict_data_science": ("data_science", {"C9"}),
    "restrict_single_identity_personalization": ("single_identity_personalization", {"C10"}),
    "restrict_data_sharing": ("segment_match", {"C11"}),
    "restrict_data_export": ("data_export", {"C12"}),
    "restrict_data_collaboration": ("data_collaboration", {"C4", "C5", "C9"}),
}
# Seed 003, both of its tables: control, label, export label, marketing action.
CONTROLS = [
    ("no_combination_with_pii", "C3", "combination_with_pii", "combine_with_pii"),
    ("no_offsite_ad_targeting", "C5", "offsite_ad_targeting", "cross_site_targeting"),
    ("no_onsite_ad_targeting", "C6", "onsite_ad_targeting", "onsite_advertising"),
    ("no_onsite_personalization", "C7", "onsite_ad_personalization", "onsite_personalization"),
]
ACTIONS = tuple(MARKETING_ACTION_DESCRIPTIONS)
SOME_LABELS = ("C1", "C3", "I1", "loyal")
EXAMPLES = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 200


def enabled(policy: Policy) -> Policy:
    return Policy(
        policy.policy_id, policy.name, None, "ENABLED", policy.marketing_actions, policy.deny, core=policy.core
    )


def policy(deny: Deny, *actions: str, status: Any = "ENABLED", name: str = "pol_1") -> Policy:
    return Policy(name, name, None, status, actions or ("segment_match",), deny)


def on(segment_id: str, *labels: str) -> list[Carried]:
    return [Carried(label, Origin("segment", segment_id, segment_id)) for label in labels]


@pytest.mark.parametrize(("name", "label", "action"), list(product(CORE, LABELS, ACTIONS)))
def test_a_core_policy_forbids_what_the_table_says_once_it_is_enabled(name: str, label: str, action: str) -> None:
    forbidden_action, labels = CORE[name]
    found = violated([enabled(CORE_POLICIES[name])], {label}, {action})
    assert bool(found) == (label in labels and action == forbidden_action)


def test_core_policies_are_off_but_for_the_one_that_segment_match_needs() -> None:
    assert CORE_POLICIES.keys() == CORE.keys()
    assert [name for name, found in CORE_POLICIES.items() if found.status == "ENABLED"] == [ALWAYS_ON]


def test_labels_of_two_segments_do_not_combine() -> None:
    both = Deny(operator="AND", operands=[Deny(label="C3"), Deny(label="I1")])
    policies = [policy(both)]
    assert violations(policies, on("seg_1", "C3"), PARTNER_ACTIONS) == []
    assert violations(policies, on("seg_2", "I1"), PARTNER_ACTIONS) == []
    found = violations(policies, on("seg_3", "C3", "I1"), PARTNER_ACTIONS)
    assert [(each.policy, each.label, each.marketing_action) for each in found] == [
        ("pol_1", "C3", "segment_match"),
        ("pol_1", "I1", "segment_match"),
    ]
    assert resolutions(found) == [
        "take the label C3 off the segment seg_3, where it does not apply",
        "disable the policy pol_1",
        "take the label I1 off the segment seg_3, where it does not apply",
        "leave the segment out of the feed",
    ]


def test_nobody_is_advised_to_disable_what_is_always_on() -> None:
    found = violations(CORE_POLICIES.values(), on("seg_1", "C11"), PARTNER_ACTIONS)
    assert not any("disable" in text for text in resolutions(found))


@pytest.mark.parametrize("status", ["DRAFT", "ENABLED", "DISABLED"])
@pytest.mark.parametrize("include_draft", [True, False])
def test_only_enabled_policies_count_and_drafts_where_they_are_asked_for(status: str, include_draft: bool) -> None:
    found = violated([policy(Deny(label="C1"), status=status)], {"C1"}, {"segment_match"}, include_draft=include_draft)
    assert bool(found) == (status == "ENABLED" or (status == "DRAFT" and include_draft))


def deny_of(tree: Any) -> Deny:
    if isinstance(tree, str):
        return Deny(label=tree)
    operator, operands = tree
    return Deny(operator=operator, operands=[deny_of(operand) for operand in operands])


def holds(tree: Any, labels: set[str]) -> bool:
    """The reference: what an expression denies, in plain Python."""
    if isinstance(tree, str):
        return tree in labels
    operator, operands = tree
    return (all if operator == "AND" else any)([holds(operand, labels) for operand in operands])


trees = st.recursive(
    st.sampled_from(SOME_LABELS),
    lambda inner: st.tuples(st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=12,
)
rules = st.lists(
    st.tuples(trees, st.sets(st.sampled_from(ACTIONS[:4]), min_size=1), st.sampled_from(["ENABLED", "DISABLED"])),
    max_size=4,
)
segments = st.dictionaries(st.sampled_from(["seg_1", "seg_2"]), st.sets(st.sampled_from(SOME_LABELS)))


@settings(max_examples=EXAMPLES, deadline=None)
@given(rules, segments, st.sets(st.sampled_from(ACTIONS[:4])))
def test_random_policies_forbid_what_a_reference_in_plain_python_does(
    given_rules: list[Any], carried: dict[str, set[str]], actions: set[str]
) -> None:
    policies = [
        policy(deny_of(tree), *sorted(about), status=status, name=f"pol_{number}")
        for number, (tree, about, status) in enumerate(given_rules)
    ]
    for segment_id, labels in carried.items():
        found = violations(policies, on(segment_id, *labels), actions)
        assert {(each.policy, each.marketing_action) for each in found} == {
            (f"pol_{number}", action)
            for number, (tree, about, status) in enumerate(given_rules)
            for action in about & actions
            if status == "ENABLED" and holds(tree, labels)
        }
        assert {each.label for each in found} <= labels


@settings(max_examples=EXAMPLES, deadline=None)
@given(trees, st.sets(st.sampled_from(SOME_LABELS)))
def test_the_labels_named_are_enough_to_be_forbidden(tree: Any, labels: set[str]) -> None:
    deny = deny_of(tree)
    named = because(deny, labels)
    assert named <= labels & set(labels_of(deny))
    assert is_met(deny, named) == is_met(deny, labels)


def test_a_policy_reads_in_both_shapes_and_is_written_without_what_it_lacks() -> None:
    deny = {"operator": "AND", "operands": [{"label": "C3"}, {"operator": "OR", "operands": [{"label": "I1"}]}]}
    own = PutPolicy.model_validate({"name": "a", "marketingActions": ["Email targeting"], "deny": deny})
    public = PutPolicy.model_validate(
        {
            "name": "a",
            "status": "DRAFT",
            "marketingActionRefs": ["https://example.com/dulepolicy/marketingActions/core/emailTargeting"],
            "deny": deny,
        }
    )
    assert own.actions == public.actions == ("email_targeting",)
    assert own.wanted_status == public.wanted_status == "DRAFT"
    assert own.deny.model_dump(by_alias=True) == deny
    assert marketing_actions.reference("email_targeting") == "../marketingActions/core/emailTargeting"


@pytest.mark.parametrize("action", ACTIONS)
def test_a_reference_to_a_marketing_action_reads_back(action: str) -> None:
    assert marketing_actions.as_code(marketing_actions.reference(action)) == action
    assert marketing_actions.as_code(action.replace("_", " ").capitalize()) == action


@pytest.mark.parametrize(
    "deny",
    [
        {},
        {"label": "C1", "operator": "AND", "operands": [{"label": "C2"}]},
        {"operator": "AND"},
        {"operands": [{"label": "C1"}]},
        {"operator": "AND", "operands": []},
        {"operator": "NOT", "operands": [{"label": "C1"}]},
        {"label": "no spaces"},
        {"label": "C1", "extra": 1},
    ],
)
def test_what_is_neither_a_label_nor_an_operator_is_refused(deny: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Deny).validate_python(deny)


def test_expressions_have_a_greatest_depth_and_size() -> None:
    deep = Deny(label="C1")
    for _ in range(7):
        deep = Deny(operator="OR", operands=[deep])
    assert fits(deep)
    assert not fits(Deny(operator="OR", operands=[deep]))
    many = Deny(operator="OR", operands=[Deny(label="C1")] * 100)
    assert fits(many)
    assert not fits(Deny(operator="AND", operands=[many, Deny(label="C2")]))


@pytest.mark.parametrize("code", ["loyal", "a" * 40, "A-b_9", *LABELS])
def test_a_label_has_a_plain_code(code: str) -> None:
    assert is_code(code)


@pytest.mark.parametrize("code", ["", "9a", "a b", "a/b", "a" * 41, "é", "loyal\n"])
def test_other_codes_are_refused(code: str) -> None:
    assert not is_code(code)


@pytest.mark.parametrize(("control", "label", "export_label", "action"), CONTROLS)
def test_a_row_of_the_export_controls_reads_both_ways(control: str, label: str, export_label: str, action: str) -> None:
    assert export_controls.labels([control]) == [label]
    assert export_controls.controls([label]) == [control]
    assert export_controls.marketing_actions([export_label]) == [action]
    assert export_controls.export_labels([action]) == [export_label]


def test_labels_and_actions_without_a_row_have_no_control() -> None:
    assert len(ROWS) == len(CONTROLS)
    assert export_controls.controls(set(LABELS) - {label for _, label, _, _ in CONTROLS}) == []
    assert export_controls.export_labels(set(ACTIONS) - {action for *_, action in CONTROLS}) == []


@pytest.mark.parametrize(("row", "destination"), list(product(CONTROLS, CONTROLS)))
def test_a_control_blocks_a_destination_with_the_matching_label_alone(
    row: tuple[str, ...], destination: tuple[str, ...]
) -> None:
    actions = export_controls.marketing_actions([destination[2]])
    blocked = export_controls.blocking([row[0]], actions)
    assert [each.control for each in blocked] == ([row[0]] if row == destination else [])
    assert export_controls.blocking([row[0]], []) == []
    assert export_controls.blocking([], actions) == []


def test_the_terms_of_a_received_feed_forbid_what_they_exclude() -> None:
    restricted = ["email_targeting", "analytics"]
    assert marketing_actions.allowed(restricted, ["data_science", "segment_match"])
    assert not marketing_actions.allowed(restricted, ["data_science", "analytics"])
    assert marketing_actions.refused(restricted, ["analytics", "email_targeting"]) == restricted
