"""Identities in files: what a column's form, a region column and the kind of digest make of them."""

import base64
import csv
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from handfast.identity.keys import key
from handfast.identity.namespaces import namespace
from handfast.ingest.models import Column
from handfast.ingest.plan import Staged, UploadRejected
from handfast.ingest.staging import stage
from tests.worlds.data_plane import read_rows
from tests.worlds.plans import PLAN, SECRET

type Read = Callable[..., tuple[set[tuple[int, int]], list[tuple[int, str, str]]]]

PHONE = Column("phone", "identity", 2)
REGION = Column("country", "phoneRegion")
EMAIL = Column("email", "identity", 1)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The keys of a CSV file's identities, and its rejects; the sandbox's region is DE."""

    def run(content: str, *columns: Column) -> tuple[set[tuple[int, int]], list[tuple[int, str, str]]]:
        path = tmp_path / "file"
        path.write_text(content)
        staged: Staged = stage(path, replace(PLAN, columns=columns, phone_region="DE"), tmp_path)
        keys = {row[:2] for span in staged.spans if span.profiles for row in read_rows(span.profiles)}
        if staged.rejects is None:
            return keys, []
        with staged.rejects.open() as file:
            return keys, [(int(line["row"]), line["column"], line["reason"]) for line in csv.DictReader(file)]

    return run


def keys(name: str, *values: str) -> set[tuple[int, int]]:
    kind = namespace(name)
    return {key(SECRET, kind.code, kind.normalise(value)) for value in values}


def test_spellings_of_one_number_and_one_address_meet(read: Read) -> None:
    sent = read("phone\n+4903023125001\n491713920001.0\n+491713920002.0\n", PHONE)
    assert sent == (keys("phone", "+493023125001", "+491713920002"), [(2, "phone", "ambiguous_phone")])
    sent = read("email\nju\u0308rgen.k@one.example\ninfo@mu\u0308nchner.example\nrosa.l@one.example\u200e\n", EMAIL)
    assert sent[0] == keys("email", "jürgen.k@one.example", "info@münchner.example", "rosa.l@one.example")


def test_a_columns_form_says_how_its_digits_read(read: Read) -> None:
    content = "phone\n491713920001\n4915228817386.0\n01713920001\n"
    assert read(content, replace(PHONE, form="digitsWithCountryCode")) == (
        keys("phone", "+491713920001", "+4915228817386"),
        [(3, "phone", "phone_not_in_form")],
    )
    found, rejects = read(content, replace(PHONE, form="e164"))
    assert (found, {reason for _, _, reason in rejects}) == (set(), {"phone_not_in_form"})
    found, rejects = read("phone\n1713920001\n", replace(PHONE, form="national"))
    assert (found, rejects) == (keys("phone", "+491713920001"), [])


def test_a_region_column_decides_row_by_row_and_a_blank_is_the_sandboxs(read: Read) -> None:
    content = (
        "country,phone,other\n"
        "at,0664 1234567,\n"
        "DE,0664 1234567,\n"
        ",0171 3920001,\n"
        " us ,(415) 555-2671,+49 171 3920002\n"
        "Germany,0171 3920003,0171 3920004\n"
        "Germany,+49 171 3920005,\n"
    )
    found, rejects = read(content, REGION, PHONE, Column("other", "identity", 2))
    assert found == keys("phone", "+436641234567", "+491713920001", "+14155552671", "+491713920002", "+491713920005")
    assert rejects == [
        (2, "phone", "invalid_phone_for_region"),
        (5, "other", "unknown_phone_region"),
        (5, "phone", "unknown_phone_region"),
    ]


def test_a_region_column_leaves_other_identities_alone(read: Read) -> None:
    content = "country,email,phone\nAT,mailto:rosa@one.example,\nDE,mailto:rosa@one.example,0171 3920001\nAT,x,12\n"
    found, rejects = read(content, REGION, EMAIL, PHONE)
    assert found == keys("email", "rosa@one.example") | keys("phone", "+491713920001")
    assert rejects == [(3, "email", "placeholder_email"), (3, "phone", "invalid_phone")]


@pytest.mark.parametrize("transform", ["none", None])
def test_digests_come_in_hex_and_base64(read: Read, transform: str | None) -> None:
    digests = [hashlib.sha256(text.encode()).digest() for text in ("rosa@one.example", "kai@two.example")]
    content = f"email\n{digests[0].hex()}\n{base64.b64encode(digests[1]).decode()}\n"
    column = replace(EMAIL, transform=transform)  # type: ignore[arg-type]
    assert read(content, column) == (keys("email", "rosa@one.example", "kai@two.example"), [])


def test_digests_of_placeholders_and_other_digests_are_refused_by_what_they_are(read: Read) -> None:
    content = "\n".join(
        [
            "email",
            hashlib.sha256(b"null").hexdigest(),
            hashlib.sha256(b"undefined").hexdigest().upper(),
            base64.b64encode(hashlib.sha256(b"nan").digest()).decode(),
            hashlib.md5(b"rosa@one.example").hexdigest(),
            hashlib.sha1(b"rosa@one.example").hexdigest(),
            "j***@one.example",
        ]
    )
    found, rejects = read(content, replace(EMAIL, transform="none"))
    assert found == set()
    assert [reason for _, _, reason in rejects] == [
        *["placeholder_digest"] * 3,
        "looks_like_md5",
        "looks_like_sha1",
        "looks_masked",
    ]


def test_raw_values_beside_base64_digests_are_refused_as_mixed(read: Read) -> None:
    digest = base64.b64encode(hashlib.sha256(b"kai@two.example").digest()).decode()
    with pytest.raises(UploadRejected, match="mixed_raw_and_hashed"):
        read(f"email\nrosa@one.example\n{digest}\n", EMAIL)
