"""The queue of messages to people, apart from other work: one that is slow to be taken holds nothing else up."""

from typing import Any

from handfast.platform.queues import Message, send

MESSAGES = "MESSAGES_QUEUE_URL"


def queue_message(sandbox_id: str, record: dict[str, Any]) -> None:
    """Queue the message to the person that a record of a request announces, if any. May run twice for one record."""
    if record["type"].startswith("privacy_request.") and "message" in record["detail"]:
        pointer = {"sandboxId": sandbox_id, "message": record["subject"], "number": int(record["detail"]["message"])}
        send(MESSAGES, [Message(pointer)])
