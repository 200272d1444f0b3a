"""Commands that take something away say what, and ask."""

import sys
from typing import Annotated, Any

import typer

from handfast_cli.errors import InputError
from handfast_cli.output import errors, show

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def at_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


def require_answerable() -> None:
    """Raises InputError when nobody can be asked."""
    if not at_terminal():
        raise InputError("nothing was done: without a terminal nobody can be asked; give --yes to go on")


def ask(question: str, shown: Any = None) -> None:
    """Shows on standard error what it is about, and asks. Raises typer.Abort on a no."""
    show(shown, as_json=False, to=errors)
    typer.confirm(question, abort=True, err=True)


def confirm(question: str, shown: Any = None, *, yes: bool) -> None:
    """As `ask`, unless `--yes` was given. Raises InputError when nobody can be asked, typer.Abort on a no."""
    if not yes:
        require_answerable()
        ask(question, shown)
