"""Pages of what governs a sandbox, which is read as a whole."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from handfast.platform import cursors

MOST_SHOWN = 20
"""Of the things that use another, those that an answer names."""
_PLURALS = {"segment": "segments", "dataSource": "dataSources", "policy": "policies"}


def page[T](
    found: Sequence[T], key: Callable[[T], str], limit: int, cursor: str | None, scope: str
) -> tuple[Sequence[T], str | None]:
    """The items after the one that the cursor names, and the next cursor; all from the first on where that is gone.

    Raises Malformed for a cursor of another list.
    """
    after = cursors.decode(scope, cursor) if cursor else None
    start = next((place for place, item in enumerate(found, 1) if key(item) == after), 0)
    items = found[start : start + limit]
    more = start + limit < len(found)
    return items, cursors.encode(scope, key(items[-1])) if more else None


def users(found: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The members of a problem that say what uses a thing: by what each is, its id and name."""
    members: dict[str, Any] = {}
    for kind, names in found.items():
        shown = list(names.items())[:MOST_SHOWN]
        if shown:
            members[f"{kind}Ids"] = [each for each, _ in shown]
            members[_PLURALS[kind]] = [{f"{kind}Id": each, "name": name} for each, name in shown]
    return members
