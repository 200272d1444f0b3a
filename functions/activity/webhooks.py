"""The webhooks queue: sign and send."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

from handfast.activity import webhook_sending
from handfast.edge import batches
from handfast.platform.settings import require

require("ACTIVITY_TABLE", "WEBHOOKS_QUEUE_URL", "WEBHOOKS_SECRET_ARN", "OUTBOUND_PRIVATE_NETWORKS")


def handler(event: dict[str, Any], context: object) -> PartialItemFailureResponse:
    """Make the attempt that each message asks for."""
    return batches.handle_each(event, context, webhook_sending.attempt)
