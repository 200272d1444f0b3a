"""How California's Delete Request and Opt-out Platform (DROP) hashes identifiers: standardised, UTF-8, SHA-256, Base64.

Source: the technical documentation 1.2 of DROP (Civ. Code 1798.99.86; 11 CCR 7600 et seq.).

An e-mail address is standardised as the e-mail namespace does: both digests are the same 32 bytes. Of a phone number
only the last ten digits count, so that one hash stands for numbers of several countries and none for a digest of E.164.
A mobile advertising id (MAID) is its 32 hex digits in lower case: the canonical UUID of IDFA and GAID without hyphens.
An id of a television (CTVID) is its letters and digits in lower case. NDZ (first name, last name, date of birth, ZIP)
and NameVIN (first name, last name, VIN) are the hash of the Base64 texts of each field's hash, one after the other:
what is held of them is such a hash, which a sandbox has in a namespace of its own that says so (`OwnList`).
"""

import hashlib
from typing import Literal

from typing_extensions import TypeAliasType

from handfast.identity.keys import Key, key
from handfast.identity.namespaces import Namespace, namespace, namespace_of

OwnList = TypeAliasType("OwnList", Literal["CTVID", "NDZ", "NameVIN"])
"""A list that a sandbox's own namespace can say it is compared with: its values are hashed as DROP hashes them.

Values of a namespace of texts are ids of televisions as they are, and hashed here.
"""

LAST_TEN = 255
"""Stands for the last ten digits of a phone number where an identity's key has the code of its namespace."""
MAID = 254
"""Stands for a mobile advertising id of whatever platform where an identity's key has the code of its namespace."""
TELEVISION = 253
"""Stands for the id of a television where an identity's key has the code of its namespace."""
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


def may_be_television(kind: Namespace) -> bool:
    """Whether values of a namespace may be ids of televisions as they are: texts of a sandbox's own."""
    return kind.by_agreement and not kind.hashed


def listed_key(secret: bytes, code: int, value: bytes) -> Key | None:
    """The key by which DROP lists a device or a television of a canonical value; None of other values."""
    if code in device_codes():
        return key(secret, MAID, hashlib.sha256(value.replace(b"-", b"")).digest())
    if may_be_television(namespace_of(code)):
        letters = "".join(filter(str.isalnum, value.decode())).lower()
        return key(secret, TELEVISION, hashlib.sha256(letters.encode()).digest())
    return None


def device_digest_sql(value: str) -> str:
    """SQL: the SHA-256 of the mobile advertising id of a canonical value, a BLOB."""
    return f"unhex(sha256(replace(decode({value}), '-', '')))"


def television_digest_sql(value: str) -> str:
    """SQL: the SHA-256 of the id of a television of a canonical value, a BLOB."""
    return f"unhex(sha256(regexp_replace(lower(decode({value})), '[^0-9a-z]', '', 'g')))"
