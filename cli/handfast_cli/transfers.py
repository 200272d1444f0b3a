"""Files on their way to the addresses that the API answers with."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TransferSpeedColumn

from handfast_cli.errors import CommandError
from handfast_cli.output import errors

CHUNK = 1 << 20
ATTEMPTS = 4
ENDED = frozenset({"completed", "failed"})
"""The states in which nothing more comes of an upload or of a look at a file."""

type Advance = Callable[[int], None]


class UploadError(CommandError):
    """The store refused the file, or the upload ended as failed."""


def put_file(url: str, file: Path, advance: Advance, length: int | None = None) -> None:
    """Sends a file, or its first bytes, to the address that the API answered. Raises UploadError."""
    put_part(url, file, 0, file.stat().st_size if length is None else length, advance)


def put_part(url: str, file: Path, start: int, length: int, advance: Advance) -> str:
    """Sends a range of the file; answers the ETag. A broken transfer is repeated whole."""
    for attempt in range(1, ATTEMPTS + 1):
        sent = 0

        def count(size: int) -> None:
            nonlocal sent
            sent += size
            advance(size)

        try:
            content = _range(file, start, length, count)
            response = httpx.put(url, content=content, headers={"Content-Length": str(length)}, timeout=300.0)
        except httpx.TransportError:
            response = None
        if response is not None and response.is_success:
            return response.headers["ETag"]
        if attempt == ATTEMPTS or (response is not None and response.status_code < 500):
            break
        advance(-sent)
        time.sleep(2.0**attempt)
    raise UploadError(f"The store did not take the file: {_refusal(response)}")


def _refusal(response: httpx.Response | None) -> str:
    if response is None:
        return "no answer"
    # S3 answers in XML, with a code and a message.
    said = re.findall(r"<(?:Code|Message)>([^<]*)<", response.text)
    return " ".join([str(response.status_code), *said])


def _range(file: Path, start: int, length: int, count: Advance) -> Iterator[bytes]:
    with file.open("rb") as source:
        source.seek(start)
        left = length
        while left:
            chunk = source.read(min(CHUNK, left))
            if not chunk:
                raise UploadError(f"{file} became shorter while it was sent")
            left -= len(chunk)
            yield chunk
            count(len(chunk))


def progress_bar(*, show_bytes: bool = False) -> Progress:
    """A line on a terminal's standard error that says how much is done."""
    figures = (DownloadColumn(), TransferSpeedColumn()) if show_bytes else (MofNCompleteColumn(),)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), *figures)
    return Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)


def by_frequency(reasons: Mapping[str, int]) -> str:
    """What was counted, the most frequent first."""
    first = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason} {count}" for reason, count in first)
