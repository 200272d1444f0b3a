"""Saving a package: what is fetched from where, and who may read it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from handfast_cli.main import app
from handfast_cli.options import Session
from tests.worlds.cli_server import Server, answering, api_of


@pytest.fixture
def server() -> Iterator[Server]:
    with answering() as running:
        yield running


@pytest.fixture
def session(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "of", lambda *_: Session(api_of(server), "sbx_1"))


def answer(server: Server, status: int = 200) -> None:
    link = {"url": f"{server.url}/data/prq_1.zip?signed", "passphrase": "AAAAA-BBBBB", "packageExpiresAt": "2026"}
    link["opens"] = "7-Zip opens it"
    server.answers = [(303, link, {"Location": link["url"]}), (status, b"the archive", {})]


def run(folder: Path, *options: str) -> Any:
    return CliRunner().invoke(app, ["privacy", "package", "prq_1", "--save", str(folder), "--json", *options])


def test_a_package_is_saved_for_its_owner_alone_and_its_link_is_not_sent_the_token(
    server: Server, session: None, tmp_path: Path
) -> None:
    answer(server)
    found = run(tmp_path / "packages")
    assert found.exit_code == 0, found.output
    file = tmp_path / "packages" / "prq_1.zip"
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"the archive", 0o600)
    shown = json.loads(found.output)
    assert (shown["file"], shown["passphrase"], shown["opens"]) == (str(file), "AAAAA-BBBBB", "7-Zip opens it")
    first, second = server.asked
    assert first["path"] == "/v1/sandboxes/sbx_1/privacy-requests/prq_1/package"
    assert (second["path"], second["headers"].get("authorization")) == ("/data/prq_1.zip?signed", None)


def test_a_link_that_leads_nowhere_leaves_no_file(server: Server, session: None, tmp_path: Path) -> None:
    answer(server, 302)
    assert run(tmp_path).exit_code != 0
    assert list(tmp_path.iterdir()) == []


def test_a_page_is_saved_as_it_came(server: Server, session: None, tmp_path: Path) -> None:
    page = {"page": "<p>…</p>", "passphrase": "AAAAA-BBBBB", "packageExpiresAt": "2026", "opens": "a browser"}
    server.answers = [(200, page, {})]
    found = run(tmp_path, "--form", "html")
    assert found.exit_code == 0, found.output
    file = tmp_path / "prq_1.html"
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("<p>…</p>", 0o600)
    assert server.asked[0]["path"] == "/v1/sandboxes/sbx_1/privacy-requests/prq_1/package/page"
    assert json.loads(found.output)["opens"] == "a browser"


def test_a_draft_is_saved_with_its_parts_shown(server: Server, session: None, tmp_path: Path) -> None:
    draft = {"url": f"{server.url}/data/prq_1.draft.zip?signed", "passphrase": "AAAAA-BBBBB", "opens": "7-Zip opens it"}
    parts = [{"part": "/memberships", "entries": 2}]
    server.answers = [(200, draft | {"parts": parts}, {}), (200, b"the draft", {})]
    found = CliRunner().invoke(app, ["privacy", "review", "prq_1", "--save", str(tmp_path), "--json"])
    assert found.exit_code == 0, found.output
    assert ((tmp_path / "prq_1.draft.zip").read_bytes(), json.loads(found.output)["parts"]) == (b"the draft", parts)


def test_what_is_withheld_is_a_file_of_its_own(server: Server, session: None, tmp_path: Path) -> None:
    withhold = [{"part": "/memberships", "ground": "trade_secret", "reason": "how we segment"}]
    file = tmp_path / "withhold.json"
    file.write_text(json.dumps(withhold))
    server.answers = [(200, {"status": "running"}, {})] * 2
    run_release = ["privacy", "release", "prq_1", "--json"]
    assert CliRunner().invoke(app, [*run_release, "--withhold", str(file)]).exit_code == 0
    assert CliRunner().invoke(app, run_release).exit_code == 0
    assert [json.loads(asked["body"]) for asked in server.asked] == [{"withhold": withhold}, {"withhold": []}]
    file.write_text("{}")
    assert "one JSON array" in CliRunner().invoke(app, [*run_release, "--withhold", str(file)]).output
