"""Braze as its documentation says: /users/export/ids, /users/delete and /users/track.

State: `key`, `permissions` (default all) and `users` (as they are exported). What is to be deleted or changed is kept
in `deletions` and `changes` until the test does it, as Braze only queues it.
"""

import sys
from typing import Any

from tests.worlds.connector_servers.serving import Asked, Reply, System, serve

_PERMISSIONS = {
    "/users/export/ids": "users.export.ids",
    "/users/delete": "users.delete",
    "/users/track": "users.track",
}
_DELETED_BY = ("external_ids", "user_aliases", "braze_ids", "email_addresses", "phone_numbers")
_EXPORTED_BY = ("external_ids", "user_aliases", "device_id", "braze_id", "email_address", "phone")


class Braze(System):
    """The workspace."""

    def answer(self, asked: Asked) -> Reply:
        needed = _PERMISSIONS.get(asked.path)
        if needed is None or asked.method != "POST":
            return Reply(404, {"message": "Not Found"})
        if asked.headers.get("authorization") != f"Bearer {self.state['key']}":
            return Reply(401, {"message": "Invalid API key: ann@example.com"})
        if needed not in self.state.get("permissions", _PERMISSIONS.values()):
            return Reply(401, {"message": "The API key does not have permission"})
        body = asked.json
        match asked.path:
            case "/users/export/ids":
                return self._export(body)
            case "/users/delete":
                return self._delete(body)
        return self._track(body["attributes"])

    def _export(self, body: dict[str, Any]) -> Reply:
        if not body.get("fields_to_export") or not any(name in body for name in _EXPORTED_BY):
            return Reply(400, {"message": "fields_to_export is required"})
        found = [
            {name: user[name] for name in body["fields_to_export"] if name in user}
            for user in self.state["users"]
            if user.get("external_id") in body.get("external_ids", ())
            or user["braze_id"] == body.get("braze_id")
            or ("email_address" in body and user.get("email") == body["email_address"].lower())
            or ("phone" in body and user.get("phone") == body["phone"])
        ]
        return Reply(201, {"message": "success", "users": found})

    def _delete(self, body: dict[str, Any]) -> Reply:
        given = [name for name in _DELETED_BY if name in body]
        if len(given) != 1 or not 1 <= len(body[given[0]]) <= 50:
            return Reply(400, {"message": "one kind of identifier, at most 50 of it"})
        by = {"braze_ids": "braze_id", "external_ids": "external_id"}[given[0]]
        known = [user["braze_id"] for user in self.state["users"] if user.get(by) in body[given[0]]]
        self.state.setdefault("deletions", []).extend(known)
        return Reply(201, {"message": "success", "deleted": len(known)})

    def _track(self, attributes: list[dict[str, Any]]) -> Reply:
        known = {user["braze_id"] for user in self.state["users"]}
        taken = [each for each in attributes if each.get("braze_id") in known]
        self.state.setdefault("changes", []).extend(taken)
        errors = [{"type": "unknown user", "input_array": "attributes", "index": 0}] if taken != attributes else []
        said = {"message": "success", "attributes_processed": len(taken)}
        return Reply(201, said | ({"errors": errors} if errors else {}))


if __name__ == "__main__":
    serve(Braze(), int(sys.argv[1]) if len(sys.argv) > 1 else 0)
