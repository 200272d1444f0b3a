"""What the source of a dataflow is told of how many its partner was given: once a day, with noise, in steps.

A total that followed each run would tell of each person whom it adds. So it is drawn anew on a UTC day when it is first
asked for, costs an answer for each namespace, and stays as it was where those are spent (docs/security.md, What a
number tells).
"""

from math import ceil

from handfast.dataflows import runs
from handfast.dataflows.models import Dataflow, Interval, PublishedTotals
from handfast.dataflows.store import DATAFLOWS, flow_key
from handfast.matching.models import Terms
from handfast.partners import answer_budget
from handfast.platform import clock, noise, table
from handfast.platform.items import ItemKind, revise
from handfast.platform.table import ConditionFailed

STEP = 2 * noise.SIGMA
"""Totals of one segment are multiples of it."""
_PUBLISHED = ItemKind("published_totals", PublishedTotals, DATAFLOWS)
_SK = "PUBLISHED"


def totals(flow: Dataflow, terms: Terms) -> PublishedTotals | None:
    """The totals as last published, anew on a day's first time; None where there were never answers left for any."""
    key, now = flow_key(flow.dataflow_id), clock.now_text()
    kept = _PUBLISHED.get(key, _SK)
    if terms.partner is None or not (terms.segments and terms.namespaces) or (kept and kept.at[:10] == now[:10]):
        return kept
    if not answer_budget.take(terms.source, terms.partner, len(terms.namespaces)):
        return kept
    new = PublishedTotals(now, len(terms.segments), _drawn(flow.dataflow_id, terms, now[:10]))
    try:
        table.apply(revise(_PUBLISHED, new, kept, key, _SK))
    except ConditionFailed:  # another call was first: only one answer of a day is ever told
        return _PUBLISHED.get(key, _SK)
    return new


def _drawn(dataflow_id: str, terms: Terms, day: str) -> dict[int, int]:
    """By namespace what the partner was given, noised: an identity is in as many pairs as there are segments."""
    delivered = runs.delivered_each([dataflow_id])[dataflow_id]
    draws, segments = answer_budget.draws(f"total {dataflow_id} {day}"), len(terms.segments)
    counts = {code: sum(delivered.get(name, {}).get(code, 0) for name in terms.segments) for code in terms.namespaces}
    return {
        code: noise.rounded(count + noise.gaussian(noise.SIGMA * segments, draws), STEP * segments)
        for code, count in sorted(counts.items())
    }


def interval(told: PublishedTotals, code: int, most: int) -> Interval:
    """A published total with its 95 % interval, the noise and the step in it; never more than `most`, all cleared."""
    number = told.shared[code]
    half = ceil((1.96 * noise.SIGMA + STEP / 2) * told.segments)
    return Interval(estimate=min(number, most), low=max(0, min(number, most) - half), high=min(number + half, most))


def is_below(told: PublishedTotals, code: int, threshold: int) -> bool:
    """Whether a total may be of fewer identities than the threshold: each can be in every segment."""
    return told.shared[code] < threshold * told.segments
