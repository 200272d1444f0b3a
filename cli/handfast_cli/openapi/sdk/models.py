"""`handfast_client.models`: what the API takes and answers, as typed dictionaries."""

import keyword
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

from handfast_cli.openapi.sdk.types import Json, Types, docstring, is_named

_HEAD = '''"""What the API takes and answers, as typed dictionaries: members are called as the API calls them.

Written by `make openapi` from openapi.json. A later version of the API may add members.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict
'''


def models_file(document: Json) -> str:
    """The text of the module: what is evaluated when it is loaded stands after what it names."""
    schemas: Json = document["components"]["schemas"]
    named = {name: schema for name, schema in schemas.items() if is_named(name)}
    classes = {name: schema for name, schema in named.items() if _is_class(schema)}
    others = {name: schema for name, schema in named.items() if name not in classes}
    types = Types(schemas)
    parts = [_HEAD, *(_class(name, schema, types) for name, schema in classes.items())]
    for name in _ordered(others):
        write = _typed_dict if "properties" in others[name] else _alias
        parts.append(write(name, others[name], types))
    return "\n\n".join(parts) + "\n"


def _is_class(schema: Json) -> bool:
    """Whether its members can be written as those of a class, which no keyword can."""
    members = schema.get("properties", {})
    return bool(members) and all(member.isidentifier() and not keyword.iskeyword(member) for member in members)


def _ordered(named: Json) -> Iterator[str]:
    uses = {name: [used for used in _used(schema) if used in named] for name, schema in named.items()}
    yield from TopologicalSorter(uses).static_order()


def _used(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        for value in schema.values():
            yield from _used(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _used(value)


def _alias(name: str, schema: Json, types: Types) -> str:
    told = f"\n{docstring(schema['description'])}" if "description" in schema else ""
    return f"{name}: TypeAlias = {types.of(schema)}{told}"


def _members(schema: Json, types: Types) -> Iterator[tuple[str, str]]:
    needed = schema.get("required", ())
    for member, value in schema["properties"].items():
        kind = types.of(value)
        yield member, kind if member in needed else f"NotRequired[{kind}]"


def _class(name: str, schema: Json, types: Types) -> str:
    told = docstring(schema.get("description", f"{name}.")).replace("\n", "\n    ")
    body = "\n".join(f"    {member}: {kind}" for member, kind in _members(schema, types))
    return f"class {name}(TypedDict):\n    {told}\n\n{body}"


def _typed_dict(name: str, schema: Json, types: Types) -> str:
    listed = ", ".join(f"{member!r}: {kind}" for member, kind in _members(schema, types))
    told = docstring(schema.get("description", f"{name}."))
    return f"{name} = TypedDict({name!r}, {{{listed}}})\n{told}"
