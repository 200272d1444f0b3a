"""What fakes of audience APIs share: who is in which audience, tokens that end, values that are refused.

State: `token` (the one that is accepted), `audiences` (id → sorted values), `refused` (values that are not taken) and
`issued` (how many tokens the token server has given; the newest is accepted).
"""

import threading
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

from tests.worlds.connector_servers.running import Running, running
from tests.worlds.connector_servers.serving import Asked, Reply, System

TOKEN_PATH = "/token"


class Audiences(System):
    """An API that adds to audiences and removes from them."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Reply:
        with self._lock:
            if asked.path == TOKEN_PATH:
                return self._issue(asked)
            return self.api(asked) if self.is_signed_in(asked) else self.unauthorised()

    def is_signed_in(self, asked: Asked) -> bool:
        """Whether a request has the token that is accepted."""
        return asked.headers.get("authorization") == f"Bearer {self.state['token']}"

    @abstractmethod
    def api(self, asked: Asked) -> Reply:
        """The published API, to somebody who is signed in."""

    @abstractmethod
    def unauthorised(self) -> Reply:
        """What the vendor answers to a token that is none or has ended."""

    def grant(self, form: dict[str, str]) -> Reply | None:  # noqa: ARG002 - for who looks at it
        """Why no token is given for a form; None: one is given."""
        return None

    def change(self, audience: str, values: Iterable[str], *, enters: bool) -> int:
        """Take values into an audience or out of it; how many were refused."""
        known = set(self.state["audiences"].setdefault(audience, []))
        given = list(values)
        taken = [value for value in given if value not in self.state.get("refused", ())]
        known = known.union(taken) if enters else known.difference(taken)
        self.state["audiences"][audience] = sorted(known)
        return len(given) - len(taken)

    def _issue(self, asked: Asked) -> Reply:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        refusal = self.grant(form)
        if refusal is not None:
            return refusal
        self.state["issued"] = self.state.get("issued", 0) + 1
        self.state["token"] = f"token-{self.state['issued']}"
        return Reply(200, {"access_token": self.state["token"], "expires_in": 3600, "token_type": "Bearer"})


@contextmanager
def serving(vendor: str) -> Iterator[Running]:
    """The fake of a vendor, by its module's name here, ended with the block."""
    with running(vendor, "tests.destination_servers") as server:
        yield server


def members(server: Running) -> dict[str, set[str]]:
    """Who is in each audience at a fake that is running."""
    return {audience: set(values) for audience, values in server.state()["audiences"].items() if values}
