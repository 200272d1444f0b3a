"""The deployment secret and the keys derived from it, one per purpose, so that no other secret is stored."""

import base64
import hashlib
import hmac
import os
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


_NONCE_BYTES = 12


def sealed(purpose: str, about: str, data: bytes) -> str:
    """The data encrypted (AES-256-GCM), in base64; it opens only for the same purpose and `about`."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - few functions seal

    nonce = os.urandom(_NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(derived(purpose)).encrypt(nonce, data, about.encode())).decode()


def opened(purpose: str, about: str, text: str) -> bytes:
    """What `sealed` was given; InvalidTag for anything else."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - few functions seal

    data = base64.b64decode(text)
    return AESGCM(derived(purpose)).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], about.encode())
