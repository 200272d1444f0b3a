"""What becomes of a message whose work fails."""

import os
from queue import Queue
from typing import Any

import boto3
import pytest

from handfast.edge import batches
from handfast.platform import aws, queues
from tests.worlds.sandboxes import CONTEXT, World


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


@pytest.fixture
def asked(world: World, monkeypatch: pytest.MonkeyPatch) -> Queue[int]:
    """For how many seconds messages were hidden, one after the other."""
    found: Queue[int] = Queue()
    client = aws.sqs()
    change = client.change_message_visibility

    def recorded(**arguments: Any) -> None:
        change(**arguments)
        found.put(arguments["VisibilityTimeout"])

    monkeypatch.setattr(client, "change_message_visibility", recorded)
    return found


@pytest.mark.parametrize(("times", "seconds"), [("1", 10), ("4", 80)])
def test_a_failed_message_is_reported_and_comes_back_soon(asked: Queue[int], times: str, seconds: int) -> None:
    queues.send("WEBHOOKS_QUEUE_URL", [queues.Message({"n": 1})])
    record = _received(os.environ["WEBHOOKS_QUEUE_URL"], times)

    def fail(_: dict[str, Any]) -> None:
        raise RuntimeError("not now")

    answer = batches.handle_each({"Records": [record]}, CONTEXT, fail)
    assert answer == {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
    assert [asked.get_nowait() for _ in range(asked.qsize())] == [batches.HIDDEN, seconds]


def test_a_message_in_work_stays_hidden_and_comes_back_when_its_worker_is_killed(
    asked: Queue[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def work(_: dict[str, Any]) -> None:
        assert [asked.get(timeout=60) for _ in range(3)] == [batches.HIDDEN] * 3
        raise Killed

    monkeypatch.setattr(batches, "AGAIN", 0)
    queues.send("WEBHOOKS_QUEUE_URL", [queues.Message({"n": 1})])
    record = _received(os.environ["WEBHOOKS_QUEUE_URL"], "1")
    with pytest.raises(Killed):
        batches.handle_each({"Records": [record]}, CONTEXT, work)
    assert {asked.get_nowait() for _ in range(asked.qsize())} <= {batches.HIDDEN}
    assert batches.AGAIN < batches.HIDDEN


def test_a_body_that_is_not_json_does_not_take_good_ones_along(world: World) -> None:
    queues.send("WEBHOOKS_QUEUE_URL", [queues.Message({"n": 1})])
    good = _received(os.environ["WEBHOOKS_QUEUE_URL"], "1")
    poison = good | {"messageId": "poison", "body": "{"}
    done: list[dict[str, Any]] = []
    answer = batches.handle_each({"Records": [poison, good]}, CONTEXT, done.append)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "poison"}]}
    assert done == [{"n": 1}]
