"""The activity table's stream: notifications, the event bus and webhooks follow from each new record of a log."""

from typing import Any

from handfast.activity import publishing
from handfast.delivery import alert_mail
from handfast.journal import store as journal
from handfast.platform.observability import logger
from handfast.platform.settings import require
from handfast.privacy_requests.message_queue import queue_message
from handfast.privacy_requests.protocols.callback_queue import queue_callbacks

require(
    "ACCESS_TABLE",
    "ACTIVITY_TABLE",
    "DESTINATIONS_TABLE",
    "WEBHOOKS_QUEUE_URL",
    "PRIVACY_QUEUE_URL",
    "MESSAGES_QUEUE_URL",
    "EVENT_BUS_NAME",
    "ALERT_TOPIC_ARN",
)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Publish the records in order; the first that fails comes back, with all after it."""
    for change in event["Records"]:
        try:
            if (new := journal.from_stream(change)) is not None:
                publishing.publish(*new)
                queue_callbacks(*new)
                queue_message(*new)
                alert_mail.mail(*new)
        except Exception:  # noqa: BLE001 - whatever it was, the record must come back
            logger.exception("record not published", extra={"eventId": change["eventID"]})
            return {"batchItemFailures": [{"itemIdentifier": change["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}
