"""A source's own ids of people, as they are kept: one that is or holds an address or a number, as a keyed hash.

The same rule holds on every way in, so that ids tie whatever way they came. Connectors are not asked for hashed ids.
"""

import re
import unicodedata

from handfast.identity.keys import PROFILE_ID, digest, digest_sql
from handfast.identity.namespaces import BLANKS, Reading, Rejected, namespace
from handfast.identity.patterns import ADDRESS, INTERNATIONAL
from handfast.identity.placeholders import ABSENT

PREFIX = "hash_"
_RAW = re.compile(f"{ADDRESS}|{INTERNATIONAL}")
_HASHED = re.compile(f"{PREFIX}[0-9a-f]{{64}}")
# An integer as tables of floats and decimals write it. With three zeros behind three digits it may be thousands.
_FLOAT = "(?:0|[1-9][0-9]{0,14})[.]0"
_WHOLE = re.compile("(-?(?:0|[1-9][0-9]{0,14}))[.,](?:0|00|0{4,}|(?<=[0-9]{4}[.,])000)")
_SHORTENED = re.compile("-?[0-9](?:[.,][0-9]+)?[eE][+][0-9]+|-?[0-9][.,][0-9]+[eE]-?[0-9]+|-?[0-9]{1,3}[.,]000")
_NUMERIC = "-?[0-9]+[.,][0-9]+(?:[eE]-?[0-9]+)?"
_QUOTES = "\"'"
_UNSEEN = ("C", "Zl", "Zp")  # controls, format characters and unassigned, line and paragraph separators
_LOST = "\ufffd"


def kept(text: str, secret: bytes) -> str | None:
    """The id as it is kept, in NFC and without blanks around; None for a blank one. Raises Rejected.

    What stands for a missing id or address would tie strangers, and is refused. So is what a file has put around or
    into an id, or left out of it, which would keep it from tying. An integer written as a float is that integer.

    An address or a number in international form is hashed in its canonical form, so that spellings of it are one id;
    a text that only holds one, such as `crm:` and an address, as it is. Other ids stay.
    """
    trimmed = _as_meant(unicodedata.normalize("NFC", text.strip(BLANKS)))
    if not trimmed:
        return None
    if trimmed.lower() in ABSENT:
        raise Rejected("placeholder_profile_id")
    if not _RAW.search(trimmed):
        return trimmed
    return PREFIX + digest(secret, PROFILE_ID, _canonical(trimmed).encode()).hex()


def _as_meant(text: str) -> str:
    whole = _WHOLE.fullmatch(text)
    if whole:
        return whole[1]
    if _SHORTENED.fullmatch(text):
        raise Rejected("not_whole_number")
    is_absent = text.lower() in ABSENT
    if not is_absent and (text.startswith((*_QUOTES, '="')) or text.endswith(tuple(_QUOTES)) or not _is_visible(text)):
        raise Rejected("invalid_profile_id")
    return text


def _is_visible(text: str) -> bool:
    return not any(char == _LOST or unicodedata.category(char).startswith(_UNSEEN) for char in text)


def is_hashed(profile_id: str) -> bool:
    """Whether only its hash is kept of an id."""
    return _HASHED.fullmatch(profile_id) is not None


def _canonical(text: str) -> str:
    for name in ("email", "phone") if text.startswith(("+", "\uff0b")) else ("email",):
        try:
            return namespace(name).canonical(text, Reading())
        except Rejected as rejected:
            if rejected.reason.startswith("placeholder_"):
                raise Rejected("placeholder_profile_id") from None
    return text


def is_plain(text: str) -> str:
    """SQL: whether plain SQL knows what is kept of a text that is not blank; `kept` decides on others."""
    return (
        f"CASE WHEN contains({text}, '@') THEN {namespace('email').plain(text)}"
        f" WHEN {_is_usual(text)} THEN TRUE ELSE {_is_ordinary(text)} END"
    )


def plain_kept(text: str) -> str:
    """SQL of `kept` where `is_plain` holds; the variable `secret` holds the secret."""
    email = namespace("email").plain_canonical.format(text)
    hashed = f"'{PREFIX}' || {digest_sql(PROFILE_ID, f'encode({email})')}"
    is_float = f"suffix({text}, '.0') AND regexp_full_match({text}, '{_FLOAT}')"
    return f"CASE WHEN contains({text}, '@') THEN {hashed} WHEN {is_float} THEN left({text}, -2) ELSE {text} END"


def _is_usual(text: str) -> str:
    """SQL: printable ASCII with a digit, by which one look tells that it is no word, and an integer as a float."""
    inside, end = "[ -$&-*/-?A-~-]*", "[!#$&(-*/-?A-~-]"
    return f"regexp_full_match({text}, '(?:[1-9]|[A-Za-z]{inside}[0-9])(?:{inside}{end})?|{_FLOAT}')"


def _is_ordinary(text: str) -> str:
    """SQL: printable ASCII without what an address or a number is known by, and no word for a missing id.

    Nor has it quotes at its ends, and it is no number with a point.
    """
    absent = "|".join(re.escape(word) for word in ABSENT).replace("'", "''")
    pattern = "[!#$&(-*,-<>?A-~](?:[ -$&-*,-?A-~]*[!#$&(-*,-?A-~])?"
    return f"regexp_full_match({text}, '{pattern}') AND NOT regexp_full_match({text}, '(?i){absent}|{_NUMERIC}')"
