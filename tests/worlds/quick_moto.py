"""Makes moto answer in half the time, with the same answers: importing this is enough.

Moto looks for each of the ten types that a DynamoDB attribute could have under half a dozen names, in each attribute
of each answer; at each request it loads S3's module of addresses anew, lists the methods of the service's class
and respells the names of a queue's attributes; and for each write of a transaction it copies the table.
"""

import copy
from functools import cache
from types import SimpleNamespace
from typing import Any

from moto.core import responses, serialize
from moto.core.base_backend import BaseBackend
from moto.core.model import StructureShape
from moto.core.utils import camelcase_to_underscores, method_names_from_class
from moto.dynamodb import models as tables
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.sqs import models as queues


class _ItemsAsTheyAre(serialize.JSONSerializer):
    """Takes from an attribute the one type that it has."""

    def _serialize_type_structure(self, serialized: Any, value: Any, shape: StructureShape, key: str) -> None:
        if shape.name != "AttributeValue" or not isinstance(value, dict):
            super()._serialize_type_structure(serialized, value, shape, key)
            return
        attribute: dict[str, Any] = {}
        for name, content in value.items():
            self._serialize(attribute, content, shape.members[name], name)
        self._default_serialize(serialized, attribute, shape, key)


_addresses_of: Any = vars(BaseBackend)["urls"].fget
_known: dict[type[BaseBackend], Any] = {}


def _addresses(backend: BaseBackend) -> Any:
    """The handler of each address, which is the same for every region and account."""
    kind = type(backend)
    if kind not in _known:
        _known[kind] = _addresses_of(backend)
    return _known[kind]


_transacted = tables.DynamoDBBackend.transact_write_items


def _transact(backend: tables.DynamoDBBackend, writes: list[dict[str, Any]]) -> None:
    """Do all writes or none, with copies of the items that they are of alone."""
    before = []
    for (write,) in (list(entry.values()) for entry in writes):
        table: Any = backend.get_table(write["TableName"])
        key = write["Item"] if "Item" in write else write["Key"]
        place = DynamoType(key[table.hash_key_attr])
        items = table.items
        if table.has_range_key:
            items, place = items[place], DynamoType(key[table.range_key_attr])
        before.append((items, place, copy.deepcopy(items.get(place))))
    try:
        _transacted(backend, writes)
    except Exception:
        for items, place, item in before:
            items.pop(place, None)
            if item is not None:
                items[place] = item
        raise


def _copied(original: Any) -> Any:
    return original if isinstance(original, Table) else copy.deepcopy(original)


_backend: Any = tables.DynamoDBBackend
_backend.transact_write_items = _transact
vars(tables)["copy"] = SimpleNamespace(deepcopy=_copied)
BaseBackend.urls = property(_addresses)  # type: ignore[assignment, method-assign]
serialize.SERVICE_SPECIFIC_SERIALIZERS["dynamodb"] = {"json": _ItemsAsTheyAre}
vars(responses)["method_names_from_class"] = cache(method_names_from_class)
vars(queues)["camelcase_to_underscores"] = cache(camelcase_to_underscores)
