"""What the commands print: JSON for programs, tables for people."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

console = Console()
# Progress goes there too, so that what is printed can be read by a program.
errors = Console(stderr=True)


def show(value: Any, *, as_json: bool, columns: tuple[str, ...] = ()) -> None:
    """Prints an API answer: a list as a table of `columns`, anything else as name and value."""
    if as_json:
        console.print_json(json.dumps(value, default=str))
    elif isinstance(value, Mapping) and isinstance(value.get("items"), list):
        show_table(value["items"], columns)
    elif isinstance(value, Mapping):
        table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
        table.add_column()
        # A link cut short is of no use.
        table.add_column(overflow="fold")
        for name, content in value.items():
            table.add_row(f"[bold]{escape(name)}[/bold]", _cell(content))
        console.print(table)
    elif value is not None:
        console.print(value, markup=False)


def show_table(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...]) -> None:
    """Prints rows as a table; a column `a.b` reads the field b of the object a."""
    rows = list(rows)
    if not rows:
        console.print("[dim]none[/dim]")
        return
    columns = columns or tuple(rows[0])
    table = Table()
    for column in columns:
        # What is cut short is of no use, and an identifier on two lines is hard to copy.
        table.add_column(column, no_wrap=column.endswith("Id"), overflow="fold")
    for row in rows:
        table.add_row(*(_cell(_field(row, column)) for column in columns))
    console.print(table)


def _field(row: Mapping[str, Any], column: str) -> Any:
    value: Any = row
    for name in column.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _cell(value: Any) -> str:
    """A value as it is: what partners wrote is no markup."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return escape(", ".join(value))
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))
