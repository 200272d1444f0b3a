"""A small server of the built console, for a stack that does not serve it itself, nor takes calls from its origin."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, override
from urllib.parse import urlsplit

import boto3
import httpx

API = "/.api"
POOL = "/.pool"
PASSED_ON = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match")
ANSWERED = ("Content-Type", "ETag", "Location", "Retry-After")
SCOPES = ("openid", "aws.cognito.signin.user.admin")


def content_security_policy() -> str:
    """The policy that the console is served with here, where it calls its own origin alone."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def config_of(stack: dict[str, str], origin: str) -> dict[str, object]:
    """What `/config.json` says for a stack whose console is served at `origin`."""
    pool = stack["tokenUrl"].removesuffix("/token")
    return {
        "apiUrl": f"{origin}{API}",
        "authorizeUrl": f"{pool}/authorize",
        "tokenUrl": f"{origin}{POOL}/oauth2/token",
        "revokeUrl": f"{origin}{POOL}/oauth2/revoke",
        "logoutUrl": f"{pool.removesuffix('/oauth2')}/logout",
        "clientId": stack["userPoolClientId"],
        "scopes": list(SCOPES),
        "redirectUri": f"{origin}/",
    }


def allow_return(stack: dict[str, str], url: str) -> None:
    """Let the local pool send people back to an address."""
    cognito = boto3.client(
        "cognito-idp",
        endpoint_url=stack["awsEndpointUrl"],
        region_name=stack["region"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client: dict[str, Any] = {"UserPoolId": stack["userPoolId"], "ClientId": stack["userPoolClientId"]}
    known: dict[str, Any] = dict(cognito.describe_user_pool_client(**client)["UserPoolClient"])
    settings = {key: value for key, value in known.items() if value and key not in {"CreationDate", "LastModifiedDate"}}
    flow = {"AllowedOAuthFlows": ["code"], "AllowedOAuthFlowsUserPoolClient": True, "AllowedOAuthScopes": list(SCOPES)}
    returns = [*known.get("CallbackURLs", []), url]
    cognito.update_user_pool_client(**settings | flow | {"CallbackURLs": returns})


class _Server(ThreadingHTTPServer):
    def __init__(self, site: Path, stack: dict[str, str]) -> None:
        super().__init__(("localhost", 0), _Handler)
        self.site = site
        self.stack = stack
        self.origin = f"http://localhost:{self.server_port}"
        self.behind = {API: stack["apiUrl"], POOL: stack["tokenUrl"].removesuffix("/oauth2/token")}


class _Handler(SimpleHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith(tuple(self.server.behind)):
            self._pass_on()
        elif path == "/config.json":
            self._answer(200, json.dumps(config_of(self.server.stack, self.server.origin)).encode(), {})
        else:
            super().do_GET()

    def do_POST(self) -> None:
        self._pass_on()

    def do_PUT(self) -> None:
        self._pass_on()

    def do_PATCH(self) -> None:
        self._pass_on()

    def do_DELETE(self) -> None:
        self._pass_on()

    @override
    def translate_path(self, path: str) -> str:
        file = self.server.site / urlsplit(path).path.lstrip("/")
        return str(file if file.is_file() else self.server.site / "index.html")

    @override
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", content_security_policy())
        super().end_headers()

    @override
    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _pass_on(self) -> None:
        prefix, target = next(pair for pair in self.server.behind.items() if self.path.startswith(pair[0]))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
        url = target + self.path.removeprefix(prefix)
        answer = httpx.request(self.command, url, headers=headers, content=body, timeout=30)
        told = {name: answer.headers[name] for name in ANSWERED if name in answer.headers}
        self._answer(answer.status_code, answer.content, told)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def served(site: Path, stack: dict[str, str]) -> Iterator[str]:
    """The origin at which the site is served, with `index.html` for every path that is no file."""
    with _Server(site, stack) as server:
        allow_return(stack, f"{server.origin}/")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.origin
        finally:
            server.shutdown()
