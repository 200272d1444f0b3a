"""Examples of the document's schemas, put together from one value for each member's name.

A schema whose members mean something else than their names do elsewhere has values of its own in `_OF_SCHEMA`.
"""

from typing import Any

type Json = dict[str, Any]

_HASH = "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514"
_PUBLIC_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_ULID = "01K5Z8Q4T3N7W2X9B6C1D0E5FG"
_LATER_ULID = "01K5Z8QZ7M4R1V8Y3A6D9G2JKN"
_UUID = "9b1d5f8e-3c2a-4b7d-8e6f-1a2b3c4d5e6f"
_DATA = "https://data.example.com"
_AT = "2026-03-02T09:30:00.000Z"
_LATER = "2026-03-02T09:31:12.450Z"
_END = "2026-04-01T09:30:00.000Z"

_OF_MEMBER: Json = {
    "accepted": True,
    "acceptedVersion": 1,
    "acknowledgeBy": "2026-03-12T23:59:59.999Z",
    "actor": None,
    "addedSegmentIds": [f"seg_{_LATER_ULID}"],
    "agent-id": "agent-1",
    "agent_request_id": "request-2026-17",
    "api_version": "2.0",
    "asOf": _AT,
    "assignee": None,
    "at": _AT,
    "attempt": 1,
    "brokenAt": None,
    "byNamespace": {"Email_LC_SHA256": 8200, "ECID": 4150},
    "byReason": {"consent": 210, "not_in_partner": 7840},
    "callsPerMinute": 60,
    "code": "482913",
    "column": "mail",
    "completedAt": _LATER,
    "compliedInPart": 1,
    "compliedInWhole": 17,
    "confirmedAt": _LATER,
    "connectId": "7KQ2M-9XW4T-3BN8R-VD5HC",
    "connectionId": f"con_{_ULID}",
    "connectionIds": [f"con_{_ULID}"],
    "connectorId": f"cn_{_ULID}",
    "controller_id": "controller-1",
    "createdAt": _AT,
    "dataRead": 0.25,
    "dataflowId": f"flow_{_ULID}",
    "decidedAt": _LATER,
    "decidedBy": None,
    "decisionNote": None,
    "denied": 2,
    "description": "Who has read the newsletter within 30 days",
    "detail": {},
    "disabledReason": None,
    "document": {"type": "privacy_request_history", "privacyRequestId": f"prq_{_ULID}"},
    "done": 1,
    "duplicateOf": None,
    "dueAt": _END,
    "encoded_request": "eyJyZWd1bGF0aW9uIjogImdkcHIifQ==",
    "endedAt": _LATER,
    "erasure": 42,
    "error": None,
    "estimate": 1550,
    "etag": '"9b2cf535f27731c974343645a3985328"',
    "eventId": f"sbx_{_ULID}-42",
    "exited": 12,
    "expected_by": _END,
    "expected_completion_time": _END,
    "expiresAt": _END,
    "expires_at": _END,
    "extensions": {"handfast.example.com": {"status": "running"}},
    "externalId": "readers-30d",
    "failure": None,
    "feedId": f"feed_{_ULID}",
    "feedName": "Spring campaign",
    "feeds": 1,
    "fileName": "readers.csv",
    "first": "2026-01-01",
    "hash": _HASH,
    "head": _HASH,
    "high": 1620,
    "id": "4b7d8e6f-1a2b-4c5d-8e6f-7a8b9c0d1e2f",
    "identities": 12350,
    "identitiesActivated": 1480,
    "identitiesFailed": 0,
    "identity_format": "raw",
    "identity_type": "email",
    "identity_value": "someone@example.com",
    "index": 3,
    "keyId": "21fe31dfa154a261",
    "last": "2026-03-02",
    "low": 1480,
    "meanDays": 9.5,
    "medianDays": 8,
    "members": 9530,
    "memberships": 1480,
    "message": "must not be empty",
    "name": "Newsletter readers",
    "named": 1,
    "namespace": "Email_LC_SHA256",
    "namespaces": ["Email_LC_SHA256"],
    "nextAttemptAt": None,
    "nextCursor": None,
    "note": "For the spring campaign",
    "notificationId": "ntf_42",
    "notifiedAt": _AT,
    "optOut": 7,
    "opens": "The .zip file is encrypted with AES-256. 7-Zip, WinZip and PeaZip open it on Windows.",
    "organizationName": "Example Media",
    "page": "<!DOCTYPE html>…",
    "other": 3,
    "packageExpiresAt": _END,
    "previousSecretUntil": None,
    "package_expires_at": _END,
    "partNumber": 1,
    "partner": None,
    "passphrase": "correct-horse-battery-staple",
    "people": 1,
    "peopleAsOf": _AT,
    "peoplePerMonth": None,
    "permissions": ["connections:read", "feeds:read", "segments:read"],
    "pointer": "/name",
    "precision": 0.05,
    "previousHash": "0" * 64,
    "principalId": "4b7d8e6f-1a2b-4c5d-8e6f-7a8b9c0d1e2f",
    "privacyRequestId": f"prq_{_ULID}",
    "problem": None,
    "processing_details": None,
    "processor_certificate": f"https://api.example.com/v1/sandboxes/sbx_{_ULID}/opendsr/v2/certificate",
    "profileId": "customer-1042",
    "profilesReceived": 9530,
    "publicKey": _PUBLIC_KEY,
    "publishedAt": _LATER,
    "realized": 1480,
    "reason": None,
    "receipt": None,
    "received": 23,
    "receivedAt": _AT,
    "receivedFeedId": f"rf_{_ULID}",
    "received_at": _AT,
    "received_time": _AT,
    "records": 42,
    "reference": "deletion-17",
    "regulation": "gdpr",
    "replaced": 0,
    "repeated": 210,
    "rejected": 3,
    "rejectedByReason": {"invalid_email": 3},
    "rejectsUrl": None,
    "removedSegmentIds": [],
    "request_id": f"prq_{_ULID}",
    "requestedAt": _AT,
    "requestedBy": "someone@example.com",
    "restrictedMarketingActions": ["email_targeting"],
    "result": {},
    "results_count": 1,
    "results_url": None,
    "role": "viewer",
    "rootId": f"prq_{_ULID}",
    "rows": 9533,
    "runId": f"run_{_ULID}",
    "sandboxId": f"sbx_{_ULID}",
    "sandboxName": "production",
    "scope": None,
    "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    "secrets": ["secret"],
    "segmentId": f"seg_{_ULID}",
    "segmentIds": [f"seg_{_ULID}"],
    "segments": 1,
    "sentAt": _AT,
    "sequence": 42,
    "settings": {"url": "https://hooks.example.com/erasures"},
    "share": None,
    "shapes": {"mail": {"email": 9530, "other": 3}},
    "shared": 1480,
    "sharedAt": _AT,
    "since": _AT,
    "sizeBytes": 48210,
    "startedAt": _AT,
    "statusCode": 200,
    "status_callback_urls": ["https://controller.example.com/callbacks"],
    "subject": f"con_{_ULID}",
    "subject_request_id": _UUID,
    "submittedAt": "2026-03-02T08:00:00Z",
    "submitted_time": "2026-03-02T08:00:00Z",
    "supported_subject_request_types": ["access", "portability", "erasure"],
    "title": "Example Media asks for a connection",
    "token": "agent-1.J4vK2mXw9Qz7",
    "total": 1,
    "transform": "hash",
    "type": "connection.requested",
    "types": ["connection.*"],
    "unread": 1,
    "unverified": 4,
    "updatedAt": _LATER,
    "uploadId": f"upl_{_ULID}",
    "uploadUrl": f"{_DATA}/uploads/sbx_{_ULID}/upl_{_ULID}",
    "url": "https://hooks.example.com/handfast",
    "value": "542d240129883c019e106e3b1b2d3f3cb3537c43c425364de8e951d5a3083345",
    "valuesRejected": {},
    "verificationCode": "482913",
    "version": 1,
    "webhookId": f"whk_{_ULID}",
    "year": 2026,
}
_PERSON: Json = {"kind": "principal", "id": _OF_MEMBER["id"], "name": "someone@example.com"}
_OF_SCHEMA: dict[str, Json] = {
    "ActivityRecord": {"actor": _PERSON, "detail": {"partner": "Example Media"}},
    "ActorView": _PERSON,
    "Attempt": {"type": "webhook.test", "sequence": None},
    "BulkAnswer": {"bulkId": f"bulk_{_ULID}", "status": "completed"},
    "BulkItem": {"verificationCode": None},
    "BulkPrivacyRequests": {
        "items": [
            {
                "type": "erasure",
                "regulation": "gdpr",
                "subject": {"identities": [{"namespace": "email", "value": "someone@example.com"}]},
                "verified": True,
            }
        ]
    },
    "ChangesAccepted": {"accepted": 999},
    "ColumnMapping": {"as": "identity", "namespace": "email", "name": None, "answers": None},
    "ConsentChange": {"identity": None, "profileId": "crm-4711", "share": "n"},
    "ConnectionView": {"status": "active", "requestedBy": None, "decidedBy": "someone@example.com"},
    "ConnectorCheck": {"name": "endpoint", "ok": True, "detail": "it answers"},
    "ConnectorPart": {"name": "Example warehouse", "status": "confirmed"},
    "ConnectorState": {"name": "Example warehouse", "status": "confirmed", "detail": None},
    "ConnectorTest": {"ok": True},
    "ConnectorType": {
        "type": "webhook",
        "name": "Webhook",
        "settings": {"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}}},
    },
    "ConsentAnswers": {"share": "y", "profileShare": None, "answeredAt": _AT},
    "ConnectorView": {"type": "webhook", "name": "Example warehouse"},
    "BulkDecision": {
        "privacyRequestIds": [f"prq_{_ULID}"],
        "reason": None,
    },
    "CreateConnector": {
        "type": "webhook",
        "name": "Example warehouse",
        "settings": {"url": "https://hooks.example.com/erasures", "secret": _OF_MEMBER["secret"]},
    },
    "CreateFeed": {"name": "Spring campaign", "namespaces": ["email"]},
    "CreatePrivacyRequest": {"type": "erasure", "note": "By letter", "externalId": "letter-17"},
    "CreateSegment": {"labels": ["C1"]},
    "CreateUpload": {"mode": "delta"},
    "DataRightsStatus": {"expires_at": None},
    "DrpError": {"code": "404", "message": "no such request", "fatal": False},
    "Decision": {"note": "Welcome"},
    "Disconnect": {"reason": "The contract has ended"},
    "FeedView": {"status": "published", "name": "Spring campaign"},
    "Grant": {"name": "someone@example.com"},
    "Me": {"name": "someone@example.com"},
    "MemberExport": {"format": "csv", "url": f"{_DATA}/packages/sbx_{_ULID}/members.csv"},
    "Denial": {"reason": "The person could not be identified", "ground": "no_match"},
    "DoneByHand": {"note": "The family name was spelt anew", "connectorId": None},
    "ExplainedIdentity": {"asked": True, "known": True, "suppressed": None},
    "ExplainedShare": {"reason": "shared"},
    "ExplainPerson": {
        "identity": {"namespace": "email", "value": "someone@example.com", "format": "raw"},
        "connectionId": None,
        "dataflowId": None,
    },
    "ExportMembers": {"format": "csv"},
    "Counts": {"people": 1320},
    "ExportSegment": {"format": "csv"},
    "MembershipChange": {"identity": {"namespace": "email", "value": "someone@example.com"}, "share": "y"},
    "NewPrivacyRequest": {
        "type": "erasure",
        "status": "unverified",
        "note": "By letter",
        "externalId": "letter-17",
        "stages": [{"name": "find", "status": "pending", "startedAt": None, "endedAt": None, "detail": {}}],
        "recipients": [],
        "connectors": [],
    },
    "OpenDsrError": {
        "error": {
            "code": 400,
            "message": "some members are missing or invalid",
            "errors": [{"domain": "handfast", "reason": "validation", "message": "/regulation is missing"}],
        }
    },
    "OpenDsrSupportedIdentity": {"identity_format": "sha256"},
    "OriginView": {"partner": None},
    "PackagePage": {"opens": "The .html file opens in a browser of any system, without a network."},
    "PackageLink": {"url": f"{_DATA}/access/sbx_{_ULID}/prq_{_ULID}.zip"},
    "PackageResults": {"url": f"{_DATA}/access/sbx_{_ULID}/prq_{_ULID}.zip"},
    "PatchConnector": {"name": "Example warehouse"},
    "PatchFeed": {"name": "Spring campaign", "namespaces": ["email"]},
    "PatchSegment": {"labels": ["C1"]},
    "PopulationPeople": {"members": 5210, "shared": 1320},
    "PopulationStep": {"reason": "not_in_partner", "identities": 8050, "people": 3890},
    "PopulationView": {"people": {"members": 5210, "shared": 1320}},
    "PreviewRecipient": {"name": "Example Media"},
    "PrivacyPreview": {"segments": [f"seg_{_ULID}"], "connectors": ["Mail system"]},
    "PrivacyReach": {"segments": [f"seg_{_ULID}"], "connectors": ["Mail system"]},
    "PrivacyRequestView": {"type": "erasure", "status": "completed", "note": "By letter", "externalId": "letter-17"},
    "Problem": {
        "type": "/v1/problems/refused",
        "title": "Refused by a rule",
        "status": 422,
        "detail": "some members are missing or invalid; see errors",
        "instance": f"/v1/sandboxes/sbx_{_ULID}/segments",
        "requestId": _UUID,
        "reason": "validation",
    },
    "PutGrant": {"permissions": ["profiles:read"]},
    "QuotaStanding": {
        "name": "calls",
        "description": "Calls of the API; functions take some ahead",
        "unit": "requests",
        "limit": 1000,
        "remaining": 960,
        "periodSeconds": 10,
        "resetsAt": "2026-03-02T12:00:10.000Z",
    },
    "RawIdentity": {"namespace": "email", "value": "someone@example.com"},
    "ReferenceEntry": {
        "code": "Email_LC_SHA256",
        "name": "E-mail",
        "description": "The SHA-256 of an e-mail address in lower case",
        "aliases": ["email", "emails", "email_sha256", "hashed_email"],
        "permissions": None,
        "requestTypes": None,
        "subject": None,
    },
    "Reason": {"reason": "The person could not be identified"},
    "RecipientView": {"name": "Example Media", "status": "confirmed"},
    "RejectedChange": {"reason": "invalid_email"},
    "RunView": {"status": "completed", "reason": "received_feed.enabled", "exited": 0},
    "SegmentView": {"labels": ["C1"], "receivedFeedId": None},
    "ReceivedFeedView": {"status": "enabled"},
    "ShareView": {"status": "enabled"},
    "Sharing": {"feeds": 1, "segments": 1},
    "Signature": {"value": "hgyY0il+MGCjP0JzlnkpC2LwbB5n5vVjkT9h9e1E3Xk6mPqYx1Yh0m8sV1m3nJxv5JjK5Zr0Xb7oQvXc1wJ9Bg=="},
    "StageView": {"status": "done"},
    "SubjectIdentity": {"namespace": "email", "value": "someone@example.com"},
    "Suppressed": {"reason": "opt_out"},
    "SuppressionCheck": {"suppressed": True, "reason": "erasure"},
    "UnsharePreview": {"status": "enabled"},
    "ColumnWarningView": {
        "code": "frequent_value",
        "detail": "one value stands in 412 of 9533 rows; is it a placeholder?",
    },
    "PatchWebhook": {"status": "enabled"},
    "UploadCounts": {"accepted": 9530, "people": 9210},
    "UploadCreated": {"parts": None},
    "UploadError": {"reason": "removal_guard", "detail": "the snapshot would remove 41 % of the members"},
    "UploadView": {"mode": "delta", "status": "completed", "error": None},
    "Verification": {"verified": True},
}


def add_examples(document: Json) -> None:
    """Give each schema of an object an example. Raises KeyError for a member that nothing here has a value for."""
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        if "properties" in schema:
            schema["examples"] = [_object(name, schema, schemas)]


def _object(name: str, schema: Json, schemas: Json) -> Json:
    own = _OF_SCHEMA.get(name, {})
    return {
        member: own[member] if member in own else _value(f"{name}.{member}", definition, schemas)
        for member, definition in schema["properties"].items()
        if name != "Problem" or member in own or member == "errors"
    }


def _value(place: str, schema: Json, schemas: Json) -> Any:
    """The value of a member: of its own schema where that tells, else by its name."""
    member = place.rpartition(".")[2]
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        definition = schemas[name]
        return _object(name, definition, schemas) if "properties" in definition else _value(place, definition, schemas)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("default", schema.get("enum", [None])[0]))
    if schema.get("type") == "array" and "$ref" in schema["items"]:
        return [_value(place, schema["items"], schemas)]
    if schema.get("type") == "boolean" and member not in _OF_MEMBER:
        return schema.get("default", False)
    for option in schema.get("anyOf", ()):
        if "$ref" in option or "$ref" in option.get("items", {}):
            return _value(place, option, schemas)
    if member not in _OF_MEMBER:
        raise KeyError(f"{place} has no example")
    return _OF_MEMBER[member]
