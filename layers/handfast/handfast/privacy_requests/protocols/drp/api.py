"""The Data Rights Protocol's routes."""

from typing import Any, ClassVar

from handfast.edge.protocol_api import ProtocolApi
from handfast.platform.problems import Problem


class DrpApi(ProtocolApi):
    """The protocol's routes. They take no token of our own sign-in."""

    error_schema: ClassVar[dict[str, Any]] = {
        "type": "object",
        "required": ["code", "message"],
        "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "fatal": {"type": "boolean"}},
    }
    statuses: ClassVar[dict[int, str]] = {
        400: "Refused",
        403: "A signature, a token or what was signed is not to be trusted; without a body for agents",
        404: "Unknown",
        409: "Too late, or too early",
        410: "The results are no longer there",
        429: "Too many requests; see Retry-After",
    }

    def error_responses(self, path: str) -> dict[int, Any]:
        """What the document says of errors."""
        silent = {403: {"description": self.statuses[403], "content": {}}} if "/agent/" in path else {}
        return super().error_responses(path) | silent

    def error_status(self, problem: Problem) -> int:
        """What is refused is 400."""
        return 400 if problem.status in {415, 422} else problem.status

    def error_body(self, problem: Problem) -> dict[str, Any] | None:
        """The protocol's error; an agent whose key setup fails is told nothing (2.05.1)."""
        if problem.status == 403 and "/agent/" in self.current_event.path:
            return None
        fatal = problem.members.get("fatal", problem.status in {400, 422})
        message = problem.detail
        for error in problem.members.get("errors", ()):
            message += f"; {error['pointer']}: {error['message']}"
        return {"code": str(self.error_status(problem)), "message": message} | ({"fatal": True} if fatal else {})

    @property
    def text(self) -> str:
        """The body as it came."""
        return self.current_event.decoded_body or ""

    @property
    def authorization(self) -> str:
        """The Authorization header."""
        return self.current_event.headers.get("authorization") or ""
