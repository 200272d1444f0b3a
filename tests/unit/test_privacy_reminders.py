"""When the sweep has to look at a request, and what it warns of."""

from datetime import timedelta

import pytest

from handfast.platform import clock
from handfast.privacy_requests import reminders
from handfast.privacy_requests.models import Origin, PrivacyRequest, PrivacyStatus

RECEIVED = "2026-01-05T10:00:00.000Z"
ACKNOWLEDGE_BY = "2026-01-20T23:59:59.999Z"
DUE = "2026-02-19T23:59:59.999Z"


def request(status: PrivacyStatus = "pending", warned_until: str | None = None) -> PrivacyRequest:
    return PrivacyRequest(
        "sbx_1",
        "prq_1",
        "erasure",
        "ccpa",
        status,
        RECEIVED,
        DUE,
        Origin("prq_1"),
        (),
        ACKNOWLEDGE_BY,
        warned_until=warned_until,
        code_expires_at="2026-01-05T10:10:00.000Z",
    )


def test_the_sweep_looks_at_each_warning_in_turn_and_then_no_more() -> None:
    made, seen = request(), []
    while at := reminders.look_at(made):
        (warning,) = reminders.warnings(made, clock.from_text(at))
        seen.append((warning.duty, warning.kind, at))
        made = request(warned_until=at)
    assert seen == [
        ("acknowledge", "approaching", "2026-01-19T23:59:59.999Z"),
        ("acknowledge", "breached", "2026-01-21T00:00:00.000Z"),
        ("answer", "approaching", "2026-02-12T23:59:59.999Z"),
        ("answer", "approaching", "2026-02-18T23:59:59.999Z"),
        ("answer", "breached", "2026-02-20T00:00:00.000Z"),
    ]


def test_of_warnings_that_were_missed_the_last_of_each_duty_is_given() -> None:
    late = clock.from_text(DUE) + timedelta(days=3)
    assert [(warning.duty, warning.kind) for warning in reminders.warnings(request(), late)] == [
        ("acknowledge", "breached"),
        ("answer", "breached"),
    ]


@pytest.mark.parametrize("status", ["approved", "running"])
def test_an_approval_acknowledges(status: PrivacyStatus) -> None:
    late = clock.from_text(DUE) + timedelta(days=3)
    assert [warning.duty for warning in reminders.warnings(request(status), late)] == ["answer"]
    assert reminders.look_at(request(status)) == "2026-02-12T23:59:59.999Z"


def test_an_unverified_request_is_looked_at_when_its_code_has_expired() -> None:
    assert reminders.look_at(request("unverified")) == "2026-01-05T10:10:00.000Z"
