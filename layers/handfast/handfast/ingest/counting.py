"""What came of a file's rows, in numbers."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from handfast.ingest.parsing import Roles
from handfast.ingest.plan import StagedCounts
from handfast.lake.duck import Connection


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
