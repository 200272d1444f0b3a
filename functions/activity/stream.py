"""The activity table's stream: notifications, the event bus and webhooks follow from each new record of a log."""

from typing import Any

from handfast.activity import publishing
from handfast.journal import store as journal
from handfast.platform.observability import logger
from handfast.privacy_requests.protocols import outbox


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Publish the records in order; the first that fails comes back, with all after it."""
    for change in event["Records"]:
        try:
            if (new := journal.from_stream(change)) is not None:
                publishing.publish(*new)
                outbox.announce(*new)
        except Exception:  # noqa: BLE001 - whatever it was, the record must come back
            logger.exception("record not published", extra={"eventId": change["eventID"]})
            return {"batchItemFailures": [{"itemIdentifier": change["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}
