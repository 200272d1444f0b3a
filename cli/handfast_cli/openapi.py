"""The OpenAPI 3.1 document of all API functions, from their code: `python -m handfast_cli.openapi [--check]`."""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from handfast.edge.api import PROBLEM_SCHEMA, Api
from handfast_cli.output import console

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "layers/handfast/handfast/access/openapi.json"
DESCRIPTION = (
    "Self-hosted partner audience sharing. Errors are application/problem+json. Every POST takes an Idempotency-Key: "
    "the same key and body give the stored answer for 24 hours. `x-permission` names what a call needs."
)
SECURITY: dict[str, Any] = {"cognito": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}


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
    """One function's part."""
    schema = api.get_openapi_schema(security_schemes=SECURITY)
    part: dict[str, Any] = schema.model_dump(mode="json", by_alias=True, exclude_none=True)
    schemas = part.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM_SCHEMA
    for unused in ("HTTPValidationError", "ValidationError"):  # the resolver's own, instead of which we send problems
        schemas.pop(unused, None)
    for operation in (one for methods in part.get("paths", {}).values() for one in methods.values()):
        if "HTTPValidationError" in str(operation["responses"].get("422")):
            del operation["responses"]["422"]
    return part


def document() -> dict[str, Any]:
    """One document over all functions; two functions may not define one path and method, or one schema differently."""
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Handfast", "version": "1", "description": DESCRIPTION, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "/v1"}],
        "paths": {},
        "components": {
            "schemas": {},
            "securitySchemes": SECURITY,
        },
    }
    for name, api in apis().items():
        part = document_of(api)
        for path, methods in part.get("paths", {}).items():
            known = merged["paths"].setdefault(path, {})
            if known.keys() & methods.keys():
                raise ValueError(f"{name} defines {path} again")
            known |= methods
        for schema, definition in part.get("components", {}).get("schemas", {}).items():
            if merged["components"]["schemas"].setdefault(schema, definition) != definition:
                raise ValueError(f"{name} defines the schema {schema} differently")
    merged["paths"] = dict(sorted(merged["paths"].items()))
    return merged


def main() -> int:
    """Write the document, or with `--check` tell whether the committed one is current."""
    text = json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
    if "--check" in sys.argv:
        current = DOCUMENT.is_file() and DOCUMENT.read_text() == text
        console.print("openapi.json is current" if current else "openapi.json is stale: run `make openapi`")
        return 0 if current else 1
    DOCUMENT.write_text(text)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
