"""Which deployment `handfast admin …` works on, and that it says so before it writes."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from handfast.platform import aws
from handfast_cli import asking
from handfast_cli.errors import ExitCode
from handfast_cli.main import app

LOCAL = "http://127.0.0.1:1"
"""The emulator's address in these tests; nobody listens there."""
TABLES = ("Access", "Connections", "Governance", "Segments", "Feeds", "Activity", "Destinations", "Privacy")
OTHERS = ("AlertTopicArn", "DataBucketName", "OpenDsrCertificateSecretArn", "UserPoolId", "PeopleClientId")
OUTPUTS = {**{f"{name}TableName": name for name in TABLES}, **dict.fromkeys(OTHERS, "x")}
TABLE: dict[str, Any] = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "TableName": "Access",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    },
}


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine with neither AWS credentials nor a local stack; commands change its environment."""
    nowhere = {name: str(tmp_path / name) for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "HANDFAST_"))}
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(kept | nowhere | {"HANDFAST_LOCAL_DIR": str(tmp_path)})
    _forget_clients()
    yield
    os.environ.clear()
    os.environ.update(before)
    _forget_clients()


def _forget_clients() -> None:
    """A client keeps the region that it was made in."""
    boto3.DEFAULT_SESSION = None
    for client in (aws.dynamodb, aws.secretsmanager, aws.cognito):
        client.cache_clear()


def start_local_stack(folder: Path) -> None:
    (folder / "stack.json").write_text(json.dumps({"awsEndpointUrl": LOCAL}))


def set_credentials() -> None:
    os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-central-1")


def create_organization(*words: str) -> Result:
    return CliRunner().invoke(app, ["admin", "create-organization", "Organization A", *words])


def test_nothing_is_written_where_the_stack_is_not_named_and_there_is_a_choice(tmp_path: Path) -> None:
    start_local_stack(tmp_path)
    set_credentials()
    result = create_organization()
    assert result.exit_code == 1
    assert "--stack" in result.stderr
    assert "handfast-local" in result.stderr


def test_a_profile_of_the_aws_configuration_is_a_choice_too(tmp_path: Path) -> None:
    start_local_stack(tmp_path)
    (tmp_path / "AWS_CONFIG_FILE").write_text("[profile work]\nregion = eu-central-1\ncredential_process = false\n")
    os.environ["AWS_PROFILE"] = "work"
    assert "--stack" in create_organization().stderr


def test_without_a_local_stack_the_deployment_is_named(tmp_path: Path) -> None:
    set_credentials()
    assert "Name the deployment" in create_organization().stderr


@pytest.mark.parametrize("words", [(), ("--stack", "handfast-local")])
def test_the_only_stack_there_is_needs_no_name(tmp_path: Path, words: tuple[str, ...]) -> None:
    start_local_stack(tmp_path)
    assert LOCAL in create_organization(*words).stderr


def test_an_environment_that_points_at_the_local_stack_has_chosen_it(tmp_path: Path) -> None:
    start_local_stack(tmp_path)
    set_credentials()
    os.environ["AWS_ENDPOINT_URL"] = LOCAL
    assert LOCAL in create_organization().stderr


@pytest.fixture
def deployed() -> Iterator[None]:
    """A stack with one table, on AWS as moto has it."""
    with mock_aws():
        set_credentials()
        template = {"Resources": {"T": TABLE}, "Outputs": {name: {"Value": value} for name, value in OUTPUTS.items()}}
        boto3.client("cloudformation").create_stack(StackName="handfast-prod", TemplateBody=json.dumps(template))
        yield


@pytest.mark.usefixtures("deployed")
def test_the_stack_its_account_and_its_region_are_said_before_anything_is_written(tmp_path: Path) -> None:
    start_local_stack(tmp_path)
    result = create_organization("--stack", "handfast-prod", "--json")
    assert result.exit_code == 0, result.output
    assert result.stderr.strip() == "Stack handfast-prod of account 123456789012 in eu-central-1"
    assert json.loads(result.stdout)["name"] == "Organization A"


def restore(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["admin", "restore-table", *words, "--stack", "handfast-prod"], input=typed)


def items(name: str) -> set[tuple[str, str]]:
    return {(str(item["pk"]), str(item["of"])) for item in boto3.resource("dynamodb").Table(name).scan()["Items"]}


@pytest.mark.usefixtures("deployed")
def test_a_table_becomes_what_was_restored_once_the_operator_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = boto3.resource("dynamodb")
    tables.create_table(**TABLE["Properties"] | {"TableName": "then"})
    for name, rows in {
        "then": {"kept": "1", "changed": "1", "lost": "1"},
        "Access": {"kept": "1", "changed": "2", "new": "2"},
    }.items():
        for key, value in rows.items():
            tables.Table(name).put_item(Item={"pk": key, "sk": "-", "of": value})
    before = items("Access")
    assert (restore("Access", "then").exit_code, items("Access")) == (ExitCode.INVALID, before)
    monkeypatch.setattr(asking, "at_terminal", lambda: True)
    refused = restore("Access", "then", typed="n\n")
    assert (refused.exit_code, items("Access")) == (1, before)
    assert "Write 2 items to Access and delete 1 from it?" in refused.stderr
    assert restore("Access", "then", typed="y\n").exit_code == 0
    assert items("Access") == items("then")
    assert '"written": 0' in restore("Access", "then", "--yes", "--json").stdout


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize(
    ("words", "said"), [(("Nothing", "then"), "no table Nothing"), (("Access", "gone"), "no table gone")]
)
def test_a_table_that_is_not_there_is_named(words: tuple[str, str], said: str) -> None:
    result = restore(*words, "--yes")
    assert (result.exit_code, said in result.stderr) == (1, True)


@pytest.mark.usefixtures("deployed")
def test_a_table_of_other_keys_is_no_copy() -> None:
    keys = {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "TableName": "other"}
    attributes = {"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]}
    boto3.resource("dynamodb").create_table(**TABLE["Properties"] | keys | attributes)
    assert "its keys are others" in restore("Access", "other", "--yes").stderr
