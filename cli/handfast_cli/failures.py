"""How a command that fails ends: with a line for people or a problem document (RFC 9457), and an exit code."""

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import typer
from botocore.exceptions import BotoCoreError, ClientError

from handfast.platform.problems import Problem
from handfast_cli.errors import CommandError, ExitCode
from handfast_cli.output import complain, errors, show

_TITLES = {
    ExitCode.FAILED: "Failed",
    ExitCode.INVALID: "Invalid input",
    ExitCode.NOT_ALLOWED: "Not signed in or not allowed",
    ExitCode.CONFLICT: "Not there, or not possible now",
    ExitCode.UNAVAILABLE: "No answer, or an error of the service",
}


@contextmanager
def told(ctx: Any) -> Iterator[None]:
    """Tells a failure on standard error, as JSON where `--json` is given. Raises typer.Exit with its code."""
    try:
        yield
    except typer.BadParameter as error:
        if not is_json(ctx):
            raise
        _tell(error.format_message(), ExitCode.INVALID, {}, as_json=True)
        raise typer.Exit(ExitCode.INVALID) from error
    except (
        CommandError,
        Problem,
        httpx.HTTPError,
        httpx.InvalidURL,
        BotoCoreError,
        ClientError,
        OSError,
        UnicodeError,
    ) as error:
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            raise
        code = exit_code_of(error)
        _tell(str(error), code, document_of(error), as_json=is_json(ctx))
        raise typer.Exit(code) from error


def is_json(ctx: Any) -> bool:
    """Whether the command at hand was given `--json`."""
    return bool(ctx.meta.get("json"))


def _tell(text: str, code: ExitCode, document: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        show({"title": _TITLES[code], "detail": text, **document}, as_json=True, to=errors)
    else:
        complain(text)


def exit_code_of(error: Exception) -> ExitCode:
    """What a command ends with for an error."""
    match error:
        case CommandError():
            return error.exit_code
        case Problem():
            return ExitCode.of_status(error.status)
        case httpx.HTTPError() | BotoCoreError() | ClientError():
            return ExitCode.UNAVAILABLE
        case UnicodeError() | httpx.InvalidURL():
            return ExitCode.INVALID
        case _:
            return ExitCode.FAILED


def document_of(error: Exception) -> Mapping[str, Any]:
    """The members of the problem document that an error is, beside its title and detail."""
    match error:
        case CommandError():
            return error.members
        case Problem():
            return {"title": error.title, "status": error.status, **error.members}
        case _:
            return {}
