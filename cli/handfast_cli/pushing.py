"""Streams of changes, sent as they come: `memberships push` and `consents push`."""

import io
import json
import os
import queue
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, BinaryIO, TypeAlias

import httpx
import typer

from handfast_cli.errors import CommandError, InputError
from handfast_cli.failures import document_of, exit_code_of
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session
from handfast_cli.output import say, show
from handfast_cli.transfers import progress_bar
from handfast_client.errors import HandfastError
from handfast_client.uploads import Advance

MOST_CHANGES = 1000
LONGEST_WAIT = 1.0
"""For how many seconds a change waits for others to be sent with."""

RenderingOption = Annotated[
    list[str] | None,
    typer.Option("--rendering", help="Keep raw values as this platform hashes them, too; repeat for more."),
]

Line: TypeAlias = tuple[int, dict[str, Any]]
"""A line's number, from 1, and the change on it."""
Tell: TypeAlias = Callable[[Sequence[Mapping[str, Any]]], None]


class StoppedError(CommandError):
    """Not all lines were sent: `members` has the first that was not, as `nextLine`, and what came of those before."""

    def __init__(self, why: Exception, next_line: int, result: Mapping[str, Any], sent: Sequence[Line] = ()) -> None:
        def line(found: re.Match[str]) -> str:
            return f"line {sent[int(found[1])][0]} " if int(found[1]) < len(sent) else found[0]

        self.exit_code = exit_code_of(why)
        self.members = {**document_of(why), "nextLine": next_line, **result}
        before = f"{result['accepted']} were accepted before it, {len(result['rejected'])} rejected"
        told = re.sub(r"/changes/(\d+)", line, str(why))
        super().__init__(f"{told}\n  Nothing from line {next_line} on was sent; {before}")


def push(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="One JSON change a line; - reads standard input.")],
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
    rendering: RenderingOption = None,
) -> None:
    """Send membership changes as their lines come. A rejected change is named by its line."""
    _push(file, "/memberships", Session.of(profile, sandbox), rendering, as_json=as_json)


def push_consents(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="One JSON answer a line; - reads standard input.")],
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
    rendering: RenderingOption = None,
) -> None:
    """Send consent answers of identities, or of people by their profile ids. A rejected one is named by its line."""
    _push(file, "/consents", Session.of(profile, sandbox), rendering, as_json=as_json)


def _push(file: BinaryIO, path: str, session: Session, renderings: Sequence[str] | None, *, as_json: bool) -> None:
    def tell(rejected: Sequence[Mapping[str, Any]]) -> None:
        for change in () if as_json else rejected:
            say(f"Line {change['line']}: {change['reason']}")

    with progress_bar() as progress:
        task = progress.add_task("Sending", total=None)
        lines = read_changes(_unshared(file))
        result = push_changes(
            session, lines, lambda count: progress.update(task, advance=count), path, tell, renderings
        )
    show(result, as_json=as_json)
    if result["rejected"]:
        raise typer.Exit(1)


def _unshared(file: BinaryIO) -> BinaryIO:
    """The same file for a thread alone, which at the interpreter's end may still wait for it and hold its lock."""
    try:
        return os.fdopen(os.dup(file.fileno()), "rb")
    except io.UnsupportedOperation:
        return file


def read_changes(lines: Iterable[str | bytes]) -> Iterator[Line]:
    """The lines that are not blank. Raises InputError for one that is not a JSON object."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            change = json.loads(line)
        except ValueError:
            change = None
        if not isinstance(change, dict):
            raise InputError(f"Line {number} is not a JSON object")
        yield number, change


def push_changes(
    session: Session,
    changes: Iterator[Line],
    advance: Advance,
    path: str = "/memberships",
    tell: Tell = lambda _: None,
    renderings: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Sends changes as they come, up to 1,000 a call; answers `{accepted, rejected: [{line, reason}]}`.

    No more are read ahead than two calls take. `tell` hears of each call's rejected lines. Raises StoppedError where
    a line cannot be read or a call is refused.
    """
    result: dict[str, Any] = {"accepted": 0, "rejected": []}
    next_line = 1
    batch: list[Line] = []
    try:
        for batch in batches(changes):
            next_line = batch[0][0]
            body: dict[str, Any] = {"changes": [change for _, change in batch]}
            body |= {"renderings": list(renderings)} if renderings else {}
            answer = session.api.call("POST", session.path(path), body=body)
            rejected = [{"line": batch[item["index"]][0], "reason": item["reason"]} for item in answer["rejected"]]
            result["accepted"] += answer["accepted"]
            result["rejected"] += rejected
            tell(rejected)
            advance(len(batch))
            next_line = batch[-1][0] + 1
    except (CommandError, HandfastError, httpx.HTTPError) as error:
        raise StoppedError(error, next_line, result, batch) from error
    return result


def batches(changes: Iterator[Line]) -> Iterator[list[Line]]:
    """The changes as they come, 1,000 together or fewer after a second; what stops their reading stops it here."""
    read: queue.Queue[Line | Exception | None] = queue.Queue(2 * MOST_CHANGES)

    def fill() -> None:
        try:
            for change in changes:
                read.put(change)
            read.put(None)
        except Exception as error:  # noqa: BLE001 - it is raised where the changes are taken
            read.put(error)

    threading.Thread(target=fill, daemon=True).start()
    while (first := read.get()) is not None:
        batch, until = [_change(first)], time.monotonic() + LONGEST_WAIT
        while len(batch) < MOST_CHANGES and (change := _next(read, until)) is not None:
            batch.append(_change(change))
        yield batch


def _change(read: Line | Exception) -> Line:
    if isinstance(read, Exception):
        raise read
    return read


def _next(read: "queue.Queue[Line | Exception | None]", until: float) -> Line | Exception | None:
    """What was read next, if it is before the time; the end is put back for who takes the batch after."""
    try:
        change = read.get(timeout=max(0.0, until - time.monotonic()))
    except queue.Empty:
        return None
    if change is None:
        read.put(None)
    return change


def add_memberships(noun: typer.Typer) -> None:
    """Adds the verb of membership changes."""
    noun.command("push")(push)


def add_consents(noun: typer.Typer) -> None:
    """Adds the verb of consent answers."""
    noun.command("push")(push_consents)
