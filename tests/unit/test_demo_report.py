"""What the demo says, and that it cannot overlook a difference."""

import hashlib
import io

import pytest
from rich.console import Console
from typer.testing import CliRunner

from handfast_cli.demo import command
from handfast_cli.demo.generator import EMAIL, IDFA, digest
from handfast_cli.demo.report import DifferenceError, Report
from handfast_cli.errors import CommandError
from handfast_cli.main import app

DEVICE = (IDFA, "0b5c1f0e-5f0f-4a39-9d3e-0a6d5a5f3c11")
ADDRESS = (EMAIL, digest("somebody@example.com"))


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def report(output: io.StringIO) -> Report:
    return Report(Console(file=output, width=100))


def test_the_same_members_pass(report: Report, output: io.StringIO) -> None:
    report.same_members("B's members", {"lapsed": {DEVICE, ADDRESS}}, {"lapsed": {ADDRESS, DEVICE}})
    assert "2 in lapsed" in output.getvalue()


def test_a_segment_without_members_is_the_same_as_no_segment(report: Report) -> None:
    report.same_members("B's members", {"lapsed": set()}, {})
    report.same_members("B's members", {}, {"lapsed": set()})


def test_a_missing_and_an_unexpected_identity_are_counted_and_shown_hashed_only(report: Report) -> None:
    with pytest.raises(DifferenceError) as raised:
        report.same_members("B's members", {"lapsed": {DEVICE}}, {"lapsed": {ADDRESS}})
    text = str(raised.value)
    assert "1 missing of 1" in text
    assert "1 unexpected of 1" in text
    assert hashlib.sha256(DEVICE[1].encode()).hexdigest()[:12] in text
    assert DEVICE[1] not in text
    assert ADDRESS[1] not in text


def test_an_identity_in_the_wrong_segment_is_a_difference(report: Report) -> None:
    with pytest.raises(DifferenceError, match="newsletter: 1 unexpected of 0"):
        report.same_members("B's members", {"lapsed": {DEVICE}}, {"lapsed": {DEVICE}, "newsletter": {DEVICE}})


def test_numbers_that_differ_end_the_command(report: Report) -> None:
    report.equal("the rows", 3, 3)
    with pytest.raises(CommandError, match="the rows: expected 3, found 4"):
        report.equal("the rows", 3, 4)


def test_the_table_says_what_each_step_took(report: Report, output: io.StringIO) -> None:
    with report.measured("Export to B", 1234) as bar:
        bar(1, 2)
    report.table()
    line = next(line for line in reversed(output.getvalue().splitlines()) if "Export to B" in line)
    assert "1,234" in line


def test_a_step_that_fails_is_not_measured(report: Report, output: io.StringIO) -> None:
    with pytest.raises(DifferenceError), report.measured("Export to B", 1):
        report.equal("the rows", 3, 4)
    report.table()
    assert "Export to B" not in output.getvalue()


def test_a_difference_fails_the_command_and_says_what_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(*_: object) -> list[str]:
        raise DifferenceError("B's members: not what it must be")

    monkeypatch.setattr(command, "bring_up", lambda _: {})
    monkeypatch.setattr(command, "tell", tell)
    result = CliRunner().invoke(app, ["demo"])
    assert result.exit_code == 1
    assert "B's members: not what it must be" in result.output
