"""The API as the tools may call it: whatever a tool does, nothing that changes anything gets out."""

from collections.abc import Iterator
from typing import Any, cast

from handfast_cli.options import Session
from handfast_client.api import Api, Query

ASKING = ("/estimate", "/explain", "/bulk-eval", "/connect-requests/preview")
"""Ends of paths whose POST answers a question."""


class WouldChangeError(PermissionError):
    """A call would change something."""


class ReadingApi:
    """Makes the calls of an Api that read, ask, or are dry runs."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def call(self, method: str, path: str, *, body: Any = None, query: Query | None = None) -> Any:
        """As that of the Api. Raises WouldChangeError too."""
        asks = method == "POST" and path.endswith(ASKING)
        if not (method == "GET" or asks or (query or {}).get("dryRun") is True):
            raise WouldChangeError(f"{method} {path} would change something: a person does that")
        return self._api.call(method, path, body=body, query=query)

    def items(self, path: str, query: Query | None = None) -> Iterator[dict[str, Any]]:
        """As that of the Api."""
        return self._api.items(path, query)


def reading(session: Session) -> Session:
    """The session, with nothing but reading left to it."""
    return Session(cast("Api", ReadingApi(session.api)), session.sandbox)
