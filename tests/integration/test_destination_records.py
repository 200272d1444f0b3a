"""Buses, queues and streams in another account: a record for each identity, and what came of each."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from functions.delivery import app as delivery
from functions.destinations import app as destinations
from functions.segment_export import app as export
from handfast.destinations import registry
from handfast.destinations.contract import Account, Answer, Pair, Segment
from handfast.destinations.records import RecordSender
from handfast.platform import assumed
from tests.worlds.endpoints import with_readers
from tests.worlds.roles import ARN, Trust, trusting
from tests.worlds.stores import REGION
from tests.worlds.uploads import handled

AT = "2026-03-02T09:30:00.000Z"
READERS = Segment("seg_1", "Readers", "readers", AT, AT, AT, AT)
DESTINATION = "dst_01K5Z8Q4T3N7W2X9B6C1D0E5FG"
PLACE = f"{REGION}:123456789012"
ARNS = {
    "eventbridge": {"busArn": f"arn:aws:events:{PLACE}:event-bus/audiences"},
    "sqs": {"queueArn": f"arn:aws:sqs:{PLACE}:audiences"},
    "kinesis": {"streamArn": f"arn:aws:kinesis:{PLACE}:stream/audiences"},
}


def pair(number: int, segment: str = "seg_1", **more: Any) -> Pair:
    return Pair("customer", f"crm-{number}", segment, "realized", AT, **more)


def account(kind: str, role: str = ARN, **settings: Any) -> Account[Any, Any]:
    found = registry.destination_type(kind)
    given = found.settings_schema.model_validate(ARNS[kind] | settings)
    signed_in = found.authentication_schema.model_validate({"roleArn": role})
    return Account(None, given, signed_in, {"seg_1": READERS}, DESTINATION)


def sent(to: Account[Any, Any], kind: str, *pairs: Pair, batch: str = "bat_1") -> Answer:
    with registry.destination_type(kind).open(to) as sender:
        return sender.send(pairs, batch)


@pytest.fixture(autouse=True)
def trust(stores: None) -> Iterator[Trust]:
    with trusting(DESTINATION) as trust:
        yield trust


@pytest.fixture
def targets() -> Callable[[str], list[dict[str, Any]]]:
    """The bus, the queue and the stream, and what each of them has got so far."""
    sqs, kinesis, events = boto3.client("sqs"), boto3.client("kinesis"), boto3.client("events")
    url = sqs.create_queue(QueueName="audiences")["QueueUrl"]
    behind = sqs.create_queue(QueueName="behind-the-bus")["QueueUrl"]
    kinesis.create_stream(StreamName="audiences", ShardCount=1)
    events.create_event_bus(Name="audiences")
    events.put_rule(Name="all", EventBusName="audiences", EventPattern=json.dumps({"source": ["handfast"]}))
    events.put_targets(
        Rule="all", EventBusName="audiences", Targets=[{"Id": "1", "Arn": f"arn:aws:sqs:{PLACE}:behind-the-bus"}]
    )

    def messages(queue: str) -> list[dict[str, Any]]:
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    def got(kind: str) -> list[dict[str, Any]]:
        if kind == "sqs":
            return messages(url)
        if kind == "eventbridge":
            return [event["detail"] for event in messages(behind)]
        shard = kinesis.list_shards(StreamName="audiences")["Shards"][0]["ShardId"]
        iterator = kinesis.get_shard_iterator(StreamName="audiences", ShardId=shard, ShardIteratorType="TRIM_HORIZON")[
            "ShardIterator"
        ]
        return [json.loads(record["Data"]) for record in kinesis.get_records(ShardIterator=iterator)["Records"]]

    return got


@pytest.mark.parametrize("kind", ARNS)
def test_an_identity_is_a_record_with_all_its_segments(
    kind: str, targets: Callable[[str], list[dict[str, Any]]]
) -> None:
    pairs = [pair(1, attributes={"person.tier": "gold"}), pair(2), pair(1, "seg_2")]
    assert sent(account(kind), kind, *pairs) == Answer(status=200)
    membership = {"lastQualificationTime": AT, "status": "realized"}
    assert targets(kind) == [
        {
            "person": {"tier": "gold"},
            "segmentMembership": {"ups": {"readers": membership, "seg_2": membership}},
            "identityMap": {"customer": [{"id": "crm-1"}]},
        },
        {"segmentMembership": {"ups": {"readers": membership}}, "identityMap": {"customer": [{"id": "crm-2"}]}},
    ]


def test_a_record_is_ascii_and_says_what_it_said(targets: Callable[[str], list[dict[str, Any]]]) -> None:
    odd = "Zo\u00eb \uffff\U0001f600"
    assert sent(account("sqs"), "sqs", pair(1, attributes={"name": odd})) == Answer(status=200)
    (found,) = targets("sqs")
    assert found["name"] == odd


def test_a_fifo_queue_has_a_group_for_each_identity_and_drops_what_is_repeated() -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="audiences.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    to = account("sqs", queueArn=f"arn:aws:sqs:{PLACE}:audiences.fifo")
    for batch in ("bat_1", "bat_2"):  # a try that was in doubt, within another batch
        assert sent(to, "sqs", pair(1), pair(2), batch=batch).taken
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
    groups = [message["Attributes"]["MessageGroupId"] for message in found]
    assert len(groups) == len(set(groups)) == 2
    assert "crm-1" not in str(groups)


def test_the_partition_key_keeps_an_identity_on_one_shard(monkeypatch: pytest.MonkeyPatch) -> None:
    boto3.client("kinesis").create_stream(StreamName="audiences", ShardCount=1)
    keys = []
    real = registry.destination_type("kinesis")

    def noted(client: Any, settings: Any, records: Any) -> Any:
        keys.append([record.identity for record in records])
        return {}

    monkeypatch.setattr(real, "put", noted)
    sent(account("kinesis"), "kinesis", pair(1), pair(2))
    sent(account("kinesis"), "kinesis", pair(2)._replace(change="exited"))
    assert keys[0][1] == keys[1][0] != keys[0][0]
    assert all(len(key) == 64 for call in keys for key in call)


# What came of each


ENTRIES: dict[str, tuple[str, dict[str, Any]]] = {
    "eventbridge": (
        "events.PutEvents",
        {
            "FailedEntryCount": 2,
            "Entries": [
                {"EventId": "1"},
                {"ErrorCode": "ThrottlingException", "ErrorMessage": "crm-2"},
                {"ErrorCode": "MalformedDetail", "ErrorMessage": "crm-3"},
            ],
        },
    ),
    "sqs": (
        "sqs.SendMessageBatch",
        {
            "Successful": [{"Id": "0"}],
            "Failed": [
                {"Id": "1", "SenderFault": False, "Code": "InternalError", "Message": "crm-2"},
                {"Id": "2", "SenderFault": True, "Code": "MalformedDetail", "Message": "crm-3"},
            ],
        },
    ),
    "kinesis": (
        "kinesis.PutRecords",
        {
            "FailedRecordCount": 2,
            "Records": [
                {"SequenceNumber": "1", "ShardId": "1"},
                {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "crm-2"},
                {"ErrorCode": "MalformedDetail", "ErrorMessage": "crm-3"},
            ],
        },
    ),
}
"""The call, and an answer by which its second record may be taken later and its third is refused."""


def answering(monkeypatch: pytest.MonkeyPatch, call: str, *answers: dict[str, Any]) -> list[dict[str, Any]]:
    """Have the call answered in turn by these; what was asked is in the list."""
    asked: list[dict[str, Any]] = []
    real = assumed.Role.client

    def client(role: assumed.Role, service: Any, region: str) -> Any:
        made = real(role, service, region)

        def answer(params: dict[str, Any], **_: Any) -> Any:
            asked.append(params)
            found = answers[min(len(asked), len(answers)) - 1]
            status = found.get("ResponseMetadata", {}).get("HTTPStatusCode", 200)
            return type("Http", (), {"status_code": status})(), found

        made.meta.events.register(f"before-call.{call}", answer)
        return made

    monkeypatch.setattr(assumed.Role, "client", client)
    return asked


def error(code: str, status: int) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": "crm-1"}, "ResponseMetadata": {"HTTPStatusCode": status}}


@pytest.mark.parametrize("kind", ARNS)
def test_of_a_call_taken_in_part_the_rest_is_told_by_position(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    call, said = ENTRIES[kind]
    answering(monkeypatch, call, said)
    answer = sent(account(kind), kind, pair(1), pair(2), pair(3), pair(2, "seg_2"))
    assert answer.taken
    assert answer.again == {1, 3}
    assert answer.refused == {2: "MalformedDetail"}
    assert "crm" not in answer.detail


@pytest.mark.parametrize("kind", ARNS)
@pytest.mark.parametrize(
    ("code", "status", "told"),
    [
        ("AccessDeniedException", 400, 403),
        ("ResourceNotFoundException", 400, 404),
        ("AWS.SimpleQueueService.NonExistentQueue", 400, 404),
        ("ThrottlingException", 400, 429),
        ("ProvisionedThroughputExceededException", 400, 429),
        ("KMSAccessDeniedException", 400, 403),
        ("InternalFailure", 500, 500),
        ("ValidationException", 400, 400),
    ],
)
def test_a_call_that_fails_as_a_whole_is_a_status(
    kind: str, code: str, status: int, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, ENTRIES[kind][0], error(code, status))
    answer = sent(account(kind), kind, pair(1))
    assert (answer.status, answer.taken) == (told, False)
    assert code in answer.detail
    assert "crm" not in answer.detail


def test_a_stream_that_takes_none_asks_for_time(monkeypatch: pytest.MonkeyPatch) -> None:
    throttled = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow"}
    answering(monkeypatch, "kinesis.PutRecords", {"FailedRecordCount": 2, "Records": [throttled, throttled]})
    assert sent(account("kinesis"), "kinesis", pair(1), pair(2)).status == 429


def test_what_is_too_large_is_refused_and_a_call_has_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}
    asked = answering(monkeypatch, "events.PutEvents", said, error("InternalFailure", 500))
    half, whole = {"note": "x" * 200_000}, {"note": "x" * 260_000}
    answer = sent(
        account("eventbridge"), "eventbridge", *(pair(n, attributes=half) for n in (1, 2)), pair(3, attributes=whole)
    )
    assert answer.refused == {2: "too_large"}
    assert answer.again == {1}
    assert len(asked) == 2


# The role


def test_a_role_that_is_not_given_is_an_answer_and_a_failed_check(targets: object, trust: Trust) -> None:
    trust.external_id = "dst_another"
    answer = sent(account("sqs"), "sqs", pair(1))
    assert (answer.status, "AssumeRole" in answer.detail) == (403, True)
    checks = registry.destination_type("sqs").test(account("sqs")).checks
    assert [(check.name, check.ok) for check in checks] == [("role", False), ("record", False)]
    assert DESTINATION in checks[0].detail


def test_a_role_that_anybody_may_have_is_a_failed_check(targets: object, trust: Trust) -> None:
    trust.external_id = None
    checks = registry.destination_type("sqs").test(account("sqs")).checks
    assert [(check.name, check.ok) for check in checks] == [("role", True), ("externalId", False), ("record", False)]


@pytest.mark.parametrize("kind", ARNS)
def test_a_test_sends_a_record_with_nobody_in_it(kind: str, targets: Callable[[str], list[dict[str, Any]]]) -> None:
    result = registry.destination_type(kind).test(account(kind))
    assert [(check.name, check.ok) for check in result.checks] == [
        ("role", True),
        ("externalId", True),
        ("record", True),
    ]
    assert targets(kind) == [{"segmentMembership": {"ups": {}}, "identityMap": {}}]


@pytest.mark.parametrize("kind", ARNS)
def test_a_target_that_is_not_there_fails_the_test(kind: str) -> None:
    result = registry.destination_type(kind).test(account(kind))
    assert [check.ok for check in result.checks] == [True, True, False]


def test_a_role_is_assumed_once_for_all_that_is_sent(targets: object, trust: Trust) -> None:
    with registry.destination_type("sqs").open(account("sqs")) as sender:
        assert isinstance(sender, RecordSender)
        assert sender.send([pair(1)], "bat_1").taken
        trust.external_id = "dst_another"
        assert sender.send([pair(2)], "bat_2").taken


# From a segment to a queue


def test_what_a_queue_refuses_is_a_dead_letter_and_the_rest_arrives_in_order(
    trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="audiences.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    world, member, readers = with_readers()

    def call(method: str, path: str, body: Any = None) -> Any:
        return member.call(destinations, method, path, body)

    def work() -> None:
        for message in world.messages("EXPORT_QUEUE_URL"):
            assert handled(export.handler, message)
        for message in world.messages("DELIVERY_QUEUE_URL"):
            assert handled(delivery.handler, message)

    settings = {"queueArn": f"arn:aws:sqs:{PLACE}:audiences.fifo"}
    body = {"type": "sqs", "name": "Queue", "settings": settings, "authentication": {"roleArn": ARN}}
    trust.external_id = destination = call("POST", "destinations", body).body["destinationId"]
    mapping = [{"source": "email", "target": "email_lc_sha256"}]
    activation = {"segments": [{"segmentId": readers}], "mapping": mapping}
    made = call("POST", f"destinations/{destination}/activations", activation).body

    with monkeypatch.context() as patch:
        why = {"SenderFault": True, "Code": "InvalidMessageContents"}
        refused = [{"Id": number, **why} for number in ("0", "1")]
        answering(patch, "sqs.SendMessageBatch", {"Successful": [], "Failed": refused})
        work()
    letters = call("GET", f"destinations/{destination}/dead-letters").body["items"]
    assert letters
    assert {letter["reason"] for letter in letters} == {"InvalidMessageContents"}
    assert call("POST", f"destinations/{destination}/dead-letters/replay", {"all": True}).body["left"] == 0
    work()
    assert call("DELETE", f"destinations/{destination}/activations/{made['activationId']}").status == 200
    work()

    told: dict[str, list[str]] = {}
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages"):
        for message in found:
            (membership,) = json.loads(message["Body"])["segmentMembership"]["ups"].values()
            told.setdefault(message["Attributes"]["MessageGroupId"], []).append(membership["status"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert sum(letter["identities"] for letter in letters) == len(told)
    assert set(map(tuple, told.values())) == {("realized", "exited")}
