"""A source's own ids of people, as they are kept: one that is or holds an address or a number, as a keyed hash.

The same rule holds on every way in, so that ids tie whatever way they came. Connectors are not asked for hashed ids.
"""

import re

from handfast.identity.free_text import ADDRESS, INTERNATIONAL
from handfast.identity.keys import PROFILE_ID, digest, digest_sql
from handfast.identity.namespaces import BLANKS, Reading, Rejected, namespace
from handfast.identity.placeholders import ABSENT

PREFIX = "hash_"
_RAW = re.compile(f"{ADDRESS}|{INTERNATIONAL}")
_HASHED = re.compile(f"{PREFIX}[0-9a-f]{{64}}")


def kept(text: str, secret: bytes) -> str | None:
    """The id as it is kept, without blanks around; None for a blank one. Raises Rejected.

    What stands for a missing id or address would tie strangers, and is refused.

    An address or a number in international form is hashed in its canonical form, so that spellings of it are one id;
    a text that only holds one, such as `crm:` and an address, as it is. Other ids stay.
    """
    trimmed = text.strip(BLANKS)
    if not trimmed:
        return None
    if trimmed.lower() in ABSENT:
        raise Rejected("placeholder_profile_id")
    if not _RAW.search(trimmed):
        return trimmed
    return PREFIX + digest(secret, PROFILE_ID, _canonical(trimmed).encode()).hex()


def is_hashed(profile_id: str) -> bool:
    """Whether only its hash is kept of an id."""
    return _HASHED.fullmatch(profile_id) is not None


def _canonical(text: str) -> str:
    for name in ("email", "phone") if text.startswith("+") else ("email",):
        try:
            return namespace(name).canonical(text, Reading())
        except Rejected as rejected:
            if rejected.reason.startswith("placeholder_"):
                raise Rejected("placeholder_profile_id") from None
    return text


def is_plain(text: str) -> str:
    """SQL: whether plain SQL knows what is kept of a text that is not blank; `kept` decides on others."""
    return f"CASE WHEN contains({text}, '@') THEN {namespace('email').plain(text)} ELSE {_is_ordinary(text)} END"


def plain_kept(text: str) -> str:
    """SQL of `kept` where `is_plain` holds; the variable `secret` holds the secret."""
    email = namespace("email").plain_canonical.format(text)
    hashed = f"'{PREFIX}' || {digest_sql(PROFILE_ID, f'encode({email})')}"
    return f"CASE WHEN contains({text}, '@') THEN {hashed} ELSE {text} END"


def _is_ordinary(text: str) -> str:
    """SQL: printable ASCII without what an address or a number is known by, and no word for a missing id.

    No such word has a digit, so that most ids need one look.
    """
    absent = ", ".join(f"'{word}'" for word in ABSENT)
    usual = "!-$&-*,-?A-~"
    with_digit = f"regexp_full_match({text}, '(?:[{usual}][ {usual}]*)?[0-9](?:[ {usual}]*[{usual}])?')"
    without = f"regexp_full_match({text}, '[{usual}](?:[ {usual}]*[{usual}])?') AND lower({text}) NOT IN ({absent})"
    return f"CASE WHEN {with_digit} THEN TRUE ELSE {without} END"
