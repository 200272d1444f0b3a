"""What others' protocols have in common: their own error bodies, small bodies, and nothing stored of an answer."""

import json
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Route

from handfast.edge.api import PROBLEM, Api, problem_headers
from handfast.platform.problems import Malformed, Problem

MAX_BODY = 100_000
"""Characters of a request body."""
_GATEWAYS = frozenset({400, 401, 404, 413, 429, 500, 504})


class ProtocolApi(Api):
    """A protocol's routes."""

    error_schema: ClassVar[dict[str, Any]]
    statuses: ClassVar[dict[int, str]]

    def __init__(self) -> None:
        super().__init__(idempotency=False)

    @abstractmethod
    def error_body(self, problem: Problem) -> dict[str, Any] | None:
        """The protocol's document of an error; None for no body."""

    def error_status(self, problem: Problem) -> int:
        """The status the protocol has for it."""
        return problem.status

    def error_responses(self, path: str) -> dict[int, Any]:
        """What the document says of errors: the gateway's own, which every API has before it, are problems."""
        content = {"application/json": {"schema": self.error_schema}} | PROBLEM
        gateways = {status: answer for status, answer in super().error_responses(path).items() if status in _GATEWAYS}
        return gateways | {status: {"description": text, "content": content} for status, text in self.statuses.items()}

    def _authorize(self, route: Route, route_arguments: Mapping[str, str]) -> None:
        super()._authorize(route, route_arguments)
        if len(self.current_event.body or "") > MAX_BODY:
            raise Malformed(f"a body has at most {MAX_BODY} characters")

    def _problem(self, problem: Problem) -> Response[str]:
        headers = problem_headers(problem)
        body = self.error_body(problem)
        if body is None:
            return Response(self.error_status(problem), headers=headers)
        return Response(self.error_status(problem), "application/json", json.dumps(body), headers=headers)
