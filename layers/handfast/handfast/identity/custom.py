"""Namespaces that sandboxes define for themselves: partner ids (docs/identities.md, Namespaces of your own)."""

import re
from typing import Literal

from typing_extensions import TypeAliasType

from handfast.identity.namespaces import MAX_LENGTH, Namespace, Reading, Rejected
from handfast.identity.patterns import IDENTITY, holds_identity
from handfast.identity.placeholders import ABSENT

ValueKind = TypeAliasType("ValueKind", Literal["sha256", "text"])
"""A SHA-256 that was made elsewhere, or a text that is kept as it is."""

FIRST_CODE = 1000
"""The first code that a deployment gives, above all of namespaces that every sandbox has."""
LAST_CODE = 32767
"""The last one: objects hold a SMALLINT."""
_SEEN = "[!-~]+"
_ONE_DIGIT = "|".join(("0+", *(f"{digit}{{8,}}" for digit in "123456789")))
"""Nothing but zeros, or another digit eight times or more: fewer can be somebody's number."""


def custom_namespace(code: int, symbol: str, kind: ValueKind, min_length: int, max_length: int) -> Namespace:
    """A sandbox's namespace. Its texts are printable ASCII without blanks, whose case counts, of so many characters."""

    def canonical(text: str, _reading: Reading) -> str:
        if kind == "sha256" or not re.fullmatch(_SEEN, text) or not min_length <= len(text) <= max_length:
            raise Rejected("invalid_partner_id")
        if text.lower() in ABSENT or re.fullmatch(_ONE_DIGIT, text):
            raise Rejected("placeholder_partner_id")
        if holds_identity(text):
            raise Rejected("raw_identifier")
        return text

    def plain(text: str) -> str:
        if kind == "sha256":
            return "FALSE"
        return (
            f"strlen({text}) BETWEEN {min_length} AND {max_length} AND regexp_full_match({text}, '{_SEEN}')"
            f" AND NOT regexp_full_match({text}, '(?i){_quoted(_ABSENT)}|{_ONE_DIGIT}')"
            f" AND NOT regexp_matches({text}, '{_quoted(IDENTITY)}')"
        )

    return Namespace(
        code=code,
        symbol=symbol,
        aliases=(),
        title=symbol,
        description=f"An id of the sandbox's own, {'as a SHA-256' if kind == 'sha256' else 'as it is'}",
        hashed=kind == "sha256",
        canonical=canonical,
        plain=plain,
        plain_canonical="{0}",
        by_agreement=True,
    )


_ABSENT = "|".join(map(re.escape, ABSENT))


def _quoted(pattern: str) -> str:
    return pattern.replace("'", "''")


def lengths_of(kind: ValueKind, min_length: int | None, max_length: int | None) -> tuple[int, int]:
    """The lengths of a namespace's texts, where none are given from 1 to 1,024; (0, 0) of digests, which have one."""
    return (0, 0) if kind == "sha256" else (min_length or 1, max_length or MAX_LENGTH)
