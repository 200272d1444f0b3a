"""How a command that fails ends: with a line for people or a problem document (RFC 9457), and an exit code."""

import errno
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer

from handfast_cli.errors import CommandError, ExitCode
from handfast_cli.output import complain, errors, show
from handfast_client.errors import AnswerError, ConfigurationError, HandfastError, ProblemError, SignInError

_TITLES = {
    ExitCode.FAILED: "Failed",
    ExitCode.INVALID: "Invalid input",
    ExitCode.NOT_ALLOWED: "Not signed in or not allowed",
    ExitCode.CONFLICT: "Not there, or not possible now",
    ExitCode.UNAVAILABLE: "No answer, or an error of the service",
}
_UNANSWERED = (("httpx", "HTTPError"), ("botocore.exceptions", "BotoCoreError"), ("botocore.exceptions", "ClientError"))
_INVALID = (("httpx", "InvalidURL"),)
_PROBLEMS = (("handfast.platform.problems", "Problem"),)
"""Classes of modules that few commands load: what is not loaded was not raised."""


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
    except Exception as error:
        if not is_expected(error) or (isinstance(error, OSError) and error.errno == errno.EPIPE):
            raise
        code = exit_code_of(error)
        _tell(str(error), code, document_of(error), as_json=is_json(ctx))
        raise typer.Exit(code) from error


def is_json(ctx: Any) -> bool:
    """Whether the command at hand was given `--json`."""
    return bool(ctx.meta.get("json"))


def is_expected(error: Exception) -> bool:
    """Whether a failure is told in lines: all others are faults of the program."""
    return isinstance(
        error, (CommandError, HandfastError, OSError, UnicodeError, *_loaded(*_UNANSWERED, *_INVALID, *_PROBLEMS))
    )


def _loaded(*names: tuple[str, str]) -> tuple[type[Exception], ...]:
    return tuple(getattr(sys.modules[module], name) for module, name in names if module in sys.modules)


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
        case ProblemError():
            return ExitCode.of_status(error.status)
        case SignInError():
            return ExitCode.NOT_ALLOWED
        case ConfigurationError() | UnicodeError():
            return ExitCode.INVALID
        case AnswerError():
            return ExitCode.UNAVAILABLE
        case _:
            return _exit_code_of_others(error)


def _exit_code_of_others(error: Exception) -> ExitCode:
    if isinstance(error, _loaded(*_PROBLEMS)):
        return ExitCode.of_status(getattr(error, "status"))  # noqa: B009 - of a class that is not imported here
    if isinstance(error, _loaded(*_UNANSWERED)):
        return ExitCode.UNAVAILABLE
    return ExitCode.INVALID if isinstance(error, _loaded(*_INVALID)) else ExitCode.FAILED


def document_of(error: Exception) -> Mapping[str, Any]:
    """The members of the problem document that an error is, beside its title and detail."""
    match error:
        case CommandError():
            return error.members
        case ProblemError():
            return {"status": error.status, **error.document}
        case _ if isinstance(error, _loaded(*_PROBLEMS)):
            found: Any = error
            return {"title": found.title, "status": found.status, **found.members}
        case _:
            return {}
