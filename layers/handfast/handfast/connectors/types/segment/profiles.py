"""Segment's Profile API: one space, read only.

Profiles are addressed as `type:value`, in lower case and percent-escaped: other casing finds nothing, and an unescaped
special character can answer 500 (docs/sources.md, Seed 001).
"""

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import BaseModel

from handfast.connectors import calls
from handfast.connectors.contract import ConnectorError
from handfast.connectors.types.segment.settings import SegmentSettings
from handfast.platform.outbound import Answer

PAGE = 100
"""Rows asked for; the API allows 1 to 100."""

type Identifier = tuple[str, str]
"""Type and value of an external id, the value in lower case."""


class _Cursor(BaseModel):
    """`url` is filled on the last page, too, and so says nothing."""

    has_more: bool = False
    next: str | None = None


class _Page(BaseModel):
    data: list[dict[str, Any]] | None = None
    traits: dict[str, Any] | None = None
    cursor: _Cursor | None = None


class _Metadata(BaseModel, extra="allow"):
    metadata: dict[str, Any] | None = None


class _Error(BaseModel):
    code: str = ""
    message: str = ""


class _ErrorBody(BaseModel):
    error: _Error = _Error()


class Profiles:
    """The profiles of the settings' space. What answers None or nothing is a profile the space does not have."""

    def __init__(self, settings: SegmentSettings) -> None:
        credential = base64.b64encode(f"{settings.access_secret.get_secret_value()}:".encode()).decode()
        self._headers = {"authorization": f"Basic {credential}"}
        self._base = f"{settings.profiles_url}/v1/spaces/{quote(settings.space_id, '')}/collections/users/profiles"

    def ask(self, identifier: Identifier, what: str, **query: str) -> Answer:
        """The raw answer about `metadata`, `traits`, `events` or `external_ids` of a profile."""
        kind, value = identifier
        path = f"{self._base}/{quote(kind, '')}:{quote(value, '')}/{what}"
        return calls.call("GET", f"{path}?{urlencode(query)}" if query else path, self._headers)

    def metadata(self, identifier: Identifier) -> dict[str, Any] | None:
        """When the profile was made and changed, with whatever else Segment says of it."""
        answer = self.ask(identifier, "metadata")
        if no_such_profile(answer):
            return None
        body = calls.read(calls.expect(answer, 200), _Metadata)
        return {**(body.metadata or {}), **(body.model_extra or {})}

    def events(self, identifier: Identifier) -> Iterator[dict[str, Any]]:
        """The events of the last 14 days, which is all the API has."""
        return (row for page in self._pages(identifier, "events") for row in page.data or ())

    def traits(self, identifier: Identifier) -> dict[str, Any]:
        """All traits."""
        return {
            name: value for page in self._pages(identifier, "traits") for name, value in (page.traits or {}).items()
        }

    def external_ids(self, identifier: Identifier) -> list[dict[str, Any]]:
        """All external ids; those of type `user_id` are what regulations take, and a merged profile has several."""
        return [row for page in self._pages(identifier, "external_ids") for row in page.data or ()]

    def _pages(self, identifier: Identifier, what: str) -> Iterator[_Page]:
        query = {"limit": str(PAGE)}
        seen: set[str] = set()
        while True:
            answer = self.ask(identifier, what, **query)
            if no_such_profile(answer):
                return
            page = calls.read(calls.expect(answer, 200), _Page)
            yield page
            cursor = page.cursor or _Cursor()
            if not cursor.has_more:
                return
            if not cursor.next or cursor.next in seen:
                raise ConnectorError("malformed_answer", "the system promises another page and does not say which")
            seen.add(cursor.next)
            query["next"] = cursor.next


def no_such_profile(answer: Answer) -> bool:
    """Whether it is the answer for an unknown profile; a 404 of anything else, such as the space, is not."""
    if answer.status != 404:
        return False
    error = calls.read(answer, _ErrorBody).error
    return error.code == "not_found" and "profile" in error.message.lower()
