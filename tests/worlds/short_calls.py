"""Takes frequent calls of AWS's clients to moto's stores without HTTP, in a third of the time, by being imported.

Clients check and write their requests as always, and all their events come. Only signing and sending one, reading it
in moto, and writing and parsing XML or JSON are left out. What moto refuses, and what a short call does not know, is
asked the long way, from which all errors come; tests/integration/test_short_calls.py compares the answers.
"""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.response import StreamingBody
from botocore.utils import parse_timestamp
from moto.core.models import DEFAULT_ACCOUNT_ID, botocore_stubber
from moto.dynamodb.responses import DynamoHandler
from moto.s3.models import S3Backend, s3_backends
from moto.sqs.responses import SQSResponse

type Parameters = Mapping[str, Any]


class LongWay(Exception):  # noqa: N818 - no error
    """The call is not for a short way."""


def _only(parameters: Parameters, *names: str) -> None:
    # What clients add by themselves: objects with checksums are read and written whole here.
    if not parameters.keys() <= {"Bucket", "Key", "ChecksumMode", "ChecksumAlgorithm", "EncodingType", *names}:
        raise LongWay


def _key(store: S3Backend, parameters: Parameters) -> Any:
    key = store.get_object(parameters["Bucket"], parameters["Key"])
    if key is None or parameters.get("IfMatch", key.etag) != key.etag:
        raise LongWay
    return key


def _head(key: Any) -> dict[str, Any]:
    metadata = {name.lower(): value for name, value in key.metadata.items()}
    return {
        "AcceptRanges": "bytes",
        "ETag": key.etag,
        "ContentLength": key.size,
        "ContentType": metadata["content-type"],
        "LastModified": key.last_modified.replace(microsecond=0, tzinfo=UTC),
        "Metadata": {
            name.removeprefix("x-amz-meta-"): value
            for name, value in metadata.items()
            if name.startswith("x-amz-meta-")
        },
    }


def _head_object(store: S3Backend, parameters: Parameters) -> dict[str, Any]:
    _only(parameters)
    return _head(_key(store, parameters))


def _get_object(store: S3Backend, parameters: Parameters) -> dict[str, Any]:
    _only(parameters, "Range", "IfMatch")
    key = _key(store, parameters)
    answer, body = _head(key), key.value
    if "Range" in parameters:
        first, _, last = parameters["Range"].removeprefix("bytes=").partition("-")
        start = int(first) if first else max(0, len(body) - int(last))
        end = min(int(last) + 1, len(body)) if first and last else len(body)
        if start >= end:
            raise LongWay
        answer |= {"ContentRange": f"bytes {start}-{end - 1}/{len(body)}", "ContentLength": end - start}
        body = body[start:end]
    return answer | {"Body": StreamingBody(io.BytesIO(body), len(body))}


def _put_object(store: S3Backend, parameters: Parameters) -> dict[str, Any]:
    _only(parameters, "Body", "Metadata", "IfMatch", "IfNoneMatch")
    bucket, name, body = parameters["Bucket"], parameters["Key"], parameters.get("Body", b"")
    if "IfMatch" in parameters:
        _key(store, parameters)
    if "IfNoneMatch" in parameters and store.get_object(bucket, name):
        raise LongWay
    key = store.put_object(bucket, name, bytes(body) if isinstance(body, bytes | bytearray) else body.read())
    metadata = {f"x-amz-meta-{name.lower()}": value for name, value in parameters.get("Metadata", {}).items()}
    key.set_metadata(metadata)
    key.set_acl(store.get_bucket(bucket).acl)
    return {"ETag": key.etag}


def _list_objects(store: S3Backend, parameters: Parameters) -> dict[str, Any]:
    _only(parameters, "Prefix")
    bucket = store.get_bucket(parameters["Bucket"])
    prefix = parameters.get("Prefix", "")
    keys: Any
    keys, more, _ = store.list_objects_v2(bucket, prefix, None, None, None, 1000)
    if more:
        raise LongWay
    contents = [
        {
            "Key": key.name,
            "LastModified": parse_timestamp(key.last_modified_ISO8601),
            "ETag": key.etag,
            "Size": key.size,
            "StorageClass": key.storage_class,
        }
        for key in keys
    ]
    answer = {"Name": bucket.name, "Prefix": prefix, "MaxKeys": 1000, "KeyCount": len(contents), "IsTruncated": False}
    return answer | ({"Contents": contents} if contents else {})


def _delete_objects(store: S3Backend, parameters: Parameters) -> dict[str, Any]:
    _only(parameters, "Delete")
    names = [{"Key": entry["Key"]} for entry in parameters["Delete"]["Objects"]]
    if store.get_bucket(parameters["Bucket"]).policy or not names:
        raise LongWay
    deleted, errors = store.delete_objects(parameters["Bucket"], names, False)
    if errors:
        raise LongWay
    return {"Deleted": [{"Key": key} for key, *_ in deleted]}


_OBJECTS: dict[str, Callable[[S3Backend, Parameters], dict[str, Any]]] = {
    "HeadObject": _head_object,
    "GetObject": _get_object,
    "PutObject": _put_object,
    "ListObjectsV2": _list_objects,
    "DeleteObjects": _delete_objects,
}
_ITEMS: dict[str, Callable[[DynamoHandler], Any]] = {
    "GetItem": DynamoHandler.get_item,
    "PutItem": DynamoHandler.put_item,
    "UpdateItem": DynamoHandler.update_item,
    "DeleteItem": DynamoHandler.delete_item,
    "Query": DynamoHandler.query,
    "BatchGetItem": DynamoHandler.batch_get_item,
    "TransactWriteItems": DynamoHandler.transact_write_items,
}
_MESSAGES: dict[str, Callable[[SQSResponse], Any]] = {
    "CreateQueue": SQSResponse.create_queue,
    "SendMessageBatch": SQSResponse.send_message_batch,
    "ReceiveMessage": SQSResponse.receive_message,
    "DeleteMessage": SQSResponse.delete_message,
}


def _answer(client: BaseClient, operation: str, request: Parameters, context: Parameters) -> dict[str, Any]:
    """The parsed answer, or LongWay or whatever moto raises, before anything has changed."""
    if operation in _OBJECTS:
        return _OBJECTS[operation](s3_backends[DEFAULT_ACCOUNT_ID]["aws"], context["s3_redirect"]["params"])
    handler: Any = DynamoHandler() if operation in _ITEMS else SQSResponse()
    handler.region, handler.current_account = client.meta.region_name, DEFAULT_ACCOUNT_ID
    handler.uri, handler.uri_match = request["url"], {}
    handler.params = handler.body = json.loads(request["body"])
    result = (_ITEMS.get(operation) or _MESSAGES[operation])(handler).result
    # Written and read, so that nobody changes by it what is stored.
    return json.loads(json.dumps(result or {}))  # type: ignore[no-any-return]


_KNOWN = {
    *(("s3", name) for name in _OBJECTS),
    *(("dynamodb", name) for name in _ITEMS),
    *(("sqs", name) for name in _MESSAGES),
}
_clients: Any = BaseClient
_send: Any = _clients._make_request
_all_long = False


@contextmanager
def long_ways() -> Iterator[None]:
    """Have all calls go the long way."""
    global _all_long  # noqa: PLW0603
    _all_long = True
    try:
        yield
    finally:
        _all_long = False


def _make_request(client: BaseClient, operation: Any, request: Any, context: Any) -> Any:
    known = (operation.service_model.service_name, operation.name) in _KNOWN
    if not known or _all_long or not botocore_stubber.enabled or "amazonaws.com" not in request["url"]:
        return _send(client, operation, request, context)
    try:
        parsed = _answer(client, operation.name, request, context)
    except Exception:  # noqa: BLE001 - errors are told by the long way
        return _send(client, operation, request, context)
    body = b"" if "Body" in parsed else json.dumps(parsed, default=str).encode()
    http: Any = AWSResponse(request["url"], 200, HTTPHeaders(), io.BytesIO(body))
    http._content = body
    return http, {**parsed, "ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}}


_clients._make_request = _make_request
