"""Files of desired states: what is read, what is wrong and where, their schema, and the example that goes with them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from handfast_cli.desired import models, schema
from handfast_cli.desired.reading import parse, read
from handfast_cli.errors import InputError
from handfast_cli.main import app

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "desired-state" / "handfast.yaml"
WORKFLOW = EXAMPLE.parent / ".github" / "workflows" / "handfast.yml"
ACTION = ROOT / "examples" / "action" / "action.yml"


def wrong(text: str) -> list[str]:
    with pytest.raises(InputError) as told:
        parse(text, "state.yaml")
    return str(told.value).splitlines()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "state.yaml: begin with `version: 1`, and sections such as `segments:`"),
        ("- 1", "state.yaml: begin with `version: 1`, and sections such as `segments:`"),
        ("version: 2", "state.yaml:1: version: input should be 1"),
        ("version: 1\nsettings: {a: 1e999}", "state.yaml:2: 1e999 is too large a number"),
        ("#" * (4 << 20) + "\n", "state.yaml: is larger than 4 MiB"),
        ("segments: []", "state.yaml:1: version: is missing"),
        ("version: 1\nsegment: []", "state.yaml:2: segment: is not known here; did you mean segments?"),
        (
            "version: 1\nsegments:\n  - name: Readers\n  - nam: Buyers",
            "state.yaml:4: segments[1].name: is missing",
        ),
        (
            "version: 1\nsegments:\n  - {name: R, labels: C3}",
            "state.yaml:3: segments[0].labels: input should be a valid list",
        ),
        ("version: 1\nsegments:\n  - {name: 4711}", "state.yaml:3: segments[0].name: input should be a valid string"),
        ("version: 1\nversion: 1", "state.yaml:2: version: is there twice"),
        (
            "version: 1\nsegments:\n  - name: R\n    labels: []\n    labels: [C3]",
            "state.yaml:5: segments[0].labels: is there twice",
        ),
        (
            "version: 1\nlabels:\n  - {code: a, name: A}\n  - {code: a, name: B}",
            "state.yaml:4: labels[1]: a second 'a': each is named once in its section",
        ),
        (
            "version: 1\nprune: [feeds]",
            "state.yaml:2: prune[0]: would delete all feeds: write `feeds: []` if none are wanted",
        ),
        (
            "version: 1\nconnections:\n  - {organization: North, accept: true}",
            "state.yaml:3: connections[0]: accept approves a request: name the partner's sandbox",
        ),
        (
            "version: 1\nsources:\n  - name: N\n    kind: s3\n    settings: {}\n    schedule: {}",
            "state.yaml:6: sources[0].schedule: write either everyMinutes or timeOfDay",
        ),
        ("version: 1\nsegments: [", "state.yaml:2: expected the node content, but found '<stream end>'"),
        (
            "version: 1\nsegments: &a [*a]",
            "state.yaml:2: segments[0]: input should be a valid dictionary or instance of Segment",
        ),
        ("version: !!python/object:os.system 1", "state.yaml:1: could not determine a constructor"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_what_to_write(text: str, told: str) -> None:
    assert any(line.startswith(told) for line in wrong(text)), wrong(text)


@pytest.mark.parametrize("made_of", ["a{n}: &a{n} [*a{m}, *a{m}]", "a{n}: &a{n} {{k{n}: 1, <<: [*a{m}, *a{m}]}}"])
def test_aliases_that_make_more_of_a_file_than_there_can_be_are_refused(made_of: str) -> None:
    lines = [
        "version: 1",
        "settings:",
        "  a0: &a0 {k0: 1}",
        *(f"  {made_of.format(n=n, m=n - 1)}" for n in range(1, 40)),
    ]
    assert wrong("\n".join(lines)) == ["state.yaml: its aliases make more than 1,000,000 values of it"]


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = (
        "version: 1\nfeeds:\n  - name: Spring\n    segmentz: []\nwebhooks:\n  - {url: https://a.example, types: []}\n"
    )
    told = wrong(text)
    assert [line.split(": ")[:2] for line in told] == [
        ["state.yaml:3", "feeds[0].segments"],
        ["state.yaml:3", "feeds[0].namespaces"],
        ["state.yaml:4", "feeds[0].segmentz"],
        ["state.yaml:6", "webhooks[0].types"],
    ]


def test_words_are_what_they_look_like() -> None:
    text = """
version: 1
segments: [{name: no, description: 2026-03-01}, {name: "on"}, {name: 1e3x}]
sources:
  - {name: Nightly, kind: s3, settings: {time: 09:30, port: 0022}, schedule: {timeOfDay: 06:30}}
"""
    document = parse(text, "state.yaml")
    assert [segment.name for segment in document.segments] == ["no", "on", "1e3x"]
    assert document.segments[0].description == "2026-03-01"
    assert document.sources[0].settings == {"time": "09:30", "port": "0022"}


def test_what_is_repeated_may_be_written_once() -> None:
    text = "version: 1\nsegments:\n  - &first {name: A, labels: [C3]}\n  - {<<: *first, name: B}\n"
    assert [segment.labels for segment in parse(text, "state.yaml").segments] == [["C3"], ["C3"]]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: No such file"):
        read(tmp_path / "none.yaml")


# What goes with the repository


def test_the_schema_is_what_the_models_say_and_the_example_is_of_it() -> None:
    assert schema.FILE.read_text() == schema.text(), "run make schema"
    made = json.loads(schema.FILE.read_text())
    jsonschema.Draft202012Validator.check_schema(made)
    jsonschema.validate(yaml.safe_load(EXAMPLE.read_text().replace("06:30", "'06:30'")), made)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": 1, "feed": []}, made)


def test_the_examples_first_line_names_the_schema() -> None:
    first = EXAMPLE.read_text().partition("\n")[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (EXAMPLE.parent / named).resolve() == schema.FILE
    assert set(read(EXAMPLE).sections) >= {"segments", "feeds", "destinations", "connections", "webhooks"}


def test_the_action_installs_this_version_and_the_workflow_hands_it_all_secrets() -> None:
    version = next(line for line in (ROOT / "pyproject.toml").read_text().splitlines() if line.startswith("version"))
    action, workflow = (yaml.safe_load(file.read_text()) for file in (ACTION, WORKFLOW))
    assert action["inputs"]["package"]["default"] == f"handfast-cli[desired]=={version.split('"')[1]}"
    for job in workflow["jobs"].values():
        assert set(job["steps"][-1]["with"]) <= set(action["inputs"])
    wanted = {name for name in ("WAREHOUSE_TOKEN", "PRIVACY_WEBHOOK_SECRET") if name in EXAMPLE.read_text()}
    assert wanted <= set(workflow["jobs"]["apply"]["steps"][-1]["env"])
    assert not wanted & set(workflow["jobs"]["plan"]["steps"][-1]["env"])


@pytest.mark.parametrize(
    ("given", "ends", "words", "status", "different"),
    [
        ({"COMMAND": "plan"}, 0, "plan handfast.yaml", 0, "false"),
        ({"COMMAND": "plan"}, 6, "plan handfast.yaml", 0, "true"),
        ({"COMMAND": "plan", "FAIL": "true"}, 6, "plan handfast.yaml", 6, "true"),
        ({"COMMAND": "plan"}, 1, "plan handfast.yaml", 1, "false"),
        ({"COMMAND": "apply", "SEND_SECRETS": "true"}, 0, "apply handfast.yaml --yes --send-secrets", 0, "false"),
    ],
)
def test_the_actions_script_runs_the_command_and_shows_what_it_says(
    tmp_path: Path, given: dict[str, str], ends: int, words: str, status: int, different: str
) -> None:
    script = next(
        step["run"] for step in yaml.safe_load(ACTION.read_text())["runs"]["steps"] if step.get("id") == "run"
    )
    stand_in = tmp_path / "handfast"
    stand_in.write_text(f'#!/bin/sh\necho "ran $*"\nexit {ends}\n')
    stand_in.chmod(0o755)
    outputs = {name: str(tmp_path / name) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "FILE": "handfast.yaml", "RUNNER_TEMP": str(tmp_path)}
    ran = subprocess.run(["bash", "-c", script], env=environment | outputs | given, capture_output=True, check=False)
    assert ran.returncode == status, ran.stderr
    assert f"ran {words}" in (tmp_path / "GITHUB_STEP_SUMMARY").read_text()
    assert f"different={different}" in (tmp_path / "GITHUB_OUTPUT").read_text()


def test_other_commands_load_neither_yaml_nor_the_protocol() -> None:
    code = "import handfast_cli.main, sys; print({'yaml', 'mcp', 'handfast_cli.desired.models'} & set(sys.modules))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT / "cli", ROOT / "layers" / "handfast")))}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_a_wrong_file_ends_with_2(tmp_path: Path) -> None:
    file = tmp_path / "state.yaml"
    file.write_text("version: 1\nsegment: []\n")
    for words in (["plan", str(file)], ["apply", str(file), "--yes"]):
        result: Any = CliRunner().invoke(app, words)
        assert result.exit_code == 2
        assert f"{file}:2: segment: is not known here" in result.output.replace("\n", "")


OTHERWISE = {
    "CreateFeed": {"segmentIds": "segments", "connectionIds": "partners"},
    "CreateSource": {"segmentId": "segment", "dataSourceId": "dataSource", "delimiter": "dialect"},
    # An export label is a marketing action; when credentials end is said with new ones, by hand.
    "CreateDestination": {"exportLabels": "marketingActions", "credentialsExpireAt": "authentication"},
    "PutPolicy": {"status": "enabled", "marketingActionRefs": "marketingActions"},
    "SegmentToActivate": {"segmentId": "segment"},
}
"""What the API calls otherwise than a file, by its schema."""


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("PutLabel", models.Label),
        ("PutMarketingAction", models.MarketingAction),
        ("DefineNamespace", models.Namespace),
        ("CreateDataSource", models.DataSource),
        ("CreateSegment", models.Segment),
        ("PutPolicy", models.Policy),
        ("CreateSource", models.Source),
        ("ColumnMapping", models.Column),
        ("CsvDialect", models.Dialect),
        ("SourceSchedule", models.Schedule),
        ("RequestConnection", models.Connection),
        ("CreateFeed", models.Feed),
        ("CreateDestination", models.Destination),
        ("AggregationToSet", models.Aggregation),
        ("CreateActivation", models.Activation),
        ("SegmentToActivate", models.ActivatedSegment),
        ("CreateConnector", models.Connector),
        ("CreateWebhook", models.Webhook),
    ],
)
def test_a_file_says_all_that_the_api_takes(body: str, part: type[models.Part]) -> None:
    document = json.loads((ROOT / "functions" / "access" / "openapi.json").read_text())
    taken = set(document["components"]["schemas"][body]["properties"])
    said = {field.alias for field in part.model_fields.values()}
    assert {OTHERWISE.get(body, {}).get(name, name) for name in taken} - said == set()
