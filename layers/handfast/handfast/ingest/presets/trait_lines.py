"""Audience Manager's lines: an id, a tab, and traits of several spellings.

A trait is called by its number, where the line gives that (`d_sid=24`, `d_unsid=24`, `24:0`), and else by the key and
value of its rule: `gender=female`, and `ic=52` for an integration code, which may stand without its key.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from pathlib import Path

import duckdb

from handfast.identity.namespaces import namespace_of
from handfast.ingest.cells import (
    INVALID_DPUUID,
    MALFORMED_LINE,
    MALFORMED_TRAIT,
    TOO_MANY_LINES,
    WRONG_DEVICE_CASE,
    Cell,
    Source,
    no_rows,
    unreadable,
)
from handfast.ingest.models import Column
from handfast.ingest.plan import Plan, UploadRejected
from handfast.ingest.presets.audience_manager import DEVICES, REMOVED, TRAITS, USER
from handfast.lake.duck import Connection, literal

MOST_LINES = 200
"""Of so many lines of an id Audience Manager takes any; those that follow it leaves out."""

_NO_DELIMITER = "\x01"  # a line is one cell
_LINE_BYTES = 8 << 20
_ENTRY = '(?:[^,"]|"[^"]*")+'
_QUOTES = '"\u201c\u201d'
_QUOTE = f"[{_QUOTES}]?"
_NUMBERED = f"^[ ]*{_QUOTE}([0-9]+){_QUOTE}[ ]*:[ ]*(?:0|-1)[ ]*$"
_KEY = f"[ ]*-*{_QUOTE}-*[ ]*([^={_QUOTES}]*?)[ ]*{_QUOTE}[ ]*"
_PAIR = f"^{_KEY}=[ ]*{_QUOTE}[ ]*([^{_QUOTES}]*?)[ ]*{_QUOTE}[ ]*$"
_CODE = f"^[ ]*{_QUOTE}([^=:{_QUOTES}]+?){_QUOTE}[ ]*$"
_CASES = {"GAID": "lower", "IDFA": "upper"}


def trait_lines(connection: Connection, path: Path, plan: Plan) -> Source:
    """A file's lines as the columns `user`, `traits` and, where lines remove traits, `removedTraits`."""
    if not path.stat().st_size:
        raise UploadRejected("empty_file", "the file is empty, of 0 bytes; check that it was written and sent whole")
    read = (
        f"read_csv({literal(path)}, auto_detect=false, header=false, delim={literal(_NO_DELIMITER)}, quote='',"
        f" escape='', strict_mode=false, max_line_size={_LINE_BYTES}, columns={{'line': 'VARCHAR'}})"
    )
    # Filtering keeps the order of lines, and so their numbers.
    lines = f"(SELECT ltrim(line, '\ufeff') AS line FROM {read} WHERE trim(line) <> '')"
    ids = f"SELECT split_part(line, '\t', 1) AS id FROM {lines}"
    try:
        most = connection.execute(f"SELECT max(n) FROM (SELECT count(*) AS n FROM ({ids}) GROUP BY id)").fetchall()
    except duckdb.Error as error:
        raise unreadable(error, "csv") from None
    if most == [(None,)]:
        raise no_rows()
    (user,) = (column for column in plan.columns if column.column == USER)
    entries = _counted(connection, lines) if most[0][0] > MOST_LINES else f"(SELECT *, NULL AS over FROM {lines})"
    told = f"(SELECT *, {_names()} AS names FROM {_split(entries)})"
    relation = (
        f"(SELECT id, {_joined('+')} AS joins, {_joined('-')} AS leaves, {_refusal(user)} AS row_refusal FROM {told})"
    )
    cells = {USER: (Cell("id"),), TRAITS: (Cell("joins"),), REMOVED: (Cell("leaves"),)}
    wanted = {column.column for column in plan.columns}
    if unknown := sorted(wanted - cells.keys()):
        raise UploadRejected("missing_column", f"a line is read as {', '.join(cells)}, and not as {unknown[0]!r}")
    return Source(relation, {name: cells[name] for name in wanted}, row_refusal="row_refusal")


def _counted(connection: Connection, lines: str) -> str:
    """The lines, in their order, with a mark on those that follow as many of their id as are taken."""
    connection.execute(f"CREATE TEMP TABLE lines AS SELECT line, NULL::VARCHAR AS over FROM {lines}")
    connection.execute(
        f"""
        UPDATE lines SET over = '{TOO_MANY_LINES}' WHERE rowid IN (
            SELECT id FROM (
                SELECT rowid AS id, row_number() OVER (PARTITION BY split_part(line, '\t', 1) ORDER BY rowid) AS n
                FROM lines
            ) WHERE n > {MOST_LINES}
        )
        """
    )
    return "lines"


def _split(lines: str) -> str:
    """Each line with its id and its traits, still as they are written."""
    return f"""(
        SELECT line, over, CASE WHEN contains(line, '\t') THEN trim(split_part(line, '\t', 1)) END AS id,
            list_filter(
                CASE WHEN contains(traits, '"') THEN regexp_extract_all(traits, '{_ENTRY}')
                    ELSE string_split(traits, ',') END,
                lambda entry: trim(entry) <> ''
            ) AS entries
        FROM (SELECT *, replace(split_part(line, '\t', 2), '\r', '') AS traits FROM {lines})
    )"""


def _names() -> str:
    """What each trait is called, after + where it is joined, - where it is left and ! where it cannot be read."""
    key, value = f"regexp_extract(entry, '{_PAIR}', 1)", f"regexp_extract(entry, '{_PAIR}', 2)"
    # The common spellings first: patterns take ten times as long.
    return f"""list_transform(entries, lambda entry: CASE
        WHEN starts_with(entry, 'd_sid=') AND {_is_number("entry[7:]")} THEN '+' || entry[7:]
        WHEN starts_with(entry, 'd_unsid=') AND {_is_number("entry[9:]")} THEN '-' || entry[9:]
        WHEN suffix(entry, ':0') AND {_is_number("entry[:-3]")} THEN '-' || entry[:-3]
        WHEN {_is_number("entry")} THEN '+ic=' || entry
        WHEN contains(entry, '|') THEN '!'
        WHEN regexp_matches(entry, '{_NUMBERED}') THEN '-' || regexp_extract(entry, '{_NUMBERED}', 1)
        WHEN NOT contains(entry, '=') AND regexp_matches(entry, '{_CODE}')
            THEN '+ic=' || trim(regexp_extract(entry, '{_CODE}', 1))
        WHEN NOT regexp_matches(entry, '{_PAIR}') OR {key} = '' OR {value} = '' THEN '!'
        WHEN {key} = 'd_sid' THEN CASE WHEN {_is_number(value)} THEN '+' || {value} ELSE '!' END
        WHEN {key} = 'd_unsid' THEN CASE WHEN {_is_number(value)} THEN '-' || {value} ELSE '!' END
        ELSE '+' || {key} || '=' || {value}
    END)"""


def _is_number(text: str) -> str:
    return f"({text} <> '' AND ltrim({text}, '0123456789') = '')"


def _joined(sign: str) -> str:
    kept = f"list_filter(names, lambda name: name[1] = '{sign}')"
    return f"array_to_string(list_transform({kept}, lambda name: name[2:]), '|')"


def _refusal(user: Column) -> str:
    """Why a line is refused as a whole."""
    namespace = namespace_of(user.namespace or 0)
    case = _CASES.get(namespace.symbol)
    is_device = namespace.symbol in DEVICES.values()
    wrong_id = f"id <> {case}(id)" if is_device else "contains(id, ':') OR contains(lower(id), '%3a')"
    return f"""CASE
        WHEN len(string_split(line, '\t')) <> 2 THEN '{MALFORMED_LINE}'
        WHEN over IS NOT NULL THEN over
        WHEN {wrong_id} THEN '{WRONG_DEVICE_CASE if is_device else INVALID_DPUUID}'
        WHEN list_contains(names, '!') THEN '{MALFORMED_TRAIT}'
        WHEN contains(line, '"') AND len(string_split(line, '"')) % 2 = 0 THEN '{MALFORMED_TRAIT}'
    END"""
