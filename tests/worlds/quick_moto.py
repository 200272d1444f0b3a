"""Makes moto answer in half the time, with the same answers: importing this is enough.

Moto looks for each of the ten types that a DynamoDB attribute could have under half a dozen names, in each attribute
of each answer; and at each request it loads S3's module of addresses anew, lists the methods of the service's class
and respells the names of a queue's attributes.
"""

from functools import cache
from typing import Any

from moto.core import responses, serialize
from moto.core.base_backend import BaseBackend
from moto.core.model import StructureShape
from moto.core.utils import camelcase_to_underscores, method_names_from_class
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


BaseBackend.urls = property(_addresses)  # type: ignore[assignment, method-assign]
serialize.SERVICE_SPECIFIC_SERIALIZERS["dynamodb"] = {"json": _ItemsAsTheyAre}
vars(responses)["method_names_from_class"] = cache(method_names_from_class)
vars(queues)["camelcase_to_underscores"] = cache(camelcase_to_underscores)
