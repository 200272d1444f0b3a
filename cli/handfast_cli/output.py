"""What the commands print: JSON for programs, aligned text for people.

What is printed was written by others too: it is never markup, and what would steer a terminal is shown by its code.
Nothing is cut or broken into lines, so that ids and links can be copied.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.text import Text

console = Console()
# Progress goes there too, so that what is printed can be read by a program.
errors = Console(stderr=True)

# Controls, line breaks, halves of characters, and what changes the direction of text.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_GAP = "  "


def visible(text: str) -> str:
    """The text with every character that would steer a terminal as `\\uXXXX`, which JSON reads as the character."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def show(value: Any, *, as_json: bool, columns: tuple[str, ...] = (), to: Console | None = None) -> None:
    """Prints an API answer: a list as a table of `columns`, anything else as name and value."""
    to = to or console
    if as_json:
        lines = json.dumps(value, indent=2, ensure_ascii=False, default=str).split("\n")
        _print(to, JSONHighlighter()("\n".join(map(visible, lines))))
    elif isinstance(value, Mapping) and isinstance(value.get("items"), list):
        show_table(value["items"], columns, to)
    elif isinstance(value, Mapping):
        _print_members([(visible(name), _cell(content)) for name, content in value.items()], to)
    elif value is not None:
        _print(to, Text(_cell(value)))


def show_table(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...], to: Console | None = None) -> None:
    """Prints a line for each row, or what is too wide for the terminal as name and value.

    A column `a.b` reads the field b of the object a.
    """
    to, rows = to or console, list(rows)
    if not rows:
        hint("none", to)
        return
    columns = columns or tuple(rows[0])
    header = [visible(column) for column in columns]
    cells = [[_cell(_field(row, column)) for column in columns] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(header, *cells, strict=True)]
    if to.is_terminal and sum(widths) + len(_GAP) * (len(widths) - 1) > to.width:
        for number, row in enumerate(cells):
            if number:
                to.print()
            _print_members(list(zip(header, row, strict=True)), to)
        return
    _print(to, Text(_line(header, widths), style="bold"))
    for row in cells:
        _print(to, Text(_line(row, widths)))


def hint(text: str, to: Console | None = None) -> None:
    """Prints what is beside the answer."""
    _print(to or console, Text(text, style="dim"))


def say(text: str) -> None:
    """Prints lines beside the answer, on standard error."""
    _print(errors, Text("\n".join(map(visible, text.split("\n")))))


def complain(text: str) -> None:
    """Prints what went wrong, on standard error."""
    _print(errors, Text.assemble(("Error:", "red"), " ", "\n".join(map(visible, text.split("\n")))))


def _print_members(members: Sequence[tuple[str, str]], to: Console) -> None:
    width = max((cell_len(name) for name, _ in members), default=0)
    for name, content in members:
        _print(to, Text.assemble((set_cell_size(name, width), "bold"), _GAP, content))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return _GAP.join(set_cell_size(cell, width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _print(to: Console, text: Text) -> None:
    to.print(text, soft_wrap=True)


def _field(row: Mapping[str, Any], column: str) -> Any:
    value: Any = row.get(column)
    if value is None and "." in column:
        value = row
        for name in column.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return visible(", ".join(value))
    return visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))
