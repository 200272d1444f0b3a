"""From an uploaded file to a change: parse, normalise, validate, hash and key in bulk, sort, one part per span.

Steps, each a table of the one before:

    parsed       a row per row of the file: canonical identity values, answers, flags; no raw identifier but `odd` ones
    resolved     each distinct odd value (what plain SQL does not recognise), decided by `Namespace.normalise`; what it
                 decided goes back to `parsed`
    refused      each row left out, with its first reason, which has no value in `parsed` from then on; `unusable` each
                 single value left out
    identities   a row per identity, keyed and sorted
    memberships  a row per segment and identity, sorted

Rows of one file act as if applied one after another: of two that speak of the same identity the later one wins,
answer by answer.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from handfast.governance.consent import SHARE_ANSWERS
from handfast.identity.namespaces import (
    DIGEST_SHAPE,
    EMPTY_DIGEST,
    MAX_LENGTH,
    Namespace,
    Rejected,
    is_digest,
    namespace_of,
)
from handfast.ingest.models import Column
from handfast.ingest.plan import Plan, Staged, StagedCounts, StagedSpan, UploadRejected
from handfast.ingest.sources import Source, no_rows, open_source, unreadable
from handfast.lake.buckets import span_name, span_range, spans, within_sql
from handfast.lake.duck import Connection, connect, create_words, literal, parquet, timestamp, write

REALIZED_WORDS = ("1", "true", "yes", "y", "realized")
EXITED_WORDS = ("0", "false", "no", "n", "exited")
_SEPARATOR = "|"
_FETCH = 10_000
_ADDRESS = "[^@ ]+@[^@ ]+[.][^@ ]+"


def stage(source_path: Path, plan: Plan, work_dir: Path) -> Staged:
    """Make a file into the change it stands for, below `work_dir`; raises UploadRejected for the file as a whole.

    The time is that of `plan.at` for all answers. Spans without any row are left out.
    """
    try:
        with connect() as connection:
            return _stage(connection, source_path, plan, work_dir)
    except duckdb.OutOfMemoryException:
        raise UploadRejected("too_large", "the file is too large for one upload; split it") from None
    except duckdb.Error as error:
        # Its text may quote values, which no log may hold.
        raise StagingError(type(error).__name__) from None


class StagingError(RuntimeError):
    """The engine failed in a way that is not known to be the file's fault."""


def _stage(connection: Connection, source_path: Path, plan: Plan, work_dir: Path) -> Staged:
    roles = _Roles.of(plan)
    connection.execute("SET VARIABLE secret = ?", [plan.secret])
    _create_types(connection, plan)
    wanted = list(dict.fromkeys(column.column for column in plan.columns))
    source = open_source(connection, source_path, plan.format, wanted, work_dir)
    try:
        connection.execute(f"CREATE TABLE parsed AS {_parsed(source, roles)}")
    except duckdb.Error as error:
        raise unreadable(error, plan.format) from None
    _check_columns(connection, roles, plan)
    _resolve(connection, roles, plan, work_dir)
    _check_mixed(connection, roles)
    _take_resolved(connection, roles)
    _list_cells(connection, roles, plan)
    _refuse(connection, roles)
    _identities(connection, roles)
    _refuse_suppressed(connection, plan)
    _memberships(connection, roles, plan)
    _fold(connection, roles)
    written = tuple(_write_spans(connection, roles, plan, work_dir))
    return Staged(written, _write_rejects(connection, work_dir), _counts(connection))


def _create_types(connection: Connection, plan: Plan) -> None:
    flagged = (column.segment_id for column in plan.columns)
    known = {*plan.segments.values(), *filter(None, (plan.segment_id, *flagged)), ""}
    create_words(connection, "answer", SHARE_ANSWERS)
    create_words(connection, "segment_id", sorted(known))


@dataclass(frozen=True)
class _Roles:
    """The plan's columns by what they do; their places here name what `parsed` holds of them."""

    identities: tuple[Column, ...]
    namespaces: tuple[Namespace, ...]
    texts: tuple[Column, ...]
    shares: tuple[Column, ...]
    status: Column | None
    flags: tuple[Column, ...]
    lists: tuple[Column, ...]

    @classmethod
    def of(cls, plan: Plan) -> "_Roles":
        def having(role: str) -> tuple[Column, ...]:
            return tuple(column for column in plan.columns if column.role == role)

        segments = having("segment")
        return cls(
            identities=having("identity"),
            namespaces=tuple(namespace_of(column.namespace or 0) for column in having("identity")),
            texts=(*having("profileId"), *having("attribute")),
            shares=having("share"),
            status=next(iter(having("status")), None),
            flags=tuple(column for column in segments if column.segment_id is not None),
            lists=tuple(column for column in segments if column.segment_id is None),
        )


# Parsing


def _parsed(source: Source, roles: _Roles) -> str:
    """SELECT of the table `parsed`; the text of each cell is trimmed, and null when blank, in the inner one."""
    names = {column: f"t{index}" for index, column in enumerate(source.columns)}
    cells = ", ".join(f"nullif({_trimmed(source.columns[column])}, '') AS {name}" for column, name in names.items())
    expressions = [
        *(f"{text} AS {name}" for name, text in _own_columns(names, roles)),
        *(f"{text} AS {name}" for name, text in _identity_columns(names, roles)),
        f"{_problem(names, roles, with_column=False)} AS problem",
        f"{_problem(names, roles, with_column=True)} AS problem_column",
    ]
    trimmed = f"SELECT {cells} FROM {source.relation}"
    return f"SELECT {', '.join(expressions)} FROM (SELECT *, {', '.join(_shapes(names, roles))} FROM ({trimmed}))"


def _trimmed(text: str) -> str:
    """Without spaces around; only text that begins or ends like it has some pays for the search."""
    return f"CASE WHEN {text} < '!' OR {text} > '~' OR suffix({text}, ' ') THEN trim({text}) ELSE {text} END"


def _own_columns(names: dict[str, str], roles: _Roles) -> Iterator[tuple[str, str]]:
    """What a row says of its person: profile id, answers, segments, attributes."""
    for index, column in enumerate(roles.texts):
        text, reason = names[column.column], _text_reason(names[column.column])
        yield f"a{index}", f"CASE WHEN {reason} IS NULL THEN {text} END"
        yield f"x{index}", reason
    for index, column in enumerate(roles.shares):
        yield f"s{index}", _answer(names[column.column])
    yield "exits", f"coalesce(NOT {_flag(names[roles.status.column])}, FALSE)" if roles.status else "FALSE"
    for index, column in enumerate(roles.flags):
        yield f"f{index}", _flag(names[column.column])
    for index, column in enumerate(roles.lists):
        yield f"l{index}", names[column.column]


def _answer(text: str) -> str:
    cases = " ".join(f"WHEN {literal(answer.lower())} THEN {literal(answer)}" for answer in SHARE_ANSWERS)
    return f"CAST(CASE lower({text}) {cases} END AS answer)"


def _flag(text: str) -> str:
    return f"CASE WHEN lower({text}) IN {REALIZED_WORDS} THEN TRUE WHEN lower({text}) IN {EXITED_WORDS} THEN FALSE END"


def _shapes(names: dict[str, str], roles: _Roles) -> Iterator[str]:
    """Per identity column whether its text is a digest `d`, and whether plain SQL knows its canonical form `p`."""
    for index, (column, namespace) in enumerate(zip(roles.identities, roles.namespaces, strict=True)):
        text = names[column.column]
        digest = (
            f"CASE WHEN strlen({text}) = 64 THEN regexp_full_match({text}, '{DIGEST_SHAPE}')"
            f" AND lower({text}) <> '{EMPTY_DIGEST}' ELSE FALSE END"
        )
        plain = "FALSE" if namespace.hashed and column.transform == "none" else namespace.plain.format(text)
        yield f"({digest if namespace.hashed else 'FALSE'}) AS d{index}, ({plain}) AS p{index}"


def _identity_columns(names: dict[str, str], roles: _Roles) -> Iterator[tuple[str, str]]:
    """Per identity column its canonical value `v`, whether it came hashed `h`, and what is left to decide `o`."""
    for index, (column, namespace) in enumerate(zip(roles.identities, roles.namespaces, strict=True)):
        text, digest, plain = names[column.column], f"d{index}", f"p{index}"
        canonical = namespace.plain_canonical.format(text)
        value = f"unhex(sha256({canonical}))" if namespace.hashed else f"encode({canonical})"
        yield f"v{index}", f"CASE WHEN {plain} THEN {value} WHEN {digest} THEN unhex({text}) END"
        yield f"h{index}", digest
        yield f"o{index}", f"CASE WHEN {plain} OR {digest} THEN NULL ELSE {text} END"


def _problem(names: dict[str, str], roles: _Roles, *, with_column: bool) -> str:
    """The first reason to leave out a row that a cell gives, or the column it stands in; null without any."""
    checks = [(column, _answer, "unknown_share") for column in roles.shares]
    checks += [
        (column, _flag, "unknown_status") for column in (*roles.flags, *([roles.status] if roles.status else []))
    ]
    cases = " ".join(
        f"WHEN {names[column.column]} IS NOT NULL AND {known(names[column.column])} IS NULL"
        f" THEN {literal(column.column if with_column else reason)}"
        for column, known, reason in checks
    )
    return f"CASE {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def _check_columns(connection: Connection, roles: _Roles, plan: Plan) -> None:
    """Refuse an empty file. JSON objects name their members each: a column that none of them has is missing."""
    ((rows,),) = connection.execute("SELECT count(*) FROM parsed").fetchall()
    if not rows:
        raise no_rows()
    if plan.format != "ndjson":
        return
    counts = ", ".join(f"count(v{index}) + count(o{index})" for index in range(len(roles.identities)))
    (present,) = connection.execute(f"SELECT {counts} FROM parsed").fetchall()
    for column, count in zip(roles.identities, present, strict=True):
        if not count:
            raise UploadRejected("missing_column", f"no line of the file has a value for {column.column!r}")


# Odd values


def _resolve(connection: Connection, roles: _Roles, plan: Plan, work_dir: Path) -> None:
    """Decide each distinct odd value once; the decisions travel by number, so that no raw value is written."""
    odd = " UNION ALL ".join(
        f"SELECT {index} AS place, o{index} AS text FROM parsed WHERE o{index} IS NOT NULL"
        for index in range(len(roles.identities))
    )
    connection.execute(
        f"CREATE TABLE odd AS SELECT row_number() OVER () AS id, * FROM (SELECT DISTINCT * FROM ({odd}))"
    )
    decisions = work_dir / "decisions.csv"
    with decisions.open("w", newline="") as file:
        csv.writer(file).writerows(_decisions(connection, roles, plan))
    connection.execute(
        "CREATE TABLE resolved AS SELECT place, text, unhex(value) AS value, hashed, reason FROM odd JOIN read_csv("
        f"{literal(decisions)}, auto_detect=false, header=false, delim=',', quote='\"', escape='\"',"
        " columns={'id': 'BIGINT', 'value': 'VARCHAR', 'hashed': 'BOOLEAN', 'reason': 'VARCHAR'}) USING (id)"
    )
    decisions.unlink()


def _decisions(connection: Connection, roles: _Roles, plan: Plan) -> Iterator[tuple[int, str | None, bool, str | None]]:
    connection.execute("SELECT id, place, text FROM odd")
    while rows := connection.fetchmany(_FETCH):
        for number, place, text in rows:
            column, namespace = roles.identities[place], roles.namespaces[place]
            hashed = namespace.hashed and is_digest(text)
            try:
                value = namespace.normalise(text, phone_region=plan.phone_region)
            except Rejected as rejected:
                yield number, None, False, None if rejected.reason == "empty" else rejected.reason
            else:
                raw = namespace.hashed and column.transform == "none" and not hashed
                yield number, None if raw else value.hex(), hashed, "not_hashed" if raw else None


def _check_mixed(connection: Connection, roles: _Roles) -> None:
    """Refuse a column of both raw and hashed values: one of the two halves would match nobody."""
    for index, (column, namespace) in enumerate(zip(roles.identities, roles.namespaces, strict=True)):
        if not namespace.hashed:
            continue
        ((hashed, raw),) = connection.execute(
            f"""
            SELECT coalesce(bool_or(hashed), FALSE), coalesce(bool_or(NOT hashed), FALSE) FROM (
                SELECT DISTINCT h{index} AS hashed FROM parsed WHERE v{index} IS NOT NULL
                UNION ALL
                SELECT hashed FROM resolved WHERE place = {index} AND (value IS NOT NULL OR reason = 'not_hashed')
            )
            """
        ).fetchall()
        if hashed and raw:
            raise UploadRejected(
                "mixed_raw_and_hashed",
                f"the column {column.column!r} holds both raw and hashed values; put them into two columns, or hash"
                " all or none of them",
            )


def _take_resolved(connection: Connection, roles: _Roles) -> None:
    for place in range(len(roles.identities)):
        connection.execute(
            f"""
            UPDATE parsed SET v{place} = resolved.value FROM resolved
            WHERE resolved.place = {place} AND resolved.text = o{place} AND resolved.value IS NOT NULL
            """
        )


# Segments named in cells


def _list_cells(connection: Connection, roles: _Roles, plan: Plan) -> None:
    """`listed`: each distinct cell of segment names and the segments in it; an unknown name has none."""
    connection.execute("CREATE TABLE known (name VARCHAR, segment VARCHAR)")
    if not roles.lists:
        return
    connection.executemany("INSERT INTO known VALUES (?, ?)", list(plan.segments.items()) or [("", "")])
    cells = " UNION ".join(f"SELECT l{index} AS cell FROM parsed" for index in range(len(roles.lists)))
    connection.execute(
        f"""
        CREATE TABLE listed AS
        SELECT DISTINCT named.cell, known.segment
        FROM (
            SELECT cell, trim(unnest(string_split(cell, '{_SEPARATOR}'))) AS name FROM ({cells}) WHERE cell IS NOT NULL
        ) AS named
        LEFT JOIN known ON known.name = named.name
        WHERE named.name <> ''
        """
    )


# Rows and values left out


def _refuse(connection: Connection, roles: _Roles) -> None:
    places = range(len(roles.identities))
    usable = " OR ".join(f"v{place} IS NOT NULL" for place in places)
    reasons = ", ".join(f"r{place}.reason" for place in places)
    unknown = " ".join(
        f"WHEN l{index} IN (SELECT cell FROM listed WHERE segment IS NULL) THEN {literal(column.column)}"
        for index, column in enumerate(roles.lists)
    )
    connection.execute(
        f"""
        CREATE TABLE refused AS
        SELECT number, coalesce(problem_column, unknown_segment) AS "column",
            coalesce(problem, CASE WHEN unknown_segment IS NOT NULL THEN 'unknown_segment' END, unusable) AS reason
        FROM (
            SELECT parsed.rowid AS number, problem, problem_column,
                {f"CASE {unknown} END" if unknown else "CAST(NULL AS VARCHAR)"} AS unknown_segment,
                CASE WHEN {usable} THEN NULL ELSE coalesce({reasons}, 'no_identity') END AS unusable
            FROM parsed {" ".join(f"LEFT {_resolving(place)}" for place in places)}
        )
        WHERE coalesce(problem, unknown_segment, unusable) IS NOT NULL
        """
    )
    connection.execute(
        f"UPDATE parsed SET {', '.join(f'v{place} = NULL' for place in places)}"
        " FROM refused WHERE refused.number = parsed.rowid"
    )
    rejected = [
        *(
            f'SELECT parsed.rowid AS number, {literal(column.column)} AS "column", r{place}.reason AS reason'
            f" FROM parsed {_resolving(place)}"
            for place, column in enumerate(roles.identities)
        ),
        *(f"SELECT rowid, {literal(column.column)}, x{index} FROM parsed" for index, column in enumerate(roles.texts)),
    ]
    connection.execute(
        f"CREATE TABLE unusable AS SELECT * FROM ({' UNION ALL '.join(rejected)}) WHERE reason IS NOT NULL"
    )


def _resolving(place: int) -> str:
    return f"JOIN resolved AS r{place} ON r{place}.place = {place} AND r{place}.text = o{place}"


def _text_reason(text: str) -> str:
    """Why a profile id or attribute is left out: it is too long, or would keep a raw address at rest."""
    return (
        f"CASE WHEN strlen({text}) > {MAX_LENGTH} THEN 'too_long'"
        f" WHEN contains({text}, '@') AND regexp_full_match({text}, '{_ADDRESS}') THEN 'raw_identifier' END"
    )


def _counts(connection: Connection) -> StagedCounts:
    ((rows,),) = connection.execute("SELECT count(*) FROM parsed").fetchall()
    refused = connection.execute("SELECT reason, count(*) FROM refused GROUP BY 1 ORDER BY 1").fetchall()
    values = connection.execute(
        """
        SELECT reason, count(*) FROM unusable
        WHERE NOT EXISTS (SELECT 1 FROM refused WHERE refused.number = unusable.number)
        GROUP BY 1 ORDER BY 1
        """
    ).fetchall()
    return StagedCounts(rows, rows - sum(count for _, count in refused), dict(refused), dict(values))


def _write_rejects(connection: Connection, work_dir: Path) -> Path | None:
    """Rows count from 1, the header not among them. A row refused for its values is listed by them."""
    path = work_dir / "rejects.csv"
    ((rows,),) = connection.execute(
        f"""
        COPY (
            SELECT number + 1 AS "row", "column", reason FROM (
                SELECT number, "column", reason FROM unusable
                UNION ALL
                SELECT number, "column", reason FROM refused
                WHERE "column" IS NOT NULL OR reason IN ('no_identity', 'suppressed')
            )
            ORDER BY 1, 2, 3
        ) TO {literal(path)} (FORMAT csv, HEADER)
        """
    ).fetchall()
    return path if rows else None


# Identities and memberships


def _identities(connection: Connection, roles: _Roles) -> None:
    branches = " UNION ALL ".join(
        f"""
        SELECT {_half(1)} AS hi, {_half(17)} AS lo, * EXCLUDE (digest) FROM (
            SELECT rowid AS number, CAST({namespace.code} AS SMALLINT) AS namespace, v{place} AS value,
                sha256(getvariable('secret') || '\\x{namespace.code:02x}'::BLOB || v{place}) AS digest,
                {_carried(roles, namespace)}
            FROM parsed WHERE v{place} IS NOT NULL
        )
        """
        for place, namespace in enumerate(roles.namespaces)
    )
    connection.execute(f"CREATE TABLE identities AS SELECT * FROM ({branches}) ORDER BY hi, lo, number")


def _refuse_suppressed(connection: Connection, plan: Plan) -> None:
    """Refuse each row that names an erased identity as a whole: what it says of others is of the same person."""
    if not plan.suppressions:
        return
    erased = f"SELECT hi, lo FROM {parquet(plan.suppressions)} WHERE reason = 'erasure'"
    connection.execute(
        f"""
        INSERT INTO refused
        SELECT DISTINCT number, CAST(NULL AS VARCHAR), 'suppressed' FROM identities WHERE (hi, lo) IN ({erased})
        """
    )
    connection.execute("DELETE FROM identities WHERE number IN (SELECT number FROM refused)")


def _half(start: int) -> str:
    return f"CAST(CAST(unhex(substr(digest, {start}, 16)) AS BIT) AS BIGINT)"


def _carried(roles: _Roles, namespace: Namespace) -> str:
    """What an identity takes along from its row: texts, answers and what it says of segments."""
    columns = [f"a{index}" for index in range(len(roles.texts))]
    for name, code in (("share", namespace.code), ("profile_share", None)):
        answers = [f"s{index}" for index, column in enumerate(roles.shares) if column.namespace == code]
        columns.append(f"{f'coalesce({", ".join(answers)})' if answers else 'CAST(NULL AS answer)'} AS {name}")
    columns += [f"f{index}" for index in range(len(roles.flags))]
    columns += [f"l{index}" for index in range(len(roles.lists))]
    return ", ".join([*columns, "exits"])


def _memberships(connection: Connection, roles: _Roles, plan: Plan) -> None:
    """A segment that a row names twice is left if either says so, by the order of the sort."""
    said = [
        *([(literal(plan.segment_id), "NOT exits", "identities")] if plan.segment_id else []),
        *(
            (literal(column.segment_id or ""), f"f{index} AND NOT exits", "identities")
            for index, column in enumerate(roles.flags)
        ),
        *(
            ("listed.segment", "NOT exits", f"identities JOIN listed ON listed.cell = l{index}")
            for index in range(len(roles.lists))
        ),
        ("''", "exits", "identities WHERE FALSE"),
    ]
    selects = " UNION ALL ".join(
        f"SELECT hi, lo, CAST({segment} AS segment_id) AS segment, {realized} AS realized, namespace, number"
        f" FROM {relation}"
        for segment, realized, relation in said
    )
    connection.execute(
        f"""
        CREATE TABLE memberships AS
        SELECT * FROM ({selects}) WHERE realized IS NOT NULL
        ORDER BY segment, hi, lo, number, realized DESC
        """
    )
    connection.execute(f"DELETE FROM memberships WHERE rowid IN ({_superseded('memberships', 'hi, lo, segment')})")


def _superseded(table: str, key: str) -> str:
    """The rows of a sorted table that the next row has the same key as."""
    return f"SELECT id FROM (SELECT rowid AS id, ({key}) = lead(({key})) OVER () AS again FROM {table}) WHERE again"


def _fold(connection: Connection, roles: _Roles) -> None:
    """Make the rows of one identity one: of each answer and text the last that is given."""
    connection.execute(f"CREATE TABLE superseded AS {_superseded('identities', 'hi, lo')}")
    said = ("share", "profile_share", *(f"a{index}" for index in range(len(roles.texts))))
    connection.execute(
        f"""
        CREATE TABLE folded AS
        SELECT hi, lo, {", ".join(f"arg_max({name}, number) AS {name}" for name in said)}
        FROM identities
        WHERE (hi, lo) IN (SELECT (hi, lo) FROM identities WHERE rowid IN (SELECT id FROM superseded))
        GROUP BY hi, lo
        """
    )
    connection.execute("DELETE FROM identities WHERE rowid IN (SELECT id FROM superseded)")
    connection.execute(
        f"""
        UPDATE identities SET {", ".join(f"{name} = folded.{name}" for name in said)}
        FROM folded WHERE folded.hi = identities.hi AND folded.lo = identities.lo
        """
    )


# Writing


def _write_spans(connection: Connection, roles: _Roles, plan: Plan, work_dir: Path) -> Iterator[StagedSpan]:
    answered = f"CASE WHEN share IS NOT NULL OR profile_share IS NOT NULL THEN TIMESTAMP '{timestamp(plan.at)}' END"
    profile_ids = [f"a{index}" for index, column in enumerate(roles.texts) if column.role == "profileId"]
    profiles = f"""
        SELECT hi, lo, namespace, value, {profile_ids[0] if profile_ids else "CAST(NULL AS VARCHAR)"} AS profile_id,
            share, profile_share, {answered} AS share_at, {_attributes(roles)} AS attributes
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


def _attributes(roles: _Roles) -> str:
    """A JSON object of the attributes given, or null."""
    members = [
        f"{literal(column.name or column.column)}, a{index}"
        for index, column in enumerate(roles.texts)
        if column.role == "attribute"
    ]
    if not members:
        return "CAST(NULL AS VARCHAR)"
    return f"CAST(nullif(json_merge_patch('{{}}', json_object({', '.join(members)})), '{{}}') AS VARCHAR)"
