"""`handfast sandbox …`."""

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from handfast_cli.main import app
from handfast_cli.options import Session
from tests.worlds.cli_server import Server, answering, api_of


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with answering() as running:
        monkeypatch.setattr(Session, "of", lambda *_: Session(api_of(running), "sbx_1"))
        yield running


def test_settings_are_shown_and_changed_by_their_names(server: Server) -> None:
    server.answers = [(200, {"sandboxId": "sbx_1", "settings": {"consentDefault": "default_allow"}}, {})]
    shown = CliRunner().invoke(app, ["sandbox", "show", "--json"])
    assert json.loads(shown.stdout)["settings"] == {"consentDefault": "default_allow"}
    words = ["consentDefault=default_deny", "checkOwnConsent=true", 'holidays=["2026-12-25"]', "phoneRegion=null"]
    changed = CliRunner().invoke(app, ["sandbox", "set", *words, "--dry-run"])
    assert changed.exit_code == 0, changed.output
    read, sent = server.asked
    assert (read["method"], read["path"]) == ("GET", "/v1/sandboxes/sbx_1")
    assert sent["method"] == "PATCH"
    assert sent["path"].endswith("/sandboxes/sbx_1?dryRun=true")
    assert json.loads(sent["body"])["settings"] == {
        "consentDefault": "default_deny",
        "checkOwnConsent": True,
        "holidays": ["2026-12-25"],
        "phoneRegion": None,
    }


def test_a_setting_without_a_value_is_told(server: Server) -> None:
    done = CliRunner().invoke(app, ["sandbox", "set", "consentDefault"])
    assert done.exit_code == 2
    assert "NAME=VALUE" in done.stderr
    assert server.asked == []
