"""The command line against the deployed stack, as an operator and as two partners use it."""

import base64
import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from typer.testing import CliRunner

from handfast_cli.demo.side import until
from handfast_cli.main import app

pytestmark = pytest.mark.e2e


class Terminal:
    """Runs commands in-process, on the stack."""

    def __init__(self, stack: Any) -> None:
        self.environment = {"HANDFAST_LOCAL_DIR": str(stack.folder), "COLUMNS": "250"}

    def run(self, *words: str, fails: int = 0, typed: str = "") -> str:
        """The output of `handfast WORDS`; with `fails`, that of a command that ends with this status."""
        result = CliRunner().invoke(app, words, env=self.environment, input=typed)
        assert result.exit_code == fails, result.output
        return result.output if fails else result.stdout

    def json(self, *words: str) -> Any:
        """What `handfast WORDS --json` prints."""
        return json.loads(self.run(*words, "--json"))


@pytest.fixture
def terminal(stack: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setattr(platformdirs, "user_config_path", lambda name: tmp_path / name)
    for name, value in {"AWS_ENDPOINT_URL": stack.facts["awsEndpointUrl"], "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    return Terminal(stack)


@pytest.fixture
def partners(terminal: Terminal, stack: Any) -> tuple[str, str]:
    """Two new sandboxes whose administrators are the profiles `left` and `right`."""
    organization = terminal.json("admin", "create-organization", "Organization C")["organizationId"]
    found = []
    for profile in ("left", "right"):
        sandbox = terminal.json("admin", "create-sandbox", profile, "--organization", organization)["sandboxId"]
        client = terminal.json("admin", "create-client", profile, "--sandbox", sandbox, "--role", "sandbox-admin")
        log_in(terminal, stack, profile, client, sandbox)
        found.append(sandbox)
    return found[0], found[1]


def log_in(terminal: Terminal, stack: Any, profile: str, client: dict[str, str], sandbox: str) -> str:
    words = ["login", stack.facts["apiUrl"], "--profile", profile, "--sandbox", sandbox]
    words += ["--client-id", client["clientId"]]
    return terminal.run(*words, typed=f"{client['clientSecret']}\n")


def test_two_partners_connect(terminal: Terminal, partners: tuple[str, str]) -> None:
    connect_id = terminal.json("connect-id", "show", "--profile", "left")["connectId"]
    preview = terminal.json("connect-id", "preview", connect_id, "--profile", "right")
    assert preview == {"organizationName": "Organization C", "sandboxName": "left"}
    words = [connect_id.lower(), "--note", "hello"]
    asked = terminal.json("connections", "request", *words, "--profile", "right")
    accepted = terminal.json("connections", "accept", asked["connectionId"], "--profile", "left")
    assert accepted["status"] == "active"
    for profile, direction in (("left", "incoming"), ("right", "outgoing")):
        listed = terminal.json("connections", "list", "--status", "active", "--profile", profile)
        assert [entry["direction"] for entry in listed["items"]] == [direction]
        assert asked["connectionId"] in terminal.run("connections", "list", "--profile", profile)
        assert terminal.json("activity", "verify", "--profile", profile)["verified"] is True
    refused = terminal.run("connections", "accept", asked["connectionId"], "--profile", "left", fails=4)
    assert "409" in refused


def test_a_rotated_machine_goes_on_by_both_clients_until_the_former_ends(
    terminal: Terminal, stack: Any, partners: tuple[str, str]
) -> None:
    words = ("--sandbox", partners[0], "--role", "audience-manager")
    first = terminal.json("admin", "create-client", "Loader", *words)
    log_in(terminal, stack, "before", first, partners[0])
    second = terminal.json("admin", "rotate-client", first["clientId"], "--yes")
    log_in(terminal, stack, "after", second, partners[0])
    for profile in ("before", "after"):
        assert terminal.json("me", "--profile", profile)["principalId"] == first["clientId"]
    terminal.json("admin", "rotate-client", second["clientId"], "--grace-hours", "0", "--yes")
    for profile in ("before", "after"):
        terminal.run("me", "--profile", profile, fails=3)
    items = terminal.json("admin", "list-clients", "--sandbox", partners[0])["items"]
    assert len([item for item in items if item["name"] == "Loader"]) == 1


def test_a_list_goes_on_where_it_ended(terminal: Terminal, partners: tuple[str, str]) -> None:
    names = {f"segment {number}" for number in range(3)}
    for name in names:
        terminal.json("segments", "create", name, "--profile", "left")
    first = terminal.json("segments", "list", "--limit", "2", "--profile", "left")
    second = terminal.json("segments", "list", "--limit", "2", "--cursor", first["nextCursor"], "--profile", "left")
    assert {entry["name"] for entry in first["items"] + second["items"]} == names
    assert "--cursor" in terminal.run("segments", "list", "--limit", "2", "--profile", "left")
    assert "--cursor" not in terminal.run("segments", "list", "--profile", "left")


def test_a_file_is_looked_at_and_then_loaded_as_it_looks(
    terminal: Terminal, partners: tuple[str, str], tmp_path: Path
) -> None:
    people = tmp_path / "people.csv"
    people.write_text("Kundennummer;E-Mail;Einwilligung\n1;ann@example.com;Ja\n2;bob@example.com;Nein\n")
    found = terminal.json("segments", "upload", str(people), "--preview", "--profile", "left")
    assert [(column["as"], column["namespace"]) for column in found["columns"]] == [
        ("profileId", None),
        ("identity", "Email_LC_SHA256"),
        ("share", None),
    ]
    assert found["wouldReject"]["accepted"] == 2
    assert terminal.json("uploads", "list", "--profile", "left")["items"] == []
    loaded = terminal.json("segments", "upload", str(people), "--yes", "--profile", "left")
    assert (loaded["status"], loaded["counts"]["accepted"]) == ("completed", 2)


def test_a_list_of_drop_is_compared_and_its_requests_made(
    terminal: Terminal, partners: tuple[str, str], tmp_path: Path
) -> None:
    terminal.run("admin", "change-sandbox", partners[0], "--privacy-rule", "automatic")
    people, listed = tmp_path / "people.csv", tmp_path / "20260801_4821_Email.csv"
    people.write_text("mail\nann@example.com\n")
    made = terminal.json("segments", "create", "Readers", "--profile", "left")["segmentId"]
    words = ["--column", "mail=identity:email:hash", "--segment", made, "--profile", "left"]
    assert terminal.json("segments", "upload", str(people), *words)["status"] == "completed"
    digests = (base64.b64encode(hashlib.sha256(f"{name}@example.com".encode()).digest()) for name in ("ann", "bob"))
    listed.write_text(
        "ID,Hash\n" + "".join(f"{name},{each.decode()}\n" for name, each in zip("AB", digests, strict=True))
    )
    sent = terminal.json("drop", "send", str(listed), "--yes", "--profile", "left")["dropListId"]
    shown = partial(terminal.json, "drop", "show", sent, "--profile", "left")
    assert until(lambda: shown()["status"] != "processing")
    assert (shown()["error"], shown()["files"][0]["matched"], shown()["outcomes"]["notFound"]) == (None, 1, 1)


def test_a_bad_call_is_explained_member_by_member(terminal: Terminal, partners: tuple[str, str]) -> None:
    output = terminal.run("segments", "create", " ", "--profile", "left", fails=2)
    assert "422" in output
    assert "/name" in output
    assert "Traceback" not in output


def test_a_sandbox_of_others_is_unknown(terminal: Terminal, partners: tuple[str, str], stack: Any) -> None:
    words = ["segments", "list", "--profile", "left", "--sandbox"]
    assert "404" in terminal.run(*words, stack.sandbox("A"), fails=4)
    assert "404" in terminal.run(*words, partners[1], fails=4)


def test_an_operator_sets_a_sandbox_up(terminal: Terminal) -> None:
    organization = terminal.json("admin", "create-organization", "Organization D")["organizationId"]
    words = ["--consent-default", "default_deny", "--removal-guard", "0.5"]
    words += ["--overlap-threshold", "10", "--phone-region", "DE"]
    sandbox = terminal.json("admin", "create-sandbox", "strict", "--organization", organization, *words)
    assert sandbox["consentDefault"] == "default_deny"
    assert sandbox["removalGuard"] == 0.5
    assert sandbox["overlapThreshold"] == 10
    assert sandbox["phoneRegion"] == "DE"
    words = ["--privacy-rule", "automatic", "--time-zone", "Europe/Berlin", "--holidays", "2026-12-25,2026-12-26"]
    changed = terminal.json("admin", "change-sandbox", sandbox["sandboxId"], *words)
    assert changed == sandbox | {
        "privacyRule": "automatic",
        "timeZone": "Europe/Berlin",
        "holidays": ["2026-12-25", "2026-12-26"],
    }
    assert terminal.json("admin", "change-sandbox", sandbox["sandboxId"]) == changed


def test_an_operator_is_told_what_is_wrong(terminal: Terminal, partners: tuple[str, str]) -> None:
    missing = terminal.run("admin", "create-sandbox", "x", "--organization", "org_missing", fails=4)
    assert "no such organization" in missing
    role = ["--sandbox", partners[0], "--role", "king"]
    assert "no such role" in terminal.run("admin", "create-user", "someone@c.example", *role, fails=2)
    assert "No stack" in terminal.run("admin", "create-organization", "x", "--stack", "elsewhere", fails=1)


def test_a_person_gets_a_password_and_roles_on_two_sandboxes(
    terminal: Terminal, partners: tuple[str, str], stack: Any
) -> None:
    terminal.environment["HANDFAST_PASSWORD"] = "Long-enough-1-and-more"
    email = f"both-{partners[0]}@c.example"
    terminal.json("admin", "create-user", email, "--sandbox", partners[0], "--role", "viewer")
    terminal.json("admin", "put-grant", email, "--sandbox", partners[1], "--role", "viewer")
    words = ["login", stack.facts["apiUrl"], "--profile", "both", "--email", email]
    terminal.run(*words, typed="Long-enough-1-and-more\n")
    stored = (platformdirs.user_config_path("handfast") / "profiles.json").read_text()
    assert "Long-enough" not in stored
    grants = terminal.json("me", "--profile", "both")["grants"]
    assert {grant["sandboxId"] for grant in grants} == set(partners)
    assert "--sandbox" in terminal.run("segments", "list", "--profile", "both", fails=2)
    assert terminal.json("segments", "list", "--profile", "both", "--sandbox", partners[0])["items"] == []
    assert "wrong" not in terminal.run(*words, typed="wrong\n", fails=3)


def test_an_invited_person_chooses_a_password_at_the_first_login(
    terminal: Terminal, partners: tuple[str, str], stack: Any
) -> None:
    email = f"new-{partners[0]}@c.example"
    terminal.json("admin", "create-user", email, "--sandbox", partners[0], "--role", "viewer")
    stack.aws("cognito-idp").admin_set_user_password(
        UserPoolId=stack.facts["userPoolId"], Username=email, Password="Temporary-1-word", Permanent=False
    )
    words = ["login", stack.facts["apiUrl"], "--profile", "new", "--email", email]
    terminal.run(*words, typed="Temporary-1-word\nMy-own-1-password\nMy-own-1-password\n")
    assert terminal.json("me", "--profile", "new")["name"] == email


def test_a_login_that_mixes_person_and_machine_is_refused(terminal: Terminal) -> None:
    output = terminal.run("login", "http://localhost", "--email", "a@b.example", "--client-id", "x", fails=2)
    assert "--client-id" in output
