"""The register of privacy requests as a file, and what such a file proves without the deployment."""

import csv
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from handfast.privacy_requests import proof
from handfast.privacy_requests.proof import SignedDocument
from handfast.privacy_requests.register import RegisterEntry
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session
from handfast_cli.output import show, show_table

_PAGE = 200


class Form(StrEnum):
    """The forms of a register. Only NDJSON can be verified: its lines are what was signed."""

    NDJSON = "ndjson"
    CSV = "csv"


def register(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to put it.")],
    since: Annotated[str, typer.Option("--since", help="Received on that day or later.")],
    until: Annotated[str, typer.Option("--until", help="Received on that day or before.")],
    form: Annotated[Form, typer.Option("--format", help="Signed documents, one a line, or a table.")] = Form.NDJSON,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Save the register of requests for auditors: types, dates, outcomes and hashes, and nothing of a person."""
    session = Session.of(profile, sandbox)
    query: dict[str, Any] = {"from": since, "to": until, "limit": _PAGE}
    signed: list[Any] = []
    while True:
        page = session.api.call("GET", session.path("/privacy-requests/register"), query=query)
        signed += page["items"]
        if page["nextCursor"] is None:
            break
        query["cursor"] = page["nextCursor"]
    with file.open("w", encoding="utf-8", newline="") as target:
        if form is Form.CSV:
            names = [field.alias or name for name, field in RegisterEntry.model_fields.items()]
            table = csv.DictWriter(target, [*names, "keyId", "signature"])
            table.writeheader()
            table.writerows(
                each["document"] | {"keyId": each["signature"]["keyId"], "signature": each["signature"]["value"]}
                for each in signed
            )
        else:
            target.writelines(f"{json.dumps(each, sort_keys=True, separators=(',', ':'))}\n" for each in signed)
    show({"file": str(file), "requests": len(signed)}, as_json=as_json)


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
