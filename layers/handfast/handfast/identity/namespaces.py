"""The namespaces and how a value of each becomes canonical.

Adding one is a new file in `kinds/` that registers itself. Its `canonical` decides; the `plain` SQL only recognises,
in bulk, values whose canonical form plain SQL gives too, and everything else is left to `canonical`.
"""

import hashlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from handfast.identity import kinds

MAX_LENGTH = 1024
"""Adobe's limit for an identity value, in characters."""
BLANKS = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
"""What is trimmed from both ends of a value: Unicode's spaces, and the invisible joiners that copying leaves."""
DIGEST_SHAPE = "[0-9a-fA-F]{64}"
EMPTY_DIGEST = hashlib.sha256(b"").hexdigest()
"""The digest of nothing, which careless files carry for everybody without an address."""

_DIGEST = re.compile(DIGEST_SHAPE)


class Rejected(ValueError):  # noqa: N818 - an expected outcome
    """A value that is not an identity; `reason` is a stable code. The value itself is never part of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownNamespaceError(LookupError):
    """No namespace has this name or code."""


@dataclass(frozen=True)
class Namespace:
    """A kind of identity.

    `canonical` takes trimmed text and the region that national phone numbers belong to (ISO 3166, or None) and
    returns the canonical text or raises Rejected. With `hashed`, the value is the SHA-256 of that text, and 64 hex
    digits are such a digest already. `plain` (a condition) and `plain_canonical` are SQL over a trimmed text `{0}`.
    """

    code: int
    symbol: str
    aliases: tuple[str, ...]
    hashed: bool
    canonical: Callable[[str, str | None], str]
    plain: str
    plain_canonical: str

    def normalise(self, value: str, *, phone_region: str | None = None) -> bytes:
        """The canonical value; raises Rejected. Whether a hashed namespace's value is raw, its shape tells."""
        text = value.strip(BLANKS)
        if not text:
            raise Rejected("empty")
        if len(text) > MAX_LENGTH:
            raise Rejected("too_long")
        if self.hashed and is_digest(text):
            return _digest(text)
        try:
            canonical = self.canonical(text, phone_region).encode()
        except UnicodeEncodeError:
            raise Rejected("not_text") from None
        return hashlib.sha256(canonical).digest() if self.hashed else canonical


def is_digest(value: str) -> bool:
    """Whether the value is 64 hex digits, and so is never hashed again."""
    return _DIGEST.fullmatch(value.strip(BLANKS)) is not None


def _digest(text: str) -> bytes:
    if text.lower() == EMPTY_DIGEST:
        raise Rejected("digest_of_nothing")
    return bytes.fromhex(text)


_REGISTRY: dict[int, Namespace] = {}


def register(new: Namespace) -> None:
    """Make a namespace known; its code and names must be free."""
    taken = {name for known in _REGISTRY.values() for name in _names(known)}
    if new.code in _REGISTRY or not taken.isdisjoint(_names(new)):
        raise ValueError(f"namespace {new.symbol} is registered twice")
    _REGISTRY[new.code] = new


def _names(known: Namespace) -> set[str]:
    return {name.casefold() for name in (known.symbol, *known.aliases)}


@cache
def namespaces() -> dict[int, Namespace]:
    """All namespaces, by code."""

    for module in pkgutil.iter_modules(kinds.__path__):
        import_module(f"{kinds.__name__}.{module.name}")
    return dict(sorted(_REGISTRY.items()))


@cache
def _by_name() -> dict[str, Namespace]:
    return {name: known for known in namespaces().values() for name in _names(known)}


def namespace(name: str) -> Namespace:
    """The namespace of a symbol or alias in any case; raises UnknownNamespaceError."""
    try:
        return _by_name()[name.strip().casefold()]
    except KeyError:
        known = ", ".join(namespace.symbol for namespace in namespaces().values())
        raise UnknownNamespaceError(f"unknown namespace; use one of {known}") from None


def namespace_of(code: int) -> Namespace:
    """The namespace of a stored code; raises UnknownNamespaceError."""
    try:
        return namespaces()[code]
    except KeyError:
        raise UnknownNamespaceError(f"no namespace has the code {code}") from None
