"""The recurring look at all requests of the deployment: what nobody verified, what is due, what lies, what is old.

One request that cannot be looked at keeps none of the others from it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from handfast.journal.models import Actor
from handfast.platform import clock
from handfast.platform.ids import time_of
from handfast.platform.observability import logger, measure
from handfast.platform.problems import Conflict
from handfast.platform.queues import is_overdue
from handfast.platform.settings import setting
from handfast.platform.table import ConditionFailed
from handfast.privacy_requests import (
    bulk_store,
    contact_store,
    due_work,
    looks,
    message_outcomes,
    messages,
    reminders,
    rules,
    service,
    store,
    subject_store,
    task_store,
)
from handfast.privacy_requests.models import PrivacyRequest
from handfast.privacy_requests.protocols import store as protocols
from handfast.privacy_requests.store import Step

_BEING_MADE = timedelta(hours=1)
"""Longer than it takes to make a request, whose subject comes first."""
_MONTH = timedelta(days=31)


def sweep() -> None:
    """End requests never verified, warn of deadlines, wake workers, remove what need not be kept any more.

    Raises an ExceptionGroup at the end when a request could not be looked at.
    """
    now, failed = clock.now(), list[Exception]()
    worked_on, overdue = set[str](), 0
    for request in store.open_requests():
        overdue += request.is_due_listed is not False and request.due_at < clock.to_text(now)
        if request.has_work:
            worked_on.add(request.sandbox_id)
        if request.is_due_listed is None:
            failed += _each(request.sandbox_id, request.privacy_request_id, store.list_due)
        if request.look_at is not None and request.look_at <= clock.to_text(now):
            failed += _each(request.sandbox_id, request.privacy_request_id, lambda found: _look(found, now))
    measure("PrivacyRequestsOverdue", overdue)
    for sandbox_id in sorted({*due_work.sandboxes_due(now), *filter(_is_waiting, worked_on)}):
        store.wake(sandbox_id)
    for sandbox_id, privacy_request_id in store.ended_before(now - _kept_for()):
        failed += _each(sandbox_id, privacy_request_id, _remove)
    _wake_bulks()
    failed += _look_through(now)
    if failed:
        raise ExceptionGroup("privacy requests that could not be looked at", failed)


def _is_waiting(sandbox_id: str) -> bool:
    since = looks.waits_since(sandbox_id)
    return since is not None and is_overdue(since)


def _wake_bulks() -> None:
    """Have bulks made whose call or worker has died."""
    for sandbox_id, bulk_id in bulk_store.waiting():
        if is_overdue(time_of(bulk_id)):
            bulk_store.wake(sandbox_id, bulk_id)


def _look_through(now: datetime) -> list[Exception]:
    """Forget subjects and addresses that are needed no more, or of which no request has been made.

    Messages that nobody works on any more have failed. Once an hour, by the first who asks.
    """
    if not task_store.may_look_through(now):
        return []
    bulks, failed = dict(bulk_store.waiting()), list[Exception]()
    for sandbox_id, privacy_request_id in subject_store.made_before(now - _BEING_MADE):
        if sandbox_id not in bulks:  # whose requests have had their ids for longer than they are there
            _forget(sandbox_id, privacy_request_id)
    for sandbox_id, privacy_request_id in contact_store.made_before(now - _BEING_MADE):
        if store.request(sandbox_id, privacy_request_id):
            failed += _each(sandbox_id, privacy_request_id, _look_at_messages)
        elif sandbox_id not in bulks:
            contact_store.delete(sandbox_id, privacy_request_id)
    return failed


def _look_at_messages(found: PrivacyRequest) -> None:
    if messages.is_over(message_outcomes.give_up_lost(found)):
        contact_store.delete(found.sandbox_id, found.privacy_request_id)


def _forget(sandbox_id: str, privacy_request_id: str) -> None:
    """Delete the subject of a request that has ended, or that a crash kept from being made."""
    if found := store.request(sandbox_id, privacy_request_id):
        task_store.forget(found)
    else:
        subject_store.delete(sandbox_id, privacy_request_id)


def _remove(ended: PrivacyRequest) -> None:
    protocols.forget(ended)
    store.remove(ended)


def _kept_for() -> timedelta:
    """Records are kept 24 months at least (11 CCR 7101(a)); months as long as the longest."""
    return max(24, int(setting("PRIVACY_RECORD_MONTHS"))) * _MONTH


def _each(sandbox_id: str, privacy_request_id: str, do: Callable[[PrivacyRequest], None]) -> list[Exception]:
    try:
        found = store.request(sandbox_id, privacy_request_id)
        if found is not None:
            do(found)
    except (Conflict, ConditionFailed):
        return []  # changed meanwhile: the next sweep sees how
    except Exception as error:  # noqa: BLE001 - of this request alone, and raised at the end
        logger.exception("a privacy request could not be looked at", extra={"privacyRequestId": privacy_request_id})
        return [error]
    return []


def _look(found: PrivacyRequest, now: datetime) -> None:
    if found.status == "unverified":
        service.expire(found)
        return
    for warning in reminders.warnings(found, now):
        new = replace(found, warned_until=clock.to_text(warning.at))
        event = "overdue" if warning.kind == "breached" else "due_soon"
        detail: dict[str, object] = {"duty": warning.duty, "by": clock.to_text(warning.by)}
        (found,) = store.save(Step(found, new, event, Actor.system(), detail))
    if rules.is_awaiting(found) and rules.waits_until(found) <= clock.to_text(now):
        store.save(Step(found, rules.looked_at_again(found), "wait_ended", Actor.system(), {}, announced=False))
        store.wake(found.sandbox_id)
