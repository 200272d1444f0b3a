"""Python types of JSON schemas."""

import keyword
import re
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

_SIMPLE = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_NAME = re.compile("[A-Z][A-Za-z0-9]*")
_WORDS = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


class Types:
    """Type expressions of a document's schemas. Those with a name of their own are called by it, after `prefix`."""

    def __init__(self, schemas: Json, prefix: str = "", array: str = "list", mapping: str = "dict") -> None:
        self._schemas = schemas
        self._prefix = prefix
        self._array = array
        self._mapping = mapping

    def resolved(self, schema: Json) -> Json:
        """The schema that a reference refers to."""
        return self.resolved(self._schemas[name_of(schema)]) if "$ref" in schema else schema

    def of(self, schema: Json) -> str:
        """The type expression of a schema."""
        if "$ref" in schema:
            name = name_of(schema)
            return f"{self._prefix}{name}" if is_named(name) else self.of(self._schemas[name])
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return " | ".join(dict.fromkeys(self.of(option) for option in schema[several]))
        if "enum" in schema or "const" in schema:
            values = schema["enum"] if "enum" in schema else [schema["const"]]
            return f"Literal[{', '.join(map(repr, values))}]"
        return self._of_type(schema)

    def _of_type(self, schema: Json) -> str:
        match schema.get("type"):
            case "array":
                return f"{self._array}[{self.of(schema.get('items', {}))}]"
            case "object":
                values = schema.get("additionalProperties")
                return f"{self._mapping}[str, {self.of(values) if isinstance(values, dict) else 'Any'}]"
            case None:
                return "Any"
            case kind:
                return _SIMPLE[kind]


def name_of(reference: Json) -> str:
    """The name of the schema, parameter or response that is referred to."""
    return str(reference["$ref"]).rpartition("/")[2]


def is_named(name: str) -> bool:
    """Whether a schema is called by its name: those that a validator's inner workings have named are not."""
    return _NAME.fullmatch(name) is not None


def snake(name: str) -> str:
    """A name of the API, such as `segmentIds`, as Python writes it."""
    words = "_".join(word.lower() for word in _WORDS.findall(name))
    return f"{words}_" if keyword.iskeyword(words) else words


def docstring(text: str, *more: str) -> str:
    """A docstring of some paragraphs, in lines of their own where it is long."""
    paragraphs = [part for part in (text.strip(), *more) if part]
    body = "\n\n".join(paragraphs).replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{body}\n"""' if "\n" in body else f'"""{body}"""'
