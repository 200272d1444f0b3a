"""A role in an account of somebody else's, which moto would give to anybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from handfast.platform import aws

ARN = "arn:aws:iam::123456789012:role/handfast-destination-audiences"
"""The role's name: in the account that moto acts as, so that what it makes is found there."""


@dataclass
class Trust:
    """What the role's trust policy asks for: this external id, or None, any."""

    external_id: str | None


@contextmanager
def trusting(external_id: str) -> Iterator[Trust]:
    """Roles are given as the trust says."""
    trust = Trust(external_id)

    def decide(params: dict[str, Any], **_: Any) -> Any:
        if trust.external_id in (None, params["body"]["ExternalId"]):
            return None
        refused = {"Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
        return AWSResponse("", 403, HTTPHeaders(), None), refused

    emitter = aws.sts().meta.events
    emitter.register("before-call.sts.AssumeRole", decide)
    try:
        yield trust
    finally:
        emitter.unregister("before-call.sts.AssumeRole", decide)
