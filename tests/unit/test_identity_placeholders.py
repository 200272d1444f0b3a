"""Placeholders, in the clear and hashed, and digests in other encodings."""

import base64
import hashlib

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handfast.identity.custom import custom_namespace
from handfast.identity.digests import digest_of, hex_digest_sql
from handfast.identity.namespaces import Rejected, is_digest, namespace
from handfast.identity.placeholders import ABSENT, placeholder_digests

DIGEST = hashlib.sha256(b"rosa@one.example").digest()


def reason(name: str, value: str) -> str:
    with pytest.raises(Rejected) as caught:
        namespace(name).normalise(value)
    return caught.value.reason


@pytest.mark.parametrize("name", ["email", "phone"])
@pytest.mark.parametrize(
    "word",
    [
        *("", " ", "null", "NULL", "Null", "none", "None", "n/a", "N/A", "na", "nan", "NaN", "undefined", "unknown"),
        *("test", "test@test.com", "test@example.com", "noemail@noemail.com", "none@none.com", "a@a.com"),
        *("0", "-", ".", "email", "phone", "null@null.com", "+0000000000", "0000000000", "+10000000000", "1111111111"),
        *("none@none.de", "NULL@NULL", "test@test.co.uk", "\\N", "#REF!", "+", "+49", "49", "+1", "+353"),
    ],
)
def test_digests_of_placeholders_are_refused_in_each_encoding(name: str, word: str) -> None:
    digest = hashlib.sha256(word.encode())
    for text in (digest.hexdigest(), digest.hexdigest().upper(), base64.b64encode(digest.digest()).decode()):
        assert reason(name, text) == "placeholder_digest"


@pytest.mark.parametrize("digit", ["0", "f", "A"])
def test_digests_of_one_digit_are_refused(digit: str) -> None:
    assert reason("email", digit * 64) == "placeholder_digest"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_digests_are_the_same_digest(encode: object) -> None:
    for byte in (0xFB, 0xFF, 0x3E, 0x00):
        digest = bytes([byte]) + DIGEST[1:]
        text = encode(digest).decode()  # type: ignore[operator]
        assert is_digest(text)
        assert namespace("email").normalise(text) == namespace("phone").normalise(digest.hex()) == digest


@pytest.mark.parametrize(
    "text", [base64.b64encode(DIGEST).decode()[:-1], base64.b64encode(DIGEST).decode()[:-2] + "/="]
)
def test_base64_that_no_encoder_writes_is_no_digest(text: str) -> None:
    assert not is_digest(text)
    assert reason("email", text) == "invalid_email"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        *(("idfa", f"{d * 8}-{d * 4}-{d * 4}-{d * 4}-{d * 12}", "placeholder_device_id") for d in "19fF"),
        ("gaid", "12345678-1234-1234-1234-123456789012", "placeholder_device_id"),
        ("gaid", "0cc175b9c0f1b6a831c399e269772661", "invalid_gaid"),
        ("ecid", "0" * 38, "placeholder_ecid"),
        ("ecid", "1" * 38, "placeholder_ecid"),
    ],
)
def test_made_up_devices_and_ecids_are_refused(name: str, value: str, expected: str) -> None:
    assert reason(name, value) == expected


def sql(condition: str, text: str) -> bool:
    ((found,),) = duckdb.execute(f"SELECT {condition} FROM (SELECT ? AS text)", [text]).fetchall()
    return bool(found)


digests = st.one_of(
    st.sampled_from(sorted(placeholder_digests())),
    st.from_regex("[0-9a-f]{64}", fullmatch=True),
    st.from_regex("[0-9a-fA-Fg]{63,65}", fullmatch=True),
)


@given(digests, st.booleans())
def test_sql_takes_the_digests_that_python_takes(text: str, upper: bool) -> None:
    text = text.upper() if upper else text
    try:
        expected = digest_of(text) is not None
    except Rejected:
        expected = False
    found = sql(hex_digest_sql("text"), text)
    begins_as_one = text.lower()[:6] in {digest[:6] for digest in placeholder_digests()}
    assert found == (expected and not begins_as_one)


repeating = st.sampled_from("0123456789abcdefF")


@given(
    st.builds(
        lambda start, digit, rest: start + digit * rest,
        st.text("0123456789aF", max_size=7),
        repeating,
        st.integers(0, 38),
    )
)
def test_sql_takes_no_device_or_ecid_that_python_refuses(text: str) -> None:
    device = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))
    for name, value in (("ecid", text), ("idfa", device)):
        kind = namespace(name)
        try:
            expected = kind.normalise(value).decode() if value else None
        except Rejected:
            expected = None
        statement = f"CASE WHEN {kind.plain('text')} THEN {kind.plain_canonical.format('text')} = '{expected}' END"
        assert not sql(f"NOT {statement}", value)
        # Only what begins with equal digits, or as a made-up one does, is left to Python.
        if expected and len(set(value[:8])) > 1 and value[:8].lower() not in {"12345678", "01234567", "123e4567"}:
            assert sql(statement, value)


@given(
    st.one_of(
        st.builds(lambda digit, times: digit * times, st.sampled_from("0123456789a"), st.integers(1, 12)),
        st.sampled_from(ABSENT).map(str.upper),
        st.text("019aA@.-", min_size=1, max_size=12),
    )
)
@example("0")
@example("7777777")
@example("77777777")
@example("000001")
def test_sql_takes_the_ids_of_ones_own_that_python_takes(text: str) -> None:
    kind = custom_namespace(5001, "LOYALTY", "text", 1, 12)
    try:
        taken = kind.normalise(text) == text.encode()
    except Rejected:
        taken = False
    assert sql(kind.plain("text"), text) == taken
    is_one_digit = text.isdigit() and len(set(text)) == 1 and (text[0] == "0" or len(text) >= 8)
    assert not (taken and is_one_digit)
