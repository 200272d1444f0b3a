"""Files that the command line keeps for itself, and files behind links."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import typer

from handfast_cli.errors import CommandError, InputError

T = TypeVar("T")


@contextmanager
def downloading(url: str, what: str) -> Iterator[Iterator[bytes]]:
    """The bytes of what a link leads to, as they come. Raises CommandError where it leads to nothing."""
    import httpx  # noqa: PLC0415 - few commands need it

    with httpx.stream("GET", url, timeout=300.0) as answer:
        if answer.status_code != HTTPStatus.OK:
            raise CommandError(f"{answer.status_code}: {what} could not be fetched")
        yield answer.iter_bytes()


def json_object(file: Path, option: str = "FILE") -> dict[str, Any]:
    """The JSON object that a file holds. Raises BadParameter, naming what the file was given by, for any other."""
    try:
        found = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise typer.BadParameter("must be a file with one JSON object", param_hint=option)
    return found


def replaceable(path: Path) -> Path:
    """Where a file is put in place whole, of a link what it leads to. Raises InputError for a device or a pipe."""
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is no file, and nothing is put in its place")
    return path.resolve()


def read_kept(path: Path, read: Callable[[Any], T], mend: str) -> T:
    """What `read` makes of a file's JSON. Raises InputError with `mend` where the file is not what was written."""
    try:
        return read(json.loads(path.read_text()))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} is damaged, or was written by another version: {mend}") from error
