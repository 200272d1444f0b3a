"""What delivery is told of a dataflow's destination."""

from handfast.dataflows.models import Dataflow
from handfast.destinations.sending import Sending


def sending(flow: Dataflow) -> Sending | None:
    """The destination of a dataflow, open for sending; None when it is gone."""
    raise NotImplementedError(flow.dataflow_id)
