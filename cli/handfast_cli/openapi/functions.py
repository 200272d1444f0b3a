"""Each function's part of the document, as its resolver tells it."""

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from handfast.edge.api import Api

ROOT = Path(__file__).resolve().parents[3]
SECURITY: dict[str, Any] = {
    "cognito": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": (
            "An access token of Cognito: a person's, or a machine's by OAuth 2.0 client credentials with the scope "
            "`handfast/api`."
        ),
    }
}
_RESOLVERS_OWN = ("HTTPValidationError", "ResponseValidationError", "ValidationError")
"""Schemas that the resolver adds, instead of which functions answer problems."""


def apis() -> dict[str, Api]:
    """The resolver of every function that has one, by its module, such as `access.app`."""
    found = {}
    for path in sorted((ROOT / "functions").glob("*/*.py")):
        name = f"{path.parent.name}.{path.stem}"
        api = getattr(importlib.import_module(f"functions.{name}"), "api", None)
        if isinstance(api, Api):
            found[name] = api
    return found


def document_of(api: Api) -> dict[str, Any]:
    """One function's part, without what all calls have in common."""
    schema = api.get_openapi_schema(security_schemes=SECURITY)
    part: dict[str, Any] = schema.model_dump(mode="json", by_alias=True, exclude_none=True)
    schemas = part.setdefault("components", {}).setdefault("schemas", {})
    for name in _RESOLVERS_OWN:
        schemas.pop(name, None)
    for _, _, operation in operations(part):
        text = inspect.cleandoc(operation["description"])
        operation |= {"summary": _first_sentence(text), "description": text}
        operation.setdefault("security", [])
        operation["responses"].pop("422", None)  # the resolver's own
        for response in operation["responses"].values():
            if not response.get("content"):
                response.pop("content", None)
    return part


def operations(part: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The operations of a document, each with its method and path."""
    for path, methods in part["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def _first_sentence(text: str) -> str:
    sentence, _, _ = text.partition("\n\n")[0].partition(". ")
    return " ".join(sentence.split()).removesuffix(".")
