"""What of a dataflow is held back: its overlap is below the minimum, or a guard of its source was reached.

A decision holds for a while, whatever the data become, so that it is no oracle on single identities. It is taken again
when the target's universe has grown (docs/security.md, What holds members back).
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta

from handfast.dataflows import holds, outbox, rules, store, targets
from handfast.dataflows import runs as dataflow_runs
from handfast.dataflows.models import Dataflow, HeldView, HoldDecision, ReleasePreview, Verdict, named
from handfast.dataflows.work import Work
from handfast.identity.namespaces import namespace_of
from handfast.journal.models import Actor, Caller, Event, Sandbox
from handfast.lake import buckets
from handfast.matching import guarding
from handfast.matching.models import BucketState, Guards, Held
from handfast.partners import answer_budget, other_side
from handfast.partners.models import PartnerRef
from handfast.platform import clock, table
from handfast.platform.objects import LostRaceError
from handfast.platform.optimistic import lost_condition_is
from handfast.platform.problems import Conflict, NotFound
from handfast.platform.table import ConditionFailed


def guards(source: Sandbox, partner: PartnerRef) -> Guards:
    """What has to hold before a partner is given anything new: the stricter minimum of both, else the source's."""
    return Guards(
        minimum=max(source.overlap_threshold, other_side.overlap_threshold(partner)),
        largest_share=source.partner_guards.largest_share,
        fastest_growth=source.partner_guards.fastest_growth,
    )


def held(dataflow_id: str, segment_ids: Iterable[str], namespaces: Sequence[int]) -> tuple[Held, ...]:
    """What is held back of segments in namespaces, by their codes: what has not been decided on is, too."""
    wanted = [(segment_id, code) for segment_id in segment_ids for code in namespaces]
    decided = holds.decision(dataflow_id) if wanted else None
    reasons = rules.held(decided)
    pairs = ((segment_id, code, reasons.get((segment_id, code), "below_minimum")) for segment_id, code in wanted)
    return tuple(Held(segment_id, code, reason) for segment_id, code, reason in pairs if reason is not None)


def is_due(work: Work) -> bool:
    """Whether it is to be decided what is held back before this work is done."""
    if work.terms.guards is None or work.terms.paused:
        return False
    decided = holds.decision(work.dataflow_id)
    if rules.is_due(decided, work.terms, work.run, clock.now()):
        return True
    if decided is not None and decided.held():
        holds.call_for_look(work.dataflow_id)
    return False


def has_grown(work: Work, universe: int) -> bool:
    """Whether the target knows so many more identities than at the last decision that it is to be taken again."""
    if work.terms.guards is None or work.terms.paused:
        return False
    decided = holds.decision(work.dataflow_id)
    return decided is not None and rules.has_grown(universe, decided.universe)


def decide(work: Work, universe: int = 0) -> None:
    """Decide what is held back, of a target that knows at least `universe` identities; both sides are told of changes.

    Where it is due by time alone, it costs answers about the target, and where none are left of the day's the one
    before stays. Where other spans may have been reconciled by that, a run over all of them follows. Raises
    LostRaceError when somebody decides at the same time, or an object that it reads is replaced.
    """
    from handfast.matching import weighing  # noqa: PLC0415 - DuckDB is for few functions

    terms, flow, old = work.terms, store.dataflow(work.dataflow_id), holds.decision(work.dataflow_id)
    if terms.guards is None or terms.partner is None or flow is None:
        return
    partner, pairs = terms.partner, len(terms.segments) * len(terms.namespaces)
    is_free = bool(universe) or rules.is_called_for(old, terms, work.run, clock.now())

    def may_go_on() -> bool:
        return is_free or answer_budget.take(terms.source, partner, guarding.answers(pairs))

    weighed = weighing.weigh(terms, work.dataflow_id, terms.guards, answer_budget.draws, may_go_on)
    if weighed is None:
        return
    new = rules.decided(work.dataflow_id, old, weighed, terms, clock.now(), universe)
    changed = rules.reasons(new) != rules.reasons(old)
    runs = []
    if old is not None and rules.held(new) != rules.held(old) and len(buckets.span_names()) > 1:
        runs = [dataflow_runs.new_run(work.dataflow_id, "guards.decided")]
    events = _events(flow, new, None) if changed and (old or new.held()) else []
    try:
        outbox.commit(holds.put_decision(new, over=old, look_at=_next_look()), events, runs)
    except ConditionFailed as failed:
        raise LostRaceError(f"another worker decided on {work.dataflow_id}") from failed


def _next_look() -> str:
    return clock.to_text(clock.now() + rules.HELD_FOR)


def look_again_overdue() -> None:
    """Begin a run of each dataflow that waits for another decision and may have one; one that ends waits no longer."""
    for look in holds.looks_due(clock.now_text()):
        flow = store.dataflow(look.dataflow_id)
        if flow is None or flow.status in {"closing", "closed"}:
            table.apply(holds.forget(look))
            continue
        if not look.is_called_for or flow.status == "paused":
            continue
        with suppress(ConditionFailed):
            table.apply(holds.postpone(look, clock.to_text(clock.now() + timedelta(hours=1))))
            outbox.mark_dirty(flow, "guards.decided")


def wait_for_age(dataflow_id: str, states: Iterable[BucketState]) -> None:
    """Have a dataflow reconciled once the first in its buckets has been known to the partner for long enough."""
    hours = [state.of_age for state in states if state.of_age is not None]
    if hours:
        holds.wait_for_age(dataflow_id, min(hours))


def come_of_age() -> None:
    """Begin a run of each dataflow somebody of whose has been known to the partner for long enough by now."""
    for wait in holds.ages_due(clock.hours(clock.now())):
        flow = store.dataflow(wait.dataflow_id)
        is_over = flow is None or flow.status in {"closing", "closed"}
        runs = [] if is_over else [dataflow_runs.new_run(wait.dataflow_id, "identities.of_age")]
        with suppress(ConditionFailed):
            outbox.commit([holds.of_age(wait)], [], runs)


def call_for_looks(sandbox_id: str) -> None:
    """Have the dataflows from and to a sandbox looked at again when that is due: its guards are others now."""
    for flow in store.dataflows(sandbox_id):
        holds.call_for_look(flow.dataflow_id)


def view(decided: HoldDecision | None, *, is_source: bool) -> list[HeldView]:
    """What of a dataflow is held back, as one of its sides sees it: which guard was reached is the source's matter."""
    return [_view(verdict, is_source=is_source) for verdict in (decided.held() if decided else ())]


def _view(verdict: Verdict, *, is_source: bool) -> HeldView:
    reason = verdict.reason or ""
    told = reason if is_source or reason == "below_minimum" else "guard"
    return pair_view(verdict.segment_id, verdict.namespace, told)


def pair_view(segment_id: str, code: int, reason: str) -> HeldView:
    """What is held back of a segment in a namespace, by its code."""
    return HeldView(segment_id=segment_id, namespace=namespace_of(code).symbol, reason=reason)


def preview_release(caller: Caller, dataflow_id: str) -> ReleasePreview:
    """What a release would let pass.

    Raises NotFound for an unknown dataflow, Conflict for the target's side and where no guard holds anything back.
    """
    flow, decided = _releasable(caller, dataflow_id)
    views = [_view(verdict, is_source=True) for verdict in decided.verdicts if rules.is_guarded(verdict)]
    names = targets.segment_names([flow], caller.sandbox_id)
    segments = named((view.segment_id for view in views), names)
    return ReleasePreview(dataflow_id=dataflow_id, name=flow.name, segments=segments, held=views)


def release(caller: Caller, dataflow_id: str) -> None:
    """Let pass what a guard holds back, and measure the target's growth from what it knows now.

    Raises NotFound for an unknown dataflow, Conflict for the target's side, where no guard holds anything back, and
    when it is decided on at the same time.
    """
    flow, decided = _releasable(caller, dataflow_id)
    new = rules.released(decided, clock.now_text())
    events, run = _events(flow, new, caller), dataflow_runs.new_run(dataflow_id, "dataflow.released")
    changed = Conflict("it was decided on the dataflow at the same time; read it again", current=flow.status)
    with lost_condition_is(changed):
        outbox.commit(holds.put_decision(new, over=decided, look_at=_next_look()), events, [run])


def _releasable(caller: Caller, dataflow_id: str) -> tuple[Dataflow, HoldDecision]:
    flow = store.dataflow_of(caller.sandbox_id, dataflow_id)
    if flow is None:
        raise NotFound("no such dataflow")
    if not flow.source.is_sandbox(caller.sandbox_id):
        detail = "only the source can release what its guards hold back"
        raise Conflict(detail, current=flow.status, direction="incoming")
    decided = holds.decision(dataflow_id)
    if decided is None or not any(map(rules.is_guarded, decided.verdicts)):
        raise Conflict("no guard holds back anything of this dataflow", current="nothing_held")
    return flow, decided


def _events(flow: Dataflow, decided: HoldDecision, caller: Caller | None) -> list[Event]:
    """A record for each side: what is held back now, or that nothing is any more."""
    event_type = "dataflow.held" if decided.held() and caller is None else "dataflow.released"

    def detail(*, is_source: bool) -> dict[str, object]:
        views = [_view(verdict, is_source=is_source) for verdict in decided.held()]
        return {"name": flow.name, "held": [view.model_dump(by_alias=True) for view in views]}

    own = detail(is_source=True)
    if caller is None:
        events = [other_side.event(flow.source, event_type, None, flow.dataflow_id, own)]
    else:
        events = [Event(caller.sandbox_id, event_type, Actor.of(caller), flow.dataflow_id, own)]
    if flow.target.partner is not None:
        sender, told = caller.on if caller else None, detail(is_source=False)
        events.append(other_side.event(flow.target.partner, event_type, sender, flow.dataflow_id, told))
    return events
