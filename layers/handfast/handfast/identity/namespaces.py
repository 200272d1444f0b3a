"""The namespaces and how a value of each becomes canonical (docs/identities.md).

Adding one is a new file in `kinds/` that registers itself. Its `canonical` decides; the `plain` SQL only recognises,
in bulk, values that `canonical` gives back as plain SQL does, and everything else is left to `canonical`.
"""

import hashlib
import pkgutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Literal

from typing_extensions import TypeAliasType

from handfast.identity import kinds
from handfast.identity.digests import digest_of, is_digest_text, looks_like
from handfast.identity.rejected import Rejected as Rejected  # noqa: PLC0414 - for those who normalise

PhoneForm = TypeAliasType("PhoneForm", Literal["e164", "national", "digitsWithCountryCode"])
"""How all phone numbers of a column are written."""

MAX_LENGTH = 1024
"""Adobe's limit for an identity value, in characters."""
BLANKS = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\xad\u061c\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u2061"
    "\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u3000\ufeff"
)
"""What is trimmed from both ends of a value: Unicode's spaces, and the invisible marks that copying leaves."""


class UnknownNamespaceError(LookupError):
    """No namespace has this name or code."""


@dataclass(frozen=True)
class Reading:
    """What is known of a value beside its text: the region (ISO 3166) and the form of phone numbers, or None."""

    phone_region: str | None = None
    phone_form: PhoneForm | None = None


Ask = TypeAliasType("Ask", Callable[[str], Sequence[tuple[Any, ...]]])
"""Runs a SELECT, and returns its rows."""


@dataclass(frozen=True)
class Namespace:
    """A kind of identity. `title` and `description` are for people.

    `canonical` takes trimmed text and what is known of it, and returns the canonical text or raises Rejected. With
    `hashed`, the value is the SHA-256 of that text, and what is a SHA-256 already is taken as it is. `plain` makes the
    SQL condition over a trimmed text, and `plain_canonical` is SQL over a trimmed text `{0}`. `spelt`, where it pays to
    read other spellings in bulk, too, makes the SELECT of `id, canonical` of a FROM item of `id, text, region`, in the
    form given, and may ask the engine what there is in it; a text without a row, or with null, is left to `canonical`.
    With `regional`, a value's region and form say how it is read. `by_agreement`: a sandbox's own, shared with a
    partner once both sides have agreed on it, and never hashed here. `exportable`: destinations may be given its
    values.
    """

    code: int
    symbol: str
    aliases: tuple[str, ...]
    title: str
    description: str
    hashed: bool
    canonical: Callable[[str, Reading], str]
    plain: Callable[[str], str]
    plain_canonical: str
    regional: bool = False
    spelt: Callable[[Ask, str, PhoneForm | None], str] | None = None
    by_agreement: bool = False
    exportable: bool = True

    @property
    def hashes_raw(self) -> bool:
        """Whether raw values of it are taken and hashed here."""
        return self.hashed and not self.by_agreement

    @property
    def names(self) -> frozenset[str]:
        """What it is called by, in case-folded form."""
        return frozenset(name.casefold() for name in (self.symbol, *self.aliases))

    def normalise(self, value: str, *, phone_region: str | None = None, phone_form: PhoneForm | None = None) -> bytes:
        """The canonical value; raises Rejected. Whether a hashed namespace's value is raw, its shape tells."""
        text = value.strip(BLANKS)
        if not text:
            raise Rejected("empty")
        if len(text) > MAX_LENGTH:
            raise Rejected("too_long")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Rejected("not_text") from None
        if self.hashed:
            return self._digest(text, Reading(phone_region, phone_form))
        return self.canonical(text, Reading()).encode()

    def _digest(self, text: str, reading: Reading) -> bytes:
        digest = digest_of(text)
        if digest is not None:
            return digest
        try:
            return hashlib.sha256(self.canonical(text, reading).encode()).digest()
        except Rejected as rejected:
            is_unread = rejected.reason.startswith("invalid_")
            raise Rejected((is_unread and looks_like(text)) or rejected.reason) from None


def is_digest(value: str) -> bool:
    """Whether the value is a SHA-256, in 64 hex digits or padded Base64, and so is never hashed again."""
    return is_digest_text(value.strip(BLANKS))


_REGISTRY: dict[int, Namespace] = {}


def register(new: Namespace) -> None:
    """Make a namespace known; its code and names must be free."""
    taken = {name for known in _REGISTRY.values() for name in known.names}
    if new.code in _REGISTRY or not taken.isdisjoint(new.names):
        raise ValueError(f"namespace {new.symbol} is registered twice")
    _REGISTRY[new.code] = new


_OWN: dict[int, Namespace] = {}
"""Namespaces of sandboxes, by code, as far as this process has met them: what a code means never changes."""


def remember(own: Namespace) -> None:
    """Make a sandbox's own namespace known by its code; its names mean something in that sandbox alone."""
    _OWN[own.code] = own


@cache
def namespaces() -> dict[int, Namespace]:
    """All namespaces that every sandbox has, by code."""

    for module in pkgutil.iter_modules(kinds.__path__):
        import_module(f"{kinds.__name__}.{module.name}")
    return dict(sorted(_REGISTRY.items()))


def met_namespaces() -> list[Namespace]:
    """All namespaces that this process can name by their codes."""
    return [*namespaces().values(), *_OWN.values()]


@cache
def _by_name() -> dict[str, Namespace]:
    return {name: known for known in namespaces().values() for name in known.names}


def namespace(name: str, own: Iterable[int] = ()) -> Namespace:
    """The namespace of a symbol or alias in any case; `own` are the codes of the sandbox's own ones.

    Raises UnknownNamespaceError.
    """
    wanted = name.strip().casefold()
    of_sandbox = [_OWN[code] for code in own]
    found = _by_name().get(wanted) or next((each for each in of_sandbox if wanted in each.names), None)
    if found is None:
        known = ", ".join(each.symbol for each in (*namespaces().values(), *of_sandbox))
        raise UnknownNamespaceError(f"unknown namespace; use one of {known}")
    return found


def namespace_of(code: int) -> Namespace:
    """The namespace of a stored code; raises UnknownNamespaceError."""
    found = namespaces().get(code) or _OWN.get(code)
    if found is None:
        raise UnknownNamespaceError(f"no namespace has the code {code}")
    return found
