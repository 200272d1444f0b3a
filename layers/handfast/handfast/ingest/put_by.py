"""Who has put a member into a segment: the sources that named it, and uploads and streams as one (lake.layout).

A source's snapshot says nothing of whom others have put there, so it removes its own alone. An uploaded one also
removes whom sources have put there that the sandbox has no more.
"""

from collections.abc import Collection

from handfast.lake.duck import Connection, literal

_UPLOADS = "['']"
"""SQL: the names of a member that was uploaded or streamed alone, stored as null."""


def create_rules(connection: Connection, source_id: str | None, sources: Collection[str]) -> None:
    """Create the macros of a change: of a source, or None where it was uploaded or streamed.

    `put_by_it()`, `put_by_it_too(put_by)` and `put_by_others(put_by)` are names as they are stored; the last is an
    empty list where nobody else has put the member. `sources` are those that the sandbox has.
    """
    own = literal(source_id or "")
    others = f"name <> {own}"
    if source_id is None:
        others = f"list_contains([{', '.join(map(literal, sorted(sources)))}]::VARCHAR[], name)"
    connection.execute(
        f"""
        CREATE MACRO put_by_names(put_by) AS coalesce(put_by, {_UPLOADS});
        CREATE MACRO put_by_stored(names) AS CASE WHEN names <> {_UPLOADS} THEN names END;
        CREATE MACRO put_by_it() AS put_by_stored([{own}]);
        CREATE MACRO put_by_it_too(put_by) AS CASE
            WHEN list_contains(put_by_names(put_by), {own}) THEN put_by
            ELSE list_sort(list_append(put_by_names(put_by), {own}))
        END;
        CREATE MACRO put_by_others(put_by) AS put_by_stored(list_filter(put_by_names(put_by), lambda name: {others}));
        """
    )
