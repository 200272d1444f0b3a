"""`privacy verify`: what a history file or a receipt proves, checked without the deployment."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from handfast.privacy_requests import proof
from handfast_cli.options import AsJson
from handfast_cli.output import console, show, show_table


def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    public_key: Annotated[
        str | None, typer.Option("--public-key", metavar="KEY", help="The key you trust, in base64: no other will do.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a privacy request's history file, or a receipt: every link and every signature."""
    report = proof.verify(file.read_bytes(), public_key)
    if as_json:
        show(report.model_dump(by_alias=True), as_json=True)
    else:
        _print(report)
    if not report.holds:
        raise typer.Exit(1)


def _print(report: proof.Report) -> None:
    rows = [
        {"check": check.subject, "result": "[green]holds[/green]" if check.holds else "[red]fails[/red]"}
        | {"found": escape(check.detail)}
        for check in report.checks
    ]
    if report.type:
        show(report.model_dump(by_alias=True, include={"type", "privacy_request_id", "root_id"}), as_json=False)
    show_table(rows, ("check", "result", "found"))
    console.print(escape(report.verdict), style="bold", highlight=False, soft_wrap=True)
