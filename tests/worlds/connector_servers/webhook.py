"""An endpoint as the webhook connector promises it, which verifies signatures with another implementation.

State: `secret`, `careless` (takes any signature), `people` (profile id → records), `later` (answers with 202),
`verdict` (what it says of everybody) and `location` (instead of its own).
"""

import sys
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from tests.worlds.connector_servers.serving import Asked, Reply, System, serve


class Endpoint(System):
    """The endpoint, at `/hooks`, and its statuses, at `/hooks/status/…`."""

    def answer(self, asked: Asked) -> Reply:
        if not self.state.get("careless") and not self._signed(asked):
            return Reply(401, {"error": "signature"})
        if asked.path.startswith("/hooks/status/"):
            done = self.state.setdefault("done", {})
            name = asked.path.removeprefix("/hooks/status/")
            return Reply(200, done[name]) if name in done else Reply(404)
        order = asked.json
        if order["type"] == "connection.test":
            return Reply(204)
        verdict = self._verdict(order["type"], order["data"])
        if self.state.get("later"):
            name = asked.headers["webhook-id"]
            self.state.setdefault("done", {})[name] = {"status": "in_progress"}
            return Reply(202, None, {"location": self.state.get("location", f"/hooks/status/{name}")})
        return Reply(200, verdict)

    def _verdict(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        if "verdict" in self.state:
            verdict: dict[str, Any] = self.state["verdict"]
            return verdict
        records = [record for known in data["profileIds"] for record in self.state["people"].get(known, [])]
        if not records:
            return {"status": "absent"}
        return {"status": "completed"} | ({"records": records} if kind.endswith("access") else {})

    def _signed(self, asked: Asked) -> bool:
        try:
            Webhook(self.state["secret"]).verify(asked.body, asked.headers, json_parse=False)
        except WebhookVerificationError:
            return False
        return True


if __name__ == "__main__":
    serve(Endpoint(), int(sys.argv[1]) if len(sys.argv) > 1 else 0)
