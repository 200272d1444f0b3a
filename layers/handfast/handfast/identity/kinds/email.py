"""E-mail: trimmed and lower-cased, hashed. Dots and plus tags stay (docs/sources.md, Seed 000)."""

import re

from handfast.identity.namespaces import Namespace, Rejected, register

_MAX = 254  # RFC 5321's limit for a path, less its brackets
# A shape check, not RFC 5322: one @, a domain of at least two labels, no space or control character. Beyond ASCII
# any letter goes, for internationalised addresses.
_SHAPE = re.compile(r"[^\x00-\x20\x7f@\s]+@(?:[0-9A-Za-z-]|[^\x00-\x7f\s])+(?:\.(?:[0-9A-Za-z-]|[^\x00-\x7f\s])+)+")


def _canonical(text: str, _phone_region: str | None) -> str:
    address = text.lower()
    if len(address) > _MAX or not _SHAPE.fullmatch(address):
        raise Rejected("invalid_email")
    return address


register(
    Namespace(
        code=1,
        symbol="Email_LC_SHA256",
        aliases=("email", "emails", "email_sha256", "hashed_email"),
        hashed=True,
        canonical=_canonical,
        plain=r"regexp_full_match({0}, '[!-?A-~]+@[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)+') AND strlen({0}) <= 254",
        plain_canonical="lower({0})",
    )
)
