"""Data usage policies: the core ones, custom ones, and what they say of labelled data.

The pairs of labels and marketing actions are those of Adobe's public pages, which no single one tabulates:
docs/governance.md, Core policies, says how well each is attested.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from handfast.governance.export_controls import ExportControl
from handfast.governance.expressions import Deny, because, is_met
from handfast.platform.wire import Packed, TableItem

type PolicyStatus = Literal["DRAFT", "ENABLED", "DISABLED"]

ALWAYS_ON = "restrict_data_sharing"
"""The core policy that Segment Match switches on by itself."""


@dataclass(frozen=True)
class Policy(TableItem):
    """What is denied for marketing actions, any one of which is enough, while the policy is enabled."""

    policy_id: str
    name: str
    description: str | None
    status: PolicyStatus
    marketing_actions: tuple[str, ...]
    deny: Packed[Deny]
    core: bool = False
    created_at: str | None = None
    updated_at: str | None = None
    revision: int = 1

    def applies(self, *, include_draft: bool = False) -> bool:
        """Whether the policy is looked at: while it is enabled, or a draft where drafts are asked for."""
        return self.status == "ENABLED" or (include_draft and self.status == "DRAFT")


def _any(*labels: str) -> Deny:
    operands = [Deny(label=label) for label in labels]
    return operands[0] if len(operands) == 1 else Deny(operator="OR", operands=operands)


def _core(policy_id: str, name: str, action: str, *labels: str) -> Policy:
    status: PolicyStatus = "ENABLED" if policy_id == ALWAYS_ON else "DISABLED"
    return Policy(policy_id, name, None, status, (action,), _any(*labels), core=True)


CORE_POLICIES: Mapping[str, Policy] = MappingProxyType(
    {
        policy.policy_id: policy
        for policy in (
            _core("restrict_third_party_export", "Restrict third-party data export", "export_to_third_party", "C2"),
            _core(
                "restrict_combination_with_pii",
                "Restrict directly identifiable data combination",
                "combine_with_pii",
                "C3",
            ),
            _core("restrict_email_targeting", "Restrict email targeting", "email_targeting", "C4", "C5"),
            _core("restrict_cross_site_targeting", "Restrict cross-site targeting", "cross_site_targeting", "C4", "C5"),
            _core("restrict_onsite_advertising", "Restrict onsite advertising", "onsite_advertising", "C4", "C6"),
            _core(
                "restrict_onsite_personalization",
                "Restrict onsite personalization",
                "onsite_personalization",
                "C4",
                "C7",
            ),
            _core("restrict_usage_analytics", "Restrict usage analytics and user based measurement", "analytics", "C8"),
            _core("restrict_data_science", "Restrict data science", "data_science", "C9"),
            _core(
                "restrict_single_identity_personalization",
                "Restrict single identity personalization",
                "single_identity_personalization",
                "C10",
            ),
            _core(ALWAYS_ON, "Restrict data sharing", "segment_match", "C11"),
            _core("restrict_data_export", "Restrict data export", "data_export", "C12"),
            _core("restrict_data_collaboration", "Restrict data collaboration", "data_collaboration", "C4", "C5", "C9"),
        )
    }
)
"""The core policies by id, as a new sandbox has them."""


@dataclass(frozen=True)
class Origin:
    """What carries a label: a segment itself, a column of uploads that feeds it, or a data source.

    Or what has terms of a partner's: a received feed.
    """

    entity_type: Literal["segment", "column", "dataSource", "receivedFeed"]
    entity_id: str
    name: str


@dataclass(frozen=True)
class Carried:
    """A label, and what carries it."""

    label: str
    origin: Origin


@dataclass(frozen=True)
class Violation:
    """A policy that forbids a marketing action for a label, and where the label comes from.

    An export control of a data source forbids it by itself, with the code and text of its row. The terms of a received
    feed forbid it whatever the labels: they have none, and its id and name.
    """

    policy: str
    policy_name: str
    label: str | None
    marketing_action: str
    origin: Origin


def violated(
    policies: Iterable[Policy], labels: Collection[str], actions: Collection[str], *, include_draft: bool = False
) -> list[Policy]:
    """The policies that forbid one of the actions for data with these labels.

    Labels count together only where the same data carry them all (Adobe's automatic enforcement): two segments with
    one label each do not meet a policy that denies both labels at once.
    """
    return [
        policy
        for policy in policies
        if policy.applies(include_draft=include_draft)
        and not set(policy.marketing_actions).isdisjoint(actions)
        and is_met(policy.deny, labels)
    ]


def violations(policies: Iterable[Policy], carried: Collection[Carried], actions: Collection[str]) -> list[Violation]:
    """What forbids the actions for data that carry these labels, one entry for each policy, action and label."""
    labels = {each.label for each in carried}
    return [
        Violation(policy.policy_id, policy.name, each.label, action, each.origin)
        for policy in violated(policies, labels, actions)
        for action in policy.marketing_actions
        if action in actions
        for each in carried
        if each.label in because(policy.deny, labels)
    ]


def resolutions(found: Iterable[Violation], leave: str | None = "leave the segment out of the feed") -> list[str]:
    """What would resolve the violations, in words; `leave`: that what is forbidden is not done, None for nothing."""
    texts: dict[str, None] = {}
    for each in found:
        if each.origin.entity_type == "receivedFeed":
            texts[f"have the partner allow {each.marketing_action} in its feed {each.origin.name}"] = None
            continue
        if each.policy in get_args(ExportControl):
            texts[f"take the export control {each.policy} off the data source {each.origin.name}"] = None
            continue
        kind = {"segment": "the segment", "column": "the column", "dataSource": "the data source"}[
            each.origin.entity_type
        ]
        texts[f"take the label {each.label} off {kind} {each.origin.name}, where it does not apply"] = None
        if each.policy != ALWAYS_ON:
            texts[f"disable the policy {each.policy_name}"] = None
    if texts and leave:
        texts[leave] = None
    return list(texts)
