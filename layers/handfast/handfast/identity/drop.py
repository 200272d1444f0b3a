"""How California's Delete Request and Opt-out Platform (DROP) hashes identifiers: standardised, UTF-8, SHA-256, Base64.

Source: the technical documentation 1.2 of DROP (Civ. Code 1798.99.86; 11 CCR 7600 et seq.).

An e-mail address is standardised as the e-mail namespace does: both digests are the same 32 bytes. Of a phone number
only the last ten digits count, so that one hash stands for numbers of several countries and none for a digest of E.164.
"""

import hashlib

from handfast.identity.keys import Key, key

LAST_TEN = 255
"""Stands for the last ten digits of a phone number where an identity's key has the code of its namespace."""
_DIGITS = 10


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
