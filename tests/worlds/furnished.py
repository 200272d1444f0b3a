"""Two connected sandboxes with one of everything that has an id, made by the API."""

import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

from functions.access import app as access
from functions.activity import app as activity
from functions.activity import stream
from functions.approvals import app as approvals
from functions.connect_requests import app as connect
from functions.destinations import app as destinations
from functions.feeds import app as feeds
from functions.governance import app as governance
from functions.privacy_requests import app as privacy
from functions.privacy_requests import connectors, opendsr
from functions.segments import app as segments
from functions.sources import app as sources
from handfast.journal import store as journal
from handfast.platform import clock, table
from handfast.privacy_requests.protocols.drp import agents
from handfast.privacy_requests.protocols.opendsr import certificate, signing
from tests.worlds.connector_servers.pki import Party
from tests.worlds.sandboxes import CONTEXT, Answer, Member, World

OUTSIDE = "https://localhost:1/hook"
SIGNING_KEY = "whsec_" + "A" * 43 + "="


@dataclass(frozen=True)
class Furnished:
    """Both sides, what each side's things are called by the path parameter that takes them, and both connect IDs."""

    world: World
    a: Member
    b: Member
    ids: dict[str, dict[str, str]]
    connect_ids: dict[str, str]

    def of(self, member: Member) -> dict[str, str]:
        """The member's own ids, by path parameter."""
        return self.ids[member.sandbox.sandbox_id]


@cache
def _signer() -> Party:
    return Party("localhost", Party("Test root", authority=True))


def certify() -> None:
    """Set the processor's certificate, as the operator does."""
    signer = _signer()
    certificate.keep(signing.checked("http://localhost:1/v1", signer.pem, signer.key_pem, clock.now()))


def furnished(world: World) -> Furnished:
    """Furnish both sandboxes. Outbound calls must be allowed to this machine."""
    certify()
    a, b = world.member(world.a), world.member(world.b)
    ids = {member.sandbox.sandbox_id: _own(world, member) for member in (a, b)}
    connect_ids = {
        member.sandbox.sandbox_id: member.call(connect, "GET", "connect-id").body["connectId"] for member in (a, b)
    }
    asked = a.call(connect, "POST", "connect-requests", {"connectId": connect_ids[b.sandbox.sandbox_id]})
    connection = _made(asked, "connectionId")
    assert b.call(approvals, "POST", f"connections/{connection}/accept").status == 200
    for source, target in ((a, b), (b, a)):
        _share(source, target, connection, ids)
    for member in (a, b):
        ids[member.sandbox.sandbox_id] |= {"connection": connection} | _told(member)
    for member in (a, b):
        ids[member.sandbox.sandbox_id] |= _given_away(member)
    return Furnished(world, a, b, ids, connect_ids)


def _made(answer: Answer, name: str) -> str:
    assert answer.status in {200, 201, 202}, answer.body
    return str(answer.body[name])


def _own(world: World, member: Member) -> dict[str, str]:
    """What a sandbox has for itself alone."""
    sandbox_id = member.sandbox.sandbox_id
    column = {"column": "mail", "as": "identity", "namespace": "email"}
    upload = {"fileName": "people.csv", "format": "csv", "mode": "delta", "columns": [column]}
    role = "arn:aws:iam::123456789012:role/handfast-source-acme"
    place = {"bucket": "acme-exports", "region": "eu-west-1", "roleArn": role}
    reading = {name: upload[name] for name in ("format", "mode", "columns")}
    bucket = {"kind": "s3", "name": "Bucket", "settings": place} | reading
    identity = {"namespace": "email", "value": f"someone@{member.sandbox.name.replace(' ', '-')}.example"}
    request = {"type": "erasure", "regulation": "gdpr", "subject": {"identities": [identity]}}
    connector = {"type": "webhook", "name": "Warehouse", "settings": {"url": OUTSIDE, "secret": SIGNING_KEY}}
    policy = {"name": "Mine", "marketingActions": ["analytics"], "deny": {"label": "C8"}}
    letter = member.sandbox.name[-1]
    agents.add(sandbox_id, f"AGENT_{member.sandbox.name[-1].upper()}", "ab" * 32)
    namespace = {"namespace": f"CARD_{member.sandbox.name[-1].upper()}", "name": "Card", "kind": "sha256"}
    return {
        "sandbox": sandbox_id,
        "namespace": _made(member.call(access, "POST", "namespaces", namespace), "namespace"),
        "principal": world.member(member.sandbox, "viewer").principal_id,
        "segment": _made(member.call(segments, "POST", "segments", {"name": "Readers"}), "segmentId"),
        "upload": _made(member.call(segments, "POST", "uploads", upload), "uploadId"),
        "imported": _made(member.call(segments, "POST", "imports", upload | {"parts": 2}), "importId"),
        "source": _made(member.call(sources, "POST", "sources", bucket), "sourceId"),
        "webhook": _made(member.call(activity, "POST", "webhooks", {"url": OUTSIDE}), "webhookId"),
        "connector": _made(member.call(connectors, "POST", "connectors", connector), "connectorId"),
        "privacy_request": _made(member.call(privacy, "POST", "privacy-requests", request), "privacyRequestId"),
        "subject_request": _made(
            member.call(opendsr, "POST", "opendsr/v2/requests", open_dsr_request(identity["value"])),
            "subject_request_id",
        ),
        "data_source": _made(member.call(governance, "POST", "data-sources", {"name": "Shop"}), "dataSourceId"),
        "label": _made(member.call(governance, "PUT", f"labels/{letter}-loyal", {"name": "Loyalty"}), "code"),
        "policy": _made(member.call(governance, "POST", "policies", policy), "policyId"),
        "agent": f"AGENT_{member.sandbox.name[-1].upper()}",
    }


def _given_away(member: Member) -> dict[str, str]:
    """A destination that is given a segment which nothing else uses."""
    segment = _made(member.call(segments, "POST", "segments", {"name": "Customers"}), "segmentId")
    body = {"type": "http", "name": "Warehouse", "settings": {"url": OUTSIDE}}
    destination = _made(member.call(destinations, "POST", "destinations", body), "destinationId")
    given = {"segments": [{"segmentId": segment}], "mapping": [{"source": "email", "target": "email_lc_sha256"}]}
    made = member.call(destinations, "POST", f"destinations/{destination}/activations", given)
    activated = {"activation": _made(made, "activationId"), "activated": _made(made, "dataflowId")}
    return {"destination": destination, "destination_type": "http"} | activated


def open_dsr_request(address: str, **members: Any) -> dict[str, Any]:
    """A controller's request for access by an e-mail address, as OpenDSR has it."""
    return {
        "regulation": "gdpr",
        "subject_request_id": str(uuid.uuid4()),
        "subject_request_type": "access",
        "submitted_time": "2026-03-01T12:00:00Z",
        "subject_identities": [{"identity_type": "email", "identity_value": address, "identity_format": "raw"}],
        "api_version": "2.0",
    } | members


def _share(source: Member, target: Member, connection: str, ids: dict[str, dict[str, str]]) -> None:
    own, theirs = ids[source.sandbox.sandbox_id], ids[target.sandbox.sandbox_id]
    draft = {"name": "Spring", "segmentIds": [own["segment"]], "namespaces": ["email"], "connectionIds": [connection]}
    own["feed"] = _made(source.call(feeds, "POST", "feeds", draft), "feedId")
    assert source.call(feeds, "POST", f"feeds/{own['feed']}/publish").status == 200
    (received,) = target.call(feeds, "GET", "received-feeds").body["items"]
    theirs["received_feed"] = received["receivedFeedId"]
    enabled = target.call(approvals, "POST", f"received-feeds/{theirs['received_feed']}/enable")
    own["dataflow"] = _made(enabled, "dataflowId")


def _told(member: Member) -> dict[str, str]:
    """The first of the notifications that come of the sandbox's log."""
    for record in journal.log(member.sandbox.sandbox_id):
        image = {"SequenceNumber": str(record["sequence"]), "NewImage": table.serialised(record)}
        change: dict[str, Any] = {"eventID": str(record["sequence"]), "eventName": "INSERT", "dynamodb": image}
        assert stream.handler({"Records": [change]}, CONTEXT) == {"batchItemFailures": []}
    listed = member.call(activity, "GET", "notifications").body["items"]
    return {"notification": listed[0]["notificationId"]}
