"""The list of rows and values that were left out: what it says, and that its page's examples join it to the file."""

import csv
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from handfast.ingest.models import Column
from handfast.ingest.staging import stage
from tests.worlds.plans import EMAIL, PLAN

PAGE = Path(__file__).resolve().parents[2] / "docs" / "files.md"
PEOPLE = 'mail,note\na@mail.example,"two\nlines"\nnobody,\nb@mail.example,\nann@,"a, b"\n'


def example(language: str) -> str:
    """The page's example in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return str(found)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file and its rejects, which is the one to work in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(PEOPLE)
    rejects = stage(tmp_path / "people.csv", PLAN, tmp_path).rejects
    assert rejects == tmp_path / "rejects.csv"
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_the_pages_sql_joins_rejects_to_their_rows() -> None:
    found = duckdb.execute(example("sql"))
    assert [column[0] for column in found.description or ()] == ["row", "column", "reason", "number", "mail", "note"]
    assert found.fetchall() == [
        (2, "mail", "invalid_email", 2, "nobody", None),
        (4, "mail", "invalid_email", 4, "ann@", "a, b"),
    ]


def test_the_pages_python_joins_rejects_to_their_rows(folder: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", example("python")], cwd=folder, capture_output=True, text=True, check=True
    )
    assert [line.split()[:4] for line in told.stdout.splitlines()[2:]] == [
        ["2", "mail", "invalid_email", "nobody"],
        ["4", "mail", "invalid_email", "ann@"],
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        *((f"{sign}cmd|' /C calc'!A0", f"'{sign}cmd|' /C calc'!A0") for sign in "=+-@\uff1d\uff0b\uff0d\uff20"),
        ('=HYPERLINK("https://x.example","me")', '\'=HYPERLINK("https://x.example","me")'),
        ("e-mail", "e-mail"),
    ],
)
def test_a_columns_name_is_no_formula_to_a_spreadsheet(tmp_path: Path, name: str, shown: str) -> None:
    with (tmp_path / "file").open("w", newline="") as file:
        csv.writer(file).writerows([[name, "mail"], ["nobody", "a@mail.example"]])
    plan = replace(PLAN, columns=(EMAIL, Column(name, "identity", 1)))
    rejects = stage(tmp_path / "file", plan, tmp_path).rejects
    assert rejects is not None
    with rejects.open(newline="") as file:
        assert list(csv.reader(file)) == [["row", "column", "reason"], ["1", shown, "invalid_email"]]
