"""TikTok's audience segments as its pages and two public connectors have them (docs/sources.md): status 200 and a code.

`account` is the advertiser.
"""

import sys
from typing import Any

from tests.destination_servers.audiences import Audiences
from tests.worlds.connector_servers.serving import Asked, Reply, serve

_MAPPING, _LIST = "/open_api/v1.3/segment/mapping/", "/open_api/v1.3/dmp/custom_audience/list/"
_KINDS = ("EMAIL_SHA256", "PHONE_SHA256", "AAID_SHA256", "IDFA_SHA256")
_MOST = 1_000


def coded(code: int, message: str) -> dict[str, object]:
    """The body of an answer."""
    return {"code": code, "message": message, "request_id": "2026112900000001", "data": {}}


class TikTok(Audiences):
    """The advertiser."""

    def is_signed_in(self, asked: Asked) -> bool:
        return bool(asked.headers.get("access-token") == self.state["token"])

    def unauthorised(self) -> Reply:
        return Reply(200, coded(40105, "Access token is incorrect or has been revoked."))

    def api(self, asked: Asked) -> Reply:
        if asked.path == _LIST:
            is_own = asked.query.get("advertiser_id") == self.state["account"]
            return Reply(200, coded(0, "OK") if is_own else coded(40001, "No permission to operate advertiser."))
        if asked.path != _MAPPING:
            return Reply(404)
        rows = [row for (row,) in asked.json["batch_data"]]
        if why := self._why_not(asked.json, rows):
            return Reply(200, coded(40002, f"Parameter error: {why}"))
        for row in rows:
            for audience in row["audience_ids"]:
                self.change(audience, [row["id"]], enters=asked.json["action"] == "add")
        return Reply(200, coded(0, "OK"))

    def _why_not(self, body: Any, rows: list[Any]) -> str | None:
        audiences = {audience for row in rows for audience in row["audience_ids"]}
        if body["advertiser_ids"] != [self.state["account"]] or not audiences <= set(self.state["audiences"]):
            return "invalid audience ID"
        if len(rows) > _MOST or body["id_schema"][0] not in _KINDS or body["action"] not in ("add", "delete"):
            return "invalid request"
        bad = {row["id"] for row in rows} & set(self.state.get("refused", ()))
        return f"invalid id {min(bad)}" if bad else None


if __name__ == "__main__":
    serve(TikTok(), int(sys.argv[1]) if len(sys.argv) > 1 else 0)
