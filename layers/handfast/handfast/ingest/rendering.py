"""What a file's raw addresses and numbers are hashed to by platforms, kept beside their identities.

Only uploads that ask for it have any; `parsed` then has a column `g{place}_{form}` for each column of raw values.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from pathlib import Path

from handfast.identity.renderings import FORMS
from handfast.ingest.parsing import Roles
from handfast.lake.duck import Connection, write


def write_renderings(connection: Connection, roles: Roles, work_dir: Path) -> Path | None:
    """The rows of `lake.renderings` that the file's identities make; None without any."""
    if not roles.renderings:
        return None
    selects = []
    for place, forms in roles.renderings.items():
        names = {form.name for form in forms}
        values = [f"g{place}_{name}" if name in names else "CAST(NULL AS BLOB)" for name in FORMS]
        known = " OR ".join(f"g{place}_{name} IS NOT NULL" for name in sorted(names))
        selects.append(
            f"SELECT CAST(rowid AS UINTEGER) AS number, v{place} AS value,"
            f" {', '.join(f'{value} AS {name}' for value, name in zip(values, FORMS, strict=True))}"
            f" FROM parsed WHERE v{place} IS NOT NULL AND ({known})"
        )
    columns = ", ".join(f"any_value(r.{name}) AS {name}" for name in FORMS)
    select = f"""
        SELECT i.hi, i.lo, {columns}
        FROM ({" UNION ALL ".join(selects)}) AS r JOIN identities AS i ON i.number = r.number AND i.value = r.value
        GROUP BY i.hi, i.lo ORDER BY i.hi, i.lo
    """
    path = work_dir / "renderings.parquet"
    return path if write(connection, select, path) else None
