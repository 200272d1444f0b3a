"""How the command line says what a source is."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from handfast_cli.errors import ExitCode
from handfast_cli.main import app
from handfast_cli.options import Session
from handfast_client.api import Api
from handfast_client.exchange import given_token


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    found: list[tuple[str, str, Any]] = []

    def call(_: Api, method: str, path: str, body: Any = None, **_more: Any) -> dict[str, str]:
        found.append((method, path, body))
        return {"sourceId": "src_1"}

    monkeypatch.setattr(Api, "call", call)
    monkeypatch.setattr(
        Session, "of", classmethod(lambda cls, *_: cls(Api("http://api", given_token("token")), "sbx_1"))
    )
    return found


def run(*arguments: str) -> int:
    return CliRunner().invoke(app, ["sources", *arguments, "--json"]).exit_code


def test_a_source_is_made_of_its_options(sent: list[tuple[str, str, Any]], tmp_path: Path) -> None:
    options = tmp_path / "options.json"
    options.write_text(json.dumps({"dataSourceId": "ds_1", "mode": "delta"}))
    settings = ["--setting", "bucket=exports", "--setting", "region=eu-west-1"]
    read = ["--column", "mail=identity:email:hash", "--format", "csv", "--segment", "seg_1", "--options", str(options)]
    when = ["--daily-at", "06:30", "--time-zone", "Europe/Berlin", "--on-events"]
    assert run("create", "s3", "Exports", *settings, *read, *when) == 0
    assert sent == [
        (
            "POST",
            "/sandboxes/sbx_1/sources",
            {
                "kind": "s3",
                "name": "Exports",
                "settings": {"bucket": "exports", "region": "eu-west-1"},
                "dataSourceId": "ds_1",
                "mode": "delta",
                "columns": [{"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"}],
                "format": "csv",
                "segmentId": "seg_1",
                "schedule": {"timeOfDay": "06:30", "timeZone": "Europe/Berlin"},
                "onEvents": True,
            },
        )
    ]


def test_a_change_says_only_what_changes(sent: list[tuple[str, str, Any]]) -> None:
    assert run("change", "src_1", "--no-schedule", "--no-events") == 0
    assert run("change", "src_1", "--every", "60", "--name", "Other") == 0
    bodies = [body for _, _, body in sent]
    assert bodies == [{"schedule": None, "onEvents": False}, {"schedule": {"everyMinutes": 60}, "name": "Other"}]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--every", "60", "--daily-at", "06:30"],
        ["--time-zone", "Europe/Berlin"],
        ["--every", "60", "--no-schedule"],
        ["--column", "mail"],
    ],
)
def test_what_cannot_be_meant_is_not_sent(sent: list[tuple[str, str, Any]], arguments: list[str]) -> None:
    assert run("change", "src_1", *arguments) not in {0, ExitCode.CONFLICT}
    assert sent == []
