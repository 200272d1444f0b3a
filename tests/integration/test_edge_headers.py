"""Headers and statuses by which HTTP says more than a body does (docs/api.md, Manners)."""

from datetime import UTC, datetime

import pytest

from functions.access import app as access
from functions.activity import app as activity
from functions.connect_requests import app as connect
from functions.privacy_requests import app as privacy
from functions.privacy_requests import drp
from functions.segments import app as segments
from handfast.edge import rate_limits
from handfast.identity.namespaces import namespace
from handfast.platform import clock, quotas, table
from handfast.platform.problems import TooManyRequests
from handfast.privacy_requests import suppression_checks
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


def test_head_is_get_without_its_body(a: Member) -> None:
    path = f"segments/{segment(a)}"
    read = a.call(segments, "GET", path)
    head = a.call(segments, "HEAD", path)
    assert (head.status, head.body, head.headers) == (200, None, read.headers)
    assert a.call(segments, "HEAD", path, headers={"If-None-Match": read.headers["ETag"]}).status == 304
    missing = a.call(segments, "HEAD", "segments/seg_none")
    assert (missing.status, missing.body) == (404, None)


def test_a_method_that_a_path_has_not_is_405_with_those_that_it_has(a: Member) -> None:
    segment_id = segment(a)
    allow = "DELETE, GET, HEAD, OPTIONS, PATCH"
    for method in ("PUT", "POST", "TRACE"):
        refused = a.call(segments, method, f"segments/{segment_id}", {"name": "Other"})
        assert (refused.status, refused.body["type"]) == (405, "/v1/problems/method-not-allowed")
        assert (refused.headers["Allow"], ", ".join(refused.body["allow"])) == (allow, allow)
    assert a.call(segments, "HEAD", "memberships").headers["Allow"] == "OPTIONS, POST"
    asked = a.call(segments, "OPTIONS", f"segments/{segment_id}")
    assert (asked.status, asked.body, asked.headers["Allow"]) == (204, None, allow)
    assert a.call(segments, "OPTIONS", "nothing").status == 404


def test_a_protocols_wrong_method_is_answered_in_its_form(a: Member) -> None:
    answer = a.call(drp, "PUT", "drp/v1/data-rights-request")
    assert (answer.status, answer.body["code"], answer.headers["Allow"]) == (405, "405", "OPTIONS, POST")


def test_a_quota_shows_what_is_left_of_it(a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 2, 23, tzinfo=UTC))
    monkeypatch.setattr(suppression_checks, "CHECKS_PER_DAY", 3)
    body = {"identities": [IDENTITY, IDENTITY]}
    assert a.call(privacy, "POST", "suppressions/check", {"identities": [IDENTITY] * 4}).status == 429
    policy = '"suppression-checks";q=3;qu="identities";w=86400'
    answers = [a.call(privacy, "POST", "suppressions/check", body) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 429]
    for answer in answers:
        assert answer.headers["RateLimit-Policy"] == policy
        assert answer.headers["RateLimit"] == '"suppression-checks";r=1;t=3601'
    assert answers[1].headers["Retry-After"] == "3601"
    assert "RateLimit" not in a.call(privacy, "GET", "suppressions/count").headers


def test_a_quota_of_a_minute_is_whole_again_in_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    quota = quotas.Quota("calls", "requests", 2, seconds=60)

    def spend(second: int) -> list[str]:
        monkeypatch.setattr(
            clock, "now", lambda: datetime(2026, 3, 2, 12, second=second % 60, minute=second // 60, tzinfo=UTC)
        )
        rate_limits.begin()
        quotas.spend_shown(quota, 1, "slow down", table_name="PRIVACY_TABLE", pk=f"QUOTA#{world.a.sandbox_id}")
        return rate_limits.headers()["RateLimit"]

    assert [spend(58), spend(59)] == [['"calls";r=1;t=3'], ['"calls";r=0;t=2']]
    with pytest.raises(TooManyRequests) as refused:
        spend(59)
    assert (refused.value.members, rate_limits.headers()["RateLimit"]) == ({"retryAfter": 2}, ['"calls";r=0;t=2'])
    assert spend(60) == ['"calls";r=1;t=61']
