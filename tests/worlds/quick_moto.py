"""Makes moto answer in half the time, with the same answers: importing this is enough.

Moto looks for each of the ten types that a DynamoDB attribute could have under half a dozen names, in each attribute
of each answer; and lists the methods of a service's class anew at each request.
"""

from functools import cache
from typing import Any

from moto.core import responses, serialize
from moto.core.model import StructureShape
from moto.core.utils import method_names_from_class


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


serialize.SERVICE_SPECIFIC_SERIALIZERS["dynamodb"] = {"json": _ItemsAsTheyAre}
vars(responses)["method_names_from_class"] = cache(method_names_from_class)
