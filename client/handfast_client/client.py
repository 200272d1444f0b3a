"""The API by nouns: `client.connections.request(code)`."""

import os
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from handfast_client.api import Api, AsyncApi
from handfast_client.calls import AsyncNouns, Nouns
from handfast_client.errors import ConfigurationError
from handfast_client.exchange import TokenSource, given_token
from handfast_client.noun import Sandbox
from handfast_client.sign_in import client_credentials
from handfast_client.tokens import KeptToken

URL, CLIENT_ID, CLIENT_SECRET, TOKEN = "HANDFAST_URL", "HANDFAST_CLIENT_ID", "HANDFAST_CLIENT_SECRET", "HANDFAST_TOKEN"
SANDBOX = "HANDFAST_SANDBOX"


def _source(
    url: str, client_id: str | None, client_secret: str | None, token: str | None, token_url: str | None
) -> TokenSource:
    if token:
        return given_token(token.strip())  # files of one end with a line
    if client_id and client_secret:
        return client_credentials(token_url, client_id, client_secret, url)
    raise ConfigurationError("Give client_id and client_secret, or a token")


def _environment() -> dict[str, Any]:
    """What the variables say. Raises ConfigurationError, naming those that are missing."""
    found = {name: os.environ.get(name) for name in (URL, CLIENT_ID, CLIENT_SECRET, TOKEN)}
    needed = (URL,) if found[TOKEN] else (URL, CLIENT_ID, CLIENT_SECRET)
    if missing := [name for name in needed if not found[name]]:
        raise ConfigurationError(f"Set {', '.join(missing)}")
    return {
        "url": found[URL],
        "client_id": found[CLIENT_ID],
        "client_secret": found[CLIENT_SECRET],
        "token": found[TOKEN],
        "sandbox": os.environ.get(SANDBOX),
    }


class Client(Nouns):
    """One principal's calls to one deployment.

    `url` is the deployment's address, the stack's output ApiUrl, and `sandbox` the one that is meant; without it the
    only one that the caller has a grant on. `token_cache` is a folder where tokens are left for the next process,
    readable by the user alone. `token` is one that somebody else has got, instead of a machine's id and secret. What
    the deployment answers but a success is a ProblemError; a connection that fails is an httpx.TransportError.
    """

    def __init__(
        self,
        url: str,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        token: str | None = None,
        token_url: str | None = None,
        sandbox: str | None = None,
        token_cache: Path | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        source = _source(url, client_id, client_secret, token, token_url)
        self.api = Api(url, source, _kept(token_cache, url, client_id, client_secret), transport=transport)
        self._sandbox = Sandbox(self.api, sandbox)

    @classmethod
    def from_environment(cls) -> "Client":
        """The client that HANDFAST_URL, HANDFAST_CLIENT_ID and HANDFAST_CLIENT_SECRET say, or HANDFAST_TOKEN.

        HANDFAST_SANDBOX names the sandbox. Raises ConfigurationError, naming what is missing.
        """
        return cls(**_environment())

    def in_sandbox(self, sandbox: str) -> "Client":
        """The same principal's calls about another sandbox, over the same connections."""
        other = object.__new__(type(self))
        other.api = self.api
        other._sandbox = Sandbox(self.api, sandbox)
        return other

    def close(self) -> None:
        """Closes the connections."""
        self.api.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(AsyncNouns):
    """As Client, for asyncio."""

    def __init__(
        self,
        url: str,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        token: str | None = None,
        token_url: str | None = None,
        sandbox: str | None = None,
        token_cache: Path | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        source = _source(url, client_id, client_secret, token, token_url)
        self.api = AsyncApi(url, source, _kept(token_cache, url, client_id, client_secret), transport=transport)
        self._sandbox = Sandbox(self.api, sandbox)

    @classmethod
    def from_environment(cls) -> "AsyncClient":
        """As `Client.from_environment`."""
        return cls(**_environment())

    def in_sandbox(self, sandbox: str) -> "AsyncClient":
        """As `Client.in_sandbox`."""
        other = object.__new__(type(self))
        other.api = self.api
        other._sandbox = Sandbox(self.api, sandbox)
        return other

    async def close(self) -> None:
        """Closes the connections."""
        await self.api.close()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _kept(folder: Path | None, url: str, client_id: str | None, client_secret: str | None) -> KeptToken | None:
    if folder is None or client_id is None:
        return None
    return KeptToken.of(folder, {"url": url, "clientId": client_id, "clientSecret": client_secret})
