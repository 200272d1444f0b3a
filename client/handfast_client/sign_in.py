"""How principals get their tokens: machines by OAuth 2.0 client credentials, people by the refresh token of a login."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from handfast_client.errors import AnswerError, ConfigurationError, SignInError
from handfast_client.exchange import Steps, Token, TokenSource

DISCOVERY = "/v1/.well-known/handfast.json"
"""Where a deployment tells how to sign in to it."""
SECONDS = 30.0


def client_credentials(token_url: str | None, client_id: str, client_secret: str, url: str = "") -> TokenSource:
    """The tokens of a machine. Without a token URL it is asked of the deployment at `url`."""

    def steps() -> Steps[Token]:
        found = token_url or (yield from discover(url))["tokenUrl"]
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        response: httpx.Response = yield _request("POST", found, data=form)
        if not response.is_success:
            raise SignInError(f"The token endpoint refused the client ({response.status_code})")
        return _token(response, "access_token", "expires_in")

    return steps


def discover(url: str) -> Steps[Mapping[str, str]]:
    """What the deployment at an address tells of itself (docs/api.md, Signing in from one address).

    Raises AnswerError, and ConfigurationError for what is no address.
    """
    response: httpx.Response = yield _request("GET", f"{address_of(url)}{DISCOVERY}")
    try:
        found = response.raise_for_status().json()
        return {name: str(value) for name, value in found.items() if value is not None}
    except (httpx.HTTPStatusError, ValueError, AttributeError) as error:
        raise AnswerError(f"{url} does not tell how to sign in, at {DISCOVERY}: {response.status_code}") from error


def address_of(url: str) -> str:
    """A deployment's address, without the `/v1` that paths begin with. Raises ConfigurationError for what is none."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        is_one = parts.scheme in {"http", "https"} and parts.hostname and not (parts.query or parts.fragment)
    except ValueError:
        is_one = False
    if not is_one:
        raise ConfigurationError(f"{url!r} is no address of a deployment: give one such as https://api.example.com")
    return text.rstrip("/").removesuffix("/v1")


def cognito(endpoint: str, action: str, **parameters: Any) -> Steps[dict[str, Any]]:
    """One of Cognito's calls that need no signature, such as InitiateAuth. Raises SignInError where it is refused."""
    headers = {
        "X-Amz-Target": f"AWSCognitoIdentityProviderService.{action}",
        "Content-Type": "application/x-amz-json-1.1",
    }
    response: httpx.Response = yield _request("POST", endpoint, headers=headers, content=json.dumps(parameters))
    try:
        answer = response.json() if response.content else {}
    except ValueError as error:
        raise SignInError(f"What answers at {endpoint} is no user pool ({response.status_code})") from error
    if not response.is_success:
        raise SignInError(str(answer.get("message") or answer.get("Message") or answer.get("__type") or answer))
    return dict(answer)


def _request(method: str, url: str, **parts: Any) -> httpx.Request:
    return httpx.Request(method, url, extensions={"timeout": httpx.Timeout(SECONDS).as_dict()}, **parts)


def _token(response: httpx.Response, token: str, seconds: str) -> Token:
    try:
        answer = response.json()
        return str(answer[token]), float(answer[seconds])
    except (ValueError, KeyError, TypeError) as error:
        raise SignInError("What answers at the token URL is no token endpoint: it sent no token") from error
