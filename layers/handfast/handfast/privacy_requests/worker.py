"""The work on a sandbox's requests, stage by stage: all that stand at a stage are taken together.

A message says only "look at this sandbox". Each stage is safe to repeat: a request moves on when its stage is done,
waits while what the stage has set off has not ended, and stops for a retry by hand when it has failed too often.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import filterfalse
from typing import Any

from handfast.journal.models import Actor
from handfast.platform import clock, queues
from handfast.platform.ids import new_id
from handfast.platform.observability import logger
from handfast.privacy_requests import connector_stages as connectors
from handfast.privacy_requests import extents, looks, rules, store, subject_store
from handfast.privacy_requests.drop import store as drop_lists
from handfast.privacy_requests.models import STAGES, PrivacyRequest, StageName, Subject
from handfast.privacy_requests.stage_jobs import WAIT_FOR, Found, Job, Outcome, Referred, Unanswered, Waiting
from handfast.privacy_requests.stages import WORK
from handfast.privacy_requests.store import Step


def work(message: Mapping[str, Any]) -> None:
    """Do what can be done now for a sandbox's requests; while any waits, or when it takes long, another look follows.

    Raises Conflict when a request was moved to a state that its stage cannot follow.
    """
    sandbox_id, began = message["sandboxId"], clock.now()
    left = store.work(sandbox_id)
    for name in STAGES:
        requests = _with_change_id(_begun([request for request in left if request.stage.name == name]))
        subjects = subject_store.get_each(sandbox_id, [request.privacy_request_id for request in requests])
        jobs = [Job(request, subject or Subject({})) for request, subject in zip(requests, subjects, strict=True)]
        if jobs:
            with store.waking_once():
                outcomes = _outcomes(name, sandbox_id, jobs)
            steps = (_next_step(job.request, outcomes[job.name]) for job in jobs)
            drop_lists.wake_for(store.save_each(step for step in steps if step))
            left = store.work(sandbox_id)
            if queues.is_enough(began):
                store.wake(sandbox_id)
                return
    _assess(sandbox_id)
    connectors.attend(sandbox_id)
    if left:
        since = max(request.stage.started_at or clock.now_text() for request in left)
        waited = clock.now() - clock.from_text(since)
        applying = all(request.stage.name == "apply" for request in left)
        looks.look_again(sandbox_id, rules.delay(waited.total_seconds(), is_woken=applying))


def _assess(sandbox_id: str) -> None:
    """Look up for who decides how far the requests that wait for an approval would reach."""
    waiting = store.undecided(sandbox_id)
    subjects = subject_store.get_each(sandbox_id, [request.privacy_request_id for request in waiting])
    asked = {
        request.privacy_request_id: (request, subject)
        for request, subject in zip(waiting, subjects, strict=True)
        if subject
    }
    found = extents.extents(sandbox_id, asked) if asked else {}
    store.save_each(
        _step(asked[name][0], rules.assessed(asked[name][0], each.counts), "assessed", dict(each.counts))
        for name, each in found.items()
    )


def _begun(requests: Sequence[PrivacyRequest]) -> list[PrivacyRequest]:
    """The requests as they run, without those that somebody else has changed meanwhile."""
    running = [request for request in requests if request.status != "approved"]
    approved = (request for request in requests if request.status == "approved")
    return running + store.save_each(
        _step(
            request,
            rules.with_stage(
                replace(request, status=rules.after(request.status, "start")), "find", "running", clock.now_text()
            ),
            "started",
            {},
            announced=True,
        )
        for request in approved
    )


def _with_change_id(requests: Sequence[PrivacyRequest]) -> list[PrivacyRequest]:
    """Requests about to change data note the change's id first, one for all, so that a repeat makes the same change."""
    change_id = new_id("chg")

    def lacks(request: PrivacyRequest) -> bool:
        return request.stage.name == "apply" and request.change_id is None

    return list(filterfalse(lacks, requests)) + store.save_each(
        _step(request, replace(request, change_id=change_id), "change_noted", {}) for request in filter(lacks, requests)
    )


def _outcomes(name: StageName, sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
    try:
        return WORK[name](sandbox_id, jobs)
    except Exception as error:  # noqa: BLE001 - noted on each request, and tried again
        logger.exception("stage failed", extra={"stage": name, "sandboxId": sandbox_id})
        return dict.fromkeys((job.name for job in jobs), error)


def _next_step(request: PrivacyRequest, outcome: Outcome) -> Step | None:
    """What a stage's outcome means for a request; None where it goes on waiting."""
    stage, at = request.stage, clock.now_text()
    if not isinstance(outcome, Exception):
        return _done(request, outcome)
    if isinstance(outcome, Referred):
        waiting = rules.referred(request, outcome.counts)
        return _step(request, waiting, "referred", dict(outcome.counts), announced=True)
    late = (stage.started_at or at) < clock.to_text(clock.now() - 2 * WAIT_FOR)
    if isinstance(outcome, Unanswered) or (isinstance(outcome, Waiting) and not late):
        event = "awaiting_answers" if stage.name == "complete" else f"{stage.name}_begun"
        begun = rules.with_stage(request, stage.name, "running", at)
        announced = rules.awaits_hand(begun)
        return _step(request, begun, event, {}, announced=announced) if stage.status == "pending" else None
    attempts = request.attempts + 1
    if attempts >= rules.ATTEMPTS or isinstance(outcome, Waiting):
        reason = "timed_out" if isinstance(outcome, Waiting) else type(outcome).__name__.lower().strip("_")
        failed = rules.with_stage(request, stage.name, "failed", at, {"reason": reason})
        return _step(request, failed, "failed", {"stage": stage.name, "reason": reason}, announced=True)
    if isinstance(outcome, Found):
        return _step(request, replace(rules.again_from(request, "find"), attempts=attempts), "found_again", {})
    return _step(request, replace(request, attempts=attempts), "attempt_failed", {"stage": stage.name})


def _done(request: PrivacyRequest, outcome: Mapping[str, Any]) -> Step:
    new = rules.with_stage(request, request.stage.name, "done", clock.now_text(), outcome)
    if request.stage.name != "complete":
        return _step(request, new, f"{request.stage.name}_done", dict(outcome))
    action: rules.Action = "complete_with_gaps" if outcome["gaps"] else "complete"
    reason = rules.suppressed_why(outcome) or request.reason
    ended = replace(new, status=rules.after(request.status, action), result=outcome, reason=reason)
    return _step(request, ended, "completed", dict(outcome), announced=True)


def _step(
    old: PrivacyRequest, new: PrivacyRequest, event: str, detail: dict[str, object], *, announced: bool = False
) -> Step:
    return Step(old, new, event, Actor.system(), detail, announced)
