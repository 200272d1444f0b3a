"""AWS clients, made once per process, with short timeouts and standard retries."""

import json
import os
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

CONFIG = Config(
    connect_timeout=2,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=32,
)
"""How every client calls."""


@cache
def dynamodb() -> "DynamoDBClient":
    """The DynamoDB client."""
    client = boto3.client("dynamodb", config=CONFIG)
    client.meta.events.register("before-parse.dynamodb", _read_plainly)
    return client


def _read_plainly(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    """Take an answer's JSON as it is: botocore tries ten types for each value, nearly half of a full page's cost.

    Only bytes would differ, which no table holds.
    """
    if response_dict["status_code"] < HTTPStatus.MULTIPLE_CHOICES:
        customized_response_dict |= json.loads(response_dict["body"])
        response_dict["body"] = b"{}"


@cache
def s3() -> "S3Client":
    """The S3 client: virtual hosts, so that presigned links name the region; by path on a custom endpoint."""
    return boto3.client("s3", config=CONFIG.merge(s3_style()))


def s3_style() -> Config:
    """How S3's clients address buckets and sign."""
    custom = os.environ.get("AWS_ENDPOINT_URL")
    return Config(signature_version="s3v4", s3={"addressing_style": "path" if custom else "virtual"})


@cache
def sqs() -> "SQSClient":
    """The SQS client."""
    return boto3.client("sqs", config=CONFIG)


@cache
def events() -> "EventBridgeClient":
    """The EventBridge client."""
    return boto3.client("events", config=CONFIG)


@cache
def secretsmanager() -> "SecretsManagerClient":
    """The Secrets Manager client."""
    return boto3.client("secretsmanager", config=CONFIG)


@cache
def cognito() -> "CognitoIdentityProviderClient":
    """The client of Cognito's user pools."""
    return boto3.client("cognito-idp", config=CONFIG)


@cache
def ses() -> "SESV2Client":
    """The client of Amazon SES."""
    return boto3.client("sesv2", config=CONFIG)


@cache
def sns() -> "SNSClient":
    """The SNS client."""
    return boto3.client("sns", config=CONFIG)


@cache
def sts() -> "STSClient":
    """The client of the Security Token Service, by the Region's own endpoint."""
    return boto3.client("sts", config=CONFIG)
