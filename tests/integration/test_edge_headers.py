"""Headers and statuses by which HTTP says more than a body does (docs/api.md, Manners)."""

import pytest

from functions.access import app as access
from functions.activity import app as activity
from functions.connect_requests import app as connect
from functions.privacy_requests import app as privacy
from functions.segments import app as segments
from handfast.identity.namespaces import namespace
from handfast.platform import table
from handfast.segments import store
from tests.worlds.sandboxes import CONTEXT, Member, World, proxy_event
from tests.worlds.sharing import segment

IDENTITY = {"namespace": "email", "value": "ann@example.com"}
REQUEST = {"type": "erasure", "regulation": "gdpr", "subject": {"identities": [IDENTITY]}}


def test_what_has_not_changed_is_304_and_what_has_is_sent(a: Member) -> None:
    path = f"segments/{segment(a)}"
    read = a.call(segments, "GET", path)
    tag = read.headers["ETag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        same = a.call(segments, "GET", path, headers={"If-None-Match": known})
        assert (same.status, same.body, same.headers["ETag"]) == (304, None, tag)
    for other in ('"1"', '"x"', ""):
        assert a.call(segments, "GET", path, headers={"If-None-Match": other}).body == read.body
    assert a.call(segments, "PATCH", path, {"name": "Other"}, headers={"If-None-Match": "*"}).status == 200
    assert a.call(segments, "GET", path, headers={"If-None-Match": tag}).status == 200


def test_a_count_that_changed_is_sent_and_makes_no_version_stale(a: Member) -> None:
    segment_id = segment(a)
    path, tag = f"segments/{segment_id}", a.call(segments, "GET", f"segments/{segment_id}").headers["ETag"]
    by_namespace = {namespace("email").code: 2}
    table.apply(store.add_members(a.sandbox.sandbox_id, segment_id, by_namespace, "2026-01-01T00:00:00.000Z"))
    listed = a.call(segments, "GET", path, headers={"If-None-Match": tag})
    assert (listed.status, listed.body["counts"]["identities"]) == (200, 2)
    assert a.call(segments, "PATCH", path, {"name": "Other"}, headers={"If-Match": tag}).status == 200


def test_nothing_that_may_hold_a_secret_is_kept_by_caches(a: Member) -> None:
    column = {"column": "mail", "as": "identity", "namespace": "email"}
    upload = {"fileName": "people.csv", "format": "csv", "mode": "delta", "columns": [column]}
    answers = [
        a.call(activity, "POST", "webhooks", {"url": "https://hooks.example.com/"}),
        a.call(connect, "GET", "connect-id"),
        a.call(connect, "POST", "connect-id/regenerate"),
        a.call(segments, "POST", "uploads", upload),
        a.call(privacy, "POST", "privacy-requests", REQUEST),
        a.call(segments, "GET", "uploads"),
    ]
    answers.append(a.call(activity, "POST", f"webhooks/{answers[0].body['webhookId']}/rotate-secret"))
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    read = a.call(segments, "GET", f"segments/{segment(a)}")
    assert read.headers["Cache-Control"] == "private, no-cache"
    repeated = [
        a.call(activity, "POST", "webhooks", {"url": "https://hooks.example.com/"}, headers={"Idempotency-Key": "1"})
        for _ in range(2)
    ]
    assert {answer.headers["Cache-Control"] for answer in repeated} == {"no-store"}


def test_what_is_worked_on_says_when_to_look_again(a: Member) -> None:
    answer = a.call(privacy, "POST", "privacy-requests", REQUEST)
    assert (answer.status, answer.headers["Retry-After"]) == (202, "5")


def test_a_problem_names_the_path_with_its_stage(a: Member) -> None:
    answer = a.call(segments, "GET", "segments/seg_none")
    assert answer.body["instance"] == f"/v1/sandboxes/{a.sandbox.sandbox_id}/segments/seg_none"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "x"])
def test_a_body_of_another_type_is_415(a: Member, kind: str) -> None:
    answer = a.call(segments, "POST", "segments", {"name": "x"}, headers={"content-type": kind})
    assert (answer.status, answer.body["title"]) == (415, "Unsupported media type")
    assert "application/json" in answer.body["detail"]
    assert a.call(segments, "GET", "segments").body["items"] == []
    taken = a.call(segments, "POST", "segments", {"name": "x"}, headers={"content-type": "Application/JSON; charset=x"})
    assert taken.status == 201


def test_the_document_may_be_kept(world: World) -> None:
    answer = access.handler(proxy_event(None, "GET", "/openapi.json"), CONTEXT)
    assert "Cache-Control" not in answer["multiValueHeaders"]
