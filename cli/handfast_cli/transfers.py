"""Files on their way to the addresses that the API answers with."""

from collections.abc import Mapping
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TransferSpeedColumn

from handfast_cli.errors import CommandError
from handfast_cli.output import errors
from handfast_client.api import run
from handfast_client.uploads import Advance, part_steps


class UploadError(CommandError):
    """The upload ended as failed."""


def put_file(url: str, file: Path, advance: Advance, length: int | None = None) -> None:
    """Sends a file, or its first bytes, to the address that the API answered. Raises TransferError."""
    run(part_steps(url, file, 0, file.stat().st_size if length is None else length, advance))


def progress_bar(*, show_bytes: bool = False) -> Progress:
    """A line on a terminal's standard error that says how much is done."""
    figures = (DownloadColumn(), TransferSpeedColumn()) if show_bytes else (MofNCompleteColumn(),)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), *figures)
    return Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)


def by_frequency(reasons: Mapping[str, int]) -> str:
    """What was counted, the most frequent first."""
    first = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason} {count}" for reason, count in first)
