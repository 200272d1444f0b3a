"""Partners as targets of dataflows: what of a feed a partner has accepted, and may receive now.

Loading this module makes them known to dataflows.
"""

from collections.abc import Mapping

from handfast.connections import store as connections
from handfast.dataflows import targets
from handfast.dataflows.models import Dataflow, DataflowView, Target
from handfast.feeds import rules, store
from handfast.feeds.models import PartnerDataflowView, ReceivedFeed
from handfast.governance import policies
from handfast.identity.namespaces import namespace
from handfast.matching.models import Terms
from handfast.partners import other_side
from handfast.partners.models import Partner, PartnerRef
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
        """What the dataflow may share: accepted, still offered, over an active connection, as governance allows.

        The source's segments that are gone or carry a label that forbids sharing are left out. Raises LookupError when
        the source's sandbox is gone.
        """
        source, partner = other_side.own_side(flow.source), flow.target.partner
        if partner is None:
            raise LookupError(f"dataflow {flow.dataflow_id} lacks a side")
        accepted = _accepted(flow, source.sandbox_id)
        found = (segments.segment(source.sandbox_id, segment_id) for segment_id in accepted.segment_ids)
        return Terms(
            source=source.sandbox_id,
            partner=partner,
            segments=tuple(
                segment.segment_id for segment in found if segment and policies.NOT_SHAREABLE not in segment.labels
            ),
            namespaces=tuple(namespace(name).code for name in accepted.namespaces),
            consent_default=source.consent_default,
            paused=not accepted.realize,
            partner_consent_default=other_side.receives_by(partner),
        )

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


def _accepted(flow: Dataflow, source_id: str) -> rules.Accepted:
    about: Mapping[str, str] = flow.target.about
    share = store.share(source_id, about["feedId"], about["connectionId"])
    connection = connections.get(source_id, about["connectionId"])
    if connection is None or connection.status != "active":
        return rules.NOTHING
    return rules.accepted(flow, share)


PARTNER = targets.register(KIND, PartnerTarget())
"""The kind of target that partners are."""
