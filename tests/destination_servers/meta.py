"""Meta's Graph API as published: users of customer file audiences, audiences of an ad account, and its error codes.

State beside that of `audiences`: `account` (the ad account's id), `app_secret` (which requests then have to prove) and
`status` (the operation status of all audiences).
"""

import hashlib
import hmac
import json
import re
import sys
from typing import Any
from urllib.parse import parse_qs

from tests.destination_servers.audiences import Audiences
from tests.worlds.connector_servers.serving import Asked, Reply, serve

_PATH = re.compile(r"/v[0-9]+\.[0-9]+/(act_)?([0-9]+)(/[a-z]+)?")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST = 10_000
_SESSION = {"session_id", "batch_seq", "last_batch_flag"}


class Meta(Audiences):
    """The API on one host."""

    def is_signed_in(self, asked: Asked) -> bool:
        return _fields(asked).get("access_token") == str(self.state["token"])

    def unauthorised(self) -> Reply:
        return _error(400, 190, 463, "Error validating access token: Session has expired.")

    def api(self, asked: Asked) -> Reply:
        fields, path = _fields(asked), _PATH.fullmatch(asked.path)
        secret = self.state.get("app_secret")
        proof = hmac.new((secret or "").encode(), self.state["token"].encode(), hashlib.sha256).hexdigest()
        if secret and fields.get("appsecret_proof") != proof:
            return _error(400, 100, 0, "Invalid appsecret_proof provided in the API argument", "GraphMethodException")
        if path is None:
            return _error(400, 2500, 0, "Unknown path components")
        is_account, name, edge = path.groups()
        if is_account:
            known = name == self.state["account"] and edge == "/customaudiences"
            audiences = [{"id": each} for each in self.state["audiences"]]
            return Reply(200, {"data": audiences}) if known else _error(403, 294, 0, "Managing advertisements needs …")
        if name not in self.state["audiences"]:
            return _error(400, 100, 33, "Unsupported request. Object does not exist", "GraphMethodException")
        if edge is None:
            return Reply(200, {"id": name, "operation_status": {"code": self.state.get("status", 200)}})
        return self._users(asked.method, name, fields)

    def _users(self, method: str, audience: str, fields: dict[str, str]) -> Reply:
        if self.state.get("status", 200) == 471:
            return _error(400, 100, 1_713_230, "Invalid parameter")
        payload, session = json.loads(fields["payload"]), json.loads(fields.get("session", "{}"))
        values = _values(payload)
        if values is None or (session and not set(session) >= _SESSION) or not 1 <= len(values) <= _MOST:
            return _error(400, 100, 0, "Invalid parameter")
        is_digest = str(payload["schema"]).endswith("_SHA256")
        right = [value for value in values if not is_digest or _DIGEST.fullmatch(value)]
        invalid = self.change(audience, right, enters=method == "POST") + len(values) - len(right)
        said = {"audience_id": audience, "num_received": len(values), "num_invalid_entries": invalid}
        return Reply(200, {**said, "session_id": str(session.get("session_id", 1)), "invalid_entry_samples": {}})


def _values(payload: dict[str, Any]) -> list[str] | None:
    schema, data = payload["schema"], payload["data"]
    if schema in ("EMAIL_SHA256", "PHONE_SHA256", "MOBILE_ADVERTISER_ID"):
        return data if all(isinstance(each, str) for each in data) else None
    if schema == ["EXTERN_ID"] and payload["is_raw"]:
        return [value for (value,) in data]
    return None


def _fields(asked: Asked) -> dict[str, str]:
    """What the form says; the SDK signs in, and removes, by the query."""
    form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
    return asked.query | form


def _error(status: int, code: int, subcode: int, message: str, kind: str = "OAuthException") -> Reply:
    error = {"message": message, "type": kind, "code": code, "error_subcode": subcode, "fbtrace_id": "Az8or2yhqkZ"}
    return Reply(status, {"error": error})


if __name__ == "__main__":
    serve(Meta(), int(sys.argv[1]) if len(sys.argv) > 1 else 0)
