"""LinkedIn's DMP segments as its pages and two public connectors have them (docs/sources.md).

`account` is the ad account; a segment that is not in `audiences` is not known, as one that was just made. Values of
`busy` are to be sent again, once.
"""

import re
import sys
from typing import Any

from tests.destination_servers.audiences import Audiences
from tests.worlds.connector_servers.serving import Asked, Reply, serve

_USERS = re.compile(r"/rest/dmpSegments/([^/]+)/users")
_MOST = 5_000


class LinkedIn(Audiences):
    """The ad account."""

    def unauthorised(self) -> Reply:
        return _error(401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired")

    def api(self, asked: Asked) -> Reply:
        if not re.fullmatch(r"20\d{4}", asked.headers.get("linkedin-version", "")):
            return _error(400, "VERSION_MISSING", "A version must be present")
        if asked.path == "/rest/dmpSegments":
            known = f"urn:li:sponsoredAccount:{self.state['account']}"
            if asked.query.get("q") != "account" or asked.query.get("account") != known:
                return _error(403, "ACCESS_DENIED", "Not enough permissions to access the account")
            return Reply(200, {"elements": [{"id": name, "type": "USER"} for name in self.state["audiences"]]})
        found = _USERS.fullmatch(asked.path)
        if found is None or found[1] not in self.state["audiences"]:
            return _error(404, "NOT_FOUND", "No such segment")
        if asked.headers.get("x-restli-method") != "BATCH_CREATE" or len(asked.json["elements"]) > _MOST:
            return _error(400, "BAD_REQUEST", "No batch")
        return Reply(200, {"elements": [self._taken(found[1], element) for element in asked.json["elements"]]})

    def _taken(self, segment: str, element: dict[str, Any]) -> dict[str, Any]:
        ((kind, value),) = [(each["idType"], each["idValue"]) for each in element["userIds"]]
        if value in self.state.get("busy", ()):
            self.state["busy"].remove(value)
            return {"status": 429, "error": {"message": "Too many requests"}}
        is_known = kind in ("SHA256_EMAIL", "GOOGLE_AID") and element["action"] in ("ADD", "REMOVE")
        if not is_known or self.change(segment, [value], enters=element["action"] == "ADD"):
            return {"status": 400, "error": {"message": f"Invalid idValue {value}"}}
        return {"status": 201}


def _error(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"status": status, "code": code, "message": message})


if __name__ == "__main__":
    serve(LinkedIn(), int(sys.argv[1]) if len(sys.argv) > 1 else 0)
