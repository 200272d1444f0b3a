"""What a first deployment to an account of AWS needs, over the template as CloudFormation gets it."""

import re
import tomllib
from typing import Any

from handfast_cli.local.deployment import STACK_NAME
from tests.worlds import transformed
from tests.worlds.template import ROOT
from tests.worlds.transformed import resources, waits_for

DEFAULT = resources()


def only(kind: str, stack: dict[str, dict[str, Any]] = DEFAULT) -> tuple[str, dict[str, Any]]:
    ((name, resource),) = [(name, resource) for name, resource in stack.items() if resource["Type"] == kind]
    return name, resource


def test_the_api_is_logged_by_a_role_that_the_account_has_before_the_stage_is_made() -> None:
    account, settings = only("AWS::ApiGateway::Account")
    (role,) = transformed.needs(settings)
    trusted = DEFAULT[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert [one["Principal"] for one in trusted] == [{"Service": "apigateway.amazonaws.com"}]
    assert settings["Properties"] == {"CloudWatchRoleArn": {"Fn::GetAtt": [role, "Arn"]}}
    stage, properties = only("AWS::ApiGateway::Stage")
    assert "AccessLogSetting" in properties["Properties"]
    assert waits_for(stage, account, DEFAULT)


def test_a_role_that_the_account_has_already_can_be_left_alone() -> None:
    stack = resources(ApiLoggingRole="keep")
    assert "AWS::ApiGateway::Account" not in {resource["Type"] for resource in stack.values()}
    only("AWS::ApiGateway::Stage", stack)


def test_what_is_kept_when_the_stack_goes_is_not_left_by_a_first_deployment_that_failed() -> None:
    kept = {name for name, resource in DEFAULT.items() if resource.get("UpdateReplacePolicy") == "Retain"}
    policies = {name: resource["DeletionPolicy"] for name, resource in DEFAULT.items() if "DeletionPolicy" in resource}
    assert {name for name, policy in policies.items() if policy == "RetainExceptOnCreate"} == kept
    assert set(policies.values()) == {"RetainExceptOnCreate", "Delete"}
    holding = ("DynamoDB::Table", "S3::Bucket", "SQS::Queue", "Cognito::UserPool", "SecretsManager::Secret")
    assert {name for name, resource in DEFAULT.items() if resource["Type"].endswith(holding)} <= kept


def test_alarms_can_publish_to_their_topic() -> None:
    """The policy of the key alias/aws/sns lets no alarm use it, and nobody can change that policy."""
    topic, resource = only("AWS::SNS::Topic")
    assert "KmsMasterKeyId" not in resource.get("Properties", {})
    for name, alarm in DEFAULT.items():
        if alarm["Type"] == "AWS::CloudWatch::Alarm":
            assert alarm["Properties"]["AlarmActions"] == [{"Ref": topic}], name
    assert "AWS::SNS::TopicPolicy" not in {each["Type"] for each in DEFAULT.values()}


CONFIGURED = tomllib.loads((ROOT / "samconfig.toml").read_text())


def test_who_names_no_environment_deploys_a_protected_stack_and_reads_its_changes_first() -> None:
    default = CONFIGURED["default"]["global"]["parameters"]
    assert default == CONFIGURED["prod"]["global"]["parameters"]
    assert (default["parameter_overrides"], default["stack_name"]) == ("Environment=prod", "handfast-prod")
    assert default["confirm_changeset"] is True
    assert resources(Environment="prod") == DEFAULT


def test_every_environment_names_its_own_stack_and_only_that_of_the_local_stack_is_unprotected() -> None:
    environments = {name: config["global"]["parameters"] for name, config in CONFIGURED.items() if name != "version"}
    assert environments.keys() == {"default", "prod", "dev", "local"}
    for name, parameters in environments.items():
        kind = "prod" if name == "default" else name
        assert parameters["stack_name"] == parameters["s3_prefix"] == f"handfast-{kind}"
        assert parameters["parameter_overrides"] == f"Environment={kind}"
        assert parameters["language_extensions"] is True
    assert environments["local"]["stack_name"] == STACK_NAME


def test_a_documented_deployment_names_its_environment() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    commands = [
        line
        for page in pages
        for line in page.read_text().splitlines()
        if re.match(r"\S*\bsam (deploy|delete)\b", line)
    ]
    assert commands
    assert [command for command in commands if not re.search(r"--config-env (prod|dev)\b", command)] == []
