"""The webhooks queue: sign and send."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

from handfast.activity import webhook_sending
from handfast.edge import batches


def handler(event: dict[str, Any], context: object) -> PartialItemFailureResponse:
    """Make the attempt that each message asks for."""
    return batches.handle_each(event, context, webhook_sending.attempt)
