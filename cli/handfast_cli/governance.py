"""Policies out of JSON files, and whether a marketing action is allowed."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from handfast_cli.completing import id_argument
from handfast_cli.files import json_object
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session
from handfast_cli.output import show

PolicyFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="A JSON object with name, marketingActions, deny and, if it is to be on at once, enabled.",
    ),
]
_ENTITY_TYPES = {"segment": "segment", "data_source": "dataSource", "column": "column"}


def create(
    file: PolicyFile,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would happen and do nothing.")] = False,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Create a policy. One that is enabled stops what it forbids at once."""
    session = Session.of(profile, sandbox)
    query = {"dryRun": True} if dry_run else {}
    show(session.api.call("POST", session.path("/policies"), body=json_object(file), query=query), as_json=as_json)


def replace(
    policy: Annotated[str, id_argument("policy")],
    file: PolicyFile,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would happen and do nothing.")] = False,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Replace a policy of one's own. What it newly forbids stops at once."""
    session = Session.of(profile, sandbox)
    path, query = session.path(f"/policies/{quote(policy, safe='')}"), {"dryRun": True} if dry_run else {}
    show(session.api.call("PUT", path, body=json_object(file), query=query), as_json=as_json)


def evaluate(
    action: Annotated[str, typer.Argument(help="Such as email_targeting, see `reference marketing-actions`.")],
    label: Annotated[list[str], typer.Option("--label", help="A label of the data; repeat for more.")] = [],  # noqa: B006 - Typer copies defaults
    segment: Annotated[list[str], typer.Option("--segment", help="A segment, by itself; repeat for more.")] = [],  # noqa: B006 - Typer copies defaults
    data_source: Annotated[list[str], typer.Option("--data-source", help="Repeat for more.")] = [],  # noqa: B006 - Typer copies defaults
    column: Annotated[list[str], typer.Option("--column", help="SEGMENT/COLUMN; repeat for more.")] = [],  # noqa: B006 - Typer copies defaults
    include_draft: Annotated[bool, typer.Option("--include-draft", help="Look at drafts, too.")] = False,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Tell which policies forbid a marketing action for labels, or for segments, data sources and columns."""
    named = {"segment": segment, "data_source": data_source, "column": column}
    entities = [
        {"entityType": _ENTITY_TYPES[kind], "entityId": entity_id} for kind, ids in named.items() for entity_id in ids
    ]
    if bool(label) == bool(entities):
        raise typer.BadParameter("give either labels, or what carries them", param_hint="--label")
    session = Session.of(profile, sandbox)
    path = session.path(f"/marketing-actions/{quote(action, safe='')}/constraints")
    query = {"includeDraft": True} if include_draft else {}
    if label:
        answer = session.api.call("GET", path, query=query | {"labels": ",".join(label)})
    else:
        answer = session.api.call("POST", path, query=query, body={"entities": entities})
    show(answer, as_json=as_json)


def label_column(
    segment: Annotated[str, id_argument("segment")],
    column: Annotated[str, typer.Argument(help="A column of uploads, whose labels the segment inherits.")],
    label: Annotated[list[str], typer.Option("--label", help="Repeat for more; none takes them all off.")] = [],  # noqa: B006 - Typer copies defaults
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would happen and do nothing.")] = False,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Replace the labels that a segment inherits of a column."""
    session = Session.of(profile, sandbox)
    path, query = session.path(f"/segments/{quote(segment, safe='')}"), {"dryRun": True} if dry_run else {}
    show(session.api.call("PATCH", path, body={"columnLabels": {column: label}}, query=query), as_json=as_json)


def add_to(noun: typer.Typer) -> None:
    """Adds the verbs that read a file, or ask in one of two ways."""
    noun.command("create")(create)
    noun.command("replace")(replace)
    noun.command("evaluate")(evaluate)


def add_label_column(noun: typer.Typer) -> None:
    """Adds the verb of a segment's labels."""
    noun.command("label-column")(label_column)
