"""Snap's customer lists as its pages and a public connector's recorded answers have them (docs/sources.md).

`account` is the ad account. Of a request with a value of `refused` nothing is taken.
"""

import re
import sys

from tests.destination_servers.audiences import Audiences
from tests.worlds.connector_servers.serving import Asked, Reply, serve

_USERS = re.compile(r"/v1/segments/([^/]+)/users")
_KINDS = ("EMAIL_SHA256", "PHONE_SHA256", "MOBILE_AD_ID_SHA256")
_ID = "57ae54d800ff0a4a5232b1a7210001737e61"


class Snap(Audiences):
    """The ad account."""

    def unauthorised(self) -> Reply:
        return Reply(401, b"unauthorized", {"content-type": "text/plain"})

    def api(self, asked: Asked) -> Reply:
        if asked.path == f"/v1/adaccounts/{self.state['account']}/segments":
            segments = [{"sub_request_status": "SUCCESS", "segment": {"id": name}} for name in self.state["audiences"]]
            return Reply(200, {"request_status": "SUCCESS", "request_id": _ID, "segments": segments})
        found = _USERS.fullmatch(asked.path)
        if found is None:
            return _error(403, "E3002", "Caller does not have permission")
        if found[1] not in self.state["audiences"]:
            return _error(404, "E3001", "Segment not found")
        (users,) = asked.json["users"]
        values = [value for (value,) in users["data"]]
        if len(users["schema"]) != 1 or users["schema"][0] not in _KINDS:
            return _error(400, "E1001", "Invalid schema")
        if set(values) & set(self.state.get("refused", ())):
            return _error(400, "E1008", f"Invalid hash {values[0]}")
        self.change(found[1], values, enters=asked.method == "POST")
        part = {"sub_request_status": "SUCCESS", "user": {"number_uploaded_users": len(values)}}
        return Reply(200, {"request_status": "SUCCESS", "request_id": _ID, "users": [part]})


def _error(status: int, code: str, message: str) -> Reply:
    said = {"request_status": "ERROR", "request_id": _ID, "debug_message": message, "error_code": code}
    return Reply(status, said)


if __name__ == "__main__":
    serve(Snap(), int(sys.argv[1]) if len(sys.argv) > 1 else 0)
