"""The HTTP API from the outside: tokens, retries, idempotency, problems as exceptions."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from handfast_cli.errors import CommandError, ExitCode
from handfast_cli.tokens import KeptToken

ATTEMPTS = 6
BUSY = frozenset({429, 503})
SEE_OTHER = 303
UNAUTHORIZED = 401
LONGEST_WAIT = 30.0
# Tokens are renewed a little before they end.
MARGIN = 60.0

type TokenSource = Callable[[], tuple[str, float]]
type Query = Mapping[str, str | int | float | bool | None]


class ApiError(CommandError):
    """The API answered with a problem; `problem` is its document (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.exit_code = ExitCode.of_status(status)
        self.problem = problem
        self.members = {"status": status, **problem}
        super().__init__(_explain(status, problem))


class AnswerError(CommandError):
    """Something else than the API answered."""

    exit_code = ExitCode.UNAVAILABLE


class SignInError(CommandError):
    """The credentials were refused."""

    exit_code = ExitCode.NOT_ALLOWED


class Api:
    """One principal's calls to one deployment.

    `url` is the address before `/v1`; `token` answers a bearer token and for how many seconds it is good. `kept` is
    where the token is left for the next command.
    """

    def __init__(self, url: str, token: TokenSource, kept: KeptToken | None = None) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(base_url=f"{self.url}/v1", timeout=35.0)
        self._token = token
        self._kept = kept
        self._bearer = ""
        self._good_until = 0.0

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
        sent = {"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}
        sent |= dict(headers or {})
        given = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        renewed = False
        for attempt in range(1, ATTEMPTS + 1):
            bearer = {"Authorization": f"Bearer {self._current_token()}"}
            response = self._http.request(method, path, json=body, params=given or None, headers=sent | bearer)
            if response.status_code == UNAUTHORIZED and not renewed:
                self._forget_token()
                renewed = True
                continue
            if response.status_code not in BUSY or attempt == ATTEMPTS:
                break
            time.sleep(_wait(response, attempt))
        return response

    def call(self, method: str, path: str, *, body: Any = None, query: Query | None = None) -> Any:
        """As `request`, but answers the JSON. No redirection is followed.

        Raises ApiError on a problem, and AnswerError when the answer is no JSON.
        """
        content = self.content(method, path, body=body, query=query)
        try:
            return json.loads(content) if content else None
        except ValueError as error:
            raise AnswerError(f"What answers at {self._http.base_url} is not the API: it sent no JSON") from error

    def content(self, method: str, path: str, *, body: Any = None, query: Query | None = None) -> bytes:
        """As `call`, but answers the bytes as they came."""
        response = self.request(method, path, body=body, query=query)
        if response.is_success or response.status_code == SEE_OTHER:
            return response.content
        raise ApiError(response.status_code, _problem(response))

    def items(self, path: str, query: Query | None = None) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page."""
        cursor: str | None = None
        while True:
            page = self.call("GET", path, query={"limit": 200, **(query or {}), "cursor": cursor})
            yield from page["items"]
            cursor = page.get("nextCursor")
            if cursor is None:
                return

    def _current_token(self) -> str:
        if time.monotonic() > self._good_until:
            self._bearer, seconds = self._kept_token() or self._new_token()
            self._good_until = time.monotonic() + seconds
        return self._bearer

    def _kept_token(self) -> tuple[str, float] | None:
        return self._kept.read() if self._kept else None

    def _new_token(self) -> tuple[str, float]:
        token, seconds = self._token()
        if self._kept:
            self._kept.write(token, seconds - MARGIN)
        return token, seconds - MARGIN

    def _forget_token(self) -> None:
        self._good_until = 0.0
        if self._kept:
            self._kept.forget()


def client_credentials(token_url: str, client_id: str, client_secret: str) -> TokenSource:
    """Tokens of a machine, by OAuth 2.0 client credentials."""

    def token() -> tuple[str, float]:
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        response = httpx.post(token_url, data=form, timeout=30.0)
        if not response.is_success:
            raise SignInError(f"The token endpoint refused the client ({response.status_code})")
        try:
            answer = response.json()
            return str(answer["access_token"]), float(answer["expires_in"])
        except (ValueError, KeyError, TypeError) as error:
            raise SignInError("What answers at the token URL is no token endpoint: it sent no token") from error

    return token


def _text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _wait(response: httpx.Response, attempt: int) -> float:
    try:
        seconds = float(response.headers.get("Retry-After", ""))
    except ValueError:
        seconds = 0.5 * 2**attempt
    return min(seconds, LONGEST_WAIT)


def _problem(response: httpx.Response) -> Mapping[str, Any]:
    try:
        document = response.json()
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"detail": response.text[:500]}


def _explain(status: int, problem: Mapping[str, Any]) -> str:
    lines = [f"{status} {problem.get('title', '')}: {problem.get('detail') or problem.get('message', '')}"]
    lines += [f"  {error.get('pointer')}: {error.get('message')}" for error in problem.get("errors") or []]
    for violation in problem.get("violations") or []:
        lines.append("  " + ", ".join(f"{name} {value}" for name, value in violation.items()))
    if problem.get("requestId"):
        lines.append(f"  request {problem['requestId']}")
    return "\n".join(lines)
