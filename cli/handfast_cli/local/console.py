"""The console's built files over HTTP on this machine, as CloudFront serves them on AWS.

`python -m handfast_cli.local.console FOLDER PORT` is the emulator's process with the console beside it, on a port, and
so an origin, of its own: it ends with the emulator.
"""

import os
import runpy
import sys
import threading
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from handfast.console_site.files import CONFIG, INDEX, built, cache_control, content_type
from handfast_cli.local.paths import ROOT

SITE = ROOT / "functions" / "console" / "site"
"""The built files, which are committed."""

_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self' {api}",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)
_NOT_BUILT = "The console is not built: functions/console/site has no index.html.\n"


def policy(api: str) -> str:
    """The content security policy of a page that calls `api`, an origin, and nothing else but where it comes from."""
    return "; ".join(_POLICY).format(api=api)


@dataclass(frozen=True)
class Site:
    """What is served: a folder of built files, and the file of what they read of the deployment."""

    folder: Path
    config: Path

    def find(self, path: str) -> tuple[str, Path] | None:
        """The name and the file at a path of an address, the page for one that is none of a file's, else None."""
        name = unquote(path).removeprefix("/")
        if "." not in name.rpartition("/")[2]:
            name = INDEX
        file = (built(self.folder) | {CONFIG: self.config}).get(name)
        return (name, file) if file is not None and file.is_file() else None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, site: Site, api: str) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.site = site
        self.headers = {
            "Content-Security-Policy": policy(api),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60.0
    server: _Server

    def do_GET(self) -> None:
        found = self.server.site.find(urlsplit(self.path).path)
        if found:
            name, file = found
            self._answer(HTTPStatus.OK, file.read_bytes(), content_type(name), cache_control(name))
        elif self.server.site.find(f"/{INDEX}"):
            self._answer(HTTPStatus.NOT_FOUND, b"There is no such file.\n")
        else:
            self._answer(HTTPStatus.NOT_FOUND, _NOT_BUILT.encode())

    def do_HEAD(self) -> None:
        self.do_GET()

    def _answer(
        self, status: int, body: bytes, kind: str = "text/plain; charset=utf-8", cache: str = "no-store"
    ) -> None:
        self.send_response(status)
        sent = {"Content-Type": kind, "Cache-Control": cache, "Content-Length": str(len(body))}
        for name, value in (self.server.headers | sent).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: an address may hold the code of a sign-in."""


def serve(port: int, site: Site, api: str) -> ThreadingHTTPServer:
    """Serves the site on loopback, in a thread that ends with the process. Raises OSError when the port is taken."""
    server = _Server(port, site, api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main() -> None:
    """Serves the console, and is the emulator."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    del sys.argv[1:]  # the emulator reads them too
    serve(port, Site(SITE, folder / "console.json"), f"http://localhost:{os.environ['GATEWAY_PORT']}")
    runpy.run_module("ministack", run_name="__main__")


if __name__ == "__main__":
    main()
