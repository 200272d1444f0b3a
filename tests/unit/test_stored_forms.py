"""The form of everything that tables hold: who changes one gives it the next version, and an upgrade from the last.

`python -m tests.unit.test_stored_forms` adds the present forms to stored_forms.json.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from handfast.platform.items import KINDS, ItemKind
from handfast_cli.admin.upgrade import load_kinds

RECORDED = Path(__file__).with_name("stored_forms.json")
_SAID = {"title", "description", "default"}

load_kinds()


def shape(kind: ItemKind[Any]) -> Any:
    """What an item of the kind looks like, as a JSON schema without what is only said of it."""
    return _bare(TypeAdapter(kind.model).json_schema(mode="serialization"))


def _bare(schema: Any) -> Any:
    if isinstance(schema, dict):
        named = schema.get("properties") if isinstance(schema.get("properties"), dict) else {}
        bare = {name: _bare(part) for name, part in schema.items() if name not in _SAID and name != "properties"}
        return bare | ({"properties": {name: _bare(part) for name, part in named.items()}} if named else {})
    return [_bare(part) for part in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_form_is_the_one_that_is_recorded_for_its_version(name: str) -> None:
    recorded = json.loads(RECORDED.read_text())
    kind = KINDS[name]
    assert recorded.get(kind.form) == shape(kind), "give the kind an upgrade, and record the new form (docs/upgrade.md)"


def test_no_form_is_forgotten() -> None:
    recorded = json.loads(RECORDED.read_text())
    assert set(recorded) == {f"{name}/{n}" for name, kind in KINDS.items() for n in range(1, len(kind.upgrades) + 2)}


if __name__ == "__main__":
    present = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    present |= {kind.form: shape(kind) for kind in KINDS.values()}
    RECORDED.write_text(json.dumps(present, indent=1, sort_keys=True) + "\n")
