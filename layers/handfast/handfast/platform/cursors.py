"""Opaque list cursors, signed and bound to what they page through, so that none can be forged or moved."""

import base64
import binascii
import hashlib
import hmac

from handfast.platform import secret
from handfast.platform.problems import Malformed

_TAG = 12


def _tag(key: bytes, scope: str, position: bytes) -> bytes:
    return hmac.digest(key, scope.encode() + b"\0" + position, hashlib.sha256)[:_TAG]


def encode(scope: str, position: str) -> str:
    """A cursor for `position` inside `scope` (the list and its filters)."""
    raw = position.encode()
    return base64.urlsafe_b64encode(_tag(secret.derived(secret.API, "cursor"), scope, raw) + raw).decode().rstrip("=")


def decode(scope: str, cursor: str) -> str:
    """The position in a cursor of this scope; any other cursor raises Malformed."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    tag, position = raw[:_TAG], raw[_TAG:]
    keys = secret.accepted(secret.API, "cursor")
    if not position or not any(hmac.compare_digest(tag, _tag(key, scope, position)) for key in keys):
        raise Malformed("cursor is not one that this list gave out; start again without it", pointer="/cursor")
    return position.decode()
