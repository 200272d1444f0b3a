"""How commands that fail end: the exit code by class, lines for people, one JSON document for programs."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from typer.testing import CliRunner

from handfast.platform.problems import NotFound, Refused
from handfast_cli.errors import ExitCode
from handfast_cli.main import app
from handfast_cli.options import Session
from handfast_client.api import run as carry_out
from handfast_client.errors import SignInError
from handfast_client.sign_in import client_credentials
from tests.worlds.cli_server import Server, answering, api_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with answering() as running:
        monkeypatch.setattr(Session, "of", lambda *_: Session(api_of(running), "sbx_1"))
        monkeypatch.setattr("time.sleep", lambda _: None)
        yield running


def run(*words: str) -> Any:
    return CliRunner().invoke(app, words)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *((status, 2) for status in (400, 413, 415, 422, 428)),
        *((status, 3) for status in (401, 403)),
        *((status, 4) for status in (404, 409, 410, 412)),
        *((status, 5) for status in (408, 429, 500, 502, 503)),
    ],
)
def test_an_answer_that_is_a_problem_ends_with_its_class(server: Server, status: int, code: int) -> None:
    problem = {"type": "urn:x", "title": "T", "status": status, "detail": "why", "requestId": "r-1", "more": [1]}
    server.answers = [(status, problem, {})]
    told = run("segments", "list")
    assert (told.exit_code, told.stdout) == (code, "")
    assert told.stderr == f"Error: {status} T: why\n  request r-1\n"
    as_json = run("segments", "list", "--json")
    assert (as_json.exit_code, as_json.stdout, json.loads(as_json.stderr)) == (code, "", problem)


def test_an_argument_that_is_not_utf_8_is_named() -> None:
    told = run("segments", "create", os.fsdecode(b"caf\xe9"))
    assert (told.exit_code, told.stdout) == (ExitCode.INVALID, "")
    assert r"argument 3 is not UTF-8: caf\xe9" in told.stderr


def test_an_answer_that_is_no_problem_document_has_its_status_in_json_too(server: Server) -> None:
    server.answers = [(404, b"not here", {})]
    found = json.loads(run("segments", "list", "--json").stderr)
    assert (found["status"], found["detail"]) == (404, "not here")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SignInError("no"), 3),
        (httpx.ConnectError("down"), 5),
        (httpx.ReadTimeout("slow"), 5),
        (httpx.InvalidURL("no such port"), 2),
        (NoCredentialsError(), 5),
        (ClientError({"Error": {"Code": "x", "Message": "y"}}, "Op"), 5),
        (NotFound("no such organization"), 4),
        (Refused("no such role", reason="validation"), 2),
        (PermissionError(13, "Permission denied", "/x"), 1),
    ],
)
def test_what_is_wrong_before_any_answer_has_its_class_too(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(Session, "of", fail)
    told, as_json = run("me"), run("me", "--json")
    assert (told.exit_code, as_json.exit_code) == (code, code)
    assert told.stderr == f"Error: {error}\n"
    found = json.loads(as_json.stderr)
    assert found["title"]
    assert found["detail"] == str(error)


def test_what_is_not_the_api_is_told_in_a_line(server: Server) -> None:
    server.answers = [(200, b"<html>", {})]
    told = run("segments", "list")
    assert (told.exit_code, told.stderr.count("\n"), server.url in told.stderr) == (5, 1, True)


@pytest.mark.parametrize("answer", [b"<html>", [], {}, {"access_token": "t"}, {"access_token": "t", "expires_in": "x"}])
def test_what_is_no_token_endpoint_is_told_so(server: Server, answer: Any) -> None:
    server.answers = [(200, answer, {})]
    with pytest.raises(SignInError, match="token endpoint"):
        carry_out(client_credentials(server.url, "id", "secret")())


def test_no_profile_is_not_signed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / name)
    monkeypatch.setenv("HANDFAST_LOCAL_DIR", str(tmp_path / "local"))
    assert run("me", "--profile", "nobody").exit_code == ExitCode.NOT_ALLOWED


@pytest.mark.parametrize(
    "words",
    [
        ("segments", "show"),
        ("segments", "list", "--limit", "many"),
        ("people", "explain", "--identity", "nothing"),
        ("segments", "upload", "tests/conftest.py", "--column", "a=profileId"),
        ("login", "http://localhost", "--email", "a@b.example", "--client-id", "x"),
    ],
)
def test_wrong_words_end_with_2_and_are_json_on_request(server: Server, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == ExitCode.INVALID
    as_json = run(*words, "--json")
    assert as_json.exit_code == ExitCode.INVALID
    assert json.loads(as_json.stderr)["detail"]


def test_every_member_that_is_wrong_and_every_violation_is_a_line(server: Server) -> None:
    errors = [{"pointer": "/labels/0", "message": "unknown label"}]
    violations = [{"policy": "p1", "label": "C11", "marketingAction": "segment_match", "segmentId": "seg_1"}]
    problem = {"title": "Refused", "detail": "see", "errors": errors, "violations": violations}
    server.answers = [(422, problem, {})]
    assert run("feeds", "publish", "fed_1").stderr.splitlines() == [
        "Error: 422 Refused: see",
        "  /labels/0: unknown label",
        "  policy p1, label C11, marketingAction segment_match, segmentId seg_1",
    ]


def test_a_history_that_cannot_be_read_says_why(server: Server, tmp_path: Path) -> None:
    server.answers = [(403, {"title": "Permission missing", "detail": "this needs privacy:read"}, {})]
    told = run("privacy", "history", "prq_1", str(tmp_path / "h.json"))
    assert (told.exit_code, "this needs privacy:read" in told.stderr) == (3, True)


@pytest.mark.parametrize("command", [("privacy", "bulk"), ("memberships", "push"), ("consents", "push")])
@pytest.mark.parametrize("content", [b"{}\n{\n", b"{}\n[]\n", b'{"a": "\xff"}\n'])
def test_a_line_that_cannot_be_read_is_told_in_a_line(
    server: Server, tmp_path: Path, command: tuple[str, ...], content: bytes
) -> None:
    file = tmp_path / "lines.ndjson"
    file.write_bytes(content)
    told = run(*command, str(file))
    assert told.exit_code == ExitCode.INVALID
    assert told.stderr.startswith("Error: ")
    assert server.asked == []


def test_a_file_that_cannot_be_written_is_told_in_a_line(server: Server, tmp_path: Path) -> None:
    server.answers = [(200, {}, {})]
    told = run("privacy", "history", "prq_1", str(tmp_path / "none" / "h.json"))
    assert (told.exit_code, told.stderr.startswith("Error: ")) == (1, True)


def test_the_page_lists_every_exit_code() -> None:
    listed = {int(number) for number in re.findall(r"^\| (\d) \|", PAGE.read_text(), re.MULTILINE)}
    assert listed == {0, *ExitCode}
