"""A whole deployment's stores in moto, and callers for the API functions."""

import json
import os
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws  # before any client is made

from handfast.ingest import splits, splitting
from handfast.ingest.models import Upload
from handfast.platform.objects import ObjectVersion
from handfast_cli import asking
from tests.worlds.receiver import Receiver, receiving
from tests.worlds.sandboxes import Member, World, organizations
from tests.worlds.stores import REGION, SECRETS, TABLES, built_once, forget, make_stores, set_up

_made_stores = built_once(make_stores)
_organizations = built_once(organizations)


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
        set_up(monkeypatch, _made_stores())
        yield


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Receiver]:
    """An endpoint that is listening, for all tests of a module."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def world(stores: None) -> World:
    """Two organisations, on empty stores; a module with other tables than moto's makes its own."""
    return _organizations()


@pytest.fixture
def a(world: World) -> Member:
    """An administrator of the first organisation's sandbox."""
    return world.member(world.a)


@pytest.fixture
def b(world: World) -> Member:
    """An administrator of the second organisation's sandbox."""
    return world.member(world.b)


@pytest.fixture
def stack(stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CloudFormation stack whose outputs name the stores, and somebody at the terminal."""
    monkeypatch.setattr(asking, "at_terminal", lambda: True)
    outputs = {f"{name.title()}TableName": f"{name}_TABLE" for name in TABLES}
    outputs |= {f"{name.title()}SecretArn": f"{name}_SECRET_ARN" for name in SECRETS}
    outputs |= {"DataBucketName": "DATA_BUCKET", "OpenDsrCertificateSecretArn": "OPENDSR_SECRET_ARN"}
    outputs |= {"AlertTopicArn": "ALERT_TOPIC_ARN"}
    outputs |= {"BucketBits": "BUCKET_BITS", "IngestQueueUrl": "INGEST_QUEUE_URL", "ExportQueueUrl": "EXPORT_QUEUE_URL"}
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {output: {"Value": os.environ[name]} for output, name in outputs.items()}
        | {name: {"Value": "none"} for name in ("UserPoolId", "PeopleClientId")},
    }
    boto3.client("cloudformation").create_stack(StackName="handfast-prod", TemplateBody=json.dumps(template))
    for name in outputs.values():
        monkeypatch.setenv(name, os.environ[name])
    for name in ("USER_POOL_ID", "PEOPLE_CLIENT_ID", "CONNECTOR_SECRETS"):
        monkeypatch.setenv(name, "none")


@pytest.fixture(params=["whole", "shared"])
def shared_out(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether many workers share each file of a test, in some four splits of a row or more; it runs either way."""
    if request.param == "shared":
        is_large = splitting.is_large

        def of_four(upload: Upload, file: ObjectVersion) -> bool:
            monkeypatch.setattr(splits, "SPLIT_BYTES", max(24, file.size // 4))
            return is_large(upload, file)

        monkeypatch.setattr(splitting, "is_large", of_four)
    return bool(request.param == "shared")
