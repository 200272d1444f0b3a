"""The manifest of a delivery of whole memberships: written last, so that who waits for it never reads a half."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from handfast.destinations.contract import Segment, SnapshotDelivery
from handfast.platform import clock


@dataclass(frozen=True)
class FileFacts:
    """A file that was written: its name, rows and bytes, and the SHA-256 of its content in hex."""

    name: str
    rows: int
    bytes: int
    sha256: str


def manifest(
    of: SnapshotDelivery,
    format_name: str,
    files: Iterable[FileFacts],
    members: Mapping[str, int],
    segments: Mapping[str, Segment],
) -> bytes:
    """The manifest of a delivery as JSON; `members` are how many identities each segment has, by its id."""
    described = {
        "batchId": of.batch_id,
        "destinationId": of.destination_id,
        "dataflowId": of.dataflow_id,
        "createdAt": clock.to_text(of.began_at),
        "mode": "snapshot",
        "format": format_name,
        "files": [{"name": each.name, "rows": each.rows, "bytes": each.bytes, "sha256": each.sha256} for each in files],
        "segments": [
            {
                "segmentId": segment_id,
                "mappingId": segments[segment_id].mapping_id if segment_id in segments else segment_id,
                "identities": count,
            }
            for segment_id, count in sorted(members.items())
        ],
    }
    return json.dumps(described, indent=2, ensure_ascii=False).encode() + b"\n"
