"""The objects a dataflow is reconciled from and into (docs/architecture.md, Objects in S3)."""

from pathlib import Path

from handfast.lake import layout
from handfast.lake.buckets import object_key
from handfast.matching.inventory import DISCLOSURES, Objects
from handfast.matching.models import ChangedPairs
from handfast.platform import objects


def disclosed(read: Objects, run_id: str) -> ChangedPairs:
    """What the run has already written into a bucket's disclosures, before it was stopped."""
    stored = read.get(DISCLOSURES)
    metadata = stored.metadata if stored else {}
    if metadata.get("run-id") != run_id:
        return ChangedPairs(0, 0)
    return ChangedPairs(int(metadata["realized"]), int(metadata["exited"]), written_at(read))


def written_at(read: Objects) -> tuple[int, ...]:
    """The times that rows of a bucket's disclosures got when these were last written; none of older objects."""
    stored = read.get(DISCLOSURES)
    return tuple(map(int, stored.metadata.get("changed-at", "").split())) if stored else ()


def write_disclosures(
    dataflow_id: str, bucket: int, path: Path, *, over: Objects, run_id: str, changed: ChangedPairs
) -> Objects:
    """Hand the new disclosures over, with all the run has changed in them; the objects now. Raises LostRaceError."""
    metadata = {
        "run-id": run_id,
        "realized": str(changed.realized),
        "exited": str(changed.exited),
        "changed-at": " ".join(map(str, changed.at)),
    }
    key = object_key(layout.disclosures(dataflow_id), bucket)
    return {**over, DISCLOSURES: objects.write_file(key, path, replaces=over.get(DISCLOSURES), metadata=metadata)}
