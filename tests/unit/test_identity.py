"""Namespaces, normalisation and keys; and that plain SQL and Python say the same."""

import hashlib
import subprocess
import sys

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.identity.keys import key
from handfast.identity.namespaces import (
    BLANKS,
    Namespace,
    Rejected,
    UnknownNamespaceError,
    is_digest,
    namespace,
    namespace_of,
    namespaces,
    register,
)

DIGEST = "55e79200c1635b37ad31a378c39feb12f120f116625093a19bc32fff15041149"
DEVICE = "AEBE52E7-03EE-455A-B3C4-E57283966239"
ECID = "38400000123456789012345678901234567890"

# Computed by the platforms that publish them: Adobe's documentation of hashing.
VECTORS = {
    ("email", "ecid@adobe.com"): "a6ea4cde5da5ae7cc68baae894d1d6544fca26254433b0fff7c2cb4843b4a097",
    ("email", "johndoe@example.com"): DIGEST,
    ("phone", "+14155552671"): "cb6880e416769253645cb9c6b8989154bf66a56a77fc14c81fb1019663cbb928",
}


def reason(name: str, value: str, region: str | None = None) -> str:
    with pytest.raises(Rejected) as caught:
        namespace(name).normalise(value, phone_region=region)
    assert value.strip() == "" or value not in str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize(("name", "value", "digest"), [(*given, digest) for given, digest in VECTORS.items()])
def test_raw_values_hash_as_published(name: str, value: str, digest: str) -> None:
    assert namespace(name).normalise(value).hex() == digest


@pytest.mark.parametrize(
    "value",
    ["  JohnDoe@Example.com ", "johndoe@example.com\t", "\u00a0johndoe@example.com\u3000", "\ufeffJOHNDOE@example.com"],
)
def test_addresses_are_trimmed_and_lower_cased(value: str) -> None:
    assert namespace("email").normalise(value).hex() == DIGEST


def test_dots_and_plus_tags_of_addresses_stay() -> None:
    values = ["john.doe@gmail.com", "johndoe@gmail.com", "johndoe+news@gmail.com"]
    assert len({namespace("email").normalise(value) for value in values}) == 3


@pytest.mark.parametrize("value", [DIGEST, DIGEST.upper(), f" {DIGEST} "])
def test_digests_are_never_hashed_again(value: str) -> None:
    assert namespace("hashed_email").normalise(value).hex() == DIGEST
    assert namespace("phone").normalise(value).hex() == DIGEST
    assert is_digest(value)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("email", "", "empty"),
        ("email", "\u200b \t", "empty"),
        ("email", "x" * 1025, "too_long"),
        ("email", "a" * 250 + "@example.com", "invalid_email"),
        ("email", "nobody", "invalid_email"),
        ("email", "a@b", "invalid_email"),
        ("email", "a@b@example.com", "invalid_email"),
        ("email", "a b@example.com", "invalid_email"),
        ("email", "a@example..com", "invalid_email"),
        ("email", "a@exam ple.com", "invalid_email"),
        ("email", "\ud800@example.com", "not_text"),
        ("email", DIGEST[:-1], "invalid_email"),
        ("phone", "+0000000000", "placeholder_phone"),
        ("phone", "4155552671", "phone_region_missing"),
        ("phone", "call me", "invalid_phone"),
        ("ecid", ECID[:-1], "invalid_ecid"),
        ("ecid", ECID + "0", "invalid_ecid"),
        ("ecid", "anonymous", "invalid_ecid"),
        ("ecid", "\u0663" * 38, "invalid_ecid"),
        ("idfa", DEVICE.replace("-", ""), "invalid_idfa"),
        ("gaid", "00000000-0000-0000-0000-000000000000", "all_zero_device_id"),
        ("gaid", "{" + DEVICE + "}", "invalid_gaid"),
    ],
)
def test_what_is_no_identity_is_rejected_with_its_reason(name: str, value: str, expected: str) -> None:
    assert reason(name, value) == expected


@pytest.mark.parametrize(
    ("value", "region"),
    [
        ("(415) 555-2671", "US"),
        ("415.555.2671", "US"),
        ("+1 415 555 2671", None),
        ("+1 (415) 555-2671", "DE"),
        ("001 415 555 2671", "DE"),
    ],
)
def test_national_and_formatted_numbers_become_e164(value: str, region: str | None) -> None:
    assert namespace("phone").normalise(value, phone_region=region).hex() == VECTORS["phone", "+14155552671"]


def test_numbers_too_short_for_their_region_are_rejected() -> None:
    assert reason("phone", "555-2671", "US") == "invalid_phone_for_region"


def test_device_ids_fold_case_and_ecids_stay() -> None:
    assert namespace("idfa").normalise(DEVICE) == namespace("idfa").normalise(DEVICE.lower()) == DEVICE.lower().encode()
    assert namespace("ECID").normalise(f" {ECID}") == ECID.encode()


def test_namespaces_are_found_by_symbol_alias_and_code() -> None:
    assert [known.symbol for known in namespaces().values()] == [
        "Email_LC_SHA256",
        "Phone_SHA256_E.164",
        "ECID",
        "IDFA",
        "GAID",
    ]
    for name in ("email", "Emails", "EMAIL_SHA256", "hashed_email", "email_lc_sha256"):
        assert namespace(name).code == 1
    for name in ("phone", "phone_sha256", "Phone_SHA256_E.164"):
        assert namespace(name).code == 2
    assert namespace_of(5).symbol == "GAID"


def test_unknown_namespaces_say_which_there_are() -> None:
    with pytest.raises(UnknownNamespaceError, match=r"Email_LC_SHA256, Phone_SHA256_E\.164, ECID, IDFA, GAID"):
        namespace("cookie")
    with pytest.raises(UnknownNamespaceError):
        namespace_of(0)


def test_a_namespace_cannot_take_anothers_name() -> None:
    namespaces()
    with pytest.raises(ValueError, match="twice"):
        register(Namespace(99, "Other", ("EMAIL",), "Other", "Another", False, lambda text, _: text, str, "{0}"))


def test_the_package_loads_neither_the_engine_nor_the_phone_library() -> None:
    program = (
        "import sys; from handfast.identity import keys, namespaces; namespaces.namespaces();"
        "sys.exit(bool({'duckdb', 'phonenumbers', 'boto3'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": ":".join(sys.path)})


# Plain SQL


BULK = duckdb.connect(config={"threads": 1})

addresses = st.from_regex(
    r"[ \t\u00a0]{0,2}[!-~äÄİσΣ]{1,8}@[A-Za-z0-9ä.-]{1,8}\.[a-zA-Z]{2,3}[ \n\u3000]{0,2}", fullmatch=True
)
numbers = st.from_regex(r" ?\+?[0-9() .-]{6,18} ?", fullmatch=True, alphabet=st.characters(codec="ascii"))
devices = st.one_of(st.uuids().map(str), st.uuids().map(lambda device: str(device).upper()))
values = st.one_of(
    st.text(max_size=80),
    addresses,
    numbers,
    devices,
    st.from_regex("[0-9]{37,39}", fullmatch=True),
    st.from_regex("[0-9a-fA-F]{64}", fullmatch=True),
    st.text(alphabet=BLANKS + "a@b.c", max_size=12),
)


@given(value=values, name=st.sampled_from(["email", "phone", "ecid", "idfa", "gaid"]))
def test_what_plain_sql_recognises_python_normalises_to_the_same(value: str, name: str) -> None:
    kind = namespace(name)
    hashing = "unhex(sha256({0}))" if kind.hashed else "encode({0})"
    canonical = hashing.format(kind.plain_canonical.format("text"))
    statement = f"SELECT CASE WHEN {kind.plain('text')} THEN {canonical} END FROM (SELECT trim(?) AS text)"
    ((found,),) = BULK.execute(statement, [value]).fetchall()
    if found is not None:
        assert found == kind.normalise(value, phone_region="US")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", " John.Doe+x@Example.com "),
        ("phone", "+14155552671"),
        ("ecid", ECID),
        ("idfa", DEVICE),
        ("gaid", DEVICE),
    ],
)
def test_plain_sql_recognises_the_usual_values(name: str, value: str) -> None:
    statement = f"SELECT {namespace(name).plain('text')} FROM (SELECT trim(?) AS text)"
    ((plain,),) = BULK.execute(statement, [value]).fetchall()
    assert plain


# Keys


def test_the_key_is_the_first_half_of_the_keyed_digest() -> None:
    digest = hashlib.sha256(b"secret\x01value").digest()
    hi, lo = key(b"secret", 1, b"value")
    assert hi.to_bytes(8, signed=True) + lo.to_bytes(8, signed=True) == digest[:16]
    assert key(b"secret", 2, b"value") != (hi, lo)
    assert key(b"other", 1, b"value") != (hi, lo)
