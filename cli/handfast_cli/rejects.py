"""`uploads rejects`: which rows and values of a file were left out, to be joined with it."""

import csv
from io import StringIO
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from handfast_cli.completing import id_argument
from handfast_cli.errors import CommandError, ExitCode
from handfast_cli.files import downloading
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session
from handfast_cli.output import say, show
from handfast_client.uploads import ENDED

_HEADERS = {"uploads": b"row,column,reason\n", "imports": b"part,row,column,reason\n"}


class UnendedError(CommandError):
    """The upload is still being read."""

    exit_code = ExitCode.CONFLICT


def rejects(
    upload: Annotated[str, id_argument("upload")],
    output: Annotated[
        Path | None, typer.Option("--output", dir_okay=False, help="Where to save the CSV; left out, it is printed.")
    ] = None,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Save which rows and values were left out, and why: a CSV of row, column and reason, of an import of part too."""
    session = Session.of(profile, sandbox)
    kind = "imports" if upload.startswith("imp_") else "uploads"
    state = session.api.call("GET", session.path(f"/{kind}/{quote(upload, safe='')}"))
    if state["status"] not in ENDED:
        raise UnendedError(f"The upload is {state['status']}: what was left out is known once it has ended")
    content = _HEADERS[kind]
    if state["rejectsUrl"]:
        with downloading(state["rejectsUrl"], "the list, which is kept for 30 days,") as chunks:
            content = b"".join(chunks)
    text = content.decode()
    lines = list(csv.DictReader(StringIO(text, newline="")))  # a column's name may hold line breaks
    if output is not None:
        output.write_bytes(content)
        show({"file": str(output), "lines": len(lines)}, as_json=as_json)
    elif as_json:
        show({"items": lines}, as_json=True)
    else:
        typer.echo(text, nl=False)
    if not (lines or as_json):
        say("No row and no value was left out" if state["status"] == "completed" else "No row was read")


def add_to(noun: typer.Typer) -> None:
    """Adds the verb that is more than one call."""
    noun.command("rejects")(rejects)
