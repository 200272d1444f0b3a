"""What a sandbox's configuration says for a record of processing."""

from typing import Any

import pytest

from functions.activity import app as activity
from functions.feeds import app as feeds
from functions.privacy_requests import app as privacy
from functions.privacy_requests import connectors
from handfast.privacy_requests.protocols.drp import agents
from tests.worlds.furnished import OUTSIDE
from tests.worlds.sandboxes import Member, organizations
from tests.worlds.sharing import pair_of


def test_both_sides_of_a_feed_are_on_record_until_it_ends(stores: None) -> None:
    pair = pair_of(organizations())
    feed, received = pair.enabled(namespaces=["email"])
    pair.draft(name="Not published")
    ours, theirs = (member.call(privacy, "GET", "processing-record").body for member in (pair.a, pair.b))
    (sent,), (taken,) = ours["disclosed"], theirs["received"]
    assert (ours["received"], theirs["disclosed"], ours["processors"]) == ([], [], [])
    assert (sent["partner"], sent["feedId"], sent["segments"]) == ("Organization B, sandbox b", feed, [pair.buyers])
    assert (taken["partner"], taken["feedId"]) == ("Organization A, sandbox a", received["receivedFeedId"])
    assert sent["namespaces"] == taken["namespaces"] == ["Email_LC_SHA256"]
    assert sent["purposes"] == taken["purposes"]
    assert len(sent["purposes"]) == 8
    assert "email_targeting" not in sent["purposes"]
    assert ours["retention"]["recordMonths"] == 24
    assert pair.a.call(feeds, "POST", f"feeds/{feed}/unshare", {"connectionId": pair.connection}).status == 200
    assert pair.a.call(privacy, "GET", "processing-record").body["disclosed"] == []
    assert pair.b.call(privacy, "GET", "processing-record").body["received"] == []


def others(member: Member) -> list[tuple[str, str, list[str]]]:
    """Who else is given data, by kind and name, with what."""
    body: Any = member.call(privacy, "GET", "processing-record").body
    return [(each["kind"], each["name"], each["data"]) for each in body["otherRecipients"]]


def test_everybody_who_is_given_personal_data_is_on_record(stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    world = organizations()
    a, log = world.member(world.a), ["request_states", "principals"]
    bus = ("event_bus", "Amazon EventBridge", log)
    assert others(a) == [bus]
    assert a.call(privacy, "GET", "processing-record").body["intakeForm"] is None
    monkeypatch.setenv("MESSAGE_SENDER", "privacy@acme.example")
    assert others(a) == [("amazon_ses", "Amazon SES", ["contact", "messages"]), bus]
    assert a.call(activity, "POST", "webhooks", {"url": OUTSIDE}).status == 201
    assert a.call(connectors, "PUT", "message-webhook", {"url": OUTSIDE}).status in (200, 201)
    drop = {"type": "drop", "name": "DROP", "settings": {"apiKey": "planted-key"}}
    assert a.call(connectors, "POST", "connectors", drop).status == 201
    agents.add(world.a.sandbox_id, "AGENT_A", "ab" * 32)
    form = {
        "types": ["opt_out"],
        "regulations": ["ccpa"],
        "privacyPolicyUrl": "https://www.example.com/privacy",
        "allowedOrigins": ["https://www.example.com"],
        "retention": "two years",
    }
    made = a.call(privacy, "PUT", "intake-form", form)
    assert made.status in (200, 201), made.body
    assert others(a) == [
        ("message_webhook", "localhost", ["contact", "messages"]),
        ("webhook", "localhost", log),
        bus,
        ("drop", "DROP", ["list_answers"]),
        ("privacy_agent", "AGENT_A", ["packages", "request_states"]),
    ]
    record = a.call(privacy, "GET", "processing-record").body
    assert record["processors"] == []
    assert record["intakeForm"] == {
        "formId": made.body["formId"],
        "types": ["opt_out"],
        "allowedOrigins": ["https://www.example.com"],
        "retention": "two years",
    }
