"""Who has left which segment by a stream, for as long as a file of before may still come: `departures/`.

A file that tells of a time before (`asOf`) lets nobody join a segment that was left since. Once somebody has joined
again, the row tells of nothing that is not so: who is a member, no file of before lets leave.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from datetime import datetime, timedelta

from handfast.lake import layout
from handfast.lake.duck import connect, timestamp
from handfast.lake.rewriting import rewrite

KEPT = timedelta(days=7)
"""How long after somebody has left that is known; what is not written meanwhile, the bucket's lifecycle deletes."""

_ADDED = """
SELECT hi, lo, segment, max(left_at) AS left_at FROM (FROM old UNION ALL FROM named)
WHERE left_at > CAST($oldest AS TIMESTAMP) GROUP BY hi, lo, segment ORDER BY hi, lo, segment
"""


def add(sandbox_id: str, members: str, at: datetime) -> None:
    """Keep who leaves by a FROM item of a change's memberships, at that time; a repeat changes nothing."""
    with connect() as connection:
        left_at = f"TIMESTAMP '{timestamp(at)}' AS left_at"
        connection.execute(f"CREATE TABLE given AS SELECT hi, lo, segment, {left_at} FROM {members} WHERE NOT realized")
        oldest = {"oldest": timestamp(at - KEPT)}
        rewrite(connection, layout.departures(sandbox_id), layout.DEPARTURE_COLUMNS, _ADDED, oldest)
