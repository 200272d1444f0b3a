"""How platforms hash, against what they and others have printed; what is printed wrong is listed, and not obeyed."""

import base64
import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.identity.namespaces import BLANKS, Reading, namespace, namespace_of
from handfast.identity.renderings import FORMS, PROFILES, Platform, forms_of, rendered
from handfast.lake.duck import Connection, connect

EMAIL, PHONE = 1, 2


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def of(platform: Platform, kind: int, raw: str) -> str | None:
    """What a platform is given of a raw value."""
    return rendered(platform, kind, namespace_of(kind).canonical(raw.strip(BLANKS), Reading()))


# Printed by the platforms, with digests (docs/sources.md, Platforms' hashes)
PRINTED: list[tuple[Platform, int, str, str]] = [
    ("uid2", EMAIL, "MyEmail@example.com", "FsGNM28LJQ8OLZB0Us65ZYp07NrovJSGTCMSKnLMJ6U="),
    ("uid2", EMAIL, "My.Email@example.com", "4itTvG+HEnTzpiqzejyu1yFPwU1nYhWpaiQvz62hyB8="),
    ("uid2", EMAIL, "JANESAOIRSE@example.com", "1mcOepIAfxtf94Xx/IHlOqbT170GvfXEc83HKGwoS20="),
    ("uid2", EMAIL, "Jane.Saoirse@example.com", "sZZDLHuYmiypHIN5mVfFFdpT5sE6vyC3j+qU8RfpC/g="),
    ("uid2", EMAIL, "JaneSaoirse+Work@example.com", "KKruSBUjDNO069iMUVImVQZm6RrAGZKeOtrD9mwogYA="),
    ("uid2", EMAIL, "JANE.SAOIRSE@gmail.com", "ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8="),
    ("uid2", EMAIL, "JaneSaoirse+Work@gmail.com", "ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8="),
    ("uid2", EMAIL, "JANESaoirse@gmail.com", "ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8="),
    ("uid2", EMAIL, "jane.doe@gmail.com", "1hFzBkhe0OUK+rOshx6Y+BaZFR8wKBUn1j/18jNlbGk="),
    ("uid2", EMAIL, "janedoe+home@gmail.com", "1hFzBkhe0OUK+rOshx6Y+BaZFR8wKBUn1j/18jNlbGk="),
    ("uid2", EMAIL, "user@example.com", "tMmiiTI7IaAcPpQPFQ65uMVCWH8av9jw4cwf/F5HVRQ="),
    ("tiktok", EMAIL, "janedoe@gmail.com", "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69"),
    ("adobe", EMAIL, "johndoe@example.com", "55e79200c1635b37ad31a378c39feb12f120f116625093a19bc32fff15041149"),
    ("adobe", EMAIL, "ecid@adobe.com", "a6ea4cde5da5ae7cc68baae894d1d6544fca26254433b0fff7c2cb4843b4a097"),
    ("meta", EMAIL, "John_Smith@gmail.com", "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"),
    ("meta", PHONE, "+1 (650)555-1212", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
    ("snap", EMAIL, "   Test123@gmail.com    ", "cc779c04191c2e736d89e45c11339c8382832bcaf70383f7df94e3d08ba7a6d9"),
    ("snap", PHONE, "+44 844 412 4653", "dc008fda46e2e64002cf2f82a4906236282d431c4f75e5b60bfe79fc48546383"),
    ("amazon", EMAIL, "test@twilio.com", "c551027f06bd3f307ccd6abb61edc500def2680944c010e932ab5b27a3a8f151"),
    ("amazon", EMAIL, " test.kochar+@gmail.com ", "bd0bcf03735a1a00c6f1dd21c63c5d819e7e450298f301698192e8df90da3bb3"),
]


@pytest.mark.parametrize(("platform", "kind", "raw", "printed"), PRINTED)
def test_what_is_printed_with_a_digest(platform: Platform, kind: int, raw: str, printed: str) -> None:
    assert of(platform, kind, raw) == printed


# Printed by the platforms as the text that is hashed
TEXTS: list[tuple[Platform, int, str, str]] = [
    ("google", EMAIL, "QuinnY@example.com", "quinny@example.com"),
    ("google", EMAIL, "QuinnY@EXAMPLE.com", "quinny@example.com"),
    ("google", EMAIL, "Jefferson.Loves.hiking@gmail.com", "jeffersonloveshiking@gmail.com"),
    ("google", EMAIL, "Jefferson.LOVES.Hiking@googlemail.com", "jeffersonloveshiking@googlemail.com"),
    ("tiktok", PHONE, "+1 (657) 777-0000", "+16577770000"),
    ("tiktok", PHONE, "+374-93-828222", "+37493828222"),
    ("meta", PHONE, "+1 (657) 777-0000", "16577770000"),
    ("meta", PHONE, "+442071838750", "442071838750"),
    ("snap", PHONE, "+1 (657) 777-0000", "16577770000"),
    ("amazon", PHONE, "+1 (657) 777-0000", "16577770000"),
    ("amazon", EMAIL, "Rosa_L+News@One-Two.Example", "rosalnews@one-two.example"),
    ("google", PHONE, "+1 (657) 777-0000", "+16577770000"),
    ("liveramp", EMAIL, "Rosa@One.Example", "rosa@one.example"),
    ("x", EMAIL, "Rosa@One.Example", "rosa@one.example"),
]


@pytest.mark.parametrize(("platform", "kind", "raw", "text"), TEXTS)
def test_what_is_printed_as_text(platform: Platform, kind: int, raw: str, text: str) -> None:
    assert of(platform, kind, raw) == sha256(text)


MISPRINTS = {
    # TikTok, "List of supported IDs and formats": beside two numbers with `+`, the hash of one of them without.
    "65b7e6dcf6f4310f8d7cbfbd78289a753062fb054d6664fb9aaac5df66a422d4": ("+37493828222", "37493828222"),
    # The same page: beside a device id, the hash of another one, which is printed as its normalised form.
    "83dc3f5f32b9472613b0f038d36f22585a609d018af6f6067f50da318bf354bd": (
        "aece52e7-03ee-455a-b3c4-e57283966239",
        "5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25",
    ),
}
"""Hashes, what stands beside them, and what they are made of."""


@pytest.mark.parametrize("printed", MISPRINTS)
def test_a_misprint_is_the_hash_of_something_else(printed: str) -> None:
    beside, hashed = MISPRINTS[printed]
    assert sha256(hashed) == printed != sha256(beside)


def test_a_number_of_no_numbering_plan_is_hashed_by_its_digits_at_amazon() -> None:
    """A connector's test has `+555-987-6543`, which no namespace here takes, so that the form alone is checked."""
    printed = "e1bfd73a5dc6262163ec42add4ebe0229f929db9b23644c1485dbccd05a36363"
    assert (FORMS["phone_digits"].value("+5559876543") or b"").hex() == printed


def test_a_north_american_number_has_ten_digits_and_sha1_at_liveramp() -> None:
    expected = hashlib.sha1(b"4155552671", usedforsecurity=False).hexdigest()
    assert of("liveramp", PHONE, "+14155552671") == expected
    assert of("liveramp", PHONE, "+493023125001") is None


def test_who_takes_no_numbers_is_given_none() -> None:
    assert of("x", PHONE, "+14155552671") is None
    assert rendered("meta", 3, "1" * 38) is None


def test_the_canonical_digest_is_what_the_namespace_holds() -> None:
    held = namespace("email").normalise("Rosa@One.Example")
    assert of("adobe", EMAIL, "Rosa@One.Example") == held.hex()
    assert of("uid2", EMAIL, "Rosa@One.Example") == base64.b64encode(held).decode()
    assert forms_of(["adobe", "tiktok", "x"]) == ()
    assert forms_of(["meta", "snap", "google"]) == ("email_google", "phone_digits")
    assert set(forms_of(PROFILES)) == set(FORMS)


_LOCAL = st.text("abcXYZ019.+_-", min_size=1, max_size=12)
_ADDRESS = st.builds(
    "{}@{}".format, _LOCAL, st.sampled_from(["gmail.com", "googlemail.com", "one.example", "xgmail.com"])
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Connection]:
    with connect() as connection:
        yield connection


@given(
    canonical=_ADDRESS.map(str.lower)
    | st.from_regex(r"[+](1[0-9]{10}|49[0-9]{8,11})", fullmatch=True).filter(str.isascii)
)
def test_sql_makes_the_same(engine: Connection, canonical: str) -> None:
    for form in FORMS.values():
        if (form.namespace == EMAIL) == ("@" in canonical):
            ((value,),) = engine.execute(
                f"SELECT {form.value_sql('text')} FROM (SELECT ? AS text)", [canonical]
            ).fetchall()
            assert value == form.value(canonical), form.name
