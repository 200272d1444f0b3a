"""Deciding on many privacy requests, and the register as a file."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from handfast.privacy_requests import proof
from handfast_cli.main import app
from handfast_cli.options import Session
from tests.worlds.cli_server import Server, answering, api_of

SEED = b"0" * 32


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with answering() as running:
        monkeypatch.setattr(Session, "of", lambda *_: Session(api_of(running), "sbx_1"))
        yield running


def run(*words: str, text: str = "") -> Any:
    return CliRunner().invoke(app, ["privacy", *words], input=text)


def decided(*names: str) -> tuple[int, Any, dict[str, str]]:
    items = [{"privacyRequestId": name, "status": "denied", "problem": None} for name in names]
    return 200, {"items": items}, {}


def test_any_number_of_requests_is_decided_on_in_calls_of_a_hundred(server: Server) -> None:
    names = [f"prq_{number}" for number in range(150)]
    server.answers = [decided(*names[:100]), decided(*names[100:])]
    found = run("decide", "deny", "-", "--reason", "no such right", "--json", text="\n".join(names))
    assert found.exit_code == 0, found.output
    assert [item["privacyRequestId"] for item in json.loads(found.stdout)["items"]] == names
    assert [len(json.loads(asked["body"])["privacyRequestIds"]) for asked in server.asked] == [100, 50]


def test_what_a_call_had_no_time_for_is_decided_on_by_another(server: Server) -> None:
    late = {"privacyRequestId": "prq_2", "status": None, "problem": {"status": 429, "detail": "no time left"}}
    first = decided("prq_1")
    first[1]["items"].append(late)
    server.answers = [first, decided("prq_2")]
    found = run("decide", "deny", "prq_1", "--duplicates", "--reason", "no such right", "--json")
    assert found.exit_code == 0, found.output
    assert [item["status"] for item in json.loads(found.stdout)["items"]] == ["denied", "denied"]
    assert json.loads(server.asked[1]["body"])["privacyRequestIds"] == ["prq_2"]


def test_a_choice_about_sharing_is_entered_with_its_answer_an_id_and_the_time_it_came(server: Server) -> None:
    server.answers = [(202, {"privacyRequestId": "prq_1"}, {})]
    options = ("--share", "n", "--external-id", "case-1", "--submitted-at", "2026-03-01T12:00:00Z")
    found = run("request", "consent", "gdpr", "--identity", "email=ann@example.com", *options)
    assert found.exit_code == 0, found.output
    body = json.loads(server.asked[0]["body"])
    assert {name: body[name] for name in ("share", "externalId", "submittedAt")} == {
        "share": "n",
        "externalId": "case-1",
        "submittedAt": "2026-03-01T12:00:00Z",
    }


def test_many_are_approved_by_who_was_asked_or_said_yes_alone(server: Server) -> None:
    assert run("decide", "approve", "prq_1").exit_code != 0
    assert server.asked == []


def signed(number: int) -> dict[str, Any]:
    entry = {
        "type": "privacy_register_entry",
        "version": 1,
        "privacyRequestId": f"prq_{number}",
        "requestType": "erasure",
        "regulation": "gdpr",
        "origin": "own",
        "status": "completed",
        "receivedAt": "2026-06-15T12:00:00.000Z",
        "acknowledgeBy": None,
        "dueAt": "2026-07-15T23:59:59.999Z",
        "extended": False,
        "endedAt": "2026-06-16T12:00:00.000Z",
        "recipients": 2,
        "connectors": 0,
        "gaps": 0,
        "historyRecords": 9,
        "historyHead": "0" * 64,
    }
    return proof.sign(entry, SEED).as_json()


def test_a_register_is_saved_whole_and_verified_line_by_line(server: Server, tmp_path: Path) -> None:
    pages: list[tuple[int, Any, dict[str, str]]] = [
        (200, {"items": [signed(1)], "nextCursor": "more"}, {}),
        (200, {"items": [signed(2)], "nextCursor": None}, {}),
    ]
    lines, table, period = tmp_path / "a.ndjson", tmp_path / "a.csv", ("--since", "2026-06-01", "--until", "2026-06-30")
    server.answers = [*pages, *pages]
    assert run("register", str(lines), *period).exit_code == 0
    assert run("register", str(table), *period, "--format", "csv").exit_code == 0
    assert [row["privacyRequestId"] for row in csv.DictReader(table.open())] == ["prq_1", "prq_2"]
    key = proof.public_key(SEED)
    verified = run("verify-register", str(lines), "--public-key", key)
    assert (verified.exit_code, verified.stdout.strip()) == (0, "2 of 2 entries hold")
    refused = run("verify-register", str(lines), "--public-key", proof.public_key(b"1" * 32))
    assert refused.exit_code == 1
    assert "0 of 2 entries hold" in refused.stdout
    as_json = run("verify-register", str(lines), "--public-key", key, "--json")
    assert json.loads(as_json.stdout) == {"lines": 2, "holding": 2, "items": [], "holds": True}
    whole = lines.read_text()
    for damaged in (whole.replace("erasure", "access"), whole + whole, "{}\n"):
        lines.write_text(damaged)
        assert run("verify-register", str(lines), "--public-key", key).exit_code == 1
