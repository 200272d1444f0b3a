"""What a first deployment to an account of AWS needs, over the template as CloudFormation gets it."""

from typing import Any

from tests.worlds import transformed
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
