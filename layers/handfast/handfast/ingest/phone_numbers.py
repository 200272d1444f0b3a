"""What a file's raw phone numbers say beside their identities: their last ten digits, by which DROP lists people.

Only the sandboxes with a phone index ask for it; `parsed` then has a column `k{place}` for each column of numbers.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from pathlib import Path

from handfast.identity.drop import LAST_TEN
from handfast.identity.keys import digest_sql, key_sql
from handfast.ingest.parsing import Roles
from handfast.lake.duck import Connection, write


def _keyed(roles: Roles) -> str:
    """A SELECT of the numbers that came raw: `number` of the row, `place`, and the key of the last ten digits."""
    digests = " UNION ALL ".join(
        f"SELECT CAST(rowid AS UINTEGER) AS number, {place} AS place, v{place} AS value,"
        f" {digest_sql(LAST_TEN, f'k{place}')} AS digest FROM parsed"
        f" WHERE k{place} IS NOT NULL AND v{place} IS NOT NULL"
        for place in roles.phones
    )
    return f"SELECT number, place, value, {key_sql()} FROM ({digests})"


def listed_sql(roles: Roles, erased: str) -> str | None:
    """SQL: the `number` of rows whose last ten digits are suppressed; `erased` selects the keys that are."""
    return f"SELECT number FROM ({_keyed(roles)}) WHERE (hi, lo) IN ({erased})" if roles.phones else None


def write_index(connection: Connection, roles: Roles, work_dir: Path) -> Path | None:
    """The rows of the phone index that the file's identities make; None without any."""
    if not roles.phones:
        return None
    path = work_dir / "phone_index.parquet"
    select = f"""
        SELECT DISTINCT i.hi, i.lo, k.hi AS last_ten_hi, k.lo AS last_ten_lo
        FROM ({_keyed(roles)}) AS k JOIN identities AS i ON i.number = k.number AND i.value = k.value
        ORDER BY ALL
    """
    return path if write(connection, select, path) else None
