"""Starts a fake system in a process of its own and steers it."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Running:
    """A fake system that is listening."""

    port: int

    @property
    def url(self) -> str:
        """Its address, by a name that certificates can hold."""
        return f"http://localhost:{self.port}"

    def reset(self, **state: Any) -> None:
        """Forget everything, then know this."""
        self._control({"reset": True, "state": state})

    def set(self, **state: Any) -> None:
        """Know this as well."""
        self._control({"state": state})

    def fault(
        self,
        match: str,
        status: int | None = None,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        times: int = 1,
        delay: float = 0,
        *,
        after: bool = False,
        half: bool = False,
    ) -> None:
        """Answer the next matching requests so, `delay` seconds late; without a status only late.

        With `after` the system does what it is asked before it answers so; a status of 0 breaks the connection, and
        `half` breaks it in the middle of the answer.
        """
        fault: dict[str, Any] = {"match": match, "times": times, "delay": delay, "headers": headers or {}}
        fault |= {"after": after, "half": half}
        if status is not None:
            fault |= {"status": status, "body": base64.b64encode(body).decode()}
        self._control({"fault": fault})

    def seen(self, match: str = "") -> list[dict[str, Any]]:
        """The requests so far whose method and path hold the text."""
        return [asked for asked in self._control()["seen"] if match in f"{asked['method']} {asked['path']}"]

    def state(self) -> dict[str, Any]:
        """What it knows."""
        known: dict[str, Any] = self._control()["state"]
        return known

    def _control(self, order: dict[str, Any] | None = None) -> Any:
        body = None if order is None else json.dumps(order).encode()
        with urlopen(Request(f"http://127.0.0.1:{self.port}/_control", data=body), timeout=30) as answer:
            return json.load(answer)


@contextmanager
def running(module: str, package: str = "tests.worlds.connector_servers") -> Iterator[Running]:
    """The fake system of a module in a package, ended with the block."""
    command = [sys.executable, "-m", f"{package}.{module}"]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Running(int(process.stdout.readline()))
        finally:
            process.terminate()
