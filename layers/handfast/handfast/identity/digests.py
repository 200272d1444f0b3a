"""Digests that come in the place of a value, and what else a refused value looks like."""

import base64
import re

from handfast.identity.placeholders import placeholder_digests
from handfast.identity.rejected import Rejected

_HEX = "[0-9a-fA-F]{64}"
_HEX_SHAPE = re.compile(_HEX)
# 32 bytes are 43 characters and one of padding, in either alphabet of RFC 4648; never an address or a number.
_BASE64_SHAPE = re.compile(r"[0-9A-Za-z+/]{43}=|[0-9A-Za-z_-]{43}=")
_LOOKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("looks_like_md5", re.compile(r"[0-9a-fA-F]{32}|[0-9A-Za-z+/_-]{22}==")),
    ("looks_like_sha1", re.compile(r"[0-9a-fA-F]{40}|[0-9A-Za-z+/_-]{27}=")),
    ("looks_like_sha512", re.compile(r"[0-9a-fA-F]{128}|[0-9A-Za-z+/_-]{86}==")),
    ("looks_masked", re.compile(r".*(?:[*\u2022\u25cf\u2217\uff0a]|([xX#?_])\1).*", re.DOTALL)),
)


def digest_of(text: str) -> bytes | None:
    """The SHA-256 that trimmed text is, in 64 hex digits or padded Base64; None if it is no digest.

    Raises Rejected for the digest of a placeholder.
    """
    digest = _read(text)
    if digest is not None and digest.hex() in placeholder_digests():
        raise Rejected("placeholder_digest")
    return digest


def is_digest_text(text: str) -> bool:
    """Whether trimmed text is a SHA-256, in 64 hex digits or padded Base64."""
    return _read(text) is not None


def _read(text: str) -> bytes | None:
    if _HEX_SHAPE.fullmatch(text):
        return bytes.fromhex(text)
    if _BASE64_SHAPE.fullmatch(text):
        digest = base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_"))
        # The last character holds two bits that belong to no byte: with them set, no encoder has written it.
        spelt = base64.b64encode(digest).decode()
        return digest if text.replace("-", "+").replace("_", "/") == spelt else None
    return None


def hex_digest_sql(text: str) -> str:
    """SQL: whether a trimmed text is a digest in hex that `digest_of` reads; not all that it reads is recognised."""
    # Longer beginnings would be more than the engine's automaton holds.
    starts = "|".join(sorted({digest[:6] for digest in placeholder_digests()}))
    return (
        f"CASE WHEN strlen({text}) = 64 THEN regexp_full_match({text}, '{_HEX}')"
        f" AND NOT regexp_matches({text}, '^(?i:{starts})') ELSE FALSE END"
    )


def looks_like(text: str) -> str | None:
    """The reason that says what a refused value looks like: another digest, or a mask."""
    return next((reason for reason, shape in _LOOKS if shape.fullmatch(text)), None)
