"""The terms of a dataflow that carries a feed to a partner."""

from handfast.access import store as access
from handfast.connections import store as connections
from handfast.dataflows import store as dataflows
from handfast.feeds import rules, store
from handfast.governance import policies
from handfast.identity.namespaces import namespace
from handfast.matching.models import Terms
from handfast.segments import store as segments


def terms(dataflow_id: str) -> Terms:
    """What the dataflow may share at this moment; without segments when it has stopped, for whatever reason.

    The source's segments that are gone or labelled C11 since are left out. Raises LookupError for an unknown dataflow.
    """
    flow = dataflows.dataflow(dataflow_id)
    source = access.sandbox(flow.source.sandbox_id) if flow else None
    if flow is None or source is None:
        raise LookupError(f"no dataflow {dataflow_id}")
    shared = store.share(source.sandbox_id, flow.feed_id, flow.connection_id)
    connection = connections.get(source.sandbox_id, flow.connection_id)
    connected = connection is not None and connection.status == "active"
    accepted = rules.accepted(flow, shared) if connected else rules.NOTHING
    found = (segments.segment(source.sandbox_id, segment_id) for segment_id in accepted.segment_ids)
    return Terms(
        source=source.sandbox_id,
        target=flow.target.sandbox_id,
        segments=tuple(one.segment_id for one in found if one and policies.NOT_SHAREABLE not in one.labels),
        namespaces=tuple(namespace(name).code for name in accepted.namespaces),
        consent_default=source.consent_default,
        paused=not accepted.realize,
    )
