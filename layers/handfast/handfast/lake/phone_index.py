"""The phone numbers of a sandbox by their last ten digits, as DROP knows them: `phone_index/`.

A row is an identity whose number once came raw, by an upload or a stream, with the key of its last ten digits
(`identity.drop.LAST_TEN`); of a number that came hashed they cannot be told. Only sandboxes that ask for it
(`phoneIndex`) have an index.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text

from handfast.lake import layout
from handfast.lake.duck import connect
from handfast.lake.rewriting import rewrite

_ADDED = "SELECT DISTINCT * FROM (FROM named UNION ALL FROM old ANTI JOIN named USING (hi, lo)) ORDER BY hi, lo"


def add(sandbox_id: str, rows: str) -> None:
    """Index the identities of a FROM item of `layout.PHONE_INDEX_COLUMNS`; a repeat changes nothing."""
    with connect() as connection:
        connection.execute(f"CREATE TABLE given AS SELECT * FROM {rows}")
        rewrite(connection, layout.phone_index(sandbox_id), layout.PHONE_INDEX_COLUMNS, _ADDED)
