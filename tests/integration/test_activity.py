"""The log, the stream that follows from it, and notifications."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from functions.activity import app, stream
from handfast.activity import store
from handfast.journal import store as journal
from handfast.journal.models import Actor, Event
from handfast.platform import aws, table
from tests.worlds.log_changes import log_changes
from tests.worlds.sandboxes import CONTEXT, World
from tests.worlds.stores import REGION

EVENTS = Path(__file__).parents[2] / "events"
PARTNER = Actor.partner("Organization B")


def _commit(sandbox_id: str, event_type: str, actor: Actor = PARTNER, subject: str = "x_1", **detail: Any) -> None:
    journal.commit([], [Event(sandbox_id, event_type, actor, subject, detail)])


def _bus_queue() -> str:
    """A queue that gets all events of the deployment's bus."""
    sqs, events = boto3.client("sqs", region_name=REGION), boto3.client("events", region_name=REGION)
    url = sqs.create_queue(QueueName="seen")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="all", EventBusName="handfast", EventPattern='{"source":["handfast"]}')
    events.put_targets(Rule="all", EventBusName="handfast", Targets=[{"Id": "seen", "Arn": arn}])
    return url


def _seen(url: str) -> list[dict[str, Any]]:
    sqs = boto3.client("sqs", region_name=REGION)
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


def test_the_log_is_listed_newest_first_page_by_page(world: World) -> None:
    viewer = world.member(world.a, "viewer")
    for number in range(5):
        _commit(world.a.sandbox_id, "feed.published", subject=f"feed_{number}")
    first = viewer.call(app, "GET", "activity", query={"limit": "4"}).body
    rest = viewer.call(app, "GET", "activity", query={"limit": "4", "cursor": first["nextCursor"]}).body
    items = first["items"] + rest["items"]
    assert [item["sequence"] for item in items] == [6, 5, 4, 3, 2, 1]
    assert rest["nextCursor"] is None
    assert items[0].keys() == {"sequence", "type", "at", "actor", "subject", "detail", "previousHash", "hash"}
    assert items[0]["previousHash"] == items[1]["hash"]
    assert items[-1]["type"] == "grant.put"
    assert viewer.call(app, "GET", "activity/verify").body == {
        "verified": True,
        "records": 6,
        "head": items[0]["hash"],
        "brokenAt": None,
    }


def test_the_log_can_be_filtered_by_type_family_and_subject(world: World) -> None:
    viewer = world.member(world.a, "viewer")
    for event_type, subject in [("feed.published", "feed_1"), ("feed.changed", "feed_2"), ("feed.changed", "feed_1")]:
        _commit(world.a.sandbox_id, event_type, subject=subject)

    def found(**query: str) -> list[int]:
        return [item["sequence"] for item in viewer.call(app, "GET", "activity", query=query).body["items"]]

    assert found(type="feed.changed") == [4, 3]
    assert found(type="feed.*") == [4, 3, 2]
    assert found(type="*", subject="feed_1") == [4, 2]
    assert found(type="feed.changed", subject="feed_1") == [4]
    assert found(type="upload.failed") == []
    page = viewer.call(app, "GET", "activity", query={"type": "feed.*", "limit": "2"}).body
    same = {"type": "feed.*", "limit": "2", "cursor": page["nextCursor"]}
    assert [item["sequence"] for item in viewer.call(app, "GET", "activity", query=same).body["items"]] == [2]
    other = same | {"type": "connection.*"}
    assert viewer.call(app, "GET", "activity", query=other).status == 400


@pytest.mark.parametrize(
    ("query", "status", "pointer"),
    [
        ({"type": "Feed Published"}, 422, "/query/type"),
        ({"type": "feed*"}, 422, "/query/type"),
        ({"type": ""}, 422, "/query/type"),
        ({"type": "*.feed"}, 422, "/query/type"),
        ({"subject": "x" * 201}, 422, "/query/subject"),
        ({"limit": "0"}, 422, "/query/limit"),
        ({"limit": "201"}, 422, "/query/limit"),
        ({"limit": "many"}, 422, "/query/limit"),
        ({"cursor": "made-up"}, 400, "/cursor"),
    ],
)
def test_a_bad_filter_is_named(world: World, query: dict[str, str], status: int, pointer: str) -> None:
    answer = world.member(world.a, "viewer").call(app, "GET", "activity", query=query)
    assert answer.status == status, answer.body
    assert [error["pointer"] for error in answer.body["errors"]] == [pointer]


def test_verify_names_the_first_record_that_was_tampered_with(world: World) -> None:
    viewer = world.member(world.a, "viewer")
    _commit(world.a.sandbox_id, "feed.published")
    _commit(world.a.sandbox_id, "feed.unshared")
    boto3.client("dynamodb").update_item(
        TableName="activity",
        Key=table.serialised({"pk": f"LOG#{world.a.sandbox_id}", "sk": "SEQ#000000000002"}),
        UpdateExpression="SET subject = :s",
        ExpressionAttributeValues=table.serialised({":s": "feed_2"}),
    )
    answer = viewer.call(app, "GET", "activity/verify").body
    assert (answer["verified"], answer["records"], answer["brokenAt"]) == (False, 1, 2)


def test_an_empty_log_verifies(world: World) -> None:
    sandbox = world.c.sandbox_id
    member = world.member(world.c)
    boto3.client("dynamodb").delete_item(
        TableName="activity", Key=table.serialised({"pk": f"LOG#{sandbox}", "sk": "SEQ#000000000001"})
    )
    assert member.call(app, "GET", "activity/verify").body == {
        "verified": True,
        "records": 0,
        "head": None,
        "brokenAt": None,
    }


def test_the_other_sides_deeds_become_notifications_once(world: World) -> None:
    viewer, sandbox = world.member(world.a, "viewer"), world.a.sandbox_id
    _commit(sandbox, "connection.requested", subject="con_1")
    _commit(sandbox, "feed.published", Actor("principal", "p", "P"), "feed_1")
    _commit(sandbox, "feed.published", subject="feed_2", name="Spring")
    changes = log_changes(sandbox)
    for _ in range(2):
        assert stream.handler(changes, CONTEXT) == {"batchItemFailures": []}
    answer = viewer.call(app, "GET", "notifications").body
    assert answer["unread"] == 2
    assert answer["nextCursor"] is None
    assert [(item["title"], item["subject"], item["type"], item["read"]) for item in answer["items"]] == [
        ("Organization B shares the feed “Spring” with you", "feed_2", "feed.published", False),
        ("Organization B asks to connect", "con_1", "connection.requested", False),
    ]
    assert world.member(world.b).call(app, "GET", "notifications").body["items"] == []


def test_a_notification_is_read_for_all_people_of_the_sandbox(world: World) -> None:
    viewer, admin, sandbox = world.member(world.a, "viewer"), world.member(world.a), world.a.sandbox_id
    for _ in range(3):
        _commit(sandbox, "connection.requested")
    stream.handler(log_changes(sandbox), CONTEXT)
    newest = viewer.call(app, "GET", "notifications", query={"limit": "1"}).body
    assert newest["unread"] == 3
    path = f"notifications/{newest['items'][0]['notificationId']}/read"
    for _ in range(2):
        answer = viewer.call(app, "POST", path)
        assert (answer.status, answer.body) == (200, newest["items"][0] | {"read": True})
    stream.handler(log_changes(sandbox), CONTEXT)
    listed = admin.call(app, "GET", "notifications", query={"limit": "2"}).body
    assert listed["unread"] == 2
    assert [item["read"] for item in listed["items"]] == [True, False]
    rest = admin.call(app, "GET", "notifications", query={"limit": "2", "cursor": listed["nextCursor"]}).body
    assert [item["read"] for item in rest["items"]] == [False]


def test_a_notification_of_another_sandbox_is_unknown(world: World) -> None:
    _commit(world.a.sandbox_id, "connection.requested")
    stream.handler(log_changes(world.a.sandbox_id), CONTEXT)
    for member in (world.member(world.b), world.member(world.c)):
        assert member.call(app, "POST", "notifications/ntf_000000000001/read").status == 404
    missing = world.member(world.a).call(app, "POST", "notifications/UNREAD/read")
    assert missing.status == 404
    assert world.member(world.a).call(app, "GET", "notifications").body["unread"] == 1


def test_every_record_goes_to_the_event_bus(world: World) -> None:
    url = _bus_queue()
    sandbox = world.b.sandbox_id
    _commit(sandbox, "feed.published", subject="feed_1", name="Spring")
    stream.handler(log_changes(sandbox), CONTEXT)
    seen = _seen(url)
    record = next(journal.log(sandbox))
    assert [(event["source"], event["detail-type"]) for event in seen] == [("handfast", "feed.published")]
    assert seen[0]["detail"] == {
        "specversion": "1.0",
        "id": f"{sandbox}-1",
        "source": "handfast",
        "type": "feed.published",
        "time": record["at"],
        "subject": "feed_1",
        "sandboxid": sandbox,
        "data": {
            "sandboxId": sandbox,
            "sequence": 1,
            "actor": {"kind": "partner", "id": None, "name": "Organization B"},
            "subject": "feed_1",
            "detail": {"name": "Spring"},
            "hash": record["hash"],
        },
    }


def test_an_event_the_bus_does_not_take_comes_back_with_all_after_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = world.b.sandbox_id
    for subject in ("one", "two", "three"):
        _commit(sandbox, "feed.published", subject=subject)
    changes = log_changes(sandbox)
    taken: dict[str, Any] = {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}
    refused = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "later"}]}
    with Stubber(aws.events()) as bus:
        bus.add_response("put_events", taken)
        bus.add_response("put_events", refused)
        answer = stream.handler(changes, CONTEXT)
        bus.assert_no_pending_responses()
    number = changes["Records"][1]["dynamodb"]["SequenceNumber"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": number}]}
    assert stream.handler({"Records": changes["Records"][1:]}, CONTEXT) == {"batchItemFailures": []}
    assert world.member(world.b).call(app, "GET", "notifications").body["unread"] == 3


def test_records_in_the_dead_letters_are_published_again_from_the_stream(world: World) -> None:
    streamed: Any = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    made = aws.dynamodb().update_table(TableName="activity", StreamSpecification=streamed)["TableDescription"]
    member, url = world.member(world.b), _bus_queue()
    for subject in ("one", "two", "three"):
        _commit(world.b.sandbox_id, "feed.published", subject=subject)
    streams, place = boto3.client("dynamodbstreams"), {"StreamArn": made["LatestStreamArn"]}
    (shard,) = streams.describe_stream(**place)["StreamDescription"]["Shards"]
    place["ShardId"] = shard["ShardId"]
    first = streams.get_shard_iterator(**place, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    second = [
        each["dynamodb"]["SequenceNumber"]
        for each in streams.get_records(ShardIterator=first)["Records"]
        if each["dynamodb"]["NewImage"].get("subject") == {"S": "two"}
    ]
    at = {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": second[0]}
    iterator = streams.get_shard_iterator(**place, **at)["ShardIterator"]
    records = json.loads(json.dumps(streams.get_records(ShardIterator=iterator)["Records"], default=str))
    for _ in range(2):
        assert stream.handler({"Records": records}, CONTEXT) == {"batchItemFailures": []}
    assert {event["detail"]["data"]["subject"] for event in _seen(url)} == {"two", "three"}
    assert member.call(app, "GET", "notifications").body["unread"] == 2


def test_the_sample_stream_event_makes_one_notification(world: World) -> None:
    url = _bus_queue()
    sample = json.loads((EVENTS / "activity_stream.json").read_text())
    assert stream.handler(sample, CONTEXT) == {"batchItemFailures": []}
    assert [event["detail"]["type"] for event in _seen(url)] == ["connection.requested"]
    found, _ = store.notifications_page("sbx_01K0000000000000000000000A", 10, None)
    assert [notification.title for notification in found] == ["Organization B asks to connect"]


def test_the_sample_api_event_is_answered(world: World) -> None:
    sample = json.loads((EVENTS / "activity.json").read_text())
    member = world.member(world.a)
    path = f"/sandboxes/{world.a.sandbox_id}/activity"
    sample["path"], sample["pathParameters"] = path, {"sandbox": world.a.sandbox_id}
    sample["requestContext"]["authorizer"]["claims"]["sub"] = member.principal_id
    _commit(world.a.sandbox_id, "connection.requested")
    answer = app.handler(sample, CONTEXT)
    assert answer["statusCode"] == 200
    assert [item["type"] for item in json.loads(answer["body"])["items"]] == ["connection.requested"]
