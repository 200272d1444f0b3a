"""An identity's key (docs/architecture.md, Identity)."""

import hashlib

type Key = tuple[int, int]
"""`(hi, lo)`."""


def key(secret: bytes, code: int, value: bytes) -> Key:
    """`(hi, lo)`: the first 16 bytes of SHA-256(secret, code as one byte, value) as two signed 64-bit integers."""
    digest = hashlib.sha256(secret + bytes([code]) + value).digest()
    return int.from_bytes(digest[:8], signed=True), int.from_bytes(digest[8:16], signed=True)
