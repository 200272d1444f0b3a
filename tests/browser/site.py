"""A small server of the built console, for a stack that does not serve it itself."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

SCOPES = ("openid", "aws.cognito.signin.user.admin")


def content_security_policy(*origins: str) -> str:
    """The policy that the console is served with; it may call these origins and its own."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        f"font-src 'self' data:; connect-src 'self' {' '.join(sorted(set(origins)))}; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def config_of(stack: dict[str, str], origin: str) -> dict[str, object]:
    """What `/config.json` says for a stack whose console is served at `origin`."""
    pool = stack["tokenUrl"].removesuffix("/token")
    return {
        "apiUrl": stack["apiUrl"],
        "authorizeUrl": f"{pool}/authorize",
        "tokenUrl": stack["tokenUrl"],
        "revokeUrl": f"{pool}/revoke",
        "logoutUrl": f"{pool.removesuffix('/oauth2')}/logout",
        "clientId": stack["userPoolClientId"],
        "scopes": list(SCOPES),
        "redirectUri": f"{origin}/",
    }


@contextmanager
def served(site: Path, stack: dict[str, str]) -> Iterator[str]:
    """The origin at which the site is served, with `index.html` for every path that is no file."""
    policy = content_security_policy(*(_origin(stack[key]) for key in ("apiUrl", "tokenUrl", "awsEndpointUrl")))

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, directory=str(site), **kwargs)  # type: ignore[arg-type]

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/config.json":
                self._send_config()
                return
            if not (site / path.lstrip("/")).is_file():
                self.path = "/index.html"
            super().do_GET()

        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", policy)
            super().end_headers()

        def _send_config(self) -> None:
            body = json.dumps(config_of(stack, f"http://{self.headers['Host']}")).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("localhost", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
