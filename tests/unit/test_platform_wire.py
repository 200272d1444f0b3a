"""What tables hold as text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from handfast.platform.wire import Name, Packed, TableItem

plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"]))
json = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner), max_leaves=5)


@dataclass(frozen=True)
class Inner(TableItem):
    """Something within."""

    some_name: str
    unset: str | None = None


@dataclass(frozen=True)
class Outer(TableItem):
    """What is held."""

    inner: Packed[tuple[Inner, ...]]
    detail: Packed[Mapping[str, Any]] = field(default_factory=dict)
    receipt: Packed[Mapping[str, Any]] | None = None


ADAPTER = TypeAdapter(Outer)


@given(st.dictionaries(st.text("abc"), json), st.none() | st.dictionaries(st.text("abc"), json))
def test_what_is_packed_is_text_and_comes_back_as_it_was(
    detail: dict[str, Any], receipt: dict[str, Any] | None
) -> None:
    outer = Outer((Inner("a"), Inner("b", "c")), detail, receipt)
    held = ADAPTER.dump_python(outer, by_alias=True, exclude_none=True)
    assert {type(value) for value in held.values()} == {str}
    assert held["inner"] == '[{"someName":"a"},{"someName":"b","unset":"c"}]'
    assert ("receipt" in held) == (receipt is not None)
    assert ADAPTER.validate_python(held) == outer


@pytest.mark.parametrize(
    "text",
    ["\x7f", "a\x9b31m", "a\u202eb", "a\u2028b", "\u200b", "\u200d", "a\u2066b", "\ufeffa", "\u3164", "\u2800\u115f"],
)
def test_a_name_holds_nothing_that_is_not_seen_or_reorders_what_is(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Name).validate_python(text)


@pytest.mark.parametrize("text", ["👩‍👩‍👧‍👦 family", "می‌خواهم", "مرحبا \u200fabc\u200f"])
def test_a_name_holds_what_scripts_and_emoji_need(text: str) -> None:
    assert TypeAdapter(Name).validate_python(text) == text
