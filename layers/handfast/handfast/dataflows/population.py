"""Why a dataflow's shared count differs from its segments' members, and what each side is told of it.

What is a function of one side's data alone is exact for that side and not shown to the other; what depends on both is
exact for the target, which holds it, and noised for the source (docs/security.md, What a number tells).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from handfast.dataflows import published, targets
from handfast.dataflows import states as dataflows_states
from handfast.dataflows.models import (
    Dataflow,
    NamespacePopulation,
    NotCounted,
    PopulationPeople,
    PopulationStep,
    PopulationView,
    PublishedTotals,
)
from handfast.identity.namespaces import namespace, namespace_of
from handfast.journal.models import Caller
from handfast.matching.models import FORM_UNKNOWN, JOINT_REASONS, REASONS, People
from handfast.partners import answer_budget, other_side

NOT_COUNTED = {
    "timing": "Each side counts at its own times: members as of the last run, people and one's own segments as of now,"
    " totals of a partner as of its day, and a partner's system when it evaluates.",
    "merge_rules": "Each side merges identities into people by its own rules: the same identities are more people for"
    " the one and fewer for the other, and a merge rule can take a person out of a segment.",
    "raw_only": "Identities that a side has in a form that cannot be matched, such as an address that was never hashed"
    " or an id of a CRM, are in its own counts and in no step here.",
}
"""What no step can count, by its reason, of counts in two systems that are each right."""

_OWN = tuple(reason for reason in REASONS if reason not in JOINT_REASONS)
_AT_PARTNER = tuple(reason for reason in REASONS if reason != FORM_UNKNOWN)
"""Those that a target which is a partner can have."""


def population(dataflow_id: str, people: People | None = None) -> PopulationView:
    """All of a dataflow's population, exactly, as a source is told it whose target is no partner."""
    return _view(dataflow_id, REASONS, people)


def for_source(caller: Caller, flow: Dataflow) -> PopulationView:
    """The population as the source is told it: its own steps exactly, and what the partner was given with noise."""
    from handfast.matching import population_people  # noqa: PLC0415 - DuckDB is for few routes

    partner, terms = flow.target.partner, targets.kind_of(flow).terms(flow)
    people = population_people.counted(terms)
    if partner is None:
        return population(flow.dataflow_id, people)
    steps = [reason for reason in _AT_PARTNER if reason in _OWN]
    own, told = _view(flow.dataflow_id, steps, people), published.totals(flow, terms)
    threshold = max(caller.on.overlap_threshold, other_side.overlap_threshold(partner))
    return own.model_copy(
        update={
            "shared": None,
            "namespaces": [_published(part, told, threshold) for part in own.namespaces],
            "shared_as_of": told.at if told else None,
            "privacy": answer_budget.loss(caller.sandbox_id, partner),
        }
    )


def _published(part: NamespacePopulation, told: PublishedTotals | None, threshold: int) -> NamespacePopulation:
    code = namespace(part.namespace).code if part.namespace else 0
    if told is None or code not in told.shared:
        return part.model_copy(update={"shared": None})
    below = published.is_below(told, code, threshold)
    estimate = None if below else published.interval(told, code, part.cleared or 0)
    return part.model_copy(update={"shared": None, "shared_estimate": estimate, "below_threshold": below})


def for_target(caller: Caller, flow: Dataflow) -> PopulationView:
    """The population as the target is told it: what it was given, and what comes before where the feed shows it."""
    whole = _view(flow.dataflow_id, _AT_PARTNER, None)
    if targets.kind_of(flow).shows_steps(flow, caller.sandbox_id):
        return whole
    hidden: dict[str, Any] = {"members": None, "steps": [], "cleared": None}
    given = [part.model_copy(update=hidden) for part in whole.namespaces if part.shared]
    return whole.model_copy(update=hidden | {"namespaces": given})


def _view(dataflow_id: str, steps: Sequence[str], people: People | None) -> PopulationView:
    """The population with steps of these reasons; whom another keeps back is cleared."""
    kept_back, shared = Counter[tuple[str, int]](), Counter[int]()
    for bucket in dataflows_states.states(dataflow_id):
        for reason, by_namespace in bucket.kept_back.items():
            kept_back.update({(reason, code): count for code, count in by_namespace.items()})
        for by_namespace in bucket.delivered.values():
            shared.update(by_namespace)
    parts = []
    for code in sorted({*shared, *(code for _, code in kept_back)}):
        here = {reason: kept_back[reason, code] for reason in REASONS}
        known = None if people is None else people.get(code, {})
        symbol = namespace_of(code).symbol if code else None
        numbers = _numbers(here, shared[code], steps, known)
        parts.append(NamespacePopulation(namespace=symbol, shared_estimate=None, below_threshold=None, **numbers))
    everywhere = Counter[str]()
    for (reason, _), count in kept_back.items():
        everywhere[reason] += count
    return PopulationView(
        namespaces=parts,
        shared_as_of=None,
        not_counted=_not_counted(),
        privacy=None,
        **_numbers(everywhere, shared.total(), steps, None if people is None else people.get(None, {})),
    )


def _not_counted() -> list[NotCounted]:
    return [NotCounted(reason=reason, text=text) for reason, text in NOT_COUNTED.items()]


def _numbers(
    kept_back: Mapping[str, int], shared: int, steps: Sequence[str], people: Mapping[str, int] | None
) -> dict[str, Any]:
    """The members with each step, in identities and in people, of all namespaces or one."""
    members = shared + sum(kept_back.values())
    counted = None
    if people is not None:
        counted = PopulationPeople(members=sum(people.values()), cleared=people.get("cleared", 0))
    return {
        "members": members,
        "steps": [
            PopulationStep(
                reason=reason,
                identities=kept_back[reason],
                people=None if people is None or reason in JOINT_REASONS else people.get(reason, 0),
            )
            for reason in steps
        ],
        "cleared": members - sum(kept_back[reason] for reason in _OWN),
        "shared": shared,
        "people": counted,
    }
