"""Destinations from their set-up to their end: what they may be given, and what of their secrets is used when."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from pydantic import ValidationError

from functions.access import app as access
from functions.delivery import app as delivery
from functions.destinations import app as api
from functions.feeds import app as feeds
from functions.governance import app as governance
from functions.segment_export import app as export
from functions.segments import app as segments
from handfast.dataflows import runs, store
from handfast.destinations import accounts, ending
from handfast.destinations import store as destinations
from handfast.governance import export_controls
from handfast.journal import store as journal
from handfast.lake import people_counts
from handfast.platform import clock, table
from tests.worlds.endpoints import emptied, with_readers
from tests.worlds.faults import between_secrets, crash, die, meanwhile
from tests.worlds.receiver import Receiver
from tests.worlds.sandboxes import Answer, Member, World
from tests.worlds.sharing import pointers, segment
from tests.worlds.uploads import COLUMNS, PEOPLE, handled, ingested

PERMISSIONS = ["destinations:activate", "destinations:read"]
IN_READERS = [{**column} for column in COLUMNS]


class Desk:
    """A sandbox with two people, of whom one has consented, in a segment; beside an endpoint."""

    def __init__(self, world: World, member: Member, readers: str, endpoint: Receiver) -> None:
        self.world, self.member, self.readers, self.endpoint = world, member, readers, endpoint

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        return self.member.call(api, method, path, body, **more)

    def made(self, **changes: Any) -> str:
        """Set up a destination; returns its id."""
        body = {"type": "http", "name": "Warehouse", "settings": {"url": self.endpoint.url}, "authentication": {}}
        answer = self.call("POST", "destinations", body | changes)
        assert answer.status == 201, answer.body
        return str(answer.body["destinationId"])

    def body(self, *segment_ids: str, **changes: Any) -> dict[str, Any]:
        ids = segment_ids or (self.readers,)
        mapping = [{"source": "email", "target": "email_lc_sha256"}]
        return {"segments": [{"segmentId": each} for each in ids], "mapping": mapping} | changes

    def activated(self, destination: str, *segment_ids: str, **changes: Any) -> Any:
        answer = self.call("POST", f"destinations/{destination}/activations", self.body(*segment_ids, **changes))
        assert answer.status == 201, answer.body
        return answer.body

    def export(self) -> None:
        """Do what waits in the export queue."""
        while messages := self.world.messages("EXPORT_QUEUE_URL"):
            for message in messages:
                assert handled(export.handler, message)

    def deliver(self) -> None:
        """Do what waits in the delivery queue, once each."""
        for message in self.world.messages("DELIVERY_QUEUE_URL"):
            assert handled(delivery.handler, message)

    def held(self, dataflow: str) -> int:
        self.export()
        return runs.delivered(dataflow)

    def events(self) -> list[str]:
        found = journal.log(self.member.sandbox.sandbox_id)
        return [record["type"] for record in found if record["type"].startswith("destination.")]


@pytest.fixture
def desk(stores: None, endpoint: Receiver, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    return Desk(*with_readers(), emptied(endpoint))


def kept() -> str:
    """What is kept of destinations' secrets in the versions that they name."""
    items = [item for item in table.scan("DESTINATIONS_TABLE") if item.get("secretsVersion")]
    names = {f"handfast/test/destinations/{item['sandboxId']}/{item['destinationId']}": item for item in items}
    read = boto3.client("secretsmanager").get_secret_value
    return " ".join(read(SecretId=name, VersionId=of["secretsVersion"])["SecretString"] for name, of in names.items())


# Types


def test_types_tell_what_they_take_and_mark_their_secrets(desk: Desk) -> None:
    listed = {each["type"]: each for each in desk.call("GET", "/destination-types").body["items"]}
    assert {"http", "experience-cloud-audiences", "pinterest", "linkedin", "snap", "tiktok"} <= listed.keys()
    card = listed["http"]
    assert card["authenticationSchema"]["properties"]["bearerToken"]["anyOf"][0]["writeOnly"]
    assert card["limits"] == {"pairsPerCall": 1000, "callsPerSecond": 100}
    assert desk.call("GET", "/destination-types/http").body == card
    unknown = desk.call("GET", "/destination-types/carrier-pigeon")
    assert (unknown.status, unknown.body["known"]) == (404, sorted(listed))


# Setting up


def test_secrets_are_kept_apart_and_never_shown(desk: Desk) -> None:
    destination = desk.made(authentication={"kind": "bearer", "bearerToken": "planted-token"})
    answer = desk.call("GET", f"destinations/{destination}")
    assert (answer.body["secrets"], answer.body["secretNames"]) == ("set", ["bearerToken"])
    assert "planted-token" not in json.dumps(answer.body)
    assert "planted-token" in kept()
    assert desk.call("GET", "destinations").body["items"] == [answer.body]
    assert desk.events() == ["destination.created"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"type": "carrier-pigeon"}, "/type"),
        ({"credentialsExpireAt": "9999-12-31T23:59:59-23:59"}, "/credentialsExpireAt"),
        ({"settings": {}}, "/settings/url"),
        ({"settings": {"url": "ftp://files.example"}}, "/settings/url"),
        ({"settings": {"url": "https://one.example", "headers": {"Authorization": "me"}}}, "/settings/headers"),
        ({"authentication": {"kind": "bearer"}}, "/authentication"),
        ({"authentication": {"kind": "none", "bearerToken": "x"}}, "/authentication"),
        ({"authentication": {"kind": "signed", "signingSecret": "whsec_short"}}, "/authentication/signingSecret"),
        ({"type": "experience-cloud-audiences", "authentication": {"bearerToken": "x"}}, "/accountId"),
    ],
)
def test_what_cannot_work_is_refused_where_it_stands(desk: Desk, changes: Any, pointer: str) -> None:
    body = {"type": "http", "name": "Warehouse", "settings": {"url": "https://one.example"}, "authentication": {}}
    answer = desk.call("POST", "destinations", body | changes)
    assert answer.status == 422, answer.body
    assert pointers(answer) == [pointer]
    assert kept() == ""


def test_kept_secrets_go_to_no_other_address(desk: Desk) -> None:
    destination = desk.made(authentication={"kind": "bearer", "bearerToken": "planted-token"})
    elsewhere = {"settings": {"url": "https://elsewhere.example"}}
    refused = desk.call("PATCH", f"destinations/{destination}", elsewhere)
    assert (refused.status, pointers(refused)) == (422, ["/settings/url"])
    given = elsewhere | {"authentication": {"bearerToken": "another"}}
    assert desk.call("PATCH", f"destinations/{destination}", given).status == 200


def test_a_stale_change_and_one_that_sets_nothing_to_null_are_refused(desk: Desk) -> None:
    destination = desk.made()
    etag = desk.call("GET", f"destinations/{destination}").headers["ETag"]
    path, stale = f"destinations/{destination}", {"If-Match": etag}
    assert desk.call("PATCH", path, {"name": "Lake"}, headers=stale).status == 200
    assert desk.call("PATCH", path, {"name": "Sea"}, headers=stale).status == 412
    assert desk.call("PATCH", path, {"name": None}).status == 422


def test_former_secrets_are_used_until_a_test_has_accepted_the_new_ones(desk: Desk) -> None:
    destination = desk.made(authentication={"kind": "bearer", "bearerToken": "first"})
    flow = store.dataflow(desk.activated(destination)["dataflowId"])
    assert flow

    def token() -> str:
        sending = accounts.sending(flow)
        assert sending
        return str(sending.account.authentication.bearer_token.get_secret_value())

    changed = desk.call("PATCH", f"destinations/{destination}", {"authentication": {"bearerToken": "second"}})
    assert changed.body["formerSecretsUntil"]
    assert token() == "first"
    desk.endpoint.answers = [(401, {})]
    assert not desk.call("POST", f"destinations/{destination}/test").body["ok"]
    assert token() == "first"
    desk.endpoint.answers = [(204, {})]
    assert desk.call("POST", f"destinations/{destination}/test").body["ok"]
    assert token() == "second"
    assert "first" not in kept()
    assert desk.endpoint.got[-1][1]["authorization"] == "Bearer second"
    assert desk.call("GET", f"destinations/{destination}").body["formerSecretsUntil"] is None


def test_a_new_secret_that_was_wrong_and_is_corrected_leaves_the_former_one_in_use(desk: Desk) -> None:
    destination = desk.made(authentication={"kind": "bearer", "bearerToken": "first"})
    for token in ("a-typing-error", "second"):
        changed = desk.call("PATCH", f"destinations/{destination}", {"authentication": {"bearerToken": token}})
        assert changed.body["formerSecretsUntil"]
    assert bearer(desk, destination) == "first"
    assert "a-typing-error" not in kept()


def test_former_secrets_go_to_no_new_address(desk: Desk) -> None:
    destination = desk.made(authentication={"kind": "bearer", "bearerToken": "planted-token"})
    elsewhere = {"url": f"{desk.endpoint.url}&to=elsewhere"}
    given = {"settings": elsewhere, "authentication": {"bearerToken": "another"}}
    changed = desk.call("PATCH", f"destinations/{destination}", given)
    assert (changed.status, changed.body["formerSecretsUntil"]) == (200, None)
    assert bearer(desk, destination) == "another"
    assert "planted-token" not in kept()


def test_an_address_that_changes_after_its_secrets_were_taken_away_is_sent_none_of_them(desk: Desk) -> None:
    destination = desk.made(authentication={"kind": "bearer", "bearerToken": "planted-token"})
    assert desk.call("PATCH", f"destinations/{destination}", {"authentication": {"kind": "none"}}).status == 200
    assert bearer(desk, destination) == "planted-token"
    elsewhere = {"settings": {"url": f"{desk.endpoint.url}&to=elsewhere"}}
    assert desk.call("PATCH", f"destinations/{destination}", elsewhere).status == 200
    assert bearer(desk, destination) is None
    assert "planted-token" not in kept()


def test_secrets_whose_replacement_failed_go_to_no_new_address(desk: Desk) -> None:
    destination = desk.made(authentication={"kind": "bearer", "bearerToken": "planted-token"})
    old = destinations.destination(desk.member.sandbox.sandbox_id, destination)
    assert old
    moved = replace(old, settings={**old.settings, "url": f"{desk.endpoint.url}&to=elsewhere"}, secrets_version=None)
    table.transact([destinations.put(moved, over=old)])  # as it was written before its secrets
    boto3.client("secretsmanager").put_secret_value(
        SecretId=f"handfast/test/destinations/{old.sandbox_id}/{destination}",
        SecretString=json.dumps({"secrets": {"bearerToken": "planted-token"}, "goTo": {"url": old.settings["url"]}}),
    )
    with pytest.raises(ValidationError):
        bearer(desk, destination)
    refused = desk.call("POST", f"destinations/{destination}/test")
    assert (refused.status, refused.body["current"]) == (409, "changed")
    previewed = desk.call("POST", f"destinations/{destination}/activations", desk.body(), query={"dryRun": "true"})
    assert (previewed.status, previewed.body["current"]) == (409, "changed")
    assert desk.endpoint.got == []
    given = {"authentication": {"bearerToken": "another"}}
    assert desk.call("PATCH", f"destinations/{destination}", given).status == 200
    assert bearer(desk, destination) == "another"
    desk.endpoint.answers = [(204, {})]
    assert desk.call("POST", f"destinations/{destination}/test").body["ok"]


@pytest.mark.parametrize("seam", ["secrets", "settings"])
def test_a_change_that_dies_leaves_settings_with_their_own_secrets(desk: Desk, seam: str) -> None:
    destination = desk.made(authentication={"kind": "bearer", "bearerToken": "first"})
    other = moved_to(desk, "elsewhere")
    for _ in range(3):
        with between_secrets(die) if seam == "secrets" else crash(at="destination.changed"):
            assert desk.call("PATCH", f"destinations/{destination}", other).status == 500
    assert at_and_with(desk, destination) == (desk.endpoint.url, "first")
    assert desk.call("PATCH", f"destinations/{destination}", other).status == 200
    assert at_and_with(desk, destination) == (other["settings"]["url"], "elsewhere")


@pytest.mark.parametrize("seam", ["secrets", "settings"])
def test_of_two_changes_at_once_one_is_made_as_a_whole(desk: Desk, seam: str) -> None:
    destination = desk.made(authentication={"kind": "bearer", "bearerToken": "first"})
    path = f"destinations/{destination}"

    def other() -> Answer:
        return desk.call("PATCH", path, moved_to(desk, "second"))

    with between_secrets(other) if seam == "secrets" else meanwhile(other, at="destination.changed") as answers:
        lost = desk.call("PATCH", path, moved_to(desk, "third"))
    assert at_and_with(desk, destination) == (f"{desk.endpoint.url}&to=second", "second")
    assert (lost.status, answers[0].status) == (412, 200)
    assert desk.call("PATCH", path, moved_to(desk, "third")).status == 200
    assert at_and_with(desk, destination) == (f"{desk.endpoint.url}&to=third", "third")


def test_what_was_kept_before_versions_were_named_stays_until_a_change_is_whole(desk: Desk) -> None:
    destination = desk.made(authentication={"kind": "bearer", "bearerToken": "first"})
    old = destinations.destination(desk.member.sandbox.sandbox_id, destination)
    assert old
    table.transact([destinations.put(replace(old, secrets_version=None), over=old)])
    boto3.client("secretsmanager").put_secret_value(
        SecretId=f"handfast/test/destinations/{old.sandbox_id}/{destination}",
        SecretString=json.dumps({"secrets": {"bearerToken": "first"}, "goTo": {"url": old.settings["url"]}}),
    )
    with crash(at="destination.changed"):
        assert desk.call("PATCH", f"destinations/{destination}", moved_to(desk, "elsewhere")).status == 500
    assert at_and_with(desk, destination) == (desk.endpoint.url, "first")
    for name in ("second", "third"):
        assert desk.call("PATCH", f"destinations/{destination}", moved_to(desk, name)).status == 200
        assert at_and_with(desk, destination) == (f"{desk.endpoint.url}&to={name}", name)


def moved_to(desk: Desk, name: str) -> dict[str, Any]:
    """A change of a destination's address, with the token for it."""
    return {"settings": {"url": f"{desk.endpoint.url}&to={name}"}, "authentication": {"bearerToken": name}}


def at_and_with(desk: Desk, destination: str) -> tuple[str, str | None]:
    """The address that a destination is called at by now, and the token with it."""
    found = destinations.destination(desk.member.sandbox.sandbox_id, destination)
    assert found
    return found.settings["url"], bearer(desk, destination)


def bearer(desk: Desk, destination: str) -> str | None:
    """The token that is sent to a destination by now."""
    found = destinations.destination(desk.member.sandbox.sandbox_id, destination)
    assert found
    token = accounts.account(found).authentication.bearer_token
    return token.get_secret_value() if token else None


def test_former_secrets_end_by_themselves(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    destination = desk.made(authentication={"kind": "bearer", "bearerToken": "first"})
    flow = store.dataflow(desk.activated(destination)["dataflowId"])
    assert flow
    desk.call("PATCH", f"destinations/{destination}", {"authentication": {"bearerToken": "second"}})
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(hours=25))
    sending = accounts.sending(flow)
    assert sending
    assert sending.account.authentication.bearer_token.get_secret_value() == "second"


def test_a_test_says_what_is_wrong(desk: Desk) -> None:
    destination = desk.made()
    desk.endpoint.answers = [(403, {})]
    (check,) = desk.call("POST", f"destinations/{destination}/test").body["checks"]
    assert (check["ok"], "403" in check["detail"], "authentication" in check["detail"]) == (False, True, True)
    path, _, body = desk.endpoint.got[-1]
    assert (path, json.loads(body)) == ("/hooks?for=handfast", {"profiles": []})


# Activation


def test_members_who_consent_are_given_and_leave_with_their_segment(desk: Desk) -> None:
    destination = desk.made()
    made = desk.activated(destination)
    assert desk.held(made["dataflowId"]) == 2  # Ann, and Cat who has not answered; Bob has refused
    others = segment(desk.member, "Others")
    path = f"destinations/{destination}/activations/{made['activationId']}"
    changed = desk.call("PATCH", path, {"segments": [{"segmentId": others}]})
    assert (changed.status, [each["segmentId"] for each in changed.body["segments"]]) == (200, [others])
    assert desk.held(made["dataflowId"]) == 0
    flow = store.dataflow(made["dataflowId"])
    assert flow
    told = accounts.sending(flow)
    assert told
    assert told.account.segments[desk.readers].name == "Readers"  # it is told of those who leave it
    assert desk.member.call(segments, "DELETE", f"segments/{desk.readers}").status == 204


def test_a_dry_run_counts_and_shows_a_sample_and_changes_nothing(desk: Desk) -> None:
    destination = desk.made(settings={"url": desk.endpoint.url, "includeSegmentNames": True})
    before = desk.events()
    query = {"dryRun": "true"}
    body = desk.body(attributes=[{"source": "tier", "target": "person.tier"}])
    answer = desk.call("POST", f"destinations/{destination}/activations", body, query=query)
    assert answer.status == 201, answer.body
    assert answer.body["counts"] == {"members": 4, "activated": 2, "people": {"members": 3, "cleared": 2}}
    assert answer.body["excluded"]["byReason"] == {"consent": 1, "namespace_not_selected": 1}
    assert answer.body["excluded"]["peopleByReason"] == {"consent": 1}
    first, _ = answer.body["sample"]["profiles"]
    assert first["person"] == {"tier": "sample"}
    assert first["segmentMembership"]["ups"][desk.readers]["name"] == "Readers"
    assert len(first["identityMap"]["email_lc_sha256"][0]["id"]) == 64
    assert desk.call("GET", f"destinations/{destination}/activations").body["items"] == []
    assert desk.events() == before


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"mapping": []}, "/mapping"),
        ({"mapping": [{"source": "pigeon", "target": "email_lc_sha256"}]}, "/mapping/0/source"),
        ({"mapping": [{"source": "email", "target": "idfa"}]}, "/mapping/0"),
        (
            {"mapping": [{"source": "email", "target": "email_lc_sha256", "applyTransformation": True}]},
            "/mapping/0",
        ),
        ({"mapping": [{"source": "email", "target": "email_lc_sha256"}] * 2}, "/mapping/1/source"),
        ({"attributes": [{"source": "a", "target": "identityMap.a"}]}, "/attributes/0/target"),
        ({"segments": [{"segmentId": "seg_nobodys"}]}, "/segments/0/segmentId"),
    ],
)
def test_what_cannot_be_activated_is_refused_where_it_stands(desk: Desk, changes: Any, wrong: str) -> None:
    answer = desk.call("POST", f"destinations/{desk.made()}/activations", desk.body() | changes)
    assert (answer.status, pointers(answer)) == (422, [wrong])


def test_a_segment_is_activated_once(desk: Desk) -> None:
    destination = desk.made()
    made = desk.activated(destination)
    again = desk.call("POST", f"destinations/{destination}/activations", desk.body())
    assert (again.status, pointers(again)) == (422, ["/segments/0/segmentId"])
    in_use = desk.member.call(segments, "DELETE", f"segments/{desk.readers}")
    assert (in_use.status, in_use.body["current"]) == (409, "in_use")
    assert in_use.body["activationIds"] == [made["activationId"]]
    assert "feedIds" not in in_use.body


def test_a_segment_is_an_audience_of_its_own_where_a_platform_has_one_for_each(desk: Desk) -> None:
    destination = desk.made(type="linkedin", settings={}, authentication={"accessToken": "planted"}, accountId="777")
    path, query = f"destinations/{destination}/activations", {"dryRun": "true"}

    def asked(segment_id: str, audience: str | None) -> dict[str, Any]:
        mapping = [{"source": "email", "target": "SHA256_EMAIL"}]
        return {"segments": [{"segmentId": segment_id, "mappingId": audience}], "mapping": mapping}

    unnamed = desk.call("POST", path, asked(desk.readers, None))
    assert (unnamed.status, pointers(unnamed)) == (422, ["/segments/0/mappingId"])
    assert "the id of the DMP segment" in unnamed.body["errors"][0]["message"]
    ((first, second),) = [
        body["elements"] for body in desk.call("POST", path, asked(desk.readers, "1001"), query=query).body["sample"]
    ]
    assert (first["action"], first["userIds"][0]["idType"]) == ("ADD", "SHA256_EMAIL")
    assert first != second

    made = desk.call("POST", path, asked(desk.readers, "1001")).body
    moved = desk.call("PATCH", f"{path}/{made['activationId']}", {"segments": asked(desk.readers, "1002")["segments"]})
    assert (moved.status, pointers(moved)) == (422, ["/segments/0/mappingId"])
    others = segment(desk.member, "Others")
    shared = desk.call("POST", path, asked(others, "1001"))
    assert (shared.status, pointers(shared)) == (422, ["/segments/0/mappingId"])
    assert desk.call("POST", path, asked(others, "1002")).status == 201


def test_it_needs_to_see_profiles_and_segments(desk: Desk) -> None:
    destination = desk.made()
    path = f"grants/{desk.world.member(desk.world.a, 'viewer').principal_id}"
    assert desk.member.call(access, "PUT", path, {"permissions": PERMISSIONS}).status == 200
    limited = desk.world.member(desk.world.a, "viewer")
    answer = limited.call(api, "POST", f"destinations/{destination}/activations", desk.body())
    assert (answer.status, answer.body["permission"]) == (403, "profiles:read")


def test_a_segment_keeps_to_its_days(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    destination = desk.made()
    today = clock.now().date()
    days = {"startDate": str(today + timedelta(days=1)), "endDate": str(today + timedelta(days=2))}
    made = desk.activated(destination, segments=[{"segmentId": desk.readers} | days])
    flow = made["dataflowId"]
    counts = []
    for ahead in range(4):
        now = datetime.now(UTC) + timedelta(days=ahead)
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        ending.begin_dated()
        counts.append(desk.held(flow))
    assert counts == [0, 2, 2, 0]


def test_a_policy_refuses_explains_and_stops(desk: Desk) -> None:
    destination = desk.made(marketingActions=["Email targeting"])
    labelled = segment(desk.member, "Labelled", labels=["C4"])
    policy = "policies/restrict_email_targeting"
    assert desk.member.call(governance, "POST", f"{policy}/enable").status == 200
    refused = desk.call("POST", f"destinations/{destination}/activations", desk.body(labelled))
    assert (refused.status, refused.body["reason"]) == (422, "policy_violation")
    assert refused.body["violations"][0]["marketingAction"] == "email_targeting"
    explained = desk.call("POST", f"destinations/{destination}/explain", {"segmentIds": [labelled]}).body["items"]
    assert [(each["segmentId"], each["allowed"]) for each in explained] == [(labelled, False)]
    assert "leave the segment out" in explained[0]["resolve"]

    made = desk.activated(destination)
    assert desk.held(made["dataflowId"]) == 2
    assert desk.member.call(segments, "PATCH", f"segments/{desk.readers}", {"labels": ["C4"]}).status == 200
    assert desk.held(made["dataflowId"]) == 0
    changed = desk.call("PATCH", f"destinations/{destination}", {"marketingActions": []})
    assert "email_targeting" not in changed.body["marketingActions"]
    assert desk.held(made["dataflowId"]) == 2


@pytest.mark.parametrize("row", export_controls.ROWS, ids=lambda row: row.control)
def test_an_export_label_is_a_marketing_action_which_the_matching_control_blocks(
    desk: Desk, row: export_controls.Row
) -> None:
    others = [each for each in export_controls.ROWS if each != row]
    labelled = desk.made(exportLabels=[row.export_label], marketingActions=["analytics"])
    by_action = desk.made(marketingActions=[row.marketing_action])
    others_of = desk.made(exportLabels=[each.export_label for each in others])
    views = [desk.call("GET", f"destinations/{each}").body for each in (labelled, by_action, others_of)]
    assert [view["exportLabels"] for view in views[:2]] == [[row.export_label]] * 2
    assert {row.marketing_action, "analytics"} <= set(views[0]["marketingActions"])
    assert {each.marketing_action for each in others} <= set(views[2]["marketingActions"])

    source = desk.member.call(governance, "POST", "data-sources", {"name": "Shop", "exportControls": [row.control]})
    source_id = source.body["dataSourceId"]
    fed = segment(desk.member, "Fed")
    ingested(desk.world, desk.member, PEOPLE, segmentId=fed, dataSourceId=source_id)
    violation = {
        "policy": row.control,
        "policyName": row.control_text,
        "label": row.label,
        "marketingAction": row.marketing_action,
        "from": {"entityType": "dataSource", "entityId": source_id, "name": "Shop"},
    }
    for destination in (labelled, by_action):
        refused = desk.call("POST", f"destinations/{destination}/activations", desk.body(fed))
        assert (refused.status, refused.body["violations"]) == (422, [{"segmentId": fed} | violation])
        helps = f"take the export control {row.control} off the data source Shop"
        assert refused.body["resolve"] == [helps, "leave the segment out"]
    assert desk.held(desk.activated(others_of, fed)["dataflowId"]) == 2
    flow = desk.activated(labelled)["dataflowId"]
    assert desk.held(flow) == 2
    path = f"data-sources/{source_id}"
    assert desk.member.call(governance, "PATCH", path, {"exportControls": []}).status == 200
    flow = desk.activated(labelled, fed)["dataflowId"]
    assert desk.held(flow) == 2
    assert desk.member.call(governance, "PATCH", path, {"exportControls": [row.control]}).status == 200
    assert desk.held(flow) == 0


def test_a_dry_run_of_a_destination_says_what_stops_and_who_leaves_and_comes_back(desk: Desk) -> None:
    assert desk.member.call(governance, "POST", "policies/restrict_email_targeting/enable").status == 200
    assert desk.member.call(segments, "PATCH", f"segments/{desk.readers}", {"labels": ["C4"]}).status == 200
    destination = desk.made()
    made = desk.activated(destination)
    path = f"destinations/{destination}"
    assert desk.held(made["dataflowId"]) == 2
    forbidding = {"marketingActions": ["email_targeting"]}
    before = everything(desk)
    told = desk.call("PATCH", path, forbidding, query={"dryRun": "true"})
    assert (told.status, everything(desk)) == (200, before)
    (forbidden,) = told.body.pop("segments")
    assert told.body == {
        "dryRun": True,
        "testNeeded": False,
        "formerSecretsUntil": None,
        "activations": [
            {
                "activationId": made["activationId"],
                "dataflowId": made["dataflowId"],
                "segmentIds": [desk.readers],
                "resumedSegmentIds": [],
                "segments": [{"segmentId": desk.readers, "name": "Readers"}],
                "joining": 0,
                "leaving": 2,
            }
        ],
    }
    assert desk.call("PATCH", path, forbidding).status == 200
    (explained,) = desk.call("POST", f"{path}/explain", {}).body["items"]
    named = {"segmentId": desk.readers, "name": "Readers"}
    assert forbidden == named | {"violations": explained["violations"]}
    assert desk.held(made["dataflowId"]) == 0
    (back,) = desk.call("PATCH", path, {"marketingActions": []}, query={"dryRun": "true"}).body["activations"]
    assert (back["segmentIds"], back["resumedSegmentIds"]) == ([], [desk.readers])
    assert (back["joining"], back["leaving"]) == (2, 0)


def test_a_dry_run_of_pausing_and_of_going_on_says_who_waits(desk: Desk) -> None:
    destination = desk.made()
    made = desk.activated(destination)
    path, dry = f"destinations/{destination}", {"dryRun": "true"}
    (told,) = desk.call("PATCH", path, {"status": "disabled"}, query=dry).body["activations"]
    assert (told["joining"], told["leaving"]) == (0, 0)
    assert desk.call("PATCH", path, {"status": "disabled"}).status == 200
    assert desk.held(made["dataflowId"]) == 0
    (told,) = desk.call("PATCH", path, {"status": "enabled"}, query=dry).body["activations"]
    assert (told["joining"], told["leaving"], told["resumedSegmentIds"]) == (2, 0, [])
    assert desk.call("PATCH", path, {"status": "enabled"}).status == 200
    assert desk.held(made["dataflowId"]) == 2
    assert desk.call("PATCH", path, {"name": "Other"}, query=dry).body["activations"] == []


def test_a_dry_run_of_settings_says_whether_to_test_and_refuses_what_the_change_would(desk: Desk) -> None:
    destination = desk.made(authentication={"kind": "bearer", "bearerToken": "first"})
    path, dry = f"destinations/{destination}", {"dryRun": "true"}
    before = everything(desk)
    secrets = desk.call("PATCH", path, {"authentication": {"bearerToken": "second"}}, query=dry).body
    assert (secrets["testNeeded"], secrets["formerSecretsUntil"] is not None) == (True, True)
    moved = desk.call("PATCH", path, moved_to(desk, "elsewhere"), query=dry).body
    assert (moved["testNeeded"], moved["formerSecretsUntil"]) == (True, None)
    assert desk.call("PATCH", path, {"name": "Other"}, query=dry).body["testNeeded"] is False
    refused = desk.call("PATCH", path, {"settings": moved_to(desk, "elsewhere")["settings"]}, query=dry)
    assert pointers(refused) == ["/settings/url"]
    assert desk.call("PATCH", path, {"name": "Other"}, query=dry, headers={"If-Match": '"7"'}).status == 412
    assert desk.call("PATCH", "destinations/dst_none", {"name": "Other"}, query=dry).status == 404
    assert everything(desk) == before


def test_a_dry_run_of_an_activation_says_by_segment_who_joins_and_leaves(desk: Desk) -> None:
    destination = desk.made()
    made = desk.activated(destination)
    assert desk.held(made["dataflowId"]) == 2
    path = f"destinations/{destination}/activations/{made['activationId']}"
    others = segment(desk.member, "Others")
    before = everything(desk)

    def told(body: dict[str, Any]) -> Any:
        answer = desk.call("PATCH", path, body, query={"dryRun": "true"})
        assert answer.status == 200, answer.body
        return answer.body

    replaced = told({"segments": [{"segmentId": others}]})
    assert replaced["segments"] == [
        {"segmentId": others, "name": "Others", "joining": 0, "leaving": 0},
        {"segmentId": desk.readers, "name": "Readers", "joining": 0, "leaving": 2},
    ]
    counts = {"members": 0, "activated": 0, "people": {"members": 0, "cleared": 0}}
    assert (replaced["joining"], replaced["leaving"], replaced["counts"]) == (0, 2, counts)
    mapped = told({"mapping": [{"source": "phone", "target": "phone_sha256_e.164"}]})
    assert (mapped["joining"], mapped["leaving"]) == (0, 2)
    kept_back = {"namespace_not_selected": 4}
    assert mapped["excluded"] == {"byReason": kept_back, "peopleByReason": {"namespace_not_selected": 3}}
    same = told({"attributes": [{"source": "tier", "target": "person.tier"}]})
    assert (same["joining"], same["leaving"], same["counts"]["activated"]) == (0, 0, 2)
    assert same["sample"]["profiles"][0]["person"] == {"tier": "sample"}
    unknown = desk.call("PATCH", path, {"segments": [{"segmentId": "seg_none"}]}, query={"dryRun": "true"})
    assert pointers(unknown) == ["/segments/0/segmentId"]
    assert everything(desk) == before

    assert desk.call("PATCH", path, {"segments": [{"segmentId": others}]}).status == 200
    assert desk.held(made["dataflowId"]) == 0
    again = told({"segments": [{"segmentId": others}, {"segmentId": desk.readers}]})
    assert [(each["joining"], each["leaving"]) for each in again["segments"]] == [(0, 0), (2, 0)]


def test_a_dry_run_counts_nothing_where_there_is_too_much_to_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    destination = desk.made()
    made = desk.activated(destination)
    monkeypatch.setattr(people_counts, "MOST_BYTES", 0)
    dry = {"dryRun": "true"}
    (told,) = desk.call("PATCH", f"destinations/{destination}", {"status": "disabled"}, query=dry).body["activations"]
    assert (told["joining"], told["leaving"]) == (None, None)
    path = f"destinations/{destination}/activations/{made['activationId']}"
    change = desk.call("PATCH", path, {"attributes": []}, query=dry).body
    assert [change[name] for name in ("counts", "excluded", "joining", "leaving", "segments")] == [None] * 5


def everything(desk: Desk) -> Any:
    """What there is of the destinations: items, secrets, records, and what waits for a run."""
    sandbox = desk.member.sandbox.sandbox_id
    found = list(destinations.destinations(sandbox))
    activated = [each for of in found for each in destinations.activations(sandbox, of.destination_id)]
    flows = [store.dataflow(each.dataflow_id) for each in activated]
    return found, activated, flows, kept(), list(journal.log(sandbox)), list(table.scan("FEEDS_TABLE"))


def test_export_labels_are_changed_apart_from_other_uses(desk: Desk) -> None:
    path = f"destinations/{desk.made(marketingActions=['analytics'], exportLabels=['onsite_ad_targeting'])}"

    def changed(**body: Any) -> tuple[set[str], list[str]]:
        answer = desk.call("PATCH", path, body)
        assert answer.status == 200, answer.body
        of_type = {"export_to_third_party", "data_export"}
        return set(answer.body["marketingActions"]) - of_type, answer.body["exportLabels"]

    assert changed(name="Warehouse") == ({"analytics", "onsite_advertising"}, ["onsite_ad_targeting"])
    both = ["combination_with_pii", "offsite_ad_targeting"]
    assert changed(exportLabels=both) == ({"analytics", "combine_with_pii", "cross_site_targeting"}, both)
    assert changed(exportLabels=[]) == ({"analytics"}, [])
    assert changed(marketingActions=["onsite_personalization"]) == (
        {"onsite_personalization"},
        ["onsite_ad_personalization"],
    )
    unknown = desk.call("PATCH", path, {"exportLabels": ["onsite_personalization"]})
    assert (unknown.status, pointers(unknown)) == (422, ["/exportLabels/0"])


def test_disabled_it_is_given_nothing_new(desk: Desk) -> None:
    destination = desk.made()
    assert desk.call("PATCH", f"destinations/{destination}", {"status": "disabled"}).body["status"] == "disabled"
    made = desk.activated(destination)
    assert desk.held(made["dataflowId"]) == 0
    desk.call("PATCH", f"destinations/{destination}", {"status": "enabled"})
    assert desk.held(made["dataflowId"]) == 2
    assert {"destination.disabled", "destination.enabled"} <= set(desk.events())


def test_who_may_not_activate_pauses_no_dataflow_to_a_destination(desk: Desk) -> None:
    flow = f"dataflows/{desk.activated(desk.made())['dataflowId']}"
    other = desk.world.member(desk.member.sandbox, "viewer")
    grant = {"role": None, "permissions": ["feeds:read", "feeds:write"]}
    assert desk.member.call(access, "PUT", f"grants/{other.principal_id}", grant).status == 200
    for move in ("pause", "resume"):
        refused = other.call(feeds, "POST", f"{flow}/{move}")
        assert (refused.status, refused.body["permission"]) == (403, "destinations:activate")


def test_a_dataflow_to_a_destination_is_shown_paused_and_sent_again(desk: Desk) -> None:
    destination = desk.made()
    made = desk.activated(destination)
    (shown,) = desk.member.call(feeds, "GET", "dataflows").body["items"]
    assert (shown["destinationId"], shown["destinationName"]) == (destination, "Warehouse")
    flow = f"dataflows/{shown['dataflowId']}"
    assert desk.member.call(feeds, "POST", f"{flow}/pause").body["status"] == "paused"
    assert desk.held(made["dataflowId"]) == 0
    assert desk.member.call(feeds, "POST", f"{flow}/resume").body["status"] == "active"
    assert desk.held(made["dataflowId"]) == 2
    told = desk.member.call(feeds, "GET", f"{flow}/population").body
    assert (told["members"], told["shared"]) == (4, 2)
    run = desk.call("POST", f"{flow}/backfill")
    assert (run.status, run.body["reason"]) == (202, "backfill")
    found = store.dataflow(shown["dataflowId"])
    assert found
    sending = accounts.sending(found)
    assert sending
    assert sending.backfill is not None


def test_deleted_it_is_gone_when_its_members_have_left(desk: Desk) -> None:
    destination = desk.made(authentication={"kind": "bearer", "bearerToken": "planted-token"})
    made = desk.activated(destination)
    assert desk.held(made["dataflowId"]) == 2
    assert desk.call("DELETE", f"destinations/{destination}").status == 204
    ending.finish_ended(lambda _: True, lambda _: None)
    assert desk.call("GET", f"destinations/{destination}").body["status"] == "deleting"
    assert desk.held(made["dataflowId"]) == 0
    ending.finish_ended(lambda _: False, lambda _: None)
    assert desk.call("GET", f"destinations/{destination}").status == 200  # it has not been told yet
    ending.finish_ended(lambda _: True, lambda _: None)
    assert desk.call("GET", f"destinations/{destination}").status == 404
    assert kept() == ""
    assert list(destinations.endings()) == []
    assert desk.member.call(segments, "DELETE", f"segments/{desk.readers}").status == 204


def test_one_that_is_not_reached_any_more_is_given_up(desk: Desk) -> None:
    destination = desk.made()
    made = desk.activated(destination)
    assert desk.held(made["dataflowId"]) == 2
    path = f"destinations/{destination}"
    assert desk.call("DELETE", path).status == 204
    assert desk.held(made["dataflowId"]) == 0
    ending.finish_ended(lambda _: False, lambda _: None)
    assert desk.call("DELETE", path).body["current"] == "deleting"
    assert desk.call("DELETE", path, query={"members": "keep"}).status == 204
    ending.finish_ended(lambda _: False, lambda _: None)
    assert desk.call("GET", path).status == 200, "a worker may be at it, which has not seen that nobody is told"
    desk.deliver()
    ending.finish_ended(lambda _: False, lambda _: None)
    assert desk.call("GET", path).status == 404


def test_members_that_are_kept_are_not_waited_for(desk: Desk) -> None:
    destination = desk.made()
    made = desk.activated(destination)
    path = f"destinations/{destination}/activations/{made['activationId']}"
    ended = desk.call("DELETE", path, query={"members": "keep"})
    assert (ended.status, ended.body["status"]) == (200, "ending")
    desk.export()
    ending.finish_ended(lambda _: False, lambda _: None)
    assert desk.call("GET", path).status == 200
    desk.deliver()
    ending.finish_ended(lambda _: False, lambda _: None)
    assert desk.call("GET", path).status == 404
    assert desk.call("GET", f"destinations/{destination}").status == 200
    desk.activated(destination)  # it may have the segment anew


def test_changes_are_gathered_as_it_is_asked_for_within_what_the_type_takes(desk: Desk) -> None:
    path = f"destinations/{desk.made()}"
    assert desk.call("GET", path).body["aggregation"] == {"maxIdentities": None, "maxAgeSeconds": 0, "groupBy": []}
    asked = {"maxIdentities": 500, "maxAgeSeconds": 600, "groupBy": ["segment", "status"]}
    assert desk.call("PATCH", path, {"aggregation": asked}).body["aggregation"] == asked
    assert desk.call("PATCH", path, {"name": "Other"}).body["aggregation"] == asked
    for wrong, pointer in (
        ({"maxIdentities": 1001}, "/aggregation/maxIdentities"),
        ({"maxAgeSeconds": 3601}, "/aggregation/maxAgeSeconds"),
        ({"groupBy": ["profile"]}, "/aggregation/groupBy/0"),
    ):
        refused = desk.call("PATCH", path, {"aggregation": wrong})
        assert (refused.status, pointers(refused)) == (422, [pointer])
    assert desk.call("PATCH", path, {"aggregation": None}).body["aggregation"]["maxAgeSeconds"] == 0


def test_an_empty_destination_is_gone_at_once(desk: Desk) -> None:
    destination = desk.made()
    assert desk.call("DELETE", f"destinations/{destination}").status == 204
    assert desk.call("GET", f"destinations/{destination}").status == 404
