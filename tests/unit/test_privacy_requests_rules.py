"""A request's life: what leads where, what is resumed, and what leaves a gap."""

from dataclasses import replace
from typing import get_args

import pytest

from handfast.partners.models import PartnerRef
from handfast.platform.problems import Conflict
from handfast.privacy_requests import rules
from handfast.privacy_requests.models import (
    Origin,
    PrivacyRequest,
    PrivacyStatus,
    PrivacyType,
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
    Origin("prq"),
    rules.stages_of("erasure"),
    change_id="chg_1",
)
STAGES_OF_ERASURE = [stage.name for stage in REQUEST.stages]
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


@pytest.mark.parametrize("name", STAGES_OF_ERASURE)
def test_a_retry_goes_on_at_the_failed_stage_and_keeps_what_was_done_before(name: StageName) -> None:
    request = REQUEST
    done = STAGES_OF_ERASURE.index(name)
    for before in STAGES_OF_ERASURE[:done]:
        request = rules.with_stage(request, before, "done", AT, {"identities": 1})
    again = rules.resumed(rules.with_stage(request, name, "failed", AT, {"reason": "error"}))
    assert again.stage.name == name
    assert again.stages[:done] == request.stages[:done]
    assert (again.change_id is None) == (done <= STAGES_OF_ERASURE.index("apply"))


@pytest.mark.parametrize("kind", ["access", "portability"])
def test_a_request_that_reads_only_finds_packs_and_completes_and_tells_nobody(kind: PrivacyType) -> None:
    stages = rules.stages_of(kind)
    assert [stage.name for stage in stages] == ["find", "package", "complete"]
    request = rules.with_stage(replace(REQUEST, type=kind, stages=stages), "find", "done", AT, {})
    again = rules.resumed(rules.with_stage(request, "package", "failed", AT, {"reason": "error"}))
    assert (again.stage.name, again.stage.status) == ("package", "pending")


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
    recipient = Recipient("b", PartnerRef("sbx_b", "B", "b"), status=status, known=known)
    assert rules.is_gap(recipient) is gap
    assert rules.gaps([recipient], []) == gap


def test_an_opt_out_concerns_only_what_was_disclosed_since() -> None:
    assert rules.concerns("erasure", AT, "2020-01-01T00:00:00.000Z")
    assert not rules.concerns("opt_out", AT, "2025-12-31T23:59:59.999Z")
    assert rules.concerns("opt_out", AT, AT)


def test_looks_become_rarer_the_longer_the_wait() -> None:
    assert [rules.delay(waited) for waited in (0, 4, 40, 10_000)] == [1, 1, 10, 300]
    assert [rules.delay(waited, is_woken=True) for waited in (0, 4, 40, 10_000)] == [5, 5, 10, 300]


def test_a_package_that_is_made_anew_is_reviewed_anew() -> None:
    kinds: tuple[PrivacyType, ...] = ("access", "portability")
    assert [kind for kind in get_args(PrivacyType.__value__) if "review" in names_of(kind)] == list(kinds)
    request = replace(REQUEST, type="access", status="running", stages=rules.stages_of("access", reviewed=True))
    before: tuple[StageName, ...] = ("find", "package")
    for name in before:
        request = rules.with_stage(request, name, "done", AT, {"expiresAt": AT})
    waiting = rules.with_stage(request, "review", "running", AT)
    decided = rules.with_stage(waiting, "review", "running", AT, {"withheld": []})
    assert (rules.awaits_review(waiting), rules.awaits_review(decided)) == (True, False)
    assert rules.package_until(waiting) is rules.package_until(decided) is None
    released = rules.with_stage(decided, "review", "done", AT, {"withheld": [], "expiresAt": "2026"})
    assert rules.package_until(released) == "2026"
    again = rules.resumed(replace(rules.with_stage(released, "complete", "done", AT), status="completed_with_gaps"))
    assert [(stage.name, stage.status) for stage in again.stages][1:3] == [
        ("package", "pending"),
        ("review", "pending"),
    ]
    assert again.stages[2].detail == {}
    assert rules.resumed(waiting).stage.name == "package"
    with pytest.raises(Conflict):
        rules.resumed(decided)


def names_of(kind: PrivacyType) -> list[str]:
    return [stage.name for stage in rules.stages_of(kind, reviewed=True)]
