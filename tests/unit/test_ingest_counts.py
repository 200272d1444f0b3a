"""What an upload tells of its rows beside the rejects: repeats, people, shapes, and what is odd about a column."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from handfast.identity.namespaces import PhoneForm
from handfast.ingest.models import Column
from handfast.ingest.plan import StagedCounts
from handfast.ingest.staging import stage
from tests.worlds.plans import EMAIL, PLAN
from tests.worlds.shards import stage_in_shards

PHONE = Column("tel", "identity", 2)
ID = Column("id", "profileId")

type Counted = Callable[..., StagedCounts]


@pytest.fixture(params=[stage, stage_in_shards])
def counted(tmp_path: Path, request: pytest.FixtureRequest) -> Counted:
    """Stage rows by their columns; returns the counts."""

    def run(rows: list[tuple[Any, ...]], *columns: Column) -> StagedCounts:
        lines = [",".join(column.column for column in columns), *(",".join(map(str, row)) for row in rows), ""]
        path = tmp_path / "file"
        path.write_text("\n".join(lines))
        counts: StagedCounts = request.param(path, replace(PLAN, columns=columns), tmp_path).counts
        return counts

    return run


def mails(count: int) -> list[str]:
    return [f"p{number}@example.com" for number in range(count)]


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_row_that_repeats_any_identity_of_an_earlier_one_counts_once(counted: Counted) -> None:
    rows = [
        ("ann@example.com", "+14155552671"),
        ("Ann@example.com ", ""),
        ("bob@example.com", "(415) 555-2671"),
        ("ann@example.com", "+14155552671"),
        ("cat@example.com", ""),
        ("nobody", ""),
        ("nobody", ""),
    ]
    counts = counted(rows, EMAIL, PHONE)
    assert (counts.accepted, counts.repeated, counts.people) == (5, 3, 2)


def test_an_identity_twice_in_one_row_repeats_nothing(counted: Counted) -> None:
    second = Column("second", "identity", 1, "hash")
    counts = counted([("ann@example.com", "ann@example.com"), ("bob@example.com", "")], EMAIL, second)
    assert (counts.repeated, counts.people) == (0, 2)


def test_people_are_profile_ids_and_the_rows_without_one_that_repeat_nothing(counted: Counted) -> None:
    rows = [
        ("1", "ann@example.com"),
        ("1", "ann@work.example"),
        ("2", "bob@example.com"),
        ("", "cat@example.com"),
        ("", "cat@example.com"),
        ("", "ann@example.com"),
        ("3", "nobody"),
    ]
    assert counted(rows, ID, EMAIL).people == 3


def test_values_are_counted_by_what_they_look_like(counted: Counted) -> None:
    phones = [
        "+14155552671",
        "+1 415 555 2672",
        "001 415 555 2673",
        "(415) 555-2674",
        "4155552675",
        "ann",
        "a@b.example",
    ]
    rows = [("", phone, "") for phone in phones] + [("x@example.com", "", "aebe52e7-03ee-455a-b3c4-e57283966239")]
    counts = counted(rows, EMAIL, PHONE, Column("ad", "identity", 4))
    assert counts.shapes == {
        "mail": {"email": 1},
        "tel": {"e164": 1, "international": 2, "national": 2, "other": 1, "email": 1},
        "ad": {"device_id": 1},
    }
    assert counts.warnings == ()


def test_digests_are_counted_as_such_and_told_where_raw_values_were_announced(counted: Counted) -> None:
    rows = [(hashed(mail),) for mail in mails(3)]
    counts = counted(rows, EMAIL)
    assert counts.shapes == {"mail": {"sha256_hex": 3}}
    (warning,) = counts.warnings
    assert (warning.column, warning.code) == ("mail", "digests_in_raw_column")
    assert "3 of 3 values are digests" in warning.detail
    assert counted(rows, Column("mail", "identity", 1, "none")).warnings == ()
    assert counted(rows, Column("mail", "identity", 1)).warnings == ()


@pytest.mark.parametrize(
    ("column", "values", "look"),
    [
        (PHONE, [*mails(3), "+14155552671"], "e-mail addresses"),
        (EMAIL, ["+1 415 555 2671", "4155552672", "+14155552673", "ann@example.com"], "phone numbers"),
        (EMAIL, ["aebe52e7-03ee-455a-b3c4-e57283966239", "0664"], None),
        (Column("ecid", "identity", 3), [hashed("a"), hashed("b")], "digests"),
        (Column("ad", "identity", 4), ["7" * 38], "ECIDs"),
        (PHONE, ["ann@example.com", "+14155552671"], None),
        (PHONE, ["ann", "bob"], None),
    ],
)
def test_a_column_that_looks_like_another_namespace_is_told(
    counted: Counted, column: Column, values: list[str], look: str | None
) -> None:
    warnings = counted([(value,) for value in values], column).warnings
    if look is None:
        assert warnings == ()
        return
    (warning,) = warnings
    assert (warning.column, warning.code) == (column.column, "another_namespace")
    assert look in warning.detail


@pytest.mark.parametrize(
    ("form", "values", "told"),
    [
        ("national", ["+14155552671", "+1 415 555 2672", "(415) 555-2673"], 2),
        ("digitsWithCountryCode", ["+14155552671", "14155552672"], 0),
        ("digitsWithCountryCode", ["+14155552671"], 1),
        ("e164", ["(415) 555-2673", "4155552674", "+14155552671"], 2),
        ("e164", ["+14155552671", "+1 415 555 2672"], 0),
        (None, ["+14155552671", "(415) 555-2673"], 0),
    ],
)
def test_phone_numbers_of_another_form_than_declared_are_told(
    counted: Counted, form: PhoneForm | None, values: list[str], told: int
) -> None:
    warnings = counted([(value,) for value in values], replace(PHONE, form=form)).warnings
    assert [warning.code for warning in warnings] == ["another_form"] * bool(told)
    assert all(f"{told} of {len(values)} phone numbers" in warning.detail for warning in warnings)


@pytest.mark.parametrize(
    ("times", "others", "told"), [(20, 1000, True), (19, 0, False), (20, 2500, False), (800, 60_000, True)]
)
def test_a_value_in_very_many_rows_is_told_and_not_quoted(
    counted: Counted, times: int, others: int, *, told: bool
) -> None:
    frequent = hashed("shared@example.com")
    rows = [(f"c{number}", hashed(mail)) for number, mail in enumerate(mails(others))]
    rows += [(f"s{number}", frequent) for number in range(times)]
    warnings = counted(rows, ID, Column("mail", "identity", 1, "none")).warnings
    assert [(warning.column, warning.code) for warning in warnings] == [("mail", "frequent_value")] * told
    assert all(f"{times} of {times + others} rows" in warning.detail for warning in warnings)
    assert not any(frequent in warning.detail or "shared" in warning.detail for warning in warnings)


def test_a_profile_id_in_very_many_rows_is_told(counted: Counted) -> None:
    rows = [("guest-1" if number % 2 else number, mail) for number, mail in enumerate(mails(60))]
    (warning,) = counted(rows, ID, EMAIL).warnings
    assert (warning.column, warning.code) == ("id", "frequent_value")
    assert "30 of 60 rows" in warning.detail
    assert "guest" not in warning.detail


def test_several_values_in_very_many_rows_are_one_warning(counted: Counted) -> None:
    rows = [(mail,) for mail in mails(2) for _ in range(25)] + [("p9@example.com",)] * 30 + [("x@example.com",)]
    (warning,) = counted(rows, EMAIL).warnings
    assert "one value stands in 30 of 81 rows; 2 more stand in at least 25;" in warning.detail
