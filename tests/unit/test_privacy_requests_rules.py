"""A request's life: what leads where, what is resumed, and what leaves a gap."""

from dataclasses import replace
from typing import get_args

import pytest

from handfast.platform.problems import Conflict
from handfast.privacy_requests import rules
from handfast.privacy_requests.models import (
    STAGES,
    Origin,
    PrivacyRequest,
    PrivacyStatus,
    Recipient,
    RecipientStatus,
    StageName,
)
from handfast.privacy_requests.rules import TRANSITIONS, Action

AT = "2026-01-01T00:00:00.000Z"
REQUEST = PrivacyRequest(
    "sbx",
    "prq",
    "erasure",
    "gdpr",
    "running",
    AT,
    AT,
    None,
    None,
    Origin("prq"),
    rules.stages_of("erasure"),
    change_id="chg_1",
)
ENDED = {"completed", "denied", "cancelled", "expired"}


@pytest.mark.parametrize("status", get_args(PrivacyStatus.__value__))
@pytest.mark.parametrize("action", get_args(Action.__value__))
def test_only_the_table_says_what_leads_where(status: PrivacyStatus, action: Action) -> None:
    if action in TRANSITIONS[status]:
        assert rules.after(status, action) == TRANSITIONS[status][action]
        return
    with pytest.raises(Conflict) as caught:
        rules.after(status, action)
    assert caught.value.members["current"] == status


def test_what_has_ended_stays_so_and_nothing_unverified_is_approved() -> None:
    assert all(TRANSITIONS[status] == {} for status in TRANSITIONS if status in ENDED)
    assert "approve" not in TRANSITIONS["unverified"]
    reached = {"unverified", "pending"}
    while reached != (more := reached | {to for status in reached for to in TRANSITIONS[status].values()}):  # type: ignore[index]
        reached = more
    assert reached == set(TRANSITIONS)


@pytest.mark.parametrize("name", STAGES)
def test_a_retry_goes_on_at_the_failed_stage_and_keeps_what_was_done_before(name: StageName) -> None:
    request = REQUEST
    for before in STAGES[: STAGES.index(name)]:
        request = rules.with_stage(request, before, "done", AT, {"identities": 1})
    again = rules.resumed(rules.with_stage(request, name, "failed", AT, {"reason": "error"}))
    assert again.stage.name == name
    assert again.stages[: STAGES.index(name)] == request.stages[: STAGES.index(name)]
    assert (again.change_id is None) == (STAGES.index(name) <= STAGES.index("apply"))


def test_nothing_is_retried_that_has_not_failed() -> None:
    with pytest.raises(Conflict):
        rules.resumed(REQUEST)
    assert rules.resumed(replace(REQUEST, status="completed_with_gaps")).stage.name == "find"


@pytest.mark.parametrize(
    ("status", "known", "gap"),
    [
        ("confirmed", False, False),
        ("absent", False, False),
        ("sent", True, False),
        ("sent", False, True),
        ("pending", False, True),
        ("refused", False, True),
        ("failed", False, True),
        ("not_supported", False, True),
    ],
)
def test_who_has_not_confirmed_is_a_gap(status: RecipientStatus, known: bool, gap: bool) -> None:
    recipient = Recipient("sbx_b", "B", "partner", status, known=known)
    assert rules.is_gap(recipient) is gap
    assert rules.ending([recipient]) == ("complete_with_gaps" if gap else "complete")


def test_an_opt_out_concerns_only_what_was_disclosed_since() -> None:
    assert rules.concerns("erasure", AT, "2020-01-01T00:00:00.000Z")
    assert not rules.concerns("opt_out", AT, "2025-12-31T23:59:59.999Z")
    assert rules.concerns("opt_out", AT, AT)


def test_looks_become_rarer_the_longer_the_wait() -> None:
    assert [rules.delay(waited) for waited in (0, 4, 40, 10_000)] == [2, 2, 10, 300]
