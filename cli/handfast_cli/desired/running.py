"""Planning and applying a file, and what is printed of it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import typer

from handfast_cli.asking import ask, require_answerable
from handfast_cli.desired import applying, report, rules, secrets, state
from handfast_cli.desired.models import Document
from handfast_cli.desired.rules import Plan
from handfast_cli.desired.state import State
from handfast_cli.desired.trying import Tried, tried
from handfast_cli.errors import CommandError, ExitCode, InputError
from handfast_cli.options import Session
from handfast_cli.output import say, show


class RefusedError(CommandError):
    """Changes of a plan would be refused, so that none of it is made."""


class ChangedMeanwhileError(CommandError):
    """What is there is not what the plan that was agreed to is of."""

    exit_code = ExitCode.CONFLICT


def planned(session: Session, document: Document, *, send_secrets: bool = False) -> tuple[Plan, State]:
    """The plan of a document for what is there now. Raises InputError for what cannot be carried out here."""
    there = state.read(session, document)
    try:
        return rules.plan(document, there, send_secrets=send_secrets), there
    except rules.PlanError as error:
        raise InputError("\n".join(error.args)) from error


def show_plan(session: Session, document: Document, *, send_secrets: bool, as_json: bool) -> None:
    """Show what differs. Raises typer.Exit with what `handfast plan` ends with where anything does."""
    session = _settled(session)
    found, there = planned(session, document, send_secrets=send_secrets)
    tries = list(tried(session, found, there))
    _show(found, tries, as_json=as_json)
    if any(each.refused for each in tries):
        raise typer.Exit(ExitCode.FAILED)
    if found.changes:
        raise typer.Exit(ExitCode.DIFFERENT)


def apply_plan(
    session: Session, document: Document, folder: Path, *, yes: bool, send_secrets: bool, as_json: bool
) -> None:
    """Make what differs as the file in the folder says.

    Raises InputError, RefusedError, ApplyError, ChangedMeanwhileError, typer.Abort on a no, and typer.Exit where a test
    of a destination failed.
    """
    session = _settled(session)
    found, there = planned(session, document, send_secrets=send_secrets)
    if not found.changes:
        _show(found, (), as_json=as_json)
        return
    if not yes:
        require_answerable()
    values = secrets.values(found.changes, folder)
    tries = list(tried(session, found, there))
    say("\n".join(report.lines(found, tries)))
    if refused := sum(bool(each.refused) for each in tries):
        raise RefusedError(f"nothing was done: {refused} of {len(tries)} changes would be refused")
    if not yes:
        ask("Do this?")
        found, there = _still(found, planned(session, document, send_secrets=send_secrets))
    done = []
    for made in applying.carry_out(session, found, there, values):
        done.append(made)
        (say if as_json else _tell)(report.made(made))
    if as_json:
        show(report.document(found, tries) | {"done": list(map(report.done, done))}, as_json=True)
    if any(each.failed for each in done):
        raise typer.Exit(ExitCode.FAILED)


def _still(agreed: Plan, now: tuple[Plan, State]) -> tuple[Plan, State]:
    if now[0].changes != agreed.changes:
        raise ChangedMeanwhileError("nothing was done: what is there has changed meanwhile; apply the file again")
    return now


def _tell(line: str) -> None:
    show(line, as_json=False)


def _settled(session: Session) -> Session:
    """The session with its sandbox found out once."""
    return replace(session, chosen=session.sandbox)


def _show(found: Plan, tries: Sequence[Tried], *, as_json: bool) -> None:
    if as_json:
        show(report.document(found, tries), as_json=True)
    else:
        for line in report.lines(found, tries):
            _tell(line)
