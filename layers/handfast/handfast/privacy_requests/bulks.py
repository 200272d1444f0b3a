"""Many requests in one call: they are read and answered at once, and made by a worker, each whole or not at all."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import batched
from typing import Any

from pydantic import ValidationError

from handfast.journal.models import Actor, Caller
from handfast.platform import clock, queues
from handfast.platform.ids import new_id
from handfast.platform.problems import NotFound, Problem, Refused
from handfast.platform.table import ConditionFailed
from handfast.platform.wire import Progress, invalid_members
from handfast.privacy_requests import (
    bulk_store,
    code_store,
    contact_store,
    duplicates,
    external_ids,
    intake,
    naming,
    service,
    store,
    subject_store,
)
from handfast.privacy_requests.bulk_store import Accepted, BulkEntry, PrivacyBulk
from handfast.privacy_requests.bulk_wire import BulkAnswer, BulkItem, BulkPrivacyRequests
from handfast.privacy_requests.service import NewRequest
from handfast.privacy_requests.store import Step
from handfast.privacy_requests.wire import CreatePrivacyRequest

_MOST_ERRORS = 5
"""Entries in `errors` of one request of a bulk: Lambda answers with 6 MB at most, and there may be 1,000 problems."""
_SHORT = ("title", "status", "detail", "reason", "current", "privacyRequestId")
"""What is kept of a problem: an item of the table holds 400 KB."""


# In


def accept(caller: Caller, body: BulkPrivacyRequests) -> BulkAnswer:
    """Take many requests, each on its own: one that cannot be taken is answered with its problem.

    Raises TooManyRequests, and takes none, when more are unverified than the caller may still bring on the day.
    """
    has_way = any(item.get("contact") for item in body.items) and intake.has_way(caller.sandbox_id)
    read = [_read(caller, item, has_way) for item in body.items]
    read = _once_each(read, external_ids.holders(caller.sandbox_id, _external_ids(read)))
    if unverified := sum(isinstance(one, NewRequest) and one.code is not None for one in read):
        intake.spend_unverified(caller.sandbox_id, caller.principal_id, unverified)
    read = _counted(read)
    bulk = PrivacyBulk(
        bulk_id=new_id("bulk"),
        sandbox_id=caller.sandbox_id,
        created_at=clock.now_text(),
        actor=Actor.of(caller),
        entries=tuple(map(_entry, read)),
        total=sum(isinstance(one, NewRequest) for one in read),
    )
    if bulk.total:
        bulk_store.create(bulk, [_accepted(one) for one in read if isinstance(one, NewRequest)])
        bulk_store.wake(bulk.sandbox_id, bulk.bulk_id)
        # The worker does so too; done here, what is answered cannot turn out to be somebody else's.
        requests = [one.request for one in read if isinstance(one, NewRequest)]
        read = _once_each(read, external_ids.claim_each(requests))
    items = [
        BulkItem(privacy_request_id=one.request.privacy_request_id, verification_code=one.shown_code)
        if isinstance(one, NewRequest)
        else BulkItem(problem=document(one))
        for one in read
    ]
    return _view(bulk, items)


def _read(caller: Caller, item: Mapping[str, Any], is_written_to: bool) -> NewRequest | Problem:
    try:
        body = CreatePrivacyRequest.model_validate(item)
        return service.read_request(caller.on, body, is_written_to=is_written_to)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        errors = invalid_members(found)
        return Refused("some members are missing or invalid; see errors", reason="validation", errors=errors)
    except Problem as problem:
        return problem


def _external_ids(read: Sequence[NewRequest | Problem]) -> list[str]:
    return [one.request.external_id for one in read if isinstance(one, NewRequest) and one.request.external_id]


def _once_each(read: Sequence[NewRequest | Problem], holders: Mapping[str, str]) -> list[NewRequest | Problem]:
    """What was read, with a problem in place of each request whose `externalId` another one has, or had before it."""
    known, kept = dict(holders), list[NewRequest | Problem]()
    for one in read:
        external_id = one.request.external_id if isinstance(one, NewRequest) else None
        if isinstance(one, NewRequest) and external_id:
            own_id = one.request.privacy_request_id
            holder = known.setdefault(external_id, own_id)
            kept.append(one if holder == own_id else service.external_id_taken(holder))
        else:
            kept.append(one)
    return kept


def _counted(read: Sequence[NewRequest | Problem]) -> list[NewRequest | Problem]:
    """What was read, with requests marked that are beyond the day's quota of those that only ask."""
    counted = iter(naming.counted([one.request for one in read if isinstance(one, NewRequest)]))
    return [replace(one, request=next(counted)) if isinstance(one, NewRequest) else one for one in read]


def _entry(one: NewRequest | Problem) -> BulkEntry:
    if isinstance(one, NewRequest):
        return BulkEntry(privacy_request_id=one.request.privacy_request_id)
    return BulkEntry(problem=_short(one))


def document(problem: Problem) -> dict[str, Any]:
    """A problem of one request of many, as its answer has it."""
    members = dict(problem.members)
    if "errors" in members:
        members["errors"] = members["errors"][:_MOST_ERRORS]
    return {"title": problem.title, "status": problem.status, "detail": problem.detail} | members


def _short(problem: Problem) -> dict[str, Any]:
    return {name: value for name, value in document(problem).items() if name in _SHORT}


def _accepted(new: NewRequest) -> Accepted:
    return bulk_store.accepted(new.request, new.subject, new.code_digest, new.contact)


def _view(bulk: PrivacyBulk, items: list[BulkItem]) -> BulkAnswer:
    return BulkAnswer(
        bulk_id=bulk.bulk_id if bulk.total else None,
        status="running" if bulk.total and bulk.ended_at is None else "completed",
        created_at=bulk.created_at,
        ended_at=bulk.ended_at,
        progress=Progress(done=bulk.done, total=bulk.total),
        items=items,
    )


def get(caller: Caller, bulk_id: str) -> BulkAnswer:
    """How far a bulk is, and what became of each of its requests.

    Raises NotFound for an unknown bulk.
    """
    found = bulk_store.bulk(caller.sandbox_id, bulk_id)
    if found is None:
        raise NotFound("no such bulk of privacy requests")
    items = [
        BulkItem(privacy_request_id=entry.privacy_request_id, problem=dict(entry.problem) if entry.problem else None)
        for entry in found.entries
    ]
    return _view(found, items)


# Making


def make(sandbox_id: str, bulk_id: str) -> None:
    """Make the requests of a bulk, from where it stands; when it takes long, the rest is left to another message.

    Safe to repeat, and to do twice at once.
    """
    began = clock.now()
    listed, bulk = bulk_store.listed(sandbox_id, bulk_id), bulk_store.bulk(sandbox_id, bulk_id)
    if bulk is None:  # the call died before anybody was answered
        bulk_store.forget_list(sandbox_id, bulk_id)
    if bulk is None or listed is None:
        return
    with store.waking_once():
        for part in batched(listed[bulk.done :], store.STEPS_A_TRANSACTION, strict=False):
            bulk = _without(replace(bulk, done=bulk.done + len(part)), _make(bulk.actor, part))
            bulk_store.progressed(bulk)
            if queues.is_enough(began):
                bulk_store.wake(sandbox_id, bulk_id)
                return
    bulk_store.end(bulk)


def _make(actor: Actor, part: Sequence[Accepted]) -> dict[str, Problem]:
    """Make requests, all or each on its own; returns why there are none, by the ids of those there are not."""
    with ThreadPoolExecutor(store.STEPS_A_TRANSACTION) as pool:
        new = [one for one, is_new in zip(part, pool.map(_keep_subject, part), strict=True) if is_new]
    problems: dict[str, Problem] = {}
    if not new:
        return problems
    try:
        _write(actor, new)
    except ConditionFailed:
        for one in new:
            try:
                _write(actor, [one])
            except ConditionFailed as failed:
                request = one.request
                if store.request(request.sandbox_id, request.privacy_request_id) is None:
                    subject_store.delete(request.sandbox_id, request.privacy_request_id)
                    contact_store.delete(request.sandbox_id, request.privacy_request_id)
                    problems[request.privacy_request_id] = service.external_id_taken(external_ids.holder(failed))
    return problems


def _write(actor: Actor, part: Sequence[Accepted]) -> None:
    for written in store.save(*(_receiving(actor, one) for one in part)):
        store.wake_for(written)


def _receiving(actor: Actor, one: Accepted) -> Step:
    identities = [(hi, lo) for _, hi, lo in one.subject["identities"]]
    profile_ids: list[str] = one.subject["profileIds"]
    request = duplicates.marked(one.request, identities, profile_ids)
    code = code_store.put_code(request, one.code_digest)
    return intake.receiving(request, actor, len(identities) + len(profile_ids), code)


def _keep_subject(one: Accepted) -> bool:
    """Keep whom a request is about, unless the request is there, and its subject perhaps forgotten."""
    request = one.request
    if store.request(request.sandbox_id, request.privacy_request_id):
        return False
    subject_store.create_document(request.sandbox_id, request.privacy_request_id, one.subject)
    if one.contact:
        contact_store.create_document(request.sandbox_id, request.privacy_request_id, one.contact)
    return True


def _without(bulk: PrivacyBulk, problems: Mapping[str, Problem]) -> PrivacyBulk:
    """The bulk with problems in place of the requests that there are none of."""

    def entry(was: BulkEntry) -> BulkEntry:
        problem = problems.get(was.privacy_request_id or "")
        return BulkEntry(problem=_short(problem)) if problem else was

    return replace(bulk, entries=tuple(map(entry, bulk.entries))) if problems else bulk
