"""Tools of others that read by Delta Sharing, and what they get."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from functions.sharing import app as sharing
from handfast.access import access_tokens
from handfast.lake.duck import connect, parquet
from handfast.platform import clock, objects
from handfast.platform.settings import setting
from tests.worlds.sandboxes import CONTEXT, proxy_event

ADDRESS = "203.0.113.24"


@cache
def key() -> rsa.RSAPrivateKey:
    """What the user pool signs by."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwks() -> list[dict[str, Any]]:
    """What the user pool publishes."""
    return [json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key().public_key())) | {"kid": "one", "alg": "RS256"}]


@contextmanager
def signing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The user pool publishes its keys."""
    monkeypatch.setattr(access_tokens, "fetch_keys", lambda _: jwks())
    access_tokens.forget()
    yield
    access_tokens.forget()


def access_token(principal: str, **claims: Any) -> str:
    """An access token of the user pool, as a machine gets one."""
    pool = setting("USER_POOL_ID")
    said = {
        "sub": principal,
        "client_id": principal,
        "token_use": "access",
        "scope": "handfast/api",
        "iss": f"https://cognito-idp.{pool.partition('_')[0]}.amazonaws.com/{pool}",
        "exp": clock.now() + timedelta(hours=1),
    }
    return jwt.encode(said | claims, key(), algorithm="RS256", headers={"kid": "one"})


@dataclass
class Reply:
    """An answer of the protocol."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        """The one document that it is."""
        return json.loads(self.text)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The documents that it is, a line each."""
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def version(self) -> int:
        """The table's version."""
        return int(self.headers["delta-table-version"])


@dataclass
class ReadingTool:
    """What a tool can do with a token."""

    token: str
    address: str = ADDRESS
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Reply:
        """Call a path below the endpoint."""
        sent = {"authorization": f"Bearer {self.token}", **self.headers}
        event = proxy_event(None, method, f"/sharing{path}", body, query=query or None, headers=sent)
        event["requestContext"] |= {"identity": {"sourceIp": self.address}}
        answer = sharing.handler(event, CONTEXT)
        flat = {name.lower(): values[0] for name, values in answer["multiValueHeaders"].items()}
        return Reply(answer["statusCode"], flat, answer["body"] or "")

    def table(self) -> str:
        """The path of the one table that there is."""
        answer = self.call("GET", "/shares")
        assert answer.status == 200, answer.text
        (share,) = answer.body["items"]
        (found,) = self.call("GET", f"/shares/{share['name']}/all-tables").body["items"]
        return f"/shares/{found['share']}/schemas/{found['schema']}/tables/{found['name']}"

    def rows(self, **body: Any) -> list[dict[str, Any]]:
        """All rows of that table."""
        answer = self.call("POST", f"{self.table()}/query", body)
        assert answer.status == 200, answer.text
        return [row for line in answer.lines[2:] for row in fetched(line["file"]["url"])]


def fetched(url: str) -> list[dict[str, Any]]:
    """The rows behind a link; LookupError when it has died."""
    name = unquote(urlsplit(url).path).rpartition("views/")
    with TemporaryDirectory() as folder, connect() as connection:
        path = Path(folder) / "file.parquet"
        if objects.download(f"views/{name[2]}", path) is None:
            raise LookupError("the link has died")
        found = connection.execute(f"SELECT * REPLACE (CAST(since AS VARCHAR) AS since) FROM {parquet([path])}")
        columns = [column[0] for column in found.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def decoded_part(token: str) -> Any:
    """The claims of a token, whatever signed it."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
