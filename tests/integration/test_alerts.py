"""Alerts of destinations: raised once, told through the channels that were chosen, cleared once."""

import json
import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

from functions.activity import app as activity
from functions.activity import stream
from functions.destinations import app as destinations
from handfast.access import store as access
from handfast.dataflows import runs
from handfast.delivery import alert_conditions, alert_store, alerts, ended
from handfast.destinations import ending, waking
from handfast.ingest import refused_removals
from handfast.platform import aws, clock, table
from tests.worlds.endpoints import emptied, with_readers
from tests.worlds.line import Line
from tests.worlds.log_changes import log_changes
from tests.worlds.receiver import Receiver
from tests.worlds.sandboxes import CONTEXT, Member
from tests.worlds.stores import REGION
from tests.worlds.uploads import PEOPLE, ingested

ALL = [*alert_conditions.CONDITIONS, "removal_guard"]


@dataclass
class Clock:
    """A time that a test moves on."""

    now: datetime

    def on(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def line(stores: None, endpoint: Receiver, monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    return Line(*with_readers(), emptied(endpoint))


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock(clock.now())
    monkeypatch.setattr(clock, "now", lambda: moved.now)
    return moved


def _subscribe(line: Line, *kinds: str, channels: tuple[str, ...] = ("in_app",)) -> Any:
    answer = line.on("PUT", "alerts", {"alerts": list(kinds or ALL), "channels": list(channels)})
    assert answer.status == 200, answer.body
    return answer


def _raised(line: Line) -> list[str]:
    return [each["alert"] for each in line.on("GET", "alerts").body["raised"]]


def _look() -> None:
    alerts.look_at_all(refused_removals.refused_file)


def _told(line: Line) -> list[tuple[str, str]]:
    """The alerts in the log, oldest first."""
    log = line.member.call(activity, "GET", "activity", query={"type": "alert.*"}).body["items"]
    return [(each["type"], each["detail"]["alert"]) for each in reversed(log)]


def _settle(time: Clock) -> None:
    """Let an alert that does not hold any more be over."""
    _look()
    time.on(minutes=16)
    _look()


def test_a_failing_destination_is_told_once_and_once_that_it_is_over(line: Line, time: Clock) -> None:
    _subscribe(line, "activation_failing")
    line.endpoint.answers = [(503, {"retry-after": "60"})]
    line.work()
    assert _raised(line) == ["activation_failing"]
    for _ in range(3):
        time.on(minutes=30)
        waking.wake(line.dataflow, 0)
        line.work()
        _look()
    assert _told(line) == [("alert.raised", "activation_failing")]
    line.endpoint.answers = [(204, {})]
    time.on(hours=2)
    waking.wake(line.dataflow, 0)
    line.work()
    _look()
    assert _told(line) == [("alert.raised", "activation_failing")]
    _settle(time)
    _look()
    assert _told(line) == [("alert.raised", "activation_failing"), ("alert.cleared", "activation_failing")]
    assert _raised(line) == []


def test_what_comes_and_goes_within_a_quarter_of_an_hour_is_told_once(line: Line, time: Clock) -> None:
    _subscribe(line, "dead_letters")
    line.endpoint.answers = [(400, {})]
    line.work()
    assert _raised(line) == ["dead_letters"]
    for _ in range(3):
        line.on("POST", "dead-letters/replay", {"all": True})
        _look()
        time.on(minutes=10)
        line.work()
        assert line.on("GET", "dead-letters").body["items"]
    time.on(minutes=10)
    _look()
    assert _told(line) == [("alert.raised", "dead_letters")]


def test_nothing_is_raised_of_what_nobody_has_subscribed_to(line: Line) -> None:
    line.endpoint.answers = [(400, {})]
    line.work()
    _look()
    _subscribe(line, "run_failed")
    _look()
    assert _told(line) == []
    assert line.on("DELETE", "alerts").status == 204
    _look()
    assert alert_store.watched() == []


def test_what_holds_already_is_raised_once_somebody_subscribes(line: Line) -> None:
    line.endpoint.answers = [(400, {})]
    line.work()
    _subscribe(line, "dead_letters")
    _look()
    raised = line.on("GET", "alerts").body["raised"]
    assert [(each["alert"], each["reason"]) for each in raised] == [("dead_letters", "400")]


def test_a_failed_run_holds_until_the_next_has_completed(line: Line, time: Clock) -> None:
    line.work()
    _subscribe(line, "run_failed")
    time.on(seconds=1)
    run = runs.new_run(line.dataflow, "backfill")
    runs.write(run)
    table.apply(runs.end_run(run, "failed", "lost_races"))
    _look()
    assert _raised(line) == ["run_failed"]
    time.on(seconds=1)
    later = runs.new_run(line.dataflow, "backfill")
    runs.write(later)
    _look()
    assert _raised(line) == ["run_failed"]
    table.apply(runs.end_run(later, "completed"))
    _settle(time)
    assert _raised(line) == []


def test_a_run_is_late_after_150_minutes_and_what_is_to_be_sent_too(line: Line, time: Clock) -> None:
    _subscribe(line, "run_delayed")
    time.on(minutes=149)
    _look()
    assert _raised(line) == []
    time.on(minutes=2)
    _look()
    (raised,) = line.on("GET", "alerts").body["raised"]
    assert (raised["alert"], raised["reason"]) == ("run_delayed", "run")
    line.work()
    _settle(time)
    assert _raised(line) == []
    waking.wake(line.dataflow, 0)
    time.on(minutes=151)
    _look()
    (raised,) = line.on("GET", "alerts").body["raised"]
    assert raised["reason"] == "delivery"


def test_members_that_are_skipped_are_more_than_a_hundredth(line: Line) -> None:
    line.work()
    _subscribe(line, "skipped_rate")
    _look()
    (run,) = line.call("GET", f"dataflows/{line.dataflow}/delivery-runs").body["items"]
    skipped = sum(
        count for reason, count in run["identitiesExcluded"]["byReason"].items() if reason in alert_conditions.SKIPPED
    )
    given = run["identitiesActivated"]
    (raised,) = line.on("GET", "alerts").body["raised"]
    assert raised["reason"] == f"{skipped / (skipped + given):.1%}"


def test_credentials_end_soon_by_what_was_said_of_them_and_former_ones_by_the_grace(line: Line, time: Clock) -> None:
    _subscribe(line, "credentials_expiring")
    soon, late = (clock.to_text(time.now + timedelta(days=days)) for days in (13, 15))
    path = f"destinations/{line.destination}"
    for at, holds in ((late, False), (soon, True)):
        assert line.call("PATCH", path, {"credentialsExpireAt": at}).body["credentialsExpireAt"] == at
        _look()
        assert _raised(line) == (["credentials_expiring"] if holds else [])
    first = {"authentication": {"kind": "bearer", "bearerToken": "one"}}
    assert line.call("PATCH", path, first).body["credentialsExpireAt"] is None
    _settle(time)
    assert _raised(line) == []
    line.call("PATCH", path, {"authentication": {"bearerToken": "two"}})
    _look()
    assert _raised(line) == []
    time.on(hours=13)
    _look()
    (raised,) = line.on("GET", "alerts").body["raised"]
    assert raised["reason"] == "former_secrets"


def test_a_snapshot_that_the_guard_refused_holds_until_one_is_taken(line: Line, time: Clock) -> None:
    _subscribe(line, "removal_guard")
    segment = line.on("GET", "activations").body["items"][0]["segments"][0]["segmentId"]
    nobody = PEOPLE.split(b"\n", 1)[0] + b"\n9,zoe@example.com,,y\n"
    refused = ingested(line.world, line.member, nobody, mode="snapshot", segmentId=segment)
    _look()
    (raised,) = line.on("GET", "alerts").body["raised"]
    assert raised["reason"] == refused.upload_id
    ingested(line.world, line.member, nobody, mode="snapshot", segmentId=segment, allowRemoval=True)
    _settle(time)
    assert _raised(line) == []


def _published(line: Line) -> None:
    stream.handler(log_changes(line.member.sandbox.sandbox_id), CONTEXT)


@pytest.mark.parametrize("channel", ["in_app", "webhook", "email"])
def test_an_alert_is_told_through_the_channels_that_were_chosen(line: Line, channel: str) -> None:
    member = _with_address(line.member)
    line.member = member
    hook = {"url": line.endpoint.url, "types": ["alert.*"]}
    assert line.member.call(activity, "POST", "webhooks", hook).status == 201
    _subscribe(line, "dead_letters", channels=(channel,))
    line.endpoint.answers = [(400, {})]
    line.work()
    _published(line)
    notifications = line.member.call(activity, "GET", "notifications").body["items"]
    titles = [each["title"] for each in notifications if each["type"] == "alert.raised"]
    sent = line.world.messages("WEBHOOKS_QUEUE_URL")
    mails = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics
    (topic,) = mails.values()
    assert titles == (["The destination “Warehouse”: it has dead letters"] if channel == "in_app" else [])
    assert len(sent) == (channel == "webhook")
    assert len(topic.sent_notifications) == (channel == "email")
    if channel == "email":
        _, text, subject, attributes, *_ = topic.sent_notifications[0]
        assert subject == "alert.raised: dead_letters"
        assert text.startswith("The destination “Warehouse”: it has dead letters.\n")
        assert json.loads((attributes or {})["principals"]["Value"]) == [member.principal_id]


def _with_address(member: Member) -> Member:
    """A principal of the sandbox who signs in by an address."""
    pool, address = os.environ["USER_POOL_ID"], [{"Name": "email", "Value": "nia@example.org"}]
    made = aws.cognito().admin_create_user(UserPoolId=pool, Username="nia@example.org", UserAttributes=address)  # type: ignore[arg-type]
    principal = next(each["Value"] for each in made["User"]["Attributes"] if each["Name"] == "sub")
    grant = access.grant(member.principal_id, member.sandbox.sandbox_id)
    assert grant is not None
    table.transact(access.put_grant(replace(grant, principal_id=principal), None))
    return Member(principal, member.sandbox)


def test_a_subscription_is_of_the_address_by_which_the_caller_signs_in_and_of_no_machine(line: Line) -> None:
    line_member, line.member = line.member, _with_address(line.member)
    _subscribe(line, "run_failed", channels=("email",))
    _subscribe(line, "run_failed", channels=("email",))
    (found,) = aws.sns().list_subscriptions()["Subscriptions"]
    assert (found["Protocol"], found["Endpoint"]) == ("email", "nia@example.org")
    policy = aws.sns().get_subscription_attributes(SubscriptionArn=found["SubscriptionArn"])["Attributes"]
    assert json.loads(policy["FilterPolicy"]) == {"principals": [line.member.principal_id]}
    line.member = line_member
    refused = line.on("PUT", "alerts", {"alerts": ["run_failed"], "channels": ["email"]})
    assert refused.status == 422, refused.body
    assert line.on("GET", "alerts").body["alerts"] == []


def test_who_may_not_read_the_destination_any_more_hears_nothing(line: Line) -> None:
    viewer = line.world.member(line.member.sandbox, "viewer")
    body = {"alerts": ["dead_letters"], "channels": ["in_app"]}
    path = f"destinations/{line.destination}/alerts"
    assert viewer.call(destinations, "PUT", path, body).status == 200
    grant = access.grant(viewer.principal_id, viewer.sandbox.sandbox_id)
    assert grant is not None
    table.transact(access.delete_grant(grant))
    line.endpoint.answers = [(400, {})]
    line.work()
    _look()
    assert _told(line) == []


def test_a_subscription_is_its_callers_own_and_replaced_as_a_whole(line: Line) -> None:
    _subscribe(line, "run_failed", "dead_letters", channels=("in_app", "webhook"))
    _subscribe(line, "run_failed")
    found = line.on("GET", "alerts")
    assert (found.body["alerts"], found.body["channels"]) == (["run_failed"], ["in_app"])
    other = line.world.member(line.member.sandbox, "viewer")
    theirs = other.call(destinations, "GET", f"destinations/{line.destination}/alerts")
    assert (theirs.body["alerts"], theirs.body["channels"]) == ([], [])
    path = f"destinations/{line.destination}/alerts"
    body = {"alerts": ["dead_letters"], "channels": ["in_app"]}
    assert line.call("PUT", path, body, headers={"If-Match": theirs.headers["ETag"]}).status == 412
    assert line.call("PUT", path, body, headers={"If-Match": found.headers["ETag"]}).status == 200
    assert line.on("DELETE", "alerts").status == 204
    assert line.on("DELETE", "alerts").status == 404


def test_a_deleted_destination_is_watched_no_more(line: Line) -> None:
    _subscribe(line)
    assert line.call("DELETE", f"destinations/{line.destination}", query={"members": "keep"}).status == 204
    line.work()
    ending.finish_ended(ended.is_delivered, ended.forget)
    _look()
    assert alert_store.watched() == []
