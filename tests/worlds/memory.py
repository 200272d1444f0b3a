"""A deployment's stores in memory, for stories of many steps: the same calls and conditions, a thousandth of the time.

What the stores themselves do, and what AWS makes of their requests, is tested over moto in tests/integration.
"""

import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from boto3.dynamodb.conditions import ConditionBase
from botocore.exceptions import ClientError

from handfast.access import service as access
from handfast.platform import aws, clock, secret, table
from handfast.platform.table import ConditionFailed, Delete, Item, Put, Update, Write

TABLES = (
    "ACCESS",
    "CONNECTIONS",
    "GOVERNANCE",
    "SEGMENTS",
    "FEEDS",
    "ACTIVITY",
    "PRIVACY",
    "IDEMPOTENCY",
    "DESTINATIONS",
)
QUEUES = (
    "INGEST_QUEUE_URL",
    "EXPORT_QUEUE_URL",
    "WEBHOOKS_QUEUE_URL",
    "PRIVACY_QUEUE_URL",
    "MESSAGES_QUEUE_URL",
    "UPLOADS_QUEUE_URL",
    "DELIVERY_QUEUE_URL",
)
SECRETS = ("API", "IDENTITY", "NOISE", "PRIVACY", "RECEIPTS", "WEBHOOKS")


class Deployment:
    """Tables, objects and queues. `queues` hold (group, body), oldest first."""

    def __init__(self) -> None:
        self.items: dict[str, dict[tuple[str, str], Item]] = defaultdict(dict)
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.queues: dict[str, list[tuple[str, Any]]] = defaultdict(list)

    def install(self, patch: pytest.MonkeyPatch, bucket_bits: int) -> None:
        """Put these stores in the place of AWS."""
        settings = {name: name for name in (*QUEUES, *(f"{name}_TABLE" for name in TABLES))}
        settings |= {"DATA_BUCKET": "data", "EVENT_BUS_NAME": "bus"}
        settings |= {f"{name}_SECRET_ARN": name for name in SECRETS}
        settings |= {"BUCKET_BITS": str(bucket_bits), "OUTBOUND_PRIVATE_NETWORKS": "refuse", "MESSAGE_SENDER": "off"}
        settings |= {
            "CONNECTOR_SECRETS": "connectors",
            "PRIVACY_RECORD_MONTHS": "24",
            "POWERTOOLS_SERVICE_NAME": "test",
        }
        settings |= {"AWS_DEFAULT_REGION": "eu-west-1", "POWERTOOLS_TRACE_DISABLED": "true"}
        for name, value in settings.items():
            patch.setenv(name, value)
        self.install_tables(patch)
        for name, client in (("s3", _S3(self)), ("sqs", _SQS(self)), ("secretsmanager", _Secrets())):
            patch.setattr(aws, name, lambda client=client: client)
        secret.forget()
        access.forget()

    def install_tables(self, patch: pytest.MonkeyPatch) -> None:
        """Put these tables alone in the place of DynamoDB's."""
        for name in ("transact", "apply", "get", "get_many", "query", "between"):
            patch.setattr(table, name, getattr(self, name))

    # Tables, in the place of platform.table's functions

    def transact(self, writes: Sequence[Write]) -> None:
        """Do all writes or none."""
        if table.before_write:
            table.before_write(writes)
        for index, write in enumerate(writes):
            old = self.items[write.table].get(_place(write))
            if not holds(write.condition, old or {}):
                raise ConditionFailed(index, old)
        for write in writes:
            self._do(write)

    def apply(self, write: Put | Update | Delete) -> Item:
        """Do one write; answers the attributes that an update has changed."""
        self.transact([write])
        changed = {*write.assign, *write.add, *write.discard} if isinstance(write, Update) else set()
        return {
            name: value for name, value in self.items[write.table].get(_place(write), {}).items() if name in changed
        }

    def _do(self, write: Write) -> None:
        items, place = self.items[write.table], _place(write)
        if isinstance(write, Put):
            items[place] = table.deserialised(table.serialised(write.item))
        elif isinstance(write, Delete):
            items.pop(place, None)
        elif isinstance(write, Update):
            item = dict(items.get(place) or {"pk": write.pk, "sk": write.sk}) | dict(write.assign)
            for name, value in write.add.items():
                item[name] = item.get(name, set() if isinstance(value, set) else 0)
                item[name] = item[name] | value if isinstance(value, set) else item[name] + value
            for name, value in write.discard.items():
                item[name] = item.get(name, set()) - value
                if not item[name]:
                    del item[name]
            for name in write.remove:
                item.pop(name, None)
            items[place] = table.deserialised(table.serialised(item))

    def get(self, name: str, pk: str, sk: str) -> Item | None:
        """The item, or None."""
        found = self.items[name].get((pk, sk))
        return dict(found) if found else None

    def get_many(
        self,
        name: str,
        keys: Iterable[tuple[str, str]],
        only: Sequence[str] = (),  # noqa: ARG002 - more is at hand
    ) -> dict[tuple[str, str], Item]:
        """The items there are."""
        return {key: dict(self.items[name][key]) for key in keys if key in self.items[name]}

    def query(
        self,
        name: str,
        pk: str,
        prefix: str = "",
        *,
        after: str | None = None,
        newest_first: bool = False,
        batch: int | None = None,  # noqa: ARG002 - all is at hand
    ) -> Iterator[Item]:
        """Items of a partition in order of `sk`."""
        found = sorted(sk for of, sk in self.items[name] if of == pk and sk.startswith(prefix))
        for sk in reversed(found) if newest_first else found:
            if after is None or (sk < after if newest_first else sk > after):
                yield dict(self.items[name][pk, sk])

    def between(self, name: str, pk: str, first: str, last: str, *, batch: int | None = None) -> Iterator[Item]:  # noqa: ARG002
        """Items of a partition in order of `sk`, of a range."""
        return (item for item in self.query(name, pk) if first <= item["sk"] <= last)


def _place(write: Write) -> tuple[str, str]:
    return (write.item["pk"], write.item["sk"]) if isinstance(write, Put) else (write.pk, write.sk)


_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: bool(left == right),
    "<>": lambda left, right: bool(left != right),
    "<": lambda left, right: left is not None and left < right,
    "<=": lambda left, right: left is not None and left <= right,
    ">": lambda left, right: left is not None and left > right,
    ">=": lambda left, right: left is not None and left >= right,
    "contains": lambda left, right: left is not None and right in left,
    "IN": lambda left, right: left in right,
    "begins_with": lambda left, right: left is not None and left.startswith(right),
}


def holds(condition: ConditionBase, item: Mapping[str, Any]) -> bool:
    """Whether a condition holds for an item; an absent one has no attributes."""
    built = condition.get_expression()
    operator, values = built["operator"], built["values"]
    match operator:
        case "AND":
            return all(holds(part, item) for part in values)
        case "OR":
            return any(holds(part, item) for part in values)
        case "NOT":
            return not holds(values[0], item)
        case "attribute_exists" | "attribute_not_exists":
            return (values[0].name in item) == (operator == "attribute_exists")
        case _:
            there = values[0].name in item
            return _COMPARED[operator](item[values[0].name], values[1]) if there else operator == "<>"


class _S3:
    def __init__(self, of: Deployment) -> None:
        self._of = of

    def _found(self, key: str) -> dict[str, Any]:
        if key not in self._of.objects:
            raise _error("NoSuchKey")
        body, metadata = self._of.objects[key]
        return {"ETag": f'"{hashlib.md5(body).hexdigest()}"', "ContentLength": len(body), "Metadata": metadata}

    def head_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803, ARG002
        return self._found(Key)

    def get_object(self, *, Bucket: str, Key: str, Range: str = "", IfMatch: str | None = None) -> Any:  # noqa: N803, ARG002
        found, body = self._found(Key), self._of.objects[Key][0]
        if IfMatch not in (None, found["ETag"]):
            raise _error("PreconditionFailed")
        if Range:
            first, last = Range.removeprefix("bytes=").split("-")
            start = int(first) if first else max(0, len(body) - int(last))
            part = body[start : int(last) + 1] if first else body[start:]
            place = f"bytes {start}-{start + len(part) - 1}/{len(body)}"
            found, body = found | {"ContentRange": place, "ContentLength": len(part)}, part
        return found | {"Body": _Body(body)}

    def put_object(self, *, Bucket: str, Key: str, Body: Any, Metadata: Any = None, **condition: str) -> Any:  # noqa: N803, ARG002
        there = self._found(Key)["ETag"] if Key in self._of.objects else None
        if ("IfNoneMatch" in condition and there) or ("IfMatch" in condition and there != condition["IfMatch"]):
            raise _error("PreconditionFailed")
        self._of.objects[Key] = (Body if isinstance(Body, bytes) else Body.read(), dict(Metadata or {}))
        return self._found(Key)

    def delete_objects(self, *, Bucket: str, Delete: Any) -> Any:  # noqa: N803, ARG002
        for entry in Delete["Objects"]:
            self._of.objects.pop(entry["Key"], None)
        return {}

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[Any]:  # noqa: N803, ARG002
        keys = sorted(key for key in list(self._of.objects) if key.startswith(Prefix))
        found = ((key, self._found(key)) for key in keys)
        now = clock.now()  # when objects were written is not kept
        yield {
            "Contents": [
                {"Key": key, "ETag": head["ETag"], "Size": head["ContentLength"], "LastModified": now}
                for key, head in found
            ]
        }

    def generate_presigned_url(self, operation: str, **_: Any) -> str:
        return f"https://data.invalid/{operation}"


class _Body(io.BytesIO):
    def iter_chunks(self, size: int) -> Iterator[bytes]:
        while part := self.read(size):
            yield part


def _error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "operation")


class _SQS:
    def __init__(self, of: Deployment) -> None:
        self._of = of

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[Mapping[str, Any]]) -> Any:  # noqa: N803
        for entry in Entries:
            self._of.queues[QueueUrl].append((entry.get("MessageGroupId", ""), json.loads(entry["MessageBody"])))
        return {}


class _Secrets:
    def __init__(self) -> None:
        self._made: dict[str, str] = {}

    class exceptions:  # noqa: N801 - as botocore's clients name it
        class ResourceNotFoundException(Exception): ...  # noqa: N818

        class InvalidRequestException(Exception): ...  # noqa: N818

    def create_secret(self, *, Name: str, SecretString: str) -> Any:  # noqa: N803
        self._made[Name] = SecretString
        return {}

    def put_secret_value(self, *, SecretId: str, SecretString: str, VersionStages: Sequence[str]) -> Any:  # noqa: ARG002, N803
        version = f"version-{len(self._made)}"
        self._made[f"{SecretId} {version}"] = SecretString
        return {"VersionId": version}

    def get_secret_value(self, *, SecretId: str, VersionId: str = "") -> Any:  # noqa: N803
        return {"SecretString": self._made.get(f"{SecretId} {VersionId}".strip(), "a secret of the stories")}
