"""Plans of a desired state: tried for an assistant, and written down for a person, who applies them."""

import re
from pathlib import Path
from typing import Any

from handfast_cli.desired import report
from handfast_cli.desired.reading import parse
from handfast_cli.desired.running import planned
from handfast_cli.desired.trying import tried
from handfast_cli.options import Session

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.yaml")


def plan(session: Session, text: str) -> dict[str, Any]:
    """What a document differs in and what it would do. The API's own answers are told in lines alone."""
    found, there = planned(session, parse(text, "document"))
    tries = list(tried(session, found, there))
    told = report.document(found, tries)
    for change in told["changes"]:
        del change["dryRun"]
    return told


def write(session: Session, folder: Path, name: str, text: str) -> dict[str, Any]:
    """Write a document that can be planned into the folder, as a new file. Nothing of the sandbox is changed."""
    if not _NAME.fullmatch(name):
        raise ValueError("a name is of lower-case letters, digits and hyphens, and ends in .yaml")
    told = plan(session, text)
    path = folder / name
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise ValueError(f"{name} is there already: choose another name") from error
    return {"file": str(path), "apply": f"handfast apply {path}", "plan": told}
