"""Profiles: stored for the user alone, or read from a running stack."""

import json
import stat
from pathlib import Path

import boto3
import platformdirs
import pytest
from moto.server import ThreadedMotoServer
from typer.testing import CliRunner

from handfast_cli import profiles
from handfast_cli.errors import ExitCode
from handfast_cli.local.emulator import Emulator
from handfast_cli.main import app
from handfast_cli.profiles import Machine, Person, Profile, UnknownProfileError
from handfast_cli.user_pool import UserPool
from tests.worlds.authenticator import Authenticator

MACHINE = Profile("https://api.example", Machine("https://auth.example/oauth2/token", "id", "secret"), "sbx_1")
PERSON = Profile("https://api.example", Person(UserPool("eu-west-1", "people"), "a@b.example", "refresh"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_config_path", lambda name: tmp_path / "config" / name)
    monkeypatch.setenv("HANDFAST_LOCAL_DIR", str(tmp_path / "local"))
    return tmp_path


def test_what_is_saved_is_what_is_loaded(home: Path) -> None:
    profiles.save("one", MACHINE)
    profiles.save("two", PERSON)
    assert profiles.load("one") == MACHINE
    assert profiles.load("two") == PERSON


def test_credentials_are_readable_by_their_owner_alone(home: Path) -> None:
    file = profiles.save("one", MACHINE)
    profiles.save("one", MACHINE)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in file.parent.iterdir()] == ["profiles.json"]


def test_a_folder_others_may_read_is_closed(home: Path) -> None:
    folder = home / "config" / "handfast"
    folder.mkdir(mode=0o755, parents=True)
    profiles.save("one", MACHINE)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_unknown_profile_is_answered_with_those_there_are(home: Path) -> None:
    profiles.save("one", MACHINE)
    with pytest.raises(UnknownProfileError, match="Profiles: one"):
        profiles.load("other")


def test_a_running_stack_brings_its_own_profiles(home: Path) -> None:
    place = {"organizationName": "Organization A", "sandboxId": "sbx_a"}
    stack = {
        "apiUrl": "http://localhost:1",
        "awsEndpointUrl": "http://localhost:1",
        "region": "us-east-1",
        "tokenUrl": "http://localhost:1/oauth2/token",
        "userPoolClientId": "people",
        "users": [
            {"email": "admin@a.example", "password": "p", "role": "sandbox-admin", **place},
            {"email": "viewer@a.example", "password": "q", "role": "viewer", **place},
        ],
        "clients": [{"clientId": "c", "clientSecret": "s", "role": "viewer", **place}],
    }
    (home / "local").mkdir()
    (home / "local" / "stack.json").write_text(json.dumps(stack))
    pool = UserPool("us-east-1", "people", "http://localhost:1")
    assert profiles.load("local-a") == Profile(
        "http://localhost:1", Person(pool, "admin@a.example", password="p"), "sbx_a"
    )
    assert profiles.load("local-a-viewer-machine") == Profile(
        "http://localhost:1", Machine("http://localhost:1/oauth2/token", "c", "s"), "sbx_a"
    )
    with pytest.raises(UnknownProfileError, match="local-a, local-a-viewer, local-a-viewer-machine"):
        profiles.load("default")


class AnyCode(Authenticator):
    """moto takes any code, and its secrets are none that an app could read."""

    def code(self, secret: str | None) -> str:
        self.secrets += [secret] if secret else []
        return "123456"


def test_an_invited_person_chooses_a_password_and_sets_an_authenticator_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}.items():
        monkeypatch.setenv(name, value)
    emulator = ThreadedMotoServer(port=0, verbose=False)
    emulator.start()
    try:
        host, port = emulator.get_host_and_port()
        url = f"http://{host}:{port}"
        # Where a call is not signed, the server takes it for one of this region.
        cognito = boto3.client("cognito-idp", "us-east-1", endpoint_url=url)
        pool = cognito.create_user_pool(PoolName="codes", MfaConfiguration="ON")["UserPool"]["Id"]
        cognito.set_user_pool_mfa_config(
            UserPoolId=pool, MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True}
        )
        client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="people")["UserPoolClient"]["ClientId"]
        cognito.admin_create_user(UserPoolId=pool, Username="someone", TemporaryPassword="Temporary-1-word")
        person = AnyCode()
        assert UserPool("us-east-1", client, url).sign_in("someone", "Temporary-1-word", person)["AccessToken"]
    finally:
        emulator.stop()
    assert len(person.secrets) == 1


DAMAGED = ("", "{", "[]", "[1]", '"x"', '{"one": {}}', '{"one": {"principal": {"a": 1}}}', "\xff")


@pytest.mark.parametrize("text", DAMAGED)
def test_damaged_profiles_are_named_with_what_mends_them(home: Path, text: str) -> None:
    file = profiles.save("one", MACHINE)
    file.write_bytes(text.encode("latin-1"))
    for words in (("me", "--profile", "one"), ("logout", "--profile", "one")):
        result = CliRunner().invoke(app, [*words, "--json"])
        told = json.loads(result.stderr)
        assert (result.exit_code, str(file) in told["detail"]) == (ExitCode.INVALID, True)
        assert "handfast login" in told["detail"]
    assert file.read_bytes() == text.encode("latin-1")


@pytest.mark.parametrize("words", [("me",), ("local", "status"), ("admin", "list-agents", "--sandbox", "sbx_1")])
def test_a_damaged_file_of_the_local_stack_is_named_with_what_mends_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr(Emulator, "running", True)
    file = home / "local" / "stack.json"
    file.parent.mkdir()
    file.write_text('{"awsEndpoint')
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, str(file) in result.stderr) == (ExitCode.INVALID, True)
    assert "handfast local up" in result.stderr
