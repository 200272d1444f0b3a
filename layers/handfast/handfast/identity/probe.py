"""Whether two hashers agree: fixed values, their digests here, and which rule makes another digest of the same value.

What a digest differs by is found by making the digests of what the usual mistakes leave of a value, up to three of
them at once, and looking for the one that was given (docs/identities.md, The probe).
"""

import hashlib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import combinations
from types import MappingProxyType
from typing import Literal

from typing_extensions import TypeAliasType

from handfast.identity.digests import digest_of, looks_like
from handfast.identity.namespaces import BLANKS, Reading, Rejected, namespace

Difference = TypeAliasType(
    "Difference",
    Literal[
        "trim",
        "lowercase",
        "unicode_form",
        "domain_ascii",
        "dots",
        "plus_tag",
        "separators",
        "plus_sign",
        "country_code",
        "trunk_zero",
        "international_prefix",
        "region",
        "region_missing",
        "newline",
        "utf16",
        "hash_of_hash",
        "algorithm",
        "hex_case",
        "base64",
        "unknown",
    ],
)
"""The rule that a digest was made by another way: what was left out, or done though it is not to be."""

PROBE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Email_LC_SHA256": (
            "rosa@one.example",
            " Rosa.Lind+News@One.Example ",
            "JU\u0308RGEN@one.example",
            "info@m\u00fcnchner.example",
        ),
        "Phone_SHA256_E.164": ("+493023125001", "+49 (0)30 23125001", "030 23125001", "(415) 555-2671"),
    }
)
"""By namespace, the values that are hashed. Two of the numbers are national: what they mean, a region tells."""
_MOST = 3
_DIGEST = 32
_ALGORITHMS: Mapping[str, Callable[[bytes], str]] = MappingProxyType(
    {
        "looks_like_md5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "looks_like_sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        "looks_like_sha512": lambda data: hashlib.sha512(data).hexdigest(),
    }
)


def digests(symbol: str, phone_region: str | None) -> dict[str, bytes | None]:
    """The digest of each value of the probe with a sandbox's settings; None where they give it no meaning."""
    found: dict[str, bytes | None] = {}
    for value in PROBE[symbol]:
        found[value] = None
        with suppress(Rejected):
            found[value] = namespace(symbol).normalise(value, phone_region=phone_region)
    return found


def agrees(symbol: str, phone_region: str | None, partners_region: str | None) -> bool:
    """Whether two sandboxes make the same digests of all values of the probe."""
    if phone_region == partners_region or not namespace(symbol).regional:
        return True  # both are of this version of the rules, which read nothing else
    return digests(symbol, phone_region) == digests(symbol, partners_region)


def differences(symbol: str, value: str, digest: str, phone_region: str | None) -> tuple[bool, tuple[Difference, ...]]:
    """Whether a digest is the one of a value of the probe, and what its maker does otherwise; fewest rules first.

    A digest that is read as it was meant, though written otherwise than in lower-case hex, agrees.
    """
    text = digest.strip()
    expected = digests(symbol, phone_region)[value]
    if expected is None:
        return False, ("region_missing",)
    given = None
    with suppress(Rejected):
        given = digest_of(text)
    if given == expected:
        return True, _writing(text)
    algorithm = _ALGORITHMS.get(looks_like(text) or "")
    if given is None and algorithm is None:
        return False, ("unknown",)
    wanted = given.hex() if given else text.lower()
    found = _made(symbol, value, phone_region, algorithm or _sha256, wanted)
    if found is None:
        return False, ("algorithm",) if algorithm else ("unknown",)
    return False, (*(("algorithm",) if algorithm else ()), *found)


def _writing(text: str) -> tuple[Difference, ...]:
    if len(text) != _DIGEST * 2:
        return ("base64",)
    return ("hex_case",) if text != text.lower() else ()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _made(
    symbol: str, value: str, phone_region: str | None, hashed: Callable[[bytes], str], wanted: str
) -> tuple[Difference, ...] | None:
    texts = list(_numbers(value, phone_region) if namespace(symbol).regional else _addresses(value))
    for steps, text in sorted(texts, key=lambda each: len(each[0])):
        for last, data in _bytes(text, hashed):
            if hashed(data) == wanted:
                return (*steps, *last)
    return None


def _bytes(text: str, hashed: Callable[[bytes], str]) -> Iterator[tuple[tuple[Difference, ...], bytes]]:
    """What may become of a text before it is hashed."""
    yield (), text.encode()
    yield ("newline",), f"{text}\n".encode()
    yield ("newline",), f"{text}\r\n".encode()
    yield ("utf16",), text.encode("utf-16-le")
    yield ("hash_of_hash",), hashed(text.encode()).encode()


def _addresses(value: str) -> Iterator[tuple[tuple[Difference, ...], str]]:
    """What is left of an address where rules are left out, or others are followed."""
    rules: tuple[Difference, ...] = ("trim", "lowercase", "unicode_form", "domain_ascii", "dots", "plus_tag")
    for number in range(_MOST + 1):
        for broken in combinations(rules, number):
            yield broken, _address(value, frozenset(broken))


def _address(value: str, broken: frozenset[Difference]) -> str:
    text = value if "trim" in broken else value.strip(BLANKS)
    text = text if "unicode_form" in broken else unicodedata.normalize("NFC", text)
    text = text if "lowercase" in broken else text.lower()
    local_part, _, domain = text.rpartition("@")
    if "domain_ascii" not in broken and not domain.isascii():
        domain = namespace("email").canonical(f"a@{domain}", Reading()).partition("@")[2]
    local_part = local_part.partition("+")[0] if "plus_tag" in broken else local_part
    local_part = local_part.replace(".", "") if "dots" in broken else local_part
    return f"{local_part}@{domain}"


def _numbers(value: str, phone_region: str | None) -> Iterator[tuple[tuple[Difference, ...], str]]:
    """What is left of a number where rules are left out, or others are followed."""
    from handfast.identity.calling_codes import PLANS  # noqa: PLC0415 - large, and needed for few calls
    from handfast.identity.numbering_plans import calling_code_of  # noqa: PLC0415

    digits = namespace("phone").canonical(value, Reading(phone_region)).removeprefix("+")
    code = calling_code_of(digits) or ""
    significant = digits.removeprefix(code)
    yield (), f"+{digits}"
    yield ("plus_sign",), digits
    yield ("country_code",), significant
    yield ("country_code", "trunk_zero"), f"0{significant}"
    yield ("trunk_zero",), f"+{code}0{significant}"
    yield ("plus_sign", "trunk_zero"), f"{code}0{significant}"
    yield ("international_prefix",), f"00{digits}"
    yield ("separators",), value
    if not value.startswith("+"):
        for other in PLANS:
            yield ("region",), f"+{other}{significant}"
            yield ("plus_sign", "region"), f"{other}{significant}"
