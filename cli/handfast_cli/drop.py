"""California's DROP: `drop send`, `drop fetch` and `drop answer`."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from handfast_cli.asking import Yes, ask, require_answerable
from handfast_cli.completing import id_argument
from handfast_cli.files import downloading
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session
from handfast_cli.output import show
from handfast_cli.transfers import progress_bar, put_file

NotHeld = Annotated[
    list[str] | None,
    typer.Option(help="CTVID, NDZ or NameVIN where nothing of it is held anywhere: 5 is answered; repeat for more."),
]


def send(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The ZIP of DROP, or one of its CSVs.")
    ],
    received_at: Annotated[
        str | None, typer.Option(help="When it was downloaded, such as 2026-08-01T09:00:00Z; now without.")
    ] = None,
    exempt_segment: Annotated[
        str | None, typer.Option(help="A segment whose members are opted out and not deleted, and told as exempted.")
    ] = None,
    not_held: NotHeld = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would come of it, and do nothing; `drop show` tells.")
    ] = False,
    yes: Yes = False,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Have the lists of DROP carried out. Asks, as whom they find is deleted."""
    if not yes and not dry_run:
        require_answerable()
        ask(f"Carry out {file.name}? Whom it finds is deleted by the sandbox's rule, and others are kept out.")
    session = Session.of(profile, sandbox)
    body: dict[str, object] = {"fileName": file.name, "receivedAt": received_at, "exemptSegmentId": exempt_segment}
    body |= {"notHeld": not_held, "dryRun": dry_run}
    created = session.api.call(
        "POST", session.path("/drop-lists"), body={name: value for name, value in body.items() if value}
    )
    with progress_bar(show_bytes=True) as progress:
        task = progress.add_task("Sending", total=file.stat().st_size)
        put_file(created["uploadUrl"], file, lambda size: progress.update(task, advance=size))
    show(session.api.call("POST", session.path(f"/drop-lists/{created['dropListId']}/complete")), as_json=as_json)


def fetch(
    connector: Annotated[str, typer.Argument(help="A connector of the type drop: `handfast connectors list`.")],
    exempt_segment: Annotated[
        str | None, typer.Option(help="A segment whose members are opted out and not deleted, and told as exempted.")
    ] = None,
    not_held: NotHeld = None,
    yes: Yes = False,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Have DROP's lists fetched and answered by its API, now and 30 days after each time. Asks, as `send` does."""
    if not yes:
        require_answerable()
        ask("Fetch DROP's lists from now on? Whom they find is deleted by the sandbox's rule, and others are kept out.")
    session = Session.of(profile, sandbox)
    body: dict[str, object] = {"connectorId": connector, "exemptSegmentId": exempt_segment, "notHeld": not_held}
    created = session.api.call(
        "POST", session.path("/drop-lists"), body={name: value for name, value in body.items() if value}
    )
    show(session.api.call("GET", session.path(f"/drop-lists/{created['dropListId']}")), as_json=as_json)


def answer(
    drop_list: Annotated[str, id_argument("dropList")],
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Where to save what DROP is to be sent.")],
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Save the status files of a list, which DROP takes as they are. Ends with 1 while lines are still open."""
    session = Session.of(profile, sandbox)
    found = session.api.call("GET", session.path(f"/drop-lists/{quote(drop_list, safe='')}/status"))
    folder.mkdir(parents=True, exist_ok=True)
    saved = []
    for status in found["items"]:
        target = folder / Path(status["fileName"]).name
        with downloading(status["url"], "the status file") as chunks, target.open("wb") as file:
            file.writelines(chunks)
        saved.append(str(target))
    show({"complete": found["complete"], "files": saved}, as_json=as_json)
    if not found["complete"]:
        raise typer.Exit(1)


def add_to(noun: typer.Typer) -> None:
    """Adds the verbs that are more than one call."""
    noun.command("send")(send)
    noun.command("fetch")(fetch)
    noun.command("answer")(answer)
