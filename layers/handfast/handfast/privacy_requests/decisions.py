"""One decision on many requests, each on its own: one that cannot be decided so holds up no other."""

from collections.abc import Iterator
from datetime import timedelta

from handfast.journal.models import Caller
from handfast.platform import clock
from handfast.platform.problems import Problem, TooManyRequests
from handfast.privacy_requests import bulks, duplicates, service, store
from handfast.privacy_requests.bulk_wire import BulkDecision, DecidedItem, DecidedList
from handfast.privacy_requests.wire import Approval, PrivacyRequestView

DECIDE_FOR = timedelta(seconds=20)
"""How long a call begins new decisions: API Gateway waits 29 seconds, and duplicates may be any number."""
_LATE = TooManyRequests("the call had no time left for it: nothing was done; name it in another call", retryAfter=1)


def decide(caller: Caller, body: BulkDecision) -> DecidedList:
    """Approve, deny, retry or assign requests, as each call for one request does, and their duplicates where wanted.

    What there is no time for is left as it is, and says so.
    """
    until = clock.now() + DECIDE_FOR
    items: dict[str, DecidedItem] = {}
    with store.waking_once():
        for name in _with_duplicates(caller, body):
            if name in items:
                continue
            if items and clock.now() > until:
                items[name] = DecidedItem(privacy_request_id=name, problem=bulks.document(_LATE))
            else:
                items[name] = _decided(caller, body, name)
    return DecidedList(items=list(items.values()))


def _with_duplicates(caller: Caller, body: BulkDecision) -> Iterator[str]:
    for name in body.privacy_request_ids:
        found = store.request(caller.sandbox_id, name) if body.include_duplicates else None
        others = [each.privacy_request_id for each in duplicates.of(found)] if found else []
        yield from (name, *others)


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
