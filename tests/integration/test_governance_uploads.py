"""Labels of upload columns and data sources, and what the segments that they feed inherit."""

from typing import Any

import pytest

from functions.governance import app as governance
from functions.segments import app as segments
from handfast.dataflows import work
from tests.worlds.sandboxes import World
from tests.worlds.sharing import Pair, pair_of, pointers, segment
from tests.worlds.uploads import COLUMNS, ingested

PEOPLE = b"id,mail,ad,consent\n1,ann@example.com,,y\n"
NAMED = b"id,mail,in\n1,ann@example.com,{0}\n2,bob@example.com,{0}|{1}\n"


@pytest.fixture
def pair(world: World) -> Pair:
    return pair_of(world)


def columns(**labels: list[str]) -> list[dict[str, Any]]:
    return [column | {"labels": labels.get(str(column["column"]), [])} for column in COLUMNS]


def shown(pair: Pair, segment_id: str) -> list[tuple[str, str, str]]:
    found = pair.a.call(segments, "GET", f"segments/{segment_id}").body
    return [(each["label"], each["from"]["entityType"], each["from"]["name"]) for each in found["inheritedLabels"]]


def stopped(dataflow: str) -> tuple[str, ...]:
    terms = work.terms(dataflow)
    assert terms is not None
    return terms.stopped


def test_a_segment_inherits_the_labels_of_the_columns_that_decide_who_is_in_it(pair: Pair) -> None:
    mapping = [*columns(mail=["I1"], consent=["C4"]), {"column": "x", "as": "attribute", "labels": ["S1"]}]
    content = b"id,mail,ad,consent,x\n1,ann@example.com,,y,z\n"
    ingested(pair.world, pair.a, content, columns=mapping, segmentId=pair.buyers)
    assert shown(pair, pair.buyers) == [("C4", "column", "consent"), ("I1", "column", "mail")]
    assert shown(pair, pair.visitors) == []
    ingested(pair.world, pair.a, PEOPLE, columns=columns(mail=["C2"]), segmentId=pair.buyers)
    assert shown(pair, pair.buyers) == [
        ("C4", "column", "consent"),
        ("C2", "column", "mail"),
        ("I1", "column", "mail"),
    ]


def test_segments_that_cells_name_inherit_and_no_others(pair: Pair) -> None:
    other = segment(pair.a, "Other")
    mapping = [
        {"column": "mail", "as": "identity", "namespace": "email", "labels": ["I1"]},
        {"column": "in", "as": "segment"},
    ]
    content = NAMED.replace(b"{0}", pair.buyers.encode()).replace(b"{1}", pair.visitors.encode())
    ingested(pair.world, pair.a, content, columns=mapping)
    assert [bool(shown(pair, name)) for name in (pair.buyers, pair.visitors, other)] == [True, True, False]


def test_a_labelled_column_stops_a_running_segment_and_off_it_goes_on(pair: Pair) -> None:
    _, received = pair.enabled()
    ingested(pair.world, pair.a, PEOPLE, columns=columns(mail=["C11"]), segmentId=pair.buyers)
    assert stopped(received["dataflowId"]) == (pair.buyers,)
    assert pair.exports()
    unknown = pair.a.call(segments, "PATCH", f"segments/{pair.buyers}", {"columnLabels": {"x/y": []}})
    assert (unknown.status, pointers(unknown)) == (422, ["/columnLabels/x~1y"])
    off: dict[str, Any] = {"columnLabels": {"mail": []}}
    dry = pair.a.call(segments, "PATCH", f"segments/{pair.buyers}", off, query={"dryRun": "true"})
    assert dry.body["dataflows"][0]["resumedSegmentIds"] == [pair.buyers]
    assert stopped(received["dataflowId"]) == (pair.buyers,)
    assert pair.a.call(segments, "PATCH", f"segments/{pair.buyers}", off).status == 200
    assert stopped(received["dataflowId"]) == ()
    assert pair.exports()


def test_a_data_sources_labels_move_all_segments_that_it_feeds(pair: Pair) -> None:
    _, received = pair.enabled(segmentIds=[pair.buyers, pair.visitors])
    body = {"name": "Shop", "exportControls": ["no_onsite_personalization"]}
    source = pair.a.call(governance, "POST", "data-sources", body)
    assert (source.status, source.body["inheritedLabels"]) == (201, ["C7"])
    path = f"data-sources/{source.body['dataSourceId']}"
    for name in (pair.buyers, pair.visitors):
        ingested(pair.world, pair.a, PEOPLE, segmentId=name, dataSourceId=source.body["dataSourceId"])
        assert shown(pair, name) == [("C7", "dataSource", "Shop")]
    pair.exports()
    dry = pair.a.call(governance, "PATCH", path, {"labels": ["C11"]}, query={"dryRun": "true"})
    assert dry.body["dataflows"] == [
        {
            "dataflowId": received["dataflowId"],
            "name": "Spring",
            "segmentIds": [pair.buyers, pair.visitors],
            "resumedSegmentIds": [],
            "segments": [
                {"segmentId": pair.buyers, "name": "Buyers"},
                {"segmentId": pair.visitors, "name": "Visitors"},
            ],
            "members": 2,
            "people": 2,
            "resumed": 0,
            "resumedPeople": 0,
        }
    ]
    assert stopped(received["dataflowId"]) == ()
    assert pair.a.call(governance, "PATCH", path, {"labels": ["C11"]}).status == 200
    assert stopped(received["dataflowId"]) == (pair.buyers, pair.visitors)
    assert {message["dataflowId"] for message in pair.exports()} == {received["dataflowId"]}
    assert pair.a.call(governance, "PATCH", path, {"labels": []}).status == 200
    assert stopped(received["dataflowId"]) == ()


def test_an_upload_names_labels_and_data_sources_that_there_are(pair: Pair) -> None:
    theirs = pair.b.call(governance, "POST", "data-sources", {"name": "Shop"}).body["dataSourceId"]
    body = {
        "fileName": "crm.csv",
        "format": "csv",
        "mode": "delta",
        "columns": columns(mail=["loyal"]),
        "dataSourceId": theirs,
    }
    answer = pair.a.call(segments, "POST", "uploads", body)
    assert (answer.status, pointers(answer)) == (422, ["/columns/1/labels", "/dataSourceId"])


def test_evaluations_answer_in_the_public_shape(pair: Pair) -> None:
    assert pair.a.call(governance, "POST", "policies/restrict_email_targeting/enable").status == 200
    draft = {
        "name": "Both",
        "status": "DRAFT",
        "marketingActionRefs": ["../marketingActions/core/emailTargeting"],
        "deny": {"operator": "AND", "operands": [{"label": "C3"}, {"label": "I1"}]},
    }
    both = pair.a.call(governance, "POST", "policies", draft).body["policyId"]
    path = "marketing-actions/emailTargeting/constraints"
    found = pair.a.call(governance, "GET", path, query={"duleLabels": "C5,C1", "labels": "C1"}).body
    assert (found["marketingAction"], found["marketingActionRef"]) == (
        "email_targeting",
        "../marketingActions/core/emailTargeting",
    )
    assert found["labels"] == found["duleLabels"] == ["C1", "C5"]
    assert [policy["policyId"] for policy in found["violatedPolicies"]] == ["restrict_email_targeting"]
    assert pair.a.call(governance, "GET", path, query={"labels": "C3,I1"}).body["violatedPolicies"] == []
    asked = {"labels": "C3,I1", "includeDraft": "true"}
    found = pair.a.call(governance, "GET", path, query=asked).body
    assert [policy["policyId"] for policy in found["violatedPolicies"]] == [both]
    first, second = segment(pair.a, "First", labels=["C3"]), segment(pair.a, "Second", labels=["I1"])
    third = segment(pair.a, "Third", labels=["C3", "I1"])
    for entities, expected in (([first, second], []), ([third], [both])):
        body = {"entities": [{"entityType": "segment", "entityId": name} for name in entities]}
        found = pair.a.call(governance, "POST", path, body, query={"includeDraft": "true"}).body
        assert [policy["policyId"] for policy in found["violatedPolicies"]] == expected
        assert found["labels"] == ["C3", "I1"]
    questions: list[dict[str, Any]] = [
        {"evalRef": f"/marketingActions/core/{action}/constraints", "labels": ["C4"]}
        for action in ("emailTargeting", "dataScience", "unknown")
    ]
    questions.append({"evalRef": "emailTargeting", "labels": ["C4"], "entityList": body["entities"]})
    answers = pair.a.call(governance, "POST", "bulk-eval", questions).body
    assert [answer["status"] for answer in answers] == [200, 200, 404, 400]
    assert [len(answer["body"]["violatedPolicies"]) for answer in answers[:2]] == [1, 0]


@pytest.mark.parametrize(
    ("labels", "pointer"),
    [("", "/labels"), ("loyal", "/labels"), ("C1, c3", "/labels"), ("C1;C2", "/labels")],
)
def test_labels_that_there_are_not_are_not_evaluated(pair: Pair, labels: str, pointer: str) -> None:
    path = "marketing-actions/analytics/constraints"
    answer = pair.a.call(governance, "GET", path, query={"labels": labels})
    assert (answer.status, pointers(answer)) == (422, [pointer])


def test_an_array_in_place_of_an_object_is_refused_by_name(pair: Pair) -> None:
    entity = {"entityType": "segment", "entityId": pair.buyers}
    for body in ([entity], [{"entities": [entity]}], []):
        answer = pair.a.call(governance, "POST", "marketing-actions/analytics/constraints", body)
        assert (answer.status, pointers(answer)) == (422, [""])
        assert answer.body["detail"] == "send one JSON object here, not an array"


def test_what_others_have_is_not_evaluated(pair: Pair) -> None:
    theirs = segment(pair.b, "Theirs", labels=["C1"])
    source = pair.b.call(governance, "POST", "data-sources", {"name": "Shop"}).body["dataSourceId"]
    path = "marketing-actions/analytics/constraints"
    for kind, name in (("segment", theirs), ("dataSource", source), ("column", f"{theirs}/mail"), ("column", "/")):
        body = {"entities": [{"entityType": kind, "entityId": name}]}
        assert pair.a.call(governance, "POST", path, body).status == 404


def test_who_may_only_read_changes_nothing(pair: Pair) -> None:
    viewer = pair.world.member(pair.a.sandbox, "viewer")
    policy = {"name": "Mine", "marketingActions": ["segment_match"], "deny": {"label": "C1"}}
    for method, path, body in (
        ("PUT", "labels/loyal", {"name": "Loyal"}),
        ("POST", "policies", policy),
        ("POST", "policies/restrict_data_export/enable", None),
        ("POST", "data-sources", {"name": "Shop"}),
    ):
        answer = viewer.call(governance, method, path, body)
        assert (answer.status, answer.body["permission"]) == (403, "governance:write")
    assert viewer.call(governance, "GET", "policies").status == 200
