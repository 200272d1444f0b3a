"""One organisation at the API."""

import csv
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from handfast_cli.options import Session

PATIENCE = 600.0
T = TypeVar("T")


@dataclass(frozen=True)
class Side:
    """An organisation's name, its sandbox's name, and its administrator's session there."""

    organization: str
    sandbox: str
    session: Session

    def get(self, path: str) -> Any:
        """GET below the sandbox; raises ProblemError."""
        return self.session.api.call("GET", self.session.path(path))

    def post(self, path: str, body: Any = None, **query: Any) -> Any:
        """POST below the sandbox; raises ProblemError."""
        return self.session.api.call("POST", self.session.path(path), body=body, query=query)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH below the sandbox; raises ProblemError."""
        return self.session.api.call("PATCH", self.session.path(path), body=body)

    def delete(self, path: str) -> None:
        """DELETE below the sandbox; raises ProblemError."""
        self.session.api.call("DELETE", self.session.path(path))

    def items(self, path: str) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page."""
        return self.session.api.items(self.session.path(path))

    def answer(self, method: str, path: str, body: Any = None) -> Any:
        """The body of whatever comes back."""
        return self.session.api.request(method, self.session.path(path), body=body).json()

    def status_of(self, method: str, path: str, body: Any = None) -> int:
        """The status of whatever comes back."""
        return self.session.api.request(method, self.session.path(path), body=body).status_code


def lines(url: str) -> Iterator[dict[str, str]]:
    """The lines of a CSV file behind a link."""
    answer = httpx.get(url, timeout=300)
    answer.raise_for_status()
    return csv.DictReader(io.StringIO(answer.content.decode()))


def until(condition: Callable[[], T]) -> T:
    """Asks again until the answer is true or patience ends; answers the last answer."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := condition()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer
