"""Phone numbers read in bulk are those that the library reads, text by text, in every region and form."""

import csv
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from handfast.identity import phone_numbers
from handfast.identity.kinds import phone
from handfast.identity.namespaces import Namespace, PhoneForm, Reading, Rejected, namespace
from handfast.identity.phone_spellings import spelt_sql
from handfast.identity.renderings import FORMS as RENDERINGS
from handfast.ingest import odd_values
from handfast.ingest.models import Column
from tests.worlds.phone_numbers import REGIONS, spelt_number
from tests.worlds.plans import PLAN
from tests.worlds.staged import everything

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
TEXTS = 2_400 if LONG else 30
"""Of each region in no declared form, and fewer in the others; 1.1 million of all in the long profile."""
FORMS: tuple[PhoneForm | None, ...] = (None, "national", "digitsWithCountryCode", "e164")
PHONE = namespace("phone")

type Text = tuple[str, str | None]
"""A text, and the region it is read for."""


def spelt(texts: list[Text], form: PhoneForm | None) -> list[str | None]:
    """What each text is in bulk."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(
            "CREATE TABLE texts AS SELECT unnest(range(len($texts))) AS id, unnest($texts::VARCHAR[]) AS text,"
            " unnest($regions::VARCHAR[]) AS region",
            {"texts": [text for text, _ in texts], "regions": [region for _, region in texts]},
        )
        regions = sorted({region for _, region in texts}, key=str)
        rows = connection.execute(f"{spelt_sql('texts', regions, form)} ORDER BY id").fetchall()
    return [canonical for _, canonical in rows]


def read(text: str, region: str | None, form: PhoneForm | None) -> tuple[str | None, str | None]:
    """The number, or why it is none."""
    try:
        return PHONE.canonical(text, Reading(region, form)), None
    except Rejected as rejected:
        return None, rejected.reason


@pytest.fixture
def library_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """One number is read by the library's parser, without the plans that recognise most."""
    monkeypatch.setattr(phone_numbers, "is_planned", lambda _code, _significant: False)


def texts_of(form: PhoneForm | None) -> Iterator[Text]:
    """Texts of each region, one in eight of another's; and some for no region, and for none that there is."""
    rng = Random(f"{form}")
    count = TEXTS if form is None else TEXTS // 3
    for region in REGIONS:
        for number in range(count // 2 if form in FORMS[2:] else count):
            yield spelt_number(rng, region if number % 8 else rng.choice(REGIONS)), region
    for unknown in (None, "ZZ", "O'"):
        for _ in range(10 * count):
            yield spelt_number(rng, rng.choice(REGIONS)), unknown


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.usefixtures("library_alone")
def test_what_is_read_in_bulk_is_what_the_library_reads(form: PhoneForm | None) -> None:
    texts = [(text, region) for text, region in texts_of(form) if text]
    wanted = [read(text, region, form)[0] for text, region in texts]
    found = spelt(texts, form)
    differences = [
        (*text, number, want)
        for text, number, want in zip(texts, found, wanted, strict=True)
        if number is not None and number != want
    ]
    numbers, in_bulk = (len(texts) - each.count(None) for each in (wanted, found))
    print(f"{form}: {len(texts):,} texts, {numbers:,} numbers, {in_bulk:,} of them in bulk, {len(differences)} differ")
    assert differences == []
    assert in_bulk > numbers / 2


def test_the_plans_read_one_number_as_the_library_does(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [text for text in texts_of(None) if text[0]]
    planned = [read(*text, None) for text in texts]
    monkeypatch.setattr(phone_numbers, "is_planned", lambda _code, _significant: False)
    assert [(*text, was) for text, was in zip(texts, planned, strict=True) if was != read(*text, None)] == []


# Files


PLAN_OF_NUMBERS = replace(
    PLAN,
    columns=(Column("region", "phoneRegion"), Column("tel", "identity", 2, "hash"), Column("id", "profileId")),
    segment_id="seg_1",
    phone_index=True,
    renderings=tuple(name for name in RENDERINGS if name.startswith("phone")),
)


def test_a_file_is_the_same_change_in_bulk_as_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng, regions = Random(13), ("DE", "US", "GB", "FR", "JP", "", "zz")
    path = tmp_path / "numbers.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("region", "tel", "id"))
        for number in range(3_000):
            region = rng.choice(regions)
            writer.writerow((region, spelt_number(rng, region if region in REGIONS else "DE"), f"p{number}"))
    monkeypatch.setattr(odd_values, "MANY", 10_000)
    one_by_one = everything(path, PLAN_OF_NUMBERS, tmp_path / "one_by_one")
    monkeypatch.setattr(odd_values, "MANY", 1_000)
    monkeypatch.setattr(phone, "MANY_OF_REGION", 100)
    asked: list[str] = []
    normalise = Namespace.normalise

    def counted(self: Namespace, value: str, **known: Any) -> bytes:
        asked.append(value)
        return normalise(self, value, **known)

    monkeypatch.setattr(Namespace, "normalise", counted)
    assert everything(path, PLAN_OF_NUMBERS, tmp_path / "in_bulk") == one_by_one
    assert len(one_by_one[1]) > 3_000
    assert len(asked) < 2_200
