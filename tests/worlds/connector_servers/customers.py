"""A system with an interface of its own, as many have: users by id, erasures by address as jobs.

State: `key`, `users` ([{id, email, ...}]), `jobs` (id → state) and `link` (of a new job, instead of its own).
"""

import sys
from typing import Any
from urllib.parse import unquote

from tests.worlds.connector_servers.serving import Asked, Reply, System, serve


class Customers(System):
    """The system, at `/api`."""

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("x-api-key") != self.state["key"]:
            return Reply(401, {"error": {"code": "no_key"}})
        return Reply(204) if asked.path == "/api/ping" else self._api(asked)

    def _api(self, asked: Asked) -> Reply:
        match asked.method, asked.path.split("/")[2:]:
            case "GET", ["users"]:
                found = self._by(asked.query["by"], asked.query["is"])
                return Reply(200, {"result": {"users": found, "orders": {"count": len(found)}}})
            case "POST", ["erasures"]:
                return self._erase(asked.json)
            case "PUT", ["users", name, "blocked"]:
                return Reply(200, {"done": bool(self._by("id", unquote(name)))})
            case "GET", ["jobs", name]:
                return Reply(200, {"job": {"state": self.state["jobs"][name]}})
            case _:
                return Reply(404, {"error": {"code": "no_such_path"}})

    def _by(self, name: str, value: str) -> list[dict[str, Any]]:
        return [user for user in self.state["users"] if user.get(name) == value]

    def _erase(self, order: dict[str, Any]) -> Reply:
        if not self._by(order["who"]["by"], order["who"]["is"]):
            return Reply(410)
        name = f"j{len(self.state.setdefault('jobs', {}))}"
        self.state["jobs"][name] = "queued"
        return Reply(202, {"links": {"job": self.state.get("link", f"/api/jobs/{name}")}})


if __name__ == "__main__":
    serve(Customers(), int(sys.argv[1]) if len(sys.argv) > 1 else 0)
