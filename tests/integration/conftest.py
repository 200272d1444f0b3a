"""A whole deployment's stores in moto, and callers for the API functions."""

import json
import os
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws  # before any client is made
from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from handfast.access import service as access
from handfast.access.models import Sandbox
from handfast.platform import secret
from handfast.privacy_requests.protocols import certificate

REGION: Final = "eu-west-1"
TABLES = ("ACCESS", "CONNECTIONS", "SEGMENTS", "FEEDS", "ACTIVITY", "PRIVACY")
QUEUES = {
    "INGEST_QUEUE_URL": "ingest.fifo",
    "EXPORT_QUEUE_URL": "export.fifo",
    "WEBHOOKS_QUEUE_URL": "webhooks",
    "PRIVACY_QUEUE_URL": "privacy",
}
CONTEXT = SimpleNamespace(
    function_name="test",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:test",
    aws_request_id="request",
    get_remaining_time_in_millis=lambda: 29_000,
)


@dataclass
class Answer:
    """What a route answered."""

    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class Member:
    """A principal on one sandbox who calls API functions."""

    principal_id: str
    sandbox: Sandbox

    def call(
        self,
        function: ModuleType,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Call a route; `path` is below the sandbox unless it starts with a slash."""
        full = path if path.startswith("/") else f"/sandboxes/{self.sandbox.sandbox_id}/{path}"
        event = proxy_event(self.principal_id, method, full, body, query=query, headers=headers)
        answer = function.handler(event, CONTEXT)
        text = answer["body"]
        flat = {name: values[0] for name, values in answer.get("multiValueHeaders", {}).items()}
        return Answer(answer["statusCode"], json.loads(text) if text else None, flat)


def proxy_event(
    principal_id: str | None,
    method: str,
    path: str,
    body: Any = None,
    *,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """An API Gateway REST proxy event."""
    sent = {"content-type": "application/json"} | {name.lower(): value for name, value in (headers or {}).items()}
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "pathParameters": {},
        "stageVariables": None,
        "requestContext": {
            "requestId": "request",
            "stage": "v1",
            "path": f"/v1{path}",
            "authorizer": {"claims": {"sub": principal_id}} if principal_id else None,
        },
        "body": body if isinstance(body, str) or body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


@dataclass
class World:
    """Two organisations with a sandbox each, and a third sandbox of the first one."""

    a: Sandbox
    b: Sandbox
    c: Sandbox
    members: dict[tuple[str, str], Member] = field(default_factory=dict)

    def member(self, sandbox: Sandbox, role: str = "sandbox-admin") -> Member:
        """A principal with this role on this sandbox."""
        key = (sandbox.sandbox_id, role)
        if key not in self.members:
            principal = f"{role}-of-{sandbox.name}"
            access.register_principal(principal, f"{role} of {sandbox.name}", sandbox.sandbox_id, role)
            self.members[key] = Member(principal, sandbox)
        return self.members[key]

    def messages(self, queue_setting: str) -> list[dict[str, Any]]:
        """Take all messages off a queue."""
        sqs, url = boto3.client("sqs", region_name=REGION), os.environ[queue_setting]
        taken: list[dict[str, Any]] = []
        while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in batch:
                taken.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return taken


def create_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    dynamodb, sqs = boto3.client("dynamodb"), boto3.client("sqs")
    for name in TABLES:
        dynamodb.create_table(
            TableName=name.lower(),
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        monkeypatch.setenv(f"{name}_TABLE", name.lower())
    dynamodb.create_table(
        TableName="idempotency",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    monkeypatch.setenv("IDEMPOTENCY_TABLE", "idempotency")
    for variable, name in QUEUES.items():
        attributes: dict[Any, str] = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        monkeypatch.setenv(variable, sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])
    boto3.client("s3").create_bucket(Bucket="handfast-data", CreateBucketConfiguration={"LocationConstraint": REGION})
    monkeypatch.setenv("DATA_BUCKET", "handfast-data")
    created = boto3.client("secretsmanager").create_secret(Name="deployment", SecretString="a secret of the tests")
    monkeypatch.setenv("DEPLOYMENT_SECRET_ARN", created["ARN"])
    created = boto3.client("secretsmanager").create_secret(Name="opendsr", SecretString="{}")
    monkeypatch.setenv("OPENDSR_SECRET_ARN", created["ARN"])
    boto3.client("events").create_event_bus(Name="handfast")
    monkeypatch.setenv("EVENT_BUS_NAME", "handfast")
    monkeypatch.setenv("BUCKET_BITS", "6")
    monkeypatch.setenv("CONNECTOR_SECRETS", "handfast/test/connectors")
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "refuse")
    monkeypatch.setenv("PRIVACY_RECORD_MONTHS", "24")


def forget() -> None:
    """Empty what is remembered of other stores."""
    secret._deployment_secret.cache_clear()
    secret.derived.cache_clear()
    access.forget()
    certificate.forget()


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empty tables, queues, bucket, secret and event bus, with the functions' environment."""
    for name, value in {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "POWERTOOLS_SERVICE_NAME": "test",
    }.items():
        monkeypatch.setenv(name, value)
    forget()
    with mock_aws():
        create_stores(monkeypatch)
        yield


def organizations() -> World:
    """Two organisations: A with sandboxes a and c, B with sandbox b."""
    first, second = access.create_organization("Organization A"), access.create_organization("Organization B")
    return World(
        access.create_sandbox(first, "sandbox a", phone_region="US"),
        access.create_sandbox(second, "sandbox b", phone_region="US"),
        access.create_sandbox(first, "sandbox c"),
    )


@pytest.fixture
def world(stores: None) -> World:
    """Two organisations, on empty stores."""
    return organizations()


def built_once[Built](build: Callable[[], Built]) -> Callable[[], Built]:
    """`build`, called once; each later call puts back the tables and objects as they stood after it, queues empty."""
    places = ("dynamodb", REGION), ("s3", "aws")
    kept: list[bytes] = []

    def built() -> Built:
        backends = [(get_backend(service)[DEFAULT_ACCOUNT_ID], part) for service, part in places]  # type: ignore[call-overload]
        if not kept:
            found = build()
            kept.append(pickle.dumps([found, *(backend[part] for backend, part in backends)]))
            return found
        found, *stored = pickle.loads(kept[0])
        for (backend, part), one in zip(backends, stored, strict=True):
            backend[part] = one
        return found

    return built
