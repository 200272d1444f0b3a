"""The export queue: reconcile a span of a dataflow."""

from typing import Any

import duckdb  # noqa: F401 - loaded while the function starts
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

from handfast.dataflows import work
from handfast.destinations import handing_over
from handfast.edge import batches
from handfast.feeds import partner_target
from handfast.platform.settings import require
from handfast.segment_export import service

require(
    "ACCESS_TABLE",
    "CONNECTIONS_TABLE",
    "SEGMENTS_TABLE",
    "FEEDS_TABLE",
    "GOVERNANCE_TABLE",
    "DESTINATIONS_TABLE",
    "ACTIVITY_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "EXPORT_QUEUE_URL",
    "DELIVERY_QUEUE_URL",
    "PRIVACY_QUEUE_URL",
    "NOISE_SECRET_ARN",
)

KINDS = (partner_target.PARTNER, handing_over.DELIVERED_TARGET)
"""The kinds of targets that dataflows may have."""


def handler(event: dict[str, Any], context: object) -> PartialItemFailureResponse:
    """Reconcile the span that each message names; the run of one that fails for the last time fails."""
    return batches.handle_each(event, context, service.reconcile, fifo=True, give_up=work.fail)
