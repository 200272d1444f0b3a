"""Google's Data Manager API as published: audience members, request statuses, lists of audiences; and its tokens.

Bodies are read by the messages of `google-ads-datamanager`, which know no other fields. State beside that of
`audiences`: `account` (its resource name), `login` (the one that signs in, where it is another), `key` (the service
account's public key in PEM), `refresh` (the refresh token), `verdict` (what has become of requests: `status`, `errors`
by reason, `rate`) and `requests` (by id, how many records each had and whether they entered).
"""

import re
import sys
from typing import Any

from google.ads import datamanager_v1 as api
from google.auth import exceptions, jwt
from google.protobuf import json_format

from tests.destination_servers.audiences import Audiences
from tests.worlds.connector_servers.serving import Asked, Reply, serve

_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST = 10_000
_TOKEN_URL = "https://oauth2.googleapis.com/token"


class Google(Audiences):
    """The API and its token server on one host."""

    def api(self, asked: Asked) -> Reply:
        if asked.path in ("/v1/audienceMembers:ingest", "/v1/audienceMembers:remove"):
            return self._members(asked, enters=asked.path.endswith("ingest"))
        if asked.path == "/v1/requestStatus:retrieve":
            return self._status(asked.query["requestId"])
        if asked.path == f"/v1/{self.state['account']}/userLists":
            if asked.headers.get("login-account") != self.state.get("login"):
                return _error(403, "PERMISSION_DENIED")
            return Reply(200, {"userLists": [{"id": name} for name in self.state["audiences"]]})
        return _error(403, "PERMISSION_DENIED")

    def unauthorised(self) -> Reply:
        return _error(401, "UNAUTHENTICATED")

    def grant(self, form: dict[str, str]) -> Reply | None:
        if form["grant_type"] == "refresh_token":
            known = form["refresh_token"] == self.state.get("refresh")
            return None if known else Reply(400, {"error": "invalid_grant"})
        try:
            claims = jwt.decode(form["assertion"], self.state["key"], audience=_TOKEN_URL)  # type: ignore[no-untyped-call]
        except (exceptions.GoogleAuthError, ValueError):
            return Reply(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
        scoped = claims["scope"] == "https://www.googleapis.com/auth/datamanager"
        return None if scoped else Reply(400, {"error": "invalid_scope"})

    def _members(self, asked: Asked, *, enters: bool) -> Reply:
        message = api.IngestAudienceMembersRequest if enters else api.RemoveAudienceMembersRequest
        try:
            request = message(json_format.Parse(asked.body, message.pb()()))
        except json_format.ParseError as error:
            return _error(400, "INVALID_ARGUMENT", field="", reason=str(error)[:40])
        refusal = self._refusal(request)
        if refusal or request.validate_only:
            return refusal or Reply(200, {})
        values = [_value(member) for member in request.audience_members]
        self.change(request.destinations[0].product_destination_id, values, enters=enters)
        requests = self.state.setdefault("requests", {})
        name = f"request-{len(requests)}"
        requests[name] = [len(values), enters]
        return Reply(200, {"requestId": name})

    def _refusal(self, request: Any) -> Reply | None:
        """Why a request is not taken."""
        (destination,) = request.destinations
        if _resource(destination.operating_account) != self.state["account"]:
            return _error(403, "PERMISSION_DENIED")
        audience = destination.product_destination_id
        if audience not in self.state["audiences"]:
            return _error(400, "INVALID_ARGUMENT", field="destinations[0]", reason="INVALID_USER_LIST_ID")
        members = list(request.audience_members)
        kinds = {api.AudienceMember.pb(member).WhichOneof("data") for member in members}
        if len(kinds) != 1 or not 1 <= len(members) <= _MOST:
            return _error(400, "INVALID_ARGUMENT", reason="MULTIPLE_DATA_TYPES_NOT_ALLOWED")
        if kinds == {"user_data"} and request.encoding != api.Encoding.HEX:
            return _error(400, "INVALID_ARGUMENT", field="encoding", reason="REQUIRED_FIELD_MISSING")
        values = [_value(member) for member in members]
        wrong = [at for at, value in enumerate(values) if not self._is_right(value, kinds)]
        return _error(400, "INVALID_ARGUMENT", members=wrong, reason="INVALID_SHA256_FORMAT") if wrong else None

    def _is_right(self, value: str, kinds: set[str | None]) -> bool:
        return value not in self.state.get("refused", ()) and (kinds != {"user_data"} or bool(_DIGEST.fullmatch(value)))

    def _status(self, name: str) -> Reply:
        if name not in self.state.get("requests", {}):
            return _error(400, "INVALID_ARGUMENT", reason="INVALID_REQUEST_ID")
        count, enters = self.state["requests"][name]
        verdict = self.state.get("verdict", {"status": "SUCCESS"})
        found: dict[str, Any] = {"requestStatus": verdict["status"]}
        counts = {"recordCount": str(count), "userIdentifierCount": str(count)}
        if verdict["status"] != "PROCESSING":
            rate = {"uploadMatchRateRange": verdict["rate"]} if verdict.get("rate") and enters else {}
            way = "ingestion" if enters else "removal"
            name = f"userData{way.capitalize()}Status"
            found[f"audienceMembers{way.capitalize()}Status"] = {name: {**counts, **rate}}
            errors = verdict.get("errors", {}).items()
            found["errorInfo"] = {"errorCounts": [{"recordCount": str(n), "reason": reason} for reason, n in errors]}
        return Reply(200, {"requestStatusPerDestination": [found]})


def _resource(account: api.ProductAccount) -> str:
    return f"accountTypes/{account.account_type.name}/accounts/{account.account_id}"


def _value(member: api.AudienceMember) -> str:
    if member.mobile_data.mobile_ids:
        return str(member.mobile_data.mobile_ids[0])
    if member.user_id_data.user_id:
        return str(member.user_id_data.user_id)
    (identifier,) = member.user_data.user_identifiers
    return str(identifier.email_address or identifier.phone_number)


def _error(status: int, code: str, *, field: str = "", reason: str = "", members: list[int] | None = None) -> Reply:
    fields = [f"audience_members.audience_members[{at}]" for at in members] if members else [field] if field else []
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": code if fields or not reason else reason,
        "domain": "datamanager.googleapis.com",
    }
    details: list[dict[str, Any]] = [info]
    if fields:
        violations = [{"field": each, "reason": reason} for each in fields]
        details.append({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations})
    error = {"code": status, "message": "There was a problem with the request.", "status": code, "details": details}
    return Reply(status, {"error": error})


if __name__ == "__main__":
    serve(Google(), int(sys.argv[1]) if len(sys.argv) > 1 else 0)
