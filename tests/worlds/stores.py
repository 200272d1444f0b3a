"""A whole deployment's stores in moto, with the environment of its functions."""

import pickle
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import pytest
from moto.backends import get_backend
from moto.cognitoidp.models import CognitoIdpUserPool, cognitoidp_backends
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from handfast.access import service as access
from handfast.edge import call_quota
from handfast.platform import aws, secret
from handfast.privacy_requests.protocols.opendsr import certificate
from tests.worlds import quick_moto, short_calls  # noqa: F401 - which moto is by being imported

REGION: Final = "eu-west-1"
TABLES = ("ACCESS", "CONNECTIONS", "GOVERNANCE", "SEGMENTS", "FEEDS", "ACTIVITY", "PRIVACY", "DESTINATIONS")
SECRETS = ("API", "IDENTITY", "NOISE", "PRIVACY", "RECEIPTS", "WEBHOOKS")
QUEUES = {
    "INGEST_QUEUE_URL": "ingest.fifo",
    "EXPORT_QUEUE_URL": "export.fifo",
    "WEBHOOKS_QUEUE_URL": "webhooks",
    "UPLOADS_QUEUE_URL": "uploads",
    "PRIVACY_QUEUE_URL": "privacy",
    "MESSAGES_QUEUE_URL": "messages",
    "DELIVERY_QUEUE_URL": "delivery",
}


def create_table(name: str) -> None:
    """Make a table as the template does, empty, by the name that its setting begins with."""
    aws.dynamodb().create_table(
        TableName=name.lower(),
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def create_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make all stores, empty, and set the functions' environment."""
    set_up(monkeypatch, make_stores())


def set_up(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> None:
    """Make queues, users and the topic of alerts, and set the functions' environment with the other stores' names.

    Calls are not counted: a period that ends within a test would be a write more.
    """
    monkeypatch.setattr(call_quota, "spend", lambda _: None)
    sqs = aws.sqs()
    for variable, name in QUEUES.items():
        attributes: dict[Any, str] = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        monkeypatch.setenv(variable, sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])
    pool = _user_pool()
    pool.users.clear()
    cognitoidp_backends[DEFAULT_ACCOUNT_ID][REGION].user_pools[pool.id] = pool
    monkeypatch.setenv("USER_POOL_ID", pool.id)
    monkeypatch.setenv("ALERT_TOPIC_ARN", aws.sns().create_topic(Name="alerts")["TopicArn"])
    for variable, value in settings.items():
        monkeypatch.setenv(variable, value)


@cache
def _user_pool() -> CognitoIdpUserPool:
    """A user pool, whose keys take moto a tenth of a second."""
    options = {"UsernameAttributes": ["email"]}
    return cognitoidp_backends[DEFAULT_ACCOUNT_ID][REGION].create_user_pool("users", options)


def make_stores() -> dict[str, str]:
    """Make all stores but those of `set_up`, empty; returns the functions' other settings."""
    for name in TABLES:
        create_table(name)
    aws.dynamodb().create_table(
        TableName="idempotency",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    aws.s3().create_bucket(Bucket="handfast-data", CreateBucketConfiguration={"LocationConstraint": REGION})
    secrets = aws.secretsmanager()
    aws.events().create_event_bus(Name="handfast")
    return {
        **{f"{name}_TABLE": name.lower() for name in (*TABLES, "IDEMPOTENCY")},
        "DATA_BUCKET": "handfast-data",
        **{
            f"{name}_SECRET_ARN": secrets.create_secret(Name=name.lower(), SecretString=f"a secret for {name}")["ARN"]
            for name in SECRETS
        },
        "OPENDSR_SECRET_ARN": secrets.create_secret(Name="opendsr", SecretString="{}")["ARN"],
        "EVENT_BUS_NAME": "handfast",
        "BUCKET_BITS": "6",
        "CONNECTOR_SECRETS": "handfast/test/connectors",
        "DESTINATION_SECRETS": "handfast/test/destinations",
        "SOURCE_SECRETS": "handfast/test/sources",
        "OUTBOUND_PRIVATE_NETWORKS": "refuse",
        "SHARED_TABLES_ROLE_ARN": "arn:aws:iam::123456789012:role/handfast-shared-tables",
        "MESSAGE_SENDER": "off",
        "PRIVACY_RECORD_MONTHS": "24",
    }


def forget() -> None:
    """Empty what is remembered of other stores."""
    secret.forget()
    access.forget()
    call_quota.forget()
    certificate.forget()


def built_once[Built](build: Callable[[], Built]) -> Callable[[], Built]:
    """`build`, called once; each later call puts back what stood in all stores after it."""
    places = ("dynamodb", REGION), ("s3", "aws"), ("secretsmanager", REGION), ("events", REGION)
    kept: list[bytes] = []

    def built() -> Built:
        backends = [(get_backend(service)[DEFAULT_ACCOUNT_ID], part) for service, part in places]  # type: ignore[call-overload]
        queues = sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues
        if not kept:
            found = build()
            waiting = {name: queue.messages for name, queue in queues.items()}  # queues hold locks
            kept.append(pickle.dumps([found, waiting, *(backend[part] for backend, part in backends)]))
            return found
        found, waiting, *stored = pickle.loads(kept[0])
        for name, messages in waiting.items():
            for message in messages:
                queues[name].add_message(message)
        for (backend, part), state in zip(backends, stored, strict=True):
            backend[part] = state
        return found

    return built
