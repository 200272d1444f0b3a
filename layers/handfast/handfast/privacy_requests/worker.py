"""The work on a sandbox's requests, stage by stage: all that stand at a stage are taken together.

A message says only "look at this sandbox". Each stage is safe to repeat: a request moves on when its stage is done,
waits while what the stage has set off has not ended, and stops for a retry by hand when it has failed too often.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from handfast.activity.models import Actor
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.observability import logger
from handfast.platform.table import ConditionFailed
from handfast.privacy_requests import rules, store
from handfast.privacy_requests.connectors import stage as connectors
from handfast.privacy_requests.jobs import WAIT_FOR, Found, Job, Outcome, Waiting
from handfast.privacy_requests.models import STAGES, PrivacyRequest, StageName, Subject
from handfast.privacy_requests.stages import WORK
from handfast.privacy_requests.store import Step


def work(message: Mapping[str, Any]) -> None:
    """Do what can be done now for a sandbox's requests; while any waits, another look follows."""
    sandbox_id = message["sandboxId"]
    left = store.work(sandbox_id)
    for name in STAGES:
        found = [_begun(request) for request in left if request.stage.name == name]
        jobs = [Job(one, _subject(one)) for one in _with_change_id(found) if one]
        if jobs:
            outcomes = _outcomes(name, sandbox_id, jobs)
            for job in jobs:
                with suppress(ConditionFailed):  # changed meanwhile: the next look sees how
                    _settle(job.request, outcomes[job.name])
            left = store.work(sandbox_id)
    connectors.attend(sandbox_id)
    if left:
        began = max(request.stage.started_at or _now() for request in left)
        waited = clock.now() - clock.from_text(began)
        store.look_again(sandbox_id, rules.delay(waited.total_seconds()))


def _now() -> str:
    return clock.to_text(clock.now())


def _subject(request: PrivacyRequest) -> Subject:
    return store.subject(request.sandbox_id, request.privacy_request_id) or Subject({})


def _begun(request: PrivacyRequest) -> PrivacyRequest | None:
    """The request as it runs; None when somebody else has changed it meanwhile."""
    if request.status != "approved":
        return request
    new = rules.with_stage(replace(request, status=rules.after(request.status, "start")), "find", "running", _now())
    with suppress(ConditionFailed):
        return store.save(Step(request, new, "started", Actor.system(), {}))[0]
    return None


def _with_change_id(requests: Sequence[PrivacyRequest | None]) -> list[PrivacyRequest | None]:
    """Requests about to change data note the change's id first, one for all, so that a repeat makes the same change."""
    change_id = new_id("chg")
    noted: list[PrivacyRequest | None] = []
    for request in requests:
        if request is None or request.stage.name != "apply" or request.change_id is not None:
            noted.append(request)
            continue
        new = replace(request, change_id=change_id)
        with suppress(ConditionFailed):
            noted += store.save(Step(request, new, "change_noted", Actor.system(), {}, announced=False))
    return noted


def _outcomes(name: StageName, sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
    try:
        return WORK[name](sandbox_id, jobs)
    except Exception as error:  # noqa: BLE001 - noted on each request, and tried again
        logger.exception("stage failed", extra={"stage": name, "sandboxId": sandbox_id})
        return dict.fromkeys((job.name for job in jobs), error)


def _settle(request: PrivacyRequest, outcome: Outcome) -> None:
    """Write what a stage's outcome means for a request."""
    stage, at = request.stage, _now()
    if not isinstance(outcome, Exception):
        new = rules.with_stage(request, stage.name, "done", at, outcome)
        if stage.name == "complete":
            action: rules.Action = "complete_with_gaps" if outcome["gaps"] else "complete"
            ended = replace(new, status=rules.after(request.status, action), result=outcome)
            _save(request, ended, "completed", dict(outcome), announced=True)
        else:
            _save(request, new, f"{stage.name}_done", dict(outcome))
        return
    late = (stage.started_at or at) < clock.to_text(clock.now() - 2 * WAIT_FOR)
    if isinstance(outcome, Waiting) and not late:
        if stage.status == "pending":
            _save(request, rules.with_stage(request, stage.name, "running", at), f"{stage.name}_begun", {})
        return
    attempts = request.attempts + 1
    if attempts >= rules.ATTEMPTS or isinstance(outcome, Waiting):
        reason = "timed_out" if isinstance(outcome, Waiting) else type(outcome).__name__.lower().strip("_")
        failed = rules.with_stage(request, stage.name, "failed", at, {"reason": reason})
        _save(request, failed, "failed", {"stage": stage.name, "reason": reason}, announced=True)
    elif isinstance(outcome, Found):
        again = replace(rules.again_from(request, "find"), attempts=attempts)
        _save(request, again, "found_again", {})
    else:
        _save(request, replace(request, attempts=attempts), "attempt_failed", {"stage": stage.name})


def _save(
    old: PrivacyRequest, new: PrivacyRequest, event: str, detail: dict[str, object], *, announced: bool = False
) -> PrivacyRequest:
    return store.save(Step(old, new, event, Actor.system(), detail, announced))[0]
