"""What the template must never lose: least privilege, dead letters, encryption, and a route for every call."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from handfast.ingest.growth import MAX_IDENTITIES
from handfast.ingest.models import WHOLE_BYTES
from handfast.platform import problems
from handfast.platform.queues import MAX_RECEIVES
from handfast_cli.openapi import apis, document_of
from tests.worlds.rights import FOLDERS, RIGHTS, WORDS
from tests.worlds.template import ALARMS, DEAD_LETTERS, FUNCTIONS, QUEUES, RESOURCES, ROOT, TEMPLATE, module_of, of_type
from tests.worlds.transformed import resources

_OTHERS = {"ApiGatewayRole", "SharedTablesRole"}
ROLES = {name: role for name, role in of_type("AWS::IAM::Role").items() if name not in _OTHERS}
"""All but the account's, by which API Gateway writes logs, and the one that tools of others are given a part of."""


WILD = (
    r"\$\{DataBucket\.Arn\}/\w+/\*|\$\{ConsoleBucket\.Arn\}/\*"
    r"|:secret:handfast/\$\{AWS::StackName\}/(connectors|destinations|sources)/\*"
)
"""What a role may touch by prefix: a folder of the data bucket, the console's, and secrets that its functions make."""
ASSUMED = {
    kind: {
        "Effect": "Allow",
        "Action": ["sts:AssumeRole"],
        "Resource": [{"Sub": f"arn:${{AWS::Partition}}:iam::*:role/handfast-{kind}-*"}],
        "Condition": {"StringLike": {"sts:ExternalId": f"{prefix}_*"}},
    }
    for kind, prefix in {"destination": "dst", "source": "src"}.items()
}
"""The rights in other accounts: roles of these names, and never without a destination's or a source's id."""


def statements(role: dict[str, Any]) -> list[dict[str, Any]]:
    return [statement for policy in role["Policies"] for statement in policy["PolicyDocument"]["Statement"]]


@pytest.mark.parametrize("name", ROLES)
def test_a_role_names_what_it_may_touch(name: str) -> None:
    assert "ManagedPolicyArns" not in ROLES[name]
    for statement in statements(ROLES[name]):
        if statement in ASSUMED.values():
            continue
        assert all("*" not in action for action in statement["Action"]), statement
        for resource in statement["Resource"]:
            assert isinstance(resource, dict), f"{resource} is not one of this template's resources"
            text = json.dumps(resource)
            wild = text.count("*")
            assert wild == 0 or (wild == 1 and re.search(WILD, text)), statement
        if statement["Action"] == ["s3:ListBucket"] and statement["Resource"] != [{"GetAtt": "ConsoleBucket.Arn"}]:
            assert "s3:prefix" in statement["Condition"]["StringLike"]


TOKENS = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["RTOKEN*"]}}
"""What items of the access table a function may write that anybody calls: recipient tokens alone."""


def test_a_function_that_anybody_calls_writes_nothing_of_who_may_do_what_but_recipient_tokens() -> None:
    writing = [
        statement
        for statement in statements(ROLES["SharingRole"])
        if statement["Resource"] == [{"GetAtt": "AccessTable.Arn"}]
        and set(statement["Action"]) - {"dynamodb:GetItem", "dynamodb:Query"}
    ]
    assert [statement.get("Condition") for statement in writing] == [TOKENS]


def test_what_reads_shared_tables_is_assumed_by_one_function_and_reads_views_alone() -> None:
    role = RESOURCES["SharedTablesRole"]["Properties"]
    (trusted,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"AWS": {"GetAtt": "SharingRole.Arn"}}
    reading, listing = role["Policies"][0]["PolicyDocument"]["Statement"]
    assert (reading["Action"], reading["Resource"]) == (["s3:GetObject"], [{"Sub": "${DataBucket.Arn}/views/*"}])
    assert listing["Action"] == ["s3:ListBucket"]
    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["views/*"]}}
    policy = RESOURCES["SharingTablesPolicy"]["Properties"]
    assert policy["Roles"] == [{"Ref": "SharingRole"}]
    (assuming,) = policy["PolicyDocument"]["Statement"]
    assert (assuming["Action"], assuming["Resource"]) == (["sts:AssumeRole"], [{"GetAtt": "SharedTablesRole.Arn"}])


def places(statement: dict[str, Any], stem: str) -> Iterator[str]:
    """The statement's resources by the names of `tests.worlds.rights`."""
    if statement["Action"] == ["s3:ListBucket"] and "Condition" in statement:
        assert statement["Resource"] == [{"GetAtt": "DataBucket.Arn"}]
        yield from (prefix.removesuffix("*") for prefix in statement["Condition"]["StringLike"]["s3:prefix"])
        return
    if statement in ASSUMED.values():
        yield from (f"{kind} roles" for kind, assumed in ASSUMED.items() if statement == assumed)
        return
    assert statement.get("Condition", TOKENS) == TOKENS
    for resource in statement["Resource"]:
        (text,) = resource.values()
        if folder := re.fullmatch(r"\$\{DataBucket\.Arn\}/(\w+/)\*", text):
            yield folder[1]
        elif text == "${ConsoleBucket.Arn}/*":
            yield "ConsoleBucket"
        elif kept := re.search(r"/(connectors|destinations|sources)/\*$", text):
            yield kept[1]
        elif text == "ActivityTable.StreamArn":
            yield "ActivityStream"
        else:
            name, _, attribute = text.partition(".")
            assert attribute in {"Arn", "Id"} or resource == {"Ref": "AlertTopic"}
            yield "own logs" if name == f"{stem}LogGroup" else name


def test_roles_may_do_what_is_written_down_of_their_functions_and_only_lambda_assumes_them() -> None:
    assert {f"{name}Role" for name in RIGHTS} == ROLES.keys()
    for name, rights in RIGHTS.items():
        role = ROLES[f"{name}Role"]
        (trusted,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert (trusted["Principal"], trusted["Action"]) == ({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole")
        granted = {
            (place, action)
            for statement in statements(role)
            for place in places(statement, name)
            for action in statement["Action"]
        }
        wanted = {
            (place, action) for place, words in rights.items() for word in words.split() for action in WORDS[word]
        }
        assert granted == wanted | {("own logs", f"logs:{verb}") for verb in ("CreateLogStream", "PutLogEvents")}, name


def test_all_that_the_template_makes_is_tried_with_every_role() -> None:
    granted = {place for rights in RIGHTS.values() for place in rights if place.endswith("/")}
    rules = RESOURCES["DataBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    kept = {rule["Prefix"] for rule in rules if "Prefix" in rule}
    assert granted | kept <= set(FOLDERS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_its_own_role_logs_and_alarms(name: str) -> None:
    stem = name.removesuffix("Function")
    assert FUNCTIONS[name]["FunctionName"] == {"Sub": f"${{AWS::StackName}}-{stem}"}
    assert FUNCTIONS[name]["Role"] == {"GetAtt": f"{stem}Role.Arn"}
    assert FUNCTIONS[name]["LoggingConfig"] == {"LogGroup": {"Ref": f"{stem}LogGroup"}}
    assert "RetentionInDays" in RESOURCES[f"{stem}LogGroup"]["Properties"]
    for metric in ("Errors", "Throttles"):
        alarm = ALARMS[f"{stem}{metric}Alarm"]
        assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": FUNCTIONS[name]["FunctionName"]}]
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", metric)
    source = (ROOT / f"{module_of(name).replace('.', '/')}.py").read_text()
    assert re.search(r"^(def )?handler\b", source, re.MULTILINE), f"{name} has no handler"


@pytest.mark.parametrize("name", sorted(QUEUES.keys() - DEAD_LETTERS))
def test_a_queue_has_dead_letters_alarms_and_time_for_its_consumer(name: str) -> None:
    stem = name.removesuffix("Queue")
    assert QUEUES[name]["RedrivePolicy"] == {
        "deadLetterTargetArn": {"GetAtt": f"{stem}DeadLetters.Arn"},
        "maxReceiveCount": MAX_RECEIVES,
    }
    assert QUEUES[name].get("FifoQueue") == QUEUES[f"{stem}DeadLetters"].get("FifoQueue")
    assert ALARMS[f"{stem}AgeAlarm"]["Dimensions"] == [{"Name": "QueueName", "Value": {"GetAtt": f"{name}.QueueName"}}]
    for function in FUNCTIONS.values():
        for event in function["Events"].values():
            if event["Type"] == "SQS" and event["Properties"]["Queue"] == {"GetAtt": f"{name}.Arn"}:
                assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
                timeout = function.get("Timeout", TEMPLATE["Globals"]["Function"]["Timeout"])
                assert timeout <= QUEUES[name]["VisibilityTimeout"] <= 300


@pytest.mark.parametrize("name", sorted(DEAD_LETTERS))
def test_dead_letters_are_somebodys_and_have_an_alarm(name: str) -> None:
    (dimension,) = ALARMS[f"{name}Alarm"]["Dimensions"]
    assert dimension == {"Name": "QueueName", "Value": {"GetAtt": f"{name}.QueueName"}}
    destinations = [
        event["Properties"]["DestinationConfig"]["OnFailure"]["Destination"]
        for function in FUNCTIONS.values()
        for event in function["Events"].values()
        if event["Type"] == "DynamoDB"
    ]
    targets = [queue["RedrivePolicy"]["deadLetterTargetArn"] for queue in QUEUES.values() if "RedrivePolicy" in queue]
    assert [*targets, *destinations].count({"GetAtt": f"{name}.Arn"}) == 1


def test_nothing_is_left_of_a_function_or_a_queue_that_is_gone() -> None:
    stems = {name.removesuffix("Function") for name in FUNCTIONS}
    assert {f"{stem}LogGroup" for stem in {*stems, "Api"}} == of_type("AWS::Logs::LogGroup").keys()
    watched = {name.removesuffix("AgeAlarm") for name in ALARMS if name.endswith("AgeAlarm")}
    assert {f"{stem}Queue" for stem in watched} == QUEUES.keys() - DEAD_LETTERS
    metrics = ("ErrorsAlarm", "ThrottlesAlarm")
    assert {f"{stem}{metric}" for stem in stems for metric in metrics} == {
        name for name in ALARMS if name.endswith(metrics)
    }


def shown() -> dict[str, set[str]]:
    """The resources of which the dashboard shows a metric, by its name."""
    text, lists = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Sub"]
    for name, value in lists.items():
        delimiter, items = value["Join"]
        text = text.replace(f"${{{name}}}", delimiter.join(str(*item.values()) for item in items))
    found: dict[str, set[str]] = {}
    for widget in json.loads(text)["widgets"]:
        if isinstance(widget["properties"]["metrics"][0][0], dict):
            continue  # what a search finds
        (_, metric, _, first, *_), *others = widget["properties"]["metrics"]
        names = [first, *(other[1] for other in others)]
        found.setdefault(metric, set()).update(str(name).partition(".")[0] for name in names)
    return found


def test_the_dashboard_shows_every_function_and_every_queue() -> None:
    found = shown()
    assert found["Errors"] == found["Throttles"] == found["Duration"] == FUNCTIONS.keys()
    assert found["ApproximateAgeOfOldestMessage"] == QUEUES.keys() - DEAD_LETTERS
    assert found["ApproximateNumberOfMessagesVisible"] == QUEUES.keys()


def test_the_largest_file_and_its_tables_fit_the_disk_that_reads_it() -> None:
    """290 bytes an identity, as measured (docs/limits.md): the file as it came, unpacked, and its tables."""
    disk = FUNCTIONS["UploadsFunction"]["EphemeralStorage"]["Size"] << 20
    assert 0.9 * disk > 2 * WHOLE_BYTES + 290 * MAX_IDENTITIES


def test_what_is_stored_is_encrypted_and_kept() -> None:
    stack = resources().items()
    for name, queue in ((name, each["Properties"]) for name, each in stack if each["Type"] == "AWS::SQS::Queue"):
        assert queue["SqsManagedSseEnabled"] is True, name
    for name, table in ((name, each["Properties"]) for name, each in stack if each["Type"] == "AWS::DynamoDB::Table"):
        assert table["SSESpecification"]["SSEEnabled"] is True, name
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True, name
        assert table["DeletionProtectionEnabled"] is True, name
    bucket = of_type("AWS::S3::Bucket")["DataBucket"]
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    deny = of_type("AWS::S3::BucketPolicy")["DataBucketPolicy"]["PolicyDocument"]["Statement"][0]
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


UNKNOWN = ("functions.access.app", "/{proxy+}")
"""What answers paths that are not there."""


def api_events() -> list[tuple[str, dict[str, Any]]]:
    """The gateway's paths, each with the module of the function behind it."""
    return [
        (module_of(name), event["Properties"])
        for name, function in FUNCTIONS.items()
        for event in function["Events"].values()
        if event["Type"] == "Api"
    ]


def test_every_route_of_the_code_is_in_the_template_and_the_other_way_round() -> None:
    events = api_events()
    documents = {f"functions.{name}": document_of(api)["paths"] for name, api in apis().items()}
    assert {(module, path) for module, paths in documents.items() for path in paths} | {UNKNOWN} == {
        (module, event["Path"]) for module, event in events
    }
    # With any method, so that the function answers those that a path has not, and HEAD; OPTIONS where it differs.
    assert {event["Path"] for _, event in events if event["Method"] == "any"} == {event["Path"] for _, event in events}
    assert {event["Method"] for _, event in events} == {"any", "options"}
    own = {event["Path"] for _, event in events if event["Method"] == "options"}
    assert own == {path for path in documents["functions.privacy_requests.intake"] if path.startswith("/intake/")}
    for paths in documents.values():
        for path, methods in paths.items():
            assert len({bool(operation.get("security")) for operation in methods.values()}) == 1, path


def test_every_method_of_the_gateway_asks_for_a_token_but_where_a_route_is_open() -> None:
    (api,) = (each for each in resources().values() if each["Type"] == "AWS::ApiGateway::RestApi")
    open_paths = {event["Path"] for _, event in api_events() if "Auth" in event}
    paths = api["Properties"]["Body"]["paths"]
    assert paths.keys() == {event["Path"] for _, event in api_events()}
    for path, methods in paths.items():
        assert methods.keys() == {"x-amazon-apigateway-any-method", "options"}, path
        assert {name for each in methods["options"].get("security", []) for name in each} <= {"NONE"}, path
        security = methods["x-amazon-apigateway-any-method"].get("security", [])
        names = [name for each in security for name in each]
        assert names == (["NONE"] if path in open_paths else ["Cognito"]), path


def test_what_the_gateway_answers_itself_is_a_problem_that_says_when_to_try_again() -> None:
    found = (each for each in vars(problems).values() if isinstance(each, type) and issubclass(each, problems.Problem))
    types = {each.slug: each for each in found}
    answers = RESOURCES["Api"]["Properties"]["GatewayResponses"]
    for kind, answer in answers.items():
        headers = answer["ResponseParameters"]["Headers"]
        problem = json.loads(answer["ResponseTemplates"]["application/json"])
        status = answer["StatusCode"]
        assert headers["Content-Type"] == "'application/problem+json'", kind
        meant = types[problem["type"].removeprefix("/v1/problems/")]
        assert (problem["title"], problem["status"], meant.status) == (meant.title, status, status), kind
        assert {"detail", "instance", "requestId"} <= problem.keys(), kind
        assert ("Retry-After" in headers) == (status in {429, 503, 504}), kind
        assert ("WWW-Authenticate" in headers) == (status == 401), kind
    # The defaults have a status, which each type would have that is left to them: 403, 404, 413, 429 and 504 are not.
    own = {"ACCESS_DENIED", "EXPIRED_TOKEN", "UNAUTHORIZED", "WAF_FILTERED"}
    own |= {"MISSING_AUTHENTICATION_TOKEN", "RESOURCE_NOT_FOUND", "REQUEST_TOO_LARGE", "THROTTLED", "QUOTA_EXCEEDED"}
    assert answers.keys() == own | {"INTEGRATION_TIMEOUT", "INTEGRATION_FAILURE", "DEFAULT_4XX", "DEFAULT_5XX"}


def test_answers_that_are_large_enough_are_compressed() -> None:
    (api,) = (each for each in resources().values() if each["Type"] == "AWS::ApiGateway::RestApi")
    assert api["Properties"]["MinimumCompressionSize"] == 1024
    assert "BinaryMediaTypes" not in api["Properties"]  # bodies stay text, which is what is compressed


def test_only_the_document_and_what_protocols_leave_open_needs_no_token() -> None:
    is_open = {event["Path"] for _, event in api_events() if "Auth" in event}
    base = "/sandboxes/{sandbox}"
    places = ("", "/{privacy_request}", "/{privacy_request}/results")
    rights = {f"{base}/drp/v1/data-rights-request{place}" for place in places}
    processor = {f"{base}/opendsr/v2/{path}" for path in ("discovery", "certificate")}
    own = {"/openapi.json", "/.well-known/handfast.json", "/problems/{problem}", "/receipt-keys"}
    own |= {f"/intake/{{form}}{place}" for place in ("", "/{receipt}", "/{receipt}/code")}
    own |= {path for path in is_open if path.startswith("/sharing/")}  # each looks at its own credentials
    assert is_open == own | {f"{base}/drp/v1/agent/{{agent}}"} | rights | processor
