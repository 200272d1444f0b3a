"""The delivery queue: send what is due of a span to its destination."""

from typing import Any

import duckdb  # noqa: F401 - loaded while the function starts
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

from handfast.delivery import service
from handfast.edge import batches
from handfast.platform.settings import require

require(
    "ACCESS_TABLE",
    "SEGMENTS_TABLE",
    "FEEDS_TABLE",
    "DESTINATIONS_TABLE",
    "DESTINATION_SECRETS",
    "ACTIVITY_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "DELIVERY_QUEUE_URL",
    "OUTBOUND_PRIVATE_NETWORKS",
)


def handler(event: dict[str, Any], context: object) -> PartialItemFailureResponse:
    """Deliver the span that each message names."""
    return batches.handle_each(event, context, service.deliver, named=True)
