"""The HTTP API, call by call: a path, a body and a query for the JSON that is answered."""

import asyncio
import json
import threading
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from types import TracebackType
from typing import Any, TypeAlias, TypeVar

import httpx

from handfast_client import __version__
from handfast_client.errors import AnswerError, ConfigurationError
from handfast_client.exchange import Bearer, OneAtATime, Steps, TokenSource, Wait, exchange
from handfast_client.problems import problem_of
from handfast_client.sign_in import address_of
from handfast_client.tokens import KeptToken

HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": f"handfast-client/{__version__}",
}
SEE_OTHER = 303
SECONDS = 35.0
"""How long an answer is waited for; the API gives one within 30."""
PAGE = 200
"""Items of a page, the most that the API gives."""

_LEADING_ELSEWHERE = frozenset({"", ".", ".."})

Query: TypeAlias = Mapping[str, str | int | float | bool | None]
T = TypeVar("T")


class Answer(dict[str, Any]):
    """An object that the API answered, with the `etag` that came with it, for `if_match`."""

    etag: str | None = None


def etag_of(answer: Mapping[str, Any]) -> str | None:
    """The version of what was answered, to be given as `if_match` of a change; None where it has none."""
    return answer.etag if isinstance(answer, Answer) else None


class _Calls:
    """What both clients have in common: calls as steps."""

    def __init__(self, url: str, source: TokenSource, kept: KeptToken | None = None) -> None:
        self.url = address_of(url)
        self._bearer = Bearer(source, kept)

    def request_steps(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Steps[httpx.Response]:
        """The steps of a request below `/v1`; a POST carries an Idempotency-Key, the same one on every repeat.

        Raises ConfigurationError for a path with an empty part, or one that leads to another path.
        """
        if _LEADING_ELSEWHERE.intersection(path.split("/")[1:]):
            raise ConfigurationError(f"{method} {path}: an id is empty, or is . or .. and leads elsewhere")
        sent = HEADERS | ({"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}) | dict(headers or {})
        given = {name: _text(value) for name, value in (query or {}).items() if value is not None}

        def make(token: str) -> httpx.Request:
            return httpx.Request(
                method,
                f"{self.url}/v1{path}",
                json=body,
                params=given or None,
                headers=sent | {"Authorization": f"Bearer {token}"},
                extensions={"timeout": httpx.Timeout(SECONDS).as_dict()},
            )

        return exchange(make, self._bearer, repeatable=method in {"GET", "HEAD", "POST", "PUT"})

    def content_steps(self, method: str, path: str, **parts: Any) -> Steps[httpx.Response]:
        """As `request_steps`, but raises ProblemError for what is no success. No redirection is followed."""
        response = yield from self.request_steps(method, path, **parts)
        if response.is_success or response.status_code == SEE_OTHER:
            return response
        raise problem_of(response.status_code, _document(response))

    def call_steps(self, method: str, path: str, **parts: Any) -> Steps[Any]:
        """As `content_steps`, but answers the JSON. Raises AnswerError when it is none."""
        response = yield from self.content_steps(method, path, **parts)
        try:
            found = json.loads(response.content) if response.content else None
        except ValueError as error:
            raise AnswerError(f"What answers at {self.url}/v1 is not the API: it sent no JSON") from error
        if isinstance(found, dict) and "ETag" in response.headers:
            found = Answer(found)
            found.etag = response.headers["ETag"]
        return found


class Api(_Calls):
    """One principal's calls to one deployment.

    `url` is the address before `/v1`; `source` gives tokens, and `kept` is where one is left for the next process.
    """

    def __init__(
        self,
        url: str,
        source: TokenSource,
        kept: KeptToken | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(url, source, kept)
        self._http = httpx.Client(transport=transport)
        self._lock = threading.Lock()

    def run(self, steps: Steps[T]) -> T:
        """Does what the steps say, and answers what they answer."""
        return _run(steps, self._http, self._lock)

    def token(self) -> str:
        """The bearer token that calls carry."""
        return self.run(self._bearer.token())

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Sends one request, again while the service is busy and once when its token is refused; answers what comes.

        A POST carries an Idempotency-Key, the same one on every repeat.
        """
        return self.run(self.request_steps(method, path, body=body, query=query, headers=headers))

    def call(self, method: str, path: str, *, body: Any = None, query: Query | None = None) -> Any:
        """As `request`, but answers the JSON. No redirection is followed.

        Raises ProblemError on a problem, and AnswerError when the answer is no JSON.
        """
        return self.run(self.call_steps(method, path, body=body, query=query))

    def content(self, method: str, path: str, *, body: Any = None, query: Query | None = None) -> bytes:
        """As `call`, but answers the bytes as they came."""
        return self.run(self.content_steps(method, path, body=body, query=query)).content

    def items(self, path: str, query: Query | None = None) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page."""
        for page in self.pages(path, query):
            yield from page["items"]

    def pages(self, path: str, query: Query | None = None) -> Iterator[dict[str, Any]]:
        """The pages of a list."""
        asked: Query | None = {"limit": PAGE, **(query or {})}
        while asked is not None:
            page = self.call("GET", path, query=asked)
            yield page
            asked = after(page, asked)

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> "Api":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncApi(_Calls):
    """As Api, for asyncio."""

    def __init__(
        self,
        url: str,
        source: TokenSource,
        kept: KeptToken | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(url, source, kept)
        self._http = httpx.AsyncClient(transport=transport)
        self._lock = asyncio.Lock()

    async def run(self, steps: Steps[T]) -> T:
        """Does what the steps say, and answers what they answer."""
        return await _run_async(steps, self._http, self._lock)

    async def token(self) -> str:
        """As `Api.token`."""
        return await self.run(self._bearer.token())

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """As `Api.request`."""
        return await self.run(self.request_steps(method, path, body=body, query=query, headers=headers))

    async def call(self, method: str, path: str, *, body: Any = None, query: Query | None = None) -> Any:
        """As `Api.call`."""
        return await self.run(self.call_steps(method, path, body=body, query=query))

    async def content(self, method: str, path: str, *, body: Any = None, query: Query | None = None) -> bytes:
        """As `Api.content`."""
        return (await self.run(self.content_steps(method, path, body=body, query=query))).content

    async def items(self, path: str, query: Query | None = None) -> AsyncIterator[dict[str, Any]]:
        """All items of a list, page after page."""
        async for page in self.pages(path, query):
            for item in page["items"]:
                yield item

    async def pages(self, path: str, query: Query | None = None) -> AsyncIterator[dict[str, Any]]:
        """The pages of a list."""
        asked: Query | None = {"limit": PAGE, **(query or {})}
        while asked is not None:
            page = await self.call("GET", path, query=asked)
            yield page
            asked = after(page, asked)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> "AsyncApi":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def run(steps: Steps[T]) -> T:
    """Does what steps say that are of no Api, such as those of signing in."""
    with httpx.Client() as http:
        return _run(steps, http, threading.Lock())


def _run(steps: Steps[T], http: httpx.Client, lock: threading.Lock) -> T:
    answer: Any = None
    error: Exception | None = None
    while True:
        try:
            step = steps.throw(error) if error else steps.send(answer)
        except StopIteration as ended:
            return ended.value  # type: ignore[no-any-return]
        answer, error = None, None
        try:
            match step:
                case Wait(seconds):
                    time.sleep(seconds)
                case OneAtATime(inner):
                    with lock:
                        answer = _run(inner, http, lock)
                case _:
                    answer = http.send(step)
        except Exception as failure:  # noqa: BLE001 - the steps decide what comes of it
            error = failure


async def _run_async(steps: Steps[T], http: httpx.AsyncClient, lock: asyncio.Lock) -> T:
    answer: Any = None
    error: Exception | None = None
    while True:
        try:
            step = steps.throw(error) if error else steps.send(answer)
        except StopIteration as ended:
            return ended.value  # type: ignore[no-any-return]
        answer, error = None, None
        try:
            match step:
                case Wait(seconds):
                    await asyncio.sleep(seconds)
                case OneAtATime(inner):
                    async with lock:
                        answer = await _run_async(inner, http, lock)
                case _:
                    answer = await http.send(step)
        except Exception as failure:  # noqa: BLE001 - the steps decide what comes of it
            error = failure


def after(page: Mapping[str, Any], query: Query) -> Query | None:
    """The query of the page after this one; None after the last."""
    cursor = page.get("nextCursor")
    return None if cursor is None else {**query, "cursor": cursor}


def _text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _document(response: httpx.Response) -> Mapping[str, Any]:
    try:
        document = response.json()
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"detail": response.text[:500]}
