"""What a history, a receipt or a register proves without the deployment: the commands that check signatures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from handfast_cli.extras import require
from handfast_cli.options import AsJson
from handfast_cli.output import show, show_table

if TYPE_CHECKING:
    from handfast.privacy_requests.proof_check import Report


def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    public_key: Annotated[
        list[str] | None,
        typer.Option(
            "--public-key", metavar="KEY", help="A key you trust, in base64: no other will do. Repeat for more."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a privacy request's history file, or a receipt: every link and every signature.

    Without the key that you trust it does not hold: the file cannot tell whose key has signed it.
    """
    _require_library()
    from handfast.privacy_requests import proof_check  # noqa: PLC0415 - no other command needs the rules of proofs

    report = proof_check.verify(file.read_bytes(), *(public_key or ()))
    if as_json:
        show(report.model_dump(by_alias=True), as_json=True)
    else:
        _print(report)
    if not report.holds:
        raise typer.Exit(1)


def _print(report: "Report") -> None:
    rows = [
        {"check": check.subject, "result": "holds" if check.holds else "fails", "found": check.detail}
        for check in report.checks
    ]
    if report.type:
        show(report.model_dump(by_alias=True, include={"type", "privacy_request_id", "root_id"}), as_json=False)
    show_table(rows, ("check", "result", "found"))
    show(report.verdict, as_json=False)


def verify_register(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    public_key: Annotated[str, typer.Option("--public-key", metavar="KEY", help="The deployment's key, in base64.")],
    as_json: AsJson = False,
) -> None:
    """Check every line of a register in NDJSON: that the deployment has signed it, and each request stands once."""
    _require_library()
    from handfast.privacy_requests.register_check import faults  # noqa: PLC0415 - as above

    lines = file.read_text(encoding="utf-8").splitlines()
    wrong = [{"line": number, "found": found} for number, found in faults(lines, public_key)]
    holding = len(lines) - len(wrong)
    if as_json:
        show({"lines": len(lines), "holding": holding, "items": wrong, "holds": not wrong}, as_json=True)
    else:
        if wrong:
            show_table(wrong, ("line", "found"))
        show(f"{holding} of {len(lines)} entries hold", as_json=False)
    if wrong:
        raise typer.Exit(1)


def _require_library() -> None:
    require("proofs", "pydantic", "cryptography")


def add_to(noun: typer.Typer) -> None:
    """Adds the verbs that need no deployment."""
    noun.command("verify")(verify)
    noun.command("verify-register")(verify_register)
