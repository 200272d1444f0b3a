"""Hashing at home: what leaves is what ingest would have made of it."""

import csv
import json
import os
from dataclasses import replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from handfast.ingest.models import Column
from handfast.ingest.plan import Staged
from handfast.ingest.staging import stage
from handfast_cli.errors import ExitCode
from handfast_cli.main import app
from handfast_client import hash_value
from tests.worlds.data_plane import read_rows
from tests.worlds.plans import PLAN

COLUMNS = (
    Column("email", "identity", 1),
    Column("phone", "identity", 2),
    Column("country", "phoneRegion"),
    Column("of form", "identity", 2, form="digitsWithCountryCode"),
)
OPTIONS = ("email=email", "phone=phone", "country=phoneRegion", "of form=phone:digitsWithCountryCode")
HEADER = ["email", "phone", "country", "of form"]

# What people write, and all else that a cell can hold; what no CSV can is not of interest.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=12)
MAILS = st.builds(
    "{}{}@{}{}".format, st.sampled_from(("", " ", "mailto:")), TEXTS, TEXTS, st.sampled_from((".example", ".de", ""))
)
NUMBERS = st.builds(
    "{}{}".format,
    st.sampled_from(("", "+49", "0049 ", "(0)30 ", "+1 415 ", "0171 ", "tel:", "49")),
    st.text("0123456789 -().", max_size=12),
)
DIGESTS = st.sampled_from(
    (hash_value("email", "a@one.example"), hash_value("email", "a@one.example").upper(), "a" * 64)
)
REGIONS = st.sampled_from(("", "de", "AT", " us ", "GB", "Germany"))
VALUES = MAILS | NUMBERS | TEXTS
ROWS = st.lists(st.tuples(VALUES, VALUES, REGIONS, VALUES), min_size=20, max_size=60)


def run(*words: str | Path, text: str | None = None) -> Result:
    return CliRunner().invoke(app, ["hash", *map(str, words)], input=text)


def written(path: Path, rows: Any) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADER, *rows])
    return path


def ingested(path: Path, folder: Path) -> tuple[set[tuple[int, int]], list[tuple[str, str, str]]]:
    """The keys that ingest keeps of a file, and its list of values that were left out."""
    folder.mkdir()
    staged: Staged = stage(path, replace(PLAN, columns=COLUMNS, phone_region="DE"), folder)
    keys = {row[:2] for span in staged.spans if span.profiles for row in read_rows(span.profiles)}
    return keys, listed(staged.rejects)


def listed(path: Path | None) -> list[tuple[str, str, str]]:
    if path is None:
        return []
    with path.open(newline="") as file:
        found = sorted((line["row"], line["column"], line["reason"]) for line in csv.DictReader(file))
    # A row that has none left may have what is no identity, such as a profile id: hashing says nothing of it.
    return [line for line in found if line[2] != "no_identity"]


@settings(max_examples=6, deadline=None, derandomize=True, phases=(Phase.generate,))
@given(ROWS)
def test_what_is_hashed_at_home_is_what_ingest_makes_of_the_file(rows: list[tuple[str, ...]]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        raw, made, left_out = written(folder / "raw.csv", rows), folder / "hashed.csv", folder / "rejects.csv"
        options = [word for column in OPTIONS for word in ("--column", column)]
        said = run(raw, *options, "--phone-region", "DE", "--output", made, "--rejects", left_out)
        assert said.exit_code == 0, said.output
        kept, refused = ingested(raw, folder / "of raw")
        assert listed(left_out) == refused
        assert ingested(made, folder / "of hashed") == (kept, [])


def test_other_columns_stay_and_what_is_left_out_is_told(tmp_path: Path) -> None:
    text = 'id;mail;note\n1; Ann@Example.com ;a "b"\n\n2;nobody;\n3;;x\n'.replace('a "b"', '"a ""b"";"')
    said = run("-", "--column", "mail=email", text=text)
    assert said.exit_code == 0, said.output
    digest = hash_value("email", "ann@example.com")
    rows = list(csv.reader(StringIO(said.stdout), delimiter=";"))
    assert rows == [["id", "mail", "note"], ["1", digest, 'a "b";'], ["2", "", ""], ["3", "", "x"]]
    assert "3 rows; left as they are: id, note" in said.stderr
    assert "1 single values were left out: invalid_email 1" in said.stderr
    made = tmp_path / "hashed.csv"
    said = run("-", "--column", "mail=email", "--output", made, "--json", text=text)
    assert json.loads(said.stdout) == {"file": str(made), "rows": 3, "valuesRejected": {"invalid_email": 1}}
    assert made.read_text().splitlines()[1].startswith(f"1;{digest}")


@pytest.mark.parametrize(
    ("options", "text", "told"),
    [
        (["--column", "mail"], "mail\n", "COLUMN=NAMESPACE"),
        (["--column", "mail=post"], "mail\n", "unknown namespace"),
        (["--column", "mail=email:e164"], "mail\n", "only phone numbers have a form"),
        (["--column", "country=phoneRegion"], "country\n", "Name a column of identities"),
        (["--column", "mail=email"], "email\n", "No column is called mail. Columns: email"),
        (["--column", "mail=email"], "mail,mail\n", "Two columns are called mail"),
        (["--column", "mail=email"], 'mail\n"a@one.example', "cannot be read as CSV"),
        (["--column", "mail=email", "--json"], "mail\n", "give --output"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_left(
    tmp_path: Path, options: list[str], text: str, told: str
) -> None:
    output = [] if "--json" in options else ["--output", str(tmp_path / "hashed.csv")]
    said = run("-", *options, *output, text=text)
    assert said.exit_code == ExitCode.INVALID
    assert told in " ".join(said.output.split())
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_printed_of_a_file_without_the_column() -> None:
    assert run("-", "--column", "mail=email", text="email\na@one.example\n").stdout == ""


def test_a_file_is_put_in_the_place_of_files_alone(tmp_path: Path) -> None:
    pipe, link, target = (tmp_path / name for name in ("pipe", "link.csv", "target.csv"))
    os.mkfifo(pipe)
    target.touch()
    link.symlink_to(target)
    for option in ("--output", "--rejects"):
        said = run("-", "--column", "mail=email", option, pipe, text="mail\n")
        assert (said.exit_code, pipe.is_fifo()) == (ExitCode.INVALID, True), said.output
    assert run("-", "--column", "mail=email", "--output", link, text="mail\n").exit_code == 0
    assert (link.is_symlink(), target.read_text()) == (True, "mail\n")
    said = run("-", "--column", "mail=email", "--output", link, "--rejects", target, text="mail\n")
    assert said.exit_code == ExitCode.INVALID, "the one would take the place of the other"
