"""What came of a file's rows, in numbers."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Mapping

from handfast.ingest.facts import Facts
from handfast.ingest.parsing import Roles
from handfast.ingest.plan import StagedCounts
from handfast.ingest.previewing import may_be_shown
from handfast.lake.duck import Connection

_MOST_WORDS = 20
"""More different words than anybody gives answers by."""


def find_repeated(connection: Connection, roles: Roles) -> None:
    """`repeated`: the rows with an identity of an earlier row, and whether each names its person."""
    named = "FALSE" if roles.profile_id is None else f"a{roles.profile_id} IS NOT NULL"
    connection.execute(
        f"""
        CREATE TABLE repeated AS
        SELECT DISTINCT number, is_named FROM (
            SELECT number, {named} AS is_named, min(number) OVER (PARTITION BY hi, lo) AS first FROM identities
            WHERE (hi, lo) IN (SELECT (hi, lo) FROM identities WHERE rowid IN (SELECT id FROM superseded))
        )
        WHERE number > first
        """
    )


def refusals(connection: Connection) -> tuple[dict[str, int], dict[str, int]]:
    """How many rows were refused, and how many values of other rows left out, by reason."""
    refused = connection.execute("SELECT reason, count(*) FROM refused GROUP BY 1 ORDER BY 1").fetchall()
    values = connection.execute(
        """
        SELECT reason, count(*) FROM unusable
        WHERE NOT EXISTS (SELECT 1 FROM refused WHERE refused.number = unusable.number)
        GROUP BY 1 ORDER BY 1
        """
    ).fetchall()
    return dict(refused), dict(values)


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


def overruled(connection: Connection, relation: str = "overruled") -> dict[str, int]:
    """How many answers of rows another one outweighs, by reason."""
    rows = connection.execute(
        f'SELECT reason, count(*) FROM (SELECT DISTINCT number, "column", reason FROM {relation}) GROUP BY 1 ORDER BY 1'
    ).fetchall()
    return dict(rows)


def counted(facts: Facts, *, overruled: Mapping[str, int], repeated: int, people: int, replaced: int) -> StagedCounts:
    """What came of the rows."""
    accepted = facts.rows - sum(facts.refused.values())
    values = dict(sorted(({**facts.unusable, **overruled}).items()))
    return StagedCounts(
        facts.rows,
        accepted,
        dict(facts.refused),
        values,
        repeated,
        people,
        replaced,
        facts.shapes,
        unknown_shares=dict(facts.unknown_shares),
    )


def repeated_rows(connection: Connection) -> int:
    """How many rows have an identity of an earlier one."""
    ((count,),) = connection.execute("SELECT count(*) FROM repeated").fetchall()
    return int(count)


def unnamed_rows(connection: Connection, roles: Roles) -> int:
    """How many accepted rows have no profile id."""
    unnamed = "TRUE" if roles.profile_id is None else f"a{roles.profile_id} IS NULL"
    ((count,),) = connection.execute(
        f"SELECT count(*) FROM parsed WHERE {unnamed} AND rowid NOT IN (SELECT number FROM refused)"
    ).fetchall()
    return int(count)


def people(connection: Connection, roles: Roles, *, repeated: bool) -> int:
    """The profile ids of accepted rows, and the accepted rows without one that repeat no identity.

    `repeated`: whether a profile id may stand in more than one row.
    """
    ids = [f"a{index}" for index, column in enumerate(roles.texts) if column.role == "profileId"]
    profile_id = ids[0] if ids else "CAST(NULL AS VARCHAR)"
    distinct = f"count(DISTINCT hash({profile_id})) FILTER ({profile_id} IS NOT NULL)"
    ((count,),) = connection.execute(
        f"""
        SELECT {distinct if repeated else f"count({profile_id})"}
            + count(*) FILTER ({profile_id} IS NULL AND rowid NOT IN (SELECT number FROM repeated))
        FROM parsed WHERE rowid NOT IN (SELECT number FROM refused)
        """
    ).fetchall()
    return int(count)
