"""The same people, written by many writers in many ways, are the same identities, texts and members."""

import json
import os
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from handfast.identity.namespaces import namespace
from handfast.ingest.models import Column
from handfast.ingest.staging import stage
from tests.worlds.data_plane import read_rows
from tests.worlds.file_writers import WRITERS, Person
from tests.worlds.plans import PLAN

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
EXAMPLES = 40 if LONG else 3
COLUMNS = (
    Column("e-mail", "identity", 1),
    Column("id", "profileId"),
    Column("tel", "identity", 2, form="digitsWithCountryCode"),
    Column("in", "segment", segment_id="seg_1"),
    Column("note", "attribute", name="note"),
)
SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    " {}\u00a0".format,
    "mailto:{}".format,
    "\u202a{}\u202c\t".format,
    lambda text: unicodedata.normalize("NFD", text),
)
NUMBERS = ("4917139200{:02}", "43664123{:04}", "1415555{:04}", "3934012345{:02}", "33612345{:03}", "493023125{:03}")
DIALLED: tuple[Callable[[str], str], ...] = (
    str,
    "{}.0".format,
    "+{}".format,
    lambda text: f"+{text[:2]} ({text[2:5]}) {text[5:]}",
)

TEXTS = st.text(st.one_of(st.sampled_from(" ,;|\t\"'\r\n\\=:.{}[]"), st.characters(exclude_categories=["Cs", "Cc"])))
REFUSED = ("pandas csv of Europe",)
"""Whose phone numbers are `spreadsheet_number`, for their decimal comma."""
ADDRESS = "j\u00fcrgen{}@m\u00fcnchner.example"


@st.composite
def crowds(draw: st.DrawFn) -> list[tuple[str, Person]]:
    """People, each beside its address in one spelling."""
    people = []
    for place in range(draw(st.integers(1, 20))):
        address = ADDRESS.format(place)
        # The first has a number, as a column of JSON has to have a value.
        number = draw(st.sampled_from(NUMBERS) | st.none() if place else st.sampled_from(NUMBERS))
        digits = number.format(place + 10) if number else None
        # A note begins and ends with a letter, as what is around a text is trimmed, and holds no address.
        note = draw(st.none() | TEXTS.map(lambda text: f"n{text.replace('@', '')}n"))
        tel = draw(st.sampled_from(DIALLED))(digits) if digits else None
        mail = draw(st.sampled_from(SPELLINGS))(address)
        people.append(
            (address, Person(mail, int(digits) if digits else None, tel, draw(st.none() | st.booleans()), note))
        )
    return people


def read(content: bytes, form: Any, folder: Path) -> tuple[set[tuple[Any, ...]], int]:
    """Value, profile id, note and membership of each identity, and how many rows were refused."""
    path = folder / "file"
    path.write_bytes(content)
    result = stage(path, replace(PLAN, columns=COLUMNS, format=form), folder)
    members: dict[tuple[int, int], bool] = {}
    for span in result.spans:
        if span.memberships:
            members |= {(row[0], row[1]): row[3] for row in read_rows(span.memberships)}
    found = {
        (row[3], row[4], json.loads(row[8])["note"] if row[8] else None, members.get((row[0], row[1])))
        for span in result.spans
        if span.profiles
        for row in read_rows(span.profiles)
    }
    return found, result.counts.rows - result.counts.accepted


@pytest.mark.parametrize("name", WRITERS)
def test_people_are_the_same_whoever_writes_them(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=not LONG,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(crowds())
    def same(people: list[tuple[str, Person]]) -> None:
        folder = tmp_path_factory.mktemp("written")
        content, form = WRITERS[name]([person for _, person in people], folder)
        texts = [(p.number and str(p.number), p.note, p.member) for _, p in people]
        mails = {
            (namespace("email").normalise(address), *said) for (address, _), said in zip(people, texts, strict=True)
        }
        tels = {(namespace("phone").normalise(f"+{said[0]}"), *said) for said in texts if said[0]}
        found, refused = read(content, form, folder)
        assert (found, refused) == (mails if name in REFUSED else mails | tels, 0)

    same()
