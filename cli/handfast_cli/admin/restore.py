"""A table of the stack made what another table holds: point-in-time recovery only ever makes new tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handfast_cli.errors import CommandError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBServiceResource
    from mypy_boto3_dynamodb.service_resource import Table


@dataclass(frozen=True)
class Difference:
    """What has to be written to a table and deleted from it until it holds what another holds."""

    puts: list[dict[str, Any]]
    deletes: list[dict[str, Any]]


def difference(table: str, source: str) -> Difference:
    """Compares two tables item by item. Raises CommandError when there is no such source, or its keys are others."""
    now, then = _table(table), _table(source)
    try:
        if then.key_schema != now.key_schema:
            raise CommandError(f"{source} is no copy of {table}: its keys are others")
        wanted = {_key(item): item for item in _items(then)}
    except then.meta.client.exceptions.ResourceNotFoundException as error:
        raise CommandError(f"there is no table {source}") from error
    found = {_key(item): item for item in _items(now)}
    return Difference(
        [item for key, item in wanted.items() if found.get(key) != item],
        [{"pk": pk, "sk": sk} for pk, sk in found.keys() - wanted.keys()],
    )


def apply(table: str, wanted: Difference) -> None:
    """Writes and deletes; may be repeated."""
    with _table(table).batch_writer() as batch:
        for item in wanted.puts:
            batch.put_item(Item=item)
        for key in wanted.deletes:
            batch.delete_item(Key=key)


def _table(name: str) -> "Table":
    import boto3  # noqa: PLC0415 - slow to import

    resource: DynamoDBServiceResource = boto3.resource("dynamodb")
    return resource.Table(name)


def _key(item: dict[str, Any]) -> tuple[str, str]:
    return item["pk"], item["sk"]


def _items(table: "Table") -> Iterator[dict[str, Any]]:
    for page in table.meta.client.get_paginator("scan").paginate(TableName=table.name, ConsistentRead=True):
        yield from page["Items"]
