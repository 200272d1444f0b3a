"""How platforms hash addresses and numbers, where it is otherwise than here (docs/identities.md, Renderings).

A form is a rule over the canonical text, in Python and in SQL, that makes what a platform hashes; forms are shared by
the platforms that agree. A platform without a form of a namespace hashes the canonical text, or takes none of it.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from typing_extensions import TypeAliasType

Platform = TypeAliasType(
    "Platform", Literal["adobe", "google", "meta", "uid2", "liveramp", "snap", "tiktok", "x", "amazon"]
)
Encoding = TypeAliasType("Encoding", Literal["hex", "base64"])

_EMAIL, _PHONE = 1, 2
_GMAIL, _GOOGLEMAIL = "@gmail.com", "@googlemail.com"
_NORTH_AMERICAN = re.compile(r"\+1[0-9]{10}")


@dataclass(frozen=True)
class Form:
    """A text that is hashed in the place of the canonical one `{0}` of a namespace; None, in SQL null, for no text.

    `algorithm` is the function of DuckDB and of `hashlib`.
    """

    name: str
    namespace: int
    text: Callable[[str], str | None]
    sql: str
    algorithm: Literal["sha256", "sha1"] = "sha256"

    def value(self, canonical: str) -> bytes | None:
        """The digest of a canonical text; empty where it is the one that is held, None where there is none."""
        text = self.text(canonical)
        if text is None:
            return None
        if text == canonical and self.algorithm == "sha256":
            return b""
        return hashlib.new(self.algorithm, text.encode(), usedforsecurity=False).digest()

    def value_sql(self, canonical: str) -> str:
        """SQL of `value`."""
        text = self.sql.format(canonical)
        digest = f"unhex({self.algorithm}({text}))"
        return digest if self.algorithm == "sha1" else f"CASE WHEN {text} = {canonical} THEN ''::BLOB ELSE {digest} END"


def _without_dots(address: str) -> str:
    local_part, _, domain = address.partition("@")
    return f"{local_part.replace('.', '')}@{domain}"


def _google(address: str) -> str:
    return _without_dots(address) if address.endswith((_GMAIL, _GOOGLEMAIL)) else address


def _uid2(address: str) -> str:
    if not address.endswith(_GMAIL):
        return address
    return _without_dots(f"{address.partition('@')[0].partition('+')[0]}{_GMAIL}")


def _amazon(address: str) -> str:
    return re.sub("[^a-z0-9.@-]", "", address)


def _national(number: str) -> str | None:
    return number[2:] if _NORTH_AMERICAN.fullmatch(number) else None


_DOTLESS = "replace(split_part({0}, '@', 1), '.', '')"
FORMS: Mapping[str, Form] = MappingProxyType(
    {
        each.name: each
        for each in (
            Form(
                "email_google",
                _EMAIL,
                _google,
                f"CASE WHEN suffix({{0}}, '{_GMAIL}') OR suffix({{0}}, '{_GOOGLEMAIL}')"
                f" THEN {_DOTLESS} || '@' || split_part({{0}}, '@', 2) ELSE {{0}} END",
            ),
            Form(
                "email_uid2",
                _EMAIL,
                _uid2,
                f"CASE WHEN suffix({{0}}, '{_GMAIL}') THEN split_part({_DOTLESS}, '+', 1) || '{_GMAIL}' ELSE {{0}} END",
            ),
            Form("email_amazon", _EMAIL, _amazon, "regexp_replace({0}, '[^a-z0-9.@-]', '', 'g')"),
            Form("phone_digits", _PHONE, lambda number: number.removeprefix("+"), "ltrim({0}, '+')"),
            Form(
                "phone_national",
                _PHONE,
                _national,
                "CASE WHEN regexp_full_match({0}, '[+]1[0-9]{{10}}') THEN right({0}, 10) END",
                "sha1",
            ),
        )
    }
)
"""All forms, by name, which are columns of `lake.layout.RENDERING_COLUMNS`."""


@dataclass(frozen=True)
class Profile:
    """How a platform takes addresses and numbers: a form of each, None for the canonical text; and how it is written.

    `phones`: whether it takes numbers at all.
    """

    email: str | None = None
    phone: str | None = None
    encoding: Encoding = "hex"
    phones: bool = True

    def form(self, namespace: int) -> str | None:
        """The form of a namespace's values; None for the canonical text."""
        return {_EMAIL: self.email, _PHONE: self.phone}.get(namespace)

    def takes(self, namespace: int) -> bool:
        """Whether the platform takes values of the namespace."""
        return namespace == _EMAIL or (namespace == _PHONE and self.phones)

    def written(self, digest: bytes) -> str:
        """A digest as the platform wants it."""
        return base64.b64encode(digest).decode() if self.encoding == "base64" else digest.hex()


PROFILES: Mapping[Platform, Profile] = MappingProxyType(
    {
        "adobe": Profile(),
        "google": Profile(email="email_google"),
        "meta": Profile(phone="phone_digits"),
        "uid2": Profile(email="email_uid2", encoding="base64"),
        "liveramp": Profile(phone="phone_national"),
        "snap": Profile(phone="phone_digits"),
        "tiktok": Profile(),
        "x": Profile(phones=False),
        "amazon": Profile(email="email_amazon", phone="phone_digits"),
    }
)
"""The platforms and how each takes values (docs/sources.md, Platforms' hashes)."""


def rendered(platform: Platform, namespace: int, canonical: str) -> str | None:
    """What a platform is given of a canonical text; None where it takes none of it."""
    profile = PROFILES[platform]
    if not profile.takes(namespace):
        return None
    name = profile.form(namespace)
    value = FORMS[name].value(canonical) if name else b""
    if value is None:
        return None
    return profile.written(value or hashlib.sha256(canonical.encode()).digest())


def forms_of(platforms: Iterable[Platform]) -> tuple[str, ...]:
    """The forms that these platforms want, in the order of the columns."""
    wanted = {form for each in platforms for form in (PROFILES[each].email, PROFILES[each].phone)}
    return tuple(name for name in FORMS if name in wanted)
