"""E-mail addresses: one address has one encoding, and what is no address is refused (docs/identities.md)."""

# ruff: noqa: RUF001 - letters of other scripts are what is tested
import unicodedata

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.identity.namespaces import Reading, Rejected, namespace

EMAIL = namespace("email")


def read(text: str) -> str:
    """The canonical address, or the reason why it is none."""
    try:
        EMAIL.normalise(text)
    except Rejected as rejected:
        return rejected.reason
    return EMAIL.canonical(text.strip(), Reading())


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["jürgen.k@one.example", "JÜRGEN.K@one.example", "ju\u0308rgen.k@one.example"], "jürgen.k@one.example"),
        (
            ["info@münchner.example", "info@mu\u0308nchner.example", "INFO@MÜNCHNER.EXAMPLE"],
            "info@xn--mnchner-n2a.example",
        ),
        (["info@xn--mnchner-n2a.example", "info@XN--MNCHNER-N2A.example"], "info@xn--mnchner-n2a.example"),
        (["jane@例え.jp", "jane@例え。jp", "jane@xn--r8jz45g.jp"], "jane@xn--r8jz45g.jp"),
        (["jane@faß.example", "jane@FAẞ.example"], "jane@xn--fa-hia.example"),
        (["андреи\u0306@two.example", "андрей@two.example", "АНДРЕЙ@two.example"], "андрей@two.example"),
        (["νικος@one.example", "ΝΙΚΟΣ@one.example", "ΝΙΚΟσ@one.example"], "νικοσ@one.example"),
        (["İ.k@one.example", "i\u0307.k@one.example"], "i\u0307.k@one.example"),
        (["straße@one.example", "STRAẞE@one.example"], "straße@one.example"),
        (["mailto:jane@one.example", "MailTo:Jane@One.example"], "jane@one.example"),
        (["o'hara+x_y=z/&!#$^`%{}~-@one.example"], "o'hara+x_y=z/&!#$^`%{}~-@one.example"),
        (["joão@one.example", "JOÃO@one.example", "joa\u0303o@one.example"], "joão@one.example"),
        (["jane@a-b.c--d.example"], "jane@a-b.c--d.example"),
    ],
)
def test_one_address_has_one_encoding(texts: list[str], expected: str) -> None:
    assert {read(text) for text in texts} == {expected}


@pytest.mark.parametrize(
    "mark", ["\u200b", "\u200e", "\u202a", "\u202c", "\u2066", "\u2069", "\xad", "\ufeff", "\u061c"]
)
def test_marks_that_nobody_sees_are_taken_off_the_ends_and_refused_inside(mark: str) -> None:
    plain = EMAIL.normalise("rosa.z@one.example")
    assert EMAIL.normalise(f"{mark} rosa.z@one.example{mark}") == plain
    assert read(f"rosa{mark}.z@one.example") == "invalid_email"
    assert read(f"rosa.z@one{mark}.example") == "invalid_email"
    assert read(f"rosa.z@öne{mark}.example") == "invalid_email"


@pytest.mark.parametrize(
    "text",
    [
        ";jane@one.example",
        "(jane)@one.example",
        "<jane@one.example>",
        "Jane <jane@one.example>",
        "jane@one.example;kai@two.example",
        "jane@one.example, kai@two.example",
        "mailto:mailto:jane@one.example",
        "'jane@one.example",
        "'jane'@one.example",
        "`jane@one.example",
        "=jane@one.example",
        "|jane@one.example",
        "/jane@one.example",
        "%20jane@one.example",
        "jane%2Bnews@one.example",
        "\u2018jane\u2019@one.example",
        "o\u2019hara@one.example",
        "jane\u2013amt@one.example",
        "mailto:j%40ne@one.example",
        "mailto:jane@one.example?subject=hi",
        "email:jane@one.example",
        '"jane"@one.example',
        "ja[ne@one.example",
        "ja\\ne@one.example",
        "ja:ne@one.example",
        "ja,ne@one.example",
        "jane@kai@one.example",
        ".jane@one.example",
        "jane.@one.example",
        "ja..ne@one.example",
        "@one.example",
        "jane@",
        "jane@one",
        "jane@.example",
        "jane@one.example.",
        "jane@one..example",
        "jane@-one.example",
        "jane@one-.example",
        "jane@one_two.example",
        "jane@[192.0.2.1]",
        "jane@192.0.2.1",
        "j?rgen@one.example",
        "crm|jane@one.example",
        "jane|kai@one.example",
        "jÃ¼rgen@one.example",
        "jÃ¶rgen@one.example",
        "straÃŸe@one.example",
        "straÃ\x9fe@one.example",
        "jane@straÃŸe.example",
        "jÃ©rÃ´me@one.example",
        "jã¶rgen@one.example",
        "Ð°Ð½Ð½Ð°@one.example",
        "jane@xn--a.example",
        "jane@xn--munchner-y0e.example",
        "jane@xn--MNCHNER-cva.example",
        "jane@xn--mnchner-.example",
        "jane@one.123",
        "jane@mü_ller.example",
        "jane@-münchner.example",
        f"jane@{'o' * 64}.example",
        f"jane@{'ü' * 60}.example",
        f"{'j' * 250}@one.example",
        "rosa\uff20one.example",
        "rosa@one\uff0eexample",
        "ｒosa@one.example",
        "rosa@ｏne.example",
        "ﬁona@one.example",
        "rosa\u3000amt@one.example",
        "ro\ufffdsa@one.example",
        "ro\ufe0fsa@one.example",
        "ro\u3164sa@one.example",
        "ro\u034fsa@one.example",
        "ro\x07sa@one.example",
        "ro\x85sa@one.example",
        "ro\ue000sa@one.example",
    ],
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    assert read(text) == "invalid_email"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("j***@one.example", "looks_masked"),
        ("j*ne@one.example", "looks_masked"),
        ("j\u2022\u2022\u2022@one.example <x>", "looks_masked"),
        ("0cc175b9c0f1b6a831c399e269772661", "looks_like_md5"),
        ("DMF1ucDxtqgxw5niaXcmYQ==", "looks_like_md5"),
        ("86f7e437faa5a7fce15d1ddcb9eaeaea377667b8", "looks_like_sha1"),
        ("hvfkN/qlp/zhXR3cuerq6jd2Z7g=", "looks_like_sha1"),
        ("a" * 128, "looks_like_sha512"),
        ("test@test.com", "placeholder_email"),
        ("Test@Example.com", "placeholder_email"),
        ("noemail@noemail.com", "placeholder_email"),
        ("mailto:a@a.com", "placeholder_email"),
        ("none@none.de", "placeholder_email"),
        ("Null@NULL.example", "placeholder_email"),
        ("test@test.co.uk", "placeholder_email"),
        ("no-email@no-email.org", "placeholder_email"),
        ("NULL", "placeholder_email"),
        ("n/a", "placeholder_email"),
        ("-", "placeholder_email"),
    ],
)
def test_a_refusal_says_what_the_value_looks_like(text: str, reason: str) -> None:
    assert read(text) == reason


addresses = st.from_regex(
    r"[a-zA-Z0-9.+ß-ÿΑ-ωА-яİ\u0300-\u0310]{1,8}@([a-zA-Z0-9ß-ÿα-ω\u0308-]{1,6}\.){1,2}[a-z]{2,4}", fullmatch=True
)


@given(addresses)
def test_spellings_of_an_address_are_equal_or_refused(address: str) -> None:
    spellings = {address, *(unicodedata.normalize(form, address) for form in ("NFC", "NFD")), f" mailto:{address}"}
    found = {read(spelling.strip()) for spelling in spellings}
    assert len(found - {"invalid_email"}) <= 1
    for canonical in found - {"invalid_email", "placeholder_email"}:
        assert read(canonical) == canonical
        assert canonical == unicodedata.normalize("NFC", canonical)


# Plain SQL takes no longer addresses than leave room for labels of a legal length.
ascii_addresses = st.from_regex(
    r"[!-~]{1,8}@[A-Za-z0-9.-]{1,8}\.[A-Za-z0-9-]{1,4}|[a-c.-]{1,5}@[a-c.-]{3,6}|(na|X)@(na|x)(\.de|x)",
    fullmatch=True,
)


@given(ascii_addresses)
def test_plain_sql_recognises_exactly_the_ascii_addresses(address: str) -> None:
    statement = f"SELECT CASE WHEN {EMAIL.plain('text')} THEN {EMAIL.plain_canonical.format('text')} END"
    ((found,),) = duckdb.execute(f"{statement} FROM (SELECT ? AS text)", [address]).fetchall()
    canonical = read(address)
    is_left_to_python = address.lower().startswith("mailto:") or not {"%", "'", "`"}.isdisjoint(address)
    is_left_to_python |= "--" in address  # as in A-labels
    assert found == (canonical if "@" in canonical and not is_left_to_python else None)
