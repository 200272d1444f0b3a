"""The command line's API over moto: its calls go to the functions' handlers, as API Gateway sends them."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from typing import Any, cast
from urllib.parse import urlencode

from handfast_cli.options import Session
from handfast_client.api import Api
from handfast_client.problems import problem_of
from tests.worlds.gateway import STAGE, Gateway
from tests.worlds.sandboxes import Member

QUESTIONS = ("/bulk-eval", "/connect-requests/preview", "/explain")
"""Ends of paths whose POST changes nothing, not even the log."""

_gateway = cache(Gateway)


class GatewayApi:
    """One principal's calls. `wrote` are those that were no reading, with their paths."""

    def __init__(self, principal_id: str) -> None:
        self._principal = principal_id
        self.wrote: list[str] = []
        self.asked: list[str] = []
        self.breaks_after: int | None = None
        """How many writes succeed; the next one is a lost connection."""

    def call(self, method: str, path: str, *, body: Any = None, query: Mapping[str, Any] | None = None) -> Any:
        """As that of the Api."""
        given = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        writes = method != "GET" and "dryRun" not in given and not path.endswith(QUESTIONS)
        if writes and self.breaks_after == len(self.wrote):
            raise ConnectionError("the connection is lost")
        self.asked.append(f"{method} {path}")
        status, answer = self._answer(method, path, given, body)
        if status >= 400:
            raise problem_of(status, answer)
        if writes:
            self.wrote.append(f"{method} {path}")
        return answer

    def items(self, path: str, query: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """As that of the Api."""
        cursor = None
        while True:
            page = self.call("GET", path, query={"limit": 200, **(query or {}), "cursor": cursor})
            yield from page["items"]
            cursor = page.get("nextCursor")
            if cursor is None:
                return

    def _answer(self, method: str, path: str, query: Mapping[str, str], body: Any) -> tuple[int, Any]:
        text = b"" if body is None else json.dumps(body).encode()
        asked = urlencode(query)
        environ: dict[str, Any] = {
            "RAW_URI": f"{STAGE}{path}?{asked}",
            "REQUEST_METHOD": method,
            "QUERY_STRING": asked,
            "HTTP_AUTHORIZATION": f"Bearer {self._principal}",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(text)),
            "wsgi.input": BytesIO(text),
        }
        statuses: list[str] = []
        content = b"".join(_gateway()(environ, lambda status, *_: statuses.append(status)))  # type: ignore[arg-type]
        return int(statuses[0].split()[0]), json.loads(content) if content else None


def session_of(member: Member, api: GatewayApi | None = None) -> Session:
    """A member's session on its sandbox."""
    return Session(cast("Api", api or GatewayApi(member.principal_id)), member.sandbox.sandbox_id)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
