"""The uploads queue: make each file that came a change."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

from handfast.edge import batches
from handfast.ingest import files
from handfast.platform.settings import require

require(
    "ACCESS_TABLE",
    "SEGMENTS_TABLE",
    "FEEDS_TABLE",
    "GOVERNANCE_TABLE",
    "ACTIVITY_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "INGEST_QUEUE_URL",
    "EXPORT_QUEUE_URL",
    "IDENTITY_SECRET_ARN",
    "UPLOADS_QUEUE_URL",
    "SOURCE_SECRETS",
    "OUTBOUND_PRIVATE_NETWORKS",
)


def handler(event: dict[str, Any], context: object) -> PartialItemFailureResponse:
    """Make each file that came a change, or fail its upload."""
    return batches.handle_each(event, context, files.take_files, named=True, give_up=files.give_up)
