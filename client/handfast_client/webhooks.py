"""Signatures of webhooks, as the Standard Webhooks specification has them."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping

from handfast_client.errors import HandfastError

PREFIX = "whsec_"
TOLERANCE = 300.0
"""Seconds that a message may be older or newer than now."""


class SignatureError(HandfastError):
    """A message is not from whom the secret is shared with, or it is too old."""


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that a message is sent with. `secret` is as it was shown, `whsec_` and Base64."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    value = base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{value}"}


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """Raises SignatureError unless one of the signatures of a message is the secret's, and it was sent just now."""
    given = {name.lower(): value for name, value in headers.items()}
    try:
        timestamp = int(given["webhook-timestamp"])
        wanted = sign(secret, given["webhook-id"], timestamp, body)["webhook-signature"].encode()
        signatures = given["webhook-signature"].encode().split()
    except (KeyError, ValueError) as error:
        raise SignatureError("the headers of a webhook are missing, or are none") from error
    if abs(int(time.time()) - timestamp) > TOLERANCE:
        raise SignatureError("the message is too old, or from the future")
    if not any(hmac.compare_digest(wanted, each) for each in signatures):
        raise SignatureError("no signature is the secret's")


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        key = b""
    if not key:  # anybody could sign with it
        raise SignatureError("the secret is not one: whsec_ and Base64")
    return key
