"""The hash chain of a sandbox's log, and what follows from a record: who is notified, what a webhook sends and when."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

type Record = Mapping[str, Any]

GENESIS = "0" * 64
_HASHED = ("sequence", "type", "at", "actor", "subject", "detail", "previousHash")

WEBHOOKS_PER_SANDBOX = 10
# Standard Webhooks asks for bodies under 20 kB; the rest of a record fits into what this leaves.
DETAIL_BYTES = 16_000
# Seconds to wait after each failed attempt, before jitter: 27.6 hours in all.
_RETRIES = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
_JITTER = 0.2
_LONGEST_WAIT = 86_400
FAILING_FOR = timedelta(days=3)

# Notified when the other side, Handfast or the operator did it: one's own deeds are no news.
_TITLES = {
    "connection.requested": "{actor} asks to connect",
    "connection.accepted": "{actor} accepted your connection request",
    "connection.rejected": "{actor} rejected your connection request",
    "connection.withdrawn": "{actor} withdrew its connection request",
    "connection.expired": "A connection request expired",
    "connection.disconnected": "{actor} disconnected",
    "feed.published": "{actor} shares the feed{name} with you",
    "feed.changed": "{actor} changed the feed{name}",
    "feed.unshared": "The feed{name} is no longer shared",
    "received_feed.enabled": "{actor} enabled the feed{name}",
    "received_feed.disabled": "{actor} disabled the feed{name}",
    "received_feed.declined": "{actor} declined the feed{name}",
    "upload.completed": "The upload{name} completed",
    "upload.failed": "The upload{name} failed",
    "dataflow.completed": "The first run of the dataflow{name} completed",
    "dataflow.failed": "A run of the dataflow{name} failed",
    "dataflow.paused": "{actor} paused the dataflow{name}",
    "dataflow.resumed": "{actor} resumed the dataflow{name}",
    "policy.violated": "A policy stopped the feed{name}",
    "privacy_request.callback_failed": "Nobody at {host} takes word of a privacy request",
    "webhook.disabled": "The webhook{name} was disabled",
    "privacy_request.received": "{actor} made a privacy request",
    "privacy_request.completed": "A privacy request completed",
    "privacy_request.failed": "A privacy request failed and waits for a retry",
    "privacy_request.recipient_answered": "{actor} answered a privacy request",
    "privacy_request.denied": "{actor} denied a privacy request",
    "privacy_request.due_soon": "A privacy request is due soon",
    "privacy_request.overdue": "A privacy request is overdue",
}
# News to one's own side too: an upload's end comes long after the deed, a violation concerns others, and who asks for
# a person is seldom who decides.
_ALWAYS = frozenset(
    {"policy.violated", "upload.completed", "upload.failed", "privacy_request.received", "privacy_request.denied"}
)


def record_hash(record: Record) -> str:
    """SHA-256 over the record's canonical JSON, its `previousHash` included."""
    body = json.dumps({name: record[name] for name in _HASHED}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def _fits(record: Record, sequence: int, previous: str) -> bool:
    try:
        follows = record["sequence"] == sequence and record["previousHash"] == previous
        return follows and bool(record["hash"] == record_hash(record))
    except (KeyError, TypeError):  # an attribute is gone, or of a type no record has
        return False


def first_break(records: Iterable[Record]) -> tuple[int, str | None, int | None]:
    """Walk a log from its first record: how many fit, the last hash, and the first sequence that does not fit.

    A log cut off at its end still fits; that shows against a head noted elsewhere (webhooks and events carry it).
    """
    count, previous = 0, GENESIS
    for record in records:
        if not _fits(record, count + 1, previous):
            return count, previous if count else None, count + 1
        count, previous = count + 1, record["hash"]
    return count, previous if count else None, None


def matches(pattern: str, event_type: str) -> bool:
    """Whether an event type is the pattern, of its family (`feed.*`), or the pattern is `*`."""
    family = pattern.endswith(".*") and event_type.startswith(pattern[:-1])
    return family or pattern in {"*", event_type}


def notification_title(record: Record) -> str | None:
    """The title of the notification that a record makes, or None where it makes none.

    Of the runs that complete, the one that an enabled feed set off is news.
    """
    event_type, actor, detail = record["type"], record["actor"], record["detail"]
    title = _TITLES.get(event_type)
    if title is None or (actor["kind"] == "principal" and event_type not in _ALWAYS):
        return None
    if event_type == "dataflow.completed" and detail.get("reason") != "received_feed.enabled":
        return None
    given = detail.get("name") or detail.get("fileName")
    name = f" “{given}”" if given else ""
    return title.format(actor=actor["name"] or "Your partner", name=name, host=detail.get("host", ""))


def notification_id(record: Record) -> str:
    """Of the record's sequence, so that a repeated record is the same notification; sorts by time."""
    return f"ntf_{record['sequence']:012d}"


def event_id(sandbox_id: str, record: Record) -> str:
    """The record's id outside: CloudEvents `id`, and `webhook-id`, which may hold no full stop."""
    return f"{sandbox_id}-{record['sequence']}"


def event_data(sandbox_id: str, record: Record) -> dict[str, Any]:
    """What an event says of a record; a detail too large to send is left to be read from the log."""
    detail: Mapping[str, Any] | None = record["detail"]
    if len(json.dumps(detail)) > DETAIL_BYTES:
        detail = None
    return {
        "sandboxId": sandbox_id,
        "sequence": record["sequence"],
        "actor": record["actor"],
        "subject": record["subject"],
        "detail": detail,
        "hash": record["hash"],
    }


def cloud_event(sandbox_id: str, source: str, record: Record) -> dict[str, Any]:
    """The record as an event on the bus, with the attributes of CloudEvents 1.0."""
    return {
        "specversion": "1.0",
        "id": event_id(sandbox_id, record),
        "source": source,
        "type": record["type"],
        "time": record["at"],
        "subject": record["subject"],
        "sandboxId": sandbox_id,
        "data": event_data(sandbox_id, record),
    }


def webhook_body(event_type: str, at: str, data: Mapping[str, Any]) -> bytes:
    """The payload of Standard Webhooks, exactly as signed and sent."""
    return json.dumps({"type": event_type, "timestamp": at, "data": data}, separators=(",", ":")).encode()


def webhook_secret(key: bytes) -> str:
    """A signing key as receivers configure it."""
    return "whsec_" + base64.b64encode(key).decode()


def webhook_signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1` signature of Standard Webhooks: HMAC-SHA256 over id, Unix seconds and body, joined by full stops."""
    tag = hmac.digest(key, b".".join((message_id.encode(), str(timestamp).encode(), body)), hashlib.sha256)
    return "v1," + base64.b64encode(tag).decode()


def retry_after(attempt: int, asked: str | None, jitter: float) -> int | None:
    """Seconds to wait after failed attempt number `attempt` (from 1), or None when there is no other.

    `jitter` is uniform in 0 to 1. A receiver's `Retry-After` in seconds lengthens the wait, to a day at most.
    """
    if attempt > len(_RETRIES):
        return None
    wait = round(_RETRIES[attempt - 1] * (1 + _JITTER * jitter))
    return max(wait, min(int(asked), _LONGEST_WAIT)) if asked and asked.isdecimal() else wait
