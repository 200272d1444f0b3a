"""Pinterest's customer lists as its OpenAPI document (v5) says. `account` is the ad account."""

import re
import sys

from tests.destination_servers.audiences import Audiences
from tests.worlds.connector_servers.serving import Asked, Reply, serve

_LISTS = re.compile(r"/v5/ad_accounts/([0-9]+)/customer_lists(?:/([^/]+))?")


class Pinterest(Audiences):
    """The ad account."""

    def unauthorised(self) -> Reply:
        return Reply(401, {"code": 2, "message": "Authentication failed."})

    def api(self, asked: Asked) -> Reply:
        found = _LISTS.fullmatch(asked.path)
        if found is None or found[1] != self.state["account"]:
            return Reply(403, {"code": 29, "message": "You are not permitted to access that resource."})
        if asked.method == "GET" and not found[2]:
            return Reply(200, {"items": [self._list(name) for name in self.state["audiences"]], "bookmark": None})
        if asked.method != "PATCH" or found[2] not in self.state["audiences"]:
            return Reply(404, {"code": 4, "message": "Customer list not found."})
        self.change(found[2], asked.json["records"].split(","), enters=asked.json["operation_type"] == "ADD")
        return Reply(200, self._list(found[2]))

    def _list(self, name: str) -> dict[str, object]:
        return {
            "ad_account_id": self.state["account"],
            "created_time": 1452208622,
            "exceptions": {},
            "id": name,
            "name": f"List {name}",
            "num_batches": 2,
            "num_removed_user_records": 0,
            "num_uploaded_user_records": len(self.state["audiences"][name]),
            "status": "PROCESSING",
            "type": "customerlist",
            "updated_time": 1461269616,
        }


if __name__ == "__main__":
    serve(Pinterest(), int(sys.argv[1]) if len(sys.argv) > 1 else 0)
