"""Files with secrets, which the command line keeps for itself, and files behind links."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from handfast_cli.errors import CommandError, InputError


def write_private(path: Path, content: Any) -> None:
    """Writes JSON that only the owner may read, whole or not at all, whoever else writes it at the same time."""
    # Made with mode 0600.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(content, file, indent=2)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def downloading(url: str, what: str) -> Iterator[Iterator[bytes]]:
    """The bytes of what a link leads to, as they come. Raises CommandError where it leads to nothing."""
    with httpx.stream("GET", url, timeout=300.0) as answer:
        if answer.status_code != HTTPStatus.OK:
            raise CommandError(f"{answer.status_code}: {what} could not be fetched")
        yield answer.iter_bytes()


def read_kept[T](path: Path, read: Callable[[Any], T], mend: str) -> T:
    """What `read` makes of a file's JSON. Raises InputError with `mend` where the file is not what was written."""
    try:
        return read(json.loads(path.read_text()))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} is damaged, or was written by another version: {mend}") from error
