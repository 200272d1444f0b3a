"""The export queue: reconcile a span of a dataflow."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

from handfast.platform import queues
from handfast.segment_export import service


def handler(event: dict[str, Any], context: object) -> PartialItemFailureResponse:
    """Reconcile the span that each message names."""
    return queues.handle_each(event, context, service.reconcile, fifo=True)
