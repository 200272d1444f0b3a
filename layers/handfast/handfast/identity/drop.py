"""How California's Delete Request and Opt-out Platform (DROP) hashes identifiers: standardised, UTF-8, SHA-256, Base64.

Source: the technical documentation 1.2 of DROP (Civ. Code 1798.99.86; 11 CCR 7600 et seq.).

An e-mail address is standardised as the e-mail namespace does: both digests are the same 32 bytes. Of a phone number
only the last ten digits count, so that one hash stands for numbers of several countries and none for a digest of E.164.
A mobile advertising id (MAID) is its 32 hex digits in lower case: the canonical UUID of IDFA and GAID without hyphens.
"""

import hashlib

from handfast.identity.keys import Key, key
from handfast.identity.namespaces import namespace

LAST_TEN = 255
"""Stands for the last ten digits of a phone number where an identity's key has the code of its namespace."""
MAID = 254
"""Stands for a mobile advertising id of whatever platform where an identity's key has the code of its namespace."""
_DIGITS = 10
_PLATFORMS = ("idfa", "gaid")


def phone_digest(number: str) -> bytes:
    """The SHA-256 of a phone number's last ten digits, or of all where it has fewer."""
    digits = "".join(filter(str.isdecimal, number))
    return hashlib.sha256(digits[-_DIGITS:].encode()).digest()


def phone_key(secret: bytes, number: str) -> Key:
    """The key that stands for a phone number's last ten digits."""
    return key(secret, LAST_TEN, phone_digest(number))


def phone_digest_sql(e164: str) -> str:
    """SQL: `phone_digest` of a number in E.164."""
    return f"unhex(sha256(right(ltrim({e164}, '+'), {_DIGITS})))"


def device_codes() -> tuple[int, ...]:
    """The codes of the namespaces whose values are mobile advertising ids."""
    return tuple(namespace(name).code for name in _PLATFORMS)


def device_key(secret: bytes, value: bytes) -> Key:
    """The key that stands for the mobile advertising id of a canonical value."""
    return key(secret, MAID, hashlib.sha256(value.replace(b"-", b"")).digest())


def device_digest_sql(value: str) -> str:
    """SQL: the SHA-256 of the mobile advertising id of a canonical value, a BLOB."""
    return f"unhex(sha256(replace(decode({value}), '-', '')))"
