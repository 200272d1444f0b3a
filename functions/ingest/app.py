"""The ingest queue: apply changes to profiles and memberships."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

from handfast.edge import batches
from handfast.ingest import changes
from handfast.platform.settings import require

require(
    "SEGMENTS_TABLE",
    "FEEDS_TABLE",
    "ACTIVITY_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "INGEST_QUEUE_URL",
    "EXPORT_QUEUE_URL",
    "PRIVACY_QUEUE_URL",
)


def handler(event: dict[str, Any], context: object) -> PartialItemFailureResponse:
    """Apply the changes that wait for each span."""
    return batches.handle_each(event, context, changes.apply_span, fifo=True)
