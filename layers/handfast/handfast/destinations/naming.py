"""What the segments that are given to destinations are called, by id."""

from collections.abc import Iterable, Sequence

from handfast.dataflows.models import SegmentName, named
from handfast.destinations import store
from handfast.destinations.models import Activation
from handfast.segments import store as segments


def names(sandbox_id: str, segment_ids: Iterable[str], activations: Sequence[Activation]) -> dict[str, str]:
    """The names of own segments as they are now, and of received ones as they were when these activations took them."""
    received = {name: called for each in activations for name, called in each.received_names.items()}
    return received | segments.names(sandbox_id, segment_ids)


def of_destination(sandbox_id: str, destination_id: str, segment_ids: Iterable[str]) -> list[SegmentName]:
    """Segments that a destination is or was given, each once, with their names."""
    wanted = sorted(set(segment_ids))
    return named(wanted, names(sandbox_id, wanted, store.activations(sandbox_id, destination_id)) if wanted else {})
