"""What each stage of a request does, for all requests of a sandbox that stand at it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from handfast.access import store as access
from handfast.connectors.contract import Status
from handfast.dataflows import outbox
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Dataflow
from handfast.identity.keys import Key
from handfast.ingest import people_check
from handfast.lake import (
    answers,
    buckets,
    kept_beside,
    people,
    person_changes,
    person_versions,
    suppressions,
)
from handfast.partners.models import PartnerRef
from handfast.platform import clock
from handfast.platform.observability import logger
from handfast.privacy_requests import connector_stages as connectors
from handfast.privacy_requests import (
    destination_exits,
    draining,
    extents,
    last_words,
    notices,
    package_store,
    passing_on,
    recipient_store,
    rules,
    scopes,
    store,
    subject_store,
    suppressed,
    task_store,
)
from handfast.privacy_requests.intake import by_namespace
from handfast.privacy_requests.models import DestinationRef, PrivacyRequest, Recipient, StageName
from handfast.privacy_requests.notices import Notice
from handfast.privacy_requests.stage_jobs import Found, Job, Outcome, Referred, Stage, Unanswered, Waiting, note
from handfast.privacy_requests.task_models import ConnectorTask


def _find(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
    """All identities of each person, as far as the request reaches.

    A request about a partner's deliveries alone leads to nobody: it is about the identities that it names.
    """
    limited = [job for job in jobs if scopes.limited_to(job.request)]
    delivered = _delivered(sandbox_id, limited)
    known = _find_people(sandbox_id, [job for job in jobs if job not in limited])
    return known | {name: {"byNamespace": by_namespace(of), "identities": len(of)} for name, of in delivered.items()}


def _delivered(sandbox_id: str, jobs: Sequence[Job]) -> dict[str, Mapping[Key, int]]:
    """Per request that a partner has passed on, those of the identities it names that the partner had delivered."""
    found: dict[str, Mapping[Key, int]] = {}
    for partner, group in _by_partner(jobs):
        rows = notices.delivered(sandbox_id, partner, {key for job in group for key in job.named})
        codes = {(row.hi, row.lo): row.namespace for row in rows}
        found |= {job.name: {key: codes[key] for key in job.named & codes.keys()} for job in group}
    return found


def _find_people(sandbox_id: str, jobs: Sequence[Job]) -> dict[str, Outcome]:
    if not jobs:
        return {}
    sandbox = access.working_sandbox(sandbox_id)
    found = extents.extents(sandbox_id, {job.name: (job.request, job.subject) for job in jobs})
    referred = {
        job.name: Referred(found[job.name].counts)
        for job in jobs
        if extents.is_to_be_referred(sandbox, job.request, found[job.name].counts)
    }
    # Another worker may have gone on, and have kept what systems outside are told of the person.
    finding = {request.privacy_request_id for request in store.work(sandbox_id) if request.stage.name == "find"}
    kept = {name: each.subject for name, each in found.items() if name in finding and name not in referred}
    subject_store.put_each(sandbox_id, kept)
    return {name: referred.get(name, each.counts) for name, each in found.items()}


def _suppress(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
    """Say to the lists what each person has said, and when: the last word counts, whatever else is worked on."""
    words = last_words.by_list(job for job in jobs if not scopes.limited_to(job.request))
    for said, of_people in words.items():
        suppressions.say(sandbox_id, of_people, said)
    for partner, group in _by_partner([job for job in jobs if scopes.limited_to(job.request)]):
        towards = last_words.by_list(group)
        suppressions.say(sandbox_id, towards["erasure"], "erasure", towards=partner.key)
    left = _left(sandbox_id, [job for job in jobs if rules.lifts(job.request)])
    return {
        job.name: {"identities": 0 if job.request.type == "consent" else len(job.keys)}
        | _still_suppressed(Counter(left[key] for key in job.keys & left.keys()) if rules.lifts(job.request) else {})
        for job in jobs
    }


def _left(sandbox_id: str, jobs: Sequence[Job]) -> dict[Key, suppressions.Reason]:
    """What stays suppressed of the people whose sharing is allowed again, be it towards a single partner."""
    keys, numbers = _keys(jobs), {key: number for job in jobs for key, number in job.listed_as.items()}
    kept_from: Iterable[Key] = suppressed.towards_partners(sandbox_id, keys) if keys else ()
    by_partner: dict[Key, suppressions.Reason] = dict.fromkeys(kept_from, "erasure")
    return by_partner | suppressed.find(sandbox_id, keys, numbers)


def _still_suppressed(by_reason: Mapping[str, int]) -> dict[str, Any]:
    return {"stillSuppressed": dict(by_reason)} if by_reason else {}


def _by_partner(jobs: Sequence[Job]) -> Iterable[tuple[PartnerRef, list[Job]]]:
    """The requests that partners have passed on, by the partner."""
    found: dict[str, tuple[PartnerRef, list[Job]]] = {}
    for job in jobs:
        if partner := job.request.origin.partner:
            found.setdefault(partner.key, (partner, []))[1].append(job)
    return found.values()


def _is_about(job: Job, flow: Dataflow) -> bool:
    """Whether what a dataflow has disclosed is what the request is about."""
    partner = scopes.limited_to(job.request)
    return partner is None or notices.is_between(flow, partner)


def _keys(jobs: Any) -> set[Key]:
    return {key for job in jobs for key in job.keys}


def _apply(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
    """Have ingest change the data: the requests of one change id are one change."""
    by_change: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        by_change[job.request.change_id or ""].append(job)
    outcomes: dict[str, Outcome] = {}
    for change_id, group in by_change.items():
        erasing = [job for job in group if job.request.type == "erasure" and not scopes.limited_to(job.request)]
        if erasing:
            outcomes |= _applied(sandbox_id, change_id, erasing, _erase)
        answering = [job for job in group if job.request.type == "consent"]
        for job in answering:
            own = f"{change_id}{job.name.removeprefix('prq')}"
            outcomes |= _applied(sandbox_id, own, [job], _answer)
    return {job.name: {"changed": 0} for job in jobs} | outcomes


def _applied(
    sandbox_id: str, change_id: str, jobs: Sequence[Job], publish: Callable[[str, str, Sequence[Job]], None]
) -> dict[str, Outcome]:
    new = [job for job in jobs if job.request.stage.status == "pending"]
    # Another worker may have published it, and it may be gone from the changes that wait.
    if new and not person_changes.applied(sandbox_id, change_id, _keys(new)):
        publish(sandbox_id, change_id, jobs)
    return {
        job.name: {"changed": len(job.keys)} if person_changes.applied(sandbox_id, change_id, job.keys) else Waiting()
        for job in jobs
    }


def _erase(sandbox_id: str, change_id: str, jobs: Sequence[Job]) -> None:
    person_changes.erase(sandbox_id, change_id, clock.now(), _keys(jobs))
    _forget(sandbox_id, jobs)


def _forget(sandbox_id: str, jobs: Sequence[Job]) -> None:
    """Forget the people's answers, and then their packages: one that is being made looks for its answers again."""
    kept_by = {key for job in jobs for key in job.answer_keys}
    answers.forget(sandbox_id, kept_by)
    kept_beside.forget(sandbox_id, _keys(jobs))
    package_store.forget(sandbox_id, _keys(jobs) | kept_by)


def _answer(sandbox_id: str, change_id: str, jobs: Sequence[Job]) -> None:
    """Answer for the people's identities, and for those that come later with a profile id of theirs."""
    for job in jobs:
        since, share, given_at = person_versions.read(sandbox_id), job.request.share or "n", job.request.word_at
        answers.give(sandbox_id, job.answer_keys, share, given_at)
        known = people.profiles(sandbox_id, job.keys)
        person_changes.answer(sandbox_id, change_id, clock.now(), job.keys, known, share, given_at)
        if person_versions.note(sandbox_id, since, answers=True):
            people_check.settle_some(sandbox_id, sorted(job.subject.profile_ids))


def _withdraw(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
    """Have every dataflow of the sandbox reconciled where the people's identities lie; ended ones lose values, too."""
    marked: Counter[str] = Counter()
    for flow in dataflows.dataflows(sandbox_id):
        concerned = [
            job for job in jobs if _is_about(job, flow) and (job.request.type == "erasure" or flow.status != "closed")
        ]
        if concerned:
            spans = [buckets.span_name(span) for span in buckets.spans_of_keys(_keys(concerned))]
            outbox.mark_dirty(flow, "privacy_request", spans)
            marked.update(job.name for job in concerned)
    return {job.name: {"dataflows": marked[job.name]} for job in jobs}


def _recipients(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
    """Tell each recipient; what one of them answers, or that it cannot be told, changes nothing for the others."""
    received = notices.recipients(sandbox_id, {job.name: (job.request, _still_meant(job)) for job in jobs})
    outcomes: dict[str, Outcome] = {}
    for job in jobs:
        try:
            outcomes[job.name] = _tell(job, received[job.name])
        except Exception as error:  # noqa: BLE001 - of this request alone
            logger.exception("recipients could not be told", extra={"privacyRequestId": job.name})
            outcomes[job.name] = error
    return outcomes


def _still_meant(job: Job) -> set[Key]:
    """The identities that recipients are told of: what the person has allowed again meanwhile is taken from nobody."""
    return job.keys - last_words.allowed_since(job.request.sandbox_id, job.request, job.keys)


def _tell(job: Job, received: Sequence[Notice]) -> Outcome:
    sandbox_id = job.request.sandbox_id
    known = {recipient.recipient_id: recipient for recipient in recipient_store.recipients(sandbox_id, job.name)}
    tried: dict[str, Notice] = {}
    while left := [notice for notice in _to_tell(job, received, known) if notice.recipient_id not in tried]:
        for notice in left:
            tried[notice.recipient_id] = notice
            known[notice.recipient_id] = after = _pass_on(job.request, notice)
            if after.known and after.partner and (lacking := passing_on.lacking(job.request, notice, after.partner)):
                _note_told(job, notice.recipient_id, frozenset(notice.identities) - lacking)
            detail: dict[str, object] = {"recipient": after.name, "recipientStatus": after.status}
            note(
                job,
                job.request,
                "recipient_told",
                detail,
                recipient_store.put_recipient(sandbox_id, job.name, after),
            )
    recipients = list(known.values())
    counts: dict[str, int] = dict(Counter(str(recipient.status) for recipient in recipients))
    if counts.get("failed") and job.request.attempts + 1 < rules.ATTEMPTS:
        return RuntimeError("recipients could not be told")
    return counts


def _to_tell(job: Job, received: Sequence[Notice], known: dict[str, Recipient]) -> list[Notice]:
    """Those that have still to be told, each of what it was to be told at first; noted before anybody is told.

    A recipient that has been given more since is one more recipient, for that alone.
    """
    for notice in notices.unnotified(received, job.subject.notified):
        _note_told(job, notice.recipient_id, frozenset(notice.identities))
    receivers = {notice.receiver.key: notice.receiver for notice in received}
    told = {recipient_id: rules.notified_as(recipient_id) for recipient_id in job.subject.notified}
    new = [
        rules.recipient_of(receivers[key], number)
        for recipient_id, (key, number) in told.items()
        if recipient_id not in known
    ]
    if new:
        known |= {recipient.recipient_id: recipient for recipient in new}
        place = (job.request.sandbox_id, job.name)
        writes = tuple(write for recipient in new for write in recipient_store.put_recipient(*place, recipient))
        note(job, replace(job.request, recipients=len(known)), "recipients_found", {"recipients": len(known)}, writes)
    return [_as_told(job, recipient) for recipient in known.values() if recipient.status in {"pending", "failed"}]


def _as_told(job: Job, recipient: Recipient) -> Notice:
    _, number = rules.notified_as(recipient.recipient_id)
    identities = {key: job.subject.identities[key] for key in job.subject.notified[recipient.recipient_id]}
    return Notice(recipient.receiver, identities, number)


def _note_told(job: Job, recipient_id: str, keys: frozenset[Key]) -> None:
    job.subject = replace(job.subject, notified={**job.subject.notified, recipient_id: keys})
    subject_store.put(job.request.sandbox_id, job.name, job.subject)


def _pass_on(request: PrivacyRequest, notice: Notice) -> Recipient:
    try:
        if isinstance(notice.receiver, DestinationRef):
            return destination_exits.told(request, notice)
        return passing_on.pass_on(request, notice, notice.receiver)
    except Exception:  # noqa: BLE001 - whatever it is, it concerns this recipient alone
        logger.exception("a recipient could not be told", extra={"privacyRequestId": request.privacy_request_id})
        recipient = rules.recipient_of(notice.receiver, notice.number)
        return replace(recipient, status="failed", reason="it could not be told; try again")


def _verify(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
    """Look again, once nothing is on its way any more: what a request takes away must be gone, and told."""
    drained = draining.drained(sandbox_id, jobs)
    waiting: dict[str, Outcome] = {job.name: Waiting() for job in jobs if not drained[job.name]}
    ready = [job for job in jobs if drained[job.name]]
    return waiting | (_looked_at(sandbox_id, ready) if ready else {})


def _looked_at(sandbox_id: str, jobs: Sequence[Job]) -> dict[str, Outcome]:
    erasing = [job for job in jobs if job.request.type == "erasure" and not scopes.limited_to(job.request)]
    if erasing:
        _forget(sandbox_id, erasing)
    found = extents.extents(sandbox_id, {job.name: (job.request, job.subject) for job in erasing})
    values: Counter[str] = Counter()
    shared: dict[str, set[Key]] = {job.name: set() for job in jobs}
    rows = notices.disclosures_of(sandbox_id, _keys(jobs))
    for job, flow, row in ((job, *read) for read in rows for job in jobs):
        if (row.hi, row.lo) in job.subject.identities and _is_about(job, flow):
            counts = scopes.limited_to(job.request) or flow.source.is_sandbox(sandbox_id)
            values[job.name] += row.has_value
            shared[job.name] |= {(row.hi, row.lo)} if counts and row.withdrawn_at is None else set()
    received = notices.notices(sandbox_id, {job.name: (job.request, _still_meant(job)) for job in jobs}, rows)
    return {
        job.name: Found()
        if next(notices.unnotified(received[job.name], job.subject.notified), None)
        else _verified(
            job.request,
            found[job.name].counts["identities"] if job.name in found else 0,
            values[job.name],
            len(shared[job.name] - last_words.allowed_since(sandbox_id, job.request, shared[job.name])),
        )
        for job in jobs
    }


def _verified(request: PrivacyRequest, identities: int, values: int, shared: int) -> Outcome:
    match request.type, request.share:
        case "erasure", _:
            if identities:
                return Found()
            return Waiting() if values or shared else {"identities": 0, "values": 0, "shared": 0}
        case ("opt_out" | "objection" | "restriction", _) | ("consent", "n"):
            return Waiting() if shared else {"shared": 0}
        case _:
            return {}


def _complete(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
    """Answer the request's origin, and forget its subject, unless a recipient has still to be told.

    As long as the deadline allows, a request is complete only when all who were told have answered.
    """
    sandbox = access.working_sandbox(sandbox_id)
    if any(job.request.type == "erasure" for job in jobs):
        store.forget_packages(sandbox_id)  # only now does nothing hold the person that one could be made of
    delivered = _delivered(sandbox_id, jobs)
    outcomes: dict[str, Outcome] = {}
    for job in jobs:
        recipients = recipient_store.recipients(sandbox_id, job.name)
        tasks = task_store.tasks(sandbox_id, job.name)
        details = {stage.name: stage.detail for stage in job.request.stages}
        identities = details["find"].get("identities", 0)
        left = details.get("suppress", {}).get("stillSuppressed", {})
        counts = {
            "identities": identities,
            "recipients": len(recipients),
            "connectors": len(tasks),
            "gaps": rules.gaps(recipients, tasks) + sum(left.values()),
        }
        waits = rules.is_unanswered(recipients, tasks) and clock.now_text() < rules.waits_until(job.request)
        may_tell = rules.may_tell_origin(job.request, recipients)
        if may_tell or not (waits or rules.is_left_outside(job.request, recipients)):
            passing_on.answer(sandbox, job.request, delivered.get(job.name, ()))
        if waits:
            outcomes[job.name] = Unanswered()
            continue
        if not rules.repeatable(job.request, recipients, tasks):
            subject_store.delete(sandbox_id, job.name)
        if rules.is_reviewed(job.request):
            package_store.delete_draft(sandbox_id, job.name)
            counts["withheld"] = len(details["review"]["withheld"])
        matched = {"matched": _matched(job.request, identities, recipients, tasks)}
        outcomes[job.name] = counts | matched | _still_suppressed(left)
    return outcomes


def _matched(
    request: PrivacyRequest, identities: int, recipients: Sequence[Recipient], tasks: Sequence[ConnectorTask]
) -> bool:
    """Whether anything is known of the person here, at a recipient or at a system outside."""
    for stage in request.stages:
        if stage.name == "package":
            return bool(stage.detail.get("matched", True))
    return bool(identities or recipients) or any(task.status is not Status.ABSENT for task in tasks)


def _manual_task(_: str, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
    """Wait until somebody has done it and has said so (`by_hand.complete`), which a repeat does not ask for again."""
    return {job.name: detail if "note" in (detail := job.request.stage.detail) else Unanswered() for job in jobs}


def _package(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
    from handfast.privacy_requests import package_builder  # noqa: PLC0415 - few requests are given a package

    return package_builder.pack(sandbox_id, jobs)


def _review(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
    from handfast.privacy_requests import package_review  # noqa: PLC0415 - few requests are given a package

    return package_review.work(sandbox_id, jobs)


WORK: dict[StageName, Stage] = {
    "find": _find,
    "suppress": _suppress,
    "connectors": connectors.create_tasks,
    "apply": _apply,
    "withdraw": _withdraw,
    "recipients": _recipients,
    "package": _package,
    "review": _review,
    "verify": _verify,
    "manual_task": _manual_task,
    "complete": _complete,
}
