"""From a file's rows to identities: parse, normalise, validate, hash and key in bulk.

Steps, each a table of the one before:

    parsed       a row per row of the file: canonical identity values, answers, flags; no raw identifier but `odd` ones
    resolved     each distinct odd value (what plain SQL does not recognise), decided by `Namespace.normalise`; what it
                 decided goes back to `parsed`
    refused      each row left out, with its first reason, which has no value in `parsed` from then on; `unusable` each
                 single value left out
    identities   a row per identity of a row, keyed and sorted
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import duckdb

from handfast.identity import drop
from handfast.identity.keys import digest_sql, key_sql
from handfast.identity.namespaces import namespaces
from handfast.ingest import answers_of_file, phone_numbers
from handfast.ingest.cells import Source, unreadable
from handfast.ingest.column_shapes import count_shapes, frequent_values
from handfast.ingest.counting import refusals, unknown_shares
from handfast.ingest.facts import Facts
from handfast.ingest.growth import check_identity_columns, rows_that_fit, too_many_rows
from handfast.ingest.new_segments import new_segments
from handfast.ingest.odd_values import resolve
from handfast.ingest.parsing import Roles, parsed_sql
from handfast.ingest.plan import OVERWRITTEN, Plan, UploadRejected
from handfast.ingest.previewing import SEPARATOR
from handfast.ingest.refusals import refuse
from handfast.ingest.sources import open_source
from handfast.lake.answers import create_rules
from handfast.lake.duck import Connection, create_words, literal, parquet

SOURCE_FOLDER = "source"
"""The folder below the one to work in whose files are deleted once they have been read."""
_OF_FORM = ("malformed_csv", "malformed_json")
"""Reasons to refuse a file that may be those of a row alone."""


class Rows(NamedTuple):
    """How a file's tables are read, what was found, and the new ids of segments that its cells name."""

    roles: Roles
    facts: Facts
    created: Mapping[str, str]


def read(connection: Connection, source_path: Path, plan: Plan, work_dir: Path) -> Rows:
    """Make the tables of a file's rows; raises UploadRejected for a file that cannot be read.

    What is refused because of all rows together is left to `facts.check`.
    """
    create_answers(connection, plan)
    source_dir = work_dir / SOURCE_FOLDER
    source_dir.mkdir(exist_ok=True)
    source = open_source(connection, source_path, plan, source_dir)
    roles = Roles.of(plan, source)
    _check_identities(roles, plan)
    check_identity_columns(len(roles.identities))
    _parse(connection, source, roles, plan)
    shutil.rmtree(source_dir)  # the tables that follow take the disk
    problems = _problems(connection, source, plan)
    lacking = tuple(_lacking(connection, roles)) if plan.format == "ndjson" else ()
    mixtures = resolve(connection, roles, plan, work_dir)
    answers_of_file.settle(connection, roles, plan, work_dir)
    shapes, frequent = count_shapes(connection, roles), frequent_values(connection, roles)
    unknown_words = unknown_shares(connection, roles)
    created = new_segments(connection, roles, plan)
    create_segment_type(connection, plan, created)
    _list_cells(connection, roles, plan, created)
    refuse(connection, roles, plan)
    _identities(connection, roles)
    _refuse_suppressed(connection, roles, plan)
    refused, unusable = refusals(connection)
    rows = sum(problems.values())
    found = Facts(
        rows,
        problems,
        lacking,
        *mixtures,
        shapes,
        frequent,
        refused,
        unusable,
        source.delimiter,
        source.warnings,
        unknown_words,
    )
    return Rows(roles, found, created)


def _check_identities(roles: Roles, plan: Plan) -> None:
    """Refuse a file that has none of the columns of identities, each of which it might lack."""
    names = [column.column for column in plan.columns if column.role == "identity"]
    if names and not roles.identities:
        raise UploadRejected("missing_column", f"the file has none of the columns {', '.join(map(repr, names))}")


def _parse(connection: Connection, source: Source, roles: Roles, plan: Plan) -> None:
    """Make `parsed`; where a row stops the reading, or nothing is read, once more so that such rows are refused alone.

    An empty file is cheap to read twice, and may let all members leave.
    """
    refusal = _refusal_of_parsing(connection, source, roles, plan)
    is_whole = refusal is None and connection.execute("FROM parsed LIMIT 1").fetchone() is not None
    if source.tolerant is not None and not is_whole and (refusal is None or refusal.reason in _OF_FORM):
        refusal = _refusal_of_parsing(connection, source.tolerant(), roles, plan)
    if refusal is not None:
        raise refusal


def _refusal_of_parsing(connection: Connection, source: Source, roles: Roles, plan: Plan) -> UploadRejected | None:
    try:
        connection.execute(f"CREATE OR REPLACE TABLE parsed AS {parsed_sql(source, roles)}")
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException):
        raise  # the statement's fault, not the file's
    except duckdb.Error as error:
        return unreadable(error, plan.format)
    return None


def create_types(connection: Connection, plan: Plan) -> None:
    """Create all types and macros, for tables that were read elsewhere."""
    create_answers(connection, plan)
    create_segment_type(connection, plan, {})


def create_answers(connection: Connection, plan: Plan) -> None:
    """Create the type of answers with its macros, and the variable `secret` that keys are made with."""
    connection.execute("SET VARIABLE secret = ?", [plan.secret])
    create_rules(connection)


def create_segment_type(connection: Connection, plan: Plan, created: Mapping[str, str]) -> None:
    """Create the type of segments."""
    flagged = (column.segment_id for column in plan.columns)
    known = {*plan.segments.values(), *created.values(), *filter(None, (plan.segment_id, *flagged)), OVERWRITTEN}
    create_words(connection, "segment_id", sorted(known))


def _problems(connection: Connection, source: Source, plan: Plan) -> dict[str, int]:
    """How many rows have which problem; raises UploadRejected for more rows than fit."""
    counted = connection.execute("SELECT problem, count(*) FROM parsed GROUP BY ALL").fetchall()
    cells = (source.columns[column.column] for column in plan.columns if column.role == "identity")
    limit = rows_that_fit(sum(map(len, cells)))
    if sum(rows for _, rows in counted) > limit:
        raise too_many_rows(limit)
    return {problem or "": rows for problem, rows in counted}


def _lacking(connection: Connection, roles: Roles) -> Iterator[str]:
    """The columns of identities that no row has a value for."""
    for name in dict.fromkeys(column.column for column in roles.identities if not column.optional):
        held = [
            f"coalesce(v{place}, encode(coalesce(o{place}, e{place}))) IS NOT NULL"
            for place, column in enumerate(roles.identities)
            if column.column == name
        ]
        ((is_present,),) = connection.execute(
            f"SELECT coalesce(bool_or({' OR '.join(held)}), FALSE) FROM parsed"
        ).fetchall()
        if not is_present:
            yield name


# Segments named in cells


def _list_cells(connection: Connection, roles: Roles, plan: Plan, created: Mapping[str, str]) -> None:
    """`listed`: each distinct cell of segment names and the segments in it; an unknown name has none."""
    connection.execute("CREATE TABLE known (name VARCHAR, segment VARCHAR)")
    if not roles.lists:
        return
    taken = None if plan.is_preview else plan.selected
    known = [(name, segment) for name, segment in plan.segments.items() if taken is None or segment in taken]
    known += created.items()
    connection.executemany("INSERT INTO known VALUES (?, ?)", known or [("", "")])
    # Where segments are selected, others are left alone whether the sandbox has them or not.
    is_selective = plan.is_preview or plan.selected is not None
    cells = " UNION ".join(f"SELECT l{index} AS cell FROM parsed" for index in range(len(roles.lists)))
    connection.execute(
        f"""
        CREATE TABLE listed AS
        SELECT DISTINCT named.cell, known.segment
        FROM (
            SELECT cell, trim(unnest(string_split(cell, '{SEPARATOR}'))) AS name FROM ({cells}) WHERE cell IS NOT NULL
        ) AS named
        {"" if is_selective else "LEFT "}JOIN known ON known.name = named.name
        WHERE named.name <> ''
        """
    )


# Identities and memberships


def _identities(connection: Connection, roles: Roles) -> None:
    read = [
        f"""
        SELECT CAST(rowid AS UINTEGER) AS number, CAST({namespace.code} AS SMALLINT) AS namespace, v{place} AS value,
            {digest_sql(namespace.code, f"v{place}")} AS digest, {_carried(roles, place)}
        FROM parsed WHERE v{place} IS NOT NULL
        """
        for place, namespace in enumerate(roles.namespaces)
    ]
    nobody = f"""
        SELECT CAST(rowid AS UINTEGER) AS number, CAST(NULL AS SMALLINT) AS namespace, CAST(NULL AS BLOB) AS value,
            CAST(NULL AS VARCHAR) AS digest, {_carried(roles, None)}
        FROM parsed WHERE FALSE
        """
    branches = " UNION ALL ".join(
        f"""
        SELECT {key_sql()}, * EXCLUDE (digest) FROM ({select})
        """
        for select in read or [nobody]
    )
    connection.execute(f"CREATE TABLE identities AS SELECT * FROM ({branches}) ORDER BY hi, lo, number")


def _refuse_suppressed(connection: Connection, roles: Roles, plan: Plan) -> None:
    """Refuse each row that names an erased identity as a whole: what it says of others is of the same person.

    A device alone does not tell of whom a row is, for several people may use it: it is left out, and the row taken for
    what else it names.
    """
    if not plan.suppressions:
        return
    telling = [code for code, known in namespaces().items() if known.hashed]
    hashed = ", ".join(map(str, [*telling, *plan.naming_namespaces]))
    suppressed = f"SELECT hi, lo FROM {parquet(plan.suppressions)} WHERE reason = 'erasure'"
    connection.execute(
        f"""
        CREATE TABLE erased AS
        SELECT rowid AS id, number, namespace, value, namespace IN ({hashed}) AS tells FROM identities
        WHERE (hi, lo) IN ({suppressed}) OR rowid IN ({_listed_devices(roles, suppressed)})
        """
    )
    connection.execute("DELETE FROM identities WHERE rowid IN (SELECT id FROM erased)")
    named = """
        SELECT number FROM erased GROUP BY number
        HAVING bool_or(tells) OR number NOT IN (SELECT number FROM identities)
    """
    listed = phone_numbers.listed_sql(roles, suppressed)
    named = f"{named} UNION SELECT number FROM ({listed}) SEMI JOIN identities USING (number)" if listed else named
    connection.execute(
        f"INSERT INTO refused SELECT DISTINCT number, CAST(NULL AS VARCHAR), 'suppressed' FROM ({named})"
    )
    connection.execute("DELETE FROM identities WHERE number IN (SELECT number FROM refused)")
    for place, (column, namespace) in enumerate(zip(roles.identities, roles.namespaces, strict=True)):
        connection.execute(
            f"""
            INSERT INTO unusable SELECT DISTINCT number, {literal(column.column)}, 'suppressed'
            FROM erased JOIN parsed ON parsed.rowid = number AND v{place} = value AND namespace = {namespace.code}
            WHERE number NOT IN (SELECT number FROM refused)
            """
        )


def _listed_devices(roles: Roles, suppressed: str) -> str:
    """SQL: the rows of `identities` that are devices which DROP lists, whatever their platform, or televisions."""
    named = {namespace.code: namespace for namespace in roles.namespaces}
    televisions = [code for code, namespace in named.items() if drop.may_be_television(namespace)]
    kinds = (
        (drop.MAID, sorted(named.keys() & {*drop.device_codes()}), drop.device_digest_sql("value")),
        (drop.TELEVISION, televisions, drop.television_digest_sql("value")),
    )
    devices = [
        f"SELECT rowid AS id, {digest_sql(kind, digest)} AS digest FROM identities"
        f" WHERE namespace IN ({', '.join(map(str, codes))})"
        for kind, codes, digest in kinds
        if codes
    ]
    if not devices:
        return "SELECT NULL WHERE FALSE"
    keyed = f"SELECT id, {key_sql()} FROM ({' UNION ALL '.join(devices)})"
    return f"SELECT id FROM ({keyed}) WHERE (hi, lo) IN ({suppressed})"


def _carried(roles: Roles, place: int | None) -> str:
    """What an identity of a place takes along from its row: texts, answers and what it says of segments."""
    columns = [f"a{index}" for index in range(len(roles.texts))]
    of_person = answers_of_file.of_person(roles)
    own = of_person if place is None else answers_of_file.of_identity(roles, place)
    for name, (answer, given_at) in (("share", own), ("profile_share", of_person)):
        columns += [f"{answer} AS {name}", f"{given_at} AS {name}_at"]
    columns += [f"f{index}" for index in range(len(roles.flags))]
    columns += [f"l{index}" for index in range(len(roles.lists))]
    return ", ".join([*columns, "exits"])


def said_sql(roles: Roles, plan: Plan) -> str:
    """SELECT of what the rows say of segments, and of a snapshot's withheld identities, each row's several times."""
    said = [
        *([(literal(plan.segment_id), "NOT exits", "identities")] if plan.segment_id else []),
        *(
            (literal(column.segment_id or ""), f"f{index} AND NOT exits", "identities")
            for index, column in enumerate(roles.flags)
        ),
        *(
            (
                "listed.segment",
                "FALSE" if column.leaves else "NOT exits",
                f"identities JOIN listed ON listed.cell = l{index} AND listed.segment IS NOT NULL",
            )
            for index, column in enumerate(roles.lists)
        ),
        ("''", "exits", "identities WHERE FALSE"),
    ]
    selects = " UNION ALL ".join(
        f"SELECT hi, lo, CAST({segment} AS segment_id) AS segment, {realized} AS realized, namespace, number"
        f" FROM {relation}"
        for segment, realized, relation in said
    )
    said_and_withheld = f"SELECT * FROM ({selects}) WHERE realized IS NOT NULL"
    if plan.snapshot:
        # Before all rows of the file, any of which outweighs them.
        said_and_withheld += (
            f" UNION ALL SELECT hi, lo, CAST({literal(plan.segment_id or '')} AS segment_id), CAST(NULL AS BOOLEAN),"
            " namespace, CAST(-1 AS BIGINT) FROM withheld"
        )
    if plan.overwrite:
        overwritten = f"CAST({literal(OVERWRITTEN)} AS segment_id)"
        said_and_withheld += (
            f" UNION ALL SELECT DISTINCT ON (hi, lo) hi, lo, {overwritten}, FALSE, namespace, number FROM identities"
            f" UNION ALL SELECT hi, lo, {overwritten}, NULL, namespace, CAST(-1 AS BIGINT) FROM withheld"
        )
    return said_and_withheld
