"""One document over all functions: merged, with what the calls share, tags and examples."""

import json
import tomllib
from collections.abc import Iterator
from typing import Any, TypeAlias

from aws_lambda_powertools.event_handler.openapi.merge import OpenAPIMerge
from aws_lambda_powertools.event_handler.openapi.models import License, Server, Tag

from handfast_cli.openapi.examples import add_examples
from handfast_cli.openapi.functions import ROOT, SECURITY, apis, document_of, operations
from handfast_cli.openapi.manners import share, shared_components
from handfast_cli.openapi.tags import TAGS

Json: TypeAlias = dict[str, Any]

DOCUMENT = ROOT / "functions/access/openapi.json"
_DESCRIPTION = (
    "Self-hosted partner audience sharing. Errors are application/problem+json. Every POST but those of OpenDSR and "
    "the Data Rights Protocol takes an Idempotency-Key. `x-permission` names what a call needs. HEAD is GET without "
    "the body, on every path that has one; a method that a path has not is 405 with Allow."
)


def document() -> Json:
    """The document. Raises ValueError where functions define a schema differently, OpenAPIMergeError a path twice."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    merge = OpenAPIMerge(
        title="Handfast",
        version=project["version"],
        openapi_version="3.1.0",
        description=_DESCRIPTION,
        license_info=License(name=project["license"], identifier=project["license"]),
        servers=[Server(url="/v1", description="This deployment")],
        tags=[Tag(name=name, description=text) for name, text in TAGS.items()],
        security_schemes=SECURITY,
        on_conflict="error",
    )
    parts = [{"components": shared_components()}, *_parts()]
    for part in parts:
        merge.add_schema(part)
    merged = merge.get_openapi_schema()
    _refuse_other_definitions(parts, merged)
    merged["paths"] = _tidy(dict(sorted(merged["paths"].items())))
    merged["components"] = {
        kind: _tidy(dict(sorted(components.items()))) for kind, components in sorted(merged["components"].items())
    }
    add_examples(merged)
    return merged


def text_of(merged: Json) -> str:
    """The document as it is kept and served: without spaces, but each operation and component on a line of its own."""
    return "".join(_lines(merged, depth=3)) + "\n"


def _parts() -> Iterator[Json]:
    for api in apis().values():
        part = document_of(api)
        for method, path, operation in operations(part):
            for kind, components in share(api, method, path, operation).items():
                part["components"].setdefault(kind, {}).update(components)
        yield part


def _refuse_other_definitions(parts: list[Json], merged: Json) -> None:
    """The merge takes the last definition of a component without a word."""
    for part in parts:
        for kind, components in part["components"].items():
            for name, definition in components.items():
                if merged["components"][kind][name] != definition:
                    raise ValueError(f"{kind}: {name} is defined differently by another function")


def _tidy(schema: Any) -> Any:
    """Schemas without the titles that repeat its members' names, and with whole numbers written so."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if isinstance(schema, float) and schema.is_integer():
        return int(schema)
    if not isinstance(schema, dict):
        return schema
    return {
        name: {member: _tidy(value) for member, value in item.items()} if name == "properties" else _tidy(item)
        for name, item in schema.items()
        if not (name == "title" and isinstance(item, str))
    }


def _lines(value: Any, depth: int) -> Iterator[str]:
    if not depth or not isinstance(value, dict):
        yield json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return
    for index, (name, item) in enumerate(value.items()):
        yield ",\n" if index else "{\n"
        yield f"{json.dumps(name)}:"
        yield from _lines(item, depth - 1)
    yield "}" if value else "{}"
