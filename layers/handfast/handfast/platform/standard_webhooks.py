"""Signatures of Standard Webhooks."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any


def webhook_secret(key: bytes) -> str:
    """A signing key as receivers configure it."""
    return "whsec_" + base64.b64encode(key).decode()


def webhook_signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1` signature of Standard Webhooks: HMAC-SHA256 over id, Unix seconds and body, joined by full stops."""
    tag = hmac.digest(key, b".".join((message_id.encode(), str(timestamp).encode(), body)), hashlib.sha256)
    return "v1," + base64.b64encode(tag).decode()


def webhook_body(event_type: str, at: str, data: Mapping[str, Any]) -> bytes:
    """The payload of Standard Webhooks, exactly as signed and sent."""
    return json.dumps({"type": event_type, "timestamp": at, "data": data}, separators=(",", ":")).encode()
