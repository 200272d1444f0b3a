"""Addresses and numbers in texts and profile ids: what is found, what is not, and that SQL finds the same."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

import handfast
from handfast.identity.namespaces import Rejected
from handfast.identity.patterns import IDENTITY, holds_identity
from handfast.identity.placeholders import ABSENT
from handfast.identity.profile_ids import is_hashed, is_plain, kept, plain_kept
from handfast.lake.duck import connect, literal
from handfast.platform.wire import Request, View
from tests.worlds.plans import SECRET

RAW = [
    "rosa@one.example",
    "Rosa <rosa@one.example>",
    "rosa@one.example;kai@two.example",
    "see https://one.example/?mail=rosa%40one.example",
    "rosa\uff20one.example",
    "rosa\ufe6bone.example",
    "rosa&#64;one.example",
    "rosa&#x0040;one.example",
    "rosa&commat;one.example",
    "rosa\\u0040one.example",
    "+493023125001",
    "\uff0b493023125001",
    "\uff0b\uff14\uff19\uff13\uff10\uff12\uff13\uff11\uff12\uff15\uff10\uff10\uff11",
    "call +49 (0)30 / 23125001 today",
    "+1 415-555-0123",
    "+49\u00a030\u00a023125001",
    "0049 30 23125001",
    "tel:03023125001",
    "030 23125001",
    "030/23125001",
    "(030) 2312-5001",
    "0151 1234 5678",
    "04742 1234",
    "0049 (0)30 2312",
    "01 23 45 67 89",
    "020 7946 0958",
    "(415) 555-0123",
    "(415)555-0123",
    "415.555.0123",
    "1-415-555-0123",
]
NOT_RAW = [
    "",
    "gold",
    "@",
    "prefers mail @ night",
    "2024-01-15",
    "15.01.2024",
    "01/02/2024",
    "01-02-2024 10:00:00",
    "2024-01-15T10:00:00+01:00",
    "20240115",
    "12345678901",
    "0012345678",
    "1.234.567,89",
    "-1,234,567.00",
    "192.168.100.200",
    "978-3-16-148410-0",
    "12345-6789",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "5f0c7a52-9d11-4c7e-8a44-1b2d3e4f5a6b",
    "+5 %",
    "012 34",
    "001-2",
    "003 45 6",
    "0700 pieces, 12",
    "C++ 17",
]


def found_by_sql(texts: list[str]) -> list[bool]:
    with connect() as connection:
        found = connection.execute(
            f"SELECT regexp_matches(text, {literal(IDENTITY)}) FROM (SELECT unnest(?) AS text)", [texts]
        ).fetchall()
    return [is_found for (is_found,) in found]


@pytest.mark.parametrize("text", RAW)
def test_raw_identities_are_found(text: str) -> None:
    assert holds_identity(text)


@pytest.mark.parametrize("text", NOT_RAW)
def test_other_texts_are_left_alone(text: str) -> None:
    assert not holds_identity(text)


def test_sql_finds_the_same() -> None:
    assert found_by_sql(RAW + NOT_RAW) == [True] * len(RAW) + [False] * len(NOT_RAW)


PIECES = st.sampled_from(["0", "00", "+", "49", "30", "123", "2312", "5001", " ", "-", "/", "(", ")", ".", "\u00a0"])
SPELT = st.lists(PIECES | st.sampled_from(["a", "@", "%40", "one.example", "\n", "\u00e9", "tel:"]), max_size=14)


@given(st.lists(SPELT.map("".join), min_size=1, max_size=40))
def test_sql_finds_the_same_in_any_text(texts: list[str]) -> None:
    assert found_by_sql(texts) == [holds_identity(text) for text in texts]


SPELLINGS = [
    ("rosa@one.example", " Rosa@One.EXAMPLE\u00a0"),
    ("+493023125001", "+49 (30) 23125001"),
    ("+493023125001", "\uff0b49 30 23125001"),
    ("17", "\u200b17 "),
    ("j\u00fcrgen", "ju\u0308rgen"),
    ("880012345", "880012345.0"),
    ("880012345", "880012345.00"),
    ("880012345", "880012345,0"),
    ("880012345", "880012345.000"),
    ("880012345", "880012345.000000"),
    ("-17", "-17.0"),
    ("0", "0.0"),
]


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_spellings_of_one_profile_id_tie(one: str, other: str) -> None:
    assert kept(one, SECRET) == kept(other, SECRET)


def test_profile_ids_without_a_raw_identity_stay() -> None:
    for profile_id in ("17", "crm-0815-4711", "493023125001", "0049 30 23125001", "hash_of_something", "a+b"):
        assert kept(profile_id, SECRET) == profile_id
    for profile_id in (
        "1.2",
        "1.0.0",
        "007.0",
        "12e3",
        "4f5e6",
        "o'hara",
        'a "b" c',
        "a=b",
        "#17",
        "v1.000",
        "1.000.0",
    ):
        assert kept(profile_id, SECRET) == profile_id
    assert kept(" \ufeff", SECRET) is None


@pytest.mark.parametrize(
    "text",
    [
        *("unknown", " N/A", "NULL", "none@example.com", "mailto:noreply@example.com"),
        *("\\N", "<NA>", "#REF!", "#NULL!", "(blank)", "[object Object]", "?", "-1", "-1.0", "{}", '""', "Anonymous"),
        "00000000-0000-0000-0000-000000000000",
    ],
)
def test_what_stands_for_a_missing_id_is_refused_for_it_would_tie_strangers(text: str) -> None:
    with pytest.raises(Rejected, match="placeholder_profile_id"):
        kept(text, SECRET)


@pytest.mark.parametrize("text", ["8.8E+08", "8,8E+08", "1e+05", "8.80012345E8", "8.8e-7", "12.000", "1,000"])
def test_ids_that_a_spreadsheet_or_a_table_of_floats_has_shortened_are_refused(text: str) -> None:
    with pytest.raises(Rejected, match="not_whole_number"):
        kept(text, SECRET)


@pytest.mark.parametrize(
    "text",
    [
        *('="880012345"', "'880012345", "880012345'", '"880012345"', '"880012345', "'17'"),
        *("880\u200b012345", "88\xad00", "88\x0000", "88\n00", "88\x1a00", "j\ufffdrgen", "88\u202e00", "88\u202800"),
    ],
)
def test_ids_with_what_a_file_has_put_around_or_into_them_are_refused(text: str) -> None:
    """They would tie nobody to the same id without it, so that an erasure would not find all of a person."""
    with pytest.raises(Rejected, match="invalid_profile_id"):
        kept(text, SECRET)


def test_the_hash_of_a_profile_id_tells_nothing_without_the_secret_and_is_not_hashed_again() -> None:
    hashed = [kept(text, SECRET) for text in ("rosa@one.example", "crm:rosa@one.example", "+493023125001")]
    for profile_id in hashed:
        assert profile_id is not None
        assert is_hashed(profile_id)
        assert kept(profile_id, SECRET) == profile_id
        assert not holds_identity(profile_id)
    assert len(set(hashed)) == 3
    assert kept("rosa@one.example", b"another secret") not in hashed
    assert not is_hashed("hash_of_something")


NUMERIC = st.text("019.,eE+-'\"=", max_size=8)


@given(st.lists(SPELT.map("".join) | st.text(max_size=12) | NUMERIC, min_size=1, max_size=40))
def test_what_plain_sql_decides_of_profile_ids_is_what_python_decides(texts: list[str]) -> None:
    # As the cells of a file come: without spaces around, and not blank.
    usable = [trimmed for text in texts if (trimmed := text.strip(" ")) and "\0" not in text and text.isprintable()]
    plain, answer = is_plain("text"), plain_kept("text")
    with connect() as connection:
        connection.execute("SET VARIABLE secret = ?", [SECRET])
        rows = connection.execute(
            f"SELECT text, {plain}, CASE WHEN {plain} THEN {answer} END FROM (SELECT unnest(?::VARCHAR[]) AS text)",
            [[*usable, *(word.upper() for word in ABSENT)]],
        ).fetchall()
    decided = {text: found for text, known, found in rows if known}
    assert decided.keys().isdisjoint(word.upper() for word in ABSENT)
    assert decided == {text: kept(text, SECRET) for text in decided}


UNSEEN = ["a\u0085b", "a\u009bb", "a\u202eb", "a\u2066b", "a\u200bb", "a\x07b"]
"""C1 and C0 controls, overrides and isolates of direction, and what has no width."""
LOOKED_UP = re.compile(
    r".*_?(id|ids|namespace|regulation|type|role|share|etag)|value|column|(secret|access|ca)_\w+|secret|.*domain|urls?"
    r"|authorization|password|private_key|api_key|service_account_key|\w+_(token|secret)|email|phone|website|digest|expression|eval_ref|source|preset|of"
)
"""Fields that are no free text: ids and codes, which nothing unknown is stored of, identities, which their namespace
checks, URLs, which are ASCII, credentials, and what has to be empty. A column's name is as its file has it."""


def bodies(base: type[Request] = Request) -> Iterator[type[Request]]:
    """All models of what callers send."""
    for model in base.__subclasses__():
        if not issubclass(model, View):
            yield model
        yield from bodies(model)


def takes(annotation: object, text: str) -> bool:
    try:
        TypeAdapter(annotation).validate_python(text)
    except ValidationError:
        return False
    return True


def test_no_free_text_of_a_call_hides_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "refuse")
    for module in pkgutil.walk_packages(handfast.__path__, "handfast."):
        importlib.import_module(module.name)
    free = {
        f"{model.__name__}.{name}": Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        for model in bodies()
        if model.__module__.startswith("handfast.") and model.model_rebuild() is not False
        for name, field in model.model_fields.items()
        if not LOOKED_UP.fullmatch(name)
    }
    assert {
        "CreateSegment.name",
        "CreateFeed.description",
        "CreateUpload.file_name",
        "CreateConnector.name",
    } <= free.keys()
    assert {name for name, annotation in free.items() for text in UNSEEN if takes(annotation, text)} == set()
