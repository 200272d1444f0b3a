"""The short calls of the tests answer as moto does over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from handfast.platform import aws
from tests.worlds import short_calls

BUCKET = "handfast-data"
TABLE = {"TableName": "access"}
KEY = {"pk": {"S": "a"}, "sk": {"S": "1"}}
ITEM = KEY | {"n": {"N": "1"}, "list": {"L": [{"S": "x"}, {"NULL": True}]}, "set": {"SS": ["b", "a"]}, "m": {"M": {}}}
VALUES = {":v": {"N": "1"}}
ABSENT = {"ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
UPDATE = {"Key": KEY, "UpdateExpression": "SET n = :v", "ExpressionAttributeValues": VALUES}
QUERY = {"KeyConditionExpression": "pk = :v", "ExpressionAttributeValues": {":v": {"S": "a"}}}
OTHERWISE = {
    "ResponseMetadata",
    "ChecksumAlgorithm",
    "ChecksumCRC32",
    "ChecksumType",
    "ConsumedCapacity",
    "ConsumedCapacityUnits",
    "EncodingType",
    "ItemCollectionMetrics",
    "MessageId",
    "ReceiptHandle",
    "SequenceNumber",
}
"""What is new in each answer, or read by nobody."""


def plain(answer: Any) -> Any:
    """An answer without what is new each time."""
    if isinstance(answer, dict):
        return {name: plain(part) for name, part in answer.items() if name not in OTHERWISE}
    if isinstance(answer, list):
        return [plain(part) for part in answer]
    return answer.read() if hasattr(answer, "read") else answer


def answered(call: Callable[..., Any], parameters: dict[str, Any]) -> Any:
    """What a call answers, or its error."""
    try:
        return plain(call(**parameters))
    except ClientError as error:
        return plain(error.response)


def alike(call: Callable[..., Any], **parameters: Any) -> Any:
    """The answer of both ways."""
    short = answered(call, parameters)
    with short_calls.long_ways():
        assert short == answered(call, parameters)
    return short


def test_objects(stores: None) -> None:
    s3: Any = aws.s3()
    at = {"Bucket": BUCKET, "Key": "some/key of ü"}
    written = alike(s3.put_object, **at, Body=b"0123456789", Metadata={"form": "1", "Name": "x"})
    match = {"IfMatch": written["ETag"]}
    assert alike(s3.put_object, **at, Body=b"0123456789", Metadata={"form": "2"}, **match) == written
    assert alike(s3.put_object, **at, Body=b"", IfMatch='"other"')["Error"]["Code"] == "PreconditionFailed"
    assert alike(s3.put_object, **at, Body=b"", IfNoneMatch="*")["Error"]["Code"] == "PreconditionFailed"
    assert alike(s3.head_object, **at)["Metadata"] == {"form": "2"}
    assert alike(s3.get_object, **at)["Body"] == b"0123456789"
    for part in ("bytes=2-4", "bytes=-3", "bytes=0-0", "bytes=5-99", "bytes=4-", "bytes=-99", "bytes=20-30"):
        alike(s3.get_object, **at, Range=part, **match)
    assert alike(s3.get_object, **at, Range="bytes=0-1", IfMatch='"other"')["Error"]["Code"] == "PreconditionFailed"
    assert alike(s3.get_object, Bucket=BUCKET, Key="none")["Error"]["Code"] == "NoSuchKey"
    assert alike(s3.head_object, Bucket=BUCKET, Key="none")["Error"]["Code"] == "404"
    alike(s3.put_object, Bucket=BUCKET, Key="some/other", Body=b"")
    assert alike(s3.list_objects_v2, Bucket=BUCKET, Prefix="some/")["KeyCount"] == 2
    assert "Contents" not in alike(s3.list_objects_v2, Bucket=BUCKET, Prefix="none/")
    assert alike(s3.list_objects_v2, Bucket="none", Prefix="")["Error"]["Code"] == "NoSuchBucket"
    alike(s3.delete_objects, Bucket=BUCKET, Delete={"Objects": [{"Key": "some/other"}], "Quiet": True})
    assert alike(s3.list_objects_v2, Bucket=BUCKET)["KeyCount"] == 1


def test_items(stores: None) -> None:
    items: Any = aws.dynamodb()
    assert alike(items.get_item, **TABLE, Key=KEY) == {}
    alike(items.put_item, **TABLE, Item=ITEM)
    assert alike(items.put_item, **TABLE, Item=KEY, **ABSENT)["Item"]["n"] == {"N": "1"}
    assert alike(items.get_item, **TABLE, Key=KEY)["Item"] == ITEM
    assert alike(items.update_item, **TABLE, **UPDATE, ReturnValues="ALL_NEW")["Attributes"] == ITEM
    assert alike(items.update_item, **TABLE, **UPDATE, **ABSENT)["Item"] == ITEM
    alike(items.put_item, **TABLE, Item=KEY | {"sk": {"S": "2"}})
    assert alike(items.query, **TABLE, **QUERY)["Count"] == 2
    assert alike(items.query, **TABLE, **QUERY, Limit=1, ScanIndexForward=False)["LastEvaluatedKey"]
    keys = [KEY, KEY | {"sk": {"S": "none"}}]
    assert alike(items.batch_get_item, RequestItems={"access": {"Keys": keys}})["UnprocessedKeys"] == {}
    assert alike(items.get_item, TableName="none", Key=KEY)["Error"]["Code"] == "ResourceNotFoundException"
    alike(items.delete_item, **TABLE, Key=KEY)


def test_transactions(stores: None) -> None:
    items: Any = aws.dynamodb()
    alike(items.transact_write_items, TransactItems=[{"Put": TABLE | {"Item": ITEM}}])
    other, absent = KEY | {"sk": {"S": "2"}}, KEY | {"sk": {"S": "3"}}
    refused = [
        {"Put": TABLE | {"Item": other}},
        {"Update": TABLE | UPDATE | {"ExpressionAttributeValues": {":v": {"N": "9"}}}},
        {"Delete": TABLE | {"Key": absent}},
        {"ConditionCheck": TABLE | {"Key": KEY | {"sk": {"S": "4"}}, "ConditionExpression": "attribute_exists(pk)"}},
    ]
    reasons = alike(items.transact_write_items, TransactItems=refused)["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "None", "None", "ConditionalCheckFailed"]
    assert alike(items.query, **TABLE, **QUERY)["Items"] == [ITEM], "nothing is written"
    twice = [{"Put": TABLE | {"Item": other}}, {"Delete": TABLE | {"Key": other}}]
    assert "multiple operations" in alike(items.transact_write_items, TransactItems=twice)["Error"]["Message"]
    assert alike(items.query, **TABLE, **QUERY)["Count"] == 1
    alike(items.transact_write_items, TransactItems=[{"Update": TABLE | UPDATE}, {"Delete": TABLE | {"Key": other}}])


def test_messages(stores: None) -> None:
    sqs: Any = aws.sqs()
    url = alike(sqs.create_queue, QueueName="short")["QueueUrl"]
    assert alike(sqs.receive_message, QueueUrl=url) == {}
    sent = {"QueueUrl": url, "Entries": [{"Id": "1", "MessageBody": "{}"}]}
    assert alike(sqs.send_message_batch, **sent)["Failed"] == []
    assert alike(sqs.receive_message, QueueUrl=url)["Messages"][0]["Body"] == "{}"
    sqs.send_message_batch(**sent)
    (message,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    alike(sqs.delete_message, QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert alike(sqs.receive_message, QueueUrl=f"{url}-none")["Error"]["Code"].endswith("NonExistentQueue")


@pytest.mark.parametrize("call", ["delete_item", "get_item"])
def test_a_wrong_request_is_refused_before_any_way(stores: None, call: str) -> None:
    with pytest.raises(ParamValidationError):
        getattr(aws.dynamodb(), call)(**TABLE, Key={"pk": "a"})
