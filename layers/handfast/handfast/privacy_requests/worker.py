"""The work on a sandbox's requests, stage by stage: all that stand at a stage are taken together.

A message says only "look at this sandbox". Each stage is safe to repeat: a request moves on when its stage is done,
waits while what the stage has set off has not ended, and stops for a retry by hand when it has failed too often.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from handfast.access import store as access
from handfast.activity.models import Actor
from handfast.feeds import store as feeds
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.observability import logger
from handfast.platform.table import ConditionFailed, Write
from handfast.privacy_requests import changes, find, ledger, partners, rules, store, suppressions
from handfast.privacy_requests.ledger import Told
from handfast.privacy_requests.models import STAGES, Key, PrivacyRequest, Recipient, StageName, Subject
from handfast.privacy_requests.service import by_namespace
from handfast.privacy_requests.store import Step

WAIT_FOR = timedelta(hours=1)
"""How long a stage waits for what it has set off, and for partners whose answers come by themselves."""


@dataclass
class Job:
    """A request at a stage, and whom it is about."""

    request: PrivacyRequest
    subject: Subject

    @property
    def name(self) -> str:
        """The request's id."""
        return self.request.privacy_request_id

    @property
    def keys(self) -> set[Key]:
        """The person's identities."""
        return set(self.subject.identities)


class _Waiting(Exception):  # noqa: N818 - an expected outcome
    """What the stage has set off has not ended yet."""


class _Found(Exception):  # noqa: N818 - an expected outcome
    """More of the person has come in since: begin again."""


type _Outcome = Mapping[str, Any] | Exception
"""What a stage tells of a request that it is done with, or why it is not."""


def work(message: Mapping[str, Any]) -> None:
    """Do what can be done now for a sandbox's requests; while any waits, another look follows."""
    sandbox_id = message["sandboxId"]
    for name in STAGES:
        found = [_begun(request) for request in store.work(sandbox_id) if request.stage.name == name]
        jobs = [Job(one, _subject(one)) for one in _with_change_id(found) if one]
        if jobs:
            outcomes = _outcomes(name, sandbox_id, jobs)
            for job in jobs:
                with suppress(ConditionFailed):  # changed meanwhile: the next look sees how
                    _settle(job.request, outcomes[job.name])
    left = store.work(sandbox_id)
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


def _outcomes(name: StageName, sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, _Outcome]:
    try:
        return _STAGES[name](sandbox_id, jobs)
    except Exception as error:  # noqa: BLE001 - noted on each request, and tried again
        logger.exception("stage failed", extra={"stage": name, "sandboxId": sandbox_id})
        return dict.fromkeys((job.name for job in jobs), error)


def _settle(request: PrivacyRequest, outcome: _Outcome) -> None:
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
    if isinstance(outcome, _Waiting) and not late:
        if stage.status == "pending":
            _save(request, rules.with_stage(request, stage.name, "running", at), f"{stage.name}_begun", {})
        return
    attempts = request.attempts + 1
    if attempts >= rules.ATTEMPTS or isinstance(outcome, _Waiting):
        reason = "timed_out" if isinstance(outcome, _Waiting) else type(outcome).__name__.lower().strip("_")
        failed = rules.with_stage(request, stage.name, "failed", at, {"reason": reason})
        _save(request, failed, "failed", {"stage": stage.name, "reason": reason}, announced=True)
    elif isinstance(outcome, _Found):
        again = replace(rules.again_from(request, "find"), attempts=attempts)
        _save(request, again, "found_again", {})
    else:
        _save(request, replace(request, attempts=attempts), "attempt_failed", {"stage": stage.name})


def _save(
    old: PrivacyRequest, new: PrivacyRequest, event: str, detail: dict[str, object], *, announced: bool = False
) -> PrivacyRequest:
    return store.save(Step(old, new, event, Actor.system(), detail, announced))[0]


# Stages


def _find(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, _Outcome]:
    """All identities of each person, in one sweep."""
    found = find.find(
        sandbox_id,
        {job.name: job.subject.identities for job in jobs},
        {job.name: job.subject.profile_ids for job in jobs},
    )
    for job in jobs:
        one = found[job.name]
        subject = Subject({**job.subject.identities, **one.identities}, job.subject.profile_ids | one.profile_ids)
        store.put_subject(sandbox_id, job.name, subject)
    return {
        name: {"byNamespace": by_namespace(one.identities), "identities": len(one.identities)}
        for name, one in found.items()
    }


def _suppress(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, _Outcome]:
    for reason in ("erasure", "opt_out"):
        keys = _keys(job for job in jobs if job.request.type == reason)
        suppressions.add(sandbox_id, keys, reason, clock.now())
    suppressions.release(sandbox_id, _keys(job for job in jobs if job.request.type == "opt_in"))
    return {job.name: {"identities": 0 if job.request.type == "consent" else len(job.keys)} for job in jobs}


def _keys(jobs: Any) -> set[Key]:
    return {key for job in jobs for key in job.keys}


def _apply(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, _Outcome]:
    """Have ingest change the data: the requests of one change id are one change."""
    by_change: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        by_change[job.request.change_id or ""].append(job)
    outcomes: dict[str, _Outcome] = {}
    for change_id, group in by_change.items():
        erasing = [job for job in group if job.request.type == "erasure"]
        if erasing:
            outcomes |= _applied(sandbox_id, change_id, erasing, _erase)
        answering = [job for job in group if job.request.type == "consent"]
        for job in answering:
            own = f"{change_id}{job.name.removeprefix('prq')}"
            outcomes |= _applied(sandbox_id, own, [job], _answer)
    return {job.name: {"changed": 0} for job in jobs} | outcomes


def _applied(
    sandbox_id: str, change_id: str, jobs: Sequence[Job], publish: Callable[[str, str, Sequence[Job]], None]
) -> dict[str, _Outcome]:
    if any(job.request.stage.status == "pending" for job in jobs):
        publish(sandbox_id, change_id, jobs)
    return {
        job.name: {"changed": len(job.keys)} if changes.applied(sandbox_id, change_id, job.keys) else _Waiting()
        for job in jobs
    }


def _erase(sandbox_id: str, change_id: str, jobs: Sequence[Job]) -> None:
    changes.erase(sandbox_id, change_id, clock.now(), _keys(jobs))
    store.forget_packages(sandbox_id)


def _answer(sandbox_id: str, change_id: str, jobs: Sequence[Job]) -> None:
    for job in jobs:
        known = find.profiles(sandbox_id, job.keys)
        changes.answer(sandbox_id, change_id, clock.now(), job.keys, known, job.request.share or "n")


def _withdraw(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, _Outcome]:
    """Have every dataflow of the sandbox reconciled where the people's identities lie; ended ones lose values, too."""
    spans = [f"{span:03d}" for span in changes.spans_of(_keys(jobs))]
    erasing = any(job.request.type == "erasure" for job in jobs)
    flows = [flow for flow in ledger.dataflows(sandbox_id) if erasing or flow.status != "closed"]
    for flow in flows:
        feeds.mark_dirty(flow, "privacy_request", spans)
    return {job.name: {"dataflows": len(flows)} for job in jobs}


def _recipients(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, _Outcome]:
    """Tell each recipient; what one of them answers, or that it cannot be told, changes nothing for the others."""
    told = ledger.recipients(sandbox_id, {job.name: (job.request, job.keys) for job in jobs})
    outcomes: dict[str, _Outcome] = {}
    for job in jobs:
        try:
            outcomes[job.name] = _tell(job, told[job.name])
        except Exception as error:  # noqa: BLE001 - of this request alone
            logger.exception("recipients could not be told", extra={"privacyRequestId": job.name})
            outcomes[job.name] = error
    return outcomes


def _tell(job: Job, told: Sequence[Told]) -> _Outcome:
    known = {one.recipient_id: one for one in store.recipients(job.name)}
    new = [Recipient(one.sandbox_id, one.name, "partner") for one in told if one.sandbox_id not in known]
    if new:
        writes = tuple(store.put_recipient(job.name, one) for one in new)
        known |= {one.recipient_id: one for one in new}
        _note(job, replace(job.request, recipients=len(known)), "recipients_found", {"recipients": len(known)}, writes)
    for one in told:
        if known[one.sandbox_id].status in {"pending", "failed"}:
            known[one.sandbox_id] = after = _pass_on(job.request, one)
            detail: dict[str, object] = {"recipient": after.name, "recipientStatus": after.status}
            _note(job, job.request, "recipient_told", detail, (store.put_recipient(job.name, after),))
    recipients = list(known.values())
    counts: dict[str, int] = dict(Counter(str(one.status) for one in recipients))
    if counts.get("failed") and job.request.attempts + 1 < rules.ATTEMPTS:
        return RuntimeError("recipients could not be told")
    give_up_before = clock.to_text(clock.now() - WAIT_FOR)
    return _Waiting() if any(rules.is_awaited(one, give_up_before) for one in recipients) else counts


def _note(job: Job, new: PrivacyRequest, event: str, detail: dict[str, object], writes: tuple[Write, ...]) -> None:
    job.request = store.save(Step(job.request, new, event, Actor.system(), detail, announced=False, more=writes))[0]


def _pass_on(request: PrivacyRequest, told: Told) -> Recipient:
    try:
        return partners.pass_on(request, told)
    except Exception:  # noqa: BLE001 - whatever it is, it concerns this recipient alone
        logger.exception("a recipient could not be told", extra={"privacyRequestId": request.privacy_request_id})
        return Recipient(told.sandbox_id, told.name, "partner", "failed", reason="it could not be told; try again")


def _verify(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, _Outcome]:
    """Look again: what a request takes away must be gone."""
    erasing = [job for job in jobs if job.request.type == "erasure"]
    names = [(job.name, job.subject) for job in erasing]
    found = find.find(
        sandbox_id,
        {name: subject.identities for name, subject in names},
        {name: subject.profile_ids for name, subject in names},
    )
    values: Counter[Key] = Counter()
    shared: Counter[Key] = Counter()
    for flow, row in ledger.held(sandbox_id, _keys(jobs)):
        values[row.hi, row.lo] += row.has_value
        shared[row.hi, row.lo] += flow.source.sandbox_id == sandbox_id and row.withdrawn_at is None
    return {
        job.name: _verified(
            job.request,
            len(found[job.name].identities) if job.name in found else 0,
            sum(values[key] for key in job.keys),
            sum(shared[key] for key in job.keys),
        )
        for job in jobs
    }


def _verified(request: PrivacyRequest, identities: int, values: int, shared: int) -> _Outcome:
    match request.type, request.share:
        case "erasure", _:
            if identities:
                return _Found()
            return _Waiting() if values or shared else {"identities": 0, "values": 0, "shared": 0}
        case ("opt_out", _) | ("consent", "n"):
            return _Waiting() if shared else {"shared": 0}
        case _:
            return {}


def _complete(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, _Outcome]:
    """Answer the request's origin, and forget its subject, unless a recipient has still to be told."""
    sandbox = access.sandbox(sandbox_id)
    if sandbox is None:
        raise LookupError(f"no sandbox {sandbox_id}")
    outcomes: dict[str, _Outcome] = {}
    for job in jobs:
        recipients = store.recipients(job.name)
        identities = next(stage.detail.get("identities", 0) for stage in job.request.stages if stage.name == "find")
        counts = {
            "identities": identities,
            "recipients": len(recipients),
            "gaps": sum(map(rules.is_gap, recipients)),
        }
        absent = job.request.type in {"erasure", "consent"} and not identities
        partners.answer(sandbox, job.request, "absent" if absent else "confirmed", None, counts)
        if not any(one.status == "failed" for one in recipients):
            store.delete_subject(sandbox_id, job.name)
        outcomes[job.name] = counts
    return outcomes


_STAGES: Mapping[StageName, Callable[[str, Sequence[Job]], Mapping[str, _Outcome]]] = {
    "find": _find,
    "suppress": _suppress,
    "apply": _apply,
    "withdraw": _withdraw,
    "recipients": _recipients,
    "verify": _verify,
    "complete": _complete,
}
