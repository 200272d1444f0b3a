"""What one side says to the other is addressed by `partners` alone.

That nothing is reached by another way is watched in tests/integration/test_partners.py.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from handfast.partners import other_side
from handfast.partners.models import PartnerRef
from handfast.partners.other_side import OTHER_SIDE
from handfast.platform.table import Check, Delete, Put, Update

PARTNER = PartnerRef("sbx_b", "Organization B", "b")
ROOT = Path(__file__).resolve().parents[2]
WORK_FOR_THE_SOURCE = [
    f"layers/handfast/handfast/{name}.py" for name in ("feeds/partner_target", "destinations/target")
]
"""The modules, one for each kind of target, that learn from a reference to a side which sandbox they work for."""


def partner(address: str) -> PartnerRef:
    return PartnerRef(address, "Organization", "sandbox")


def test_changes_told_are_those_of_the_partners_partition() -> None:
    changes = (
        Put("TABLE", {"pk": OTHER_SIDE, "sk": "THING", "colour": "red"}),
        Update("TABLE", OTHER_SIDE, "THING", assign={"colour": "red"}),
        Delete("TABLE", OTHER_SIDE, "THING"),
        Check("TABLE", OTHER_SIDE, "THING"),
    )
    put, *others = other_side.tell(PARTNER, *changes)
    assert put == Put("TABLE", {"pk": "SBX#sbx_b", "sk": "THING", "colour": "red"}, changes[0].condition)
    assert [(type(write), write.pk) for write in others if not isinstance(write, Put)] == [
        (kind, "SBX#sbx_b") for kind in (Update, Delete, Check)
    ]


def test_a_change_that_has_an_address_already_cannot_be_told() -> None:
    with pytest.raises(ValueError, match="SBX#sbx_a"):
        other_side.tell(PARTNER, Delete("TABLE", "SBX#sbx_a", "THING"))


def test_nothing_is_reached_by_a_partners_key() -> None:
    assert PARTNER.key == PartnerRef("sbx_b", "Renamed", "sandbox").key != partner("sbx_c").key
    assert "sbx_b" not in PARTNER.key


def test_a_reference_that_is_stored_comes_back_as_it_was() -> None:
    adapter = TypeAdapter(PartnerRef)
    stored = adapter.dump_python(PARTNER, by_alias=True)
    assert stored == {"sandbox_id": "sbx_b", "organization_name": "Organization B", "sandbox_name": "b"}
    assert adapter.validate_python(stored) == PARTNER


@given(st.text(), st.text())
def test_a_pair_is_the_same_whoever_asks(asker: str, other: str) -> None:
    assert other_side.pair(asker, partner(other)) == other_side.pair(other, partner(asker))


def test_two_pairs_of_sandboxes_are_two() -> None:
    assert other_side.pair("sbx_2", partner("sbx_1")) == "sbx_1#sbx_2"
    assert len({other_side.pair(asker, partner(other)) for asker, other in ("ab", "ac", "bc", "aa")}) == 4


def _reached(module: ast.Module) -> Iterator[str]:
    """Where a module reads an address, makes one up, or has one told: what only `partners` does."""
    for node in ast.walk(module):
        match node:
            case ast.Attribute(attr="address" | "own_side" as name) | ast.Name(id="own_side" as name):
                yield f"{node.lineno}: {name}"
            case ast.Call(func=ast.Name(id="PartnerRef") | ast.Attribute(attr="PartnerRef")):
                yield f"{node.lineno}: PartnerRef"


def test_no_other_module_knows_where_a_partner_is() -> None:
    paths = [path for folder in ("layers/handfast", "functions", "cli") for path in (ROOT / folder).rglob("*.py")]
    modules = {str(path.relative_to(ROOT)): path.read_text() for path in paths if path.parent.name != "partners"}
    found = {name: list(_reached(ast.parse(text))) for name, text in modules.items()}
    for name in WORK_FOR_THE_SOURCE:
        assert [place.partition(": ")[2] for place in found.pop(name)] == ["own_side"]
    assert {name: places for name, places in found.items() if places} == {}


@pytest.mark.parametrize(
    "text",
    [
        "table.get(FEEDS, sandbox_key(flow.source.address), sk)",
        "address = connection.partner.address",
        "models.PartnerRef(sandbox_id, 'B', 'b')",
        "from handfast.partners.other_side import own_side\nsandbox = own_side(flow.source)",
        "other_side.own_side(received.partner).sandbox_id",
    ],
)
def test_a_module_that_knows_where_a_partner_is_is_named(text: str) -> None:
    assert list(_reached(ast.parse(text)))
