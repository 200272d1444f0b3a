"""DynamoDB tables with keys `pk` and `sk`: consistent reads, conditional writes, transactions.

Conditions are boto3's (`Attr("status").eq("pending")`). Items are plain dicts of str, int, float, bool, None,
list, dict and set; every number read back is an int or a float.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import batched
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase, ConditionExpressionBuilder
from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from handfast.platform import aws, cursors
from handfast.platform.settings import setting

type Item = dict[str, Any]

ABSENT: ConditionBase = Attr("pk").not_exists()
PRESENT: ConditionBase = Attr("pk").exists()
UNCONDITIONAL: ConditionBase = ABSENT | PRESENT
"""The condition of a write that may be repeated."""


class ConditionFailed(Exception):  # noqa: N818 - an expected outcome
    """A write's condition did not hold. `write` is its index in the transaction, `item` what stood there."""

    def __init__(self, write: int, item: Item | None) -> None:
        super().__init__(f"the condition of write {write} did not hold")
        self.write = write
        self.item = item


class TransactionConflict(Exception):  # noqa: N818 - an expected outcome
    """Another transaction holds one of the items, or the table is out of capacity: nothing is written; try again."""


@dataclass(frozen=True)
class Put:
    """Write a whole item; by default only where there is none."""

    table: str
    item: Item
    condition: ConditionBase = field(default_factory=lambda: ABSENT)


@dataclass(frozen=True)
class Update:
    """Change attributes of an item; by default only of one that exists. `discard` takes elements out of sets."""

    table: str
    pk: str
    sk: str
    assign: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Any] = field(default_factory=dict)
    remove: Sequence[str] = ()
    discard: Mapping[str, set[str]] = field(default_factory=dict)
    condition: ConditionBase = field(default_factory=lambda: PRESENT)


@dataclass(frozen=True)
class Delete:
    """Delete an item; by default only one that exists."""

    table: str
    pk: str
    sk: str
    condition: ConditionBase = field(default_factory=lambda: PRESENT)


@dataclass(frozen=True)
class Check:
    """Nothing is written; the transaction holds only if the condition does."""

    table: str
    pk: str
    sk: str
    condition: ConditionBase = field(default_factory=lambda: PRESENT)


type Write = Put | Update | Delete | Check

before_write: Callable[[Sequence[Write]], None] | None = None
"""A seam for tests: called with the writes right before they are made, which it can fail or overtake."""

# Cancellation reasons that pass (API reference, TransactionCanceledException); the SDK does not repeat them itself.
_PASSING = frozenset({"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
# The most keys that BatchGetItem takes.
_KEYS = 100
MOST_LOOKED_AT = 10_000
"""Items that a page of a filtered list is looked for in: what is further on is another page's."""
PAGE_BYTES = 3_000_000
"""Of the items of a list's page, as JSON: an answer of Lambda has 6 MB at most, and shows more than is stored."""

_serialise = TypeSerializer().serialize


def _to_wire(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, dict):
        return {key: _to_wire(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_to_wire(part) for part in value]
    return value


def _number(text: str) -> int | float:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)


_READ: dict[str, Callable[[Any], Any]] = {
    "S": str,
    "N": _number,
    "BOOL": bool,
    "NULL": lambda _: None,
    "M": lambda value: {name: _from_wire(part) for name, part in value.items()},
    "L": lambda value: [_from_wire(part) for part in value],
    "SS": set,
    "NS": lambda value: set(map(_number, value)),
}


def _from_wire(attribute: Mapping[str, Any]) -> Any:
    ((kind, value),) = attribute.items()
    return _READ[kind](value)


def serialised(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item in DynamoDB's attribute notation."""
    return {name: _serialise(_to_wire(value)) for name, value in item.items()}


def deserialised(item: Mapping[str, Any]) -> Item:
    """A plain item from DynamoDB's attribute notation (also in stream records)."""
    return {name: _from_wire(value) for name, value in item.items()}


def _condition(condition: ConditionBase) -> dict[str, Any]:
    built = ConditionExpressionBuilder().build_expression(condition)
    names, values = built.attribute_name_placeholders, serialised(built.attribute_value_placeholders)
    expression: dict[str, Any] = {
        "ConditionExpression": built.condition_expression,
        "ExpressionAttributeNames": names,
    }
    return expression | ({"ExpressionAttributeValues": values} if values else {})


def _update(update: Update) -> dict[str, Any]:
    request = _condition(update.condition)
    names, values = request["ExpressionAttributeNames"], request.get("ExpressionAttributeValues", {})
    clauses: list[str] = []
    changes: tuple[tuple[str, str | None, Mapping[str, Any]], ...] = (
        ("SET", " = ", update.assign),
        ("ADD", " ", update.add),
        ("DELETE", " ", update.discard),
        ("REMOVE", None, dict.fromkeys(update.remove)),
    )
    for verb, joint, attributes in changes:
        parts = []
        for attribute, value in attributes.items():
            name, placeholder = f"#u{len(names)}", f":u{len(names)}"
            names[name] = attribute
            if joint is None:
                parts.append(name)
            else:
                values |= serialised({placeholder: value})
                parts.append(f"{name}{joint}{placeholder}")
        if parts:
            clauses.append(f"{verb} {', '.join(parts)}")
    request["UpdateExpression"] = " ".join(clauses)
    return request | ({"ExpressionAttributeValues": values} if values else {})


def _request(write: Write) -> tuple[str, dict[str, Any]]:
    common: dict[str, Any] = {"TableName": setting(write.table), "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if isinstance(write, Put):
        return "Put", common | _condition(write.condition) | {"Item": serialised(write.item)}
    common["Key"] = serialised({"pk": write.pk, "sk": write.sk})
    if isinstance(write, Update):
        return "Update", common | _update(write)
    return ("Delete" if isinstance(write, Delete) else "ConditionCheck"), common | _condition(write.condition)


def _cancelled(reasons: Sequence[Mapping[str, Any]]) -> Exception | None:
    """The expected outcome in the reasons, which may be mixed: a condition that failed is final."""
    for index, reason in enumerate(reasons):
        if reason.get("Code") == "ConditionalCheckFailed":
            return ConditionFailed(index, deserialised(reason["Item"]) if reason.get("Item") else None)
    passing = bool(reasons) and all(reason.get("Code", "None") in _PASSING for reason in reasons)
    return TransactionConflict() if passing else None


def transact(writes: Sequence[Write]) -> None:
    """Do all writes or none; raises ConditionFailed for the first refused one, or TransactionConflict."""
    if before_write:
        before_write(writes)
    items = [dict([_request(write)]) for write in writes]
    try:
        aws.dynamodb().transact_write_items(TransactItems=items)  # type: ignore[arg-type]
    except ClientError as error:
        if expected := _cancelled(error.response.get("CancellationReasons", [])):
            raise expected from error
        raise


def apply(write: Put | Update | Delete) -> Item:
    """Do one write; answers the attributes that an update has changed, as they are now.

    Raises ConditionFailed when its condition does not hold, or TransactionConflict.
    """
    if before_write:
        before_write([write])
    kind, request = _request(write)
    if isinstance(write, Update):
        request["ReturnValues"] = "UPDATED_NEW"
    call: Callable[..., Any] = getattr(aws.dynamodb(), f"{kind.lower()}_item")
    try:
        return deserialised(call(**request).get("Attributes", {}))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ConditionalCheckFailedException":
            old: Any = error.response.get("Item")
            raise ConditionFailed(0, deserialised(old) if old else None) from error
        if code == "TransactionConflictException":
            raise TransactionConflict from error
        raise


def get(table: str, pk: str, sk: str) -> Item | None:
    """The item, or None."""
    answer = aws.dynamodb().get_item(
        TableName=setting(table), Key=serialised({"pk": pk, "sk": sk}), ConsistentRead=True
    )
    return deserialised(answer["Item"]) if "Item" in answer else None


def get_many(table: str, keys: Iterable[tuple[str, str]], only: Sequence[str] = ()) -> dict[tuple[str, str], Item]:
    """The items there are, by `pk` and `sk`, with these attributes alone where `only` names some.

    Raises TransactionConflict when the table is out of capacity.
    """
    name, found, shown = setting(table), dict[tuple[str, str], Item](), _projection(only)
    for part in batched(dict.fromkeys(keys), _KEYS, strict=False):
        wanted = [serialised({"pk": pk, "sk": sk}) for pk, sk in part]
        request: Any = {"Keys": wanted, "ConsistentRead": True} | shown
        answer = aws.dynamodb().batch_get_item(RequestItems={name: request})
        if answer["UnprocessedKeys"]:
            raise TransactionConflict
        found |= {(item["pk"], item["sk"]): item for item in map(deserialised, answer["Responses"][name])}
    return found


def _projection(only: Sequence[str]) -> dict[str, Any]:
    """What has a read bring the key and these attributes alone; nothing where none are named."""
    if not only:
        return {}
    names = {f"#a{index}": name for index, name in enumerate(("pk", "sk", *only))}
    return {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}


def scan(table: str) -> Iterator[Item]:
    """All items of a table, read as consumed; for the operator alone."""
    for answer in aws.dynamodb().get_paginator("scan").paginate(TableName=setting(table), ConsistentRead=True):
        yield from map(deserialised, answer["Items"])


def clear(table: str, pk: str, prefix: str = "") -> int:
    """Delete the items of a partition whose `sk` starts with `prefix`, whatever they are; returns how many."""
    count = 0
    for item in query(table, pk, prefix):
        apply(Delete(table, pk, item["sk"], UNCONDITIONAL))
        count += 1
    return count


def query(
    table: str,
    pk: str,
    prefix: str = "",
    *,
    after: str | None = None,
    newest_first: bool = False,
    batch: int | None = None,
) -> Iterator[Item]:
    """Items of a partition whose `sk` starts with `prefix`, in order of `sk`, read as consumed.

    A read brings `batch` items, or as many as fit into 1 MB; what it brings is paid for, so take only what is needed.
    """
    request: dict[str, Any] = {
        "TableName": setting(table),
        "ConsistentRead": True,
        "ScanIndexForward": not newest_first,
        "KeyConditionExpression": "pk = :pk" + (" AND begins_with(sk, :prefix)" if prefix else ""),
        "ExpressionAttributeValues": serialised({":pk": pk} | ({":prefix": prefix} if prefix else {})),
    }
    if batch is not None:
        request["Limit"] = batch
    if after is not None:
        request["ExclusiveStartKey"] = serialised({"pk": pk, "sk": after})
    return _items(request)


def between(table: str, pk: str, first: str, last: str, *, batch: int | None = None) -> Iterator[Item]:
    """Items of a partition whose `sk` is `first`, `last` or between, in order of `sk`; `batch` as in `query`."""
    request: dict[str, Any] = {
        "TableName": setting(table),
        "ConsistentRead": True,
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": serialised({":pk": pk, ":first": first, ":last": last}),
    }
    if batch is not None:
        request["Limit"] = batch
    return _items(request)


def below_each(table: str, pk: str, prefix: str, names: Collection[str]) -> dict[str, list[Item]]:
    """Items whose `sk` is the prefix, one of the names and `#…`, by name, in one read: of neighbours in a list."""
    found: dict[str, list[Item]] = {name: [] for name in names}
    if found:
        # What follows # in the order of characters is $.
        for item in between(table, pk, f"{prefix}{min(found)}#", f"{prefix}{max(found)}$"):
            found.get(item["sk"].removeprefix(prefix).partition("#")[0], []).append(item)
    return found


def _items(request: dict[str, Any]) -> Iterator[Item]:
    while True:
        answer = aws.dynamodb().query(**request)
        yield from map(deserialised, answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


@dataclass(frozen=True)
class Page:
    """A list's page (docs/api.md, Manners)."""

    items: list[Item]
    next_cursor: str | None


def bytes_of(item: Item) -> int:
    """How many bytes an item comes to as JSON."""
    return len(json.dumps(item, default=str))


def page(
    table: str,
    pk: str,
    prefix: str,
    *,
    limit: int,
    cursor: str | None,
    newest_first: bool = True,
    keep: Callable[[Item], bool] | None = None,
    scope: str = "",
    start: str | None = None,
    ends: Callable[[Item], bool] = lambda _: False,
    weight: Callable[[Item], int] = lambda _: 0,
    most: int = 0,
) -> Page:
    """At most `limit` items that `keep` wants, of a `weight` of `most` and of `PAGE_BYTES` together, but always one.

    `scope` names the filters: a cursor serves only the same list. Where `keep` wants few, the page ends after
    `MOST_LOOKED_AT` items, and the next one goes on from there. The first page begins behind the place `start`, and the
    list with the item that `ends` it.
    """
    full_scope = f"{table}|{pk}|{prefix}|{scope}"
    after = cursors.decode(full_scope, cursor) if cursor else start
    batch = None if keep else limit + 1
    items: list[Item] = []
    heavy, size = 0, 0
    for looked, item in enumerate(query(table, pk, prefix, after=after, newest_first=newest_first, batch=batch), 1):
        if ends(item):
            break
        wanted = keep is None or keep(item)
        heavy += weight(item) if wanted else 0
        size += bytes_of(item) if wanted else 0
        if len(items) == limit or (items and (heavy > most or size > PAGE_BYTES)):
            return Page(items, cursors.encode(full_scope, items[-1]["sk"]))
        items += [item] if wanted else []
        if looked == MOST_LOOKED_AT:
            return Page(items, cursors.encode(full_scope, item["sk"]))
    return Page(items, None)
