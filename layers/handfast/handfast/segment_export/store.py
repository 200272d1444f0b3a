"""The objects a dataflow is reconciled from and into (docs/architecture.md, Objects in S3)."""

from pathlib import Path

from handfast.lake import layout
from handfast.matching.inventory import DELIVERIES, Objects
from handfast.matching.models import ChangedPairs
from handfast.platform import objects


def disclosed(read: Objects, run_id: str) -> ChangedPairs:
    """What the run has already written into a bucket's deliveries, before it was stopped."""
    stored = read.get(DELIVERIES)
    metadata = stored.metadata if stored else {}
    if metadata.get("run-id") != run_id:
        return ChangedPairs(0, 0)
    return ChangedPairs(int(metadata["realized"]), int(metadata["exited"]))


def write_deliveries(
    dataflow_id: str, bucket: int, path: Path, *, over: Objects, run_id: str, changed: ChangedPairs
) -> Objects:
    """Hand the new deliveries over, with all the run has changed in them; the objects now. Raises LostRaceError."""
    metadata = {"run-id": run_id, "realized": str(changed.realized), "exited": str(changed.exited)}
    key = f"{layout.deliveries(dataflow_id)}{bucket:05d}.parquet"
    return {**over, DELIVERIES: objects.write_file(key, path, replaces=over.get(DELIVERIES), metadata=metadata)}
