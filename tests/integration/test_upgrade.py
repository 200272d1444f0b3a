"""A store that the version before has written: it is read, and brought up for good."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from handfast.platform import items, objects, table, upgrading
from handfast.platform.items import ItemKind, NewerFormError
from handfast.platform.objects import ObjectKind, OtherFormError
from handfast.platform.table import Item
from handfast.platform.wire import TableItem
from tests.worlds.sandboxes import World

TABLE = "ACCESS_TABLE"


@dataclass(frozen=True)
class Before(TableItem):
    """A lamp as it was."""

    lamp_id: str
    colour: str


@dataclass(frozen=True)
class Lamp(TableItem):
    """A lamp as it is: its colours are many."""

    lamp_id: str
    colours: tuple[str, ...]


def many_colours(item: Item) -> Item:
    return {name: value for name, value in item.items() if name != "colour"} | {"colours": [item["colour"]]}


@pytest.fixture
def kinds(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[ItemKind[Before], ItemKind[Lamp]]:
    monkeypatch.setattr(items, "KINDS", {})
    monkeypatch.setattr(upgrading, "KINDS", items.KINDS)
    before = ItemKind("lamp", Before, TABLE)
    now = ItemKind("lamp", Lamp, TABLE, upgrades=(many_colours,))
    for number in range(3):
        table.apply(before.put(Before(str(number), "red"), "LAMPS", str(number)))
    return before, now


def test_an_item_of_the_form_before_is_read_as_the_new_one(kinds: tuple[ItemKind[Before], ItemKind[Lamp]]) -> None:
    _, now = kinds
    assert [lamp.colours for lamp in now.query("LAMPS")] == [("red",)] * 3
    assert now.get("LAMPS", "1") == Lamp("1", ("red",))


def test_an_item_of_a_later_form_is_not_guessed_at(kinds: tuple[ItemKind[Before], ItemKind[Lamp]]) -> None:
    before, now = kinds
    table.apply(now.put(Lamp("9", ("red", "blue")), "LAMPS", "9"))
    with pytest.raises(NewerFormError, match="lamp/2"):
        before.get("LAMPS", "9")


def test_the_upgrade_rewrites_what_is_older_and_nothing_else(kinds: tuple[ItemKind[Before], ItemKind[Lamp]]) -> None:
    _, now = kinds
    table.apply(now.put(Lamp("9", ("blue",)), "LAMPS", "9"))
    assert upgrading.upgrade_items(TABLE) == {"lamp/1": 3}
    assert {item["form"] for item in table.query(TABLE, "LAMPS")} == {"lamp/2"}
    assert not any("colour" in item for item in table.query(TABLE, "LAMPS"))
    assert upgrading.upgrade_items(TABLE) == {}


def test_an_item_that_changes_meanwhile_is_left_for_the_next_run(
    kinds: tuple[ItemKind[Before], ItemKind[Lamp]], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, _ = kinds
    stale = list(table.query(TABLE, "LAMPS"))
    monkeypatch.setattr(table, "scan", lambda _: iter(stale))
    table.apply(before.put(Before("0", "green"), "LAMPS", "0", table.UNCONDITIONAL))
    assert upgrading.upgrade_items(TABLE) == {"lamp/1": 2, "changed meanwhile": 1}
    monkeypatch.undo()


def test_an_object_of_the_form_before_waits_for_the_upgrade(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    objects.write("lamps/1", b"red", replaces=None, metadata={"shop": "north"})
    monkeypatch.setitem(objects.KINDS, "lamps", ObjectKind("lamps", (two_lines,)))
    with pytest.raises(OtherFormError, match="lamps of the form 1"):
        objects.read("lamps/1")
    assert upgrading.upgrade_objects() == {"lamps/1": 1}
    found = objects.read("lamps/1")
    assert found
    assert found[0] == b"red\nred"
    assert found[1].metadata == {"shop": "north", "form": "2"}
    assert upgrading.upgrade_objects() == {}


def two_lines(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n" + path.read_bytes())
