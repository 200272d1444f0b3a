"""What the nouns of a client have in common: how a call of the API becomes one of a method's, and lists of pages."""

import enum
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote

from handfast_client.api import Api, AsyncApi, Query, after
from handfast_client.errors import ConfigurationError
from handfast_client.exchange import Steps

T = TypeVar("T")
P = TypeVar("P", bound=Mapping[str, Any])


class Unset(enum.Enum):
    """What a member is that is not sent at all, so that a change leaves it as it is; None takes it away."""

    UNSET = "UNSET"


UNSET: Final = Unset.UNSET


class Sandbox:
    """Which sandbox calls are about: the one that is named, or the only one that the caller has a grant on."""

    def __init__(self, api: Api | AsyncApi, sandbox_id: str | None) -> None:
        self._api = api
        self._sandbox_id = sandbox_id

    def steps(self) -> Steps[str]:
        """Its id. Raises ConfigurationError where none is named, and there is none or more than one."""
        if self._sandbox_id is None:
            grants = (yield from self._api.call_steps("GET", "/me"))["grants"]
            if len(grants) != 1:
                there = ", ".join(f"{grant['sandboxId']} ({grant['sandboxName']})" for grant in grants) or "none"
                raise ConfigurationError(f"Name the sandbox that is meant. Sandboxes: {there}")
            self._sandbox_id = str(grants[0]["sandboxId"])
        return self._sandbox_id


class _Steps:
    _api: Api | AsyncApi
    _sandbox: Sandbox

    def _path(self, path: str, places: Mapping[str, str]) -> Steps[str]:
        found = {name: quote(value, safe="") for name, value in places.items()}
        if "{sandbox}" in path:
            found["sandbox"] = quote((yield from self._sandbox.steps()), safe="")
        return path.format(**found)

    def steps(
        self,
        method: str,
        path: str,
        *,
        places: Mapping[str, str] | None = None,
        body: Any = None,
        query: Query | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Steps[Any]:
        """The steps of one of the calls, and the JSON that it answers. Raises ProblemError."""
        headers = {"If-Match": if_match, "Idempotency-Key": idempotency_key}
        if isinstance(body, dict):
            body = {name: value for name, value in body.items() if value is not UNSET}
        return (
            yield from self._api.call_steps(
                method,
                (yield from self._path(path, places or {})),
                body=body,
                query=query,
                headers={name: value for name, value in headers.items() if value is not None},
            )
        )


class Noun(_Steps):
    """Calls about one kind of thing."""

    def __init__(self, api: Api, sandbox: Sandbox) -> None:
        self._api: Api = api
        self._sandbox = sandbox

    def _call(self, method: str, path: str, **parts: Any) -> Any:
        return self._api.run(self.steps(method, path, **parts))

    def _list(self, method: str, path: str, *, query: Query | None = None, **parts: Any) -> "Pager[Any, Any]":
        return Pager(lambda asked: self._call(method, path, query=asked, **parts), query or {})


class AsyncNoun(_Steps):
    """As Noun, for asyncio."""

    def __init__(self, api: AsyncApi, sandbox: Sandbox) -> None:
        self._api: AsyncApi = api
        self._sandbox = sandbox

    async def _call(self, method: str, path: str, **parts: Any) -> Any:
        return await self._api.run(self.steps(method, path, **parts))

    def _list(self, method: str, path: str, *, query: Query | None = None, **parts: Any) -> "AsyncPager[Any, Any]":
        return AsyncPager(lambda asked: self._call(method, path, query=asked, **parts), query or {})


class Pager(Generic[T, P]):
    """All items of a list. Pages are read as they are needed, and anew each time that it is gone through."""

    def __init__(self, read: Callable[[Query], Any], query: Query) -> None:
        self._read = read
        self._query = query

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page["items"]

    def pages(self) -> Iterator[P]:
        """One page after another as it is answered; its items may be none while there is a next one."""
        asked: Query | None = self._query
        while asked is not None:
            page = self._read(asked)
            yield page
            asked = after(page, asked)


class AsyncPager(Generic[T, P]):
    """As Pager, for asyncio."""

    def __init__(self, read: Callable[[Query], Any], query: Query) -> None:
        self._read = read
        self._query = query

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page["items"]:
                yield item

    async def pages(self) -> AsyncIterator[P]:
        """As `Pager.pages`."""
        asked: Query | None = self._query
        while asked is not None:
            page = await self._read(asked)
            yield page
            asked = after(page, asked)
