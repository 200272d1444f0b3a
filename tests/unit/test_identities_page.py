"""The page of identities shows what the code does; and all ways in do the same.

`python -m tests.unit.test_identities_page` writes the table into docs/identities.md.
"""

import csv
import hashlib
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from handfast.identity.keys import key
from handfast.identity.namespaces import BLANKS, PhoneForm, Reading, Rejected, is_digest, namespace
from handfast.ingest.models import Column, Transform
from handfast.ingest.staging import stage
from tests.worlds.data_plane import read_rows
from tests.worlds.plans import PLAN, SECRET

PAGE = Path(__file__).resolve().parents[2] / "docs" / "identities.md"
HEAD = ("| namespace | value | as it comes | as a digest |", "|---|---|---|---|")


@dataclass(frozen=True)
class Shape:
    """A value as somebody writes it, and what is known beside it."""

    namespace: str
    value: str
    region: str | None = None
    form: PhoneForm | None = None


def _hashed(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()


def _encoded(word: str) -> str:
    return b64encode(hashlib.sha256(word.encode()).digest()).decode()


SHAPES = (
    *(Shape("phone", value) for value in ("+493023125001", "+49 (0)30 23125001", "+4903023125001")),
    *(Shape("phone", value) for value in ("0049 30 23125001", "tel:+49-30-23125001", "p:+493023125001")),
    *(Shape("phone", value) for value in ("+493023125001.0", "030 23125001", "+49 30 2312500\u0661")),
    *(Shape("phone", value, "DE") for value in ("030 23125001", "030/23125001", "0151 23456789", "03023125001")),
    *(Shape("phone", value, "DE") for value in ("0664 1234567", "(415) 555-0123", "12345", "1713920001")),
    *(Shape("phone", value, "DE") for value in ("491713920001", "4915228817386", "491713920001.0", "436641234567")),
    *(Shape("phone", value, "DE") for value in ("030 1234567/68", "030 23125001 x12", "10115 Berlin", "2024-01-15")),
    *(Shape("phone", value, "DE") for value in ("0151 12345***", "4.91713920001E+11", "491713920001,5", "0000000")),
    *(Shape("phone", value, "DE") for value in ("030 5555555", "null", "123")),
    *(Shape("phone", value, "US") for value in ("(415) 555-2671", "14155552671", "(416) 555-0123", "555-2671")),
    *(Shape("phone", "0664 1234567", region) for region in ("AT", "UK")),
    Shape("phone", "39 340 1234567", "IT"),
    Shape("phone", "0475 12 34 56", "FR"),
    *(Shape("phone", value, "DE", "digitsWithCountryCode") for value in ("491713920001", "436641234567.0", "0171 1")),
    *(Shape("phone", value, "DE", "national") for value in ("1713920001", "0171 3920001", "+436641234567")),
    *(Shape("phone", value, "DE", "e164") for value in ("+491713920001", "491713920001")),
    *(Shape("email", value) for value in ("Rosa.Z+news@One.Example", "mailto:rosa@one.example")),
    *(Shape("email", value) for value in ("ju\u0308rgen@one.example", "JÜRGEN@one.example", "straße@one.example")),
    *(Shape("email", value) for value in ("info@münchner.example", "info@xn--mnchner-n2a.example")),
    *(Shape("email", value) for value in ("rosa.l@one.example\u200e", "rosa\u200b.z@one.example")),
    *(Shape("email", value) for value in ("rosa\xad.s@one.example", "rosa\uff20one.example")),
    *(Shape("email", value) for value in ("Rosa <rosa@one.example>", "(rosa)@one.example", ";rosa@one.example")),
    *(Shape("email", value) for value in ("'rosa@one.example", "rosa%2Bnews@one.example", "ro\u2019sa@one.example")),
    *(Shape("email", value) for value in ('"rosa"@one.example', "rosa.@one.example", "ro..sa@one.example")),
    *(Shape("email", value) for value in ("rosa@one", "rosa@-one.example", "rosa@192.0.2.1", "r***@one.example")),
    *(Shape("email", value) for value in ("test@test.com", "n/a", "+493023125001")),
    *(Shape("email", value) for value in (_hashed("rosa@one.example"), _hashed("rosa@one.example").upper())),
    *(Shape("email", value) for value in (_encoded("rosa@one.example"), _encoded("rosa@one.example")[:-1])),
    *(Shape("email", value) for value in (_hashed("null"), _encoded("test@test.com"), _hashed(""), "f" * 64)),
    *(Shape("email", value) for value in (_hashed("x")[:32], _hashed("x")[:40], _hashed("x") * 2)),
    Shape("phone", _hashed("+493023125001")),
    Shape("phone", _hashed("0000000000")),
    *(Shape("idfa", value) for value in ("AEBE52E7-03EE-455A-B3C4-E57283966239", "AEBE52E703EE455AB3C4E57283966239")),
    *(
        Shape("idfa", value)
        for value in ("{AEBE52E7-03EE-455A-B3C4-E57283966239}", "f" * 8 + "-ffff" * 3 + "-" + "f" * 12)
    ),
    *(
        Shape("gaid", value)
        for value in ("00000000-0000-0000-0000-000000000000", "12345678-1234-1234-1234-123456789012")
    ),
    *(Shape("ecid", value) for value in ("38400000123456789012345678901234567890", "3840000012345678", "1" * 38)),
)


def outcome(shape: Shape) -> str:
    """The canonical form, `its digest`, or the reason for refusing the value, by the function that decides."""
    kind = namespace(shape.namespace)
    try:
        kind.normalise(shape.value, phone_region=shape.region, phone_form=shape.form)
    except Rejected as rejected:
        return rejected.reason
    if kind.hashed and is_digest(shape.value):
        return "the digest"
    return kind.canonical(shape.value.strip(BLANKS), Reading(shape.region, shape.form))


def staged(shape: Shape, transform: Transform | None, work_dir: Path) -> str | bytes:
    """What an upload of the value makes: the identity's key as bytes, or the reason for refusing it."""
    kind = namespace(shape.namespace)
    file = work_dir / "file.csv"
    with file.open("w", newline="") as lines:
        csv.writer(lines).writerows([["value"], [shape.value]])
    column = Column("value", "identity", kind.code, transform if kind.hashed else None, form=shape.form)
    result = stage(file, replace(PLAN, columns=(column,), phone_region=shape.region), work_dir)
    if result.rejects is not None:
        return result.rejects.read_text().splitlines()[1].rpartition(",")[2]
    hi: int
    lo: int
    ((hi, lo),) = [row[:2] for span in result.spans if span.profiles for row in read_rows(span.profiles)]
    return hi.to_bytes(8, signed=True) + lo.to_bytes(8, signed=True)


def _expected(shape: Shape) -> str | bytes:
    kind = namespace(shape.namespace)
    try:
        value = kind.normalise(shape.value, phone_region=shape.region, phone_form=shape.form)
    except Rejected as rejected:
        return rejected.reason
    hi, lo = key(SECRET, kind.code, value)
    return hi.to_bytes(8, signed=True) + lo.to_bytes(8, signed=True)


def _shown(text: str) -> str:
    return text.encode("unicode_escape").decode().replace("|", "\\|").replace("\\\\", "\\")


def _rows() -> Iterator[str]:
    for shape in SHAPES:
        kind = namespace(shape.namespace)
        found = outcome(shape)
        beside = ", ".join(filter(None, (shape.region, shape.form)))
        is_raw = found != "the digest" and "_" not in found
        digest = "" if not kind.hashed else "`not_hashed`" if is_raw else _cell(found)
        known = f" ({beside})" if beside else ""
        yield f"| {kind.symbol} | `{_shown(shape.value)}`{known} | {_cell(found)} | {digest} |"


def _cell(found: str) -> str:
    return found if found == "the digest" else f"`{_shown(found)}`"


def page() -> str:
    """The page with the table that the code gives."""
    before = PAGE.read_text().partition(HEAD[0])[0]
    return before + "\n".join((*HEAD, *_rows())) + "\n"


def test_the_page_shows_what_the_code_does() -> None:
    assert PAGE.read_text() == page(), "run python -m tests.unit.test_identities_page"


@pytest.mark.parametrize("transform", ["hash", None])
def test_an_upload_does_what_every_other_way_in_does(transform: Transform | None, tmp_path: Path) -> None:
    different = [shape for shape in SHAPES if staged(shape, transform, tmp_path) != _expected(shape)]
    assert different == []


def test_a_column_of_digests_refuses_what_is_raw(tmp_path: Path) -> None:
    for shape in SHAPES:
        if namespace(shape.namespace).hashed:
            expected = _expected(shape)
            if isinstance(expected, bytes) and not is_digest(shape.value):
                expected = "not_hashed"
            assert staged(shape, "none", tmp_path) == expected


if __name__ == "__main__":
    sys.exit(PAGE.write_text(page()) == 0)
