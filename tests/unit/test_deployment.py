"""What a first deployment to an account of AWS needs, over the template as CloudFormation gets it."""

import json
import re
import tomllib
from typing import Any

import pytest

from handfast_cli import browser
from handfast_cli.local.deployment import STACK_NAME
from tests.worlds import transformed
from tests.worlds.template import ROOT
from tests.worlds.transformed import STRICTEST, Resource, resources, waits_for

DEFAULT = resources()
LOCAL = resources(Environment="local")


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
    # The console's files are the repository's.
    assert {name for name, resource in DEFAULT.items() if resource["Type"].endswith(holding)} - {
        "ConsoleBucket"
    } <= kept


def test_an_update_of_the_stack_makes_no_new_value_of_a_secret() -> None:
    """CloudFormation makes one whenever GenerateSecretString changes, and replaces a secret whose name or id does."""
    secrets = {name: each["Properties"] for name, each in DEFAULT.items() if each["Type"].endswith("Manager::Secret")}
    generated = {name: each["GenerateSecretString"] for name, each in secrets.items() if "SecretString" not in each}
    names = ("DeploymentSecret", "ApiSecret", "WebhooksSecret", "NoiseSecret", "PrivacySecret", "ReceiptsSecret")
    assert generated == {name: {"PasswordLength": 64, "ExcludePunctuation": True} for name in names}
    assert not any("Name" in each for each in secrets.values())


def test_alarms_can_publish_to_their_topic() -> None:
    """The policy of the key alias/aws/sns lets no alarm use it, and nobody can change that policy."""
    topics = [name for name, resource in DEFAULT.items() if resource["Type"] == "AWS::SNS::Topic"]
    assert topics == ["AlarmTopic", "AlertTopic"]
    for name in topics:
        assert "KmsMasterKeyId" not in DEFAULT[name].get("Properties", {})
    for name, alarm in DEFAULT.items():
        if alarm["Type"] == "AWS::CloudWatch::Alarm":
            assert alarm["Properties"]["AlarmActions"] == [{"Ref": "AlarmTopic"}], name
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
        for metric in {row[1] for row in rows if isinstance(row[0], str) and row[0] != "..."}:
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


def test_the_api_has_no_stage_beside_its_own() -> None:
    """SAM's old way makes a second stage, on which nothing is logged or throttled."""
    _, deployment = only("AWS::ApiGateway::Deployment")
    assert "StageName" not in deployment["Properties"]


def test_a_domain_of_ones_own_leads_to_the_api() -> None:
    stack = resources(ApiDomainName="api.example.org", ApiCertificateArn="arn:certificate")
    _, domain = only("AWS::ApiGateway::DomainName", stack)
    assert domain["Properties"]["RegionalCertificateArn"] == "arn:certificate"
    assert domain["Properties"]["SecurityPolicy"] == "TLS_1_2"
    mapping, at = only("AWS::ApiGateway::BasePathMapping", stack)
    stage, _ = only("AWS::ApiGateway::Stage", stack)
    assert (at["Properties"]["BasePath"], at["Properties"]["Stage"]) == ("v1", "v1")
    assert waits_for(mapping, stage, stack)
    assert "AWS::ApiGateway::DomainName" not in {each["Type"] for each in DEFAULT.values()}


def test_a_web_acl_of_the_accounts_stands_before_the_api() -> None:
    stack = resources(WebAclArn="arn:acl")
    name, association = only("AWS::WAFv2::WebACLAssociation", stack)
    assert association["Properties"]["WebACLArn"] == "arn:acl"
    stage, _ = only("AWS::ApiGateway::Stage", stack)
    assert waits_for(name, stage, stack)
    assert json.dumps(association["Properties"]["ResourceArn"]).strip('"}').endswith("/stages/v1")


def test_the_apis_throttle_and_the_concurrency_that_is_kept_for_it_are_parameters() -> None:
    stack = resources(ApiRateLimit="50", ApiBurstLimit="70", ApiConcurrency="5")
    (settings,) = only("AWS::ApiGateway::Stage", stack)[1]["Properties"]["MethodSettings"]
    assert (str(settings["ThrottlingRateLimit"]), str(settings["ThrottlingBurstLimit"])) == ("50", "70")
    answering = {
        permission["Properties"]["FunctionName"]["Ref"]
        for permission in stack.values()
        if permission["Type"] == "AWS::Lambda::Permission"
        and permission["Properties"]["Principal"] == "apigateway.amazonaws.com"
    }
    for name, function in stack.items():
        if function["Type"] == "AWS::Lambda::Function":
            reserved = function["Properties"].get("ReservedConcurrentExecutions")
            assert (str(reserved) == "5") == (name in answering), name
            assert "ReservedConcurrentExecutions" not in DEFAULT[name]["Properties"]


def test_the_buckets_history_ends_with_its_days_so_that_the_erased_do_not_stay() -> None:
    bucket = resources(BucketHistoryDays="35")["DataBucket"]["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = (rule for rule in bucket["LifecycleConfiguration"]["Rules"] if rule["Id"] == "history")
    assert str(rule["NoncurrentVersionExpiration"]["NoncurrentDays"]) == "35"
    assert (rule["Status"], rule["ExpiredObjectDeleteMarker"]) == ("Enabled", True)
    assert "Prefix" not in rule
    assert "VersioningConfiguration" not in DEFAULT["DataBucket"]["Properties"]


STRICT = resources(**STRICTEST)


def test_a_key_of_the_accounts_own_encrypts_all_that_is_stored() -> None:
    key, _ = only("AWS::KMS::Key", STRICT)
    arn = {"Fn::GetAtt": [key, "Arn"]}
    for name, resource in STRICT.items():
        properties = resource.get("Properties", {})
        match resource["Type"].removeprefix("AWS::"):
            case "DynamoDB::Table":
                assert properties["SSESpecification"] == {
                    "SSEEnabled": True,
                    "SSEType": "KMS",
                    "KMSMasterKeyId": arn,
                }, name
            case "SQS::Queue":
                assert properties["KmsMasterKeyId"] == arn, name
                assert "SqsManagedSseEnabled" not in properties, name
            case "SecretsManager::Secret" | "Logs::LogGroup":
                assert properties["KmsKeyId"] == arn, name
            case "Lambda::Function":
                assert properties["KmsKeyArn"] == arn, name
            case "SNS::Topic":
                assert properties["KmsMasterKeyId"] == arn, name
            case "S3::Bucket" if name != "ConsoleBucket":  # what it holds is public
                (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
                assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}


def grants(document: dict[str, Any], service: str) -> dict[str, dict[str, Any]]:
    """By action the conditions under which a policy lets a service do it."""
    return {
        action: statement["Condition"]
        for statement in document["Statement"]
        if statement["Principal"] == {"Service": service}
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }


TRAIL = "arn:aws:cloudtrail:us-east-1:123456789012:trail/local"


def test_the_trail_of_data_events_may_write_into_its_bucket_and_use_the_key_and_no_other_trail_may() -> None:
    """What CloudTrail asks for of the bucket and of the key, in its user guide."""
    name, trail = only("AWS::CloudTrail::Trail", STRICT)
    bucket, policy = trail["Properties"]["S3BucketName"]["Ref"], STRICT["TrailBucketPolicy"]
    assert waits_for(name, "TrailBucketPolicy", STRICT)
    assert policy["Properties"]["Bucket"] == {"Ref": bucket}
    source = {"aws:SourceArn": TRAIL}
    service = "cloudtrail.amazonaws.com"
    assert grants(policy["Properties"]["PolicyDocument"], service) == {
        "s3:GetBucketAcl": {"StringEquals": source},
        "s3:PutObject": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"} | source},
    }
    encrypts = {"StringEquals": source | {"kms:EncryptionContext:aws:cloudtrail:arn": TRAIL}}
    key, resource = only("AWS::KMS::Key", STRICT)
    assert grants(resource["Properties"]["KeyPolicy"], service) == {
        "kms:GenerateDataKey*": encrypts,
        "kms:Decrypt": encrypts,
        "kms:DescribeKey": {"StringEquals": source},
    }
    properties = trail["Properties"]
    assert properties["TrailName"] == TRAIL.rpartition("/")[2]
    assert properties["KMSKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    assert (properties["IsLogging"], properties["EnableLogFileValidation"]) == (True, True)
    assert "AWS::CloudTrail::Trail" not in {each["Type"] for each in DEFAULT.values()}


def test_the_trail_sees_every_download_by_a_link_and_everybody_but_the_functions() -> None:
    """A link acts as the role that signed it, so that links' folders are watched whoever asks."""
    _, trail = only("AWS::CloudTrail::Trail", STRICT)
    links, others = (
        {field["Field"]: field for field in selector["FieldSelectors"]}
        for selector in trail["Properties"]["AdvancedEventSelectors"]
    )
    for selector in (links, others):
        assert selector["eventCategory"]["Equals"] == ["Data"]
        assert selector["resources.type"]["Equals"] == ["AWS::S3::Object"]
    watched_folders = {
        re.sub(r".*/(?=\w+/$)", "", json.dumps(arn).rstrip('"}]')) for arn in links["resources.ARN"]["StartsWith"]
    }
    assert watched_folders == {"access/", "imports/", "packages/", "rejects/", "uploads/"}
    assert "userIdentity.arn" not in links
    (not_by,) = others["userIdentity.arn"]["NotStartsWith"]
    assert not_by == "arn:aws:sts::123456789012:assumed-role/local-"
    assert len(others["resources.ARN"]["StartsWith"]) == 1


def test_every_service_that_uses_the_key_for_itself_may_and_nobody_from_elsewhere() -> None:
    """Alarms, S3's notifications and logs use the key as services; all others for whoever calls them."""
    _, key = only("AWS::KMS::Key", STRICT)
    statements = key["Properties"]["KeyPolicy"]["Statement"]
    services = {
        service
        for statement in statements
        if isinstance(statement["Principal"], dict) and "Service" in statement["Principal"]
        for service in [statement["Principal"]["Service"]]
    }
    assert {str(service) for service in services} == {
        "cloudtrail.amazonaws.com",
        "cloudwatch.amazonaws.com",
        "s3.amazonaws.com",
        "logs.us-east-1.amazonaws.com",
    }
    for statement in statements:
        if statement["Principal"] != {"AWS": "arn:aws:iam::123456789012:root"}:
            assert "123456789012" in json.dumps(statement["Condition"]), statement
    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["DeletionPolicy"] == "RetainExceptOnCreate"


def test_a_rule_that_does_not_hold_has_its_reason_beside_it() -> None:
    text = (ROOT / ".checkov.yaml").read_text()
    skipped = re.findall(r"^ +- CKV\w+$", text, re.MULTILINE)
    assert skipped
    assert len(re.findall(r"^ +# [^\n]{20,}\n +- CKV\w+$", text, re.MULTILINE)) == len(skipped)


def test_people_give_a_code_where_the_parameter_says_so() -> None:
    pool = resources(SignInMfa="required")["UserPool"]["Properties"]
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("ON", ["SOFTWARE_TOKEN_MFA"])
    assert DEFAULT["UserPool"]["Properties"]["MfaConfiguration"] == "OFF"
    assert "EnabledMfas" not in DEFAULT["UserPool"]["Properties"]
    each = resources(SignInMfa="optional")["UserPool"]["Properties"]
    assert (each["MfaConfiguration"], each["EnabledMfas"]) == ("OPTIONAL", ["SOFTWARE_TOKEN_MFA"])


PROVIDER = {name: value for name, value in STRICTEST.items() if name.startswith("SignInProvider")}


def test_people_of_an_identity_provider_sign_in_by_the_pool_which_has_it_first() -> None:
    stack = resources(**PROVIDER)
    name, provider = only("AWS::Cognito::UserPoolIdentityProvider", stack)
    assert provider["Properties"]["ProviderType"] == "OIDC"
    details = provider["Properties"]["ProviderDetails"]
    assert details["oidc_issuer"] == PROVIDER["SignInProviderIssuer"]
    # The secret's text stands in no template and no parameter.
    assert str(details["client_secret"]).count("{{resolve:secretsmanager:") == 1
    assert PROVIDER["SignInProviderSecretArn"] in str(details["client_secret"])
    client, people = only("AWS::Cognito::UserPoolClient", stack)
    assert people["Properties"]["SupportedIdentityProviders"] == ["COGNITO", {"Ref": name}]
    assert waits_for(client, name, stack)
    assert people["Properties"]["AllowedOAuthFlows"] == ["code"]
    # What the API's authorizer takes of people.
    assert "aws.cognito.signin.user.admin" in people["Properties"]["AllowedOAuthScopes"]
    assert set(browser.SCOPES) == set(people["Properties"]["AllowedOAuthScopes"])


def test_without_an_identity_provider_people_have_passwords_alone() -> None:
    _, people = only("AWS::Cognito::UserPoolClient")
    assert "AWS::Cognito::UserPoolIdentityProvider" not in {each["Type"] for each in DEFAULT.values()}
    assert people["Properties"]["SupportedIdentityProviders"] == ["COGNITO"]


def test_people_sign_in_by_the_code_alone_and_come_back_to_the_command_line_or_the_console() -> None:
    people = only("AWS::Cognito::UserPoolClient", LOCAL)[1]["Properties"]
    assert people["CallbackURLs"] == [browser.CALLBACK, "http://localhost:4580/"]
    assert people["LogoutURLs"] == ["http://localhost:4580/"]
    assert people["AllowedOAuthFlows"] == ["code"]
    assert set(browser.SCOPES) == set(people["AllowedOAuthScopes"])
    assert "GenerateSecret" not in people  # a page keeps no secret, which PKCE stands for


IDENTITY, SET = (
    f"arn:aws:ses:us-east-1:123456789012:{name}" for name in ("identity/acme.example", "configuration-set/x")
)
SENDER = {"MessageSender": "privacy@acme.example", "MessageIdentity": "acme.example", "MessageConfigurationSet": "x"}
NO_SENDER = {"MessageSender": "off", "MessageIdentity": ""}


def test_people_are_written_to_by_the_one_sender_that_is_named_and_by_nobody_without() -> None:
    kind = "AWS::IAM::RolePolicy"
    assert kind not in {each["Type"] for each in DEFAULT.values()}
    _, policy = only(kind, resources(**SENDER))
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == (["ses:SendEmail"], [IDENTITY, SET])
    assert statement["Condition"] == {"StringEquals": {"ses:FromAddress": SENDER["MessageSender"]}}


@pytest.mark.parametrize(
    ("parameters", "refused"),
    [
        ({}, []),
        ({"Environment": "local", "OutboundPrivateNetworks": "allow", "AwsEndpointUrl": "http://localhost:1"}, []),
        ({"OutboundPrivateNetworks": "allow"}, ["OnlyTheEmulatorIsUnguarded"]),
        ({"Environment": "dev", "AwsEndpointUrl": "http://localhost:1"}, ["OnlyTheEmulatorIsUnguarded"]),
        ({"ApiDomainName": "api.example.org"}, ["ADomainHasItsCertificate"]),
        ({"ApiCertificateArn": "arn:certificate"}, ["ADomainHasItsCertificate"]),
        ({"ApiDomainName": "api.example.org", "ApiCertificateArn": "arn:certificate"}, []),
        ({"ConsoleDomainName": "console.example.org"}, ["ADomainHasItsCertificate"]),
        ({"ConsoleCertificateArn": "arn:certificate"}, ["ADomainHasItsCertificate"]),
        ({"ConsoleDomainName": "console.example.org", "ConsoleCertificateArn": "arn:certificate"}, []),
        (SENDER, []),
        *((SENDER | {name: off}, ["ASenderHasItsIdentity"]) for name, off in NO_SENDER.items()),
        (PROVIDER, []),
        *(({name: value}, ["AnIdentityProviderIsGivenWhole"]) for name, value in PROVIDER.items()),
        *((PROVIDER | {name: ""}, ["AnIdentityProviderIsGivenWhole"]) for name in PROVIDER),
    ],
)
def test_parameters_that_do_not_go_together_are_refused_before_anything_is_made(
    parameters: dict[str, str], refused: list[str]
) -> None:
    assert transformed.broken_rules(parameters) == refused
