"""A sandbox of a running stack with one of everything that the console shows, made by the API."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from handfast_cli.demo.side import Side, until
from tests.worlds import connected_sides as sides

OUTSIDE = "https://furnished.handfast.invalid/hook"
"""Nobody answers there."""
SECRET = "whsec_" + base64.b64encode(b"a secret that opens nothing at all").decode()
PEOPLE = 30
COLUMNS = [
    {"column": "id", "as": "profileId"},
    {"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
]


@dataclass(frozen=True)
class Furnished:
    """The first organisation's sandbox, which its viewer sees too, and the ids of its things by what they are."""

    side: Side
    ids: dict[str, str]


def furnished(stack_file: Path) -> Furnished:
    """Connect a fresh sandbox with another, share both ways, and make one of everything else."""
    pair = sides.connected(stack_file, overlap_threshold=0, privacy_rule="automatic")
    a = pair.a
    ids = {"connection": pair.connection} | _own(a)
    segment = sides.segment_of(pair.b, "Members", range(PEOPLE))
    sides.segment_of(a, "Streamed", range(PEOPLE))
    ids["feed"] = _published(a, ids["segment"], pair.connection)
    _published(pair.b, segment, pair.connection)
    ids["receivedFeed"], _ = _enabled(a)
    _, ids["dataflow"] = _enabled(pair.b)
    ids |= _given_away(a)
    ids |= _asked(a)
    return Furnished(a, ids)


def _own(side: Side) -> dict[str, str]:
    """What a sandbox has for itself alone."""
    source = side.post("/data-sources", {"name": "Shop", "labels": ["C3"]})["dataSourceId"]
    segment = side.post("/segments", {"name": "Readers", "labels": ["C3"]})["segmentId"]
    policy = {"name": "No analytics", "marketingActions": ["analytics"], "deny": {"label": "C8"}}
    made = {
        "source": source,
        "segment": segment,
        "policy": side.post("/policies", policy)["policyId"],
        "webhook": side.post("/webhooks", {"url": OUTSIDE})["webhookId"],
        "upload": _uploaded(side, segment, source),
        "import": _half_sent(side, segment),
        "fileSource": _source(side, segment),
        "token": side.post("/recipient-tokens", {"name": "Power BI"})["tokenId"],
        "principal": next(grant["principalId"] for grant in side.items("/grants") if grant["role"] == "viewer"),
    }
    _put(side, "/labels/loyal", {"name": "Loyalty"})
    _put(side, "/marketing-actions/loyalty", {"name": "Loyalty"})
    side.post("/namespaces", {"namespace": "CARD", "name": "Card", "kind": "sha256"})
    side.post("/invitations", {"email": "invited@organization-a.example", "role": "viewer"})
    return made


def _uploaded(side: Side, segment: str, source: str) -> str:
    about = {"fileName": "people.csv", "format": "csv", "mode": "delta", "columns": COLUMNS}
    upload = side.post("/uploads", about | {"segmentId": segment, "dataSourceId": source})
    rows = "".join(f"{number},person{number}@example.com\n" for number in range(PEOPLE))
    httpx.put(upload["uploadUrl"], content=f"id,mail\n{rows},no address\n".encode()).raise_for_status()
    assert until(lambda: side.get(f"/uploads/{upload['uploadId']}")["status"] == "completed")
    return str(upload["uploadId"])


def _half_sent(side: Side, segment: str) -> str:
    """An import of two files, of which one has come."""
    about = {"fileName": "export", "format": "csv", "mode": "delta", "columns": COLUMNS, "segmentId": segment}
    imported = side.post("/imports", about | {"files": ["part-0.csv", "part-1.csv"]})
    httpx.put(imported["uploadUrls"][0], content=b"id,mail\n").raise_for_status()
    return str(imported["importId"])


def _source(side: Side, segment: str) -> str:
    """A source whose role is not there yet, and which is run by hand alone."""
    settings = {"bucket": "example-exports", "region": "us-east-1", "prefix": "audiences/"}
    settings["roleArn"] = "arn:aws:iam::000000000000:role/handfast-source-furnished"
    about = {"name": "Nightly export", "kind": "s3", "format": "csv", "mode": "delta", "columns": COLUMNS}
    return str(side.post("/sources", about | {"settings": settings, "segmentId": segment})["sourceId"])


def _published(side: Side, segment: str, connection: str) -> str:
    draft = {
        "name": f"Of {side.organization}",
        "segmentIds": [segment],
        "namespaces": [sides.EMAIL],
        "connectionIds": [connection],
    }
    feed = str(side.post("/feeds", draft)["feedId"])
    side.post(f"/feeds/{feed}/publish")
    return feed


def _enabled(side: Side) -> tuple[str, str]:
    """Enable the feed that was received: its id, and the dataflow's."""
    (received,) = side.items("/received-feeds")
    feed = str(received["receivedFeedId"])
    return feed, str(side.post(f"/received-feeds/{feed}/enable")["dataflowId"])


def _given_away(side: Side) -> dict[str, str]:
    """A destination that does not answer, and a segment that it is to have."""
    segment = side.post("/segments", {"name": "Customers"})["segmentId"]
    body = {"type": "http", "name": "Warehouse", "settings": {"url": OUTSIDE}}
    destination = side.post("/destinations", body)["destinationId"]
    given = {"segments": [{"segmentId": segment}], "mapping": [{"source": "email", "target": "email_lc_sha256"}]}
    activation = side.post(f"/destinations/{destination}/activations", given)["activationId"]
    return {"destination": destination, "activation": activation}


def _asked(side: Side) -> dict[str, str]:
    """Privacy requests, one done and one that waits for its person, some at once, and who else is asked."""
    done = side.post("/privacy-requests", _request(1) | {"verified": True})["privacyRequestId"]
    assert until(lambda: side.get(f"/privacy-requests/{done}")["status"] == "completed")
    connector = {"type": "webhook", "name": "Newsletter system", "settings": {"url": OUTSIDE, "secret": SECRET}}
    return {
        "done": done,
        "request": side.post("/privacy-requests", _request(2))["privacyRequestId"],
        "bulk": side.post("/privacy-requests/bulk", {"items": [_request(3), {}]})["bulkId"],
        "connector": side.post("/connectors", connector)["connectorId"],
        "list": side.post("/drop-lists", {"fileName": "20260801_4821_Email.csv"})["dropListId"],
    }


def _request(number: int) -> dict[str, Any]:
    identity = {"namespace": "email", "value": f"person{number}@example.com"}
    return {"type": "erasure", "regulation": "gdpr", "subject": {"identities": [identity]}}


def _put(side: Side, path: str, body: Any) -> None:
    side.session.api.call("PUT", side.session.path(path), body=body)
