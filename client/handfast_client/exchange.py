"""What a call does, apart from how it is sent: requests, waits, tokens and repeats, for blocking and async clients.

A call is a generator. It yields a request or a wait, and is sent the response; `Api.run` and `AsyncApi.run` do what it
yields. An error of the connection is thrown into it, so that what is repeated, and how often, is decided here alone.
"""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import httpx

from handfast_client.tokens import KeptToken

ATTEMPTS = 6
"""How often a request is sent to a service that is busy."""
CONNECTION_ATTEMPTS = 3
"""How often a request is sent over a connection that fails."""
BUSY = frozenset({429, 503})
"""Statuses after which any request may be sent again: nothing was done."""
UNCLEAR = frozenset({502, 504})
"""Statuses after which only a request may be sent again that is done once however often it is sent."""
UNAUTHORIZED = 401
LONGEST_WAIT = 30.0
"""Seconds: a longer wait that the service asks for is cut to this."""
MARGIN = 60.0
"""Seconds before its end that a token is renewed."""

T = TypeVar("T")


@dataclass(frozen=True)
class Wait:
    """Let so many seconds pass."""

    seconds: float


@dataclass(frozen=True)
class OneAtATime:
    """Carry steps out while no other call carries out such steps, and go on with what comes of them."""

    steps: "Steps[Any]"


Steps: TypeAlias = Generator[httpx.Request | Wait | OneAtATime, Any, T]
Token: TypeAlias = tuple[str, float]
"""A bearer token, and for how many seconds it is good."""
TokenSource: TypeAlias = Callable[[], Steps[Token]]


def given_token(token: str, seconds: float = 3600.0) -> TokenSource:
    """A source that gives a token that somebody else has got."""

    def steps() -> Steps[Token]:
        yield from ()
        return token, seconds

    return steps


class Bearer:
    """The token that a principal's calls carry: got when it is first needed, and again before it ends.

    `kept` is where it is left for the next process.
    """

    def __init__(self, source: TokenSource, kept: KeptToken | None = None) -> None:
        self._source = source
        self._kept = kept
        self._token = ""
        self._good_until = 0.0

    def token(self) -> Steps[str]:
        """A token that is good. Raises what the source raises."""
        if time.monotonic() > self._good_until:
            yield OneAtATime(self._renew())
        return self._token

    def forget(self, token: str) -> None:
        """Uses this token, which was refused, no more."""
        if token != self._token:
            return
        self._good_until = 0.0
        if self._kept:
            self._kept.forget()

    def _renew(self) -> Steps[None]:
        if time.monotonic() <= self._good_until:
            return
        found = self._kept.read() if self._kept else None
        if found is None:
            token, seconds = yield from self._source()
            found = token, seconds - MARGIN
            if self._kept:
                self._kept.write(*found)
        self._token, seconds = found
        self._good_until = time.monotonic() + seconds


def exchange(make: Callable[[str], httpx.Request], bearer: Bearer, *, repeatable: bool) -> Steps[httpx.Response]:
    """Sends what `make` makes of a token until it is answered; answers the response, whatever its status.

    With `repeatable`, it is done once however often it is sent. A token that is refused is renewed once. Raises
    httpx.TransportError where no answer comes.
    """
    renewed = False
    for attempt in range(1, ATTEMPTS + 1):
        token = yield from bearer.token()
        try:
            response: httpx.Response = yield make(token)
        except httpx.TransportError as error:
            if attempt >= CONNECTION_ATTEMPTS or not (repeatable or isinstance(error, httpx.ConnectError)):
                raise
            yield Wait(_pause(attempt))
            continue
        if response.status_code == UNAUTHORIZED and not renewed:
            bearer.forget(token)
            renewed = True
            continue
        if attempt == ATTEMPTS or not _is_passing(response.status_code, repeatable=repeatable):
            break
        yield Wait(_asked_wait(response, attempt))
    return response


def _is_passing(status: int, *, repeatable: bool) -> bool:
    return status in BUSY or (repeatable and status in UNCLEAR)


def _asked_wait(response: httpx.Response, attempt: int) -> float:
    try:
        seconds = float(response.headers.get("Retry-After", ""))
    except ValueError:
        seconds = _pause(attempt)
    return min(max(0.0, seconds), LONGEST_WAIT)  # in this order NaN is 0


def _pause(attempt: int) -> float:
    return 0.5 * 2.0**attempt
