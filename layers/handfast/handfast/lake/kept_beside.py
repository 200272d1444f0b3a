"""What is kept of identities beside their profiles, and goes with them."""

from collections.abc import Iterable

from handfast.identity.keys import Key
from handfast.lake import buckets, layout
from handfast.lake.duck import connect, create_table
from handfast.lake.rewriting import WITHOUT_NAMED, rewrite

_KEPT = (
    (layout.phone_index, layout.PHONE_INDEX_COLUMNS),
    (layout.renderings, layout.RENDERING_COLUMNS),
    (layout.departures, layout.DEPARTURE_COLUMNS),
)


def forget(sandbox_id: str, keys: Iterable[Key]) -> None:
    """Keep nothing beside the profiles of these identities any longer."""
    named = sorted(set(keys))
    for prefix_of, columns in _KEPT:
        prefix = prefix_of(sandbox_id)
        if next(buckets.listing(prefix), None) is None:
            continue
        with connect() as connection:
            create_table(connection, "given", layout.KEY_COLUMNS, named)
            rewrite(connection, prefix, columns, WITHOUT_NAMED)
