"""What one side says to the other is addressed by `partners` alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from handfast.partners import other_side
from handfast.partners.models import PartnerRef
from handfast.partners.other_side import OTHER_SIDE
from handfast.platform.table import Check, Delete, Put, Update

PARTNER = PartnerRef("sbx_b", "Organization B", "b")


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
def test_a_pair_is_the_same_whoever_asks(one: str, other: str) -> None:
    assert other_side.pair(one, partner(other)) == other_side.pair(other, partner(one))


def test_two_pairs_of_sandboxes_are_two() -> None:
    assert other_side.pair("sbx_2", partner("sbx_1")) == "sbx_1#sbx_2"
    assert len({other_side.pair(one, partner(other)) for one, other in ("ab", "ac", "bc", "aa")}) == 4
