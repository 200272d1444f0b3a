"""What a first deployment to an account of AWS needs, over the template as CloudFormation gets it."""

import json
import re
import tomllib

from handfast_cli.local.deployment import STACK_NAME
from tests.worlds import transformed
from tests.worlds.template import ROOT
from tests.worlds.transformed import Resource, resources, waits_for

DEFAULT = resources()


def only(kind: str, stack: dict[str, Resource] = DEFAULT) -> tuple[str, Resource]:
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


def watched(metric: str, stack: dict[str, Resource]) -> set[str]:
    """What has an alarm on a metric of its own, by the metric's dimensions, as text."""
    alarms = [each["Properties"] for each in stack.values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    found = [alarm for alarm in alarms if alarm["MetricName"] == metric]
    return {json.dumps(dimension["Value"]) for alarm in found for dimension in alarm["Dimensions"]}


def shown() -> dict[str, str]:
    """What the dashboard's widgets are about, as text, by metric."""
    found: dict[str, str] = {}
    for widget in json.loads(DEFAULT["Dashboard"]["Properties"]["DashboardBody"])["widgets"]:
        rows = widget["properties"]["metrics"]
        for metric in {row[1] for row in rows if row[0] != "..."}:
            found[metric] = found.get(metric, "") + str(rows)
    return found


def is_in(name: str, text: str) -> bool:
    return re.search(rf"\b{name}\b", text) is not None


def test_every_function_has_its_alarms_and_is_on_the_dashboard() -> None:
    lines = shown()
    for name, function in DEFAULT.items():
        if function["Type"] == "AWS::Lambda::Function":
            for metric in ("Errors", "Throttles"):
                assert json.dumps(function["Properties"]["FunctionName"]) in watched(metric, DEFAULT), name
            for metric in ("Errors", "Throttles", "Duration"):
                assert is_in(name, lines[metric]), name


def test_every_queue_has_its_alarm_and_is_on_the_dashboard() -> None:
    lines = shown()
    for name, resource in DEFAULT.items():
        if resource["Type"] == "AWS::SQS::Queue":
            queue = json.dumps({"Fn::GetAtt": [name, "QueueName"]})
            holds_work = "RedrivePolicy" in resource["Properties"]
            metric = "ApproximateAgeOfOldestMessage" if holds_work else "ApproximateNumberOfMessagesVisible"
            assert queue in watched(metric, DEFAULT), name
            assert is_in(name, lines[metric]), name
            assert is_in(name, lines["ApproximateNumberOfMessagesVisible"]), name


def test_every_reader_of_a_stream_has_an_alarm_on_its_lag_and_is_on_the_dashboard() -> None:
    readers = [
        each["Properties"]["FunctionName"]
        for each in DEFAULT.values()
        if each["Type"] == "AWS::Lambda::EventSourceMapping" and "StartingPosition" in each["Properties"]
    ]
    streams = [each for each in DEFAULT.values() if "StreamSpecification" in each.get("Properties", {})]
    assert len(readers) == len(streams) > 0
    for reader in readers:
        function = DEFAULT[reader["Ref"]]["Properties"]["FunctionName"]
        assert json.dumps(function) in watched("IteratorAge", DEFAULT)
        assert is_in(reader["Ref"], shown()["IteratorAge"])


def test_the_apis_errors_and_its_latency_have_alarms_and_are_on_the_dashboard() -> None:
    """An unexpected error is answered as 500, so that the function itself has not failed."""
    _, api = only("AWS::ApiGateway::RestApi")
    for metric in ("5XXError", "Latency"):
        assert json.dumps(api["Properties"]["Name"]) in watched(metric, DEFAULT)
        assert metric in shown()
