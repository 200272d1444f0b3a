"""From an uploaded file to a change: parse, normalise, validate, hash and key in bulk, sort, one part per span.

Steps, each a table of the one before:

    parsed       a row per row of the file: canonical identity values, answers, flags; no raw identifier but `odd` ones
    resolved     each distinct odd value (what plain SQL does not recognise), decided by `Namespace.normalise`; what it
                 decided goes back to `parsed`
    refused      each row left out, with its first reason, which has no value in `parsed` from then on; `unusable` each
                 single value left out
    identities   a row per identity, keyed and sorted
    memberships  a row per segment and identity, sorted

    mine, said, …  what is said of people, whose other identities come beside these (`person_facts`)

Rows of one file act as if applied one after another: of two that speak of the same identity the later one wins. Of
two consent answers of one identity or person the one given later wins, of two given at once the stricter, whatever
their order.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb

from handfast.identity import drop
from handfast.identity.keys import digest_sql, key_sql
from handfast.identity.namespaces import namespaces
from handfast.ingest import answers_of_file, people_of_file, phone_numbers
from handfast.ingest.cells import MALFORMED_LINE, RAGGED_ROW, Source, no_rows, unreadable
from handfast.ingest.column_shapes import count_shapes, warnings_of
from handfast.ingest.counting import counted, find_repeated, unknown_shares
from handfast.ingest.growth import check_identity_columns, rows_that_fit, too_large, too_many_rows
from handfast.ingest.new_segments import new_segments
from handfast.ingest.odd_values import resolve
from handfast.ingest.parsing import Roles, parsed_sql
from handfast.ingest.person_facts import LookUp
from handfast.ingest.plan import OVERWRITTEN, Plan, Staged, StagedSpan, UploadRejected
from handfast.ingest.previewing import SEPARATOR, write_named
from handfast.ingest.refusals import refuse, write_rejects
from handfast.ingest.rendering import write_renderings
from handfast.ingest.sources import open_source
from handfast.lake.answers import create_rules
from handfast.lake.buckets import span_name, span_range, spans, within_sql
from handfast.lake.duck import Connection, connect, create_words, literal, parquet, timestamp, write

SOURCE_FOLDER = "source"
"""The folder below the one to work in whose files are deleted once they have been read."""
_OF_FORM = ("malformed_csv", "malformed_json")
"""Reasons to refuse a file that may be those of a row alone."""


def stage(source_path: Path, plan: Plan, work_dir: Path, look_up: LookUp | None = None) -> Staged:
    """Make a file into the change it stands for, below `work_dir`; raises UploadRejected for the file as a whole.

    The time is that of `plan.at` for all answers. Spans without any row are left out. `look_up` finds what the sandbox
    knows of the people in the file; without it, it knows nobody.
    """
    try:
        with connect() as connection:
            return _stage(connection, source_path, plan, work_dir, look_up)
    except duckdb.OutOfMemoryException:
        raise too_large() from None
    except duckdb.Error as error:
        # Its text may quote values, which no log may hold.
        raise StagingError(type(error).__name__) from None


class StagingError(RuntimeError):
    """The engine failed in a way that is not known to be the file's fault."""


def _stage(connection: Connection, source_path: Path, plan: Plan, work_dir: Path, look_up: LookUp | None) -> Staged:
    connection.execute("SET VARIABLE secret = ?", [plan.secret])
    create_rules(connection)
    source_dir = work_dir / SOURCE_FOLDER
    source_dir.mkdir(exist_ok=True)
    source = open_source(connection, source_path, plan, source_dir)
    roles = Roles.of(plan, source)
    _check_identities(roles, plan)
    check_identity_columns(len(roles.identities))
    _parse(connection, source, roles, plan)
    shutil.rmtree(source_dir)  # the tables that follow take the disk
    _check_rows(connection, source, plan)
    _check_columns(connection, roles, plan)
    resolve(connection, roles, plan, work_dir)
    answers_of_file.settle(connection, roles, plan, work_dir)
    shapes = count_shapes(connection, roles)
    warnings = (*source.warnings, *warnings_of(connection, roles, shapes))
    unknown_words = unknown_shares(connection, roles)
    created = new_segments(connection, roles, plan)
    _create_segment_type(connection, plan, created)
    _list_cells(connection, roles, plan, created)
    refuse(connection, roles, plan)
    _identities(connection, roles)
    _refuse_suppressed(connection, roles, plan)
    phone_index = phone_numbers.write_index(connection, roles, work_dir)
    renderings = write_renderings(connection, roles, work_dir)
    named = write_named(connection, roles, work_dir) if plan.is_preview else None
    _memberships(connection, roles, plan)
    _fold(connection, roles)
    repeated = people_of_file.has_repeated_people(connection, roles)
    replaced = people_of_file.settle(connection, roles, plan, look_up, repeated=repeated)
    written = tuple(_write_spans(connection, roles, plan, work_dir))
    answers = people_of_file.write_answers(connection, roles, work_dir)
    connection.execute("INSERT INTO unusable SELECT DISTINCT * FROM overruled")
    counts = counted(connection, roles, repeated_people=repeated)
    counts = replace(
        counts,
        replaced=replaced,
        shapes=shapes,
        warnings=warnings,
        created=len(created),
        unknown_shares=unknown_words,
    )
    rejects = write_rejects(connection, work_dir)
    return Staged(written, rejects, counts, answers, source.delimiter, phone_index, renderings, named, created)


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


def _check_identities(roles: Roles, plan: Plan) -> None:
    """Refuse a file that has none of the columns of identities, each of which it might lack."""
    names = [column.column for column in plan.columns if column.role == "identity"]
    if names and not roles.identities:
        raise UploadRejected("missing_column", f"the file has none of the columns {', '.join(map(repr, names))}")


def _create_segment_type(connection: Connection, plan: Plan, created: Mapping[str, str]) -> None:
    flagged = (column.segment_id for column in plan.columns)
    known = {*plan.segments.values(), *created.values(), *filter(None, (plan.segment_id, *flagged)), OVERWRITTEN}
    create_words(connection, "segment_id", sorted(known))


def _check_rows(connection: Connection, source: Source, plan: Plan) -> None:
    """Refuse a file of no rows, of more than fit, or of none that can be read: it is not what it was announced as."""
    counted = connection.execute("SELECT problem, count(*) FROM parsed GROUP BY ALL").fetchall()
    problems = {problem for problem, _ in counted}
    cells = (source.columns[column.column] for column in plan.columns if column.role == "identity")
    limit = rows_that_fit(sum(map(len, cells)))
    if sum(rows for _, rows in counted) > limit:
        raise too_many_rows(limit)
    if not problems and not plan.may_be_empty:
        raise no_rows()
    if not problems or not problems <= {RAGGED_ROW, MALFORMED_LINE}:
        return
    if plan.format == "ndjson":
        raise UploadRejected("malformed_json", "no line of the file is one JSON object without repeated names")
    if plan.preset:
        raise UploadRejected("not_of_preset", f"no row of the file is one of {plan.preset}; choose another preset")
    if RAGGED_ROW not in problems:
        raise UploadRejected("malformed_csv", "no row of the file can be read; close every quote, double quotes inside")
    raise UploadRejected(
        "ragged_rows", "no row of the file has as many fields as the header; quote cells that hold the delimiter"
    )


def _check_columns(connection: Connection, roles: Roles, plan: Plan) -> None:
    """JSON objects name their members each: a column that none of them has is missing."""
    if plan.format != "ndjson":
        return
    for name in dict.fromkeys(column.column for column in roles.identities if not column.optional):
        held = [
            f"coalesce(v{place}, encode(coalesce(o{place}, e{place}))) IS NOT NULL"
            for place, column in enumerate(roles.identities)
            if column.column == name
        ]
        ((rows, present),) = connection.execute(
            f"SELECT count(*), coalesce(bool_or({' OR '.join(held)}), FALSE) FROM parsed"
        ).fetchall()
        if rows and not present:
            raise UploadRejected("missing_column", f"no line of the file has a value for {name!r}")


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


def _memberships(connection: Connection, roles: Roles, plan: Plan) -> None:
    """A segment that a row names twice is left if either says so, by the order of the sort."""
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
        said_and_withheld += (
            f" UNION ALL SELECT DISTINCT ON (hi, lo) hi, lo, CAST({literal(OVERWRITTEN)} AS segment_id), FALSE,"
            " namespace, number FROM identities ANTI JOIN withheld USING (hi, lo)"
        )
    connection.execute(
        f"CREATE TABLE memberships AS SELECT * FROM ({said_and_withheld})"
        " ORDER BY segment, hi, lo, number, realized DESC"
    )
    connection.execute(f"DELETE FROM memberships WHERE rowid IN ({_superseded('memberships', 'hi, lo, segment')})")


def _superseded(table: str, key: str) -> str:
    """The rows of a sorted table that the next row has the same key as."""
    return f"SELECT id FROM (SELECT rowid AS id, ({key}) = lead(({key})) OVER () AS again FROM {table}) WHERE again"


def _fold(connection: Connection, roles: Roles) -> None:
    """Make the rows of one identity one: of its texts the last that is given, of answers the strictest."""
    connection.execute(f"CREATE TABLE superseded AS {_superseded('identities', 'hi, lo')}")
    find_repeated(connection)
    texts = [f"a{index}" for index in range(len(roles.texts))]
    answers = ["share", "share_at", "profile_share", "profile_share_at"]
    folded = [answers_of_file.latest_sql(name) for name in ("share", "profile_share")]
    folded += [f"arg_max({name}, number) AS {name}" for name in texts]
    connection.execute(
        f"""
        CREATE TABLE folded AS
        SELECT hi, lo, {", ".join(folded)}
        FROM identities
        WHERE (hi, lo) IN (SELECT (hi, lo) FROM identities WHERE rowid IN (SELECT id FROM superseded))
        GROUP BY hi, lo
        """
    )
    answers_of_file.note_overruled(connection, roles)
    connection.execute("DELETE FROM identities WHERE rowid IN (SELECT id FROM superseded)")
    connection.execute(
        f"""
        UPDATE identities SET {", ".join(f"{name} = folded.{name}" for name in answers + texts)}
        FROM folded WHERE folded.hi = identities.hi AND folded.lo = identities.lo
        """
    )


# Writing


def _write_spans(connection: Connection, roles: Roles, plan: Plan, work_dir: Path) -> Iterator[StagedSpan]:
    at = f"TIMESTAMP '{timestamp(plan.at)}'"
    profile_id = "CAST(NULL AS VARCHAR)" if roles.profile_id is None else f"a{roles.profile_id}"
    profiles = f"""
        SELECT hi, lo, namespace, value, {profile_id} AS profile_id,
            share, profile_share, CASE WHEN share IS NOT NULL THEN coalesce(share_at, {at}) END AS share_at,
            {_attributes(roles)} AS attributes,
            CASE WHEN profile_share IS NOT NULL THEN coalesce(profile_share_at, {at}) END AS profile_share_at
        FROM identities
    """
    for span in spans(plan.bucket_bits):
        within = within_sql(span_range(span, plan.bucket_bits))
        paths = []
        for name, select in (
            ("profiles", profiles),
            ("memberships", "SELECT hi, lo, segment, realized, namespace FROM memberships"),
        ):
            path = work_dir / f"{name}-{span_name(span)}.parquet"
            rows = write(connection, f"{select} WHERE {within}", path)
            paths.append(path if rows else None)
        if any(paths):
            yield StagedSpan(span, *paths)


def _attributes(roles: Roles) -> str:
    """A JSON object of the attributes given, or null; one that is cleared is a member that is null (RFC 7396)."""
    members = [
        f"{literal(json.dumps(column.name or column.column, ensure_ascii=False) + ':')}"
        f" || coalesce(CAST(to_json(nullif(a{index}, '')) AS VARCHAR), CASE WHEN a{index} = '' THEN 'null' END)"
        for index, column in enumerate(roles.texts)
        if column.role == "attribute"
    ]
    if not members:
        return "CAST(NULL AS VARCHAR)"
    return f"nullif('{{' || concat_ws(',', {', '.join(members)}) || '}}', '{{}}')"
