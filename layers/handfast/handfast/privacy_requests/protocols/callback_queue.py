"""From the log to callbacks: a change of a request has its protocol's party told."""

from typing import Any

from handfast.platform.queues import Message, send


def queue_callbacks(sandbox_id: str, record: dict[str, Any]) -> None:
    """Queue the callbacks of the request that a record is about, if it has any. May run twice for one record."""
    if record["type"].startswith("privacy_request.") and "protocol" in record["detail"]:
        send("PRIVACY_QUEUE_URL", [Message({"sandboxId": sandbox_id, "callback": record["subject"]})])
