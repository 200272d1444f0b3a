"""The order of one person's requests at a system outside, which is left with the last word."""

from collections.abc import Iterator, Mapping

from handfast.connectors.contract import Status
from handfast.privacy_requests import store, subject_store, task_rules
from handfast.privacy_requests.models import PrivacyRequest, Subject
from handfast.privacy_requests.task_models import ConnectorTask, Opposite


def opposites(request: PrivacyRequest, found: Mapping[str, ConnectorTask], *, in_order: bool) -> list[Opposite]:
    """Those of the open tasks found, which are for the opposite, that concern somebody of the same person.

    Of earlier ones those that are still to be handed over; `in_order`: also what the system has taken and not yet done,
    but for erasures: a profile that is gone stays so.
    """
    own = subject_store.get(request.sandbox_id, request.privacy_request_id) if found else None
    return list(_overlapping(request, own, found, in_order=in_order)) if own else []


def _overlapping(
    request: PrivacyRequest, own: Subject, found: Mapping[str, ConnectorTask], *, in_order: bool
) -> Iterator[Opposite]:
    named = _named(own)
    for name, task in found.items():
        other = store.request(request.sandbox_id, name)
        if other is None or not _matters(request, other, task, in_order=in_order):
            continue
        subject = subject_store.get(request.sandbox_id, name)
        theirs = _named(subject) if subject else set()
        if not named.isdisjoint(theirs):
            yield Opposite(other, task, includes=named <= theirs, is_included=theirs <= named)


def _matters(request: PrivacyRequest, other: PrivacyRequest, task: ConnectorTask, *, in_order: bool) -> bool:
    is_open = task.status is Status.PENDING or (in_order and other.type != "erasure")
    return is_open or task_rules.is_later(other, request)


def _named(subject: Subject) -> set[object]:
    return {*subject.own.identities, *subject.own.profile_ids}
