"""Whatever an answer names by id alone stands in it with its name (docs/api.md, Manners)."""

from typing import Any

import pytest

from functions.activity import app as activity
from functions.approvals import app as approvals
from functions.connect_requests import app as connect
from functions.destinations import app as destinations
from functions.feeds import app as feeds
from functions.governance import app as governance
from functions.privacy_requests import app as privacy
from functions.segments import app as segments
from tests.worlds.sandboxes import Answer, organizations
from tests.worlds.sharing import Pair, pair_of, segment
from tests.worlds.stores import built_once

_built_pair = built_once(lambda: pair_of(organizations()))


@pytest.fixture
def pair(stores: None) -> Pair:
    return _built_pair()


def ok(answer: Answer) -> Any:
    assert answer.status in {200, 201, 202}, answer.body
    return answer.body


def partner(pair: Pair) -> Any:
    (connection,) = ok(pair.a.call(connect, "GET", "connections"))["items"]
    return connection["partner"]


def test_a_feed_names_its_segments_and_partners_drafted_or_shared(pair: Pair) -> None:
    feed = pair.draft(segmentIds=[pair.buyers, pair.visitors])
    told = [{"segmentId": pair.buyers, "name": "Buyers"}, {"segmentId": pair.visitors, "name": "Visitors"}]
    to = [{"connectionId": pair.connection, "partner": partner(pair)}]
    drafted = ok(pair.a.call(feeds, "GET", f"feeds/{feed}"))
    assert (drafted["segments"], drafted["connections"]) == (told, to)
    ok(pair.publish(feed))
    # What the draft leaves out is named as long as the share has it.
    ok(pair.a.call(feeds, "PATCH", f"feeds/{feed}", {"segmentIds": [pair.buyers], "connectionIds": []}))
    (listed,) = ok(pair.a.call(feeds, "GET", "feeds"))["items"]
    assert listed["segmentIds"] == [pair.buyers]
    assert (listed["segments"], listed["connections"]) == (told, to)


def test_a_dataflow_names_its_segments_to_both_sides(pair: Pair) -> None:
    pair.enabled()
    ok(pair.a.call(segments, "PATCH", f"segments/{pair.buyers}", {"name": "Shoppers"}))
    for member, called in ((pair.a, "Shoppers"), (pair.b, "Buyers")):  # a received one is called as it was published
        (flow,) = ok(member.call(feeds, "GET", "dataflows"))["items"]
        assert flow["segments"] == [{"segmentId": pair.buyers, "name": called}]
        assert ok(member.call(feeds, "GET", f"dataflows/{flow['dataflowId']}"))["segments"] == flow["segments"]


def test_a_received_segment_says_in_which_feed_and_of_whom_it_comes(pair: Pair) -> None:
    pair.enabled()
    answer = ok(pair.b.call(segments, "GET", f"segments/{pair.buyers}"))
    assert (answer["receivedFeedName"], answer["partner"]) == ("Spring", pair.received()["partner"])
    for name in ("signals", "traits"):
        (item,) = ok(pair.b.call(segments, "GET", name))["items"]
        assert (item["receivedFeedName"], item["partner"]) == ("Spring", answer["partner"])


def test_an_activation_and_its_dataflow_name_own_and_received_segments(pair: Pair) -> None:
    pair.enabled()
    own = segment(pair.b, "Members")
    made = {"type": "http", "name": "Warehouse", "settings": {"url": "https://warehouse.example.com/"}}
    destination = ok(pair.b.call(destinations, "POST", "destinations", made))["destinationId"]
    body = {
        "segments": [{"segmentId": own}, {"segmentId": pair.buyers}],
        "mapping": [{"source": "email", "target": "email_lc_sha256"}],
    }
    path = f"destinations/{destination}/activations"
    activation = ok(pair.b.call(destinations, "POST", path, body))
    (listed,) = ok(pair.b.call(destinations, "GET", path))["items"]
    assert activation["destinationName"] == listed["destinationName"] == "Warehouse"
    assert [each["name"] for each in activation["segments"]] == ["Members", "Buyers"]
    assert listed["segments"] == activation["segments"]
    flow = ok(pair.b.call(feeds, "GET", f"dataflows/{activation['dataflowId']}"))
    assert flow["segments"] == [{"segmentId": own, "name": "Members"}, {"segmentId": pair.buyers, "name": "Buyers"}]
    explained = ok(pair.b.call(destinations, "POST", f"destinations/{destination}/explain", {}))["items"]
    assert [each["segmentName"] for each in explained] == ["Members", "Buyers"]


def test_an_upload_names_its_segment_and_data_source(pair: Pair) -> None:
    source = ok(pair.a.call(governance, "POST", "data-sources", {"name": "Shop"}))["dataSourceId"]
    column = {"column": "mail", "as": "identity", "namespace": "email"}
    body = {"fileName": "a.csv", "format": "csv", "mode": "delta", "columns": [column]}
    ok(pair.a.call(segments, "POST", "uploads", body | {"segmentId": pair.buyers, "dataSourceId": source}))
    (upload,) = ok(pair.a.call(segments, "GET", "uploads"))["items"]
    assert (upload["segmentName"], upload["dataSourceName"]) == ("Buyers", "Shop")
    ok(pair.a.call(segments, "POST", "uploads", body))
    latest = ok(pair.a.call(segments, "GET", "uploads"))["items"][0]
    assert (latest["segmentName"], latest["dataSourceName"]) == (None, None)


def test_explanations_and_dry_runs_of_rules_name_what_they_are_about(pair: Pair) -> None:
    feed, _ = pair.enabled()
    ok(pair.a.call(segments, "PATCH", f"segments/{pair.buyers}", {"labels": ["C8"]}))
    explained = ok(pair.a.call(feeds, "POST", f"feeds/{feed}/explain"))
    assert explained["segments"] == [{"segmentId": pair.buyers, "name": "Buyers"}]
    assert explained["connections"] == [{"connectionId": pair.connection, "partner": partner(pair)}]
    policy = {"name": "Mine", "marketingActions": ["segment_match"], "deny": {"label": "C8"}, "enabled": True}
    answer = pair.a.call(governance, "POST", "policies", policy, query={"dryRun": "true"})
    (stopped,) = ok(answer)["segments"]
    assert (stopped["segmentId"], stopped["name"]) == (pair.buyers, "Buyers")
    (flow,) = answer.body["dataflows"]
    assert (flow["name"], flow["segments"]) == ("Spring", [{"segmentId": pair.buyers, "name": "Buyers"}])


def test_what_is_in_use_says_by_what(pair: Pair) -> None:
    ok(pair.a.call(governance, "PUT", "labels/loyal", {"name": "Loyalty"}))
    ok(pair.a.call(segments, "PATCH", f"segments/{pair.buyers}", {"labels": ["loyal"]}))
    answer = pair.a.call(governance, "DELETE", "labels/loyal")
    assert (answer.status, answer.body["current"]) == (409, "in_use")
    assert answer.body["segmentIds"] == [pair.buyers]
    assert answer.body["segments"] == [{"segmentId": pair.buyers, "name": "Buyers"}]


def test_who_sees_to_a_privacy_request_is_named(pair: Pair) -> None:
    subject = {"identities": [{"namespace": "email", "value": "ann@example.com"}]}
    body = {"type": "erasure", "regulation": "gdpr", "verified": True, "subject": subject}
    request = ok(pair.a.call(privacy, "POST", "privacy-requests", body))
    assert (request["assignee"], request["assigneeName"]) == (None, None)
    decision = {"action": "assign", "privacyRequestIds": [request["privacyRequestId"]]}
    ok(pair.a.call(approvals, "POST", "privacy-requests/decisions", decision | {"assignee": pair.a.principal_id}))
    (listed,) = ok(pair.a.call(privacy, "GET", "privacy-requests"))["items"]
    (record, *_) = ok(pair.a.call(activity, "GET", "activity"))["items"]
    assert listed["assigneeName"] == record["actor"]["name"]
