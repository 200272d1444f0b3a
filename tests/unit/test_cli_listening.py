"""Events at an address of this machine: what is posted is what a webhook would get."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from handfast.activity import rules
from handfast.platform.standard_webhooks import webhook_body
from handfast_cli import profiles
from handfast_cli.errors import ExitCode
from handfast_cli.main import app
from handfast_cli.options import Session
from handfast_client.webhooks import verify
from tests.worlds.cli_server import Answer, Server, answering, api_of

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def record(sequence: int, event_type: str = "feed.published", **detail: Any) -> dict[str, Any]:
    actor = {"kind": "system", "id": None, "name": None}
    about = {"at": "2026-11-30T12:00:00.000Z", "actor": actor, "subject": "feed_1", "detail": detail}
    return {"sequence": sequence, "type": event_type, **about, "previousHash": "0" * 64, "hash": "1" * 64}


def page(*records: dict[str, Any], cursor: str | None = None) -> tuple[int, Any, dict[str, str]]:
    return 200, {"items": list(records), "nextCursor": cursor}, {}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    with answering() as running:
        monkeypatch.setattr(Session, "of", lambda *_: Session(api_of(running), "sbx_1"))
        monkeypatch.setattr(profiles, "config_folder", lambda: tmp_path / "handfast")
        yield running


@pytest.fixture
def receiver() -> Iterator[Server]:
    with answering() as running:
        running.answers = [(204, b"", {})]
        yield running


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def stop_after(monkeypatch: pytest.MonkeyPatch, looks: int) -> None:
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == looks:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)


def test_what_comes_is_posted_in_order_as_a_webhook_gets_it(
    server: Server, receiver: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = record(8, text="x" * 20_000)
    came = [record(9), large, record(7, "segment.created")]
    server.answers = [page(record(6)), page(record(6)), page(*came[:2], cursor="c"), page(came[2], record(6))]
    stop_after(monkeypatch, 2)
    said = run("listen", "--to", f"{receiver.url}/hooks", "--secret", SECRET, "--json")
    assert said.exit_code == 0, said.output
    assert "--after 9 goes on from here" in said.stderr
    wanted = [
        webhook_body(each["type"], each["at"], rules.event_data("sbx_1", each)) for each in (came[2], large, came[0])
    ]
    assert [asked["body"] for asked in receiver.asked] == wanted
    assert [asked["headers"]["webhook-id"] for asked in receiver.asked] == ["sbx_1-7", "sbx_1-8", "sbx_1-9"]
    assert rules.event_id("sbx_1", came[2]) == "sbx_1-7"
    for asked in receiver.asked:
        verify(SECRET, asked["headers"], asked["body"])
    told = [json.loads(line) for line in said.stdout.splitlines()]
    assert [(line["sequence"], line["statusCode"], line["error"]) for line in told] == [
        (7, 204, None),
        (8, 204, None),
        (9, 204, None),
    ]


def test_a_receiver_that_is_down_is_told_and_listening_goes_on(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answers = [page(record(2), record(1))]
    stop_after(monkeypatch, 1)
    said = run("listen", "--to", "http://127.0.0.1:9/hooks", "--after", "0", "--json")
    told = [json.loads(line) for line in said.stdout.splitlines()]
    assert [(line["sequence"], line["statusCode"]) for line in told] == [(1, None), (2, None)]
    assert all(line["error"] for line in told)


def test_an_event_is_triggered_with_the_secret_that_is_kept(server: Server, receiver: Server, tmp_path: Path) -> None:
    known: Answer = (200, {"items": [{"code": "feed.published"}, {"code": "feed.deleted"}]}, {})
    server.answers = [known, page(record(3)), known, page()]
    assert run("trigger", "feed.published", "--to", receiver.url).exit_code == 0
    assert run("trigger", "feed.deleted", "--to", receiver.url).exit_code == 0
    file = tmp_path / "handfast" / "webhook-secret.json"
    assert file.stat().st_mode & 0o777 == 0o600
    bodies = [json.loads(asked["body"]) for asked in receiver.asked]
    assert [(body["type"], body["data"]["sequence"]) for body in bodies] == [("feed.published", 3), ("feed.deleted", 0)]
    for asked in receiver.asked:
        verify(json.loads(file.read_text())["secret"], asked["headers"], asked["body"])


def test_what_cannot_be_triggered_is_told(server: Server, receiver: Server) -> None:
    known: Answer = (200, {"items": [{"code": "feed.published"}]}, {})
    server.answers = [known]
    said = run("trigger", "feed.publishd", "--to", receiver.url)
    assert (said.exit_code, "Did you mean feed.published?" in said.output) == (ExitCode.INVALID, True)
    said = run("listen", "--to", receiver.url, "--type", "feeds.*")
    assert (said.exit_code, "Did you mean feed.*" in said.output) == (ExitCode.INVALID, True), "it would wait for ever"
    assert run("trigger", "feed.*", "--to", receiver.url).exit_code == ExitCode.INVALID
    for to in ("localhost:3000", "http://[::1", "http://"):
        assert run("trigger", "feed.published", "--to", to).exit_code == ExitCode.INVALID
    assert run("listen", "--to", receiver.url, "--secret", "whsec_*").exit_code == ExitCode.INVALID
    assert receiver.asked == []
    receiver.answers = [(500, b"", {})]
    server.answers = [known, page()]
    assert run("trigger", "feed.published", "--to", receiver.url).exit_code == ExitCode.FAILED
