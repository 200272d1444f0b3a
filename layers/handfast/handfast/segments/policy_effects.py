"""What a change of labels or policies does to running dataflows: which of their segments stop, which go on.

Every change of what governs a sandbox's data is written by `commit`, with the runs that carry it out and the records
of both sides.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched, chain
from typing import Any

from handfast.dataflows import outbox, runs
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Dataflow, named
from handfast.governance import store as governance
from handfast.governance.marketing_actions import PARTNER_ACTIONS, of_target
from handfast.governance.models import PartnerTerms, Rulebook
from handfast.governance.policies import Violation
from handfast.journal.models import Actor, Event, Sandbox
from handfast.partners import other_side
from handfast.platform.table import Write
from handfast.segments import composing, labelled, store
from handfast.segments.models import AffectedDataflow, RulesPreview, Segment, StoppedSegment, ViolationView

type _ReadTerms = Callable[[str], Mapping[str, Sequence[PartnerTerms]]]

_AT_ONCE = 30
"""Dataflows whose runs and records fit into one transaction beside the change."""
_READ_TERMS: list[_ReadTerms] = []


def reads_terms(read: _ReadTerms) -> _ReadTerms:
    """Make known what reads the partners' terms for each segment that a sandbox receives, which a target must keep."""
    _READ_TERMS.append(read)
    return read


@dataclass(frozen=True)
class Change:
    """What governs a sandbox's data before and after a change: its rulebook, and the segments whose labels change."""

    sandbox_id: str
    before: Rulebook
    after: Rulebook
    old: Mapping[str, Segment]
    new: Mapping[str, Segment]

    @classmethod
    def of_rules(cls, sandbox_id: str, before: Rulebook, after: Rulebook) -> "Change":
        """A change of the rulebook, which may concern any segment."""
        return cls(sandbox_id, before, after, {}, {})

    @classmethod
    def of_segment(cls, rules: Rulebook, old: Segment, new: Segment) -> "Change":
        """A change of one segment's labels or expression, which the segments change with that are composed of it."""
        composed = composing.dependents(old.sandbox_id, old.segment_id)
        after = {name: composing.with_part(found, new) for name, found in composed.items()}
        return cls(old.sandbox_id, rules, rules, {old.segment_id: old, **composed}, {new.segment_id: new, **after})

    def recomposes(self, segment_ids: Iterable[str]) -> bool:
        """Whether the change makes one of these segments of other ones."""
        return any(
            composing.rules_of([self.old[name]]) != composing.rules_of([self.new[name]])
            for name in segment_ids
            if name in self.new
        )


@dataclass(frozen=True)
class Effect:
    """What a change does to one dataflow: segments that stop, each with what forbids it, and those that go on.

    `recomposed`: whether one of its segments is made of other ones than before.
    """

    flow: Dataflow
    stopped: Mapping[str, list[Violation]]
    resumed: tuple[str, ...]
    recomposed: bool = False


def effects(change: Change) -> list[Effect]:
    """What the change does to the dataflows out of the sandbox that have not ended."""
    touching = dataflows.dataflows_touching(change.sandbox_id, change.new or None)
    flows = [flow for flow in touching if flow.source.is_sandbox(change.sandbox_id) and flow.status != "closing"]
    read: dict[str, Segment | None] = {}
    terms = _Terms(change.sandbox_id)
    found = (_effect(change, flow, read, terms) for flow in flows)
    return [effect for effect in found if effect.stopped or effect.resumed or effect.recomposed]


@dataclass
class _Terms:
    """The partners' terms for what a sandbox has received, read when they are first asked for."""

    sandbox_id: str
    read: Mapping[str, Sequence[PartnerTerms]] | None = None

    def of(self, own: Segment) -> list[PartnerTerms]:
        """The terms of a segment."""
        parts = composing.received_parts(own)
        if parts and self.read is None:
            self.read = dict(chain.from_iterable(read(self.sandbox_id).items() for read in _READ_TERMS))
        return [terms for name in parts for terms in (self.read or {}).get(name, ())]


def _effect(change: Change, flow: Dataflow, read: dict[str, Segment | None], terms: _Terms) -> Effect:
    actions = of_target(flow.target.kind, flow.target.about)
    stopped: dict[str, list[Violation]] = {}
    resumed: list[str] = []
    for segment_id in flow.segment_ids:
        if segment_id not in change.new and segment_id not in read:
            read[segment_id] = None if change.new else _carried(change.sandbox_id, flow, segment_id)
        old, new = (part.get(segment_id) or read.get(segment_id) for part in (change.old, change.new))
        if old is None or new is None:
            continue
        before = labelled.forbidden(old, change.before, actions, terms.of(old))
        after = labelled.forbidden(new, change.after, actions, terms.of(new))
        if after and not before:
            stopped[segment_id] = after
        elif before and not after:
            resumed.append(segment_id)
    return Effect(flow, stopped, tuple(resumed), change.recomposes(flow.segment_ids))


def _carried(sandbox_id: str, flow: Dataflow, segment_id: str) -> Segment | None:
    """A segment that a dataflow carries: to destinations received ones too, which are none of the sandbox's own."""
    own = store.segment(sandbox_id, segment_id)
    return own or (composing.received(sandbox_id, segment_id, segment_id) if flow.target.partner is None else None)


def commit(change: Change, writes: Sequence[Write], events: Sequence[Event], actor: Actor, sandbox: Sandbox) -> None:
    """Write a change of what governs the data, with the runs that carry it out and the records of both sides.

    The first of the writes decides what a lost condition means. Raises ConditionFailed when one of them is refused,
    or another such change came in between; then all that was read has to be read again.
    """
    reason = events[0].type
    parts = list(batched(effects(change), _AT_ONCE, strict=False)) or [()]
    fenced = [*writes, governance.fence(change.sandbox_id, change.before)]
    _commit(parts[0], fenced, events, reason, actor, sandbox)
    for part in parts[1:]:
        _commit(part, [], [], reason, actor, sandbox)


def _commit(
    part: Sequence[Effect],
    writes: Sequence[Write],
    events: Sequence[Event],
    reason: str,
    actor: Actor,
    sandbox: Sandbox,
) -> None:
    told = [event for effect in part for event in _events(effect, reason, actor, sandbox)]
    due = [runs.new_run(effect.flow.dataflow_id, reason) for effect in part]
    outbox.commit(writes, [*events, *told], due)


def _events(effect: Effect, reason: str, actor: Actor, sandbox: Sandbox) -> list[Event]:
    """The records in both logs. The partner learns which segments, and that a policy is why, and nothing of labels."""
    flow, partner = effect.flow, effect.flow.target.partner
    events: list[Event] = []
    named = {"policy.violated": tuple(effect.stopped), "policy.resolved": effect.resumed}
    for event_type, segment_ids in named.items():
        if not segment_ids:
            continue
        common = {"name": flow.name, "segmentIds": list(segment_ids)}
        violations = [
            {"segmentId": segment_id} | ViolationView.of(found).model_dump(by_alias=True)
            for segment_id in segment_ids
            for found in effect.stopped.get(segment_id, ())
        ]
        own = common | {"cause": reason} | ({"violations": violations} if violations else {})
        events.append(Event(sandbox.sandbox_id, event_type, actor, flow.dataflow_id, own))
        if partner is not None:
            theirs = common | {"reason": "policy"}
            events.append(other_side.event(partner, event_type, sandbox, flow.dataflow_id, theirs))
    return events


def preview(change: Change) -> RulesPreview:
    """What the change would do: the sandbox's segments that partners or its targets could no longer be given, and
    its dataflows, with the members of what stops or goes on there.
    """
    found = [effect for effect in effects(change) if effect.stopped or effect.resumed]
    stopping = {segment_id: violations for effect in found for segment_id, violations in effect.stopped.items()}
    own = change.new.values() if change.new else store.segments(change.sandbox_id)
    known: dict[str, Segment] = {}
    for segment in own:
        known[segment.segment_id] = segment
        before = change.old.get(segment.segment_id, segment)
        after = labelled.forbidden(segment, change.after, PARTNER_ACTIONS)
        if after and not labelled.forbidden(before, change.before, PARTNER_ACTIONS):
            stopping.setdefault(segment.segment_id, after)
    names = {name: segment.name for name, segment in known.items()}
    return RulesPreview(
        segments=[
            StoppedSegment(
                segment_id=segment_id,
                name=names.get(segment_id),
                violations=list(map(ViolationView.of, violations)),
            )
            for segment_id, violations in sorted(stopping.items())
        ],
        dataflows=[
            AffectedDataflow(
                dataflow_id=effect.flow.dataflow_id,
                name=effect.flow.name,
                segment_ids=list(effect.stopped),
                resumed_segment_ids=list(effect.resumed),
                segments=named((*effect.stopped, *effect.resumed), names),
                **_counts([known[name] for name in effect.stopped if name in known], ("members", "people")),
                **_counts([known[name] for name in effect.resumed if name in known], ("resumed", "resumed_people")),
            )
            for effect in found
        ],
    )


def _counts(of: Collection[Segment], called: tuple[str, str]) -> dict[str, Any]:
    """The members of segments, and how many people these were when they were last counted, segment by segment.

    People are None where those of one segment never were.
    """
    people = [segment.people if segment.identities else 0 for segment in of]
    known = [number for number in people if number is not None]
    counts = (sum(segment.identities for segment in of), sum(known) if len(known) == len(people) else None)
    return dict(zip(called, counts, strict=True))
