"""Repeating a POST: done once, and the same answer, however large it is."""

import json
import random
import string
from typing import Any

import boto3
import pytest

from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker
from handfast.edge.idempotency import idempotent
from tests.worlds.sandboxes import CONTEXT, World
from tests.worlds.uploads import handled

ITEM_BYTES = 400_000
LARGEST_ANSWER = 6_000_000
"""What Lambda gives back at most."""


def stored() -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = boto3.client("dynamodb").scan(TableName="idempotency")["Items"]
    return items


@pytest.mark.parametrize("size", [1, 200_000, 300_000, 450_000, LARGEST_ANSWER - 1000])
def test_an_answer_of_any_size_is_made_once_and_given_again(world: World, size: int) -> None:
    body = "".join(random.Random(size).choices(string.printable, k=size))
    made = []

    def run() -> dict[str, Any]:
        made.append(size)
        return {"status": 200, "body": body}

    call = idempotent()
    answers = [call(request={"key": "k", "payload": ["{}"]}, run=run, context=CONTEXT) for _ in range(3)]
    assert made == [size]
    assert all(answer == {"status": 200, "body": body} for answer in answers)
    assert all(len(json.dumps(item)) <= ITEM_BYTES and "expiration" in item for item in stored())


def test_many_refused_privacy_requests_are_answered_and_the_good_one_is_made_once(world: World) -> None:
    officer = world.member(world.a)
    identity = {"namespace": "email", "value": "ann@example.com"}
    good = {"type": "erasure", "regulation": "gdpr", "subject": {"identities": [identity]}, "verified": True}
    bulk = {"items": [good, *[good | {"regulation": "none"}] * 999]}
    sent = {"Idempotency-Key": "bulk"}
    first, again = (officer.call(privacy, "POST", "privacy-requests/bulk", bulk, headers=sent) for _ in range(2))
    assert (first.status, again.status) == (202, 202)
    assert len(json.dumps(first.body)) > ITEM_BYTES
    assert again.body == first.body
    (message,) = world.messages("PRIVACY_QUEUE_URL")
    assert handled(worker.handler, message)
    assert len(officer.call(privacy, "GET", "privacy-requests").body["items"]) == 1
    assert "ann@example.com" not in json.dumps(stored())
