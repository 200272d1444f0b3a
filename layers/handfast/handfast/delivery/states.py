"""Buckets of a dataflow to a destination, as delivery left them."""

from collections.abc import Iterator, Mapping

from pydantic import TypeAdapter

from handfast.delivery.models import BucketDelivery
from handfast.lake import layout, transfers
from handfast.lake.buckets import span_name
from handfast.platform import objects
from handfast.platform.objects import ObjectVersion

_FOLDER = "_state/"
_STATE: TypeAdapter[dict[int, BucketDelivery]] = TypeAdapter(dict[int, BucketDelivery])


def state_key(dataflow_id: str, span: int) -> str:
    """The key of what delivery knows of a span."""
    return f"{layout.deliveries(dataflow_id)}{_FOLDER}{span_name(span)}.json"


def state(dataflow_id: str, span: int) -> tuple[dict[int, BucketDelivery], ObjectVersion | None]:
    """The span's buckets as delivery left them, with the version read."""
    read = objects.read_json(state_key(dataflow_id, span))
    return (_STATE.validate_python(read[0]), read[1]) if read else ({}, None)


def write_state(
    dataflow_id: str, span: int, after: Mapping[int, BucketDelivery], *, over: ObjectVersion | None
) -> None:
    """Write the span's buckets over the version read; raises LostRaceError."""
    objects.write_json(state_key(dataflow_id, span), _STATE.dump_python(dict(after), mode="json"), replaces=over)


def states(dataflow_id: str) -> Iterator[BucketDelivery]:
    """All buckets of a dataflow as delivery left them."""
    keys = [stored.key for stored in objects.listing(f"{layout.deliveries(dataflow_id)}{_FOLDER}")]
    for read in transfers.parallel(objects.read_json, keys):
        if read:
            yield from _STATE.validate_python(read[0]).values()


def waiting(dataflow_id: str) -> int:
    """How many changes of a dataflow wait to be tried again."""
    return sum(state.left for state in states(dataflow_id))
