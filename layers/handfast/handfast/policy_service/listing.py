"""Pages of what governs a sandbox, which is read as a whole."""

from collections.abc import Callable, Sequence

from handfast.platform import cursors


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
