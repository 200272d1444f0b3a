"""The messages queue: what people are written about their requests."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

from handfast.edge import batches
from handfast.platform.settings import require
from handfast.privacy_requests import message_outcomes, message_sending

require(
    "ACCESS_TABLE",
    "ACTIVITY_TABLE",
    "PRIVACY_TABLE",
    "DATA_BUCKET",
    "MESSAGES_QUEUE_URL",
    "MESSAGE_SENDER",
    "PRIVACY_SECRET_ARN",
    "WEBHOOKS_SECRET_ARN",
    "OUTBOUND_PRIVATE_NETWORKS",
)


def handler(event: dict[str, Any], context: object) -> PartialItemFailureResponse:
    """Send the message that each names to its person; one that goes wrong for the last time has failed."""
    return batches.handle_each(event, context, message_sending.deliver, give_up=message_outcomes.give_up)
