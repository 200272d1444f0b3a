"""Segment as published: the Profile API, the Public API's regulations, and the older Config API's.

State: `secret`, `space`, `token`, `workspace` ({id, slug}), `profiles` ([{external_ids, traits, events}]) and
`regulations` (id → the body of a GET, as the test wants it).
"""

import base64
import re
import sys
from typing import Any
from urllib.parse import unquote

from tests.worlds.connector_servers.serving import Asked, Reply, System, serve

_PROFILE = re.compile(r"/v1/spaces/([^/]+)/collections/users/profiles/([^/]+)/(metadata|traits|events|external_ids)")
_CONFIG = re.compile(r"/v1beta/workspaces(?:/([^/]+)/regulations(?:/([^/]+))?)?/?")
_PUBLIC = re.compile(r"/(?:regulations(?:/([^/]+))?)?")


class Segment(System):
    """The three APIs on one host."""

    def answer(self, asked: Asked) -> Reply:
        if found := _PROFILE.fullmatch(asked.path):
            return self._profile(asked, *found.groups())
        authorised = asked.headers.get("authorization") == f"Bearer {self.state['token']}"
        if found := _CONFIG.fullmatch(asked.path):
            unauthorised = Reply(401, {"error": "unauthenticated", "code": 16})
            return self._config(asked, *found.groups()) if authorised else unauthorised
        if found := _PUBLIC.fullmatch(asked.path):
            unauthorised = Reply(401, {"errors": [{"type": "unauthorized", "message": "The token is not valid"}]})
            return self._public(asked, found[1]) if authorised else unauthorised
        return Reply(404, {"errors": [{"type": "not-found"}]})

    def _profile(self, asked: Asked, space: str, identifier: str, what: str) -> Reply:
        if asked.headers.get("authorization") != _basic(self.state["secret"]):
            return _error(401, "authentication_error", "Token is invalid.")
        if space != self.state["space"]:
            return _error(404, "not_found", "Space was not found.")
        kind, _, value = identifier.partition(":")
        if re.fullmatch(r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+", value) is None:
            return _error(500, "internal_error", "Internal error.")
        profile = self._find(kind, unquote(value))
        if profile is None:
            return _error(404, "not_found", "Profile was not found.")
        if what == "metadata":
            metadata = {"created_at": "2017-10-23T00:22:42.78Z", "expires_at": None}
            return Reply(200, {"metadata": metadata, "segment_id": profile["segment_id"]})
        return self._page(asked, profile.get(what), what)

    def _find(self, kind: str, value: str) -> dict[str, Any] | None:
        """Other casing than lower finds nothing."""
        for profile in self.state["profiles"]:
            if any(row["type"] == kind and row["id"].lower() == value for row in profile["external_ids"]):
                found: dict[str, Any] = profile
                return found
        return None

    def _page(self, asked: Asked, rows: Any, what: str) -> Reply:
        limit = int(asked.query.get("limit", "10"))
        if not 1 <= limit <= 100:
            return _error(400, "validation_error", "The parameter `limit` is out of range")
        everything = list((rows or {}).items()) if what == "traits" else rows or []
        start = int(asked.query.get("next", "p0")[1:])
        page, more = everything[start : start + limit], start + limit < len(everything)
        # Filled on the last page, too, and then leads back to it.
        cursor = {"url": asked.path, "has_more": more, "next": f"p{start + limit}" if more else "", "limit": limit}
        if what == "traits":
            return Reply(200, {"traits": dict(page), "cursor": cursor})
        return Reply(200, {"data": page or None, "cursor": cursor})

    def _public(self, asked: Asked, regulation: str | None) -> Reply:
        if asked.path == "/":
            return Reply(200, {"data": {"workspace": self.state["workspace"]}})
        if asked.method == "POST":
            body = asked.json
            if asked.headers["content-type"] != "application/vnd.segment.v1+json" or set(body) != {
                "regulationType",
                "subjectType",
                "subjectIds",
            }:
                return Reply(422, {"errors": [{"type": "validation-failure", "field": "body"}]})
            return self._create(asked, body["subjectIds"], "regulateId", True)
        if regulation is None:
            return Reply(200, {"data": {"regulations": [], "pagination": {"current": "MA=="}}})
        if regulation not in self.state["regulations"]:
            return Reply(404, {"errors": [{"type": "not-found"}]})
        return Reply(200, {"data": {"regulation": self.state["regulations"][regulation]}})

    def _config(self, asked: Asked, workspace: str | None, regulation: str | None) -> Reply:
        own = self.state["workspace"]["slug"]
        if workspace is None:
            return Reply(200, {"workspaces": [{"name": f"workspaces/{own}", "id": self.state["workspace"]["id"]}]})
        if workspace != own:
            return Reply(403, {"error": "permission denied", "code": 7})
        if asked.method == "POST":
            assert asked.json["regulation_type"] in ("Suppress_With_Delete", "Suppress", "Delete", "Unsuppress")
            assert asked.json["attributes"]["name"] == "userId"
            return self._create(asked, asked.json["attributes"]["values"], "regulate_id", False)
        if regulation is None:
            return Reply(200, {"entries": [], "next_page_token": ""})
        if regulation not in self.state["regulations"]:
            return Reply(404, {"error": "not found", "code": 5})
        return Reply(200, self.state["regulations"][regulation])

    def _create(self, asked: Asked, user_ids: list[str], name: str, enveloped: bool) -> Reply:
        if not 1 <= len(user_ids) <= 5_000 or len(asked.body) > 4_000_000:
            return Reply(422, {"errors": [{"type": "validation-failure", "field": "subjectIds"}]})
        created = f"reg_{len(self.state['regulations'])}"
        self.state["regulations"][created] = (
            {"overallStatus": "INITIALIZED", "streamStatus": []}
            if enveloped
            else {"overall_status": "initialized", "stream_status": None, "finished_at": "0001-01-01T00:00:00Z"}
        )
        return Reply(200, {"data": {name: created}} if enveloped else {name: created})


def _basic(secret: str) -> str:
    return "Basic " + base64.b64encode(f"{secret}:".encode()).decode()


def _error(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"error": {"code": code, "message": message}}, {"request-id": "1111-2222-3333-4444"})


if __name__ == "__main__":
    serve(Segment(), int(sys.argv[1]) if len(sys.argv) > 1 else 0)
