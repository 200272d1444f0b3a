"""What came of a file's rows, in numbers."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from handfast.ingest.parsing import Roles
from handfast.ingest.plan import StagedCounts
from handfast.ingest.previewing import may_be_shown
from handfast.lake.duck import Connection

_MOST_WORDS = 20
"""More different words than anybody gives answers by."""


def find_repeated(connection: Connection) -> None:
    """`repeated`: the rows with an identity of an earlier row."""
    connection.execute(
        """
        CREATE TABLE repeated AS
        SELECT DISTINCT number FROM (
            SELECT number, min(number) OVER (PARTITION BY hi, lo) AS first FROM identities
            WHERE (hi, lo) IN (SELECT (hi, lo) FROM identities WHERE rowid IN (SELECT id FROM superseded))
        )
        WHERE number > first
        """
    )


def counted(connection: Connection, roles: Roles, *, repeated_people: bool) -> StagedCounts:
    """What came of the rows, once `refused`, `unusable` and `repeated` are there.

    `repeated_people`: whether a profile id may stand in more than one row.
    """
    ((rows,),) = connection.execute("SELECT count(*) FROM parsed").fetchall()
    refused = connection.execute("SELECT reason, count(*) FROM refused GROUP BY 1 ORDER BY 1").fetchall()
    values = connection.execute(
        """
        SELECT reason, count(*) FROM unusable
        WHERE NOT EXISTS (SELECT 1 FROM refused WHERE refused.number = unusable.number)
        GROUP BY 1 ORDER BY 1
        """
    ).fetchall()
    accepted = rows - sum(count for _, count in refused)
    ((repeated,),) = connection.execute("SELECT count(*) FROM repeated").fetchall()
    people = _people(connection, roles, repeated=repeated_people)
    return StagedCounts(rows, accepted, dict(refused), dict(values), repeated, people)


def unknown_shares(connection: Connection, roles: Roles) -> dict[str, int]:
    """The words of share columns that mean nothing, with the number of their rows, the most frequent first.

    None where they are many, or where one could be a person's: then the column holds something else than answers.
    """
    words = [f"w{index}" for index, column in enumerate(roles.shares) if column.role == "share"]
    if not words:
        return {}
    unknown = " UNION ALL ".join(f"SELECT {word} AS word FROM parsed WHERE {word} IS NOT NULL" for word in words)
    found = connection.execute(
        f"SELECT word, count(*) FROM ({unknown}) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_MOST_WORDS + 1}"
    ).fetchall()
    for word in words:
        connection.execute(f"ALTER TABLE parsed DROP COLUMN {word}")
    return dict(found) if len(found) <= _MOST_WORDS and all(may_be_shown(word) for word, _ in found) else {}


def _people(connection: Connection, roles: Roles, *, repeated: bool) -> int:
    """The profile ids of accepted rows, and the accepted rows without one that repeat no identity."""
    ids = [f"a{index}" for index, column in enumerate(roles.texts) if column.role == "profileId"]
    profile_id = ids[0] if ids else "CAST(NULL AS VARCHAR)"
    distinct = f"count(DISTINCT hash({profile_id})) FILTER ({profile_id} IS NOT NULL)"
    ((people,),) = connection.execute(
        f"""
        SELECT {distinct if repeated else f"count({profile_id})"}
            + count(*) FILTER ({profile_id} IS NULL AND rowid NOT IN (SELECT number FROM repeated))
        FROM parsed WHERE rowid NOT IN (SELECT number FROM refused)
        """
    ).fetchall()
    return int(people)
