"""From the log to callbacks and messages: a change of a request has its protocol's party told, and its person."""

from typing import Any

from handfast.platform.queues import Message, send


def queue_callbacks(sandbox_id: str, record: dict[str, Any]) -> None:
    """Queue the callbacks of the request that a record is about, if it has any. May run twice for one record."""
    if record["type"].startswith("privacy_request.") and "protocol" in record["detail"]:
        send("PRIVACY_QUEUE_URL", [Message({"sandboxId": sandbox_id, "callback": record["subject"]})])


def queue_message(sandbox_id: str, record: dict[str, Any]) -> None:
    """Queue the message to the person that a record of a request announces, if any. May run twice for one record."""
    if record["type"].startswith("privacy_request.") and "message" in record["detail"]:
        pointer = {"sandboxId": sandbox_id, "message": record["subject"], "number": int(record["detail"]["message"])}
        send("PRIVACY_QUEUE_URL", [Message(pointer)])
