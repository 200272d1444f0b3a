"""Decisions on many privacy requests with one command."""

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from handfast_cli.asking import Yes, ask, require_answerable
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session
from handfast_cli.output import show

MAX_DECIDED = 100
"""Requests that one call takes a decision on."""
_NO_TIME_LEFT = 429


class Action(StrEnum):
    """What can be done with many requests."""

    APPROVE = "approve"
    DENY = "deny"
    RETRY = "retry"
    ASSIGN = "assign"


def decide(
    action: Annotated[Action, typer.Argument(help="What to do with each.")],
    requests: Annotated[list[str], typer.Argument(metavar="REQUEST…", help="Their ids; - reads one a line.")],
    reason: Annotated[str | None, typer.Option(help="Why they are denied, for the person.")] = None,
    ground: Annotated[str | None, typer.Option(help="The ground of a denial, such as no_match.")] = None,
    assignee: Annotated[str | None, typer.Option(help="The principal to assign them to; nobody without.")] = None,
    duplicates: Annotated[bool, typer.Option("--duplicates", help="Their open duplicates, too.")] = False,
    yes: Yes = False,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Approve, deny, retry or assign any number of requests, and show what became of each. Approving asks."""
    names = [line.strip() for line in sys.stdin if line.strip()] if requests == ["-"] else requests
    if action is Action.APPROVE and not yes:
        require_answerable()
        ask(f"Approve {len(names)} requests? They are carried out, and what they erase does not come back.")
    session = Session.of(profile, sandbox)
    body: dict[str, Any] = {"action": action.value, "includeDuplicates": duplicates}
    body |= {"reason": reason} if reason is not None else {}
    body |= {"ground": ground} if ground is not None else {}
    body |= {"assignee": assignee} if action is Action.ASSIGN else {}
    items: list[Any] = []
    while names:
        part, names = names[:MAX_DECIDED], names[MAX_DECIDED:]
        sent = body | {"privacyRequestIds": part}
        for item in session.api.call("POST", session.path("/privacy-requests/decisions"), body=sent)["items"]:
            if (item["problem"] or {}).get("status") == _NO_TIME_LEFT:
                names.append(item["privacyRequestId"])
            else:
                items.append(item)
    show({"items": items}, as_json=as_json, columns=("privacyRequestId", "status", "problem.detail"))
    if any(item["problem"] for item in items):
        raise typer.Exit(1)
