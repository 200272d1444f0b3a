"""What a history, a receipt or a register proves without the deployment: the commands that check signatures."""

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from handfast.privacy_requests import proof, proof_check
from handfast.privacy_requests.proof import SignedDocument
from handfast.privacy_requests.register import RegisterEntry
from handfast_cli.options import AsJson
from handfast_cli.output import show, show_table


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
    report = proof_check.verify(file.read_bytes(), *(public_key or ()))
    if as_json:
        show(report.model_dump(by_alias=True), as_json=True)
    else:
        _print(report)
    if not report.holds:
        raise typer.Exit(1)


def _print(report: proof_check.Report) -> None:
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
    wrong: list[dict[str, Any]] = []
    seen: set[str] = set()
    lines = file.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        found = _fault(line, public_key, seen)
        wrong += [{"line": number, "found": found}] if found else []
    holding = len(lines) - len(wrong)
    if as_json:
        show({"lines": len(lines), "holding": holding, "items": wrong, "holds": not wrong}, as_json=True)
    else:
        if wrong:
            show_table(wrong, ("line", "found"))
        show(f"{holding} of {len(lines)} entries hold", as_json=False)
    if wrong:
        raise typer.Exit(1)


def _fault(line: str, public_key: str, seen: set[str]) -> str | None:
    try:
        signed = SignedDocument.model_validate_json(line)
        entry = RegisterEntry.model_validate(signed.document)
    except ValidationError:
        return "no entry of a register"
    if entry.privacy_request_id in seen:
        return "the request stands there twice"
    seen.add(entry.privacy_request_id)
    other = None if signed.signature.public_key == public_key else "signed with another key"
    return proof.fault(signed) or other


def add_to(noun: typer.Typer) -> None:
    """Adds the verbs that need no deployment."""
    noun.command("verify")(verify)
    noun.command("verify-register")(verify_register)
