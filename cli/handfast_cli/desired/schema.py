"""The JSON schema of files of a desired state, for editors: `python -m handfast_cli.desired.schema` writes it."""

import json
import sys
from pathlib import Path
from typing import Any

from handfast_cli.desired.models import Document

FILE = Path(__file__).resolve().parents[3] / "docs" / "desired-state.schema.json"


def schema() -> dict[str, Any]:
    """The schema. It has no defaults: what a file leaves out is not looked at."""
    made = Document.model_json_schema(by_alias=True, mode="validation")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Desired state of a Handfast sandbox"}
    return head | {name: _plain(value) for name, value in made.items() if name != "title"}


def _plain(value: Any, *, is_names: bool = False) -> Any:
    if isinstance(value, dict):
        left_out = frozenset() if is_names else frozenset({"default", "title"})
        return {
            name: _plain(each, is_names=name in {"properties", "$defs"} and not is_names)
            for name, each in value.items()
            if name not in left_out
        }
    return [_plain(each) for each in value] if isinstance(value, list) else value


def text() -> str:
    """The file's content."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    if "--check" not in sys.argv:
        FILE.write_text(text())
    elif FILE.read_text() != text():
        sys.exit(f"{FILE.name} is not what the models say: run make schema")
