"""XDM profiles, nested: one JSON object each, of NDJSON's lines or made of Parquet's rows."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from handfast.identity.namespaces import namespace_of
from handfast.ingest.cells import MALFORMED_LINE, TOO_MANY_VALUES, Cell, Source, unreadable
from handfast.ingest.growth import MAX_IDENTITY_COLUMNS
from handfast.ingest.models import Column, ColumnWarning
from handfast.ingest.multi_valued import most_that_fit
from handfast.ingest.ndjson_source import LIMIT, json_refusal, json_text
from handfast.ingest.parquet_source import check_footer, check_growth, check_row_groups, top_names
from handfast.ingest.parsing import EXITED_WORDS, REALIZED_WORDS
from handfast.ingest.plan import Plan
from handfast.ingest.presets import xdm
from handfast.ingest.previewing import may_be_shown
from handfast.lake.duck import Connection, identifier, literal, parquet

_ROOTS = (xdm.IDENTITY_MAP, xdm.MEMBERSHIP, xdm.CONSENTS, xdm.OPT_OUTS, xdm.PERSON)
_MAPS = {
    "im": (xdm.IDENTITY_MAP, "MAP(VARCHAR, STRUCT(id VARCHAR)[])"),
    "sm": (xdm.MEMBERSHIP, "MAP(VARCHAR, MAP(VARCHAR, STRUCT(status VARCHAR)))"),
    "sp": (f"{xdm.CONSENTS}.idSpecific", "MAP(VARCHAR, MAP(VARCHAR, STRUCT(share STRUCT(val VARCHAR))))"),
    "oo": (xdm.OPT_OUTS, 'STRUCT("optOutType" VARCHAR, "optOutValue" VARCHAR)[]'),
}
_NO_OFFSET = "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+"
_LEFT_OUT = "namespace_left_out"
"""The code of the warning that identities are of namespaces which the sandbox does not have."""
_MOST_SHOWN = 10


@dataclass(frozen=True)
class _Identities:
    """A column of identities: the keys of its namespaces, how their values compare, and attributes that are one too."""

    column: Column
    keys: tuple[str, ...]
    paths: tuple[str, ...]

    @property
    def folds(self) -> bool:
        """Whether case does not count."""
        return not namespace_of(self.column.namespace or 0).by_agreement


def profiles(connection: Connection, path: Path, plan: Plan, attributes: Mapping[str, str] | None = None) -> Source:
    """A file's profiles as the columns of `xdm.columns`, and paths of the plan's own; raises UploadRejected.

    `attributes` are paths of identities beside identityMap, with the columns in lower case that they belong to.
    """
    identities = [
        _Identities(
            column,
            xdm.keys_of(column.column),
            tuple(each for each, name in (attributes or {}).items() if name == column.column.lower()),
        )
        for column in plan.columns
        if column.role == "identity" and column.column.startswith(f"{xdm.IDENTITY_MAP}.")
    ]
    named = {each.column.column for each in identities} | _read_as_a_whole(plan.columns)
    others = [column for column in plan.columns if column.column not in named]
    documents = _documents(
        connection, path, plan, [*_ROOTS, *(column.column for column in others), *(attributes or ())]
    )
    lists = _lists(documents, identities)
    single = sum(column.role == "identity" for column in others)
    try:
        counts = _counts(connection, lists, len(identities))
        warnings = tuple(_left_out(connection, documents, identities))
    except duckdb.Error as error:
        raise unreadable(error, plan.format) from None
    limit = most_that_fit(counts, MAX_IDENTITY_COLUMNS - single)
    counts = [min(count, limit) for count in counts]
    columns, cells = list[str](), dict[str, tuple[Cell, ...]]()
    for place, (each, count) in enumerate(zip(identities, counts, strict=True)):
        columns += [f"i{place}[{n}] AS i{place}_{n}" for n in range(1, count + 1)]
        columns += [f"s{place}[{n}] AS s{place}_{n}" for n in range(1, count + 1)]
        cells[each.column.column] = tuple(Cell(f"i{place}_{n}") for n in range(1, count + 1))
    answers = {column.of: column.column for column in plan.columns if column.of}
    for place, (each, count) in enumerate(zip(identities, counts, strict=True)):
        if own := answers.get(each.column.column):
            cells[own] = tuple(Cell(f"s{place}_{n}") for n in range(1, count + 1))
    for place, column in enumerate(others):
        columns += [f"{json_text(f'o{place}', column)} AS t{place}"]
        columns += [f"{json_refusal(f'o{place}', json_text(f'o{place}', column))} AS w{place}"]
        cells[column.column] = (Cell(f"t{place}", f"w{place}"),)
    columns += [_row_refusal(len(identities), limit)]
    told = _told(lists, others)
    cells |= {
        xdm.PERSON: (Cell("person"),),
        xdm.SHARE: (Cell("answer"),),
        xdm.SHARE_AT: (Cell("given_at"),),
        xdm.JOINED: (Cell("joined", "unknown_status"),),
        xdm.LEFT: (Cell("left_of"),),
        xdm.STATUS: (Cell("only_status", "several_statuses"),),
    }
    relation = f"(SELECT *, {', '.join(columns)} FROM {told})"
    wanted = {column.column for column in plan.columns}
    return Source(
        relation,
        {name: cells.get(name, ()) for name in wanted},
        row_refusal="row_refusal",
        warnings=warnings,
    )


def _read_as_a_whole(columns: Sequence[Column]) -> set[str]:
    names = {xdm.PERSON, xdm.SHARE, xdm.SHARE_AT, xdm.JOINED, xdm.LEFT, xdm.STATUS}
    return names | {column.column for column in columns if column.of}


def _documents(connection: Connection, path: Path, plan: Plan, paths: Sequence[str]) -> str:
    """A FROM item of one JSON object a row, `doc`, and why there is none, `malformed`."""
    if plan.format == "ndjson":
        read = f"read_ndjson_objects({literal(path)}, {LIMIT}, ignore_errors=true)"
        refusal = f"CASE WHEN json IS NULL OR json_type(json) <> 'OBJECT' THEN '{MALFORMED_LINE}' END"
        return f"(SELECT json AS doc, {refusal} AS malformed FROM {read})"
    check_footer(path)
    roots = {part for each in paths for part in (each, each.split(".", maxsplit=1)[0])}
    try:
        check_row_groups(connection, path)
        found = [name for name in top_names(connection, path) if name in roots]
    except duckdb.Error as error:
        raise unreadable(error, "parquet") from None
    packed = f"to_json(struct_pack({', '.join(f'{identifier(name)} := {identifier(name)}' for name in found)}))"
    doc = packed if found else "'{}'::JSON"
    check_growth(connection, path, [f"strlen(CAST({doc} AS VARCHAR))"], plan.identity_columns)
    return f"(SELECT {doc} AS doc, NULL::VARCHAR AS malformed FROM {parquet([path])})"


def _path(name: str) -> str:
    """A member by its name, or by the path that its name is."""
    quoted = name.replace('"', '\\"')
    steps = ".".join(f'"{part}"' for part in quoted.split("."))
    whole, stepped = literal(f'$."{quoted}"'), literal(f"$.{steps}")
    return f"coalesce(json_extract(doc, {whole}), json_extract(doc, {stepped}))"


def _lists(documents: str, identities: Sequence[_Identities]) -> str:
    """Documents with lists of each column's identities `i` and their own answers `s`."""
    maps = [f"TRY_CAST({_path(path)} AS {kind}) AS {name}" for name, (path, kind) in _MAPS.items()]
    read = f"(SELECT *, {', '.join(maps)} FROM {documents})"
    mapped, answered, all_of, answers = [], [], [], []
    for place, each in enumerate(identities):
        keys = f"[{', '.join(map(literal, each.keys))}]"
        of_keys = f"list_filter(map_entries({{}}), lambda e: list_contains({keys}, lower(e.key)))"
        fold = "lower(trim({}))" if each.folds else "trim({})"
        more = "".join(f" || list_filter([{_path(path)} ->> '$'], lambda v: v IS NOT NULL)" for path in each.paths)
        ids = f"flatten(list_transform({of_keys.format('im')}, lambda e: list_transform(e.value, lambda v: v.id)))"
        mapped.append(f"list_filter(coalesce({ids}, []::VARCHAR[]){more}, lambda v: trim(v) <> '') AS m{place}")
        own = f"flatten(list_transform({of_keys.format('sp')}, lambda e: map_entries(e.value)))"
        answered.append(
            f"list_transform(coalesce({own}, []), lambda e: struct_pack(id := {fold.format('e.key')}, raw := e.key,"
            f" val := e.value.share.val)) AS a{place}"
        )
        known = f"list_transform(m{place}, lambda v: {fold.format('v')})"
        unmapped = f"list_filter(a{place}, lambda e: e.val IS NOT NULL AND NOT list_contains({known}, e.id))"
        all_of.append(f"m{place} || list_transform({unmapped}, lambda e: e.raw) AS i{place}")
        its = f"list_filter(a{place}, lambda e: e.id = {fold.format('v')})[1].val"
        answers.append(f"list_transform(i{place}, lambda v: {its}) AS s{place}")
    for selected in ([*mapped, *answered], all_of, answers):
        read = f"(SELECT *, {', '.join(selected)} FROM {read})"
    return read


def _counts(connection: Connection, lists: str, number: int) -> list[int]:
    """The most identities that a profile has in each column."""
    most = ", ".join(f"coalesce(max(len(i{place})), 0)" for place in range(number))
    (row,) = connection.execute(f"SELECT {most} FROM {lists}").fetchall()
    return list(row)


def _left_out(connection: Connection, documents: str, identities: Sequence[_Identities]) -> Iterator[ColumnWarning]:
    """Whether there are identities of namespaces that no column is of."""
    keys = ", ".join(literal(key) for each in identities for key in each.keys)
    path, kind = _MAPS["im"]
    rows = connection.execute(
        f"""
        SELECT entry.key, sum(len(entry.value))
        FROM (SELECT unnest(map_entries(TRY_CAST({_path(path)} AS {kind}))) AS entry FROM {documents})
        WHERE lower(entry.key) NOT IN ({keys}) GROUP BY 1 ORDER BY 2 DESC, 1
        """
    ).fetchall()
    if rows:
        shown = [name for name, _ in rows[:_MOST_SHOWN] if may_be_shown(name)]
        detail = (
            f"{sum(count or 0 for _, count in rows)} identities are of namespaces that the sandbox does not have:"
            f" {', '.join(shown)}; define them, or map them to those there are"
        )
        yield ColumnWarning(xdm.IDENTITY_MAP, _LEFT_OUT, detail)


def _told(lists: str, others: Sequence[Column]) -> str:
    """Documents with what else is read of them: the person, the answer and its time, audiences, and other paths."""
    audiences = """flatten(list_transform(map_entries(sm), lambda n: list_transform(map_entries(n.value),
        lambda a: struct_pack(
            name := CASE WHEN lower(n.key) IN ({bare}) THEN a.key ELSE n.key || '/' || a.key END,
            status := lower(trim(a.value.status))
        ))))""".format(bare=", ".join(map(literal, xdm.BARE_NAMESPACES)))
    out = "lower(o.\"optOutType\") IN ('general_opt_out', 'sales_sharing_opt_out') AND lower(o.\"optOutValue\") = 'out'"
    texts = [
        f"list_filter({audiences}, lambda a: a.status IS NOT NULL) AS audiences",
        f"{_path(xdm.PERSON)} ->> '$' AS person",
        f"CASE WHEN len(list_filter(oo, lambda o: {out})) > 0 THEN 'n' ELSE {_path(xdm.SHARE)} ->> '$' END AS answer",
        f"{_path(xdm.SHARE_AT)} ->> '$' AS changed_at",
        *(f"CAST({_path(column.column)} AS VARCHAR) AS o{place}" for place, column in enumerate(others)),
    ]
    words = [
        f"{_names(REALIZED_WORDS)} AS joined",
        f"{_names(EXITED_WORDS)} AS left_of",
        f"CASE WHEN len(list_filter(audiences, lambda a: a.status NOT IN {(*REALIZED_WORDS, *EXITED_WORDS)})) > 0"
        " THEN 'unknown_status' END AS unknown_status",
        "CASE WHEN len(audiences) = 1 THEN audiences[1].status END AS only_status",
        "CASE WHEN len(audiences) > 1 THEN 'unknown_status' END AS several_statuses",
        f"changed_at || CASE WHEN regexp_full_match(changed_at, '{_NO_OFFSET}') THEN 'Z' ELSE '' END AS given_at",
    ]
    return f"(SELECT *, {', '.join(words)} FROM (SELECT *, {', '.join(texts)} FROM {lists}))"


def _names(words: tuple[str, ...]) -> str:
    named = f"list_transform(list_filter(audiences, lambda a: a.status IN {words}), lambda a: a.name)"
    return f"array_to_string({named}, '|')"


def _row_refusal(number: int, limit: int) -> str:
    too_many = " OR ".join(f"len(i{place}) > {limit}" for place in range(number)) or "FALSE"
    return f"coalesce(malformed, CASE WHEN {too_many} THEN '{TOO_MANY_VALUES}' END) AS row_refusal"
