"""A system outside the deployment that knows people by profile id and takes Handfast's signed calls, when it is up."""

import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_bytes
from threading import Thread

from handfast.platform import standard_webhooks

LATER = 503


class OutsideSystem:
    """Its people, the address it is called at, and the secret that it verifies calls with (Standard Webhooks).

    While `refuses` is a code, it refuses what it is asked, for that reason.
    """

    def __init__(self, people: set[str]) -> None:
        self.url = ""
        self.people = people
        self.is_up = False
        self.refuses = ""
        self._key = token_bytes(32)

    @property
    def secret(self) -> str:
        """The secret as the connector is given it."""
        return standard_webhooks.webhook_secret(self._key)

    def answer(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        """The status and the JSON that a call gets; a person asked for is gone afterwards."""
        if not self.is_up:
            return LATER, {}
        if not self._signed(headers, body):
            return 401, {}
        if self.refuses:
            return 200, {"status": "refused", "reason": self.refuses}
        order = json.loads(body)
        asked = set(order["data"].get("profileIds", ()))
        known = self.people & asked
        self.people -= asked
        return 200, {"status": "completed" if known else "absent"}

    def _signed(self, headers: dict[str, str], body: bytes) -> bool:
        message, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "0")
        expected = standard_webhooks.webhook_signature(self._key, message, int(timestamp), body)
        return hmac.compare_digest(expected, headers.get("webhook-signature", ""))


@contextmanager
def outside_system(people: set[str]) -> Iterator[OutsideSystem]:
    """The system on a port of this machine, down at first."""
    system = OutsideSystem(people)
    with answering(system.answer) as address:
        system.url = f"{address}/people"
        yield system


@contextmanager
def answering(answer: Callable[[dict[str, str], bytes], tuple[int, dict[str, str]]]) -> Iterator[str]:
    """The address on this machine at which bodies are posted to `answer`, by any thread at once."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, said = answer({name.lower(): value for name, value in self.headers.items()}, body)
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
            """Stay silent: the story is on the same terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
