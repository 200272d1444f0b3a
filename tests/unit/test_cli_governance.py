"""Commands that read a policy from a file, or ask whether a marketing action is allowed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from handfast_cli.errors import InputError
from handfast_cli.main import app
from handfast_cli.options import Session
from handfast_cli.uploads import with_labels
from tests.worlds.cli_server import Server, answering, api_of

POLICY = {"name": "Mine", "marketingActions": ["segment_match"], "deny": {"label": "C1"}}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with answering() as running:
        running.answers = [(200, {}, {})]
        monkeypatch.setattr(Session, "of", lambda *_: Session(api_of(running), "sbx_1"))
        yield running


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def asked(server: Server) -> tuple[str, str, object]:
    found = server.asked[-1]
    return found["method"], found["path"].partition("/sandboxes/sbx_1")[2], json.loads(found["body"] or "null")


def test_a_policy_is_read_from_a_file(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(POLICY))
    assert run("policies", "create", str(file)).exit_code == 0
    assert asked(server) == ("POST", "/policies", POLICY)
    assert run("policies", "replace", "pol/1", str(file), "--dry-run").exit_code == 0
    method, path, body = asked(server)
    assert (method, path.partition("?")[0], body) == ("PUT", "/policies/pol%2F1", POLICY)
    assert "dryRun=true" in path.lower().replace("dryrun", "dryRun")
    file.write_text("[]")
    assert run("policies", "create", str(file)).exit_code == 2


def test_an_evaluation_is_of_labels_or_of_what_carries_them(server: Server) -> None:
    path = "/marketing-actions/email_targeting/constraints"
    assert run("policies", "evaluate", "email_targeting", "--label", "C3", "--label", "I1").exit_code == 0
    assert asked(server)[:2] == ("GET", f"{path}?labels=C3%2CI1")
    assert run("policies", "evaluate", "email_targeting", "--segment", "seg_1", "--column", "seg_1/mail").exit_code == 0
    entities = [{"entityType": "segment", "entityId": "seg_1"}, {"entityType": "column", "entityId": "seg_1/mail"}]
    assert asked(server) == ("POST", path, {"entities": entities})
    assert run("policies", "evaluate", "email_targeting").exit_code == 2
    assert run("policies", "evaluate", "email_targeting", "--label", "C3", "--segment", "seg_1").exit_code == 2


def test_a_columns_labels_are_replaced_by_its_name(server: Server) -> None:
    assert run("segments", "label-column", "seg_1", "mail").exit_code == 0
    assert asked(server) == ("PATCH", "/segments/seg_1", {"columnLabels": {"mail": []}})


def test_labels_go_to_the_columns_that_they_name() -> None:
    columns = [{"column": "mail", "as": "identity"}, {"column": "id", "as": "profileId"}]
    labelled = with_labels(columns, ["mail=I1", "mail=C4"])
    assert labelled == [columns[0] | {"labels": ["I1", "C4"]}, columns[1]]
    for wrong in ("I1", "other=I1", "mail="):
        with pytest.raises(InputError):
            with_labels(columns, [wrong])
