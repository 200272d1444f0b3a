"""What a table holds, as dataclasses. Every item carries the version of its form, so that a later form can read it.

A kind of item changes its form by one more function in `upgrades`, which makes an item of the form before into one of
the next; items are upgraded as they are read, and written in the newest form (docs/upgrade.md, Stored forms).
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol

from boto3.dynamodb.conditions import Attr, ConditionBase
from pydantic import TypeAdapter

from handfast.platform import table
from handfast.platform.table import ABSENT, Item, Put
from handfast.platform.wanted import Placed, Selection, sorted_page

FORM = "form"
"""The attribute that names an item's kind and the version of its form, such as `segment/1`."""

type Upgrade = Callable[[Item], Item]


KINDS: dict[str, "ItemKind[Any]"] = {}
"""The kinds of items of all modules that are loaded, by name."""


class NewerFormError(RuntimeError):
    """An item was written by a later version of Handfast than this one, which cannot know what it says."""


class Revised(Protocol):
    """What a table holds with a revision, which counts its changes."""

    @property
    def revision(self) -> int:
        """How often it has been written, the first time included."""


@dataclass(frozen=True)
class ItemKind[T]:
    """One kind of item: its name, the dataclass that it is in code, and the setting that names its table.

    `upgrades` make forms 1, 2, … into the next; `mode` is pydantic's, `json` for values that only JSON knows;
    `exclude` are members that the table does not hold under their own names.
    """

    name: str
    model: type[T]
    table: str
    upgrades: Sequence[Upgrade] = ()
    mode: Literal["python", "json"] = "python"
    exclude: Collection[str] = field(default=())

    def __post_init__(self) -> None:
        """Make the kind known by its name."""
        KINDS[self.name] = self

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self.model)

    @property
    def form(self) -> str:
        """What the attribute `form` of an item that is written says."""
        return f"{self.name}/{len(self.upgrades) + 1}"

    def dump(self, value: T, pk: str, sk: str, **attributes: Any) -> Item:
        """The item of a value at its place in the table, with attributes that are not the value's own."""
        facts: Item = self._adapter.dump_python(value, by_alias=True, mode=self.mode, exclude=set(self.exclude))
        return {"pk": pk, "sk": sk, FORM: self.form} | facts | attributes

    def load(self, item: Item) -> T:
        """The value in an item of any form up to this one; raises NewerFormError for a later form."""
        return self._adapter.validate_python(self.upgraded(item))

    def upgraded(self, item: Item) -> Item:
        """The item in the form that is written; raises NewerFormError for a later one."""
        form: str = item[FORM]
        version = int(form.rpartition("/")[2])
        if version > len(self.upgrades) + 1:
            raise NewerFormError(form)
        for upgrade in self.upgrades[version - 1 :]:
            item = upgrade(item)
        return item | {FORM: self.form}

    def put(self, value: T, pk: str, sk: str, condition: ConditionBase = ABSENT, **attributes: Any) -> Put:
        """The write of a value, by default only where there is none."""
        return Put(self.table, self.dump(value, pk, sk, **attributes), condition)

    def get(self, pk: str, sk: str) -> T | None:
        """The value at a place in the table, or None."""
        item = table.get(self.table, pk, sk)
        return self.load(item) if item else None

    def query(self, pk: str, prefix: str = "", **options: Any) -> Iterator[T]:
        """The values of a partition whose `sk` starts with the prefix; `options` as those of `table.query`."""
        return map(self.load, table.query(self.table, pk, prefix, **options))

    def scan(self) -> Iterator[T]:
        """All values of the kind in the whole table, as often as there are copies; for the operator alone."""
        return (self.load(item) for item in table.scan(self.table) if item.get(FORM, "").startswith(f"{self.name}/"))

    def below_each(self, pk: str, prefix: str, names: Collection[str]) -> dict[str, list[T]]:
        """The values below each of some names, as by `table.below_each`."""
        found = table.below_each(self.table, pk, prefix, names)
        return {name: list(map(self.load, below)) for name, below in found.items()}


def page[T](
    kind: ItemKind[T], pk: str, prefix: str, limit: int, cursor: str | None, selection: Selection[T] | None = None
) -> tuple[list[T], str | None]:
    """A page of the values of a partition that are selected, in the order of ids, and the next cursor.

    It is newest first unless the selection says otherwise. Raises Malformed for a cursor of another list.
    """
    return page_of(kind.table, kind.load, pk, prefix, limit, cursor, selection or Selection())


def page_of[T](
    name: str, load: Callable[[Item], T], pk: str, prefix: str, limit: int, cursor: str | None, selection: Selection[T]
) -> tuple[list[T], str | None]:
    """`page` of a table's values that `load` makes of its items."""
    keep = selection.keep
    found = table.page(
        name,
        pk,
        prefix,
        limit=limit,
        cursor=cursor,
        newest_first=selection.descending,
        keep=None if keep is None else lambda item: keep(load(item)),
        scope=selection.scope,
    )
    return list(map(load, found.items)), found.next_cursor


def sortable_page[T](
    name: str, load: Callable[[Item], T], pk: str, prefix: str, limit: int, cursor: str | None, selection: Selection[T]
) -> tuple[list[T], str | None]:
    """`page_of`, in the order of the selection's key, for which the whole list is read.

    Raises Malformed for a cursor of another list, Refused for one that is too long to be sorted.
    """
    if selection.key is None:
        return page_of(name, load, pk, prefix, limit, cursor, selection)
    values = (Placed(item["sk"], load(item), table.bytes_of(item)) for item in table.query(name, pk, prefix))
    return sorted_page(values, selection, limit, cursor, f"{name}|{pk}|{prefix}|{selection.scope}")


def counted_from_zero(item: Item) -> Item:
    """The upgrade of an item that had no revision: it has been written, and not counted."""
    return {"revision": 0} | item


def at_revision(value: Revised) -> ConditionBase:
    """The condition that an item still is at the revision read."""
    read = Attr("revision").eq(value.revision)
    return read if value.revision else read | Attr("revision").not_exists()  # from before it was counted


def revise[R: Revised](kind: ItemKind[R], new: R, over: R | None, pk: str, sk: str) -> Put:
    """The write of a value over the revision read, or as a new item; the revision counts up by itself."""
    revision = over.revision + 1 if over else 1
    condition = at_revision(over) if over else ABSENT
    return kind.put(new, pk, sk, condition, revision=revision)
