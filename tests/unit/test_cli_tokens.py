"""One sign-in for many commands: the token is kept for its owner alone, until shortly before it ends or is refused."""

import json
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from typer.testing import CliRunner

from handfast_cli import profiles
from handfast_cli.errors import ExitCode
from handfast_cli.failures import exit_code_of
from handfast_cli.main import app
from handfast_cli.profiles import Machine, Person, Profile, UnknownProfileError
from handfast_cli.user_pool import UserPool
from handfast_client.api import Api
from handfast_client.errors import ProblemError
from handfast_client.exchange import Steps, Token
from handfast_client.tokens import KeptToken
from tests.worlds.cli_server import Answer, Server, answering

ME = {"principalId": "p", "name": "n", "grants": []}


@pytest.fixture
def server() -> Iterator[Server]:
    with answering() as running:
        running.answers = [(200, ME, {})]
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_config_path", lambda name: tmp_path / name)
    monkeypatch.setenv("HANDFAST_LOCAL_DIR", str(tmp_path / "local"))
    return tmp_path


class SignIn:
    """Gives a new token each time."""

    def __init__(self, seconds: float = 3600.0) -> None:
        self.seconds = seconds
        self.times = 0

    def __call__(self) -> Steps[Token]:
        yield from ()
        self.times += 1
        return f"token-{self.times}", self.seconds


def sent(server: Server) -> list[str]:
    return [asked["headers"]["authorization"].removeprefix("Bearer ") for asked in server.asked]


def test_many_commands_sign_in_once(server: Server, home: Path) -> None:
    sign_in, kept = SignIn(), KeptToken.of(home / "tokens", {"id": "a"})
    for _ in range(3):
        Api(server.url, sign_in, kept).call("GET", "/me")
    assert sent(server) == ["token-1"] * 3
    assert stat.S_IMODE(kept.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.file.parent.stat().st_mode) == 0o700
    assert list(kept.file.parent.iterdir()) == [kept.file]


def test_a_token_is_not_used_to_its_last_second(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in, kept = SignIn(), KeptToken.of(home / "tokens", {"id": "a"})
    Api(server.url, sign_in, kept).call("GET", "/me")
    now = time.time()
    for later, times in ((3500.0, 1), (3545.0, 2)):
        monkeypatch.setattr(time, "time", lambda later=later: now + later)
        Api(server.url, sign_in, kept).call("GET", "/me")
        assert sign_in.times == times


def test_a_refused_token_is_renewed_once_and_the_call_repeated_as_it_was(server: Server, home: Path) -> None:
    sign_in, kept = SignIn(), KeptToken.of(home / "tokens", {"id": "a"})
    kept.write("revoked", 3600.0)
    server.answers = [(401, {}, {}), (201, {"done": True}, {})]
    assert Api(server.url, sign_in, kept).call("POST", "/x", body={"a": 1}) == {"done": True}
    assert sent(server) == ["revoked", "token-1"]
    assert len({asked["headers"]["idempotency-key"] for asked in server.asked}) == 1
    found = kept.read()
    assert found
    assert found[0] == "token-1"


def test_a_principal_who_stays_refused_is_told_so(server: Server, home: Path) -> None:
    sign_in, kept = SignIn(), KeptToken.of(home / "tokens", {"id": "a"})
    server.answers = [(401, {"title": "Unauthorized"}, {})]
    with pytest.raises(ProblemError) as caught:
        Api(server.url, sign_in, kept).call("GET", "/x")
    assert (exit_code_of(caught.value), len(server.asked), sign_in.times) == (ExitCode.NOT_ALLOWED, 2, 2)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"token": "x", "goodUntil": "soon"}', '{"goodUntil": 1e12}'])
def test_a_file_that_holds_no_token_is_none(server: Server, home: Path, content: str) -> None:
    kept = KeptToken.of(home, {"id": "a"})
    kept.file.write_text(content)
    Api(server.url, SignIn(), kept).call("GET", "/me")
    assert sent(server) == ["token-1"]


def test_without_a_place_to_keep_it_a_command_signs_in(server: Server, home: Path) -> None:
    (home / "tokens").write_text("a file, where the folder should be")
    Api(server.url, SignIn(), KeptToken.of(home / "tokens", {"id": "a"})).call("GET", "/me")
    assert sent(server) == ["token-1"]


def test_old_tokens_do_not_pile_up(home: Path) -> None:
    old, recent, new = (KeptToken.of(home / "tokens", {"id": name}) for name in "abc")
    for kept, age in ((old, 100_000.0), (recent, 80_000.0)):
        kept.write("t", 3600.0)
        os.utime(kept.file, (time.time() - age,) * 2)
    new.write("t", 3600.0)
    assert set(new.file.parent.iterdir()) == {recent.file, new.file}


def machine(server: Server) -> Profile:
    return Profile(server.url, Machine(f"{server.url}/oauth2/token", "id", "the-secret"), "sbx_1")


def test_each_principal_has_a_token_of_its_own(server: Server) -> None:
    one = machine(server)
    others = [
        replace(one, api_url="https://api.example"),
        replace(one, principal=Machine(f"{server.url}/oauth2/token", "id", "another-secret")),
        replace(one, principal=Machine(f"{server.url}/oauth2/token", "another", "the-secret")),
    ]
    assert len({profile.kept_token().file for profile in [one, *others]}) == 4
    assert replace(one, sandbox_id=None).kept_token() == one.kept_token()


def run(*words: str) -> Any:
    return CliRunner().invoke(app, words)


def test_commands_share_the_token_until_the_logout(server: Server, home: Path) -> None:
    profiles.save("one", machine(server))
    token: Answer = (200, {"access_token": "t", "expires_in": 3600}, {})
    server.answers = [token, (200, ME, {})]
    for _ in range(3):
        assert run("me", "--profile", "one").exit_code == 0
    assert [asked["path"] for asked in server.asked] == ["/oauth2/token", *["/v1/me"] * 3]
    assert run("logout", "--profile", "one").exit_code == 0
    assert [file.name for file in home.rglob("*.json")] == ["profiles.json"]
    assert json.loads((home / "handfast" / "profiles.json").read_text()) == {}
    again = run("logout", "--profile", "one")
    assert (again.exit_code, "one" in again.stderr) == (ExitCode.NOT_ALLOWED, True)


def test_a_logout_ends_a_persons_sign_in_and_leaves_other_profiles(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr(UserPool, "revoke", lambda _, token: ended.append(token))
    profiles.save("other", machine(server))
    profiles.save("me", Profile(server.url, Person(UserPool("eu-west-1", "people"), "a@b.example", "refresh")))
    shown = json.loads(run("logout", "--profile", "me", "--json").stdout)
    assert shown == {"profile": "me", "status": "signed out"}
    assert ended == ["refresh"]
    assert profiles.load("other") == machine(server)
    with pytest.raises(UnknownProfileError):
        profiles.load("me")


def test_a_refresh_token_is_revoked_by_its_client(server: Server) -> None:
    server.answers = [(200, {}, {})]
    UserPool("eu-west-1", "people", server.url).revoke("refresh")
    (asked,) = server.asked
    assert asked["headers"]["x-amz-target"].endswith(".RevokeToken")
    assert "authorization" not in asked["headers"]
    assert json.loads(asked["body"]) == {"Token": "refresh", "ClientId": "people"}


def test_a_logout_without_the_deployment_forgets_all_the_same(server: Server, home: Path) -> None:
    server.answers = [(400, {"__type": "UnauthorizedException", "message": "no such token"}, {})]
    pool = UserPool("eu-west-1", "people", server.url)
    profiles.save("me", Profile(server.url, Person(pool, "a@b.example", "refresh")))
    told = run("logout", "--profile", "me")
    assert (told.exit_code, "no such token" in told.stderr) == (ExitCode.NOT_ALLOWED, True)
    assert "refresh" not in (home / "handfast" / "profiles.json").read_text()


def test_the_version_and_the_short_help_are_there() -> None:
    assert run("--version").output.startswith("handfast ")
    for words in ((), ("segments",), ("segments", "list"), ("admin", "upgrade"), ("local",), ("privacy", "intake")):
        assert (told := run(*words, "-h").output) == run(*words, "--help").output != ""
        assert "\u2500" not in told, "plain text, which no pipe breaks"
