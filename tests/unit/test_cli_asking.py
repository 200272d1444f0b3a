"""Commands that take something away show what, and ask; without a terminal they want `--yes`."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from handfast_cli import asking
from handfast_cli.calls import DRY_RUN, Call
from handfast_cli.catalog import CALLS
from handfast_cli.errors import ExitCode
from handfast_cli.local.emulator import Emulator
from handfast_cli.main import app
from handfast_cli.options import Session
from tests.worlds.cli_server import Server, answering, api_of

# What their POST takes away does not come back by another command of the same caller.
ENDING = {"regenerate", "disconnect", "unshare", "decline", "approve"}
STOPPING = {("imports", "cancel"), ("policies", "enable"), ("policies", "disable"), ("dataflows", "release")}
"""What stops dataflows or lets them give more, each with a dry run."""
ASKING = [call for call in CALLS if call.asks != "no"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with answering() as running:
        running.answers = [(200, {"name": "what is there"}, {})]
        monkeypatch.setattr(Session, "of", lambda *_: Session(api_of(running), "sbx_1"))
        yield running


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "at_terminal", lambda: True)


def run(*words: str, typed: str = "") -> Any:
    return CliRunner().invoke(app, words, input=typed)


def words_of(call: Call) -> list[str]:
    needed = [send.name for send in call.sends if send.required]
    return [call.noun, call.verb, *call.arguments, *needed]


def asked(server: Server) -> list[tuple[str, str]]:
    return [
        (entry["method"], entry["path"].removeprefix("/v1").removeprefix("/sandboxes/sbx_1")) for entry in server.asked
    ]


def test_every_call_that_takes_something_away_asks() -> None:
    assert {(call.noun, call.verb) for call in ASKING} == {
        (call.noun, call.verb) for call in CALLS if call.method == "DELETE" or call.verb in ENDING
    } | STOPPING


@pytest.mark.parametrize("call", ASKING, ids=lambda call: f"{call.noun} {call.verb}")
def test_without_a_terminal_nothing_is_done_unless_yes_is_given(server: Server, call: Call) -> None:
    refused = run(*words_of(call))
    assert (refused.exit_code, "--yes" in refused.stderr, server.asked) == (ExitCode.INVALID, True, [])
    assert run(*words_of(call), "--yes").exit_code == 0
    assert [method for method, _ in asked(server)] == [call.method]
    assert "dryRun" not in server.asked[0]["path"]


@pytest.mark.parametrize("call", ASKING, ids=lambda call: f"{call.noun} {call.verb}")
def test_at_a_terminal_it_shows_what_and_asks(server: Server, terminal: None, call: Call) -> None:
    path = re.sub(r"{(\w+)}", r"\1", call.path.removeprefix("/sandboxes/{sandbox}"))
    if DRY_RUN in call.sends:
        look = [("POST", f"{path}?dryRun=true")]
    elif call.asks == "plainly":
        look = []
    else:
        look = [("GET", path if call.method == "DELETE" else path.rpartition("/")[0])]
    no = run(*words_of(call), typed="n\n")
    # The runner echoes what is typed.
    assert (no.exit_code, asked(server), no.stdout.strip()) == (1, look, "n")
    assert ("what is there" in no.stderr) is bool(look)
    server.asked.clear()
    yes = run(*words_of(call), "--json", typed="y\n")
    assert (yes.exit_code, asked(server)) == (0, [*look, (call.method, path)])
    assert json.loads(yes.stdout.removeprefix(" y\n")) == {"name": "what is there"}


def test_what_cannot_be_shown_is_not_asked_about(server: Server, terminal: None) -> None:
    server.answers = [(404, {"title": "Not found"}, {})]
    assert run("segments", "delete", "seg_1", typed="y\n").exit_code == ExitCode.CONFLICT
    assert asked(server) == [("GET", "/segments/seg_1")]


def test_a_dry_run_asks_nothing(server: Server) -> None:
    assert run("connections", "disconnect", "con_1", "--dry-run").exit_code == 0
    assert asked(server) == [("POST", "/connections/con_1/disconnect?dryRun=true")]


ERASURE = ("privacy", "request", "erasure", "gdpr", "--identity", "email=jane@one.example")


def test_an_erasure_shows_its_dry_run_and_asks(server: Server, terminal: None) -> None:
    assert run(*ERASURE, typed="n\n").exit_code == 1
    assert asked(server) == [("POST", "/privacy-requests?dryRun=true")]
    server.asked.clear()
    assert run(*ERASURE, typed="y\n").exit_code == 0
    assert asked(server) == [("POST", "/privacy-requests?dryRun=true"), ("POST", "/privacy-requests")]


def test_an_erasure_without_a_terminal_wants_yes(server: Server) -> None:
    assert run(*ERASURE).exit_code == ExitCode.INVALID
    assert server.asked == []
    for more in ("--yes", "--dry-run"):
        assert run(*ERASURE, more).exit_code == 0
    assert asked(server) == [("POST", "/privacy-requests"), ("POST", "/privacy-requests?dryRun=true")]


def test_a_request_that_erases_nothing_is_not_asked_about(server: Server) -> None:
    assert run("privacy", "request", "access", "gdpr", "--identity", "email=jane@one.example").exit_code == 0


def test_many_requests_are_asked_about_when_there_are_erasures(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "requests.ndjson"
    taken = {"privacyRequestId": "prq_1", "verificationCode": None, "problem": None}
    server.answers = [
        (202, {"bulkId": None, "items": [taken] * count, "progress": {"done": 0, "total": 0}}, {}) for count in (1, 2)
    ]
    file.write_text('{"type": "access"}\n')
    assert run("privacy", "bulk", str(file)).exit_code == 0
    file.write_text('{"type": "access"}\n{"type": "erasure"}\n')
    assert run("privacy", "bulk", str(file)).exit_code == ExitCode.INVALID
    assert run("privacy", "bulk", str(file), "--yes").exit_code == 0
    assert len(server.asked) == 2


def test_wiping_the_local_stack_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wiped: list[bool] = []
    monkeypatch.setenv("HANDFAST_LOCAL_DIR", str(tmp_path))
    monkeypatch.setattr(Emulator, "stop", lambda _: None)
    monkeypatch.setattr(Emulator, "forget", lambda _: wiped.append(True))
    assert run("local", "down", "--wipe").exit_code == ExitCode.INVALID
    assert run("local", "down").exit_code == 0
    assert wiped == []
    assert run("local", "down", "--wipe", "--yes").exit_code == 0
    assert wiped == [True]
