"""Values planted through a story on the deployed stack are in no log, no queue and no dead letter."""

import base64
import hashlib
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from handfast_cli.local import function_logs
from handfast_cli.local.emulator import aws_environment
from tests.worlds.deployed import Stack

MAIL, PHONE = "Planted.Person@example.com", "+14155550142"
GAID, ECID = "0f6b1b5e-2c43-4f0e-9f57-3a1d5c7e9b21", "38471029384710293847102938471029384710"
PLANTED = (MAIL, PHONE, GAID, ECID)
KINDS = ("email", "phone", "gaid", "ecid")
COLUMNS = [
    {"column": "id", "as": "profileId"},
    *(
        {
            "column": kind,
            "as": "identity",
            "namespace": kind,
            **({"transform": "hash"} if kind in {"email", "phone"} else {}),
        }
        for kind in KINDS
    ),
]
ROWS = [",".join(PLANTED), f"{MAIL} or so,{PHONE}x,{GAID}z,{ECID}9", f"{GAID},{MAIL},{ECID},{PHONE}"]


def forms(value: str) -> set[str]:
    """The value as a log may carry it: plain, in either case, in a URL, as a digest in hex or base64."""
    plain = {value, value.lower(), value.upper(), value.removeprefix("+"), quote(value, safe=""), quote(value.lower())}
    digests = [hashlib.sha256(text.encode()).digest() for text in (value, value.lower())]
    named = {text for digest in digests for text in (digest.hex(), digest.hex().upper())}
    return plain | named | {base64.b64encode(digest).decode().rstrip("=") for digest in digests}


def ended(call: Any, path: str, *states: str) -> dict[str, Any]:
    """What is at the path once it has one of these states."""
    deadline = time.monotonic() + 60
    while (now := call("GET", path).json())["status"] not in states and time.monotonic() < deadline:
        time.sleep(0.3)
    assert now["status"] in states
    found: dict[str, Any] = now
    return found


def bodies(stack: Stack) -> Iterator[str]:
    """What lies in all queues, dead letters too."""
    sqs = stack.aws("sqs")
    urls = sqs.list_queues()["QueueUrls"]
    assert any("DeadLetters" in url for url in urls)
    for url in urls:
        taken = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        yield from (message["Body"] for message in taken.get("Messages", []))


def test_no_log_and_no_message_names_a_person_or_a_token(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    api, since = stack.client_for("A"), int(time.time() * 1000) - 1
    sandbox = f"/sandboxes/{stack.sandbox('A')}"

    def call(method: str, path: str, body: Any = None) -> httpx.Response:
        return api.request(method, f"{sandbox}/{path}", body=body)

    segment = call("POST", "segments", {"name": "Planted"}).json()["segmentId"]
    upload: dict[str, Any] = {"fileName": "planted.csv", "format": "csv", "mode": "delta", "columns": COLUMNS}
    upload |= {"segmentId": segment, "allowRejects": True}
    made = call("POST", "uploads", upload).json()
    content = "\n".join([",".join(("id", *KINDS)), *(f"1,{row}" for row in ROWS)])
    httpx.put(made["uploadUrl"], content=content.encode()).raise_for_status()
    assert ended(call, f"uploads/{made['uploadId']}", "completed")["counts"]["rejected"]
    identities = [{"namespace": kind, "value": value} for kind, value in zip(KINDS, PLANTED, strict=True)]
    changes = [{"identity": identity, "segmentId": segment, "status": "exited"} for identity in identities]
    subject = {"identities": [identity | {"format": "raw"} for identity in identities]}
    asked = {"type": "erasure", "regulation": "gdpr", "subject": subject, "verified": True}
    request = call("POST", "privacy-requests", asked).json()["privacyRequestId"]
    assert call("POST", f"privacy-requests/{request}/approve").status_code == 200
    refused = [
        call("POST", "memberships", {"changes": [change | {"status": MAIL} for change in changes]}),
        call("POST", "segments", {"name": [PHONE], MAIL: GAID}),
        call("GET", f"segments/{quote(MAIL)}"),
        api.request("GET", f"{sandbox}/segments", query={"cursor": MAIL}),
        call("POST", "connect-requests", {"connectId": ECID}),
    ]
    assert {answer.status_code for answer in refused} <= {400, 404, 422}
    ended(call, f"privacy-requests/{request}", "completed", "completed_with_gaps")

    for name, value in aws_environment(stack.facts["awsEndpointUrl"]).items():
        monkeypatch.setenv(name, value)
    logs = function_logs.read(stack.facts["stackName"], None, since)
    assert {"Segments", "PrivacyRequests", "Approvals"} <= {entry.function for entry in logs}
    token = refused[0].request.headers["authorization"].removeprefix("Bearer ")
    values = {token, token.rpartition(".")[2]}.union(*map(forms, PLANTED))
    for text in [*(entry.message for entry in logs), *bodies(stack)]:
        assert not [value for value in values if value in text], text
