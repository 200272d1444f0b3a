"""Entering many privacy requests: waiting for them, and what each line has become."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from handfast_cli.main import app
from handfast_cli.options import Session
from tests.worlds.cli_server import Server, answering, api_of


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with answering() as running:
        monkeypatch.setattr(Session, "of", lambda *_: Session(api_of(running), "sbx_1"))
        monkeypatch.setattr(time, "sleep", lambda _: None)
        yield running


def item(name: str | None, code: str | None = None, problem: str | None = None) -> dict[str, Any]:
    return {"privacyRequestId": name, "verificationCode": code, "problem": {"detail": problem} if problem else None}


def state(status: str, done: int, *items: Any) -> dict[str, Any]:
    return {"bulkId": "bulk_1", "status": status, "progress": {"done": done, "total": 2}, "items": list(items)}


def run(tmp_path: Path, *options: str) -> Any:
    file = tmp_path / "requests.ndjson"
    file.write_text('{"type": "access"}\n\n{"type": "access"}\n{"type": "none"}\n')
    return CliRunner().invoke(app, ["privacy", "bulk", str(file), *options])


def test_a_bulk_is_waited_for_and_each_line_is_told_with_its_code_or_problem(server: Server, tmp_path: Path) -> None:
    taken = state("running", 0, item("prq_1", "123456"), item("prq_2"), item(None, problem="no such type"))
    later = item("prq_1"), item(None, problem="taken"), item(None, problem="no such type")
    server.answers = [
        (202, taken, {}),
        (200, state("running", 1, *later), {}),
        (200, state("completed", 2, *later), {}),
    ]
    found = run(tmp_path, "--json")
    assert found.exit_code == 1, found.output
    shown = json.loads(found.stdout)
    assert (shown["status"], shown["progress"]["done"]) == ("completed", 2)
    assert [(row["line"], row["privacyRequestId"], row["verificationCode"]) for row in shown["items"]] == [
        (1, "prq_1", "123456"),
        (3, None, None),
        (4, None, None),
    ]
    assert [row["problem"] and row["problem"]["detail"] for row in shown["items"]] == [None, "taken", "no such type"]
    assert [asked["path"].rpartition("/privacy-requests")[2] for asked in server.asked] == [
        "/bulk",
        "/bulk/bulk_1",
        "/bulk/bulk_1",
    ]


def test_a_bulk_need_not_be_waited_for(server: Server, tmp_path: Path) -> None:
    taken = state("running", 0, *[item(f"prq_{number}") for number in range(3)])
    server.answers = [(202, taken, {})]
    found = run(tmp_path, "--no-wait")
    assert (found.exit_code, len(server.asked)) == (0, 1)
    assert [line.split()[:2] for line in found.stdout.splitlines()[1:]] == [
        ["1", "prq_0"],
        ["3", "prq_1"],
        ["4", "prq_2"],
    ]


def test_codes_are_shown_though_the_service_fails_while_it_is_waited_for(server: Server, tmp_path: Path) -> None:
    taken = state("running", 0, *[item(f"prq_{number}", "123456") for number in range(3)])
    server.answers = [(202, taken, {}), (500, {"title": "Internal error", "detail": "no"}, {})]
    found = run(tmp_path)
    assert (found.exit_code, found.stdout.count("123456")) == (0, 3)
    assert "handfast privacy show-bulk bulk_1" in found.stderr
