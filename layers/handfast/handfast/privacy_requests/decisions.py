"""One decision on many requests, each on its own: one that cannot be decided so holds up no other."""

from collections.abc import Iterator

from handfast.journal.models import Caller
from handfast.platform.problems import Problem
from handfast.privacy_requests import bulks, duplicates, service, store
from handfast.privacy_requests.bulk_wire import BulkDecision, DecidedItem, DecidedList
from handfast.privacy_requests.wire import Approval, PrivacyRequestView


def decide(caller: Caller, body: BulkDecision) -> DecidedList:
    """Approve, deny, retry or assign requests, as each call for one request does, and their duplicates where wanted."""
    names = list(dict.fromkeys(_with_duplicates(caller, body)))
    with store.waking_once():
        return DecidedList(items=[_decided(caller, body, name) for name in names])


def _with_duplicates(caller: Caller, body: BulkDecision) -> Iterator[str]:
    for name in body.privacy_request_ids:
        yield name
        found = store.request(caller.sandbox_id, name) if body.include_duplicates else None
        if found is not None:
            yield from (each.privacy_request_id for each in duplicates.of(found))


def _decided(caller: Caller, body: BulkDecision, name: str) -> DecidedItem:
    try:
        return DecidedItem(privacy_request_id=name, status=_decide(caller, body, name).status)
    except Problem as problem:
        return DecidedItem(privacy_request_id=name, problem=bulks.document(problem))


def _decide(caller: Caller, body: BulkDecision, name: str) -> PrivacyRequestView:
    match body.action:
        case "approve":
            return service.approve(caller, name, Approval())
        case "deny":
            return service.deny(caller, name, body.reason or "", body.ground or "other")
        case "retry":
            return service.retry(caller, name)
        case "assign":
            return service.assign(caller, name, body.assignee)
