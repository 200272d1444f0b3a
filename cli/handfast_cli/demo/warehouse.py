"""A destination on this machine: it keeps whom it is given, is down when it is told so, and refuses what it is told to.

It reads the bodies of the type `http` (docs/destinations.md).
"""

import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_urlsafe
from threading import Lock
from typing import Any

from handfast_cli.demo.outside import LATER, answering

_REFUSED = 400


class Warehouse:
    """What it is called at and by, whether it answers, and whether it refuses what it is sent."""

    def __init__(self) -> None:
        self._members: dict[str, set[str]] = {}
        self.is_up = True
        self.refuses = False
        self.url = ""
        self.token = token_urlsafe(24)
        self._lock = Lock()

    def answer(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        """Take a body; the status and the JSON that it gets."""
        if not self.is_up:
            return LATER, {}
        if not hmac.compare_digest(headers.get("authorization", ""), f"Bearer {self.token}"):
            return 401, {}
        if self.refuses:
            return _REFUSED, {"error": "a column is missing"}
        with self._lock:
            for profile in json.loads(body)["profiles"]:
                self._take(profile)
        return 200, {}

    def members(self, segment: str) -> set[str]:
        """The values that it has of a segment, whichever target identity they are of."""
        with self._lock:
            return set(self._members.get(segment, ()))

    def _take(self, profile: dict[str, Any]) -> None:
        values = {each["id"] for ids in profile["identityMap"].values() for each in ids}
        for segment, membership in profile["segmentMembership"]["ups"].items():
            members = self._members.setdefault(segment, set())
            if membership["status"] == "realized":
                members |= values
            else:
                members -= values


@contextmanager
def warehouse() -> Iterator[Warehouse]:
    """The destination on a port of this machine."""
    made = Warehouse()
    with answering(made.answer) as made.url:
        yield made
