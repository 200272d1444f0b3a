"""The deployment secret and the keys derived from it, one per purpose, so that no other secret is stored."""

import hashlib
import hmac
from functools import cache

from handfast.platform import aws
from handfast.platform.settings import setting


@cache
def _deployment_secret() -> bytes:
    text = aws.secretsmanager().get_secret_value(SecretId=setting("DEPLOYMENT_SECRET_ARN"))["SecretString"]
    return text.encode()


@cache
def derived(purpose: str) -> bytes:
    """32 bytes for one purpose, such as `identity`, `cursor` or `webhook/{id}` (HMAC-SHA256 as a key derivation)."""
    return hmac.digest(_deployment_secret(), purpose.encode(), hashlib.sha256)


def identity_secret() -> bytes:
    """The 16 bytes that key identities: short enough for a digest's key to be one SHA-256 block."""
    return derived("identity")[:16]
