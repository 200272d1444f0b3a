"""OpenDSR's routes: each answer is signed over the bytes that are sent."""

from typing import Any, ClassVar

from handfast.edge.protocol_api import ProtocolApi
from handfast.platform.problems import Problem
from handfast.privacy_requests.protocols.opendsr import certificate, signing

_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "errors"],
            "properties": {
                "code": {"type": "integer"},
                "message": {"type": "string"},
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["domain", "reason", "message"],
                        "properties": {name: {"type": "string"} for name in ("domain", "reason", "message")},
                    },
                },
            },
        }
    },
}


class OpenDsrApi(ProtocolApi):
    """The protocol's routes: each answer is signed over the bytes that are sent."""

    error_schema: ClassVar[dict[str, Any]] = _ERROR
    statuses: ClassVar[dict[int, str]] = {
        400: "Refused",
        401: "No valid access token",
        403: "A permission is missing",
        404: "Unknown, or the operator has set no certificate",
        410: "The results are no longer there",
        429: "Too many requests; see Retry-After",
    }

    def error_status(self, problem: Problem) -> int:
        """What is refused is 400."""
        return 400 if problem.status in {409, 415, 422} else problem.status

    def error_body(self, problem: Problem) -> dict[str, Any]:
        """The protocol's error."""
        reason = problem.members.get("reason", problem.slug)
        found = problem.members.get("errors") or [{"pointer": "", "message": problem.detail}]
        errors = [
            {"domain": "handfast", "reason": reason, "message": f"{error['pointer']} {error['message']}".strip()}
            for error in found
        ]
        return {"error": {"code": self.error_status(problem), "message": problem.detail, "errors": errors}}

    def handler(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer one API Gateway event, signed."""
        answer = super().handler(event, context)
        found = certificate.current()
        if found is not None:
            body, former_names = (answer["body"] or "").encode(), _has_former_names(event["path"])
            signature = signing.signature(found, body, former_names=former_names)
            answer["multiValueHeaders"] |= {name: [value] for name, value in signature.items()}
        return answer

    @property
    def raw_body(self) -> bytes:
        """The body as it came."""
        return (self.current_event.decoded_body or "").encode()

    @property
    def former_names(self) -> bool:
        """Whether the route is one of OpenGDPR 1.0."""
        return _has_former_names(self.current_event.path)


def _has_former_names(path: str) -> bool:
    """Whether a path is one of OpenGDPR 1.0 (10.1)."""
    return "/opengdpr_requests" in path
