"""What a change says of people holds for all their identities: consent answers and exits given with a profile id.

The tables of a connection that a change is decided in:

    mine      hi, lo, namespace, profile_id: the change's own identities that have a profile id
    joined    hi, lo, segment, number: its rows by which identities join segments, in their order
    said      profile_id, share, given_at: the answers that it gives
    exits     profile_id, segment, number: the last row by which a person leaves a segment
    named     profile_id: all of whom it speaks
    stored, kept   what the sandbox knows of them (`lake.known_people`)

and what is decided:

    in_force  profile_id, share, given_at: each person's answer from now on
    own       hi, lo, share, given_at: the person's answer for each of the change's identities
    spread    hi, lo, namespace, value, share, given_at: identities beside the change's own that are given the answer
    leaving   hi, lo, namespace, segment, number, is_stored: identities that leave with their person by a row, and
              whether they stand beside the change's own
    unknown   hi, lo, share, share_at: answers kept beside the identities, by the key of the profile id: those of
              people without identities, all refusals, and what follows one

Of two answers the later given counts, of two given at once the stricter, and an answer repeated counts from when it
was first given. An identity that comes from another person brings a refusal along, a consent only to a person without
an answer.
"""

# ruff: noqa: S608 - statements are built from this module's own text
from collections.abc import Callable

from handfast.governance.consent import REFUSALS
from handfast.lake.duck import Connection
from handfast.lake.known_people import keyed_sql

type LookUp = Callable[[Connection], None]
"""Makes the tables `stored` and `kept` of a connection."""

_MINE = "(SELECT hi, lo, any_value(namespace) AS namespace, max(profile_id) AS profile_id FROM mine GROUP BY hi, lo)"

_FACTS = f"""
CREATE OR REPLACE TABLE facts AS
SELECT *, weight(share, given_at) AS weight, source <> 'carried' OR share IN {REFUSALS} AS counts
FROM (
    SELECT profile_id, share, given_at, 'said' AS source FROM said
    UNION ALL SELECT profile_id, share, given_at, 'known' FROM kept
    UNION ALL
    SELECT coalesce(m.profile_id, s.profile_id), s.share, s.given_at,
        CASE WHEN m.hi IS NULL OR s.profile_id IS NOT DISTINCT FROM m.profile_id THEN 'known' ELSE 'carried' END
    FROM stored AS s LEFT JOIN {_MINE} AS m USING (hi, lo)
    WHERE s.share IS NOT NULL
)
"""
# Of facts that say the same as the winner, and that nothing has contradicted since, the known one was there first.
_IN_FORCE = """
CREATE OR REPLACE TABLE in_force AS
WITH winner AS (
    SELECT profile_id, share, given_at FROM facts
    QUALIFY row_number() OVER (PARTITION BY profile_id ORDER BY counts DESC, weight DESC) = 1
), other AS (
    SELECT facts.profile_id, max(facts.given_at) AS given_at
    FROM facts JOIN winner USING (profile_id) WHERE facts.share <> winner.share AND counts GROUP BY 1
)
SELECT winner.profile_id, winner.share,
    coalesce(
        max(facts.given_at) FILTER (facts.source = 'known'), min(facts.given_at), any_value(winner.given_at)
    ) AS given_at
FROM winner
LEFT JOIN other USING (profile_id)
LEFT JOIN facts ON facts.profile_id = winner.profile_id AND facts.share = winner.share
    AND (other.given_at IS NULL OR facts.given_at > other.given_at)
GROUP BY winner.profile_id, winner.share
"""
_OWN = f"""
CREATE OR REPLACE TABLE own AS
SELECT m.hi, m.lo, f.share,
    CASE
        WHEN s.profile_id IS DISTINCT FROM m.profile_id AND s.share <> f.share
            THEN greatest(f.given_at, s.given_at + INTERVAL 1 MILLISECOND)
        ELSE f.given_at
    END AS given_at
FROM {_MINE} AS m JOIN in_force AS f USING (profile_id) LEFT JOIN stored AS s ON s.hi = m.hi AND s.lo = m.lo
"""
_SPREAD = """
CREATE OR REPLACE TABLE spread AS
SELECT s.hi, s.lo, s.namespace, s.value, f.share, f.given_at
FROM (FROM stored ANTI JOIN mine USING (hi, lo)) AS s JOIN in_force AS f USING (profile_id)
WHERE s.share IS DISTINCT FROM f.share
"""
_LEAVING = f"""
CREATE OR REPLACE TABLE leaving AS
SELECT p.hi, p.lo, any_value(p.namespace) AS namespace, e.segment, max(e.number) AS number,
    bool_and(is_stored) AS is_stored
FROM (
    SELECT hi, lo, namespace, profile_id, FALSE AS is_stored FROM {_MINE}
    UNION ALL SELECT hi, lo, namespace, profile_id, TRUE FROM stored ANTI JOIN mine USING (hi, lo)
) AS p JOIN exits AS e USING (profile_id)
ANTI JOIN joined AS j ON j.hi = p.hi AND j.lo = p.lo AND j.segment = e.segment AND j.number > e.number
GROUP BY p.hi, p.lo, e.segment
"""
# A refusal outlives the identities that it stands on, which may come to another person.
_KEPT = f"""(
    FROM in_force SEMI JOIN said USING (profile_id)
    WHERE share IN {REFUSALS}
        OR profile_id IN (SELECT profile_id FROM kept)
        OR profile_id NOT IN (
            SELECT profile_id FROM mine WHERE profile_id IS NOT NULL
            UNION ALL SELECT profile_id FROM stored WHERE profile_id IS NOT NULL
        )
)"""
_UNKNOWN = f"""
CREATE OR REPLACE TABLE unknown AS
SELECT hi, lo, share, given_at AS share_at FROM (
    {keyed_sql(_KEPT)}
)
ORDER BY hi, lo
"""
_NOTHING = """
CREATE OR REPLACE TABLE stored (
    hi BIGINT, lo BIGINT, namespace SMALLINT, value BLOB, profile_id VARCHAR, share VARCHAR, given_at TIMESTAMP
);
CREATE OR REPLACE TABLE kept (profile_id VARCHAR, share VARCHAR, given_at TIMESTAMP)
"""


def create_tables(connection: Connection) -> None:
    """Create the tables of what a change says, without rows."""
    connection.execute(
        """
        CREATE TABLE mine (hi BIGINT, lo BIGINT, namespace SMALLINT, profile_id VARCHAR);
        CREATE TABLE joined (hi BIGINT, lo BIGINT, segment VARCHAR, number BIGINT);
        CREATE TABLE said (profile_id VARCHAR, share VARCHAR, given_at TIMESTAMP);
        CREATE TABLE exits (profile_id VARCHAR, segment VARCHAR, number BIGINT);
        CREATE TABLE named (profile_id VARCHAR)
        """
    )


def decide(connection: Connection, look_up: LookUp | None = None) -> None:
    """Make the tables of what is decided; without `look_up` the sandbox knows nobody yet."""
    (look_up or know_nobody)(connection)
    conclude(connection)


def know_nobody(connection: Connection) -> None:
    """Look people up where the sandbox knows none."""
    connection.execute(_NOTHING)


def conclude(connection: Connection) -> None:
    """Make the tables of what is decided, once `stored` and `kept` are there."""
    for statement in (_FACTS, _IN_FORCE, _OWN, _SPREAD, _LEAVING, _UNKNOWN):
        connection.execute(statement)
