"""Rows and values of a file that are left out, each with its reason: `refused`, `unusable`, `withheld`."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from pathlib import Path

from handfast.identity.keys import digest_sql, key_sql
from handfast.ingest import people_of_file
from handfast.ingest.cells import OF_ROWS
from handfast.ingest.parsing import Roles
from handfast.ingest.plan import NOT_SELECTED, Plan
from handfast.lake.duck import Connection, literal, spreadsheet_safe

_OF_ROWS = ("no_identity", "suppressed", *OF_ROWS)
"""Reasons of rows that no cell gives."""


def refuse(connection: Connection, roles: Roles, plan: Plan) -> None:
    """Make `refused` and `unusable`, and where rows replace others `withheld`.

    What a refused row holds is read no further.
    """
    places = range(len(roles.identities))
    usable = " OR ".join([*(f"v{place} IS NOT NULL" for place in places), people_of_file.speaks_sql(roles)])
    reasons = ", ".join([*(f"r{place}.reason, e{place}" for place in places), "'no_identity'"])
    unknown = " ".join(
        f"WHEN l{index} IN (SELECT cell FROM listed WHERE segment IS NULL) THEN {literal(column.column)}"
        for index, column in enumerate(roles.lists)
        if not (column.leaves and plan.creates)  # what is not there is left by everybody
    )
    connection.execute(
        f"""
        CREATE TABLE refused AS
        SELECT number, coalesce(problem_column, unknown_segment) AS "column",
            coalesce(problem, CASE WHEN unknown_segment IS NOT NULL THEN 'unknown_segment' END, unselected, unusable)
                AS reason
        FROM (
            SELECT parsed.rowid AS number, problem, problem_column,
                {f"CASE {unknown} END" if unknown else "CAST(NULL AS VARCHAR)"} AS unknown_segment,
                {_unselected(roles, plan)} AS unselected,
                CASE WHEN {usable} THEN NULL ELSE coalesce({reasons}) END AS unusable
            FROM parsed {" ".join(f"LEFT {_resolving(roles, place)}" for place in places)}
        )
        WHERE coalesce(problem, unknown_segment, unselected, unusable) IS NOT NULL
        """
    )
    if plan.snapshot or plan.overwrite:
        _withhold(connection, roles)
    if places:
        connection.execute(
            f"UPDATE parsed SET {', '.join(f'v{place} = NULL' for place in places)}"
            " FROM refused WHERE refused.number = parsed.rowid"
        )
    rejected = [
        "SELECT 0 AS number, '' AS \"column\", CAST(NULL AS VARCHAR) AS reason WHERE FALSE",
        *(
            f'SELECT parsed.rowid AS number, {literal(column.column)} AS "column", r{place}.reason AS reason'
            f" FROM parsed {_resolving(roles, place)}"
            for place, column in enumerate(roles.identities)
        ),
        *(
            f"SELECT DISTINCT rowid, {literal(column.column)}, e{place} FROM parsed WHERE e{place} IS NOT NULL"
            for place, column in enumerate(roles.identities)
        ),
        *(f"SELECT rowid, {literal(column.column)}, x{index} FROM parsed" for index, column in enumerate(roles.texts)),
    ]
    if roles.profile_id is not None:
        place, column = len(roles.identities), roles.texts[roles.profile_id]
        rejected.append(
            f"SELECT parsed.rowid, {literal(column.column)}, r{place}.reason FROM parsed {_resolving(roles, place)}"
        )
    connection.execute(
        f"CREATE TABLE unusable AS SELECT * FROM ({' UNION ALL '.join(rejected)}) WHERE reason IS NOT NULL"
    )


def _unselected(roles: Roles, plan: Plan) -> str:
    """The reason of a row whose cells name none of the segments that are taken; a preview takes all rows."""
    if plan.selected is None or plan.is_preview or not roles.lists:
        return "CAST(NULL AS VARCHAR)"
    named = " OR ".join(f"l{index} IN (SELECT cell FROM listed)" for index in range(len(roles.lists)))
    return f"CASE WHEN NOT coalesce({named}, FALSE) THEN {literal(NOT_SELECTED)} END"


def _withhold(connection: Connection, roles: Roles) -> None:
    """`withheld`: the identities of refused rows, which neither join nor leave."""
    keyed = " UNION ".join(
        f"SELECT {digest_sql(namespace.code, f'v{place}')} AS digest, {namespace.code} AS namespace FROM parsed"
        f" WHERE v{place} IS NOT NULL AND rowid IN (SELECT number FROM refused)"
        for place, namespace in enumerate(roles.namespaces)
    )
    connection.execute(f"CREATE TABLE withheld AS SELECT {key_sql()}, namespace FROM ({keyed})")


def _resolving(roles: Roles, place: int) -> str:
    return f"JOIN resolved AS r{place} ON {roles.decides(f'r{place}', place)}"


def rejects_sql(roles: Roles) -> str:
    """SELECT of what rows were refused and values left out for: `number`, `column`, `reason`, `profile_id`.

    A row refused for its values is listed by them. The profile id is as it is kept, null where it is none.
    """
    profile_id = "CAST(NULL AS VARCHAR)" if roles.profile_id is None else "a0"
    return f"""
        SELECT rejects.*, {profile_id} AS profile_id
        FROM (
            SELECT number, "column", reason FROM unusable
            UNION ALL
            SELECT number, "column", reason FROM refused WHERE "column" IS NOT NULL OR reason IN {_OF_ROWS}
        ) AS rejects
        JOIN parsed ON parsed.rowid = rejects.number
    """


def write_rejects(connection: Connection, roles: Roles, plan: Plan, work_dir: Path) -> Path | None:
    """A CSV of row, column and reason, and where it is asked for the profile id; None where all was taken.

    It has nothing else of the rows than their columns' names. Rows count from 1, the header and blank lines not among
    them.
    """
    path = work_dir / "rejects.csv"
    ((rows,),) = connection.execute(
        f"""
        COPY (
            SELECT number + 1 AS "row", {told_columns(with_profile_id=plan.rejects_name_profiles)}
            FROM ({rejects_sql(roles)} UNION ALL SELECT DISTINCT * FROM overruled)
            ORDER BY ALL
        ) TO {literal(path)} (FORMAT csv, HEADER)
        """
    ).fetchall()
    return path if rows else None


def told_columns(*, with_profile_id: bool) -> str:
    """SQL of what a list of rejects tells beside the row, as spreadsheets show it."""
    profile_id = f', {spreadsheet_safe("profile_id")} AS "profileId"' if with_profile_id else ""
    named = spreadsheet_safe('"column"')
    return f'{named} AS "column", reason{profile_id}'
