"""What strangers and other sandboxes may send: every route answers with a problem that helps, and nothing changes."""

import base64
import io
import json
import logging
import os
import re
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from itertools import product
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from functions.connect_requests import app as connect
from functions.feeds import app as feeds
from functions.privacy_requests import app as privacy
from functions.segments import app as segments
from handfast.platform import aws, clock
from handfast.platform.observability import logger
from handfast_cli.openapi import apis, document_of
from tests.worlds.faults import meanwhile
from tests.worlds.furnished import Furnished, furnished
from tests.worlds.gateway import handlers
from tests.worlds.sandboxes import CONTEXT, Member, organizations, proxy_event
from tests.worlds.stores import REGION, TABLES, built_once

NOBODYS = "0000000000000000000000000"
PROTOCOLS = ("/opendsr/", "/drp/", "/sharing/")
BUILT = built_once(lambda: furnished(organizations()))


type Bodies = dict[tuple[str, str], Any]

# The routes


def _operations() -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    for api in apis().values():
        document = document_of(api)
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation, document.get("components", {}).get("schemas", {})


OPERATIONS = list(_operations())
IN_A_SANDBOX = [(method, path) for method, path, *_ in OPERATIONS if path.startswith("/sandboxes/")]
WITH_BODY = [
    (method, path)
    for method, path, operation, _ in OPERATIONS
    if "requestBody" in operation and not path.startswith("/intake/")
]
"""Of those with a token: what strangers send to an intake form has tests of its own."""
LISTS = [
    (method, path)
    for method, path, operation, _ in OPERATIONS
    if any(parameter["name"] == "cursor" for parameter in operation.get("parameters", ()))
]
_CHANGES = "/sandboxes/{sandbox}/received-feeds/{received_feed}/members/changes"


def _needed(path: str) -> dict[str, str]:
    """What a list has to be asked with."""
    if path == _CHANGES:
        return {"since": clock.now_text()}
    register = path == "/sandboxes/{sandbox}/privacy-requests/register"
    return {"from": "2026-01-01", "to": "2026-03-01"} if register else {}


COLUMN = {"column": "mail", "as": "identity", "namespace": "email"}
IDENTITY = {"namespace": "email", "value": "someone@mail.example"}
SETTINGS = {
    "consentDefault": "default_deny",
    "checkOwnConsent": True,
    "consentStrings": {"tcf": {"purposes": [1, 3], "vendorId": 755}, "gpp": {"sections": ["usnat", "usca"]}},
    "removalGuard": 0.5,
    "rejectGuard": 0.5,
    "overlapThreshold": 10,
    "phoneRegion": "DE",
    "phoneIndex": True,
    "privacyRule": "automatic",
    "partnerErasures": "everything",
    "privacyFourEyes": "never",
    "packageReview": True,
    "timeZone": "Europe/Berlin",
    "holidays": ["2026-12-25"],
}


def _bodies(of: dict[str, str], connect_id: str) -> Bodies:
    """A body that is taken, for every route with one."""
    request = {"type": "erasure", "regulation": "gdpr", "subject": {"identities": [IDENTITY]}, "note": "by letter"}
    subject_request = {
        "regulation": "gdpr",
        "subject_request_id": "9b1d5f8e-3c2a-4b7d-8e6f-1a2b3c4d5e6f",
        "subject_request_type": "erasure",
        "submitted_time": "2026-03-01T12:00:00Z",
        "subject_identities": [
            {"identity_type": "email", "identity_value": "someone@mail.example", "identity_format": "raw"}
        ],
    }
    feed = {
        "name": "Spring",
        "description": "All of it",
        "segmentIds": [of["segment"]],
        "namespaces": ["email"],
        "restrictedMarketingActions": ["analytics"],
        "connectionIds": [of["connection"]],
    }
    segment = {"name": "Readers", "description": "Of the letter", "externalId": "readers-1", "labels": ["C1"]}
    connector = {"name": "Warehouse", "settings": {"url": "https://localhost:1/hook", "secret": "whsec_" + "A" * 44}}
    upload = {
        "fileName": "people.csv",
        "format": "csv",
        "mode": "delta",
        "columns": [COLUMN, {"column": "in", "as": "segment", "name": of["segment"]}],
        "segmentId": of["segment"],
        "sizeBytes": 1000,
        "renderings": ["google"],
    }
    bucket = {name: upload[name] for name in ("format", "mode", "columns", "segmentId", "renderings")} | {
        "name": "Bucket",
        "description": "Of the shop",
        "settings": {
            "bucket": "acme-exports",
            "prefix": "daily/",
            "region": "eu-west-1",
            "roleArn": "arn:aws:iam::123456789012:role/handfast-source-acme",
        },
        "schedule": {"everyMinutes": 60},
    }
    change = {"identity": IDENTITY, "profileId": "1", "segmentId": of["segment"], "status": "realized", "share": "y"}
    policy = {
        "name": "Mine",
        "description": "Of the board",
        "enabled": True,
        "marketingActions": ["analytics"],
        "deny": {"operator": "AND", "operands": [{"label": "C8"}, {"label": "I1"}]},
    }
    source = {"name": "Shop", "labels": ["C5"], "exportControls": ["no_onsite_ad_targeting"]}
    activation = {
        "segments": [
            {"segmentId": of["segment"], "mappingId": "readers", "startDate": "2026-01-01", "endDate": "2026-12-31"}
        ],
        "mapping": [{"source": "email", "target": "email_lc_sha256", "applyTransformation": False}],
        "attributes": [{"source": "tier", "target": "person.tier"}],
    }
    destination = {
        "name": "Warehouse",
        "description": "Of ours",
        "accountId": "acme",
        "settings": {"url": "https://localhost:1/changes"},
        "authentication": {"kind": "none"},
        "marketingActions": ["analytics"],
        "exportLabels": ["onsite_ad_targeting"],
        "aggregation": {"maxIdentities": 100, "maxAgeSeconds": 60, "groupBy": ["segment"]},
    }
    bodies: dict[str, Any] = {
        "PATCH ": {"settings": SETTINGS},
        "POST destinations": {"type": "http"} | destination,
        "PATCH destinations/{destination}": {"status": "disabled"} | destination,
        "POST destinations/{destination}/explain": {"segmentIds": [of["segment"]]},
        "POST destinations/{destination}/dead-letters/replay": {"all": True},
        "PUT destinations/{destination}/alerts": {"alerts": ["dead_letters"], "channels": ["in_app"]},
        "POST destinations/{destination}/activations": activation,
        "PATCH destinations/{destination}/activations/{activation}": activation,
        "PUT grants/{principal}": {"role": "viewer", "permissions": ["feeds:write"]},
        "POST invitations": {"email": "new@one.example", "role": "viewer", "permissions": ["feeds:write"]},
        "POST connections/{connection}/probe": {
            "namespace": "email",
            "digests": [{"value": "rosa@one.example", "digest": "ab" * 32}],
        },
        "POST namespaces": {"namespace": "LOYALTY", "name": "Loyalty", "kind": "text", "minLength": 4, "maxLength": 9},
        "POST webhooks": {"url": "https://localhost:1/hook", "types": ["connection.*"]},
        "POST recipient-tokens": {"name": "Warehouse", "allowedNetworks": ["203.0.113.0/24"]},
        "POST recipient-tokens/{token}/rotate": {"graceSeconds": 60},
        "PUT message-webhook": {"url": "https://localhost:1/messages"},
        "PATCH webhooks/{webhook}": {"url": "https://localhost:1/hook", "types": ["feed.*"], "status": "enabled"},
        "POST connections/{connection}/accept": {"note": "Welcome", "allowsEstimates": True},
        "PATCH connections/{connection}": {"allowsEstimates": True},
        "POST connections/{connection}/reject": {"note": "No"},
        "POST connections/{connection}/disconnect": {"reason": "Done"},
        "POST connect-requests/{connection}/withdraw": {"note": "A mistake"},
        "POST connect-requests/preview": {"connectId": connect_id},
        "POST connect-requests": {"connectId": connect_id, "note": "Hello"},
        "POST privacy-requests/decisions": {
            "action": "approve",
            "privacyRequestIds": ["prq_01K5Z8Q4T3N7W2X9B6C1D0E5FG"],
        },
        "POST privacy-requests/{privacy_request}/approve": {"scope": "delivered"},
        "POST privacy-requests/{privacy_request}/complete": {"note": "Corrected", "connectorId": "cn_1"},
        "POST privacy-requests/{privacy_request}/package/review": {"withhold": []},
        "POST privacy-requests/{privacy_request}/deny": {"reason": "Unknown"},
        "POST privacy-requests/{privacy_request}/extend": {"reason": "Many records"},
        "POST privacy-requests/{privacy_request}/verify": {"code": "123456"},
        "POST privacy-requests": request,
        "POST privacy-requests/bulk": {"items": [request]},
        "POST suppressions/check": {"identities": [IDENTITY]},
        "POST connectors": {"type": "webhook"} | connector,
        "PATCH connectors/{connector}": connector,
        "POST opendsr/v2/requests": subject_request,
        "POST opendsr/v2/opengdpr_requests": subject_request,
        "POST feeds": feed,
        "PATCH feeds/{feed}": feed,
        "POST feeds/{feed}/estimate": {"precision": 0.1},
        "POST feeds/{feed}/unshare": {"connectionId": of["connection"]},
        "POST people/explain": {
            "identity": IDENTITY,
            "segmentId": of["segment"],
            "connectionId": of["connection"],
            "dataflowId": of["dataflow"],
        },
        "POST segments": segment,
        "PATCH segments/{segment}": segment,
        "POST segments/{segment}/members/export": {"format": "csv"},
        "POST uploads": upload,
        "POST uploads/preview": upload,
        "POST imports": {name: upload[name] for name in upload if name != "sizeBytes"} | {"files": ["dt=1/a.csv", "b"]},
        "POST sources": {"kind": "s3"} | bucket,
        "PATCH sources/{source}": {"status": "paused"} | bucket,
        "PUT intake-form": {
            "types": ["opt_out"],
            "regulations": ["ccpa"],
            "languages": ["en"],
            "allowedOrigins": ["https://www.acme.example"],
            "privacyPolicyUrl": "https://www.acme.example/privacy",
            "heading": "Your data",
            "retention": "Until it is answered",
        },
        "POST drop-lists": {"fileName": "20260301_100_Email.csv", "exemptSegmentId": of["segment"]},
        "POST uploads/{upload}/complete": {"parts": [{"partNumber": 1, "etag": "e"}]},
        "PUT labels/{label}": {"name": "Loyalty", "description": "Of the programme"},
        "PUT marketing-actions/{action}": {"name": "Loyalty", "description": "By post"},
        "POST policies": policy,
        "PUT policies/{policy}": policy,
        "POST data-sources": source,
        "PATCH data-sources/{data_source}": source,
        "POST marketing-actions/{action}/constraints": {
            "entities": [{"entityType": "segment", "entityId": of["segment"]}]
        },
        "POST bulk-eval": [{"evalRef": "/marketingActions/core/analytics/constraints", "labels": ["C1"]}],
        "POST memberships": {"changes": [change]},
        "POST consents": {"changes": [{"identity": IDENTITY, "share": "n", "at": "2026-01-01T00:00:00Z"}]},
        "POST received-feeds/{received_feed}/members/export": {"format": "csv", "segmentId": of["segment"]},
    }
    split = ((key.partition(" "), body) for key, body in bodies.items())
    return {(method, f"/sandboxes/{{sandbox}}/{path}".rstrip("/")): body for (method, _, path), body in split}


# Calling them


@pytest.fixture
def both(stores: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Furnished]:
    """Two connected sandboxes with one of everything, on stores as strict as AWS."""
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    built = BUILT()
    clients: list[Any] = [aws.dynamodb(), aws.s3(), aws.sqs(), aws.events(), aws.secretsmanager()]
    for client in clients:
        client.meta.events.register("before-parameter-build", _be_strict)
    yield built
    for client in clients:
        client.meta.events.unregister("before-parameter-build", _be_strict)


def _be_strict(params: Any, model: Any, **_: Any) -> None:
    """Refuse what AWS refuses and moto takes: keys that are empty or too long, and texts that are not Unicode."""
    for name, limit in {"pk": 2048, "sk": 1024, "Key": 1024}.items():
        for key in _texts(params, name):
            if not 0 < len(key.encode(errors="surrogatepass")) <= limit:
                raise ClientError({"Error": {"Code": "ValidationException", "Message": f"{name} size"}}, model.name)
    try:
        "".join(_texts(params)).encode()
    except UnicodeEncodeError:
        raise ClientError({"Error": {"Code": "SerializationException", "Message": "text"}}, model.name) from None


def _texts(value: Any, under: str | None = None) -> Iterator[str]:
    """All texts in a value, or those under a name."""
    if isinstance(value, str) and under is None:
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, None if name == under else under)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item, under)


def _state() -> dict[str, Any]:
    """All that stands in the tables and the bucket, but for how often something was refused."""
    dynamodb = boto3.client("dynamodb")
    found: dict[str, Any] = {
        name: [
            item for item in dynamodb.scan(TableName=name.lower())["Items"] if not item["pk"]["S"].startswith("HOURLY#")
        ]
        for name in TABLES
    }
    found["objects"] = [
        (stored["Key"], stored["ETag"])
        for stored in boto3.client("s3").list_objects_v2(Bucket=os.environ["DATA_BUCKET"]).get("Contents", [])
    ]
    return found


def _fill(path: str, ids: dict[str, str]) -> str:
    if path.endswith("/delivery-runs") and "activated" in ids:  # of a dataflow to a destination
        ids = ids | {"dataflow": ids["activated"]}
    return re.sub(r"\{(\w+)\}", lambda match: ids.get(match[1], f"{match[1]}_{NOBODYS}"), path)


def _send(caller: Member, method: str, path: str, body: Any = None, **event: Any) -> tuple[int, Any]:
    """The status and the body of an answer, which must be of the right kind."""
    template, filled = path, event.pop("filled", path)
    query = event.pop("query", _needed(path) if path == _CHANGES else None)
    sent = proxy_event(caller.principal_id, method, filled, body, query=query) | event
    answer = handlers()[method, template](sent, CONTEXT)
    text, status = answer["body"], answer["statusCode"]
    kind = answer["multiValueHeaders"].get("Content-Type", [""])[0]
    where = f"{method} {filled[:200]}: {status} {str(text)[:300]}"
    assert status < 500, where
    if status >= 400 and not any(name in template for name in PROTOCOLS):
        assert kind == "application/problem+json", where
        assert {"type", "title", "status", "detail", "instance", "requestId"} <= json.loads(text).keys()
    elif status >= 400:  # an agent whose key is not known is told nothing
        assert kind == ("application/json" if text else ""), where
    return status, json.loads(text) if text and text.startswith(("{", "[")) else text


def _errors(problem: Any) -> list[dict[str, str]]:
    """The places that an answer names, in the API's format or OpenDSR's."""
    inner = problem.get("error") or {}
    if isinstance(inner, dict) and "errors" in inner:
        return [{"pointer": f"/{error.get('location', '')}"} | error for error in inner["errors"]]
    found: list[dict[str, str]] = problem.get("errors", [])
    return found


def test_every_body_of_the_document_is_tried_here() -> None:
    assert set(_bodies(dict.fromkeys(("segment", "connection", "dataflow"), "x"), "x")) == set(WITH_BODY)


# Connect IDs


def test_a_connect_id_that_leads_nowhere_is_named_and_asks_for_nothing(both: Furnished) -> None:
    outsider = both.world.member(both.world.c)
    own = outsider.call(connect, "GET", "connect-id").body["connectId"]
    retired = both.connect_ids[both.b.sandbox.sandbox_id]
    assert both.b.call(connect, "POST", "connect-id/regenerate").status == 200
    before = _state()
    for connect_id, status in {
        "00000-00000-00000-00000": 404,
        retired: 404,
        retired.lower().replace("-", ""): 404,
        own: 422,
        "ABC": 400,
        "\u0660" * 20: 400,
        "x" * 64: 400,
        "x" * 65: 422,
        "": 422,
    }.items():
        asked = outsider.call(connect, "POST", "connect-requests", {"connectId": connect_id})
        assert (asked.status, asked.body["errors"][0]["pointer"]) == (status, "/connectId"), connect_id
        if connect_id != own:
            seen = outsider.call(connect, "POST", "connect-requests/preview", {"connectId": connect_id})
            assert (seen.status, seen.body["errors"]) == (status, asked.body["errors"])
    assert _state() == before


# Addresses and numbers of people

PLANTED = (
    "planted.person@mail.example",
    "about planted.person@mail.example",
    "+493023125001",
    "call +49 (0)30 2312-5001",
)


def _replaced(body: Any) -> Iterator[Any]:
    """The body with each of its texts in turn replaced by each planted value, a link carrying it."""
    if isinstance(body, str):
        yield from (f"{body}?to={value}" for value in PLANTED[:1]) if body.startswith("https:") else PLANTED
    elif isinstance(body, dict | list):
        for place, item in body.items() if isinstance(body, dict) else enumerate(body):
            for changed in _replaced(item):
                copy = body.copy()
                copy[place] = changed
                yield copy


def test_no_field_of_any_call_keeps_an_address_or_a_number_raw(
    both: Furnished, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = io.StringIO()
    for handler in logger.handlers:
        if isinstance(handler, logging.StreamHandler):
            monkeypatch.setattr(handler, "stream", printed)
    own = both.of(both.a)
    taken = 0
    bodies = _bodies(own, "")
    del bodies["POST", "/sandboxes/{sandbox}/invitations"]  # a colleague's address, which is kept to write to
    for (method, path), body in bodies.items():
        for changed in _replaced(body):
            status, _ = _send(both.a, method, path, changed, filled=_fill(path, own))
            taken += status < 300
    assert taken > 10  # identities and profile ids
    state = _state()
    for stored in state.pop("objects"):
        state[stored[0]] = boto3.client("s3").get_object(Bucket=os.environ["DATA_BUCKET"], Key=stored[0])["Body"].read()
    queues = [queue.messages for queue in sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues.values()]
    state |= {"queues": [message.body for messages in queues for message in messages], "log": printed.getvalue()}
    for name, value in state.items():
        for planted in ("planted.person", "493023125001", "2312-5001"):
            found = re.search(f".{{0,200}}{planted}", text := str(value))
            assert not found, (name, found[0], len(text))


# Other sandboxes' ids

NAMED_BY_CALLERS = {
    ("PUT", "/sandboxes/{sandbox}/labels/{label}"),
    ("PUT", "/sandboxes/{sandbox}/marketing-actions/{action}"),
}
"""What makes the thing of a name that the caller gives in the path."""


def test_another_sandboxs_ids_in_a_path_are_as_unknown_as_ids_that_never_were(both: Furnished) -> None:
    outsider = both.world.member(both.world.c)
    outsider.call(connect, "GET", "connect-id")
    bodies = _bodies(both.of(both.a), both.connect_ids[both.b.sandbox.sandbox_id])
    own = {"sandbox": outsider.sandbox.sandbox_id}
    before = _state()
    for method, path in IN_A_SANDBOX:
        names = set(re.findall(r"\{(\w+)\}", path)) - {"sandbox"}
        if not names or (method, path) in NAMED_BY_CALLERS:
            continue
        body = bodies.get((method, path))
        unknown = _send(outsider, method, path, body, filled=_fill(path, own))
        of_one_organization = method == "PUT" and path.endswith("/grants/{principal}")  # those may be given one
        for side in (both.b,) if of_one_organization else (both.a, both.b):
            foreign = _send(outsider, method, path, body, filled=_fill(path, both.of(side) | own))
            assert foreign[0] in ({403} if "/drp/" in path else {404}), (method, path, foreign)
            assert foreign[0] == unknown[0]
            assert _told(foreign[1]) == _told(unknown[1]), (method, path)
    assert _state() == before


def _told(body: Any) -> Any:
    return {name: value for name, value in body.items() if name != "instance"} if isinstance(body, dict) else body


ID_FIELDS = {
    ("POST", "/sandboxes/{sandbox}/feeds"): {"segmentIds", "connectionIds"},
    ("PATCH", "/sandboxes/{sandbox}/feeds/{feed}"): {"segmentIds", "connectionIds"},
    ("POST", "/sandboxes/{sandbox}/feeds/{feed}/unshare"): {"connectionId"},
    ("POST", "/sandboxes/{sandbox}/people/explain"): {"segmentId", "connectionId", "dataflowId"},
    ("POST", "/sandboxes/{sandbox}/privacy-requests/{privacy_request}/complete"): {"connectorId"},
    ("POST", "/sandboxes/{sandbox}/drop-lists"): {"connectorId"},
    ("POST", "/sandboxes/{sandbox}/uploads"): {"segmentId"},
    ("POST", "/sandboxes/{sandbox}/uploads/preview"): {"segmentId"},
    ("POST", "/sandboxes/{sandbox}/imports"): {"segmentId"},
    ("POST", "/sandboxes/{sandbox}/sources"): {"segmentId"},
    ("PATCH", "/sandboxes/{sandbox}/sources/{source}"): {"segmentId"},
    ("POST", "/sandboxes/{sandbox}/memberships"): {"segmentId"},
    ("POST", "/sandboxes/{sandbox}/received-feeds/{received_feed}/members/export"): {"segmentId"},
    ("POST", "/sandboxes/{sandbox}/destinations/{destination}/explain"): {"segmentIds"},
    ("POST", "/sandboxes/{sandbox}/destinations/{destination}/activations"): {"segmentId"},
    ("PATCH", "/sandboxes/{sandbox}/destinations/{destination}/activations/{activation}"): {"segmentId"},
}
_OWN_IDS = re.compile(
    r"(segment|connection|feed|received_?feed|upload|dataflow|webhook|connector|run)_?ids?", re.IGNORECASE
)


def _id_fields(schema: Any, schemas: dict[str, Any], seen: frozenset[str] = frozenset()) -> set[str]:
    """The names of a body's fields that take an id of ours."""
    if isinstance(schema, list):
        return {name for item in schema for name in _id_fields(item, schemas, seen)}
    if not isinstance(schema, dict):
        return set()
    found = {name for name in schema.get("properties", {}) if _OWN_IDS.fullmatch(name)}
    if (name := schema.get("$ref", "").rpartition("/")[2]) and name not in seen:
        found |= _id_fields(schemas[name], schemas, seen | {name})
    return found | _id_fields(list(schema.values()), schemas, seen)


def test_every_field_of_the_document_that_takes_an_id_is_tried_here() -> None:
    declared = {
        (method, path): fields
        for method, path, operation, schemas in OPERATIONS
        if (fields := _id_fields(operation.get("requestBody", {}), schemas))
    }
    assert declared == ID_FIELDS


def test_another_sandboxs_ids_in_a_body_are_unknown(both: Furnished) -> None:
    own, outsider = both.of(both.a), both.world.member(both.world.c)
    segment = outsider.call(segments, "POST", "segments", {"name": "Readers"}).body["segmentId"]
    foreign = {"segment": segment, "connection": _connected(outsider, both.b)}
    bodies = _bodies(own, "")
    before = _state()
    for (method, path), fields in ID_FIELDS.items():
        for field in fields:
            body = {"connectorId": ""} if path.endswith("/drop-lists") else bodies[method, path]
            body = _with_ids(body, field, foreign["segment" if "segment" in field else "connection"])
            status, problem = _send(both.a, method, path, body, filled=_fill(path, own))
            if path.endswith("/memberships"):
                assert (status, problem["accepted"], problem["rejected"][0]["reason"]) == (202, 0, "unknown_segment")
                continue
            assert status in {404, 422}, (method, path, field, problem)
            assert any(field in error["pointer"] for error in _errors(problem)), (method, path, field, problem)
    column = {"column": "in", "as": "segment", "name": segment}
    uploads = "/sandboxes/{sandbox}/uploads"
    upload = bodies["POST", uploads] | {"columns": [COLUMN, column]}
    status, problem = _send(both.a, "POST", uploads, upload, filled=_fill(uploads, own))
    assert (status, _errors(problem)[0]["pointer"]) == (422, "/columns/1/name")
    assert _state() == before


def _connected(asker: Member, other: Member) -> str:
    connect_id = other.call(connect, "GET", "connect-id").body["connectId"]
    return str(asker.call(connect, "POST", "connect-requests", {"connectId": connect_id}).body["connectionId"])


def _with_ids(body: Any, field: str, value: str) -> Any:
    if isinstance(body, list):
        return [_with_ids(item, field, value) for item in body]
    if not isinstance(body, dict):
        return body
    return {
        name: ([value] if isinstance(item, list) else value) if name == field else _with_ids(item, field, value)
        for name, item in body.items()
    }


# Bodies that are none


def _encoded(data: bytes) -> dict[str, Any]:
    return {"body": base64.b64encode(data).decode(), "isBase64Encoded": True}


def _typed(kind: str, body: str) -> dict[str, Any]:
    return {"body": body, "headers": {"content-type": kind}, "multiValueHeaders": {"content-type": [kind]}}


MALFORMED: dict[str, dict[str, Any]] = {
    "no JSON": {"body": "{"},
    "deep": {"body": "[" * 100_000},
    "deep and closed": {"body": '{"a":' * 70 + "1" + "}" * 70},
    "deeper than a stack": {"body": "[" * 20_000 + "]" * 20_000},
    "a number without end": {"body": "9" * 5000},
    "no number": {"body": '{"a": NaN}'},
    "an infinite number": {"body": "[1e999]"},
    "a lone surrogate": {"body": '{"a": ["\\ud800"]}'},
    "a name with a lone surrogate": {"body": '{"\\udfff": 1}'},
    "not UTF-8": _encoded(b'{"name": "\xff"}'),
    "UTF-16": _encoded('{"name": "x"}'.encode("utf-16")),
    "not base64": {"body": "a", "isBase64Encoded": True},
    "a form": _typed("application/x-www-form-urlencoded", "name=x"),
    "form data": _typed("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data\r\n\r\n\u2603"),
    "form data without a boundary": _typed("multipart/form-data", "x"),
    "XML": _typed("text/xml", "<a/>"),
    "an odd type": _typed("\u00e9;;=", "{}"),
}
OF_ANOTHER_TYPE = {"a form", "form data", "form data without a boundary", "XML", "an odd type"}


def test_what_is_no_json_is_refused_with_the_place_and_changes_nothing(both: Furnished) -> None:
    own = both.of(both.a)
    before = _state()
    for method, path in WITH_BODY:
        for name, event in MALFORMED.items():
            status, problem = _send(both.a, method, path, filled=_fill(path, own), **event)
            typed = name in OF_ANOTHER_TYPE and "/opendsr/" not in path
            assert status == (415 if typed else 400), (name, method, path, problem)
            if "/opendsr/" not in path:
                (error,) = problem["errors"]
                assert error["message"], (name, problem)
    assert problem["errors"] == [{"pointer": "", "message": "send the body with Content-Type: application/json"}]
    assert _state() == before


def test_a_body_of_another_type_is_refused(both: Furnished) -> None:
    before = _state()
    for (method, path), body in product(WITH_BODY, ("null", "[]", '""', "1", '[{"a": 1}]')):
        status, _ = _send(both.a, method, path, body, filled=_fill(path, {"sandbox": both.a.sandbox.sandbox_id}))
        assert status in {400, 404, 422}, (method, path, body)
    assert _state() == before


def test_a_field_that_is_not_known_is_refused_by_name(both: Furnished) -> None:
    before = _state()
    for (method, path), body in _bodies(both.of(both.a), "x").items():
        if "/opendsr/" in path:  # the protocol has fields passed over
            continue
        sent, place = (
            ([body[0] | {"colour": "red"}], "/0") if isinstance(body, list) else (body | {"colour": "red"}, "")
        )
        status, problem = _send(both.a, method, path, sent, filled=_fill(path, both.of(both.a)))
        pointers = [error["pointer"] for error in _errors(problem)]
        assert (status, pointers) == (422, [f"{place}/colour"]), (method, path, problem)
    assert _state() == before


# Texts


def _places(body: Any, kind: type, pointer: str = "") -> Iterator[str]:
    """The pointers of a body's values of a type."""
    if isinstance(body, kind):
        yield pointer
    if isinstance(body, dict):
        for name, item in body.items():
            yield from _places(item, kind, f"{pointer}/{name}")
    if isinstance(body, list):
        for index, item in enumerate(body):
            yield from _places(item, kind, f"{pointer}/{index}")


def _put(body: Any, pointer: str, value: Any) -> Any:
    """The body with another value at a pointer."""
    if not pointer:
        return value
    name, _, rest = pointer[1:].partition("/")
    changed = list(body) if isinstance(body, list) else dict(body)
    key: Any = int(name) if isinstance(body, list) else name
    changed[key] = _put(body[key], f"/{rest}" if rest else "", value)
    return changed


def _each_text(both: Furnished, *values: Any) -> Iterator[tuple[Any, str, str, str, int, Any]]:
    """What each body is answered with when a value stands in the place of one of its texts."""
    own = both.of(both.a)
    for (method, path), body in _bodies(own, both.connect_ids[both.b.sandbox.sandbox_id]).items():
        for pointer, value in product(_places(body, str), values):
            sent = json.dumps(_put(body, pointer, value))
            yield value, method, path, pointer, *_send(both.a, method, path, sent, filled=_fill(path, own))


def test_a_text_that_is_none_or_too_long_is_refused_at_its_place(both: Furnished) -> None:
    before = _state()
    for value, method, path, pointer, status, answer in _each_text(both, "x" * 10_000, "a\0b", "a\udfffb", ["a"], 1.5):
        where = (str(value)[:10], method, path, pointer, status, answer)
        if path.endswith("/bulk"):
            assert status == 400 or answer["items"][0]["problem"]["status"] == 422, where
            continue
        assert status in {400, 422}, where
        if "/opendsr/" in path:
            continue
        last = re.sub(r"/\d+$", "", pointer)
        assert any(error["pointer"].startswith(last) for error in answer["errors"]), where
        assert not any(str(value) in error["message"] for error in answer["errors"]), where
    assert _state() == before


ODD_TIMES = [
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", "2026-01-01"),
    *(1e300, -1, 0),
]
ODD_URLS = [
    *("https://", "https://[::1", "https://[::1]/", "https://a:99999/", "https://user:pass@hooks.example/"),
    *("http://hooks.example", "https://127.0.0.1/", "https://\u2460.example/", "https://xn--/", "https://a..b/"),
    *(f"https://{'a' * 64}.example/", f"https://hooks.example/{'x' * 3000}", "file:///etc/passwd"),
    *("https://hooks.example\r\nX: y/", "javascript:alert(1)", "https://\u202e/"),
]
ODD_VALUES = [
    *("+" * 1000, "+1" * 400, "@", "a@b", "\u202e@\u202e", "0" * 64, "٣" * 11, "{}", "-", "ﬀ@example.com"),
    "x" * 1000,
]
ODD_FIELDS: list[tuple[str, str, list[Any]]] = [
    ("POST privacy-requests", "/submittedAt", ODD_TIMES),
    ("POST opendsr/v2/requests", "/submitted_time", ODD_TIMES),
    ("POST webhooks", "/url", ODD_URLS),
    ("PUT message-webhook", "/url", ODD_URLS),
    ("POST connectors", "/settings/url", ODD_URLS),
    ("PATCH connectors/{connector}", "/settings/url", ODD_URLS),
    ("POST opendsr/v2/requests", "/status_callback_urls", [[url] for url in ODD_URLS]),
    ("POST suppressions/check", "/identities/0/value", ODD_VALUES),
    ("POST privacy-requests", "/subject/identities/0/value", ODD_VALUES),
    ("POST memberships", "/changes/0/identity/value", ODD_VALUES),
    ("POST consents", "/changes/0/identity/value", ODD_VALUES),
    ("POST consents", "/changes/0/at", ODD_TIMES),
    ("POST feeds/{feed}/estimate", "/precision", [0, -1, 1e308, 5e-324, True, "0.1", "NaN"]),
    ("POST uploads", "/sizeBytes", [0, -1, 2**63, 10**400, 1.5, "1", True]),
    ("POST uploads/preview", "/sizeBytes", [0, -1, 2**63, 10**400, 1.5, "1", True]),
    ("POST uploads/{upload}/complete", "/parts/0/partNumber", [0, -1, 10**400, 1.5]),
    ("PUT grants/{principal}", "/role", ["", "sandbox-admin ", "SANDBOX-ADMIN", "__proto__"]),
]


def test_odd_times_addresses_and_numbers_are_answered(both: Furnished) -> None:
    own = both.of(both.a)
    bodies = _bodies(own, "")
    for route, pointer, values in ODD_FIELDS:
        method, _, below = route.partition(" ")
        path = f"/sandboxes/{{sandbox}}/{below}"
        body = bodies[method, path]
        parent, _, name = pointer.rpartition("/")
        for value in values:
            holder = _at(body, parent) | {name: value}
            status, answer = _send(both.a, method, path, _put(body, parent, holder), filled=_fill(path, own))
            assert status < 500, (route, pointer, value, answer)


def _at(body: Any, pointer: str) -> Any:
    for name in pointer.split("/")[1:]:
        body = body[int(name) if isinstance(body, list) else name]
    return body


SCRIPTS = [
    "שלום עולם",
    "مرحبا \u200fabc\u200f",
    "e\u0301\u0302\u0323",
    "Z\u0351\u036bA\u0343\u036aL\u0342\u036bG\u0308\u0357O\u0358\u0345",
    "👩‍👩‍👧‍👦 family",
    "日本語のセグメント",
    "<script>alert(1)</script>",
    "'; DROP TABLE segments; --",
    "${jndi:ldap://x}",
]


def test_any_script_is_kept_as_it_came(both: Furnished) -> None:
    outsider = both.world.member(both.world.c)
    connect_id = {"connectId": both.connect_ids[both.a.sandbox.sandbox_id]}
    for text in SCRIPTS:
        asked = outsider.call(connect, "POST", "connect-requests", connect_id | {"note": text})
        assert asked.body["note"] == text
        withdrawn = f"connect-requests/{asked.body['connectionId']}/withdraw"
        assert outsider.call(connect, "POST", withdrawn).status == 200
        _keep_text(both, text)


def _keep_text(both: Furnished, text: str) -> None:
    created = both.a.call(segments, "POST", "segments", {"name": text, "description": text, "externalId": text})
    assert created.status == 201, created.body
    read = both.a.call(segments, "GET", f"segments/{created.body['segmentId']}").body
    assert (read["name"], read["description"], read["externalId"]) == (text, text, text)
    draft = {"name": text, "segmentIds": [read["segmentId"]], "namespaces": ["email"]}
    assert both.a.call(feeds, "POST", "feeds", draft).body["name"] == text


# Cursors, queries, headers, paths


def _cursor(member: Member) -> str:
    """A cursor of the list of uploads."""
    column = {"column": "mail", "as": "identity", "namespace": "email"}
    body = {"fileName": "more.csv", "format": "csv", "mode": "delta", "columns": [column]}
    assert member.call(segments, "POST", "uploads", body).status == 201
    return str(member.call(segments, "GET", "uploads", query={"limit": "1"}).body["nextCursor"])


def test_forged_and_foreign_cursors_are_refused_by_every_list(both: Furnished) -> None:
    genuine, foreign = _cursor(both.a), _cursor(both.b)
    other = "A" if genuine[5] != "A" else "B"
    forged = {genuine[:5] + other + genuine[6:], genuine[:-4], genuine + "AAAA", "AAAA", "é", "\0", "a b", "=" * 1000}
    own = both.of(both.a)
    for method, path in LISTS:
        uploads = path.endswith("/uploads")
        for cursor in forged | {foreign} | ({genuine} - ({genuine} if uploads else set())):
            query = _needed(path) | {"cursor": cursor}
            status, problem = _send(both.a, method, path, filled=_fill(path, own), query=query)
            assert (status, problem["errors"][0]["pointer"]) == (400, "/cursor"), (path, cursor, problem)
        status, problem = _send(both.a, method, path, filled=_fill(path, own), query={"cursor": "x" * 5000})
        assert status == 422
    assert both.a.call(segments, "GET", "uploads", query={"cursor": genuine}).status == 200


def _repeated(**query: list[str]) -> dict[str, Any]:
    return {
        "queryStringParameters": {name: values[-1] for name, values in query.items()},
        "multiValueQueryStringParameters": query,
    }


def test_a_limit_that_is_none_is_refused_by_every_list(both: Furnished) -> None:
    own = both.of(both.a)
    refused = ["abc", "", "0", "201", "-1", "1.5", "1e2", "9" * 5000, "NaN", "\0", " "]
    for method, path in LISTS:
        needed = {name: [value] for name, value in _needed(path).items()}
        for values in (*([value] for value in refused), ["1", "2"]):
            query = _repeated(**needed, limit=values)
            status, answer = _send(both.a, method, path, filled=_fill(path, own), **query)
            assert (status, answer["errors"][0]["pointer"]) == (422, "/query/limit"), (path, values, answer)
        query = _repeated(**needed, limit=["200"])
        assert _send(both.a, method, path, filled=_fill(path, own), **query)[0] == 200


def test_any_query_is_answered(both: Furnished) -> None:
    own, before = both.of(both.a), _state()
    for method, path, operation, _ in OPERATIONS:
        if method != "GET":
            continue
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "query":
                for value in ("", "\0", "\ufffd", "x" * 9000, "[]", "../..", "%00", "1'--", "🙂"):
                    query = _repeated(**{parameter["name"]: [value, value]})
                    _send(both.a, method, path, filled=_fill(path, own), **query)
        _send(both.a, method, path, filled=_fill(path, own), **_repeated(colour=["red"], limit=["1"]))
    assert _state() == before


def test_any_header_is_answered(both: Furnished) -> None:
    own, before = both.of(both.a), _state()
    odd = ["", "\0", "é", "x" * 9000, '"', "9" * 9000, "²", "1, 2", "Bearer", "🙂"]
    names = ("if-match", "idempotency-key", "authorization", "accept", "content-length", "x-forwarded-for", "cookie")
    for method, path in [("PATCH", "segments/{segment}"), ("POST", "segments"), ("GET", "segments"), *DRP_ROUTES[:2]]:
        template = f"/sandboxes/{{sandbox}}/{path}"
        for name in names:
            for value in odd:
                headers = {"content-type": "application/json", name: value}
                many = {each: [text, text] for each, text in headers.items()}
                event: dict[str, Any] = {"headers": headers, "multiValueHeaders": many, "body": '{"colour": 1}'}
                status, _ = _send(both.a, method, template, filled=_fill(template, own), **event)
                assert status in {200, 400, 403, 404, 412, 422}, (method, path, name, value)
        for without in (dict.fromkeys(("headers", "multiValueHeaders"), none) for none in (dict[str, Any](), None)):
            _send(both.a, method, template, '{"colour": 1}', filled=_fill(template, own), **without)
    assert _state() == before


DRP_ROUTES = [(method, path.partition("}/")[2]) for method, path in IN_A_SANDBOX if "/drp/" in path]


def test_an_entity_tag_beyond_all_versions_is_stale(both: Furnished) -> None:
    path = f"segments/{both.of(both.a)['segment']}"
    for tag in ("9" * 5000, '"' + "9" * 5000 + '"', "٣", "-1", "x", 'W/"1"'):
        answer = both.a.call(segments, "PATCH", path, {"name": "Other"}, headers={"If-Match": tag})
        assert (answer.status, answer.body["title"]) == (412, "The resource has changed"), tag
    assert both.a.call(segments, "GET", path).body["name"] == "Readers"


ODD_IDS = ["%00", "\0", "a%2Fb", "a/b", "..", "é" * 150, "x" * 201, "é" * 5000, "#|{}$*", "\u202e"]


def test_any_id_in_a_path_is_answered_and_is_nobodys(both: Furnished) -> None:
    own, before = both.of(both.a), _state()
    bodies = _bodies(own, both.connect_ids[both.b.sandbox.sandbox_id])
    for method, path in IN_A_SANDBOX:
        for name in re.findall(r"\{(\w+)\}", path)[-1:]:
            for odd in ODD_IDS:
                filled = _fill(path, own | dict.fromkeys((name, "activated"), odd))
                status, problem = _send(both.a, method, path, bodies.get((method, path)), filled=filled)
                # Of an id that leads to no route its query is refused first.
                refused = {422} if path == _CHANGES else set[int]()
                assert status in ({400, 403, 404} if "/drp/" in path else {404}) | refused, (method, filled, problem)
    assert _state() == before


# A large body, and a repeated one


def test_a_large_body_is_refused_by_what_is_wrong_with_it(both: Furnished) -> None:
    before = _state()
    change = {"identity": IDENTITY, "segmentId": both.of(both.a)["segment"], "status": "realized"}
    many = both.a.call(segments, "POST", "memberships", {"changes": [change] * 20_000})
    assert (many.status, many.body["errors"][0]["pointer"]) == (422, "/changes")
    named = both.a.call(segments, "POST", "segments", {"name": "x" * 5_000_000})
    assert (named.status, named.body["errors"][0]["pointer"]) == (422, "/name")
    assert len(json.dumps(named.body)) < 1000
    unknown = both.a.call(segments, "POST", "segments", {"name": "x"} | {f"field{index}": 1 for index in range(50_000)})
    assert unknown.status == 422
    assert len(unknown.body["errors"]) == 100
    named = both.a.call(segments, "POST", "segments", {"\u00e9" * 1_000_000: 1})
    assert len(json.dumps(named.body)) < 10_000
    assert _state() == before


def _another(function: ModuleType) -> ModuleType:
    """The function as it runs a second time beside itself, with a resolver of its own."""
    spec = spec_from_file_location("beside", str(function.__file__))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_same_idempotency_key_at_once_does_it_once(both: Furnished) -> None:
    body, headers = {"name": "Readers"}, {"Idempotency-Key": "one"}
    beside = _another(segments)

    def names() -> list[str]:
        return [
            segment["name"]
            for segment in both.a.call(segments, "GET", "segments", query={"origin": "own"}).body["items"]
        ]

    count = len(names())
    with meanwhile(lambda: both.a.call(beside, "POST", "segments", body, headers=headers)) as others:
        first = both.a.call(segments, "POST", "segments", body, headers=headers)
    assert (first.status, others[0].status, others[0].body["current"]) == (201, 409, "in_progress")
    again = both.a.call(segments, "POST", "segments", body, headers=headers)
    assert (again.status, again.body) == (201, first.body)
    other = both.a.call(segments, "POST", "segments", {"name": "Others"}, headers=headers)
    assert (other.status, other.body["reason"]) == (422, "idempotency_key_reused")
    assert len(names()) == count + 1
    theirs = both.b.call(privacy, "POST", "suppressions/check", {"identities": [IDENTITY]}, headers=headers)
    assert theirs.status == 200
