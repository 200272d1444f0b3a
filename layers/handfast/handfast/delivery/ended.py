"""The end of a dataflow to a destination: whether all is told that there is to tell, and that nothing is kept then."""

from handfast.delivery import states
from handfast.destinations import waking
from handfast.lake import layout
from handfast.platform import objects


def is_delivered(dataflow_id: str) -> bool:
    """Whether a destination has nothing of a dataflow that has ended, and nothing waits for it, as far as is known."""
    if waking.is_awake(dataflow_id):
        return False
    return not any(state.held or state.left for state in states.states(dataflow_id))


def forget(dataflow_id: str) -> None:
    """Remove what delivery keeps of a dataflow that has ended."""
    objects.delete(*(stored.key for stored in objects.listing(layout.deliveries(dataflow_id))))
