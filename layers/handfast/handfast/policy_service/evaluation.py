"""Whether a marketing action is allowed: of labels, of what carries them, or many questions at once.

Answers have the shape of Adobe's public Policy Service beside Handfast's own (docs/api.md, Governance).
"""

from collections.abc import Iterator, Mapping, Sequence

from handfast.governance import policies as rules_of
from handfast.governance import store
from handfast.governance.labels import in_order
from handfast.governance.marketing_actions import MARKETING_ACTION_DESCRIPTIONS, allowed, as_code, reference
from handfast.governance.models import AUDIENCE_SHARING, PartnerTerms, Rulebook
from handfast.journal.models import Caller
from handfast.platform import clock
from handfast.platform.problems import Malformed, NotFound, Problem, Refused
from handfast.policy_service import labels as known_labels
from handfast.policy_service.models import (
    BulkEvaluation,
    DiscoveredLabels,
    Entity,
    Evaluation,
    EvaluationAnswer,
    EvaluationProblem,
    PolicyExpression,
    PolicyView,
)
from handfast.policy_service.policies import view
from handfast.segments import composing, labelled
from handfast.segments import store as segments
from handfast.segments.models import Segment

type Received = Mapping[str, Sequence[PartnerTerms]]
"""The segments that a sandbox receives, each with the terms of the feeds that bring it."""


def split(*lists: str | None) -> list[str]:
    """The labels in lists that are separated by commas."""
    return in_order(label.strip() for text in lists if text for label in text.split(",") if label.strip())


def of_labels(caller: Caller, action: str, labels: Sequence[str], *, include_draft: bool) -> Evaluation:
    """Whether data with all of these labels may be used for the action.

    Raises NotFound for an unknown action, Refused without a label and for labels that the sandbox does not have.
    """
    return _of_labels(caller, store.rulebook(caller.sandbox_id), action, labels, include_draft=include_draft)


def _of_labels(
    caller: Caller, rules: Rulebook, action: str, labels: Sequence[str], *, include_draft: bool
) -> Evaluation:
    code = _action(rules, action)
    if not labels:
        raise Refused("name the labels that the data carry", reason="validation", pointer="/labels")
    known_labels.check(rules, labels, "/labels")
    found = rules_of.violated(rules.policies.values(), set(labels), {code}, include_draft=include_draft)
    return _evaluation(caller, code, labels, [], list(map(view, found)))


def of_entities(
    caller: Caller, action: str, entities: Sequence[Entity], received: Received, *, include_draft: bool
) -> Evaluation:
    """Whether the action is allowed with these segments, data sources and columns.

    Each segment is looked at by itself, since labels of two segments do not combine; data sources and columns are
    looked at together, as data that are used together. What the terms of a received segment exclude, in a composed one
    too, is answered like a violated policy. Raises NotFound for what there is not.
    """
    rules = store.rulebook(caller.sandbox_id)
    return _of_entities(caller, rules, action, entities, received, include_draft=include_draft)


def _of_entities(
    caller: Caller,
    rules: Rulebook,
    action: str,
    entities: Sequence[Entity],
    received: Received,
    *,
    include_draft: bool,
) -> Evaluation:
    code = _action(rules, action)
    discovered = [_discovered(caller, rules, entity, received) for entity in entities]
    together = {label for found in discovered if found.entity_type != "segment" for label in found.labels}
    sets = [set(found.labels) for found in discovered if found.entity_type == "segment"] + [together]
    violated: dict[str, PolicyView] = {}
    for carried in sets:
        for policy in rules_of.violated(rules.policies.values(), carried, {code}, include_draft=include_draft):
            violated[policy.policy_id] = view(policy)
    for terms in _terms(caller, entities, received):
        if not allowed(terms.marketing_actions, {code}):
            violated[terms.received_feed_id] = _terms_view(terms)
    labels = in_order(label for found in discovered for label in found.labels)
    return _evaluation(caller, code, labels, discovered, list(violated.values()))


def _terms(caller: Caller, entities: Sequence[Entity], received: Received) -> Iterator[PartnerTerms]:
    """The terms that hold for the segments among some entities."""
    for entity in entities if received else ():
        if entity.entity_type == "segment":
            own = segments.segment(caller.sandbox_id, entity.entity_id)
            for segment_id in composing.received_parts(own) if own else [entity.entity_id]:
                yield from received.get(segment_id, ())


def _terms_view(terms: PartnerTerms) -> PolicyView:
    """Terms as a policy is answered: they hold whatever the labels, which is an AND over nothing."""
    return PolicyView(
        policy_id=terms.received_feed_id,
        name=terms.name,
        description="What the partner excludes for the segments of this received feed",
        core=False,
        status="ENABLED",
        enabled=True,
        marketing_actions=list(terms.marketing_actions),
        marketing_action_refs=list(map(reference, terms.marketing_actions)),
        deny=PolicyExpression(operator="AND", operands=[]),
        created_at=terms.created_at,
        updated_at=terms.updated_at,
        version=terms.revision,
    )


def bulk(caller: Caller, questions: Sequence[BulkEvaluation], received: Received) -> list[EvaluationAnswer]:
    """The answers to many questions, each by itself: one that cannot be answered says why."""
    rules = store.rulebook(caller.sandbox_id)
    return [_answer(caller, rules, question, received) for question in questions]


def _answer(caller: Caller, rules: Rulebook, question: BulkEvaluation, received: Received) -> EvaluationAnswer:
    try:
        return EvaluationAnswer(status=200, body=_asked(caller, rules, question, received))
    except Problem as problem:
        body = EvaluationProblem(title=problem.title, detail=problem.detail)
        return EvaluationAnswer(status=problem.status, body=body)


def _asked(caller: Caller, rules: Rulebook, question: BulkEvaluation, received: Received) -> Evaluation:
    path = question.eval_ref.partition("?")[0].removesuffix("/constraints")
    action, draft = path.rpartition("/")[2], question.include_draft
    if question.labels is not None and question.entity_list is None:
        return _of_labels(caller, rules, action, question.labels, include_draft=draft)
    if question.entity_list is not None and question.labels is None:
        return _of_entities(caller, rules, action, question.entity_list, received, include_draft=draft)
    raise Malformed("give either labels or entityList")


def _action(rules: Rulebook, name: str) -> str:
    code = str(as_code(name))
    if rules.unknown_actions([code]):
        raise NotFound("no such marketing action", known=[*MARKETING_ACTION_DESCRIPTIONS, *rules.actions])
    return code


def _discovered(caller: Caller, rules: Rulebook, entity: Entity, received: Received) -> DiscoveredLabels:
    labels = _labels(caller, rules, entity, received)
    return DiscoveredLabels(entity_type=entity.entity_type, entity_id=entity.entity_id, labels=labels)


def _labels(caller: Caller, rules: Rulebook, entity: Entity, received: Received) -> list[str]:
    match entity.entity_type:
        case "segment" if entity.entity_id in received:
            return rules.sources[AUDIENCE_SHARING.data_source_id].carried
        case "segment":
            return labelled.labels_of(_segment(caller, entity.entity_id), rules)
        case "column":
            segment_id, _, column = entity.entity_id.partition("/")
            columns = _segment(caller, segment_id).column_labels
            if column not in columns:
                raise NotFound("no such labelled column feeds the segment")
            return in_order(columns[column])
        case "dataSource":
            if entity.entity_id not in rules.sources:
                raise NotFound("no such data source")
            return rules.sources[entity.entity_id].carried


def _segment(caller: Caller, segment_id: str) -> Segment:
    own = segments.segment(caller.sandbox_id, segment_id)
    if own is None:
        raise NotFound("no such segment")
    return own


def _evaluation(
    caller: Caller,
    action: str,
    labels: Sequence[str],
    discovered: list[DiscoveredLabels],
    violated: list[PolicyView],
) -> Evaluation:
    carried = in_order(labels)
    return Evaluation(
        marketing_action=action,
        marketing_action_ref=reference(action),
        labels=carried,
        dule_labels=carried,
        discovered_labels=discovered,
        violated_policies=violated,
        timestamp=int(clock.now().timestamp() * 1000),
        client_id=caller.principal_id,
        user_id=caller.principal_id,
        ims_org=caller.on.organization_id,
        sandbox_name=caller.on.name,
    )
