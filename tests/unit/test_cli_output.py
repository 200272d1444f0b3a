"""What the commands print is what the API answered, whatever somebody wrote into it and however wide the terminal."""

import io
import json
import os
import re
import subprocess
import sys
from typing import Any

import httpx
import pytest
from rich.console import Console
from typer.testing import CliRunner

from handfast.privacy_requests.proof_check import Check, Report
from handfast_cli import main, output, proving
from handfast_cli.local import commands as local
from handfast_cli.options import Session
from handfast_client.errors import ProblemError

LINK = f"https://bucket.example/{'x' * 300}?signed"
HOSTILE = [
    "Deal [/b]",
    "Kunden [alt] 2025",
    "[link=https://x.example]Click[/link]",
    "[red]m",
    "a :smile: b",
    "back\\[slash\\]",
]
UNSEEN = ["\x1b[2J", "a\rb", "\x9b31m", "\x7f", "\u202egnp.exe", "\u2066x", "\u200ey", "\u2028z", "\ud800"]


def screen(*, terminal: bool) -> Console:
    """Of 80 columns; keeps what is printed."""
    return Console(width=80, file=io.StringIO(), color_system=None, force_terminal=terminal)


def text_of(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture(params=[True, False], ids=["terminal", "piped"])
def printed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Console:
    console = screen(terminal=request.param)
    monkeypatch.setattr(output, "console", console)
    return console


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Console:
    console = screen(terminal=False)
    monkeypatch.setattr(output, "console", console)
    return console


@pytest.mark.parametrize("name", HOSTILE)
def test_a_partners_text_is_no_markup(printed: Console, name: str) -> None:
    output.show({"items": [{"name": name}]}, as_json=False, columns=("name",))
    output.show({"name": name, "names": [name]}, as_json=False)
    output.show(name, as_json=False)
    output.show({"items": [{name: name}]}, as_json=False)
    output.show({name: ""}, as_json=False)
    assert text_of(printed).count(name) == 7


@pytest.mark.parametrize("name", UNSEEN)
def test_what_would_steer_the_terminal_is_shown_by_its_code(printed: Console, name: str) -> None:
    for as_json in (False, True):
        output.show({"items": [{"name": name}]}, as_json=as_json)
        output.show({"name": name, "nested": {"name": name}}, as_json=as_json)
        output.show(name, as_json=as_json)
    shown = "".join(text_of(printed).split("\n"))
    assert not re.search("[\x00-\x1a\x7f-\x9f\u200e\u2028\u202e\u2066\ud800]|\x1b\\[2J", shown)


@pytest.mark.parametrize("name", HOSTILE + UNSEEN)
def test_json_is_the_answer_value_for_value(printed: Console, name: str) -> None:
    value = {"items": [{name: name, "n": 10084, "link": LINK}]}
    output.show(value, as_json=True)
    assert json.loads(text_of(printed)) == value


ROW = {
    "segmentId": "seg_01K5Z8Q4T3N7W2X9B6C1D0E5FG",
    "name": "Readers of the newsletter that comes on every second Tuesday of a month",
    "labels": ["C1", "S2"],
    "counts": {"identities": 10084, "people": 1234567},
    "status": "completed_with_gaps",
    "dueAt": "2026-11-28T12:00:00.000000Z",
    "url": LINK,
    "empty": None,
}


def test_nothing_is_cut_or_broken_at_80_columns(printed: Console) -> None:
    columns = ("segmentId", "name", "labels", "counts.identities", "counts.people", "status", "dueAt", "url", "empty")
    output.show({"items": [ROW, ROW]}, as_json=False, columns=columns)
    output.show(ROW, as_json=False)
    shown = text_of(printed)
    for whole in (ROW["segmentId"], ROW["name"], "C1, S2", "10084", "1234567", ROW["status"], ROW["dueAt"], LINK):
        assert shown.count(str(whole)) == 3, whole
    assert all(column in shown for column in columns)


def test_what_fits_a_terminal_is_a_table_and_what_does_not_is_a_list_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    console = screen(terminal=True)
    monkeypatch.setattr(output, "console", console)
    output.show_table([{"a": 1, "b": "x"}, {"a": 22, "b": None}], ("a", "b"))
    assert [line.split() for line in text_of(console).splitlines()] == [["a", "b"], ["1", "x"], ["22"]]
    wide = screen(terminal=True)
    monkeypatch.setattr(output, "console", wide)
    output.show_table([{"a": 1, "b": "x" * 100}] * 2, ("a", "b"))
    assert text_of(wide).split() == ["a", "1", "b", "x" * 100] * 2


def test_not_a_terminal_means_a_line_for_each_row_without_box_or_colour(piped: Console) -> None:
    output.show({"items": [ROW, ROW | {"name": "短い"}]}, as_json=False, columns=("name", "url", "segmentId"))
    header, *lines = text_of(piped).splitlines()
    assert header.split() == ["name", "url", "segmentId"]
    assert [line.split()[-2:] for line in lines] == [[LINK, ROW["segmentId"]]] * 2
    assert text_of(piped).isprintable() or not re.search("[\x1b\u2500-\u257f]", text_of(piped))


def test_an_empty_list_says_so(printed: Console) -> None:
    output.show({"items": []}, as_json=False)
    assert text_of(printed) == "none\n"


@pytest.mark.parametrize("text", HOSTILE + UNSEEN)
def test_an_error_shows_what_others_wrote_as_it_is(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    console = screen(terminal=True)
    monkeypatch.setattr(output, "errors", console)

    def refuse(*_: Any) -> None:
        problem = {"title": text, "detail": text, "errors": [{"pointer": text, "message": text}], "requestId": text}
        raise ProblemError(409, problem)

    monkeypatch.setattr(Session, "of", refuse)
    result = CliRunner().invoke(main.app, ["feeds", "show", "x"])
    assert isinstance(result.exception, SystemExit), result.exception
    shown = text_of(console)
    assert shown.count(output.visible(text)) == 5
    assert len(shown.splitlines()) == 3


def test_a_check_of_a_history_is_plain_text(printed: Console) -> None:
    checks = [
        Check(subject="link [/b]", holds=True, detail="[x] :smile:"),
        Check(subject="key", holds=False, detail=""),
    ]
    proving._print(Report(checks=tuple(checks)))
    words = text_of(printed).split()
    assert words[3:10] == ["link", "[/b]", "holds", "[x]", ":smile:", "key", "fails"]


@pytest.mark.parametrize("line", HOSTILE)
def test_what_a_deployment_reports_is_no_markup(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    console = Console(width=200, file=io.StringIO(), color_system=None, force_terminal=True)
    monkeypatch.setattr(local, "errors", console)
    with local._step("Build") as report:
        report(line)
    assert line in text_of(console)


def test_the_help_is_plain_text_and_fits_what_reads_it() -> None:
    result = CliRunner().invoke(main.app, ["segments", "update", "--help"])
    assert result.exit_code == 0
    assert not re.search("[\x1b\u2500-\u257f]", result.output)


def test_a_network_that_is_down_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise httpx.ConnectError("[/b] refused")

    monkeypatch.setattr(Session, "of", fail)
    result = CliRunner().invoke(main.app, ["me"])
    assert result.stderr == "Error: [/b] refused\n"


def test_what_is_printed_is_utf8_whatever_the_system_writes() -> None:
    text = "id,mail,name\n1,,\u65e5\u672c\n".encode()
    command = [sys.executable, "-m", "handfast_cli", "hash", "-", "--column", "mail=email"]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    assert subprocess.run(command, input=text, env=environment, capture_output=True, check=True).stdout == text
