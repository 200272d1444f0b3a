"""A look at a file before it is loaded: `segments upload --preview`, and the guesses of an upload without columns."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from handfast_cli.errors import InputError
from handfast_cli.options import Session
from handfast_cli.output import hint, show_table
from handfast_cli.transfers import by_frequency, put_file
from handfast_client.uploads import ENDED, Advance

MAPPING = ("column", "as", "namespace", "transform", "form", "name", "answers")
DELIMITER_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes"}
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with its mark",
    "utf-16": "UTF-16",
    "shift_jis": "Shift_JIS",
    "latin-1": "Latin-1",
}
_PARQUET = b"PAR1"


def look(session: Session, file: Path, body: Mapping[str, Any], advance: Advance) -> dict[str, Any]:
    """Sends the first bytes of a file, of Parquet the whole one, and answers what they tell. Raises InputError."""
    size = file.stat().st_size
    created = session.api.call("POST", session.path("/uploads/preview"), body=dict(body) | {"sizeBytes": max(size, 1)})
    with file.open("rb") as source:
        is_parquet = source.read(len(_PARQUET)) == _PARQUET
    if is_parquet and size > created["maxParquetBytes"]:
        most = created["maxParquetBytes"] >> 20
        raise InputError(f"{file.name}: a Parquet file of more than {most} MiB is not looked at; map it with --column")
    length = size if is_parquet else min(size, created["maxBytes"])
    put_file(created["uploadUrl"], file, advance, length)
    wait = 0.2
    while True:
        found: dict[str, Any] = session.api.call("GET", session.path(f"/uploads/preview/{created['previewId']}"))
        if found["status"] in ENDED:
            return found
        time.sleep(wait)
        wait = min(wait * 1.5, 2.0)


def mapping_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an upload that say how a file is read, as it was looked at. Raises InputError without any."""
    columns = [
        {name: column[name] for name in MAPPING if column[name] is not None}
        for column in found["columns"]
        if column["mapped"]
    ]
    if not columns:
        raise InputError("no column tells what it holds: map them with --column")
    dialect = {name: value for name, value in (found["dialect"] or {}).items() if value is not None}
    return {"format": found["format"], "columns": columns} | ({"dialect": dialect} if dialect else {})


def show_preview(found: Mapping[str, Any], to: Console | None = None) -> None:
    """Prints what a file holds, and what an upload would make of it."""
    hint(_described(found), to)
    for each in found["presets"]:
        hint(f"Load it with --preset {each['preset']}: {each['why']}.", to)
    if found["columns"]:
        rows = [
            {
                "column": column["column"],
                "read as": _role(column),
                "values": by_frequency(column["shapes"]),
                "why": column["why"],
            }
            for column in found["columns"]
        ]
        show_table(rows, (), to)
    if found["hasHeader"] is False and any(column["as"] is None for column in found["columns"]):
        hint("Name its columns with --header NAME,NAME,… to have them told by their names.", to)
    if left := found["columnsFound"] - len(found["columns"]):
        hint(f"{left} more columns are not shown.", to)
    if found["shareWords"]:
        hint("Consent words:", to)
        words = [each | {"answer": each["answer"] or "unknown: --answer WORD=ANSWER"} for each in found["shareWords"]]
        show_table(words, ("column", "word", "rows", "answer"), to)
    if found["otherShareWords"]:
        hint(f"{found['otherShareWords']} more words are not shown, as they may be values of people.", to)
    for line in _outcome(found):
        hint(line, to)


def _described(found: Mapping[str, Any]) -> str:
    """Such as `crm.csv: CSV in UTF-8, semicolons between cells, with a header; 64 rows read, which are all.`"""
    parts = [f"{found['fileName']}: {(found['format'] or 'unknown').upper()}"]
    if found["packing"] not in {None, "none"}:
        parts[0] += f" packed with {found['packing']}"
    if found["encoding"]:
        parts[0] += f" in {ENCODINGS[found['encoding']]}"
    if found["delimiter"]:
        parts.append(f"{DELIMITER_NAMES[found['delimiter']]} between cells")
        parts.append("with a header" if found["hasHeader"] else "without a header")
    if found["linesAbove"]:
        parts.append(f"{found['linesAbove']} lines above")
    rows = "which are all" if found["whole"] else "of more"
    return f"{', '.join(parts)}; {found['rows']} rows read, {rows}."


def _role(column: Mapping[str, Any]) -> str:
    if column["as"] is None:
        return "not read"
    detail = column["namespace"] or column["name"]
    return f"{column['as']}:{detail}" if detail else str(column["as"])


def _outcome(found: Mapping[str, Any]) -> list[str]:
    lines = [f"Column {each['column']}: {each['detail']} ({each['code']})" for each in found["warnings"]]
    told = found["wouldReject"]
    if told is not None:
        rejected = f": {by_frequency(told['rejectedByReason'])}" if told["rejected"] else ""
        lines.append(f"Of {told['rows']} rows {told['accepted']} would be taken, {told['rejected']} refused{rejected}.")
        if told["valuesRejected"]:
            lines.append(f"Single values would be left out: {by_frequency(told['valuesRejected'])}.")
    return lines
