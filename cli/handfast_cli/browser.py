"""Signing in with the browser, where the user pool or an identity provider behind it asks for what it wants.

By the authorization code with PKCE (RFC 7636), and back to an address on this machine (RFC 8252).
"""

import base64
import hashlib
import secrets
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from handfast_cli.errors import CommandError
from handfast_cli.output import say
from handfast_client.errors import SignInError

PORT = 8976
CALLBACK = f"http://localhost:{PORT}/"
SCOPES = ("openid", "aws.cognito.signin.user.admin")
SECONDS = 300.0
"""How long it waits for the person."""


def sign_in(authorize_url: str, token_url: str, client_id: str) -> str:
    """The refresh token of the person who signs in. Raises SignInError when nobody does, or it is refused."""
    verifier, state = secrets.token_urlsafe(64), secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": CALLBACK,
        "scope": " ".join(SCOPES),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    with _Listener(state) as listener:
        address = f"{authorize_url}?{urlencode(asked)}"
        say(f"Sign in at {address}")
        webbrowser.open(address)
        code = listener.code()
    form = {"grant_type": "authorization_code", "client_id": client_id, "code": code}
    answer = httpx.post(token_url, data=form | {"redirect_uri": CALLBACK, "code_verifier": verifier}, timeout=30.0)
    try:
        return str(answer.raise_for_status().json()["refresh_token"])
    except (httpx.HTTPStatusError, ValueError, KeyError) as error:
        raise SignInError(f"The token endpoint gave no tokens ({answer.status_code})") from error


class _Listener(HTTPServer):
    """Waits on this machine alone for the browser to come back."""

    def __init__(self, state: str) -> None:
        try:
            super().__init__(("localhost", PORT), _Handler)
        except OSError as error:
            detail = f"The browser has to come back to port {PORT} of this machine, which another program has: {error}"
            raise CommandError(detail) from error
        self.timeout = SECONDS
        self.state = state
        self.given: dict[str, str] = {}
        self.waiting = True

    def handle_timeout(self) -> None:
        self.waiting = False

    def code(self) -> str:
        """The code that came with the state. Raises SignInError."""
        while self.waiting and not self.given:
            self.handle_request()
        if not self.given:
            raise SignInError(f"Nobody has signed in within {SECONDS:.0f} seconds")
        if "code" not in self.given:
            raise SignInError(self.given.get("error_description") or self.given.get("error") or "There is no code")
        return self.given["code"]


class _Handler(BaseHTTPRequestHandler):
    server: _Listener

    def do_GET(self) -> None:
        """Take what comes with the state of this sign-in; browsers, and whoever else, ask for other things too."""
        given = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if given.get("state") != self.server.state:
            self.send_error(404)
            return
        self.server.given = given
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"You may close this window and go back to the command line.")

    def log_message(self, *_: Any) -> None:
        """Nothing: the address holds the code."""
