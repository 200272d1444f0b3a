"""Buckets of a dataflow as of their last reconciliation."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter

from handfast.lake import layout
from handfast.lake.buckets import span_name
from handfast.lake.transfers import parallel
from handfast.matching.models import BucketState
from handfast.platform import objects
from handfast.platform.objects import ObjectVersion

_STATE: TypeAdapter[dict[int, BucketState]] = TypeAdapter(dict[int, BucketState])


def _state_key(dataflow_id: str, span: int) -> str:
    return f"{layout.states(dataflow_id)}{span_name(span)}.json"


def state(dataflow_id: str, span: int) -> tuple[dict[int, BucketState], ObjectVersion | None]:
    """The span's buckets as of their last reconciliation, with the version read."""
    read = objects.read_json(_state_key(dataflow_id, span))
    return (_loaded(read[0]), read[1]) if read else ({}, None)


def write_state(dataflow_id: str, span: int, buckets: Mapping[int, BucketState], *, over: ObjectVersion | None) -> None:
    """Write the span's buckets over the version read; raises LostRaceError."""
    value: dict[str, Any] = {
        str(bucket): _STATE.dump_python({bucket: bucket_state})[bucket] for bucket, bucket_state in buckets.items()
    }
    objects.write_json(_state_key(dataflow_id, span), value, replaces=over)


def states(dataflow_id: str) -> Iterator[BucketState]:
    """All buckets of a dataflow as of their last reconciliation."""
    keys = [stored.key for stored in objects.listing(layout.states(dataflow_id))]
    for read in parallel(objects.read_json, keys):
        if read:
            yield from _loaded(read[0]).values()


def _loaded(buckets: Mapping[str, Any]) -> dict[int, BucketState]:
    """Buckets as they are stored; those of before namespaces were counted, with all of a reason at none."""
    for stored in buckets.values():
        if "excluded" in stored:
            stored["kept_back"] = {reason: {0: count} for reason, count in stored.pop("excluded").items()}
    return _STATE.validate_python(buckets)
