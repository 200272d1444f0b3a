"""The routes of Delta Sharing: its own credentials, and errors in its own form."""

from collections.abc import Mapping
from typing import Any, ClassVar

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Route

from handfast.edge import call_log
from handfast.edge.api import JSON
from handfast.edge.protocol_api import ProtocolApi
from handfast.platform.problems import Problem
from handfast.sharing import bearer
from handfast.sharing.catalogue import Reader
from handfast.sharing.lines import NDJSON
from handfast.sharing.reading import Answer

_CODES = {
    400: "INVALID_PARAMETER_VALUE",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    405: "METHOD_NOT_ALLOWED",
    410: "RESOURCE_DOES_NOT_EXIST",
    429: "REQUEST_LIMIT_EXCEEDED",
    503: "TEMPORARILY_UNAVAILABLE",
}
_CAPABILITIES = "delta-sharing-capabilities"
VERSION_HEADER = "delta-table-version"
OPEN = "/sharing/activations/"
"""Paths that take no credentials, for who has them yet to get."""


class SharingApi(ProtocolApi):
    """The protocol's routes. They take access tokens of this API, and recipient tokens."""

    refuses_unknown_parameters = False
    error_schema: ClassVar[dict[str, Any]] = {
        "type": "object",
        "required": ["errorCode", "message"],
        "properties": {"errorCode": {"type": "string"}, "message": {"type": "string"}},
    }
    statuses: ClassVar[dict[int, str]] = {
        400: "Malformed, or of a version that is not kept",
        401: "No valid token",
        403: "A permission is missing, the token is not for this network, or a policy forbids to export",
        404: "Unknown, or reading has ended",
        410: "The link has been used or has expired",
        429: "Too many requests; see Retry-After",
        503: "Not ready yet; see Retry-After",
    }

    @property
    def reader(self) -> Reader:
        """Who reads."""
        reader: Reader = self.context["reader"]
        return reader

    @property
    def body(self) -> str:
        """The body as it came."""
        return self.current_event.decoded_body or ""

    @property
    def ip_address(self) -> str:
        """The IP address that the call is from."""
        return str((self.current_event.raw_event["requestContext"].get("identity") or {}).get("sourceIp") or "")

    @property
    def wants_json(self) -> bool:
        """Whether the caller asks for JSON by its name: what previews links takes anything."""
        return JSON in (self.current_event.headers.get("accept") or "")

    @property
    def wants_end(self) -> bool:
        """Whether the caller knows the line that ends an answer."""
        return "includeendstreamaction=true" in (self.current_event.headers.get(_CAPABILITIES) or "").lower()

    def error_status(self, problem: Problem) -> int:
        """What is refused is 400."""
        return 400 if problem.status in {409, 415, 422} else problem.status

    def error_body(self, problem: Problem) -> dict[str, Any]:
        """The protocol's error."""
        message = problem.detail
        for error in problem.members.get("errors", ()):
            if error["message"] != problem.detail:
                message += f"; {error['pointer']}: {error['message']}"
        return {"errorCode": _CODES.get(self.error_status(problem), "INTERNAL_ERROR"), "message": message}

    def answer(self, found: Answer, status: int = 200) -> Response[str]:
        """An answer in lines, in the one form that every reader takes."""
        headers: dict[str, str | list[str]] = {
            VERSION_HEADER: str(found.version),
            _CAPABILITIES: "responseformat=parquet",
        }
        return Response(status, NDJSON, found.text, headers=headers)

    def _authorize(self, route: Route, route_arguments: Mapping[str, str]) -> None:
        super()._authorize(route, route_arguments)
        if route.path.startswith(OPEN):
            return
        reader = bearer.reader(self.current_event.headers.get("authorization") or "", self.ip_address)
        call_log.reads(reader.principal_id, [caller.sandbox_id for caller in reader.callers])
        self._count_call(reader.callers[0].sandbox_id if len(reader.callers) == 1 else reader.principal_id)
        self.context["reader"] = reader
