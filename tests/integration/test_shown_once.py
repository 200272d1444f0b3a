"""What an answer shows only once is kept for the repeat of its call in no readable form."""

import json
from types import ModuleType
from typing import Any

import boto3
import pytest

from functions.access import app as access
from functions.activity import app as activity
from functions.privacy_requests import app as privacy
from tests.worlds.sandboxes import World

SHOWN_ONCE = {"activationUrl", "secret", "verificationCode"}
_REQUEST = {
    "type": "erasure",
    "regulation": "gdpr",
    "subject": {"identities": [{"namespace": "email", "value": "ann@example.com"}]},
}


@pytest.mark.parametrize(
    ("function", "path", "body"),
    [
        (access, "recipient-tokens", {"name": "Warehouse"}),
        (activity, "webhooks", {"url": "https://example.com/hook"}),
        (privacy, "privacy-requests", _REQUEST),
        (privacy, "privacy-requests/bulk", {"items": [_REQUEST, _REQUEST]}),
    ],
)
def test_a_repeat_gets_the_same_secret_which_is_stored_in_no_readable_form(
    world: World, function: ModuleType, path: str, body: Any
) -> None:
    member, sent = world.member(world.a), {"Idempotency-Key": "one"}
    first, again = (member.call(function, "POST", path, body, headers=sent) for _ in range(2))
    assert (first.status, first.body) == (again.status, again.body)
    shown = [value for name, value in _leaves(first.body) if name in SHOWN_ONCE]
    assert shown
    assert all(shown)
    kept = json.dumps(boto3.client("dynamodb").scan(TableName="idempotency")["Items"])
    assert not any(value in kept for value in (*shown, "ann@example.com"))


def _leaves(body: Any, name: str = "") -> Any:
    if isinstance(body, dict):
        for key, value in body.items():
            yield from _leaves(value, key)
    elif isinstance(body, list):
        for value in body:
            yield from _leaves(value, name)
    else:
        yield name, body
