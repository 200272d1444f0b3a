"""Partners as targets of dataflows: what of a feed a partner has accepted, and may receive now.

Loading this module makes them known to dataflows.
"""

from collections.abc import Mapping, Sequence

from handfast.connections import store as connections
from handfast.connections.models import Connection
from handfast.dataflows import holding, targets
from handfast.dataflows.models import Dataflow, DataflowView, Target
from handfast.feeds import agreements, passing_on, rules, store
from handfast.feeds.models import PartnerDataflowView, ReceivedFeed
from handfast.governance import store as governance
from handfast.governance.marketing_actions import PARTNER_ACTIONS
from handfast.journal.models import Sandbox
from handfast.matching.models import Terms
from handfast.partners import other_side
from handfast.partners.models import Partner, PartnerRef
from handfast.platform import clock
from handfast.segments import composing, labelled
from handfast.segments import store as segments

KIND = "partner"


def target(partner: PartnerRef, received: ReceivedFeed) -> Target:
    """The target that a partner is for a feed it has received."""
    about = {
        "feedId": received.feed_id,
        "connectionId": received.connection_id,
        "receivedFeedId": received.received_feed_id,
    }
    return Target(KIND, partner, about)


class PartnerTarget:
    """A partner that has enabled a received feed."""

    def terms(self, flow: Dataflow) -> Terms:
        """What the dataflow may share: accepted, still offered and agreed, over an active connection, where allowed.

        The source's segments that are gone, or composed of what cannot be shared, are left out; those that a policy
        forbids are stopped. Raises LookupError when the source's sandbox is gone.
        """
        source, partner = _source_of(flow), flow.target.partner
        if partner is None:
            raise LookupError(f"dataflow {flow.dataflow_id} lacks a side")
        accepted, connection = _accepted(flow, source.sandbox_id)
        rules = governance.rulebook(source.sandbox_id)
        found = (segments.segment(source.sandbox_id, segment_id) for segment_id in accepted.segment_ids)
        own = [segment for segment in found if segment and composing.why_not_shared(segment) is None]
        names = tuple(segment.segment_id for segment in own)
        codes = agreements.codes(source, connection, accepted.namespaces) if connection else ()
        return Terms(
            source=source.sandbox_id,
            partner=partner,
            segments=names,
            namespaces=codes,
            consent_default=source.consent_default,
            paused=not accepted.realize,
            stopped=tuple(segment.segment_id for segment in own if labelled.forbidden(segment, rules, PARTNER_ACTIONS)),
            held=holding.held(flow.dataflow_id, names, codes),
            guards=holding.guards(source, partner) if names else None,
            composed=composing.rules_of(own),
            partner_consent_default=other_side.receives_by(partner),
            minimum_age=source.partner_guards.minimum_age_hours,
            hour=clock.hours(clock.now()),
        )

    def hand_over(self, flow: Dataflow, span: int) -> None:
        """A partner reads the ledger itself; what it gives on of it follows."""
        passing_on.tell(_source_of(flow), flow, span)

    def shows_steps(self, flow: Dataflow, sandbox_id: str) -> bool:
        """Whether the feed as its receiver has it shows its population."""
        received = store.received_feed(sandbox_id, flow.target.about["receivedFeedId"])
        return received is not None and received.show_population

    def segment_names(self, flows: Sequence[Dataflow], sandbox_id: str) -> Mapping[str, str]:
        """The source's own names of its segments; for the target those that its received feeds have."""
        sent: list[str] = []
        brought: list[str] = []
        for flow in flows:
            if flow.source.is_sandbox(sandbox_id):
                sent += flow.segment_ids
            else:
                brought.append(flow.target.about["receivedFeedId"])
        own, received = segments.names(sandbox_id, sent), store.received_feeds_each(sandbox_id, brought)
        return own | {each.segment_id: each.name for feed in received for each in feed.segments}

    def view(self, flow: Dataflow, common: DataflowView) -> DataflowView:
        """The dataflow with the partner, the feed and the connection."""
        partner = flow.target.partner if common.direction == "outgoing" else flow.source
        if partner is None:
            raise LookupError(f"dataflow {flow.dataflow_id} lacks a side")
        about = flow.target.about
        return PartnerDataflowView(
            **common.__dict__,
            partner=Partner.of(partner),
            connection_id=about["connectionId"],
            feed_id=about["feedId"],
            feed_name=flow.name,
            received_feed_id=about["receivedFeedId"],
        )


def _source_of(flow: Dataflow) -> Sandbox:
    """The sandbox that shares. Raises LookupError when it is gone."""
    return other_side.own_side(flow.source)


def _accepted(flow: Dataflow, source_id: str) -> tuple[rules.Accepted, Connection | None]:
    about: Mapping[str, str] = flow.target.about
    share = store.share(source_id, about["feedId"], about["connectionId"])
    connection = connections.get(source_id, about["connectionId"])
    if connection is None or connection.status != "active":
        return rules.NOTHING, None
    return rules.accepted(flow, share), connection


PARTNER = targets.register(KIND, PartnerTarget())
"""The kind of target that partners are."""
