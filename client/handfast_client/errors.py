"""What goes wrong with a call. The problems that the API answers have a class each: `handfast_client.problems`."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class HandfastError(Exception):
    """Base of all that this package raises itself. Connections that fail raise `httpx.TransportError`."""


class AnswerError(HandfastError):
    """Something else than the API answered."""


class SignInError(HandfastError):
    """The credentials were refused."""


class ConfigurationError(HandfastError):
    """What is needed to call the API is missing, or is none: an address, credentials, an id, or the sandbox meant."""


class ProblemError(HandfastError):
    """The API answered with a problem (RFC 9457).

    `status` is the answer's, and `document` all that it said. A type of problem that this version does not know is
    this class itself.
    """

    slug: ClassVar[str] = ""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.document = document
        super().__init__(_text(status, document))

    @property
    def type(self) -> str:
        """The path of the page about this type of problem, such as `/v1/problems/stale`."""
        return str(self.document.get("type", "about:blank"))

    @property
    def title(self) -> str:
        """What kind of problem it is, in a few words."""
        return str(self.document.get("title", ""))

    @property
    def detail(self) -> str:
        """What went wrong this time."""
        return str(self.document.get("detail") or self.document.get("message") or "")

    @property
    def errors(self) -> Sequence[Mapping[str, str]]:
        """Each member of the body that is wrong, with its `pointer` (RFC 6901) and a `message`."""
        return self.document.get("errors") or ()

    @property
    def violations(self) -> Sequence[Mapping[str, Any]]:
        """Each policy that forbids it, with what it forbids and for which label."""
        return self.document.get("violations") or ()

    @property
    def code(self) -> str | None:
        """The stable code: of 422 the reason, of 409 the state that does not allow it, of 403 the permission."""
        for name in ("reason", "current", "permission"):
            if self.document.get(name) is not None:
                return str(self.document[name])
        return None

    @property
    def request_id(self) -> str | None:
        """What the log of the service has it under."""
        return self.document.get("requestId")

    @property
    def retry_after(self) -> float | None:
        """Of 429: the seconds to wait."""
        return self.document.get("retryAfter")


def _text(status: int, document: Mapping[str, Any]) -> str:
    lines = [f"{status} {document.get('title', '')}: {document.get('detail') or document.get('message', '')}"]
    lines += [f"  {error.get('pointer')}: {error.get('message')}" for error in document.get("errors") or []]
    for violation in document.get("violations") or []:
        lines.append("  " + ", ".join(f"{name} {value}" for name, value in violation.items()))
    if document.get("requestId"):
        lines.append(f"  request {document['requestId']}")
    return "\n".join(lines)
