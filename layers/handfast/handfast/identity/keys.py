"""An identity's key (docs/architecture.md, Identity), in Python and, for many at once, in SQL."""

import hashlib

from typing_extensions import TypeAliasType

Key = TypeAliasType("Key", tuple[int, int])
"""`(hi, lo)`."""

PROFILE_ID = 0
"""Stands for a profile id where an identity's key has the code of its namespace, which begins at 1."""


_OF_SANDBOX = 253
"""Stands before the two bytes of a code above 255, which is that of a sandbox's own namespace."""


def _code_bytes(code: int) -> bytes:
    return bytes([code]) if code < 1 << 8 else bytes([_OF_SANDBOX]) + code.to_bytes(2)


def digest(secret: bytes, code: int, value: bytes) -> bytes:
    """SHA-256(secret, code, value); the code is one byte, or 253 and two bytes where it is above 255."""
    return hashlib.sha256(secret + _code_bytes(code) + value).digest()


def key(secret: bytes, code: int, value: bytes) -> Key:
    """`(hi, lo)`: the first 16 bytes of the digest as two signed 64-bit integers."""
    start = digest(secret, code, value)
    return int.from_bytes(start[:8], signed=True), int.from_bytes(start[8:16], signed=True)


def digest_sql(code: int, value: str) -> str:
    """SQL: the digest of a value in bytes, as hex; takes the variable `secret`."""
    text = "".join(f"\\x{byte:02x}" for byte in _code_bytes(code))
    return f"sha256(getvariable('secret') || '{text}'::BLOB || {value})"


def key_sql() -> str:
    """SQL: `hi, lo` of the column `digest`."""
    cut = "CAST(CAST(unhex(substr(digest, {}, 16)) AS BIT) AS BIGINT) AS {}"
    return ", ".join(cut.format(start, name) for start, name in ((1, "hi"), (17, "lo")))
