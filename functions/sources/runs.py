"""Every minute the sources that are due are run; S3's events of new objects make sources due."""

from typing import Any

from handfast.platform.settings import require
from handfast.sources import waking

require(
    "ACCESS_TABLE",
    "SEGMENTS_TABLE",
    "GOVERNANCE_TABLE",
    "ACTIVITY_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "SOURCE_SECRETS",
    "OUTBOUND_PRIVATE_NETWORKS",
)


def handler(event: dict[str, Any], context: object) -> None:
    """Note what an event of S3 tells, or run what is due; raises an ExceptionGroup when runs have failed by a fault."""
    if event.get("source") == "aws.s3":
        waking.note_created(event["detail"])
    else:
        waking.run_due()
