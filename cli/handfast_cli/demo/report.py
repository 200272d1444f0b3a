"""What the story prints: lines as things happen, a bar on each long step, what differs, and the table at the end."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from handfast_cli.demo.generator import Bar, Identity
from handfast_cli.demo.truth import Members
from handfast_cli.errors import CommandError
from handfast_cli.output import visible

_EXAMPLES = 3


class DifferenceError(CommandError):
    """Something is not as it must be. Identities in its text are hashed once more."""


class _Measure(NamedTuple):
    step: str
    rows: int
    seconds: float


class Report:
    """The story's voice and its stopwatch."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._measures: list[_Measure] = []

    def chapter(self, title: str) -> None:
        """Announces a part of the story."""
        self._console.print()
        self._console.print(Text(title, style="bold"))

    def say(self, text: str) -> None:
        """Prints a line."""
        self._console.print(Text(f"  {visible(text)}"), soft_wrap=True)

    @contextmanager
    def measured(self, step: str, rows: int) -> Iterator[Bar]:
        """Times a step over so many rows, with a bar while it runs and a line in the table."""
        columns = (
            TextColumn("  {task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        # Without a terminal a bar would only leave empty lines.
        plain = not self._console.is_terminal
        with Progress(*columns, console=self._console, transient=True, disable=plain) as progress:
            task = progress.add_task(step, total=None)
            begun = time.monotonic()
            yield lambda done, total: progress.update(task, completed=done, total=total or None)
        seconds = time.monotonic() - begun
        self._measures.append(_Measure(step, rows, seconds))
        self.say(f"✓ {step}: {rows:,} in {seconds:.1f} s")

    def equal(self, what: str, expected: Any, found: Any) -> None:
        """Raises DifferenceError unless the two are equal."""
        if expected != found:
            raise DifferenceError(f"{what}: expected {expected}, found {found}")

    def same_members(self, what: str, expected: Members, found: Members) -> None:
        """Compares identity by identity. Raises DifferenceError with counts and hashed examples."""
        lines = []
        for segment in sorted(expected.keys() | found.keys()):
            wanted, held = expected.get(segment, set()), found.get(segment, set())
            for name, wrong in (("missing", wanted - held), ("unexpected", held - wanted)):
                if wrong:
                    lines.append(f"  {segment}: {len(wrong):,} {name} of {len(wanted):,}, such as {_examples(wrong)}")
        if lines:
            raise DifferenceError("\n".join((f"{what}: not what it must be", *lines)))
        counts = ", ".join(f"{len(members):,} in {segment}" for segment, members in sorted(found.items()))
        self.say(f"✓ {what}: {counts or 'nobody'}; the same as the truth, identity by identity")

    def table(self) -> None:
        """Prints what took how long."""
        table = Table("step", title="What it took", title_justify="left")
        for name in ("rows", "seconds", "rows per second"):
            table.add_column(name, justify="right")
        for step, rows, seconds in self._measures:
            rate = rows / seconds
            table.add_row(step, f"{rows:,}", f"{seconds:.1f}", f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}")
        self._console.print()
        self._console.print(table)


def _examples(identities: set[Identity]) -> str:
    """A few of them, hashed, so that no device id is printed."""
    chosen = sorted(identities)[:_EXAMPLES]
    return ", ".join(f"{namespace} #{hashlib.sha256(value.encode()).hexdigest()[:12]}" for namespace, value in chosen)
