"""Organisations with their sandboxes, and callers of the API functions."""

import json
import os
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

from handfast.access import service as access
from handfast.journal.models import Sandbox
from handfast.platform import aws

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
        full = path if path.startswith("/") else f"/sandboxes/{self.sandbox.sandbox_id}/{path}".rstrip("/")
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
        "stageVariables": {"apiUrl": "https://api.example.com"},
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
        sqs, url = aws.sqs(), os.environ[queue_setting]
        taken: list[dict[str, Any]] = []
        while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in batch:
                taken.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return taken


def organizations() -> World:
    """Two organisations: A with sandboxes a and c, B with sandbox b. Files of a and b may have any bad rows.

    Any overlap is shared, however small.
    """
    few: dict[str, Any] = {"phone_region": "US", "reject_guard": 1, "overlap_threshold": 0}
    first, second = access.create_organization("Organization A"), access.create_organization("Organization B")
    return World(
        access.create_sandbox(first, "sandbox a", **few),
        access.create_sandbox(second, "sandbox b", **few),
        access.create_sandbox(first, "sandbox c", overlap_threshold=0),
    )


class LiveWorld(World):
    """On the local stack, whose functions take the messages."""

    def messages(self, queue_setting: str) -> list[dict[str, Any]]:  # noqa: ARG002
        """None are left."""
        return []
