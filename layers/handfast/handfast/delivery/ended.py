"""Whether a destination has been told of all that there is to tell it, so that nobody needs it any more."""

from handfast.delivery import states
from handfast.destinations import waking
from handfast.lake import buckets


def is_delivered(dataflow_id: str) -> bool:
    """Whether a destination has nothing of a dataflow that has ended, and nothing waits for it, as far as is known."""
    if waking.is_awake(dataflow_id):
        return False
    spans = map(buckets.span_number, buckets.span_names())
    return not any(state.held or state.left for span in spans for state in states.state(dataflow_id, span)[0].values())
