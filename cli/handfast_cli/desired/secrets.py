"""Secrets of a file, which names where they are and never holds them."""

import os
from collections.abc import Iterable
from pathlib import Path

from handfast_cli.desired.bodies import SecretReference
from handfast_cli.desired.rules import Change
from handfast_cli.errors import InputError
from handfast_cli.profiles import config_folder


def values(changes: Iterable[Change], folder: Path) -> dict[SecretReference, str]:
    """The secrets that the changes send; files are looked for from the folder on, the file's own.

    Raises InputError, which names all that are missing.
    """
    wanted = {reference: change for change in changes for reference in change.secrets.values()}
    found = {reference: _value(reference, folder) for reference in wanted}
    missing = [
        f"{change.section} {change.key!r}: {_remedy(reference)}"
        for reference, change in wanted.items()
        if not found[reference]
    ]
    if missing:
        raise InputError("\n".join(["secrets are missing, and nothing was done:", *missing]))
    return {reference: value for reference, value in found.items() if value}


def _value(reference: SecretReference, folder: Path) -> str | None:
    if reference.kind == "env":
        return os.environ.get(reference.name)
    path = folder / reference.name
    if path.resolve().is_relative_to(config_folder().resolve()):
        raise InputError(f"{reference.name} is of the command line itself, and goes nowhere else: name another file")
    try:
        content = path.read_text()
    except (OSError, UnicodeDecodeError):
        return None
    if "\0" in content:  # such as of a process's environment, which has the command line's own
        return None
    line = content.rstrip("\r\n")
    return content if "\n" in line else line  # editors end a line, which is no part of a token


def _remedy(reference: SecretReference) -> str:
    if reference.kind == "env":
        return f"set the environment variable {reference.name}"
    return f"{reference.name} cannot be read as text"
