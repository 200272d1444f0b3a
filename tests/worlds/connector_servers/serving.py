"""Fake outside systems: each speaks a published API from a process of its own, and tests steer it over `/_control`.

`POST /_control` takes `{"reset": true}`, `{"state": {…}}` to merge, or `{"fault": {…}}`; `GET /_control` gives what
was asked of the system. A fault answers the next `times` requests whose method and path hold `match`; with `after`
the API does its work all the same, a status of 0 breaks the connection, and with `half` it breaks in the answer.
"""

import base64
import json
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request; `path` is as it was sent, escaped."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer; a body that is not bytes is sent as JSON."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    half: bool = False

    @property
    def raw(self) -> bytes:
        """What is sent."""
        return (
            self.body if isinstance(self.body, bytes) else b"" if self.body is None else json.dumps(self.body).encode()
        )


class System(ABC):
    """What a fake system knows and answers."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}
        self.faults: list[dict[str, Any]] = []
        self.seen: list[dict[str, Any]] = []
        self.url = ""

    @abstractmethod
    def answer(self, asked: Asked) -> Reply:
        """The published API."""

    def control(self, asked: Asked) -> Reply:
        """Steering by tests."""
        if asked.method == "POST":
            order = asked.json
            if order.get("reset"):
                self.state, self.faults, self.seen = {}, [], []
            self.state |= order.get("state", {})
            self.faults += [order["fault"]] if "fault" in order else []
        return Reply(200, {"state": self.state, "seen": self.seen})

    def respond(self, asked: Asked) -> Reply:
        """A fault's answer, if one is due, else the API's."""
        self.seen.append(
            {
                "method": asked.method,
                "path": asked.path,
                "query": asked.query,
                "headers": asked.headers,
                "body": asked.body.decode("latin-1"),
            }
        )
        for fault in self.faults:
            if fault["times"] and fault["match"] in f"{asked.method} {asked.path}":
                fault["times"] -= 1
                time.sleep(fault.get("delay", 0))
                if fault.get("after"):
                    self.answer(asked)
                if "status" in fault:
                    body, half = base64.b64decode(fault.get("body", "")), fault.get("half", False)
                    return Reply(fault["status"], body, fault.get("headers", {}), half)
        return self.answer(asked)


def serve(system: System, port: int = 0) -> None:
    """Answer until the process is ended; the first line of output is the port."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked = Asked(self.command, parts.path, query, headers, body)
            reply = system.control(asked) if parts.path == "/_control" else system.respond(asked)
            if not reply.status:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in {"content-type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.raw)))
            self.end_headers()
            self.wfile.write(reply.raw[: len(reply.raw) // 2] if reply.half else reply.raw)
            self.close_connection |= reply.half

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815 - named by the library

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the library
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # callers that give up are part of some tests

    server = Server(("127.0.0.1", port), Handler)
    system.url = f"http://localhost:{server.server_port}"
    print(server.server_port, flush=True)
    server.serve_forever()
