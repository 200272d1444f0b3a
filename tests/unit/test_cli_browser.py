"""Signing in with the browser: the authorization code comes back to this machine, for the sign-in that asked for it."""

import base64
import hashlib
import json
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import platformdirs
import pytest
from typer.testing import CliRunner, Result

from handfast_cli import browser, profiles
from handfast_cli.errors import ExitCode
from handfast_cli.main import app
from handfast_cli.profiles import Person
from handfast_cli.user_pool import UserPool
from handfast_client.exchange import Steps
from tests.worlds.cli_server import Server, answering

ME = {"principalId": "p", "name": "Ann", "grants": []}
type Visit = Callable[[dict[str, str], str], None]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The token endpoint and the API, and a port that nobody else has."""
    monkeypatch.setattr(platformdirs, "user_config_path", lambda name: tmp_path / name)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(browser, "PORT", port)
    monkeypatch.setattr(browser, "CALLBACK", f"http://localhost:{port}/")
    with answering() as running:
        running.answers = [(200, {"access_token": "t", "refresh_token": "kept", "expires_in": 3600}, {})]
        yield running


def sign_in(server: Server, monkeypatch: pytest.MonkeyPatch, visit: Visit) -> Result:
    """Runs the login with a person's browser, which gets what was asked for and where it has to come back to."""

    def opened(address: str) -> bool:
        asked = dict(parse_qsl(urlsplit(address).query))
        threading.Thread(target=visit, args=(asked, asked["redirect_uri"])).start()
        return True

    monkeypatch.setattr(webbrowser, "open", opened)
    monkeypatch.setattr(UserPool, "refresh_steps", refreshed)
    told = {
        "region": "eu-west-1",
        "clientId": "people",
        "authorizeUrl": f"{server.url}/oauth2/authorize",
        "tokenUrl": f"{server.url}/oauth2/token",
        "cognitoUrl": server.url,
    }
    server.answers.insert(0, (200, told, {}))
    return CliRunner().invoke(app, ["login", f"{server.url}/v1/", "--json"])


def refreshed(*_: Any) -> Steps[dict[str, Any]]:
    yield from ()
    return {"AccessToken": "t", "ExpiresIn": 3600}


def test_a_person_signs_in_by_code_and_proof(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[dict[str, str]] = []

    def visit(asked: dict[str, str], back: str) -> None:
        said.append(asked)
        assert httpx.get(f"{back}favicon.ico").status_code == 404
        assert httpx.get(f"{back}?{urlencode({'code': 'stolen', 'state': 'another'})}").status_code == 404
        assert httpx.get(f"{back}?{urlencode({'code': 'given', 'state': asked['state']})}").status_code == 200

    server.answers.append((200, ME, {}))
    result = sign_in(server, monkeypatch, visit)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["name"] == "Ann"
    assert profiles.load("default").principal == Person(
        UserPool("eu-west-1", "people", server.url), "", refresh_token="kept"
    )
    (asked,), (_, exchange, _) = said, server.asked
    form = dict(parse_qsl(exchange["body"].decode()))
    assert (form["code"], form["client_id"], form["redirect_uri"]) == ("given", "people", asked["redirect_uri"])
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert form["code_verifier"] not in result.output


def test_a_refusal_of_the_provider_is_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def visit(asked: dict[str, str], back: str) -> None:
        httpx.get(back, params={"error": "access_denied", "error_description": "Not yours", "state": asked["state"]})

    result = sign_in(server, monkeypatch, visit)
    assert (result.exit_code, "Not yours" in result.stderr) == (ExitCode.NOT_ALLOWED, True)
    assert [asked["path"] for asked in server.asked] == ["/v1/.well-known/handfast.json"]


def test_nobody_is_waited_for_for_ever(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "SECONDS", 0.05)
    result = sign_in(server, monkeypatch, lambda *_: None)
    assert (result.exit_code, "Nobody has signed in" in result.stderr) == (ExitCode.NOT_ALLOWED, True)


def test_a_port_that_is_taken_is_named(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("localhost", browser.PORT))
        taken.listen()
        result = sign_in(server, monkeypatch, lambda *_: None)
    assert (result.exit_code, str(browser.PORT) in result.stderr) == (ExitCode.FAILED, True)
