"""Every command is a call the API has, and every call of the API has a command."""

import json
import re
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner, Result

from handfast.governance.expressions import labels_of
from handfast.governance.policies import ALWAYS_ON, CORE_POLICIES
from handfast.reference.lists import LISTS
from handfast_cli.calls import Call
from handfast_cli.catalog import CALLS, IN_WORK
from handfast_cli.completing import LISTED, within
from handfast_cli.errors import ExitCode
from handfast_cli.main import app
from handfast_cli.openapi import DOCUMENT
from handfast_cli.options import Session
from tests.worlds.cli_server import Server, answering, api_of

# Made by a command of several calls, or not a person's business.
ELSEWHERE = {
    ("GET", "/me"),
    ("GET", "/.well-known/handfast.json"),
    ("GET", "/openapi.json"),
    ("GET", "/problems/{}"),
    ("GET", "/sandboxes/{}"),
    ("PATCH", "/sandboxes/{}"),
    ("POST", "/sandboxes/{}/connections/{}/probe"),
    ("POST", "/sandboxes/{}/imports"),
    ("POST", "/sandboxes/{}/imports/{}/start"),
    ("POST", "/sandboxes/{}/uploads"),
    ("POST", "/sandboxes/{}/uploads/preview"),
    ("GET", "/sandboxes/{}/uploads/preview/{}"),
    ("POST", "/sandboxes/{}/uploads/{}/complete"),
    ("POST", "/sandboxes/{}/sources"),
    ("POST", "/sandboxes/{}/memberships"),
    ("POST", "/sandboxes/{}/consents"),
    ("POST", "/sandboxes/{}/privacy-requests"),
    ("POST", "/sandboxes/{}/privacy-requests/bulk"),
    ("POST", "/sandboxes/{}/privacy-requests/decisions"),
    ("GET", "/sandboxes/{}/privacy-requests/register"),
    ("GET", "/sandboxes/{}/privacy-requests/{}/history"),
    ("GET", "/sandboxes/{}/privacy-requests/{}/package"),
    ("GET", "/sandboxes/{}/privacy-requests/{}/package/page"),
    ("GET", "/sandboxes/{}/privacy-requests/{}/package/review"),
    ("POST", "/sandboxes/{}/privacy-requests/{}/package/review"),
    ("POST", "/sandboxes/{}/suppressions/check"),
    ("POST", "/sandboxes/{}/drop-lists"),
    ("POST", "/sandboxes/{}/drop-lists/{}/complete"),
    ("GET", "/sandboxes/{}/drop-lists/{}/status"),
    ("POST", "/sandboxes/{}/people/explain"),
    ("POST", "/sandboxes/{}/policies"),
    ("PUT", "/sandboxes/{}/policies/{}"),
    ("GET", "/sandboxes/{}/marketing-actions/{}/constraints"),
    ("POST", "/sandboxes/{}/marketing-actions/{}/constraints"),
    ("POST", "/sandboxes/{}/bulk-eval"),
    ("POST", "/sandboxes/{}/connectors"),
    ("PATCH", "/sandboxes/{}/connectors/{}"),
    ("POST", "/sandboxes/{}/destinations"),
    ("PATCH", "/sandboxes/{}/destinations/{}"),
    ("POST", "/sandboxes/{}/destinations/{}/activations"),
    ("PATCH", "/sandboxes/{}/destinations/{}/activations/{}"),
    ("GET", "/sandboxes/{}/intake-form"),
    ("PUT", "/sandboxes/{}/intake-form"),
    ("DELETE", "/sandboxes/{}/intake-form"),
    ("POST", "/sandboxes/{}/intake-form/rotate"),
    # People call these.
    ("GET", "/intake/{}"),
    ("POST", "/intake/{}"),
    ("GET", "/intake/{}/{}"),
    ("POST", "/intake/{}/{}/code"),
    # Systems of others call these.
    ("GET", "/sandboxes/{}/opendsr/v2/discovery"),
    ("GET", "/sandboxes/{}/opendsr/v2/certificate"),
    ("POST", "/sandboxes/{}/opendsr/v2/requests"),
    ("GET", "/sandboxes/{}/opendsr/v2/requests/{}"),
    ("DELETE", "/sandboxes/{}/opendsr/v2/requests/{}"),
    ("GET", "/sandboxes/{}/opendsr/v2/requests/{}/results"),
    ("POST", "/sandboxes/{}/opendsr/v2/opengdpr_requests"),
    ("GET", "/sandboxes/{}/opendsr/v2/opengdpr_requests/{}"),
    ("DELETE", "/sandboxes/{}/opendsr/v2/opengdpr_requests/{}"),
    ("POST", "/sandboxes/{}/drp/v1/data-rights-request"),
    ("GET", "/sandboxes/{}/drp/v1/data-rights-request/{}"),
    ("DELETE", "/sandboxes/{}/drp/v1/data-rights-request/{}"),
    ("GET", "/sandboxes/{}/drp/v1/data-rights-request/{}/results"),
    ("POST", "/sandboxes/{}/drp/v1/agent/{}"),
    ("GET", "/sandboxes/{}/drp/v1/agent/{}"),
}

WITHOUT_JSON = {("local", "logs"), ("demo",), ("mcp",), ("privacy", "intake", "snippet")}


def bare(path: str) -> str:
    """A path without names; each reference list has a command of its own."""
    return re.sub(r"(?<=^/reference/)[\w-]+$|{\w+}", "{}", path)


def resolved(entry: dict[str, Any], contract: dict[str, Any]) -> dict[str, Any]:
    name = entry.get("$ref", "").rpartition("/")[2]
    return dict(contract["components"]["parameters"][name]) if name else entry


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DOCUMENT.read_text())
    return found


@pytest.fixture(scope="module")
def operations(contract: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Each operation with its parameters as the components define them."""
    for methods in contract["paths"].values():
        for operation in methods.values():
            operation["parameters"] = [resolved(entry, contract) for entry in operation.get("parameters", ())]
    return {
        (method.upper(), bare(path)): operation
        for path, methods in contract["paths"].items()
        for method, operation in methods.items()
    }


@pytest.fixture(scope="module")
def schemas(contract: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = contract["components"]["schemas"]
    return found


def body_schema(operation: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    reference = next((entry["$ref"] for entry in [content, *content.get("anyOf", [])] if "$ref" in entry), None)
    return dict(schemas[reference.split("/")[-1]]) if reference else {}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.noun} {call.verb}")
def test_a_command_sends_what_the_api_takes(
    call: Call, operations: dict[tuple[str, str], dict[str, Any]], schemas: dict[str, Any]
) -> None:
    operation = operations[call.method, bare(call.path)]
    queries = {entry["name"] for entry in operation["parameters"] if entry["in"] == "query"}
    assert {send.wire for send in call.sends if send.query} <= queries
    body = body_schema(operation, schemas)
    said = {name for name, _ in call.says}
    assert {send.wire for send in call.sends if not send.query} | said <= set(body.get("properties", {}))
    assert {send.wire for send in call.sends if send.required} | said >= set(body.get("required", []))


def test_every_call_of_the_api_has_a_command(operations: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert {(call.method, bare(call.path)) for call in CALLS} | ELSEWHERE >= {
        # What tools of others call is theirs.
        (method, path)
        for method, path in operations
        if not path.startswith("/sharing/")
    }


def test_no_command_is_there_twice() -> None:
    names = [(call.noun, call.verb) for call in CALLS]
    assert len(set(names)) == len(names)


def commands(group: Any, names: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {}
    context = typer.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            found |= commands(command, (*names, name))
        else:
            found[*names, name] = command
    return found


def test_every_command_explains_itself_and_prints_json_on_request() -> None:
    for names, command in commands(get_command(app)).items():
        assert command.help, names
        options = {option for parameter in command.params for option in parameter.opts}
        assert "--json" in options or names in WITHOUT_JSON, names


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with answering() as running:
        running.answers = [(200, {}, {})]
        monkeypatch.setattr(Session, "of", lambda *_: Session(api_of(running), "sbx_1"))
        yield running


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_all_that_can_be_emptied_can_be_cleared(
    operations: dict[tuple[str, str], dict[str, Any]], schemas: dict[str, Any]
) -> None:
    # Of a webhook nothing can be: its types are "*" for all; nor of what a command itself says.
    changes = [call for call in CALLS if call.method == "PATCH" and call.noun != "webhooks" and not call.says]
    assert changes
    for call in changes:
        needed = body_schema(operations["POST", bare(call.path).removesuffix("/{}")], schemas)["required"]
        body = body_schema(operations["PATCH", bare(call.path)], schemas)["properties"]
        nullable = {name for name, member in body.items() if {"type": "null"} in member.get("anyOf", ())}
        assert set(call.clears) == nullable - set(needed), call.verb


def test_a_list_and_a_text_are_emptied_by_name(server: Server) -> None:
    words = ["segments", "update", "seg_1", "--clear", "labels", "--clear", "description", "--name", "x"]
    assert run(*words).exit_code == 0
    assert run("feeds", "update", "fed_1", "--clear", "connectionIds").exit_code == 0
    assert run("connectors", "change", "cnr_1", "--clear", "pause", "--setting", "url=https://x.example").exit_code == 0
    assert [json.loads(asked["body"]) for asked in server.asked] == [
        {"name": "x", "labels": [], "description": None},
        {"connectionIds": []},
        {"settings": {"url": "https://x.example", "pause": None}},
    ]


def test_settings_within_settings_come_from_a_file(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "crm.json"
    file.write_text('{"url": "https://crm.example", "erasure": {"path": "/{identifier}"}}')
    words = ["connectors", "add", "http", "CRM", "--settings", str(file), "--setting", "url=https://x.example"]
    assert run(*words).exit_code == 0
    settings = {"url": "https://x.example", "erasure": {"path": "/{identifier}"}}
    assert json.loads(server.asked[0]["body"]) == {"type": "http", "name": "CRM", "settings": settings}
    file.write_text("[]")
    refused = run(*words)
    assert refused.exit_code == ExitCode.INVALID
    assert "one JSON object" in refused.output
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("segments", "update", "seg_1", "--clear", "name"),
        ("segments", "update", "seg_1", "--clear", "labels", "--label", "C1"),
        ("connectors", "change", "cnr_1", "--clear", "url", "--setting", "url=https://x.example"),
    ],
)
def test_what_cannot_be_cleared_is_refused_before_anything_is_sent(server: Server, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == ExitCode.INVALID
    assert server.asked == []


def test_the_help_does_not_advise_the_label_that_forbids_sharing() -> None:
    (label,) = labels_of(CORE_POLICIES[ALWAYS_ON].deny)
    for verb in ("create", "update"):
        assert f"such as {label}" not in " ".join(run("segments", verb, "--help").output.split())


def test_every_reference_list_has_a_command() -> None:
    assert [call.verb for call in CALLS if call.noun == "reference"] == list(LISTS)


def test_what_is_watched_is_shown_until_it_has_ended(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    states = ("awaiting_file", "processing", "processing", "completed")
    server.answers = [(200, {"status": status, "url": f"signed {n}"}, {}) for n, status in enumerate(states)]
    shown = run("uploads", "show", "upl_1", "--watch")
    assert (shown.exit_code, shown.stdout.split()) == (0, ["status", "completed", "url", "signed", "3"])
    assert shown.stderr.split() == ["status", "awaiting_file", "status", "processing"]
    server.answers = [(200, {"status": "failed"}, {})]
    assert run("uploads", "show", "upl_1", "--watch").exit_code == ExitCode.FAILED
    assert run("uploads", "show", "upl_1").exit_code == 0


def test_what_is_watched_has_the_states_that_are_waited_for(
    operations: dict[tuple[str, str], dict[str, Any]], schemas: dict[str, Any]
) -> None:
    watched = [call for call in CALLS if call.waits]
    assert watched
    for call in watched:
        answered = operations["GET", bare(call.path)]["responses"]["200"]["content"]["application/json"]["schema"]
        states = schemas[answered["$ref"].rpartition("/")[2]]["properties"]["status"]
        if "$ref" in states:
            states = schemas[states["$ref"].rpartition("/")[2]]
        ended = set(states["enum"]) - set(call.waits)
        assert ended, call.verb
        # IN_WORK is of several kinds of files.
        assert set(call.waits) <= {*states["enum"], *IN_WORK}, call.verb


def test_every_example_has_all_that_must_be_given(server: Server) -> None:
    for call in CALLS:
        words = shlex.split(call.example().partition(" --json | ")[0].removeprefix("handfast "))
        said = run(*words, *(["--yes"] if call.asks != "no" else []))
        assert said.exit_code == 0, (call.example(), said.output)


def test_ids_are_completed_with_their_names(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"segmentId": f"seg_{number}", "name": f"Name {number}"} for number in (1, 12, 2)]
    server.answers = [(200, {"items": rows}, {})]
    for words in ("segments show seg_1", "uploads list --segment seg_1", "segments label-column seg_1"):
        completing = {"_HANDFAST_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": f"handfast {words}"}
        shown = CliRunner().invoke(app, [], env=completing, prog_name="handfast")
        assert re.findall(r'"(seg_\d+)":"(Name \d+)"', shown.output) == [("seg_1", "Name 1"), ("seg_12", "Name 12")]
        assert server.asked[-1]["path"] == "/v1/sandboxes/sbx_1/segments"


def test_completion_does_not_wait_for_what_does_not_come() -> None:
    assert within(0.01, lambda: filter(time.sleep, [0.5])) == []
    assert within(1.0, lambda: [1 / 0]) == []


def test_what_has_a_list_is_completed() -> None:
    listed = {call.noun: call.columns for call in CALLS if call.verb == "list"}
    assert set(LISTED.values()) <= set(listed)
    arguments = {name for call in CALLS for name in call.arguments}
    assert arguments - set(LISTED) == {"activation", "batch", "bulk", "destination_type", "invitation"}
