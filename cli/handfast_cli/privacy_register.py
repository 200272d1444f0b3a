"""The register of privacy requests as a file."""

import csv
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session
from handfast_cli.output import show

_PAGE = 200
COLUMNS = (
    *("type", "version", "privacyRequestId", "requestType", "regulation", "origin", "status", "receivedAt"),
    *("acknowledgeBy", "dueAt", "extended", "endedAt", "recipients", "connectors", "gaps", "historyRecords"),
    "historyHead",
)
"""The members of an entry of a register."""


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
            table = csv.DictWriter(target, [*COLUMNS, "keyId", "signature"])
            table.writeheader()
            table.writerows(
                each["document"] | {"keyId": each["signature"]["keyId"], "signature": each["signature"]["value"]}
                for each in signed
            )
        else:
            target.writelines(f"{json.dumps(each, sort_keys=True, separators=(',', ':'))}\n" for each in signed)
    show({"file": str(file), "requests": len(signed)}, as_json=as_json)
