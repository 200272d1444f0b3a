"""Connectors from their set-up to the last confirmation, against systems that listen in processes of their own."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from standardwebhooks import Webhook as Verifier

from functions.approvals import app as approvals
from functions.privacy_requests import app as privacy
from functions.privacy_requests import connectors as api
from functions.privacy_requests import worker as queue
from handfast.connectors import calls
from handfast.connectors import store as connectors
from handfast.connectors.contract import Limits
from handfast.connectors.types.segment import Segment
from handfast.journal import store as journal
from handfast.journal.models import Actor
from handfast.partners.models import PartnerRef
from handfast.platform import clock, table
from handfast.privacy_requests import (
    connector_access,
    connector_stages,
    due_work,
    recipient_store,
    rules,
    store,
    subject_store,
    sweep,
    task_store,
)
from handfast.privacy_requests.models import Origin, PrivacyRequest, PrivacyType, Recipient, Subject
from handfast.privacy_requests.stage_jobs import Job
from handfast.privacy_requests.store import Step
from tests.worlds.connector_servers.running import Running, running
from tests.worlds.faults import between_secrets, crash, die, meanwhile
from tests.worlds.privacy import ANN, BOB, COLUMNS, automatic, file_of, opened, subject
from tests.worlds.sandboxes import Answer, Member, World, organizations
from tests.worlds.stores import built_once
from tests.worlds.uploads import apply_all, handled, identity, ingested, keys

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
TOKEN, ACCESS = "planted-access-token", "planted-access-secret"
USER = {
    "segment_id": "use_1",
    "external_ids": [{"type": "user_id", "id": "1"}, {"type": "phone", "id": ANN[2]}],
    "traits": {"plan": "gold"},
}


@pytest.fixture(scope="module")
def hooks() -> Iterator[Running]:
    with running("webhook") as listening:
        yield listening


@pytest.fixture(scope="module")
def segment_api() -> Iterator[Running]:
    with running("segment") as listening:
        yield listening


@dataclass
class Desk:
    """A sandbox that knows Ann and Bob and runs requests at once, beside two systems outside."""

    world: World
    member: Member
    hooks: Running
    segment: Running
    patch: pytest.MonkeyPatch
    ahead: timedelta = timedelta()
    made: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        return self.member.call(api, method, path, body, **more)

    def add(self, kind: str, **changes: Any) -> str:
        """Set up a connector of a type and return its id."""
        settings = webhook_settings(self.hooks) if kind == "webhook" else segment_settings(self.segment)
        answer = self.call("POST", "connectors", {"type": kind, "name": kind, "settings": settings | changes})
        assert answer.status == 201, answer.body
        self.made[kind] = made = answer.body["connectorId"]
        return str(made)

    def erasure(self, *mails: str) -> str:
        return self.requested("erasure", *subject(*mails or (ANN[1],))["identities"])

    def requested(self, kind: str, *identities: dict[str, str], **members: Any) -> str:
        body = {"type": kind, "regulation": "gdpr", "verified": True, "subject": {"identities": list(identities)}}
        body |= members
        answer = self.member.call(privacy, "POST", "privacy-requests", body)
        assert answer.status == 202, answer.body
        return str(answer.body["privacyRequestId"])

    def done_by_hand(self, made: str, **members: Any) -> Answer:
        body = {"note": "spelt anew"} | members
        return self.member.call(approvals, "POST", f"privacy-requests/{made}/complete", body)

    def work(self, rounds: int = 4) -> None:
        sandbox_id = self.member.sandbox.sandbox_id
        for _ in range(rounds):
            if not (store.work(sandbox_id) or due_work.due(sandbox_id, clock.now())):
                return
            assert handled(queue.handler, {"sandboxId": sandbox_id})
            apply_all(self.world)

    def later(self, ahead: timedelta) -> None:
        """Let time pass, and the worker look when it does."""
        self.ahead += ahead
        self.patch.setattr(clock, "now", lambda: datetime.now(UTC) + self.ahead)
        sweep.sweep()
        if self.world.messages("PRIVACY_QUEUE_URL"):
            self.work(2)

    def is_back(self) -> None:
        self.hooks.reset(secret=SECRET, careless=True, people={"1": [{"collection": "orders", "data": {}}]})

    def get(self, made: str) -> Any:
        return self.member.call(privacy, "GET", f"privacy-requests/{made}").body

    def states(self, made: str) -> dict[str, str]:
        return {connector["name"]: connector["status"] for connector in self.get(made)["connectors"]}


def webhook_settings(server: Running) -> dict[str, str]:
    return {"url": f"{server.url}/hooks", "secret": SECRET}


def segment_settings(server: Running) -> dict[str, str]:
    return {
        "domain": server.url,
        "profilesDomain": server.url,
        "workspace": "ws",
        "accessToken": TOKEN,
        "spaceId": "spa_1",
        "accessSecret": ACCESS,
        "api": "public",
    }


@built_once
def _known() -> tuple[World, Member]:
    world = organizations()
    automatic(world.a)
    member = world.member(world.a)
    ingested(world, member, file_of(ANN, BOB), columns=COLUMNS)
    return world, member


@pytest.fixture
def desk(stores: None, hooks: Running, segment_api: Running, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    monkeypatch.setattr(calls, "sleep", lambda _: None)
    hooks.reset(secret=SECRET, people={"1": [{"collection": "orders", "data": {"number": 7}}]})
    workspace = {"id": "ws", "slug": "ws"}
    segment_api.reset(secret=ACCESS, token=TOKEN, space="spa_1", workspace=workspace, profiles=[USER], regulations={})
    return Desk(*_known(), hooks, segment_api, monkeypatch)


@pytest.fixture(scope="module")
def outside() -> Iterator[dict[str, Running]]:
    """Three systems that know people by addresses."""
    with running("klaviyo") as klaviyo, running("braze") as braze, running("customers") as customers:
        yield {"klaviyo": klaviyo, "braze": braze, "http": customers}


@pytest.fixture
def marketing(desk: Desk, outside: dict[str, Running]) -> dict[str, Running]:
    """They know Cleo, whom the sandbox does not, and are connected."""
    mail = CLEO.lower()
    meaning = {"statuses": {"200": "completed", "202": "in_progress", "410": "absent"}}
    done = {
        "statuses": {"200": "completed"},
        "pointer": "/job/state",
        "values": {"done": "completed", "queued": "in_progress"},
    }
    erasure = {
        "method": "POST",
        "path": "/erasures",
        "body": {"who": {"by": "email", "is": "{identifier}"}},
        "answer": meaning,
        "poll": {"pointer": "/links/job", "answer": done},
    }
    access = {
        "method": "GET",
        "path": "/users",
        "query": {"by": "email", "is": "{identifier}"},
        "answer": {"statuses": {"200": "completed"}},
        "records": [{"collection": "users", "pointer": "/result/users"}],
    }
    settings: dict[str, dict[str, Any]] = {
        "klaviyo": {"domain": outside["klaviyo"].url, "apiKey": TOKEN},
        "braze": {"domain": outside["braze"].url, "apiKey": TOKEN},
        "http": {
            "url": f"{outside['http'].url}/api",
            "credential": TOKEN,
            "credentialHeader": "X-API-Key",
            "identifiers": [{"namespace": "email"}],
            "testPath": "/ping",
            "erasure": erasure,
            "access": access,
        },
    }
    outside["klaviyo"].reset(key=TOKEN, profiles=[{"id": "K1", "attributes": {"email": mail}}])
    outside["braze"].reset(key=TOKEN, users=[{"braze_id": "b1", "email": mail}])
    outside["http"].reset(key=TOKEN, users=[{"id": "c1", "email": mail}])
    for kind, values in settings.items():
        answer = desk.call("POST", "connectors", {"type": kind, "name": kind, "settings": values})
        assert answer.status == 201, answer.body
        tested = desk.call("POST", f"connectors/{answer.body['connectorId']}/test").body
        assert tested["ok"], tested
    return outside


# Setting up


def stored_secrets() -> list[str]:
    client = boto3.client("secretsmanager")
    names = [secret["Name"] for secret in client.list_secrets()["SecretList"]]
    return [name for name in names if name.startswith("handfast/test/connectors/")]


def test_the_types_say_what_to_set_and_which_settings_are_secret(desk: Desk) -> None:
    found = {kind["type"]: kind for kind in desk.call("GET", "/connector-types").body["items"]}
    assert list(found) == ["braze", "drop", "http", "klaviyo", "opendsr", "segment", "webhook"]
    properties = found["segment"]["settings"]["properties"]
    assert {name for name, setting in properties.items() if setting.get("writeOnly")} == {"accessToken", "accessSecret"}
    assert found["segment"]["limits"] == {"people": 1000, "callsPerMinute": 200, "peoplePerMonth": 110_000}


def test_a_connector_is_set_up_changed_and_removed_with_its_secrets(desk: Desk) -> None:
    made = desk.add("segment")
    sandbox = desk.member.sandbox.sandbox_id
    assert stored_secrets() == [f"handfast/test/connectors/{sandbox}/{made}"]
    answer = desk.call("GET", f"connectors/{made}")
    view = answer.body
    assert (view["secrets"], view["settings"]["workspace"]) == (["accessSecret", "accessToken"], "ws")
    assert {"accessToken", "accessSecret"}.isdisjoint(view["settings"])
    changed = desk.call(
        "PATCH",
        f"connectors/{made}",
        {"settings": {"regulation": "DELETE_ONLY", "accessToken": "other"}},
        headers={"If-Match": answer.headers["ETag"]},
    )
    assert (changed.status, changed.body["settings"]["regulation"]) == (200, "DELETE_ONLY")
    stored = connectors.connector(sandbox, made)
    assert stored
    assert connectors.secrets(stored) == {"accessToken": "other", "accessSecret": ACCESS}
    stale = desk.call("PATCH", f"connectors/{made}", {"name": "x"}, headers={"If-Match": answer.headers["ETag"]})
    assert stale.status == 412
    assert desk.call("PATCH", f"connectors/{made}", {"settings": {"regulation": None}}).body["settings"][
        "regulation"
    ] == ("SUPPRESS_WITH_DELETE")
    assert [connector["connectorId"] for connector in desk.call("GET", "connectors").body["items"]] == [made]
    assert desk.call("DELETE", f"connectors/{made}").status == 204
    assert desk.call("GET", f"connectors/{made}").status == desk.call("DELETE", f"connectors/{made}").status == 404
    assert stored_secrets() == []
    log = [record["type"] for record in journal.log(sandbox) if record["type"].startswith("connector.")]
    assert log == ["connector.added", "connector.changed", "connector.changed", "connector.removed"]


def test_settings_that_cannot_work_are_refused_with_their_places_and_without_their_values(desk: Desk) -> None:
    body = {"type": "webhook", "name": "Orders", "settings": {"url": "ftp://planted", "secret": "planted", "more": 1}}
    answer = desk.call("POST", "connectors", body)
    assert answer.status == 422
    assert {error["pointer"] for error in answer.body["errors"]} == {
        "/settings/url",
        "/settings/secret",
        "/settings/more",
    }
    assert "planted" not in json.dumps(answer.body)
    unknown = desk.call("POST", "connectors", body | {"type": "fax"})
    assert (unknown.status, unknown.body["errors"][0]["pointer"]) == (422, "/type")
    desk.patch.setenv("OUTBOUND_PRIVATE_NETWORKS", "refuse")
    for url in ("https://10.0.0.1/", "https://erasure.example:6379/"):
        private = desk.call("POST", "connectors", body | {"settings": {"url": url, "secret": SECRET}})
        assert [error["pointer"] for error in private.body["errors"]] == ["/settings/url"]
    assert stored_secrets() == []


def test_kept_secrets_do_not_go_to_a_new_address(desk: Desk) -> None:
    made = desk.add("segment")
    moved = {"domain": "https://elsewhere.example"}
    answer = desk.call("PATCH", f"connectors/{made}", {"settings": moved})
    assert (answer.status, [error["pointer"] for error in answer.body["errors"]]) == (422, ["/settings/domain"])
    again = moved | {"accessToken": "new", "accessSecret": "new"}
    assert desk.call("PATCH", f"connectors/{made}", {"settings": again}).status == 200


def moved_to(name: str) -> dict[str, Any]:
    """A change of a connector's address, with the secrets for it."""
    return {"settings": {"domain": f"https://{name}.example", "accessToken": name, "accessSecret": name}}


def at_and_with(desk: Desk, made: str) -> tuple[str, str]:
    """The address that a connector is called at by now, and the token with it."""
    found = connectors.connector(desk.member.sandbox.sandbox_id, made)
    assert found
    return found.settings["domain"], connectors.secrets(found)["accessToken"]


@pytest.mark.parametrize("seam", ["secrets", "settings"])
def test_a_change_that_dies_leaves_settings_with_their_own_secrets(desk: Desk, seam: str) -> None:
    made = desk.add("segment")
    for _ in range(3):
        with between_secrets(die) if seam == "secrets" else crash(at="connector.changed"):
            assert desk.call("PATCH", f"connectors/{made}", moved_to("second")).status == 500
    assert at_and_with(desk, made) == (desk.segment.url, TOKEN)
    assert desk.call("PATCH", f"connectors/{made}", moved_to("second")).status == 200
    assert at_and_with(desk, made) == ("https://second.example", "second")


@pytest.mark.parametrize("seam", ["secrets", "settings"])
def test_of_two_changes_at_once_one_is_made_as_a_whole(desk: Desk, seam: str) -> None:
    made = desk.add("segment")

    def other() -> Answer:
        return desk.call("PATCH", f"connectors/{made}", moved_to("second"))

    with between_secrets(other) if seam == "secrets" else meanwhile(other, at="connector.changed") as answers:
        lost = desk.call("PATCH", f"connectors/{made}", moved_to("third"))
    assert at_and_with(desk, made) == ("https://second.example", "second")
    assert (lost.status, answers[0].status) == (412, 200)


def test_a_change_of_what_is_deleted_meanwhile_is_stale(desk: Desk) -> None:
    made = desk.add("segment")
    with between_secrets(lambda: desk.call("DELETE", f"connectors/{made}")) as answers:
        lost = desk.call("PATCH", f"connectors/{made}", moved_to("second"))
    assert (lost.status, answers[0].status) == (412, 204)
    assert stored_secrets() == []


def test_secrets_of_before_versions_were_named_stay_until_a_change_is_whole(desk: Desk) -> None:
    made = desk.add("segment")
    old = connectors.connector(desk.member.sandbox.sandbox_id, made)
    assert old
    table.apply(connectors.put(replace(old, secrets_version=None), over=old))
    as_at_first = json.dumps(connectors.secrets(old))
    boto3.client("secretsmanager").put_secret_value(SecretId=stored_secrets()[0], SecretString=as_at_first)
    with crash(at="connector.changed"):
        assert desk.call("PATCH", f"connectors/{made}", moved_to("second")).status == 500
    assert at_and_with(desk, made) == (desk.segment.url, TOKEN)
    assert desk.call("PATCH", f"connectors/{made}", moved_to("second")).status == 200
    assert at_and_with(desk, made) == ("https://second.example", "second")


def test_a_sandbox_has_at_most_ten_connectors_and_no_secret_is_left_of_an_eleventh(desk: Desk) -> None:
    for _ in range(10):
        desk.add("webhook")
    body = {"type": "webhook", "name": "Eleventh", "settings": webhook_settings(desk.hooks)}
    assert desk.call("POST", "connectors", body).status == 409
    assert len(stored_secrets()) == 10
    assert desk.call("DELETE", f"connectors/{desk.made['webhook']}").status == 204
    assert desk.call("POST", "connectors", body).status == 201


def test_a_test_says_what_is_wrong_with_which_setting(desk: Desk) -> None:
    made = desk.add("segment")
    assert desk.call("POST", f"connectors/{made}/test").body["ok"] is True
    desk.call("PATCH", f"connectors/{made}", {"settings": {"accessSecret": "wrong"}})
    answer = desk.call("POST", f"connectors/{made}/test").body
    assert (answer["ok"], [check["name"] for check in answer["checks"] if not check["ok"]]) == (
        False,
        ["access_secret", "space"],
    )


# Erasures


def test_an_erasure_is_handed_over_signed_and_confirmed_when_the_systems_have_finished(desk: Desk) -> None:
    desk.add("webhook")
    desk.add("segment")
    preview = {"type": "erasure", "regulation": "gdpr", "verified": True, "subject": subject(ANN[1])}
    dry = desk.member.call(privacy, "POST", "privacy-requests", preview, query={"dryRun": "true"}).body
    assert sorted(dry["connectors"]) == ["segment", "webhook"]
    made = desk.erasure()
    desk.work()
    assert desk.states(made) == {"webhook": "confirmed", "segment": "sent"}
    assert desk.get(made)["status"] == "running"
    (told,) = desk.hooks.seen("POST /hooks")
    Verifier(SECRET).verify(told["body"].encode(), told["headers"])
    data = json.loads(told["body"])["data"]
    assert (data["requestId"], data["profileIds"]) == (made, ["1"])
    assert {named["namespace"] for named in data["identities"]} == {"Email_LC_SHA256", "Phone_SHA256_E.164"}
    done = {"overallStatus": "FINISHED", "streamStatus": [{"destinationStatus": [part("A", "FINISHED")]}]}
    desk.segment.set(regulations={"reg_0": done})
    desk.later(timedelta(minutes=5))
    desk.work()
    view = desk.get(made)
    assert (view["status"], view["result"]["connectors"], view["result"]["gaps"]) == ("completed", 2, 0)
    state = next(connector for connector in view["connectors"] if connector["name"] == "segment")
    assert (state["reference"], state["parts"]) == ("reg_0", [{"name": "A", "status": "confirmed"}])
    assert state["sentAt"] < state["confirmedAt"]
    answered = [record["detail"] for record in store.history(made) if record["type"].endswith("connector_answered")]
    assert [(detail["connector"], detail["connectorStatus"]) for detail in answered] == [
        ("webhook", "confirmed"),
        ("segment", "sent"),
        ("segment", "confirmed"),
    ]
    assert keys("subjects/") == []


def test_destinations_that_did_not_delete_are_gaps_by_name_until_they_have(desk: Desk) -> None:
    desk.add("segment")
    made = desk.erasure()
    desk.work()
    parts = [part("Braze", "FINISHED"), part("Facebook", "NOT_SUPPORTED"), part("Ads", "NOT_SUPPORTED")]
    desk.segment.set(regulations={"reg_0": {"overallStatus": "FAILED", "streamStatus": [{"destinationStatus": parts}]}})
    desk.later(timedelta(minutes=5))
    desk.work()
    view = desk.get(made)
    assert (view["status"], view["result"]["gaps"]) == ("completed_with_gaps", 2)
    (system,) = view["connectors"]
    assert system["detail"] == "not confirmed by Facebook (not supported), Ads (not supported)"
    last = [record["detail"] for record in store.history(made) if record["type"].endswith("connector_answered")][-1]
    assert last["gaps"] == ["Facebook", "Ads"]


def test_an_erasure_that_only_suppresses_is_a_gap(desk: Desk) -> None:
    desk.add("segment", regulation="SUPPRESS_ONLY")
    made = desk.erasure()
    desk.work()
    desk.segment.set(regulations={"reg_0": {"overallStatus": "FINISHED", "streamStatus": []}})
    desk.later(timedelta(minutes=5))
    desk.work()
    view = desk.get(made)
    assert (view["status"], view["connectors"][0]["status"]) == ("completed_with_gaps", "not_supported")
    assert "suppress only" in view["connectors"][0]["detail"]


def part(name: str, status: str) -> dict[str, str]:
    return {"name": name, "id": name, "status": status}


def test_a_person_unknown_here_is_handed_over_by_what_the_request_names(desk: Desk) -> None:
    desk.add("webhook")
    made = desk.erasure("nobody@example.com")
    desk.work()
    assert desk.states(made) == {"webhook": "absent"}
    data = json.loads(desk.hooks.seen("POST /hooks")[0]["body"])["data"]
    digest = hashlib.sha256(b"nobody@example.com").hexdigest()
    assert data["identities"] == [
        {"namespace": "Email_LC_SHA256", "value": digest, "format": "sha256"},
        {"namespace": "Email_LC_SHA256", "value": "nobody@example.com", "format": "raw"},
    ]
    assert desk.get(made)["status"] == "completed"


CLEO = "Cleo@Example.com"
SEG_77 = {
    "segment_id": "use_77",
    "external_ids": [{"type": "user_id", "id": "seg-77"}, {"type": "email", "id": CLEO.lower()}],
    "traits": {"plan": "silver"},
}


def digest_of(mail: str) -> dict[str, str]:
    return {"namespace": "email", "value": hashlib.sha256(mail.lower().encode()).hexdigest(), "format": "sha256"}


def test_a_person_whom_segment_knows_by_an_id_of_its_own_is_found_by_the_address_that_was_given(desk: Desk) -> None:
    desk.segment.set(profiles=[USER, SEG_77])
    desk.add("segment")
    made = desk.erasure(CLEO)
    (name,) = keys("subjects/")
    body = boto3.client("s3").get_object(Bucket="handfast-data", Key=name)["Body"].read().lower()
    assert CLEO.lower().encode() not in body
    desk.work()
    assert desk.states(made) == {"segment": "sent"}
    (sent,) = desk.segment.seen("POST /regulations")
    assert json.loads(sent["body"])["subjectIds"] == ["seg-77"]
    items = boto3.client("dynamodb").scan(TableName="privacy")["Items"]
    assert CLEO.lower() not in json.dumps([items, desk.get(made)], default=str).lower()


def test_a_system_that_could_not_be_asked_is_a_gap_and_never_absent(desk: Desk) -> None:
    desk.segment.set(profiles=[USER, SEG_77])
    desk.add("segment")
    made = desk.requested("erasure", digest_of(CLEO))
    desk.work()
    view = desk.get(made)
    assert (view["status"], view["result"]["gaps"], desk.states(made)) == (
        "completed_with_gaps",
        1,
        {"segment": "not_supported"},
    )
    assert view["connectors"][0]["detail"].startswith("it was not asked: ")
    assert desk.segment.seen() == []


def test_a_package_says_which_system_was_not_asked_and_why(desk: Desk) -> None:
    desk.segment.set(profiles=[USER, SEG_77])
    desk.add("segment")
    asked, unasked = desk.requested("access", subject(CLEO)["identities"][0]), desk.requested("access", digest_of(CLEO))
    desk.work()
    assert desk.states(asked) == {"segment": "confirmed"}
    assert {"collection": "traits", "data": {"plan": "silver"}} in opened(desk.member, asked)[0]["systems"][0][
        "records"
    ]
    data, page = opened(desk.member, unasked)
    assert (data["systems"][0]["status"], data["systems"][0]["records"]) == ("not_supported", [])
    assert data["systems"][0]["reason"].startswith("it was not asked: ")
    assert "It was not asked: " in page
    assert "It holds nothing of you" not in page
    assert desk.get(unasked)["status"] == "completed_with_gaps"


def test_an_erasure_ends_when_each_system_no_longer_has_the_person(desk: Desk, marketing: dict[str, Running]) -> None:
    made = desk.erasure(CLEO)
    desk.work()
    assert desk.states(made) == dict.fromkeys(marketing, "sent")
    assert desk.get(made)["status"] == "running"
    marketing["klaviyo"].set(profiles=[])
    marketing["braze"].set(users=[])
    marketing["http"].set(jobs={"j0": "done"})
    desk.later(timedelta(minutes=5))
    assert desk.states(made) == dict.fromkeys(marketing, "confirmed")
    assert desk.get(made)["status"] == "completed"
    items = boto3.client("dynamodb").scan(TableName="privacy")["Items"]
    kept = json.dumps([items, desk.get(made)], default=str).lower()
    assert CLEO.lower() not in kept
    assert TOKEN not in kept


def test_a_package_holds_what_each_system_answers(desk: Desk, marketing: dict[str, Running]) -> None:
    made = desk.requested("access", subject(CLEO)["identities"][0])
    desk.work()
    data, page = opened(desk.member, made)
    found = {system["name"]: system["records"][0] for system in data["systems"]}
    mail = CLEO.lower()
    assert found == {
        "klaviyo": {"collection": "profiles", "data": {"id": "K1", "email": mail}},
        "braze": {"collection": "users", "data": {"braze_id": "b1", "email": mail}},
        "http": {"collection": "users", "data": {"id": "c1", "email": mail}},
    }
    assert "K1" in page


@pytest.mark.parametrize(
    ("asked", "lifted"), [({"type": "opt_out"}, {"type": "opt_in"}), ({"share": "n"}, {"share": "y"})], ids=str
)
def test_an_opt_out_reaches_the_systems_and_an_opt_in_lifts_it_there(
    desk: Desk, asked: dict[str, str], lifted: dict[str, str]
) -> None:
    desk.add("webhook")
    desk.add("segment")
    done = {"overallStatus": "FINISHED", "streamStatus": []}
    for number, (members, kind, regulation) in enumerate(
        [(asked, "opt_out", "SUPPRESS_ONLY"), (lifted, "opt_in", "UNSUPPRESS")]
    ):
        made = desk.requested(members.get("type", "consent"), *subject(ANN[1])["identities"], **members)
        desk.work()
        assert desk.states(made) == {"webhook": "confirmed", "segment": "sent"}
        assert json.loads(desk.hooks.seen("POST /hooks")[-1]["body"])["type"] == f"privacy_request.{kind}"
        sent = json.loads(desk.segment.seen("POST /regulations")[-1]["body"])
        assert (sent["regulationType"], sent["subjectIds"]) == (regulation, ["1"])
        desk.segment.set(regulations={f"reg_{number}": done, **({"reg_0": done} if number else {})})
        desk.hooks.set(careless=True)
        desk.later(timedelta(minutes=5))
        desk.work()
        assert desk.get(made)["status"] == "completed"


def test_an_opt_in_after_an_erasure_lifts_nothing_outside(desk: Desk) -> None:
    desk.add("webhook")
    desk.erasure()
    desk.work()
    made = desk.requested("opt_in", *subject(ANN[1])["identities"])
    desk.work()
    assert (desk.states(made), len(desk.hooks.seen("POST /hooks"))) == ({}, 1)


@pytest.mark.parametrize(
    ("kind", "members", "told"),
    [
        ("consent", {"share": "y"}, 0),
        ("consent", {"share": "n"}, 0),
        ("opt_out", {}, 0),
        ("objection", {}, 0),
        ("restriction", {}, 0),
        ("erasure", {"scope": "delivered"}, 0),
        ("erasure", {"scope": "everything"}, 1),
    ],
)
def test_a_partners_answer_is_none_for_the_systems_of_this_side(
    desk: Desk, kind: PrivacyType, members: dict[str, Any], told: int
) -> None:
    desk.add("webhook")
    sandbox_id, now = desk.member.sandbox.sandbox_id, clock.now_text()
    partner = PartnerRef("sbx_9", "Organization B", "sandbox b")
    origin, stages = Origin("prq_0", partner, "prq_0"), rules.stages_of(kind)
    request = PrivacyRequest(sandbox_id, "prq_1", kind, "gdpr", "running", now, now, origin, stages, **members)
    step = Step(None, request, "received", Actor.system(), {}, announced=False)
    (written,) = store.save(step)
    connector_stages.create_tasks(sandbox_id, [Job(written, Subject({identity("email", ANN[1]): 1}))])
    assert len(task_store.tasks(sandbox_id, "prq_1")) == told


def test_nobody_is_asked_about_a_person_of_whom_only_keys_are_known(desk: Desk) -> None:
    desk.add("webhook")
    desk.add("segment")
    made = desk.requested("erasure", digest_of(CLEO))
    subject_store.put(desk.member.sandbox.sandbox_id, made, Subject({identity("email", CLEO): 1}))  # as of a partner
    read = desk.requested("access", digest_of(CLEO))
    subject_store.put(desk.member.sandbox.sandbox_id, read, Subject({identity("email", CLEO): 1}))
    desk.work()
    assert desk.states(made) == desk.states(read) == {"webhook": "not_supported", "segment": "not_supported"}
    assert desk.hooks.seen("POST /hooks") == desk.segment.seen() == []


TABLET = "6d92078a-8246-4ba4-ae5b-76104861e7dc"


def test_what_only_a_shared_device_leads_to_goes_to_no_system(desk: Desk) -> None:
    columns = [COLUMNS[0], COLUMNS[1], {"column": "gaid", "as": "identity", "namespace": "GAID"}]
    rows = f"id,mail,gaid\n1,{ANN[1]},{TABLET}\n2,{BOB[1]},{TABLET}\n"
    ingested(desk.world, desk.member, rows.encode(), columns=columns)
    bob = {
        "segment_id": "use_2",
        "external_ids": [{"type": "user_id", "id": "2"}, {"type": "android.idfa", "id": TABLET}],
    }
    desk.segment.set(profiles=[USER, bob])
    desk.add("webhook")
    desk.add("segment")
    device = {"namespace": "GAID", "value": TABLET, "format": "raw"}
    desk.requested("erasure", *subject(ANN[1])["identities"], device)
    desk.work()
    (sent,) = desk.segment.seen("POST /regulations")
    assert json.loads(sent["body"])["subjectIds"] == ["1"]
    (told,) = desk.hooks.seen("POST /hooks")
    assert json.loads(told["body"])["data"]["profileIds"] == ["1"]
    assert digest_of(BOB[1])["value"] not in told["body"]
    assert TABLET in told["body"]


def test_many_people_are_one_call_and_one_question(desk: Desk) -> None:
    desk.segment.set(profiles=[USER, {**USER, "segment_id": "use_2", "external_ids": [{"type": "user_id", "id": "2"}]}])
    desk.add("segment")
    made = [desk.erasure(), desk.erasure(BOB[1])]
    desk.work()
    (sent,) = desk.segment.seen("POST /regulations")
    assert sorted(json.loads(sent["body"])["subjectIds"]) == ["1", "2"]
    asked = len(desk.segment.seen("GET /regulations/"))
    desk.later(timedelta(minutes=10))
    assert len(desk.segment.seen("GET /regulations/")) - asked <= 2
    assert [desk.states(request_id) for request_id in made] == [{"segment": "sent"}] * 2


def test_a_system_that_is_down_holds_nothing_up_and_hears_of_it_when_it_is_back(desk: Desk) -> None:
    desk.add("webhook")
    desk.hooks.set(careless=True)  # it knows the real time, and ours is moved
    desk.hooks.fault("POST /hooks", 503, times=1000)
    made = desk.erasure()
    desk.work()
    view = desk.get(made)
    assert [stage["status"] for stage in view["stages"] if stage["name"] in {"apply", "withdraw"}] == ["done", "done"]
    assert (view["connectors"][0]["status"], view["connectors"][0]["sentAt"]) == ("pending", None)
    assert len(keys("subjects/")) == 1
    for _ in range(2):
        desk.later(timedelta(hours=1, minutes=1))
        desk.work(3)
    assert desk.get(made)["status"] == "running"
    desk.is_back()
    desk.later(timedelta(hours=2))
    view = desk.get(made)
    assert (view["status"], view["result"]["gaps"], desk.states(made)) == ("completed", 0, {"webhook": "confirmed"})
    assert json.loads(desk.hooks.seen("POST /hooks")[-1]["body"])["data"]["profileIds"] == ["1"]
    assert keys("subjects/") == []


def test_one_refusal_hides_no_others_success_and_is_repeated_on_request(desk: Desk) -> None:
    desk.add("webhook")
    desk.add("segment")
    desk.hooks.set(careless=True, verdict={"status": "refused", "reason": "legal_hold"})
    done = {"overallStatus": "FINISHED", "streamStatus": []}
    made = desk.erasure()
    desk.work()
    desk.segment.set(regulations={"reg_0": done})
    desk.later(timedelta(minutes=1))
    desk.work()
    view = desk.get(made)
    assert (view["status"], desk.states(made)) == (
        "completed_with_gaps",
        {"webhook": "refused", "segment": "confirmed"},
    )
    assert view["connectors"][0]["detail"] == "legal_hold"
    desk.hooks.set(verdict={"status": "completed"})
    assert desk.member.call(privacy, "POST", f"privacy-requests/{made}/retry").status == 200
    desk.work()
    assert desk.get(made)["status"] == "completed"
    assert len(desk.segment.seen("POST /regulations")) == 1
    assert [told["headers"]["webhook-id"] for told in desk.hooks.seen("POST /hooks")] == [
        f"{made}-erasure",
        f"{made}-erasure-1",
    ]


def test_a_system_that_refused_to_be_read_is_asked_anew_by_a_retry(desk: Desk) -> None:
    desk.add("webhook")
    desk.hooks.set(verdict={"status": "refused"})
    made = desk.requested("access", *subject(ANN[1])["identities"])
    desk.work()
    for verdict in ({"status": "refused"}, {"status": "completed", "records": []}):
        assert desk.states(made) == {"webhook": "refused"}
        desk.hooks.set(verdict=verdict)
        assert desk.member.call(privacy, "POST", f"privacy-requests/{made}/retry").status == 200
        desk.work()
    assert desk.states(made) == {"webhook": "confirmed"}
    assert [told["headers"]["webhook-id"] for told in desk.hooks.seen("POST /hooks")] == [
        f"{made}-access{again}" for again in ("", "-1", "-2")
    ]


def test_while_a_partner_is_waited_for_what_failed_is_tried_again_and_values_go(desk: Desk) -> None:
    desk.add("webhook")
    desk.hooks.set(verdict={"status": "refused"})
    made, sandbox_id = desk.erasure(), desk.member.sandbox.sandbox_id
    partner = PartnerRef("sbx_9", "Organization B", "sandbox b")
    table.transact(recipient_store.put_recipient(sandbox_id, made, Recipient(partner.key, partner, status="sent")))
    desk.work()
    assert (desk.get(made)["status"], desk.states(made)) == ("running", {"webhook": "refused"})
    kept = subject_store.get(sandbox_id, made)
    assert kept is not None
    assert list(kept.clear.values()) == [(ANN[1],)]
    desk.hooks.set(verdict={"status": "completed"})
    assert desk.member.call(privacy, "POST", f"privacy-requests/{made}/retry").status == 200
    desk.work()
    assert (desk.get(made)["status"], desk.states(made)) == ("running", {"webhook": "confirmed"})
    kept = subject_store.get(sandbox_id, made)
    assert kept is not None
    assert (kept.values, kept.clear, identity("email", ANN[1]) in kept.identities) == ({}, {}, True)
    assert desk.member.call(privacy, "POST", f"privacy-requests/{made}/retry").status == 409


def test_what_cannot_be_repeated_is_not_said_to_be(desk: Desk) -> None:
    desk.add("segment")
    made = desk.requested("erasure", digest_of(CLEO))
    desk.work()
    answer = desk.member.call(privacy, "POST", f"privacy-requests/{made}/retry")
    assert (answer.status, desk.get(made)["status"]) == (409, "completed_with_gaps")
    assert "none of its gaps" in answer.body["detail"]


def test_what_a_repeat_needs_is_kept_encrypted_and_not_for_ever(desk: Desk) -> None:
    desk.add("webhook")
    desk.hooks.set(careless=True, verdict={"status": "refused", "reason": "legal_hold"})
    made = desk.erasure()
    desk.work()
    (name,) = keys("subjects/")
    text = boto3.client("s3").get_object(Bucket="handfast-data", Key=name)["Body"].read().decode()
    kept = subject_store.get(desk.member.sandbox.sandbox_id, made)
    assert kept is not None
    assert identity("email", ANN[1]) in kept.values
    assert all(value.hex() not in text for value in kept.values.values())
    desk.later(timedelta(days=30, hours=1))
    assert keys("subjects/") == []
    assert (desk.get(made)["status"], desk.states(made)) == ("completed_with_gaps", {"webhook": "refused"})


def test_a_system_unreachable_for_a_week_has_failed_and_a_retry_tries_it_again(desk: Desk) -> None:
    desk.add("webhook")
    desk.hooks.set(careless=True)
    desk.hooks.fault("POST /hooks", 503, times=1000)
    made = desk.erasure()
    desk.work(2)
    for ahead in (timedelta(hours=2), timedelta(days=7)):
        desk.later(ahead)
    assert desk.states(made) == {"webhook": "failed"}
    assert "503" in desk.get(made)["connectors"][0]["detail"]
    desk.is_back()
    desk.work()
    assert desk.get(made)["status"] == "completed_with_gaps"
    assert desk.member.call(privacy, "POST", f"privacy-requests/{made}/retry").status == 200
    desk.work()
    assert (desk.get(made)["status"], desk.states(made)) == ("completed", {"webhook": "confirmed"})


def test_what_a_system_has_no_call_for_is_done_there_by_hand_and_closes_the_gap(desk: Desk) -> None:
    connector = desk.add("webhook")
    made = desk.requested("rectification", *subject(ANN[1])["identities"], note="the family name")
    desk.work()
    assert (desk.get(made)["stages"][-2]["status"], desk.states(made)) == ("running", {"webhook": "not_supported"})
    assert desk.done_by_hand(made).status == 200
    desk.work()
    assert (desk.get(made)["answer"], desk.hooks.seen()) == ("partial", [])
    done = desk.done_by_hand(made, connectorId=connector)
    assert (done.body["status"], done.body["answer"]) == ("completed", "fulfilled")
    (system,) = done.body["connectors"]
    assert (system["status"], system["detail"]) == ("confirmed", "done by hand: spelt anew")
    assert desk.done_by_hand(made, connectorId=connector).status == 409


def test_a_deletion_that_a_system_has_refused_is_done_there_by_hand(desk: Desk) -> None:
    connector = desk.add("webhook")
    desk.hooks.set(verdict={"status": "refused"})
    made = desk.erasure()
    desk.work()
    assert desk.get(made)["status"] == "completed_with_gaps"
    assert desk.done_by_hand(made, connectorId=connector).body["status"] == "completed"
    assert subject_store.get(desk.member.sandbox.sandbox_id, made) is None
    last = store.history(made)[-1]
    assert (last["type"], last["detail"]["note"]) == ("privacy_request.done_by_hand", "spelt anew")
    refused = desk.done_by_hand(made, connectorId=connector, note="wrote to ann@example.com")
    assert refused.status == 422


@pytest.mark.parametrize("kind", ["objection", "restriction"])
def test_an_objection_and_a_restriction_have_systems_use_no_more_of_the_person(desk: Desk, kind: str) -> None:
    desk.add("webhook")
    made = desk.requested(kind, *subject(ANN[1])["identities"])
    desk.work()
    assert desk.states(made) == {"webhook": "confirmed"}
    assert [json.loads(asked["body"])["type"] for asked in desk.hooks.seen()] == ["privacy_request.opt_out"]


def test_a_removed_connector_ends_what_waits_for_it_with_a_reason(desk: Desk) -> None:
    made_connector = desk.add("segment")
    made = desk.erasure()
    desk.work()
    assert desk.states(made) == {"segment": "sent"}
    assert desk.call("DELETE", f"connectors/{made_connector}").status == 204
    desk.later(timedelta(hours=2))
    desk.work()
    view = desk.get(made)
    assert (view["status"], view["connectors"][0]["status"]) == ("completed_with_gaps", "failed")
    assert view["connectors"][0]["detail"] == "the connector was removed before the system had confirmed"


def test_a_month_without_quota_and_a_minute_without_calls_are_waited_for(desk: Desk) -> None:
    desk.add("segment")
    desk.patch.setattr(Segment, "limits", Limits(1, 1, calls_per_person=False, people_per_month=2))
    desk.segment.set(profiles=[USER, {**USER, "segment_id": "use_2", "external_ids": [{"type": "user_id", "id": "2"}]}])
    made = [desk.erasure(), desk.erasure(BOB[1])]
    desk.work(1)
    assert sorted(desk.states(request_id)["segment"] for request_id in made) == ["pending", "sent"]
    desk.patch.setattr(Segment, "limits", Limits(1, 100, calls_per_person=False, people_per_month=1))
    desk.later(timedelta(minutes=1))
    waiting = [
        connector
        for request_id in made
        for connector in desk.get(request_id)["connectors"]
        if connector["status"] == "pending"
    ]
    assert [connector["detail"] for connector in waiting] == [
        "the system takes 1 people a month, which are spent; it goes on next month"
    ]
    desk.later(timedelta(days=32))
    assert [desk.states(request_id)["segment"] for request_id in made] == ["sent", "sent"]


def test_no_secret_and_no_address_of_a_status_leaves_by_any_way(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    desk.add("webhook")
    desk.add("segment")
    desk.hooks.set(later=True)
    made = desk.erasure()
    desk.work()
    assert desk.states(made) == {"webhook": "sent", "segment": "sent"}
    view = next(connector for connector in desk.get(made)["connectors"] if connector["name"] == "webhook")
    assert view["reference"] is None
    tasks = table.query("PRIVACY_TABLE", f"SBX#{desk.member.sandbox.sandbox_id}", f"TASK#{made}#")
    assert any("/hooks/status/" in task["deletions"][0]["reference"] for task in tasks)
    items = boto3.client("dynamodb").scan(TableName="privacy")["Items"]
    log = list(journal.log(desk.member.sandbox.sandbox_id))
    shown = [desk.get(made), desk.call("GET", "connectors").body, store.history(made), log]
    for secret in (SECRET, TOKEN, ACCESS):
        assert secret not in json.dumps([items, shown], default=str)
    out = capfd.readouterr()
    for text in (SECRET, TOKEN, ACCESS, "/hooks/status/", ANN[1]):
        assert text not in out.out + out.err
    assert "/hooks/status/" not in json.dumps(shown, default=str)


def test_a_worker_leaves_tasks_alone_that_another_attends_to(desk: Desk) -> None:
    desk.add("webhook")
    made = desk.erasure()
    with task_store.attending(desk.member.sandbox.sandbox_id, clock.now()) as alone:
        assert alone
        desk.work(2)
        assert desk.states(made) == {"webhook": "pending"}
    desk.work(1)
    assert desk.states(made) == {"webhook": "confirmed"}


# Access


def test_what_the_systems_hold_is_read_and_one_that_fails_says_why(desk: Desk) -> None:
    desk.add("webhook")
    desk.add("segment")
    request = PrivacyRequest(
        desk.member.sandbox.sandbox_id,
        "prq_1",
        "access",
        "gdpr",
        "running",
        clock.now_text(),
        clock.now_text(),
        Origin("prq_1"),
        (),
    )
    job = Job(request, Subject({identity("email", ANN[1]): 1}, frozenset({"1"})))
    found = {answer.name: answer for answer in connector_access.answers_of(request.sandbox_id, job)}
    assert {answer.status for answer in found.values()} == {"read"}
    assert [record.data for record in found["webhook"].records] == [{"number": 7}]
    assert {"traits", "external_ids", "notes"} <= {record.collection for record in found["segment"].records}
    desk.hooks.set(later=True)
    desk.segment.set(secret="changed")
    found = {answer.name: answer for answer in connector_access.answers_of(request.sandbox_id, job)}
    assert {name: answer.status for name, answer in found.items()} == {"webhook": "pending", "segment": "failed"}


def test_a_secret_that_is_gone_is_a_failure_of_that_connector_alone(desk: Desk) -> None:
    desk.add("webhook")
    desk.add("segment")
    client = boto3.client("secretsmanager")
    client.delete_secret(SecretId=stored_secrets()[0], ForceDeleteWithoutRecovery=True)
    made = desk.erasure()
    desk.work()
    assert desk.states(made) == {"webhook": "pending", "segment": "sent"}


# The last word


def opposed(desk: Desk, *kinds: str) -> list[str]:
    """Requests about Cleo, one after the other, each of a type."""
    return [desk.requested(kind, *subject(CLEO)["identities"]) for kind in kinds]


def braze_alone(desk: Desk, at: Running) -> None:
    at.reset(key=TOKEN, users=[{"braze_id": "b1", "email": CLEO.lower()}])
    body = {"type": "braze", "name": "braze", "settings": {"domain": at.url, "apiKey": TOKEN}}
    assert desk.call("POST", "connectors", body).status == 201


def last_change(at: Running) -> str:
    return str(at.state()["changes"][-1]["email_subscribe"])


@pytest.mark.parametrize("was_done", [True, False])
def test_an_opt_out_that_an_opt_in_follows_ends_as_braze_tells(
    desk: Desk, outside: dict[str, Running], was_done: bool
) -> None:
    braze = outside["braze"]
    braze_alone(desk, braze)
    (out,) = opposed(desk, "opt_out")
    desk.work()
    assert desk.states(out) == {"braze": "sent"}
    user = braze.state()["users"][0]
    if was_done:  # but Braze was not asked since
        braze.set(users=[user | braze.state()["changes"][-1]])
    (back,) = opposed(desk, "opt_in")
    desk.work()
    assert desk.states(out) == {"braze": "confirmed" if was_done else "superseded"}
    view = desk.get(out)
    assert (view["status"], view["result"]["gaps"]) == ("completed", 0)
    assert was_done or view["connectors"][0]["detail"].startswith("a later request of the same person")
    assert (view["connectors"][0]["confirmedAt"] is not None) is was_done
    assert last_change(braze) == "subscribed"
    braze.set(users=[user | braze.state()["changes"][-1]])
    desk.later(timedelta(minutes=5))
    desk.work()
    assert (desk.get(back)["status"], desk.states(back)) == ("completed", {"braze": "confirmed"})


def test_what_waits_for_a_system_that_is_down_is_not_sent_after_the_opposite(
    desk: Desk, outside: dict[str, Running]
) -> None:
    braze = outside["braze"]
    braze_alone(desk, braze)
    braze.fault("export", 503, times=99)
    (out,) = opposed(desk, "opt_out")
    desk.work(2)
    assert desk.states(out) == {"braze": "pending"}
    (back,) = opposed(desk, "opt_in")
    desk.work(2)
    braze.reset(key=TOKEN, users=[{"braze_id": "b1", "email": CLEO.lower()}])
    for _ in range(2):
        desk.later(timedelta(hours=1))
        desk.work()
    assert (desk.states(out), desk.states(back)) == ({"braze": "superseded"}, {"braze": "confirmed"})
    assert [change["email_subscribe"] for change in braze.state()["changes"]] == ["subscribed"]
    assert desk.get(out)["status"] == "completed"


def test_an_opt_in_of_one_address_waits_for_the_opt_out_of_two(desk: Desk, outside: dict[str, Running]) -> None:
    braze = outside["braze"]
    braze_alone(desk, braze)
    braze.fault("export", 503, times=99)
    out = desk.requested("opt_out", *subject(CLEO, "cleo@other.example")["identities"])
    desk.work(2)
    (back,) = opposed(desk, "opt_in")
    desk.work(2)
    (waiting,) = desk.get(back)["connectors"]
    assert waiting["status"] == "pending"
    assert "an earlier request of the same person" in waiting["detail"]
    braze.reset(key=TOKEN, users=[{"braze_id": "b1", "email": CLEO.lower()}])
    for _ in range(4):
        desk.later(timedelta(hours=1))
        desk.work()
    assert [change["email_subscribe"] for change in braze.state()["changes"]] == ["unsubscribed", "subscribed"]
    assert (desk.states(out), desk.states(back)) == ({"braze": "superseded"}, {"braze": "confirmed"})


def test_an_opt_in_at_klaviyo_waits_for_what_was_suppressed_before(desk: Desk, outside: dict[str, Running]) -> None:
    klaviyo = outside["klaviyo"]
    klaviyo.reset(key=TOKEN, profiles=[{"id": "K1", "attributes": {"email": CLEO.lower()}}])
    body = {"type": "klaviyo", "name": "klaviyo", "settings": {"domain": klaviyo.url, "apiKey": TOKEN}}
    assert desk.call("POST", "connectors", body).status == 201
    (out,) = opposed(desk, "opt_out")
    desk.work()
    assert desk.states(out) == {"klaviyo": "sent"}
    (back,) = opposed(desk, "opt_in")
    desk.work()
    assert desk.states(back) == {"klaviyo": "pending"}
    suppressed = {"email": {"marketing": {"suppression": [{"reason": "USER_SUPPRESSED"}]}}}
    profile = {"id": "K1", "attributes": {"email": CLEO.lower(), "subscriptions": suppressed}}
    klaviyo.set(profiles=[profile], jobs={"01JOB0": {"status": "complete", "skipped_count": 0}})
    for _ in range(2):
        desk.later(timedelta(hours=1))
        desk.work()
    assert (desk.states(out), desk.states(back)) == ({"klaviyo": "confirmed"}, {"klaviyo": "sent"})
    assert len(klaviyo.seen("POST /api/profile-suppression-bulk-delete-jobs")) == 1
