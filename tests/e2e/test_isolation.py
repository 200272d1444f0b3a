"""Every function's role, tried on all that the stack has: what is its own is allowed, everything else is refused.

The calls change nothing: what is allowed ends at an absent item, a condition that never holds or a value out of range.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.session import Session

from tests.worlds.deployed import Stack
from tests.worlds.rights import FOLDERS, RIGHTS

UNTRIED = frozenset({"follow", "assume", "subscribe", "tell"})
"""Words of which a refusal would not tell whose it is: the stream's, or that of a role in another account; and those
on topics, for which the emulator asks nobody's rights. tests/unit/test_template.py holds all of them.
"""
REFUSED = frozenset({"AccessDenied", "AccessDeniedException", "403"})
KEY = {"pk": {"S": "isolation"}, "sk": {"S": "isolation"}}
_OWNERS = ("connectors", "destinations", "sources")
"""Whose settings have secrets, each one of its own."""
NEVER: dict[str, Any] = {"ConditionExpression": "attribute_exists(nowhere)"}

type Calls = list[Callable[[], Any]]
type Words = dict[str, Calls]


@dataclass(frozen=True)
class Role:
    """A function's role on the stack: `ids` are the physical ids of the stack's resources."""

    name: str
    client: Callable[[str], Any]
    ids: dict[str, str]

    def places(self) -> Iterator[tuple[str, Words]]:
        """Every resource with the calls that show what may be done to it, by word.

        What the emulator refuses to whom it is granted is left out: the role's own log group, which it compares without
        the `:*` of CloudFormation's ARN, and the activity's stream.
        """
        for name, physical in self.ids.items():
            if name.endswith("Table"):
                yield name, self._table(physical)
            elif name.endswith(("Queue", "DeadLetters")):
                yield name, self._queue(physical)
            elif name.endswith("Secret"):
                yield name, self._secret(physical)
            elif name.endswith("LogGroup") and name != f"{self.name}LogGroup":
                yield name, self._log_group(physical)
        for owners in _OWNERS:
            yield owners, self._secret(self.ids[owners])
        for folder in (*FOLDERS, "", "isolation/"):
            yield folder, self._folder(folder, self.ids["DataBucket"])
        yield "ConsoleBucket", self._folder("", self.ids["ConsoleBucket"])
        entry = {"EventBusName": self.ids["EventBus"], "Source": "isolation", "DetailType": "isolation", "Detail": "{}"}
        yield "EventBus", {"publish": [lambda: self.client("events").put_events(Entries=[entry])]}
        yield "UserPool", self._user_pool(self.ids["UserPool"])
        yield "account", {"look": self._account()}

    def _table(self, name: str) -> Words:
        call, key = self.client("dynamodb"), KEY
        if "Idempotency" in name:
            key = {"pk": KEY["pk"]}
        item: dict[str, Any] = {"TableName": name, "Key": key}
        values = {":pk": KEY["pk"]}
        return {
            "get": [lambda: call.get_item(**item)],
            "get-many": [lambda: call.batch_get_item(RequestItems={name: {"Keys": [key]}})],
            "query": [
                lambda: call.query(TableName=name, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values)
            ],
            "put": [lambda: call.put_item(TableName=name, Item=key, **NEVER)],
            "update": [lambda: call.update_item(**item, **NEVER)],
            "delete": [lambda: call.delete_item(**item, **NEVER)],
            "check": [lambda: call.transact_write_items(TransactItems=[{"ConditionCheck": item | NEVER}])],
            "scan": [lambda: call.scan(TableName=name, Limit=1)],
        }

    def _queue(self, url: str) -> Words:
        call = self.client("sqs")
        return {
            "send": [
                lambda: call.send_message(QueueUrl=url, MessageBody=""),
                lambda: call.send_message_batch(QueueUrl=url, Entries=[]),
            ],
            "receive": [
                lambda: call.receive_message(QueueUrl=url, MaxNumberOfMessages=11),
                lambda: call.delete_message(QueueUrl=url, ReceiptHandle="isolation"),
            ],
        }

    def _secret(self, name: str) -> Words:
        call = self.client("secretsmanager")
        return {
            "learn": [lambda: call.get_secret_value(SecretId=name)],
            "keep": [
                lambda: call.create_secret(Name=name),
                lambda: call.put_secret_value(SecretId=name),
            ],
            "discard": [lambda: call.delete_secret(SecretId=name, RecoveryWindowInDays=31)],
        }

    def _user_pool(self, pool: str) -> Words:
        call = self.client("cognito-idp")
        return {
            "end-client": [lambda: call.delete_user_pool_client(UserPoolId=pool, ClientId="isolation")],
            "see-clients": [lambda: call.list_user_pool_clients(UserPoolId=pool)],
            "see-people": [lambda: call.list_users(UserPoolId=pool)],
            "invite": [lambda: call.admin_create_user(UserPoolId=pool)],
        }

    def _log_group(self, name: str) -> Words:
        stream = {"logGroupName": name, "logStreamName": "isolation:none"}
        return {"log": [lambda: self.client("logs").put_log_events(**stream, logEvents=[])]}

    def _folder(self, folder: str, bucket: str) -> Words:
        call = self.client("s3")
        place = {"Bucket": bucket, "Key": f"{folder}isolation"}
        return {
            "read": [lambda: call.get_object(**place)],
            "list": [lambda: call.list_objects_v2(Bucket=bucket, Prefix=folder, MaxKeys=1)],
            "write": [lambda: call.put_object(**place, IfMatch='"isolation"')],
            "remove": [lambda: call.delete_object(**place)],
            "give-up": [lambda: call.abort_multipart_upload(**place, UploadId="isolation")],
        }

    def _account(self) -> Calls:
        return [
            self.client("dynamodb").list_tables,
            self.client("sqs").list_queues,
            self.client("s3").list_buckets,
            self.client("secretsmanager").list_secrets,
            self.client("iam").list_roles,
            self.client("lambda").list_functions,
            lambda: self.client("cognito-idp").list_user_pools(MaxResults=1),
        ]

    def allowed(self) -> set[tuple[str, str]]:
        """What the role may do; `partly` before a word of which only some calls are refused."""
        found = set()
        for place, words in self.places():
            for word, calls in words.items():
                refused = [is_refused(call) for call in calls]
                if not all(refused):
                    found.add((place, f"partly {word}" if any(refused) else word))
        return found


def is_refused(call: Callable[[], Any]) -> bool:
    """Whether the role lacks a right: every other answer means that it has it."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"] in REFUSED
    return False


@pytest.fixture(scope="module")
def roles(stack: Stack) -> Iterator[dict[str, Role]]:
    """The functions' roles; while they are tried a connector, a destination and a source keep a secret."""
    name, secrets = stack.facts["stackName"], stack.aws("secretsmanager")
    pages = stack.aws("cloudformation").get_paginator("list_stack_resources").paginate(StackName=name)
    ids = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
    }
    ids |= {owners: f"handfast/{name}/{owners}/isolation" for owners in _OWNERS}
    loader = Loader()
    for owners in _OWNERS:
        secrets.create_secret(Name=ids[owners], SecretString="isolation")
    try:
        yield {
            name.removesuffix("Role"): Role(name.removesuffix("Role"), _clients(stack, physical, loader), ids)
            for name, physical in ids.items()
            if name.endswith("Role") and f"{name.removesuffix('Role')}Function" in ids
        }
    finally:
        for owners in _OWNERS:
            secrets.delete_secret(SecretId=ids[owners], ForceDeleteWithoutRecovery=True)


def _clients(stack: Stack, role: str, loader: Loader) -> Callable[[str], Any]:
    """Clients with the role's credentials. Lambda alone may assume it; the emulator lets its root, too."""
    arn = stack.aws("iam").get_role(RoleName=role)["Role"]["Arn"]
    given = stack.aws("sts").assume_role(RoleArn=arn, RoleSessionName="isolation")["Credentials"]
    core = Session()
    core.register_component("data_loader", loader)
    session: Any = boto3.Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        region_name=stack.facts["region"],
        botocore_session=core,
    )
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            made[service] = session.client(service, endpoint_url=stack.facts["awsEndpointUrl"], config=config)
        return made[service]

    return client


def test_each_role_may_do_what_its_function_does_and_nothing_else(roles: dict[str, Role]) -> None:
    assert roles.keys() == RIGHTS.keys()
    with ThreadPoolExecutor(4) as pool:
        found = dict(zip(roles, pool.map(Role.allowed, roles.values()), strict=True))
    for name, rights in RIGHTS.items():
        wanted = {(place, word) for place, words in rights.items() for word in words.split() if word not in UNTRIED}
        assert found[name] == wanted, name
