"""`handfast local …`."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column

from handfast_cli.asking import Yes, ask, require_answerable
from handfast_cli.errors import CommandError
from handfast_cli.files import read_kept
from handfast_cli.local import deployment, function_logs, seed
from handfast_cli.local.emulator import Emulator, aws_environment, tail
from handfast_cli.local.paths import MEND_STACK, locked, state_folder
from handfast_cli.options import AsJson
from handfast_cli.output import errors, say, show, visible

app = typer.Typer(help="The whole deployment on this machine.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def up(as_json: AsJson = False) -> None:
    """Start the stack, deploy what changed, create two organisations; safe to repeat."""
    folder = state_folder()
    stack = bring_up(folder)
    if as_json:
        show(stack, as_json=True)
        return
    show(f"Up at {stack['apiUrl']}/v1, sign-in data in {folder / 'stack.json'}", as_json=False)
    show(console_line(stack, folder), as_json=False)


@app.command()
def down(
    wipe: Annotated[bool, typer.Option("--wipe", help="Delete everything the stack holds.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Stop the stack; what it holds is kept for the next `up`. To wipe it, it asks."""
    if wipe and not yes:
        require_answerable()
        ask(f"Delete everything the stack in {state_folder()} holds?")
    folder = state_folder()
    emulator = Emulator(folder)
    if folder.exists():
        with locked(folder / "up.lock"):
            (folder / "stack.json").unlink(missing_ok=True)
            emulator.stop()
            if wipe:
                emulator.forget()
    show({"status": "down"}, as_json=as_json)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Tell whether the stack is up, and where. Ends with status 1 when it is not."""
    folder = state_folder()
    file = folder / "stack.json"
    if not file.exists() or not Emulator(folder).running:
        show({"status": "down"}, as_json=as_json)
        raise typer.Exit(1)
    names = ("apiUrl", "consoleUrl", "awsEndpointUrl", "tokenUrl", "stackName", "region")
    facts = read_kept(file, lambda stack: {name: stack[name] for name in names}, MEND_STACK)
    show({"status": "up", **facts}, as_json=as_json)


@app.command()
def logs(
    function: Annotated[str | None, typer.Argument(help="Such as Segments; all without.")] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1)] = 100,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is logged next.")] = False,
    emulator: Annotated[bool, typer.Option("--emulator", help="The emulator's own log instead.")] = False,
) -> None:
    """Print what the functions logged last."""
    folder = state_folder()
    stack = Emulator(folder)
    if emulator and stack.log.exists():
        _print(tail(stack.log, lines))
        return
    if not stack.running:
        raise CommandError(f"The stack is down; the emulator's own log is {stack.log}")
    os.environ.update(aws_environment(stack.url))
    since = 0
    printed = function_logs.read(deployment.STACK_NAME, function, since)[-lines:]
    while True:
        for entry in printed:
            _print(f"{entry.function} {entry.message}")
        if not follow:
            return
        since = printed[-1].at + 1 if printed else since
        time.sleep(1)
        printed = function_logs.read(deployment.STACK_NAME, function, since)


def console_line(stack: dict[str, Any], folder: Path) -> str:
    """Where the console is, and as whom to sign in to it."""
    person = stack["users"][0]
    return f"Console at {stack['consoleUrl']} for {person['email']}, whose password is in {folder / 'stack.json'}"


def bring_up(folder: Path) -> dict[str, Any]:
    """Starts, deploys and seeds; on any failure stops what it started. Answers the content of stack.json."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    emulator = Emulator(folder)
    with locked(folder / "up.lock"):
        started = not (emulator.running and emulator.healthy)
        try:
            return _steps(emulator)
        except BaseException:
            if started:
                (folder / "stack.json").unlink(missing_ok=True)
                emulator.stop()
            raise


def _steps(emulator: Emulator) -> dict[str, Any]:
    with _step("Start the emulator") as report:
        if not (emulator.running and emulator.healthy):
            emulator.stop()
            if emulator.crashed:
                say("The emulator was killed, and what it held is gone: the stack starts afresh.")
            emulator.start()
        report(emulator.url)
    os.environ.update(aws_environment(emulator.url))
    with _step("Build and deploy") as report:
        if not deployment.deploy(emulator.url, emulator.console_url, emulator.folder, report):
            report("nothing changed")
    with _step("Organisations and sign-in data") as report:
        stack = seed.seed(emulator.folder, emulator.url, emulator.console_url)
        report(f"{len(stack['users'])} people, {len(stack['clients'])} machines")
    return stack


@contextmanager
def _step(name: str) -> Iterator[deployment.Report]:
    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}", table_column=Column(no_wrap=True, min_width=32)),
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}", style="dim", markup=False, table_column=Column(no_wrap=True, ratio=1)),
    )
    plain = not errors.is_terminal
    if plain:
        say(name)
    with Progress(*columns, console=errors, expand=True, disable=plain) as progress:
        task = progress.add_task(name, total=None, detail="")
        yield lambda line: progress.update(task, detail=visible(line))
        progress.update(task, total=1, completed=1)


def _print(text: str) -> None:
    for line in text.splitlines():
        show(line, as_json=False)
