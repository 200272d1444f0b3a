"""Privacy requests: what is more than one call."""

import json
import os
from collections.abc import Iterable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import typer

from handfast_cli import privacy_intake
from handfast_cli.asking import Yes, ask, require_answerable
from handfast_cli.completing import id_argument
from handfast_cli.errors import CommandError
from handfast_cli.files import downloading
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session, identity_of
from handfast_cli.output import say, show
from handfast_cli.privacy_decisions import decide
from handfast_cli.privacy_register import register
from handfast_cli.pushing import read_changes
from handfast_cli.transfers import progress_bar
from handfast_cli.uploads import follow
from handfast_client.errors import HandfastError

ERASURE = "erasure"
DRY = {"dryRun": True}


Identities = Annotated[list[str], typer.Option("--identity", help="NAMESPACE=VALUE, such as email=…; repeat for more.")]


def _identities(texts: list[str]) -> list[dict[str, str]]:
    return list(map(identity_of, texts))


def request(
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="Such as erasure, opt_out or access.")],
    regulation: Annotated[str, typer.Argument(help="Such as gdpr or ccpa.")],
    identity: Identities,
    verified: Annotated[bool, typer.Option(help="The person has been verified elsewhere.")] = False,
    note: Annotated[
        str | None, typer.Option(help="For the record; of a rectification, what is to be corrected.")
    ] = None,
    share: Annotated[str | None, typer.Option(help="y or n: what a consent sets.")] = None,
    external_id: Annotated[
        str | None, typer.Option(help="Your own id of the request, which makes a repeat harmless.")
    ] = None,
    submitted_at: Annotated[
        str | None, typer.Option(help="When the person asked, such as 2026-03-01T12:00:00Z; now without.")
    ] = None,
    contact: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Where Handfast writes to the person about the request.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="What the person is written to in: en, de or ja. With --contact.")
    ] = None,
    categories_only: Annotated[bool, typer.Option(help="Answer an access with categories of data alone.")] = False,
    lift_erasure: Annotated[
        bool, typer.Option("--lift-erasure", help="With opt_in: let a person who was erased come back.")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="Tell what would happen and do nothing.")] = False,
    yes: Yes = False,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Enter a person's request. An erasure shows what it would do, and asks."""
    if language and not contact:
        raise typer.BadParameter("goes with --contact", param_hint="--language")
    unasked = type_ == ERASURE and not (yes or dry_run)
    if unasked:
        require_answerable()
    session = Session.of(profile, sandbox)
    subject = {"identities": _identities(identity)}
    body = {"type": type_, "regulation": regulation, "subject": subject, "verified": verified}
    body |= ({"note": note} if note else {}) | ({"categoriesOnly": True} if categories_only else {})
    body |= {"liftErasure": True} if lift_erasure else {}
    given = {"share": share, "externalId": external_id, "submittedAt": submitted_at}
    body |= {name: value for name, value in given.items() if value}
    body |= {"contact": {"email": contact} | ({"language": language} if language else {})} if contact else {}
    enter = partial(session.api.call, "POST", session.path("/privacy-requests"), body=body)
    if unasked:
        ask("Enter the erasure? What it erases does not come back.", enter(query=DRY))
    show(enter(query=DRY if dry_run else None), as_json=as_json)


def bulk(
    file: Annotated[typer.FileText, typer.Argument(encoding="utf-8", help="One request as JSON a line, 1 to 1,000.")],
    yes: Yes = False,
    wait: Annotated[bool, typer.Option(help="Wait until the requests are made.")] = True,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Enter many requests, and show what became of each line. Asks when there are erasures among them."""
    lines = list(read_changes(file))
    erasures = sum(item.get("type") == ERASURE for _, item in lines)
    if erasures and not yes:
        require_answerable()
        ask(f"Enter {len(lines)} requests, {erasures} of them erasures? What they erase does not come back.")
    session = Session.of(profile, sandbox)
    body = {"items": [item for _, item in lines]}
    answer = session.api.call("POST", session.path("/privacy-requests/bulk"), body=body)
    if wait and answer["bulkId"]:
        answer = _made(session, answer)
    for (number, _), item in zip(lines, answer["items"], strict=True):
        item["line"] = number
    show(answer, as_json=as_json, columns=("line", "privacyRequestId", "verificationCode", "problem.detail"))
    if any(item["problem"] for item in answer["items"]):
        raise typer.Exit(1)


def _made(session: Session, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer as it is when all requests are made, with the codes, which are shown only once."""
    with progress_bar() as bar:
        task = bar.add_task("Entering", total=answer["progress"]["total"])
        path = f"/privacy-requests/bulk/{answer['bulkId']}"
        try:
            ended = follow(session, path, lambda state: bar.update(task, completed=state["done"]))
        except (
            CommandError,
            HandfastError,
            httpx.HTTPError,
            KeyboardInterrupt,
        ):  # what follows holds codes, which come but once
            say(f"Not waited for; they are being made: handfast privacy show-bulk {answer['bulkId']}")
            return answer
    items = [
        now | {"verificationCode": item["verificationCode"], "problem": item["problem"] or now["problem"]}
        for item, now in zip(answer["items"], ended["items"], strict=True)
    ]
    return ended | {"items": items}


def check(
    identity: Identities,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Tell whether identities are suppressed."""
    session = Session.of(profile, sandbox)
    body = {"identities": _identities(identity)}
    show(session.api.call("POST", session.path("/suppressions/check"), body=body), as_json=as_json)


def history(
    privacy_request: Annotated[str, id_argument("privacy_request")],
    file: Annotated[Path, typer.Argument(help="Where to keep it, byte for byte.")],
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Save a request's signed history; `handfast privacy verify` checks it."""
    session = Session.of(profile, sandbox)
    content = session.api.content("GET", session.path(f"/privacy-requests/{quote(privacy_request, safe='')}/history"))
    file.write_bytes(content)
    show({"file": str(file), "bytes": len(content)}, as_json=as_json)


class Form(StrEnum):
    """The forms of a package."""

    ZIP = "zip"
    HTML = "html"


def package(
    privacy_request: Annotated[str, id_argument("privacy_request")],
    folder: Annotated[Path, typer.Option("--save", file_okay=False, help="Where to put the encrypted package.")],
    form: Annotated[
        Form, typer.Option(help="An archive for 7-Zip and its like, or a page for any browser.")
    ] = Form.ZIP,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Save the data of the person who asked for them, and show the passphrase; who took them is recorded."""
    session = Session.of(profile, sandbox)
    path = session.path(f"/privacy-requests/{quote(privacy_request, safe='')}/package")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{Path(privacy_request).name}.{form}"
    if form is Form.HTML:
        taken = session.api.call("GET", f"{path}/page")
        _write(file, [taken["page"].encode()])
    else:
        taken = session.api.call("GET", path)
        _save(taken["url"], file)
    shown = {"file": str(file), "bytes": file.stat().st_size, "passphrase": taken["passphrase"]}
    show(shown | {"packageExpiresAt": taken["packageExpiresAt"], "opens": taken["opens"]}, as_json=as_json)


def review(
    privacy_request: Annotated[str, id_argument("privacy_request")],
    folder: Annotated[Path, typer.Option("--save", file_okay=False, help="Where to put the encrypted draft.")],
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Save a package that awaits its review, and show its passphrase and its parts; who took it is recorded."""
    session = Session.of(profile, sandbox)
    path = session.path(f"/privacy-requests/{quote(privacy_request, safe='')}/package/review")
    taken = session.api.call("GET", path)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{Path(privacy_request).name}.draft.zip"
    _save(taken["url"], file)
    shown = {"file": str(file), "passphrase": taken["passphrase"], "opens": taken["opens"]}
    show(shown | {"parts": taken["parts"]}, as_json=as_json)


def release(
    privacy_request: Annotated[str, id_argument("privacy_request")],
    withhold: Annotated[
        Path | None, typer.Option(dir_okay=False, exists=True, help="What is withheld: a JSON array; nothing without.")
    ] = None,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Give a package that awaits its review to the person, without what is withheld."""
    session = Session.of(profile, sandbox)
    path = session.path(f"/privacy-requests/{quote(privacy_request, safe='')}/package/review")
    parts = _array(withhold) if withhold else []
    show(session.api.call("POST", path, body={"withhold": parts}), as_json=as_json)


def _array(file: Path) -> list[Any]:
    try:
        found = json.loads(file.read_bytes())
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise typer.BadParameter("must be a file with one JSON array", param_hint="--withhold")
    return found


def _save(url: str, file: Path) -> None:
    """Fetches what the link leads to into a file."""
    with downloading(url, "the package") as chunks:
        _write(file, chunks)


def _write(file: Path, chunks: Iterable[bytes]) -> None:
    """Writes a file that only its owner may read."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.writelines(chunks)


def add_to(noun: typer.Typer) -> None:
    """Adds the verbs that are more than one call."""
    noun.command("request")(request)
    noun.command("bulk")(bulk)
    noun.command("decide")(decide)
    noun.command("register")(register)
    noun.command("check")(check)
    noun.command("history")(history)
    noun.command("package")(package)
    noun.command("review")(review)
    noun.command("release")(release)
    noun.add_typer(privacy_intake.app, name="intake")
