"""What a file would bring, segment by segment, before anything of it is taken (docs/composed-segments.md)."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from handfast.identity.free_text import plain
from handfast.ingest.models import Preview, SegmentOffer
from handfast.ingest.parsing import Roles
from handfast.lake import layout
from handfast.lake.duck import Connection, connect, create_table, parquet, relation, write

MAX_OFFERS = 500
"""Segments that a preview shows, the largest; an item of a table holds no more."""
_MAX_NAME = 100
SEPARATOR = "|"
"""What stands between names of segments in a cell."""


def write_named(connection: Connection, roles: Roles, work_dir: Path) -> Path | None:
    """The identities by the names of segments in their rows' cells: `name, hi, lo`, once each; None without any.

    Where no column's cells name segments, the name is empty.
    """
    selects = [
        f"SELECT trim(unnest(string_split(l{index}, '{SEPARATOR}'))) AS name, hi, lo FROM identities"
        for index, column in enumerate(roles.lists)
        if not column.leaves
    ] or ["SELECT '' AS name, hi, lo FROM identities"]
    wanted = "name <> ''" if roles.lists else "TRUE"
    select = f"SELECT DISTINCT name, hi, lo FROM ({' UNION ALL '.join(selects)}) WHERE {wanted}"
    path = work_dir / "named.parquet"
    return path if write(connection, select, path) else None


def preview(
    named: Path | None,
    current: Sequence[Path],
    segments: Mapping[str, str],
    selected: Collection[str] | None,
    entitlement: int | None,
    created: Mapping[str, str] = MappingProxyType({}),
) -> Preview:
    """What the `named` identities come to, beside those of the `current` profiles.

    `segments` are ids by id and external id, `selected` the ids of those to be taken, None for all of them. `created`
    are those that the upload would create, by name, which `selected` names.
    """
    known = relation(current, layout.KEY_COLUMNS)
    with connect() as connection:
        ((held,),) = connection.execute(f"SELECT count(*) FROM {known} k").fetchall()
        if named is None:
            return Preview(0, 0, held, entitlement, 0, ())
        connection.execute(
            f"CREATE TABLE named AS SELECT n.name, n.hi, n.lo, k.hi IS NULL AS is_new FROM {parquet([named])} n"
            f" LEFT JOIN {known} k ON k.hi = n.hi AND k.lo = n.lo"
        )
        rows = connection.execute(
            "SELECT name, count(*), count(*) FILTER (is_new) FROM named GROUP BY name ORDER BY 2 DESC, 1"
        ).fetchall()
        taken = [(name,) for name, _, _ in rows if _is_taken(name, segments, created, selected)]
        create_table(connection, "taken", {"name": "VARCHAR"}, taken)
        ((identities, new_ones),) = connection.execute(
            "SELECT count(*), count(*) FILTER (is_new) FROM"
            " (SELECT DISTINCT hi, lo, is_new FROM named SEMI JOIN taken USING (name))"
        ).fetchall()
    offers = [SegmentOffer(name, segments.get(name), count, new, name in created) for name, count, new in rows if name]
    shown = [offer for offer in offers if may_be_shown(offer.name)]
    return Preview(identities, new_ones, held, entitlement, len(offers), tuple(shown[:MAX_OFFERS]))


def _is_taken(
    name: str, segments: Mapping[str, str], created: Mapping[str, str], selected: Collection[str] | None
) -> bool:
    if name == "":
        return True
    if name in created:
        return selected is None or name in selected
    return name in segments and (selected is None or segments[name] in selected)


def may_be_shown(name: str) -> bool:
    """Whether a name can be kept: a column mapped by mistake may hold people's addresses."""
    try:
        return len(name) <= _MAX_NAME and bool(plain(name))
    except ValueError:
        return False
