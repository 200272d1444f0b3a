"""How requests are counted for 11 CCR 7102."""

from dataclasses import replace
from datetime import date

from handfast.partners.models import PartnerRef
from handfast.privacy_requests.deadlines import Calendar
from handfast.privacy_requests.metrics import metrics
from handfast.privacy_requests.models import Origin, PrivacyRequest, PrivacyStatus, PrivacyType

OWN = Origin("prq_1")


def request(
    status: PrivacyStatus, received: str, ended: str | None = None, kind: PrivacyType = "erasure", origin: Origin = OWN
) -> PrivacyRequest:
    return PrivacyRequest("sbx_1", "prq_1", kind, "ccpa", status, received, received, origin, (), ended_at=ended)


def test_answers_are_counted_by_year_and_type_with_the_days_they_took() -> None:
    requests = [
        request("completed", "2026-01-01T10:00:00.000Z", "2026-01-03T09:00:00.000Z"),
        request("completed_with_gaps", "2026-02-01T10:00:00.000Z", "2026-02-11T10:00:00.000Z"),
        request("denied", "2026-03-01T10:00:00.000Z", "2026-03-05T10:00:00.000Z"),
        request("running", "2026-03-01T10:00:00.000Z"),
        request("expired", "2026-03-01T10:00:00.000Z", "2026-03-01T11:00:00.000Z"),
        request("completed", "2026-04-01T10:00:00.000Z", "2026-04-01T10:00:01.000Z", kind="opt_out"),
        request("completed", "2025-12-31T10:00:00.000Z", "2026-01-01T10:00:00.000Z"),
    ]
    found = metrics(requests, Calendar(), date(2025, 1, 1), date(2026, 12, 31)).model_dump(by_alias=True)
    assert (found["first"], found["last"]) == ("2025-01-01", "2026-12-31")
    names = ("year", "type", "received", "compliedInWhole", "compliedInPart", "denied", "other", "unverified")
    assert [tuple(item[name] for name in names) for item in found["items"]] == [
        (2025, "erasure", 1, 1, 0, 0, 0, 0),
        (2026, "erasure", 4, 1, 1, 1, 1, 1),
        (2026, "opt_out", 1, 1, 0, 0, 0, 0),
    ]
    assert [(item["medianDays"], item["meanDays"]) for item in found["items"]] == [(1.0, 1.0), (4.0, 5.3), (0.0, 0.0)]


def test_days_are_those_of_the_sandbox_and_the_last_one_counts() -> None:
    late = request("running", "2026-01-01T02:00:00.000Z")  # still 2025 in Los Angeles
    assert (
        metrics([late], Calendar("America/Los_Angeles"), date(2025, 12, 31), date(2025, 12, 31)).items[0].year == 2025
    )
    assert metrics([late], Calendar("America/Los_Angeles"), date(2026, 1, 1), date(2026, 12, 31)).items == []


def test_what_partners_passed_on_is_counted_where_the_person_asked() -> None:
    origin = Origin("prq_2", PartnerRef("sbx_2", "B", "b"), "prq_2")
    passed = request("completed", "2026-01-01T10:00:00.000Z", origin=origin)
    assert metrics([passed], Calendar(), date(2026, 1, 1), date(2026, 12, 31)).items == []


def test_a_request_without_an_answer_has_no_days() -> None:
    (item,) = metrics(
        [request("pending", "2026-01-01T10:00:00.000Z")], Calendar(), date(2026, 1, 1), date(2026, 1, 2)
    ).items
    assert (item.median_days, item.mean_days) == (None, None)


def test_an_answer_of_which_something_was_withheld_is_one_in_part() -> None:
    whole = request("completed", "2026-01-01T10:00:00.000Z", kind="access")
    items = metrics(
        [whole, replace(whole, result={"withheld": 1})], Calendar(), date(2026, 1, 1), date(2026, 1, 2)
    ).items
    assert [(item.complied_in_whole, item.complied_in_part) for item in items] == [(1, 1)]
