"""NDJSON: one object a line, whose members are told apart by case and keep their types."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from handfast.ingest.cells import MALFORMED_LINE, NOT_WHOLE, UNSUPPORTED_TYPE, Cell, Source, holds_words
from handfast.ingest.models import Column
from handfast.ingest.plan import UploadRejected
from handfast.lake.duck import identifier, literal

LIMIT = "maximum_object_size=1048576"
_BLANKS = b" \t\r\n"


def ndjson_source(path: Path, wanted: Mapping[str, Column]) -> Source:
    """The wanted members of each object; raises UploadRejected for an array.

    DuckDB tells columns, not members, without regard to case: names that differ in it alone are read one by one.
    """
    if _first_byte(path) == b"[":
        raise array_of_json()
    tolerant = _by_member(path, wanted)
    if len({name.casefold() for name in wanted}) < len(wanted):
        return tolerant
    return replace(_by_column(path, wanted), tolerant=lambda: tolerant)


def array_of_json() -> UploadRejected:
    """The refusal of a file that is one JSON array."""
    return UploadRejected("malformed_json", "the file is a JSON array; write one object on each line")


def _first_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1 << 16).lstrip(_BLANKS)[:1]


def _by_column(path: Path, wanted: Mapping[str, Column]) -> Source:
    kinds = ", ".join(f"{literal(name)}: 'JSON'" for name in wanted)
    read = f"read_json({literal(path)}, format='newline_delimited', records=true, {LIMIT}, columns={{{kinds}}})"
    texts = ", ".join(f"CAST({identifier(name)} AS VARCHAR) AS j{index}" for index, name in enumerate(wanted))
    return _source(f"(SELECT {texts} FROM {read})", wanted)


def _by_member(path: Path, wanted: Mapping[str, Column]) -> Source:
    """Read line by line, so that a line that is no object, or has a wanted member twice, is refused alone."""
    texts = ", ".join(
        f"CAST(json_extract(json, {literal(_pointer(name))}) AS VARCHAR) AS j{index}"
        for index, name in enumerate(wanted)
    )
    names = ", ".join(map(literal, wanted))
    keys = f"list_filter(json_keys(json), lambda key: key IN ({names}))"
    refusal = (
        f"CASE WHEN json IS NULL OR json_type(json) <> 'OBJECT' THEN '{MALFORMED_LINE}'"
        f" WHEN len({keys}) <> len(list_distinct({keys})) THEN '{MALFORMED_LINE}' END"
    )
    read = f"read_ndjson_objects({literal(path)}, {LIMIT}, ignore_errors=true)"
    source = _source(f"(SELECT {texts}, {refusal} AS row_refusal FROM {read})", wanted, "row_refusal")
    return replace(source, row_refusal="row_refusal")


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _source(relation: str, wanted: Mapping[str, Column], *more: str) -> Source:
    columns = [
        f"{expression} AS {name}{index}"
        for index, column in enumerate(wanted.values())
        for name, expression in (("x", json_text(f"j{index}", column)), ("w", json_refusal(f"j{index}", f"x{index}")))
    ]
    cells = {name: (Cell(f"x{index}", f"w{index}"),) for index, name in enumerate(wanted)}
    return Source(f"(SELECT {', '.join([*columns, *more])} FROM {relation})", cells)


_WHOLE = r"-?([0-9]+|[0-9]{1,15}\.0)"  # a double of more digits may have lost some


def json_text(json: str, column: Column) -> str:
    """A string without its quotes and a whole number without its point; null where the type stands for no text."""
    cases = [
        f"{json} < '#' THEN ({json}->>'$')",
        f"regexp_full_match({json}, '{_WHOLE}') THEN replace({json}, '.0', '')",
    ]
    if holds_words(column) or column.role == "attribute":
        cases.append(f"{json} IN ('true', 'false') THEN {json}")
    if column.role == "attribute":
        cases.append(f"{_is_number(json)} THEN {json}")
    return f"CASE {' '.join(f'WHEN {case}' for case in cases)} END"


def json_refusal(json: str, text: str) -> str:
    return (
        f"CASE WHEN {json} IS NULL OR {json} < '#' OR {json} = 'null' OR {text} IS NOT NULL THEN NULL"
        f" WHEN {_is_number(json)} THEN '{NOT_WHOLE}' ELSE '{UNSUPPORTED_TYPE}' END"
    )


def _is_number(json: str) -> str:
    return f"({json} < ':' OR {json} IN ('NaN', 'Infinity'))"
