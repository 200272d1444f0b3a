"""The sample events of all functions: the stores that hold what each names, and what its function makes of it."""

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest

from functions.connect_requests import app as connect
from functions.privacy_requests import app as privacy
from functions.sources import app as sources
from handfast.access import store as access
from handfast.access.models import Principal
from handfast.activity import store as activity
from handfast.connections import store as connections
from handfast.connections.rules import PENDING_FOR
from handfast.dataflows import runs
from handfast.platform import aws, clock
from tests.worlds.furnished import certify
from tests.worlds.receiver import receiving
from tests.worlds.sandboxes import CONTEXT, Member, World
from tests.worlds.sharing import pair_of
from tests.worlds.template import FUNCTIONS, ROOT, module_of
from tests.worlds.uploads import PEOPLE, announce, deliver_file, put_file, stored

VARIABLES = {name: properties["Environment"]["Variables"] for name, properties in FUNCTIONS.items()}
SERVICES = {variables["POWERTOOLS_SERVICE_NAME"]: name for name, variables in VARIABLES.items()}
SANDBOX = "sbx_01KAM4Q8Z3T6V9W2X5Y8B1C4D7"
PERSON = "6f0c8b1e-3a4d-4c5e-9f60-718293a4b5c6"
DONE: dict[str, Any] = {"batchItemFailures": []}


def run(service: str, event: dict[str, Any]) -> Any:
    """What the function answers to the event, with no variables of other functions."""
    name = SERVICES[service]
    with pytest.MonkeyPatch.context() as patch:
        for variable in {each for variables in VARIABLES.values() for each in variables} - VARIABLES[name].keys():
            patch.delenv(variable, raising=False)
        return import_module(module_of(name)).handler(event, CONTEXT)


def send(service: str, ids: dict[str, str]) -> Any:
    """What the function answers to its sample event, in which ids are replaced by those that exist."""
    text = (ROOT / "events" / f"{service}.json").read_text()
    for old, new in ids.items():
        assert old in text, old
        text = text.replace(old, new)
    return run(service, json.loads(text))


def as_member(member: Member, sandbox: str = SANDBOX, person: str = PERSON) -> dict[str, str]:
    """Replaces the sandbox and the caller of a sample event by a member."""
    return {sandbox: member.sandbox.sandbox_id, person: member.principal_id}


def answered(answer: Any, status: int) -> Any:
    """The body of an answer that has to have this status."""
    assert answer["statusCode"] == status, answer["body"]
    return json.loads(answer["body"])


def handed(world: World, upload: str) -> dict[str, str]:
    """Replaces the upload of a sample event."""
    return {SANDBOX: world.a.sandbox_id, "upl_01KAMJ2C4E6G8J0M2P4R6T8V0X": upload}


def access_grants(world: World) -> None:
    person = Principal("Second person", world.a.organization_id)
    access.put_principal("2c9f4d7a-8b1e-4f60-a3c5-d6e7f8091a2b", person)
    grant = answered(send("access", as_member(world.member(world.a))), 200)
    assert (grant["name"], grant["role"]) == ("Second person", "audience-manager")
    assert "activity:read" in grant["permissions"]


def connect_requests_asks(world: World) -> None:
    connect_id = world.member(world.b).call(connect, "GET", "connect-id").body["connectId"]
    ids = as_member(world.member(world.a)) | {"7ZK3M-Q9TVD-2XWB8-4HRNC": connect_id}
    connection = answered(send("connect_requests", ids), 201)
    assert (connection["status"], connection["partner"]["sandboxName"]) == ("pending", "sandbox b")


def sweep_expires_a_request(world: World) -> None:
    connect_id = world.member(world.b).call(connect, "GET", "connect-id").body["connectId"]
    long_ago = clock.now() - PENDING_FOR
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: long_ago)
        asked = world.member(world.a).call(connect, "POST", "connect-requests", {"connectId": connect_id})
    assert asked.status == 201, asked.body
    assert send("sweep", {}) is None
    found = connections.get(world.a.sandbox_id, asked.body["connectionId"])
    assert found
    assert found.status == "expired"
    assert world.messages("PRIVACY_QUEUE_URL") == []


def approvals_enables(world: World) -> None:
    pair = pair_of(world)
    pair.published()
    ids = as_member(pair.b) | {"rf_01KAM4QC8P0R2T4W6Y8A0C2E4G": pair.received()["receivedFeedId"]}
    assert answered(send("approvals", ids), 200)["status"] == "enabled"


def segments_creates(world: World) -> None:
    created = answered(send("segments", as_member(world.member(world.a))), 201)
    assert (created["externalId"], created["labels"]) == ("newsletter", ["C4", "I1"])


def uploads_takes_the_file(world: World) -> None:
    a = world.member(world.a)
    upload = announce(a)
    put_file(a, upload, PEOPLE)
    assert send("uploads", handed(world, upload)) == DONE
    assert (stored(a, upload).status, stored(a, upload).accepted) == ("processing", 3)
    assert world.messages("INGEST_QUEUE_URL") == [{"sandboxId": world.a.sandbox_id, "span": 0}]


def ingest_applies(world: World) -> None:
    a = world.member(world.a)
    upload = announce(a)
    put_file(a, upload, PEOPLE)
    assert deliver_file(a, upload)
    assert send("ingest", {SANDBOX: world.a.sandbox_id}) == DONE
    assert stored(a, upload).status == "completed"


def feeds_drafts(world: World) -> None:
    pair = pair_of(world)
    ids = {"seg_01KAM4QB6N8Q1S3V5X7Z9B2D4F": pair.buyers, "con_01KAM4Q9H2K4M6P8R0T2W4Y6A8": pair.connection}
    feed = answered(send("feeds", as_member(pair.a) | ids), 201)
    assert (feed["name"], feed["status"]) == ("Spring campaign", "draft")


def segment_export_completes_the_run(world: World) -> None:
    pair = pair_of(world)
    pair.published()
    flow = pair.decide("enable").body["dataflowId"]
    (run,) = runs.runs(flow)
    ids = {"flow_01KAMH6X2YJ8Q4T7R9V3B5C6DE": flow, "run_01KAMH70P9QK2M4N6S8T1V3W5X": run.run_id}
    assert send("segment_export", ids) == DONE
    assert next(runs.runs(flow)).status == "completed"


def delivery_leaves_a_dataflow_that_is_gone_alone(world: World) -> None:
    assert send("delivery", {}) == DONE


def activity_lists(world: World) -> None:
    pair_of(world)
    ids = as_member(world.member(world.a), "sbx_01K0000000000000000000000A", "5f3c7a52-0c55-4c8e-9d0f-2f4f6f1c8a11")
    items = answered(send("activity", ids), 200)["items"]
    assert [item["type"] for item in items] == ["connection.accepted", "connection.requested"]


def activity_stream_notifies(world: World) -> None:
    sandbox = "sbx_01K0000000000000000000000A"
    assert send("activity_stream", {}) == DONE
    assert [note.title for note in activity.notifications_page(sandbox, 10, None)[0]] == [
        "Organization B asks to connect"
    ]


def webhooks_leaves_a_deleted_one_alone(world: World) -> None:
    assert send("webhooks", {}) == DONE


def privacy_requests_takes_one(world: World) -> None:
    made = answered(send("privacy_requests", as_member(world.member(world.a))), 202)
    assert (made["type"], made["regulation"]) == ("opt_out", "ccpa")
    assert world.messages("PRIVACY_QUEUE_URL") in ([], [{"sandboxId": world.a.sandbox_id}])


def opendsr_takes_a_request(world: World) -> None:
    taken = answered(send("opendsr", as_member(world.member(world.a))), 201)
    assert taken["controller_id"] == world.member(world.a).principal_id


def opendsr_needs_a_certificate(world: World) -> None:
    error = answered(send("opendsr", as_member(world.member(world.a))), 404)["error"]
    assert "set-processor-certificate" in error["message"]
    certify()
    opendsr_takes_a_request(world)


def data_rights_protocol_refuses_an_unknown_agent(world: World) -> None:
    answer = send("data_rights_protocol", {SANDBOX: world.a.sandbox_id})
    assert (answer["statusCode"], answer["body"] or "") == (403, "")


def sharing_refuses_an_unknown_token(world: World) -> None:
    error = answered(send("sharing", {}), 401)
    assert error["errorCode"] == "UNAUTHENTICATED"


def intake_takes_a_request(world: World) -> None:
    offer = {"types": ["opt_out"], "regulations": ["ccpa"], "privacyPolicyUrl": "https://www.example.com/privacy"}
    form = world.member(world.a).call(privacy, "PUT", "intake-form", offer).body["formId"]
    answer = send("intake", {"0f8c1d5e3b2a4b7d9e6f0a1b2c3d4e5f": form, "type=erasure": "type=opt_out"})
    assert (answer["statusCode"], f"{form}/" in answer["multiValueHeaders"]["Location"][0]) == (303, True)


def connectors_sets_one_up(world: World) -> None:
    made = answered(send("connectors", as_member(world.member(world.a))), 201)
    assert (made["type"], made["name"], made["secrets"]) == ("webhook", "Order history", ["secret"])


def messages_leaves_a_request_that_is_gone_alone(world: World) -> None:
    assert send("messages", {SANDBOX: world.a.sandbox_id}) == DONE


def privacy_worker_finds_nothing_to_do(world: World) -> None:
    assert send("privacy_worker", {SANDBOX: world.a.sandbox_id}) == DONE


def sources_sets_up(world: World) -> None:
    made = answered(send("sources", as_member(world.member(world.a))), 201)
    assert (made["kind"], made["takes"], made["lastRun"]) == ("s3", "new", None)
    assert made["schedule"]["timeOfDay"] == "06:30"


def source_runs_notes_an_event(world: World) -> None:
    a = world.member(world.a)
    made = answered(send("sources", as_member(a)), 201)
    changed = a.call(sources, "PATCH", f"sources/{made['sourceId']}", {"onEvents": True, "schedule": None})
    assert (changed.status, changed.body["nextRunAt"]) == (200, None)
    assert send("source_runs", {}) is None
    assert a.call(sources, "GET", f"sources/{made['sourceId']}").body["nextRunAt"] is not None


def destinations_sets_up(world: World) -> None:
    made = answered(send("destinations", as_member(world.member(world.a))), 201)
    assert (made["name"], made["status"], made["secrets"]) == ("Warehouse", "enabled", "set")


def governance_policy(world: World) -> None:
    answer = answered(send("governance", as_member(world.member(world.a))), 201)
    assert (answer["status"], answer["core"]) == ("DISABLED", False)


def console_brings_its_files(world: World) -> None:
    bucket = f"console-{uuid4()}"
    aws.s3().create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    with receiving() as cloudformation:
        link = "https://cloudformation-custom-resource-response-euwest1.s3-eu-west-1.amazonaws.com/stack"
        ids = {link: cloudformation.url, "handfast-prod-consolebucket-1a2b3c4d5e6f": bucket}
        assert send("console", ids) is None
        told = cloudformation.got[0][2]
    assert json.loads(told)["Status"] == "SUCCESS"
    assert aws.s3().get_object(Bucket=bucket, Key="index.html")["ContentType"] == "text/html; charset=utf-8"


CASES: dict[str, Callable[[World], None]] = {
    "access": access_grants,
    "connect_requests": connect_requests_asks,
    "approvals": approvals_enables,
    "segments": segments_creates,
    "uploads": uploads_takes_the_file,
    "ingest": ingest_applies,
    "feeds": feeds_drafts,
    "destinations": destinations_sets_up,
    "sources": sources_sets_up,
    "source_runs": source_runs_notes_an_event,
    "governance": governance_policy,
    "segment_export": segment_export_completes_the_run,
    "delivery": delivery_leaves_a_dataflow_that_is_gone_alone,
    "activity": activity_lists,
    "activity_stream": activity_stream_notifies,
    "webhooks": webhooks_leaves_a_deleted_one_alone,
    "privacy_requests": privacy_requests_takes_one,
    "opendsr": opendsr_needs_a_certificate,
    "data_rights_protocol": data_rights_protocol_refuses_an_unknown_agent,
    "sharing": sharing_refuses_an_unknown_token,
    "intake": intake_takes_a_request,
    "connectors": connectors_sets_one_up,
    "privacy_worker": privacy_worker_finds_nothing_to_do,
    "messages": messages_leaves_a_request_that_is_gone_alone,
    "sweep": sweep_expires_a_request,
    "console": console_brings_its_files,
}
