"""A processor that speaks OpenDSR 2.0.

State: `authorization`, `key` (PEM that signs), `certificate` (PEM that is served), `identities` (pairs of type and
format), `path` (of requests, default requests), `types`, `names` (header prefix, default X-OpenDSR), `domain` (default
localhost), `requests` (id → status body members the test wants) and `results`.
"""

import base64
import json
import sys
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.worlds.connector_servers.serving import Asked, Reply, System, serve

_TIME = "2018 10 02T15:00:01Z"  # as one processor really writes it


class OpenDsr(System):
    """The processor, at `/v2`."""

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/cert.pem":
            return Reply(200, self.state["certificate"].encode(), {"content-type": "application/x-pem-file"})
        if asked.path == "/v2/discovery":
            return Reply(200, self._discovery())
        if asked.headers.get("authorization", "") != self.state.get("authorization", ""):
            return Reply(401, {"error": {"code": 401, "message": "not allowed"}})
        if asked.path == "/v2/results":
            return Reply(200, self.state["results"])
        below = asked.path.removeprefix(f"/v2/{self.state.get('path', 'requests')}")
        if below == asked.path:
            return Reply(405)
        return self._request(below[1:]) if below else self._create(asked)

    def _discovery(self) -> dict[str, Any]:
        pairs = self.state.get("identities", [["controller_customer_id", "raw"], ["email", "sha256"]])
        return {
            "api_version": "2.0",
            "supported_identities": [{"identity_type": kind, "identity_format": form} for kind, form in pairs],
            "supported_subject_request_types": self.state.get("types", ["access", "erasure"]),
            "processor_certificate": self.state.get("certificate_url", f"{self.url}/cert.pem"),
        }

    def _create(self, asked: Asked) -> Reply:
        body, requests = asked.json, self.state.setdefault("requests", {})
        required = {"regulation", "subject_request_id", "subject_request_type", "submitted_time", "subject_identities"}
        if required - set(body) or body["regulation"] not in ("gdpr", "ccpa"):
            return self._error(400, "a required field is missing")
        if body["subject_request_id"] in requests:
            return self._error(409, "the request is known")
        requests[body["subject_request_id"]] = {"request_status": "pending"}
        created = {"received_time": _TIME, "encoded_request": base64.b64encode(asked.body).decode()}
        return self._signed(201, body["subject_request_id"], created)

    def _request(self, request: str) -> Reply:
        known = self.state.get("requests", {}).get(request)
        if known is None:
            return self._error(404, "unknown request")
        return self._signed(200, request, known)

    def _error(self, status: int, message: str) -> Reply:
        reasons = [{"domain": "Validation", "reason": "IllegalArgumentException", "message": message}]
        return Reply(status, {"error": {"code": status, "message": message, "errors": reasons}})

    def _signed(self, status: int, request: str, members: dict[str, Any]) -> Reply:
        common = {"controller_id": "us", "expected_completion_time": _TIME, "subject_request_id": request}
        # Spaced as no library would write it again: only the raw bytes verify.
        body = json.dumps(common | members, indent=3).encode() + b"\n"
        key = load_pem_private_key(self.state["key"].encode(), None)
        assert isinstance(key, RSAPrivateKey)
        signature = base64.b64encode(key.sign(body, PKCS1v15(), SHA256())).decode()
        prefix = self.state.get("names", "X-OpenDSR")
        domain = self.state.get("domain", "localhost")
        headers = {f"{prefix}-Processor-Domain": domain, f"{prefix}-Signature": signature}
        return Reply(status, body + self.state.get("appended", "").encode(), headers)


if __name__ == "__main__":
    serve(OpenDsr(), int(sys.argv[1]) if len(sys.argv) > 1 else 0)
