"""`handfast hash`: what an upload would make of a CSV file's identities, made here, so that no raw value leaves."""

import csv
import io
import itertools
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from handfast_cli.errors import InputError
from handfast_cli.files import replaceable
from handfast_cli.options import AsJson
from handfast_cli.output import say, show
from handfast_cli.transfers import by_frequency
from handfast_cli.uploads import DELIMITERS, FORMS, REASONS_PAGE, read_delimiter

REGION = "phoneRegion"
COLUMN_HELP = (
    "COLUMN=NAMESPACE, such as email=email; repeat for more. For phone numbers of one form phone=phone:FORM, which is"
    f" e164, national or digitsWithCountryCode; COLUMN={REGION} says where a row's numbers are."
)


@dataclass(frozen=True)
class Column:
    """A column of identities: its name, its namespace, and how all its phone numbers are written where that is said."""

    name: str
    namespace: str
    form: Any = None


@dataclass
class Outcome:
    """How many rows there were, and how often values were left out for which reason.

    `listed` takes a line for each of them: the number of the row, from 1, the column and the reason.
    """

    listed: Any = None
    rows: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def leave_out(self, column: str, reason: str) -> None:
        """Notes a value of the row at hand that is no identity."""
        self.reasons[reason] += 1
        if self.listed:
            self.listed.writerow((self.rows, column, reason))


def hash_(
    file: Annotated[
        typer.FileBinaryRead, typer.Argument(help="A CSV with a header, in UTF-8; - reads standard input.")
    ],
    column: Annotated[list[str], typer.Option("--column", help=COLUMN_HELP)],
    output: Annotated[
        Path | None, typer.Option("--output", dir_okay=False, help="Where to write it; left out, it is printed.")
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option("--rejects", dir_okay=False, help="Where to list which values were left out."),
    ] = None,
    phone_region: Annotated[
        str | None, typer.Option("--phone-region", help="Where numbers without a country code are, such as DE.")
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option(help="What stands between cells: comma, semicolon, tab or pipe. Left out, the header tells."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Normalise and hash the identities of a CSV file as an upload would, on this machine.

    All other columns stay as they are. A value that an upload would leave out is blank in what is written.

    Examples:

      handfast hash people.csv --column email=email --output hashed.csv

      handfast hash people.csv --column mobile=phone --column country=phoneRegion --rejects rejects.csv > hashed.csv

      zcat people.csv.gz | handfast hash - --column email=email --output hashed.csv
    """
    if as_json and output is None:
        raise InputError("--json tells of what was written to a file: give --output too")
    if output is not None and rejects is not None and output.resolve() == rejects.resolve():
        raise InputError("--output and --rejects are one file: name two")
    columns, region = read_columns(column)
    outcome = Outcome()
    try:
        with _written(rejects) as rejects_to, _written(output) as rows_to:
            reader = _reader(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""), read_delimiter(delimiter))
            header: list[str] = next(reader, [])
            if rejects_to:
                outcome.listed = csv.writer(rejects_to, lineterminator="\n")
                outcome.listed.writerow(("row", "column", "reason"))
            rows = hashed(reader, header, columns, region, phone_region, outcome)
            writer = csv.writer(rows_to or sys.stdout, delimiter=reader.dialect.delimiter, lineterminator="\n")
            writer.writerows(itertools.chain([header], rows))
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"The file cannot be read as CSV in UTF-8: {error}") from error
    _tell(outcome, header, columns, output, as_json=as_json, listed=rejects is not None)


def read_columns(texts: Iterable[str]) -> tuple[list[Column], str | None]:
    """The columns of identities that options name, and the one of regions. Raises InputError."""
    from handfast.identity.namespaces import UnknownNamespaceError, namespace  # noqa: PLC0415 - help needs none

    columns, region = [], None
    for text in texts:
        name, separator, role = text.rpartition("=")
        kind, _, form = role.partition(":")
        if not (separator and name and kind) or form not in {"", *FORMS}:
            raise InputError(f"--column {text}: {COLUMN_HELP}")
        if role == REGION:
            region = name
            continue
        try:
            is_regional = namespace(kind).regional
        except UnknownNamespaceError as error:
            raise InputError(f"--column {text}: {error}") from error
        if form and not is_regional:
            raise InputError(f"--column {text}: only phone numbers have a form")
        columns.append(Column(name, kind, form or None))
    if not columns:
        raise InputError(f"Name a column of identities. --column {COLUMN_HELP}")
    return columns, region


def hashed(
    rows: Iterable[list[str]],
    header: Sequence[str],
    columns: Iterable[Column],
    region: str | None,
    phone_region: str | None,
    outcome: Outcome,
) -> Iterator[list[str]]:
    """The rows with what ingest holds for their identities; blank lines are none. Raises InputError for no column."""
    places = [(_place(header, column.name), column) for column in columns]
    region_place = None if region is None else _place(header, region)
    return _hashed(rows, places, region_place, phone_region, outcome)


def _hashed(
    rows: Iterable[list[str]],
    places: Iterable[tuple[int, Column]],
    region_place: int | None,
    phone_region: str | None,
    outcome: Outcome,
) -> Iterator[list[str]]:
    from handfast_client.hashing import RejectedValueError, hash_value  # noqa: PLC0415 - help needs none of it

    for row in filter(None, rows):
        outcome.rows += 1
        at = row[region_place].strip().upper() if region_place is not None and region_place < len(row) else ""
        for place, column in places:
            if place >= len(row):
                continue
            try:
                form, where = column.form, at or phone_region
                row[place] = hash_value(column.namespace, row[place], phone_region=where, phone_form=form)
            except RejectedValueError as rejected:
                row[place] = ""
                if rejected.reason != "empty":
                    outcome.leave_out(column.name, rejected.reason)
        yield row


def _place(header: Sequence[str], name: str) -> int:
    found = [place for place, each in enumerate(header) if each.strip() == name]
    if len(found) != 1:
        there = ", ".join(header) or "none: the file is empty"
        raise InputError(f"{'Two columns are' if found else 'No column is'} called {name}. Columns: {there}")
    return found[0]


def _reader(text: TextIO, delimiter: str | None) -> Any:
    first = next(text, "")
    return csv.reader(
        itertools.chain([first], text),
        delimiter=delimiter or max(DELIMITERS.values(), key=first.count),
        strict=True,
    )


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO | None]:
    """A file that is there once all of it is written, and not at all before."""
    if path is None:
        yield None
        return
    path = replaceable(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _tell(
    outcome: Outcome, header: list[str], columns: Sequence[Column], output: Path | None, *, as_json: bool, listed: bool
) -> None:
    reasons = dict(outcome.reasons)
    if as_json:
        show({"file": str(output), "rows": outcome.rows, "valuesRejected": reasons}, as_json=True)
        return
    others = [name for name in header if name.strip() not in {column.name for column in columns}]
    say(f"{outcome.rows} rows" + (f"; left as they are: {', '.join(others)}" if others else ""))
    if reasons:
        say(f"{sum(reasons.values())} single values were left out: {by_frequency(reasons)}")
        say(f"What each reason means and what to do: {REASONS_PAGE}")
    if reasons and not listed:
        say("Each with its row and column: give --rejects FILE")
