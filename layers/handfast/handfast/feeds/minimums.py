"""Which parts of a feed's draft are below the minimum that both sides ask for, as far as the sender may know it.

A pair that was decided on is as it was decided, which the sender is told anyway. Others are estimated, where the
partner allows that, with noise and out of the day's answers; no number of either is told (docs/security.md, What holds
members back).
"""

from collections.abc import Mapping

from handfast.connections import store as connections
from handfast.connections.models import Connection
from handfast.dataflows import holds
from handfast.dataflows import rules as dataflow_rules
from handfast.feeds import agreements, estimates, store
from handfast.feeds.models import Feed, Minimum, PairMinimum
from handfast.identity.namespaces import namespace_of
from handfast.journal.models import Caller
from handfast.matching.trait_rules import Rule
from handfast.platform.problems import TooManyRequests
from handfast.segments import composing
from handfast.segments.models import Segment

_PRECISION = 0.05

type _Pairs = dict[tuple[str, str], bool]
"""By segment and namespace, whether it is below the minimum."""


def of_draft(
    caller: Caller, feed: Feed, own: Mapping[str, Segment], active: Mapping[str, Connection], *, estimated: bool
) -> list[PairMinimum]:
    """Of each connection, segment and namespace of a draft: below the minimum, reached, or unknown.

    What was not decided is `estimated`, or left to estimates that are known.
    """
    flows = {
        share.connection_id: share.dataflow_id
        for share in store.shares(caller.sandbox_id, feed.feed_id)
        if share.dataflow_id is not None and share.status != "revoked"
    }
    decisions = holds.decisions(flows.values())
    composed, theirs = composing.rules_of(own.values()), connections.partners_copies(active.values())
    found = []
    for connection_id, connection in active.items():
        decided = dataflow_rules.reasons(decisions.get(flows.get(connection_id, "")))
        known: _Pairs = {
            (segment_id, namespace_of(code).symbol): reason == "below_minimum"
            for (segment_id, code), reason in decided.items()
        }
        codes = agreements.codes(caller.on, connection, feed.draft.namespaces)
        wanted = [(name, namespace_of(code).symbol) for name in feed.draft.segment_ids for code in codes]
        if not known.keys() >= set(wanted) and theirs[connection_id].allows_estimates:
            known = _estimated(caller, feed, connection, composed, computes=estimated) | known
        found += [_view(connection_id, pair, known.get(pair)) for pair in wanted]
    return found


def _estimated(
    caller: Caller, feed: Feed, connection: Connection, composed: tuple[tuple[str, Rule], ...], *, computes: bool
) -> _Pairs:
    """Without any where no answers are left of the day's, or too many are computed at once."""
    try:
        items = estimates.of_connection(caller, feed, connection, _PRECISION, composed, computes=computes)
    except TooManyRequests:
        return {}
    return {(item.segment_id, item.namespace): item.below_threshold for item in items}


def _view(connection_id: str, pair: tuple[str, str], is_below: bool | None) -> PairMinimum:
    minimum: Minimum = "unknown" if is_below is None else "below" if is_below else "reached"
    return PairMinimum(connection_id=connection_id, segment_id=pair[0], namespace=pair[1], minimum=minimum)
