"""What other guards, or another minimum, would hold back of the dataflows out of a sandbox, and let pass.

It is decided as it would be, on overlaps with noise, and costs of the day's answers about a partner what a decision
that is due by time does. How fast the partner's universe has grown is looked at roughly: who asks with many guards
would learn its size (docs/security.md, What holds members back).
"""

from collections.abc import Mapping
from dataclasses import replace

from handfast.access.models import GuardChanges, GuardedPair
from handfast.dataflows import holding, holds, rules, store, targets
from handfast.dataflows.models import Dataflow, HoldDecision
from handfast.journal.models import Sandbox
from handfast.matching import guarding
from handfast.matching.guarding import Weighed
from handfast.matching.models import HoldReason, Terms
from handfast.partners import answer_budget
from handfast.platform import clock
from handfast.platform.objects import LostRaceError
from handfast.platform.optimistic import retry


def of_settings(new: Sandbox) -> list[GuardChanges]:
    """What settings would change for each dataflow out of the sandbox that leads to a partner now."""
    flows = [flow for flow in store.dataflows_touching(new.sandbox_id, None) if flow.source.is_sandbox(new.sandbox_id)]
    to_partners = [flow for flow in flows if flow.target.partner is not None]
    decisions = holds.decisions(flow.dataflow_id for flow in to_partners)
    names = targets.segment_names(to_partners, new.sandbox_id)
    return [_changes(flow, decisions.get(flow.dataflow_id), new, names) for flow in to_partners]


def _changes(flow: Dataflow, old: HoldDecision | None, new: Sandbox, names: Mapping[str, str]) -> GuardChanges:
    terms = _under(targets.kind_of(flow).terms(flow), new)
    weighed = retry(lambda: _weighed(flow, terms), LostRaceError)
    before, after = rules.reasons(old), rules.reasons(old)
    if weighed is not None:
        after = rules.reasons(rules.decided(flow.dataflow_id, _rough(old), weighed, terms, clock.now(), 0))
    holding_back = {pair: reason for pair, reason in after.items() if reason and reason != before.get(pair)}
    releasing = {pair: reason for pair, reason in before.items() if reason and pair in after and not after[pair]}
    return GuardChanges(
        dataflow_id=flow.dataflow_id,
        name=flow.name,
        holding=_views(holding_back, names),
        releasing=_views(releasing, names),
        undecided=weighed is None,
    )


def _under(terms: Terms, new: Sandbox) -> Terms:
    """The terms as they would be by other settings of the source."""
    if terms.partner is None:
        return terms
    guards = holding.guards(new, terms.partner)
    return replace(terms, guards=guards, minimum_age=new.partner_guards.minimum_age_hours)


def _weighed(flow: Dataflow, terms: Terms) -> Weighed | None:
    """None where no answers are left of the day's, and where nothing may be shared."""
    from handfast.matching import weighing  # noqa: PLC0415 - DuckDB is for few routes

    guards, partner = terms.guards, terms.partner
    if guards is None or partner is None or not terms.segments:
        return None
    answers = guarding.answers(len(terms.segments) * len(terms.namespaces))

    def may_go_on() -> bool:
        return answer_budget.take(terms.source, partner, answers)

    found = weighing.weigh(terms, flow.dataflow_id, guards, answer_budget.draws, may_go_on)
    return found and replace(found, universe=_rounded(found.whole_universe), share=1, overlaps=_whole(found))


def _whole(found: Weighed) -> dict[tuple[str, int], guarding.Overlap]:
    return {pair: overlap.whole(found.share) for pair, overlap in found.overlaps.items()}


def _rough(decided: HoldDecision | None) -> HoldDecision | None:
    if decided is None:
        return None
    universe, accepted = _rounded(decided.universe), _rounded(decided.accepted_universe)
    return replace(decided, universe=universe, accepted_universe=accepted)


def _rounded(size: int) -> int:
    """A size to two digits."""
    return round(size, 2 - len(str(size)))


def _views(pairs: Mapping[tuple[str, int], HoldReason | None], names: Mapping[str, str]) -> list[GuardedPair]:
    views = (holding.pair_view(*pair, reason or "") for pair, reason in sorted(pairs.items()))
    return [GuardedPair(**view.__dict__, segment_name=names.get(view.segment_id)) for view in views]
