"""What columns seem to hold: names in three languages, and values as CRM systems have them."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handfast.identity.namespaces import namespaces
from handfast.ingest.guessing import Guess, Known, Values, guesses
from handfast.ingest.share_words import meaning
from handfast.ingest.value_shapes import shape_of

KNOWN = Known(list(namespaces().values()), {"seg_1": "seg_1", "readers": "seg_1"}, has_segment=True)
DIGEST = "bb2ef2f2dc3637a24b228328324a590d9afe24dd3c613e4cd947a6847a598019"
UUID = "aebe52e7-03ee-455a-b3c4-e57283966239"


def guess(column: str, *cells: str, known: Known = KNOWN, **others: list[str]) -> Guess:
    return guesses({column: list(cells)} | others, known)[0]


def members(found: Guess) -> dict[str, Any]:
    if found.mapping is None:
        return {"as": None}
    told = found.mapping.model_dump(by_alias=True, exclude_none=True, exclude={"leaves", "optional"})
    return {name: value for name, value in told.items() if name not in {"column", "labels"}}


EMAIL = {"as": "identity", "namespace": "Email_LC_SHA256", "transform": "hash"}
PHONE = {"as": "identity", "namespace": "Phone_SHA256_E.164", "transform": "hash"}


@pytest.mark.parametrize(
    ("column", "cells", "expected"),
    [
        ("whatever", ["a@b.example", "c@d.example"], EMAIL),
        ("handle", ["@rosa", "@kai"], {"as": None}),
        ("mail_hash", [DIGEST], EMAIL | {"transform": "none"}),
        ("HASHED_PHONE_SHA_256", [DIGEST], PHONE | {"transform": "none"}),
        ("hash", [DIGEST], {"as": None}),
        ("Telefon", ["030 23125001"], PHONE),
        ("mobile", ["491512345678"], PHONE),
        ("mobile_orders", ["3", "4"], {"as": None}),
        ("contact", ["+49 30 23125001"], PHONE),
        ("order", ["4915123456789"], {"as": None}),
        ("x", ["38400000123456789012345678901234567890"], {"as": "identity", "namespace": "ECID"}),
        ("idfa", [UUID], {"as": "identity", "namespace": "IDFA"}),
        ("android_id", [UUID], {"as": "identity", "namespace": "GAID"}),
        ("id", [UUID], {"as": "profileId"}),
        ("kind", ["email", "phone"], {"as": "namespace"}),
        ("readers", ["1", "0"], {"as": "segment", "name": "seg_1"}),
        ("segments", ["readers|other"], {"as": "segment"}),
        ("segments", ["unknown"], {"as": None}),
        ("opted_in", ["ja", "Nein", "y"], {"as": "share", "answers": {"ja": "y", "nein": "n"}}),
        ("consent", ["granted"], {"as": "share", "answers": {"granted": "y"}}),
        ("consent", ["maybe"], {"as": "share"}),
        ("tc_string", ["CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"], {"as": "tcf"}),
        ("gpp", ["DBABLA~BVQqAAAAAAJY.QA"], {"as": "gpp"}),
        ("status", ["realized", "exited"], {"as": "status"}),
        ("status", ["open"], {"as": None}),
        ("customer_no", ["17"], {"as": "profileId"}),
        ("customerId", ["17"], {"as": "profileId"}),
        ("会員ID", ["17"], {"as": "profileId"}),
        ("country", ["DE"], {"as": None}),
        ("consent_at", ["2026-03-01T09:30:00Z"], {"as": None}),
        ("notes", ["<script>"], {"as": None}),
        ("vorname", ["Rosa", "Kai"], {"as": None}),
        ("tier", ["gold", "silver", "gold"], {"as": "attribute"}),
        ("empty", [], {"as": None}),
        ("email", [], {"as": "identity", "namespace": "Email_LC_SHA256"}),
    ],
)
def test_a_column_is_guessed(column: str, cells: list[str], expected: dict[str, Any]) -> None:
    found = guess(column, *cells)
    assert members(found) == expected
    assert found.why.endswith(".")


def test_a_guess_says_what_was_counted() -> None:
    cells = ["a@b.example"] * 62 + ["?", "-"]
    assert guess("E-Mail", *cells).why == "62 of 64 values look like e-mail addresses; the name says so too."
    assert guess("hash", DIGEST).why == (
        "1 of 1 values look like SHA-256 digests, but the name does not say of what: map it with its namespace."
    )
    assert guess("Telefon").why == "The name says so; there are no values that could show it."
    assert "write them as RFC 3339" in guess("consent_date", "01.02.2026").why


def test_some_columns_mean_something_beside_others_alone() -> None:
    assert members(guess("country", "DE", telefon=["030 1234567"]))["as"] == "phoneRegion"
    assert members(guess("consent_at", "2026-03-01T09:30:00Z", consent=["y"]))["as"] == "shareAt"
    alone = Known(KNOWN.namespaces, {})
    assert members(guess("status", "realized", known=alone))["as"] is None
    assert "segment" in guess("status", "realized", known=alone).why


def test_of_what_a_file_has_once_the_first_is_taken() -> None:
    first, second = guesses({"customer_id": ["1"], "crm_id": ["2"]}, KNOWN)
    assert members(first)["as"] == "profileId"
    assert (second.mapping, second.reason) == (None, "repeated")
    assert "'customer_id'" in second.why


@pytest.mark.parametrize("name", ["", "x" * 201, "rosa@one.example", "+49 30 23125001"])
def test_a_name_that_no_mapping_may_have_is_not_guessed(name: str) -> None:
    found = guess(name, "a@b.example")
    assert found.mapping is None
    assert "rename" in found.why


def test_words_are_kept_where_they_are_few_and_short() -> None:
    assert Values.of(["Ja", "ja", "nein", ""]).words == {"ja": 2, "nein": 1}
    assert Values.of([f"word {number}" for number in range(60)]).words is None
    assert Values.of(["x" * 41]).words is None
    assert Values.of([f"word {number}" for number in range(60)]).kinds == 60


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("ann@one.example", "email"),
        ("+493023125001", "e164"),
        ("+49 30 2312-5001", "international"),
        ("0049 30 23125001", "international"),
        ("030 23125001", "national"),
        ("491234567", "digits"),
        ("17", "number"),
        ("1,5", "number"),
        ("2026-01-02", "date"),
        ("12.05.1990", "date"),
        ("2026-03-01T09:30:00Z", "time"),
        (DIGEST, "sha256_hex"),
        (UUID, "device_id"),
        ("3" * 38, "ecid"),
        ("x" * 5000, "text"),
        ("{}", "nested"),
        ("Rosa", "text"),
    ],
)
def test_the_shape_of_a_value(value: str, shape: str) -> None:
    assert shape_of(value) == shape


NAMES = {
    "profileId": [
        "customer_id",
        "Customer Number",
        "CRM ID",
        "Kundennummer",
        "Kunden-Nr",
        "Mitgliedsnummer",
        "顧客番号",
        "会員ID",
    ],
    "email": ["email", "E-Mail", "Email Address", "e_mail_adresse", "Mail", "メールアドレス", "メール"],
    "phone": ["phone", "Mobile Number", "Telefon", "Handynummer", "Rufnummer", "電話番号", "携帯電話"],
    "share": ["consent", "opt_in", "Einwilligung", "Zustimmung", "marketing_consent", "同意", "同意状況"],
    "first": ["first_name", "Vorname", "名"],
    "birth": ["birth_date", "Geburtsdatum", "生年月日"],
    "note": ["notes", "Bemerkung", "備考"],
    "sum": ["revenue", "Umsatz", "売上"],
}
WORDS = [
    ("yes", "no"),
    ("ja", "nein"),
    ("はい", "いいえ"),
    ("1", "0"),
    ("true", "false"),
    ("y", "n"),
    ("Opt-In", "Opt-Out"),
]


@given(seed=st.integers(0, 1 << 32), rows=st.integers(5, 60))
@settings(deadline=None)
def test_a_crm_file_is_mapped_whatever_its_order_and_language(seed: int, rows: int) -> None:
    made = random.Random(seed)
    yes, no = made.choice(WORDS)
    cells = {
        "profileId": [str(made.randrange(10**4, 10**9)) for _ in range(rows)],
        "email": [f"p{made.randrange(10**6)}@{made.choice('abc')}.example" for _ in range(rows)],
        "phone": [
            made.choice(["+49 151 {}", "0151 {}", "0049 151 {}", "090-1234-{}"]).format(made.randrange(1000, 10**7))
            for _ in range(rows)
        ],
        "share": [made.choice([yes, no]) for _ in range(rows)],
        "first": [made.choice(["Rosa", "Kai", "花子"]) for _ in range(rows)],
        "birth": [f"{made.randrange(1940, 2005)}-0{made.randrange(1, 9)}-11" for _ in range(rows)],
        "note": [made.choice(["called twice", "x", "VIP?"]) for _ in range(rows)],
        "sum": [f"{made.randrange(10**5)},{made.randrange(10, 99)}" for _ in range(rows)],
    }
    for kind in ("email", "phone", "share"):
        for place in made.sample(range(rows), rows // 5):
            cells[kind][place] = ""
    roles = {kind: made.choice(NAMES[kind]) for kind in cells}
    order = made.sample(list(cells), len(cells))
    found = {guess.column: guess for guess in guesses({roles[kind]: cells[kind] for kind in order}, KNOWN)}
    got = {kind: members(found[name]) for kind, name in roles.items()}
    assert got["profileId"]["as"] == "profileId", roles
    assert got["email"] == EMAIL, roles
    assert got["phone"] == PHONE, (roles, cells["phone"])
    assert got["share"]["as"] == "share", roles
    said = {word.lower() for word in cells["share"] if word}
    answers = got["share"].get("answers", {})
    assert {word: answers.get(word, word) for word in said} == {
        word: "y" if word == yes.lower() else "n" for word in said
    }
    assert [got[kind]["as"] for kind in ("first", "birth", "note", "sum")] == [None] * 4, roles


def test_usual_words_mean_one_thing() -> None:
    assert [meaning(word) for word in ("y", "ja", "nein", "unbekannt", "vi", "newsletter")] == [
        "y",
        "y",
        "n",
        "u",
        "VI",
        None,
    ]
