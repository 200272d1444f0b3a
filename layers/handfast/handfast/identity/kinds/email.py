"""E-mail: trimmed, NFC, lower-cased, its domain in ASCII, hashed. Dots and plus tags stay (docs/identities.md)."""

import re
import unicodedata
from contextlib import suppress
from functools import lru_cache
from itertools import product

from handfast.identity.namespaces import Ask, Namespace, PhoneForm, Reading, Rejected, register
from handfast.identity.placeholders import placeholder_names, placeholder_words

_MAX = 254  # RFC 5321's limit for a path, less its brackets
# RFC 5322's atext, which `*` is part of and in data only masks; its specials need quotes, which nobody has. What no
# address begins with is what a file has put before one: an apostrophe of a spreadsheet, an equals sign. A question mark
# stands for a letter that an encoding lacks, so that `j?rgen` is several people's, and a bar parts what was joined.
_START = "0-9A-Za-z_+-"
_USUAL = f"!#$&/=^{{}}~{_START}"
_ATEXT = f"%'`{_USUAL}"
_LABEL = "[0-9A-Za-z]+(?:-+[0-9A-Za-z]+)*"
_ASCII_DOMAIN = rf"(?:{_LABEL}\.)+[A-Za-z]+(?:-+[0-9A-Za-z]+)*"
_BEYOND = "\x80-\U0010ffff"
_LOCAL_PART = re.compile(rf"[{_BEYOND}{_START}][{_BEYOND}{_ATEXT}]*(?:\.[{_BEYOND}{_ATEXT}]+)*")
_ENCODED_OR_QUOTED = re.compile("%[0-9a-fA-F]{2}|['`]$")
_DOMAIN = re.compile(_ASCII_DOMAIN)
_LONGEST_LABEL = 63
_PLAIN_MAX = 66  # leaves no room for a label of more than 63
# Characters that are drawn as nothing though they are no format characters (Unicode's Default_Ignorable_Code_Point),
# the blank of Braille, and what stands for a character that was lost.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufffd\U000e0100-\U000e01ef]"
)
_NO_LETTERS = ("C", "Z", "Pd", "Pi", "Pf")  # controls and unassigned, blanks, dashes, quotes
_SIGMA, _FINAL_SIGMA = "\u03c3", "\u03c2"
_A_LABEL = "xn--"
_ENDING = 10  # how long what follows the name of a placeholder's domain may be, such as `co.uk`
_ASCII = frozenset(map(chr, range(128)))
# How the first two bytes of a letter's UTF-8 look in Windows-1252 or Latin-1.
_TWO_BYTES = re.compile(f"[\xc2-\xf4][\x80-\xbf{bytes(range(0x80, 0xA0)).decode('cp1252', 'ignore')}]")
_MAILTO = re.compile("mailto:", re.IGNORECASE)


def _canonical(text: str, _reading: Reading) -> str:
    scheme = _MAILTO.match(text)
    address = text[scheme.end() :] if scheme else text
    local_part, _, domain = address.rpartition("@")
    if address.lower() in placeholder_words() or _is_placeholder(local_part.lower(), domain.lower()):
        raise Rejected("placeholder_email")
    if "*" in address:
        raise Rejected("looks_masked")
    local_part = _folded(local_part)
    if not _LOCAL_PART.fullmatch(local_part) or _ENCODED_OR_QUOTED.search(local_part):
        raise Rejected("invalid_email")
    if not address.isascii() and (not _is_visible(address) or _is_misread(address)):
        raise Rejected("invalid_email")
    canonical = f"{local_part}@{_ascii_domain(domain)}"
    if len(canonical.encode()) > _MAX:
        raise Rejected("invalid_email")
    return canonical


def _is_placeholder(local_part: str, domain: str) -> bool:
    ending = domain.removeprefix(f"{local_part}.")
    return local_part in placeholder_names() and ending != domain and len(ending) <= _ENDING


def _is_misread(address: str) -> bool:
    """Whether its letters, or small ones made of them, are bytes of UTF-8 taken for Windows-1252 or Latin-1."""
    suspects = [text for text in (address, address.upper()) if _TWO_BYTES.search(text)]
    for text, encoding in product(suspects, ("cp1252", "latin-1")):
        with suppress(UnicodeError):
            if text.encode(encoding).decode() != text:
                return True
    return False


def _is_visible(address: str) -> bool:
    """Whether each character beyond ASCII is assigned, is seen, and does not stand for an ASCII one."""
    return all(map(_stands_for_itself, {*unicodedata.normalize("NFC", address)} - _ASCII))


@lru_cache(10_000)
def _stands_for_itself(char: str) -> bool:
    """Other widths and styles do not, nor quotes and dashes that word processors put in the place of typed ones."""
    has_letters = not unicodedata.category(char).startswith(_NO_LETTERS)
    return has_letters and not any(map(str.isascii, unicodedata.normalize("NFKC", char))) and not _UNSEEN.match(char)


def _folded(local_part: str) -> str:
    """Lower case and NFC (RFC 6532 3.1). Which small sigma a capital one was depends on its place, so there is one."""
    if local_part.isascii():
        return local_part.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", local_part).lower().replace(_FINAL_SIGMA, _SIGMA))


def _ascii_domain(domain: str) -> str:
    """The domain as DNS has it, internationalised labels as A-labels (RFC 5891); raises Rejected."""
    is_plain = domain.isascii() and _A_LABEL not in domain.lower()
    ascii_domain = domain.lower() if is_plain else _a_labels(domain)
    if not _DOMAIN.fullmatch(ascii_domain) or max(map(len, ascii_domain.split("."))) > _LONGEST_LABEL:
        raise Rejected("invalid_email")
    return ascii_domain


@lru_cache(1024)
def _a_labels(domain: str) -> str:
    import idna  # noqa: PLC0415 - its tables are larger than all else here

    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode()
    except idna.IDNAError:
        raise Rejected("invalid_email") from None


def _plain(text: str) -> str:
    address = rf"[{_START}][{_USUAL}]*(?:\.[{_USUAL}]+)*@{_ASCII_DOMAIN}"
    words = sorted(word for word in placeholder_words() if "@" in word)
    names = sorted(f"{name}@{name}" for name in placeholder_names())
    pattern = "|".join([*map(re.escape, words), *(rf"{re.escape(name)}\..{{1,{_ENDING}}}" for name in names)])
    longest = max(*map(len, words), max(map(len, names)) + 1 + _ENDING)
    return (
        f"strlen({text}) <= {_PLAIN_MAX} AND NOT contains({text}, '--') AND regexp_full_match({text}, '{address}')"
        f" AND CASE WHEN strlen({text}) > {longest} THEN TRUE ELSE NOT regexp_full_match({text}, '(?i){pattern}') END"
    )


def _spelt(ask: Ask, source: str, _form: PhoneForm | None) -> str:
    from handfast.identity.email_spellings import spelt_sql  # noqa: PLC0415 - needed for files alone

    return spelt_sql(ask, source, starts=_START, goes_on=_USUAL, longest=_MAX, domain=_usual_domain)


def _usual_domain(domain: str) -> str | None:
    """The domain as DNS has it; None where the whole address tells whether it is one."""
    if "'" in domain or (not domain.isascii() and (not _is_visible(domain) or _is_misread(domain))):
        return None
    try:
        return _ascii_domain(domain)
    except Rejected:
        return None


register(
    Namespace(
        code=1,
        symbol="Email_LC_SHA256",
        aliases=("email", "emails", "email_sha256", "hashed_email"),
        title="E-mail",
        description="The SHA-256 of an e-mail address in lower case",
        hashed=True,
        canonical=_canonical,
        plain=_plain,
        plain_canonical="lower({0})",
        spelt=_spelt,
    )
)
