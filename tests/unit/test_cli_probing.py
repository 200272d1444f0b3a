"""`connections check-probe`: digests in the order of the list, and the end that tells whether they agree."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from handfast_cli.main import app
from handfast_cli.options import Session
from tests.worlds.cli_server import Server, answering, api_of

VALUES = [
    {"namespace": "Email_LC_SHA256", "value": "rosa@one.example", "digest": "ab"},
    {"namespace": "Email_LC_SHA256", "value": " Rosa@One.Example ", "digest": "cd"},
    {"namespace": "Phone_SHA256_E.164", "value": "+493023125001", "digest": "ef"},
]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with answering() as running:
        monkeypatch.setattr(Session, "of", lambda *_: Session(api_of(running), "sbx_1"))
        yield running


def check(server: Server, agrees: bool, *digests: str) -> Any:
    items = [{"value": "rosa@one.example", "agrees": agrees, "differences": [] if agrees else ["newline"]}]
    answer = {"namespace": "Email_LC_SHA256", "agrees": agrees, "items": items}
    server.answers = [(200, {"agreements": [], "values": VALUES}, {}), (200, answer, {})]
    return CliRunner().invoke(app, ["connections", "check-probe", "con_1", "email_lc_sha256", *digests])


def test_digests_are_sent_with_the_values_that_they_are_of(server: Server) -> None:
    result = check(server, False, "-", "cd" * 32)
    assert (result.exit_code, "newline" in result.stdout) == (1, True)
    sent = json.loads(server.asked[-1]["body"])
    assert sent["digests"] == [{"value": " Rosa@One.Example ", "digest": "cd" * 32}]


def test_a_hasher_that_agrees_ends_well(server: Server) -> None:
    assert check(server, True, "ab" * 32, "cd" * 32).exit_code == 0


def test_a_digest_too_few_is_named_before_anything_is_sent(server: Server) -> None:
    result = check(server, True, "ab" * 32)
    assert (result.exit_code, "2 values" in result.stderr) == (2, True)
