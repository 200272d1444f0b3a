"""The privacy queue: work on a sandbox's requests, bulks of new ones, DROP's lists, callbacks."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

from handfast.edge import batches
from handfast.platform import queues
from handfast.platform.queues import Message
from handfast.platform.settings import require
from handfast.privacy_requests import worker
from handfast.privacy_requests.message_queue import MESSAGES

require(
    "ACCESS_TABLE",
    "CONNECTIONS_TABLE",
    "SEGMENTS_TABLE",
    "FEEDS_TABLE",
    "ACTIVITY_TABLE",
    "PRIVACY_TABLE",
    "DESTINATIONS_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "INGEST_QUEUE_URL",
    "EXPORT_QUEUE_URL",
    "PRIVACY_QUEUE_URL",
    "IDENTITY_SECRET_ARN",
    "PRIVACY_SECRET_ARN",
    "RECEIPTS_SECRET_ARN",
    "OPENDSR_SECRET_ARN",
    "CONNECTOR_SECRETS",
    "OUTBOUND_PRIVATE_NETWORKS",
    "MESSAGES_QUEUE_URL",
)


def handler(event: dict[str, Any], context: object) -> PartialItemFailureResponse:
    """Look at each sandbox that a message names, or do what else it asks for: a callback, a bulk, a list."""
    return batches.handle_each(event, context, _work, give_up=_give_up)


def _give_up(message: dict[str, Any], _: Exception) -> None:
    """Tell of a callback that is not made any more; the sweep sends again for all other work."""
    if "callback" in message:
        from handfast.privacy_requests.protocols import callbacks  # noqa: PLC0415 - few messages are callbacks

        callbacks.give_up(message)


def _work(message: dict[str, Any]) -> None:
    if "callback" in message:
        from handfast.privacy_requests.protocols import callbacks  # noqa: PLC0415 - few messages are callbacks

        callbacks.deliver(message)
    elif "message" in message:  # queued here by an earlier version
        queues.send(MESSAGES, [Message(message)])
    elif "bulk" in message:
        from handfast.privacy_requests import bulks  # noqa: PLC0415 - few messages are bulks

        bulks.make(message["sandboxId"], message["bulk"])
    elif "dropList" in message:
        from handfast.privacy_requests.drop import carrying_out  # noqa: PLC0415 - few messages are lists

        carrying_out.carry_on(message["sandboxId"], message["dropList"])
    else:
        worker.work(message)
