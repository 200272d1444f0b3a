"""What the commands tell the user instead of a stack trace, and the statuses they end with: docs/cli.md."""

from collections.abc import Mapping
from enum import IntEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Any


class ExitCode(IntEnum):
    """What a command ends with when it has not done what was asked, or when what it compared differs."""

    FAILED = 1
    INVALID = 2
    NOT_ALLOWED = 3
    CONFLICT = 4
    UNAVAILABLE = 5
    DIFFERENT = 6

    @classmethod
    def of_status(cls, status: int) -> "ExitCode":
        """The class that an HTTP status of 400 or more belongs to."""
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return cls.UNAVAILABLE
        return _BY_STATUS.get(status, cls.INVALID)


_BY_STATUS: dict[int, ExitCode] = {
    HTTPStatus.UNAUTHORIZED: ExitCode.NOT_ALLOWED,
    HTTPStatus.FORBIDDEN: ExitCode.NOT_ALLOWED,
    HTTPStatus.NOT_FOUND: ExitCode.CONFLICT,
    HTTPStatus.CONFLICT: ExitCode.CONFLICT,
    HTTPStatus.GONE: ExitCode.CONFLICT,
    HTTPStatus.PRECONDITION_FAILED: ExitCode.CONFLICT,
    HTTPStatus.REQUEST_TIMEOUT: ExitCode.UNAVAILABLE,
    HTTPStatus.TOO_MANY_REQUESTS: ExitCode.UNAVAILABLE,
}


class CommandError(Exception):
    """Something the user can act on; its text is shown and the command ends with `exit_code`.

    `members` are those that the problem document has besides.
    """

    exit_code = ExitCode.FAILED
    members: Mapping[str, Any] = MappingProxyType({})


class InputError(CommandError):
    """An option, an argument or a file is not what the command takes."""

    exit_code = ExitCode.INVALID
