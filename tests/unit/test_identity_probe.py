"""What the probe tells of a hasher: the digests here, and which rule another one follows otherwise."""

import base64
import hashlib
from collections.abc import Callable

import pytest

from handfast.identity.namespaces import namespace
from handfast.identity.probe import PROBE, Difference, agrees, differences, digests

EMAIL, PHONE = PROBE
PLAIN, TAGGED, DECOMPOSED, IDN = PROBE[EMAIL]
E164, WITH_ZERO, NATIONAL, AMERICAN = PROBE[PHONE]


def sha256(text: str, encoding: str = "utf-8") -> str:
    return hashlib.sha256(text.encode(encoding)).hexdigest()


def test_the_digests_are_those_of_the_namespace() -> None:
    for symbol, values in PROBE.items():
        made = digests(symbol, "US")
        assert set(made) == set(values)
        for value, digest in made.items():
            if digest is not None:
                assert digest == namespace(symbol).normalise(value, phone_region="US")
    assert digests(PHONE, None)[NATIONAL] is None
    assert digests(PHONE, "DE")[NATIONAL] == digests(PHONE, None)[E164]


def test_sides_agree_on_numbers_when_their_regions_read_them_alike() -> None:
    assert agrees(EMAIL, "DE", None)
    assert agrees(PHONE, "DE", "DE")
    assert not agrees(PHONE, "DE", "US")
    assert not agrees(PHONE, "DE", None)


def test_a_digest_that_is_read_agrees_however_it_is_written() -> None:
    digest = digests(EMAIL, None)[PLAIN] or b""
    assert differences(EMAIL, PLAIN, digest.hex(), None) == (True, ())
    assert differences(EMAIL, PLAIN, digest.hex().upper(), None) == (True, ("hex_case",))
    assert differences(EMAIL, PLAIN, base64.b64encode(digest).decode(), None) == (True, ("base64",))


@pytest.mark.parametrize(
    ("value", "hashed", "found"),
    [
        (TAGGED, "Rosa.Lind+News@One.Example", ("lowercase",)),
        (TAGGED, " rosa.lind+news@one.example ", ("trim",)),
        (TAGGED, " Rosa.Lind+News@One.Example ", ("trim", "lowercase")),
        (TAGGED, "rosa.lind@one.example", ("plus_tag",)),
        (TAGGED, "rosalind+news@one.example", ("dots",)),
        (TAGGED, "rosalind@one.example", ("dots", "plus_tag")),
        (DECOMPOSED, "ju\u0308rgen@one.example", ("unicode_form",)),
        (IDN, "info@m\u00fcnchner.example", ("domain_ascii",)),
        (PLAIN, "rosa@one.example\n", ("newline",)),
        (PLAIN, sha256("rosa@one.example"), ("hash_of_hash",)),
        (PLAIN, "somebody@else.example", ("unknown",)),
    ],
)
def test_the_answer_names_what_is_done_otherwise_with_an_address(
    value: str, hashed: str, found: tuple[Difference, ...]
) -> None:
    assert differences(EMAIL, value, sha256(hashed), None) == (False, found)


@pytest.mark.parametrize(
    ("value", "hashed", "found"),
    [
        (E164, "493023125001", ("plus_sign",)),
        (E164, "3023125001", ("country_code",)),
        (E164, "03023125001", ("country_code", "trunk_zero")),
        (E164, "00493023125001", ("international_prefix",)),
        (WITH_ZERO, "+4903023125001", ("trunk_zero",)),
        (WITH_ZERO, "+49 (0)30 23125001", ("separators",)),
        (NATIONAL, "+13023125001", ("region",)),
        (NATIONAL, "433023125001", ("plus_sign", "region")),
        (E164, "493023125001\r\n", ("plus_sign", "newline")),
    ],
)
def test_the_answer_names_what_is_done_otherwise_with_a_number(
    value: str, hashed: str, found: tuple[Difference, ...]
) -> None:
    assert differences(PHONE, value, sha256(hashed), "DE") == (False, found)


@pytest.mark.parametrize("algorithm", [hashlib.md5, hashlib.sha1, hashlib.sha512])
def test_another_algorithm_is_told_with_what_else_differs(algorithm: Callable[..., "hashlib._Hash"]) -> None:
    assert differences(EMAIL, TAGGED, algorithm(b"rosa.lind@one.example").hexdigest(), None) == (
        False,
        ("algorithm", "plus_tag"),
    )
    assert differences(EMAIL, TAGGED, algorithm(b"nobody").hexdigest(), None) == (False, ("algorithm",))


def test_what_has_no_meaning_here_lacks_a_region() -> None:
    assert differences(PHONE, NATIONAL, sha256("+493023125001"), None) == (False, ("region_missing",))
    assert differences(PHONE, AMERICAN, sha256("+14155552671"), "US") == (True, ())


def test_what_is_no_digest_is_unknown() -> None:
    assert differences(EMAIL, PLAIN, "rosa", None) == (False, ("unknown",))
    assert differences(EMAIL, PLAIN, sha256("rosa@one.example", "utf-16-le"), None) == (False, ("utf16",))
