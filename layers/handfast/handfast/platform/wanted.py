"""What a caller wants of a list: which of its values, found by words and members, and in which order."""

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from types import MappingProxyType
from typing import Literal

from handfast.platform import cursors, table
from handfast.platform.problems import Refused

type Order = Literal["asc", "desc"]
type SortKey = str | int

MOST_SORTED = 10_000
"""Values that a list may have to be sorted by something else than when they were made: all of them are read."""
CREATED = "created"
"""The order of ids, in which lists are kept: that in which things were made."""
_SORTED_BY = 100
_LATEST_FIRST = frozenset({CREATED, "updated"})
"""What is sorted with the last first, unless it is told otherwise."""


@dataclass(frozen=True)
class Selection[T]:
    """Those values of a list that `keep` wants (None: all), by `key` (None: in the order of their ids).

    `scope` names all of it, so that a cursor serves only the same list; it is empty for a list as it is kept.
    """

    scope: str = ""
    keep: Callable[[T], bool] | None = None
    key: Callable[[T], SortKey] | None = None
    descending: bool = True


@dataclass(frozen=True)
class Wanted:
    """What a caller asks of a list: a `search` in names, members that have a value, and an order; None: any."""

    search: str | None = None
    sort: str | None = None
    order: Order | None = None
    members: Mapping[str, str | None] = field(default_factory=dict)

    def selection[T](
        self,
        texts: Callable[[T], Iterable[str | None]],
        members: Mapping[str, Callable[[T], str | None]] = MappingProxyType({}),
        keys: Mapping[str, Callable[[T], SortKey]] = MappingProxyType({}),
        *,
        descending: bool = True,
    ) -> Selection[T]:
        """The selection in a list of which `texts` are searched; `members` and `keys` are what it is filtered and
        sorted by. `descending` is the order of ids that the list has without a word.
        """
        words = searched(self.search)
        asked = {name: value for name, value in self.members.items() if value is not None}
        sort = self.sort or CREATED
        by_default = descending if sort == CREATED else sort in _LATEST_FIRST
        down = self.order == "desc" if self.order else by_default

        def keep(value: T) -> bool:
            return all(members[name](value) == wished for name, wished in asked.items()) and matches(
                words, texts(value)
            )

        said = [words, sorted(asked.items()), sort, down]
        is_plain = not words and not asked and sort == CREATED and down == descending
        return Selection(
            scope="" if is_plain else json.dumps(said),
            keep=keep if words or asked else None,
            key=None if sort == CREATED else keys[sort],
            descending=down,
        )


def folded(text: str) -> str:
    """A text as searches and orders by name read it: whatever its case, and in one form of each character."""
    return unicodedata.normalize("NFKC", text).casefold()


def by_name(text: str) -> str:
    """What a name is sorted by: its start, since a cursor has to hold it."""
    return folded(text)[:_SORTED_BY]


def searched(search: str | None) -> list[str]:
    """The words that a search asks for."""
    return sorted(set(folded(search or "").split()))


def matches(words: Iterable[str], texts: Iterable[str | None]) -> bool:
    """Whether each of the words stands somewhere in the texts."""
    read = [folded(text) for text in texts if text]
    return all(any(word in text for text in read) for word in words)


@dataclass(frozen=True)
class Placed[T]:
    """A value of a list, its place in the order of ids, and how many bytes it comes to."""

    place: str
    value: T
    size: int = 0


def sorted_page[T](
    values: Iterable[Placed[T]], selection: Selection[T], limit: int, cursor: str | None, scope: str
) -> tuple[list[T], str | None]:
    """A page of values in the order of the selection's key, of `table.PAGE_BYTES` at most, and the next cursor.

    What moves while pages are read may be seen twice or not at all; nothing else is. Raises Malformed for a cursor of
    another list, Refused for a list of too many values.
    """
    keep, key = selection.keep or (lambda _: True), selection.key or (lambda _: "")
    read = list(islice(values, MOST_SORTED + 1))
    if len(read) > MOST_SORTED:
        detail = f"the list has more than {MOST_SORTED} and is not sorted; leave sort out"
        raise Refused(detail, pointer="/query/sort", reason="list_too_long")
    found = [((key(each.value), each.place), each) for each in read if keep(each.value)]
    found.sort(key=lambda entry: entry[0], reverse=selection.descending)
    if cursor:
        key_before, place_before = json.loads(cursors.decode(scope, cursor))
        before = (key_before, place_before)
        found = [entry for entry in found if (entry[0] < before if selection.descending else entry[0] > before)]
    length = _fitting([each.size for _, each in found[:limit]])
    more = cursors.encode(scope, json.dumps(found[length - 1][0], ensure_ascii=False)) if len(found) > length else None
    return [each.value for _, each in found[:length]], more


def _fitting(sizes: Sequence[int]) -> int:
    """How many of the first values come to a page's bytes, but always one."""
    sums = accumulate(sizes)
    return max(min(1, len(sizes)), sum(1 for total in sums if total <= table.PAGE_BYTES))
