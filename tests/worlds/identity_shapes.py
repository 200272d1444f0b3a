"""Values of each namespace as somebody writes them, good and bad."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass

from handfast.identity.namespaces import PhoneForm


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
    *(Shape("phone", value, "DE") for value in ("030 5555555", "null", "123", "030 23125---", "0171 3920001.0")),
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
    *(Shape("email", value) for value in ("j?rgen@one.example", "crm|rosa@one.example", "jÃ¶rgen@one.example")),
    *(Shape("email", value) for value in ("info@xn--a.example", "none@none.example")),
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
