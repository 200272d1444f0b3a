"""What becomes of a message whose work fails."""

import os
from typing import Any

import boto3
import pytest

from handfast.platform import aws, batches, queues
from tests.integration.conftest import CONTEXT, World


def _received(url: str, times: str) -> dict[str, Any]:
    (message,) = boto3.client("sqs").receive_message(QueueUrl=url, VisibilityTimeout=5400)["Messages"]
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {"ApproximateReceiveCount": times},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:webhooks",
    }


@pytest.mark.parametrize(("times", "seconds"), [("1", 10), ("4", 80)])
def test_a_failed_message_is_reported_and_comes_back_soon(
    world: World, monkeypatch: pytest.MonkeyPatch, times: str, seconds: int
) -> None:
    url = os.environ["WEBHOOKS_QUEUE_URL"]
    queues.send("WEBHOOKS_QUEUE_URL", [queues.Message({"n": 1})])
    record = _received(url, times)
    asked: list[int] = []
    client = aws.sqs()
    change = client.change_message_visibility

    def recorded(**arguments: Any) -> None:
        asked.append(arguments["VisibilityTimeout"])
        change(**arguments)

    monkeypatch.setattr(client, "change_message_visibility", recorded)

    def fail(_: dict[str, Any]) -> None:
        raise RuntimeError("not now")

    answer = batches.handle_each({"Records": [record]}, CONTEXT, fail)
    assert answer == {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
    assert asked == [seconds]


def test_a_body_that_is_not_json_does_not_take_good_ones_along(world: World) -> None:
    queues.send("WEBHOOKS_QUEUE_URL", [queues.Message({"n": 1})])
    good = _received(os.environ["WEBHOOKS_QUEUE_URL"], "1")
    poison = good | {"messageId": "poison", "body": "{"}
    done: list[dict[str, Any]] = []
    answer = batches.handle_each({"Records": [poison, good]}, CONTEXT, done.append)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "poison"}]}
    assert done == [{"n": 1}]
