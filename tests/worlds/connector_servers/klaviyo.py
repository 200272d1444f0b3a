"""Klaviyo as its OpenAPI document (revision 2026-07-15) says: profiles, events, deletions and suppressions.

State: `key`, `scopes` (what the key may do, default all), `profiles` ([{id, attributes}]), `events` (profile id →
[{id, metric, attributes}]), `page` (rows of a page, default 2) and `jobs` (id → attributes, as the test wants them).
A deletion is kept in `deletions` until the test takes the profile away, as Klaviyo does it later.
"""

import re
import sys
from typing import Any

from tests.worlds.connector_servers.serving import Asked, Reply, System, serve

_JSON = "application/vnd.api+json"
_JOBS = re.compile(r"/api/(profile-suppression-bulk-(?:create|delete)-job)s(?:/([^/]+))?")
_PROFILE = re.compile(r"/api/profiles/([^/]+)")
_EQUALS = re.compile(r'equals\((\w+),("(?:[^"\\]|\\.)*")\)')
_SCOPES = {
    "GET /api/profiles": "profiles:read",
    "GET /api/events": "events:read",
    "POST /api/data-privacy-deletion-jobs": "data-privacy:write",
    "POST /api/profile-suppression": "subscriptions:write",
    "GET /api/profile-suppression": "subscriptions:read",
}


class Klaviyo(System):
    """The account."""

    def answer(self, asked: Asked) -> Reply:
        return self._refused(asked) or self._answered(asked)

    def _refused(self, asked: Asked) -> Reply | None:
        call = f"{asked.method} {asked.path}"
        needed = next((scope for start, scope in _SCOPES.items() if call.startswith(start)), None)
        allowed = self.state.get("scopes", _SCOPES.values())
        reasons = {
            (401, "not_authenticated"): asked.headers.get("authorization") != f"Klaviyo-API-Key {self.state['key']}",
            (400, "invalid"): not re.fullmatch(r"\d{4}-\d\d-\d\d", asked.headers.get("revision", "")),
            (403, "permission_denied"): needed not in allowed,
            (415, "unsupported"): asked.method == "POST" and asked.headers.get("content-type") != _JSON,
        }
        return next((_error(*reason) for reason, is_so in reasons.items() if is_so), None)

    def _answered(self, asked: Asked) -> Reply:
        if found := _JOBS.fullmatch(asked.path):
            return self._job(asked, found[1], found[2])
        if found := _PROFILE.fullmatch(asked.path):
            known = [profile for profile in self.state["profiles"] if profile["id"] == found[1]]
            return Reply(200, {"data": _profile(known[0])}) if known else _error(404, "not_found")
        match f"{asked.method} {asked.path}":
            case "GET /api/profiles":
                return self._profiles(asked)
            case "GET /api/events":
                return self._events(asked)
        return self._delete(asked.json["data"])

    def _profiles(self, asked: Asked) -> Reply:
        found = self.state["profiles"]
        if "filter" in asked.query:
            if (by := _filter(asked, "id", "email", "phone_number", "external_id")) is None:
                return _error(400, "invalid")
            found = [each for each in found if (each | each["attributes"]).get(by[0]) == by[1]]
        return self._page(asked, [_profile(each) for each in found], {})

    def _events(self, asked: Asked) -> Reply:
        by = _filter(asked, "profile_id")
        found = self.state.get("events", {}).get(by[1] if by else "", [])
        rows = [
            {
                "type": "event",
                "id": event["id"],
                "attributes": event["attributes"],
                "relationships": {"metric": {"data": {"type": "metric", "id": f"M-{event['metric']}"}}},
                "links": {"self": f"{self.url}/api/events/{event['id']}"},
            }
            for event in found
        ]
        metrics = [
            {"type": "metric", "id": f"M-{event['metric']}", "attributes": {"name": event["metric"]}}
            for event in found
            if asked.query.get("include") == "metric"
        ]
        return self._page(asked, rows, {"included": metrics})

    def _page(self, asked: Asked, rows: list[Any], more: dict[str, Any]) -> Reply:
        size = min(int(asked.query.get("page[size]", "20")), self.state.get("page", 2))
        start = int(asked.query.get("page[cursor]", "0"))
        links: dict[str, Any] = {"self": f"{self.url}{asked.path}", "next": None}
        if start + size < len(rows):
            kept = "".join(f"&{name}={value}" for name, value in asked.query.items() if name == "include")
            filtered = asked.query["filter"].replace('"', "%22")
            links["next"] = f"{self.url}{asked.path}?filter={filtered}{kept}&page%5Bcursor%5D={start + size}"
        return Reply(200, {"data": rows[start : start + size], "links": links, **more}, {"content-type": _JSON})

    def _delete(self, data: dict[str, Any]) -> Reply:
        named = data["attributes"]["profile"]["data"]
        identifiers = [named.get("id"), named["attributes"].get("email"), named["attributes"].get("phone_number")]
        if data["type"] != "data-privacy-deletion-job" or named["type"] != "profile":
            return _error(400, "invalid")
        if len([each for each in identifiers if each]) != 1:
            return _error(400, "invalid")
        self.state.setdefault("deletions", []).append(named)
        return Reply(202)

    def _job(self, asked: Asked, kind: str, job: str | None) -> Reply:
        jobs = self.state.setdefault("jobs", {})
        if job:
            return Reply(200, {"data": self._job_row(kind, job)}) if job in jobs else _error(404, "not_found")
        data = asked.json["data"]
        profiles = data["attributes"]["profiles"]["data"]
        if (
            data["type"] != kind
            or not 1 <= len(profiles) <= 100
            or any(set(p) != {"type", "attributes"} for p in profiles)
        ):
            return _error(400, "invalid")
        made = f"01JOB{len(jobs)}"
        at = "2026-03-01T00:00:00+00:00"
        jobs[made] = {"status": "queued", "created_at": at, "total_count": len(profiles), "skipped_count": 0}
        return Reply(202, {"data": self._job_row(kind, made)})

    def _job_row(self, kind: str, job: str) -> dict[str, Any]:
        links = {"self": f"{self.url}/api/{kind}s/{job}"}
        return {"type": kind, "id": job, "attributes": self.state["jobs"][job], "links": links}


def _filter(asked: Asked, *fields: str) -> tuple[str, str] | None:
    found = _EQUALS.fullmatch(asked.query.get("filter", ""))
    return (found[1], re.sub(r"\\(.)", r"\1", found[2][1:-1])) if found and found[1] in fields else None


def _profile(profile: dict[str, Any]) -> dict[str, Any]:
    return {"type": "profile", "links": {"self": f"https://a.klaviyo.com/api/profiles/{profile['id']}"}, **profile}


def _error(status: int, code: str) -> Reply:
    error = {"id": "e1", "status": status, "code": code, "title": "An error", "detail": "ann@example.com is …"}
    return Reply(status, {"errors": [error]}, {"content-type": _JSON})


if __name__ == "__main__":
    serve(Klaviyo(), int(sys.argv[1]) if len(sys.argv) > 1 else 0)
