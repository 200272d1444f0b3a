"""The register of requests that auditors are given: an entry for each, signed, with nothing of the person in it.

An entry names the end of the request's history by its hash: who has the history too sees that it is the one.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice

from handfast.journal.models import Caller
from handfast.platform import clock, cursors, secret
from handfast.platform.problems import Refused
from handfast.platform.wire import View
from handfast.privacy_requests import intake, list_store, proof, rules
from handfast.privacy_requests.models import PrivacyRequest
from handfast.privacy_requests.proof import SignedDocument
from handfast.privacy_requests.register_check import RegisterEntry

MOST_READ = 1000
"""Requests that are read for a page; one with fewer entries than asked for has the next cursor all the same."""


class RegisterList(View):
    """A page of the register, oldest first: each document is an entry, signed with the deployment's key."""

    items: list[SignedDocument]
    next_cursor: str | None


def register(caller: Caller, first: date, last: date, limit: int, cursor: str | None) -> RegisterList:
    """The entries of the requests received from one day to another, both included, without those never verified.

    Raises Refused for a period that ends before it begins, Malformed for a cursor of another period.
    """
    if first > last:
        raise Refused("from must not be after to", pointer="/query/to", reason="period")
    sandbox_id, calendar = caller.sandbox_id, intake.calendar_of(caller.on)
    begins, ends = (clock.to_text(calendar.end_of(day)) for day in (first - timedelta(days=1), last))
    scope = f"register|{sandbox_id}|{first}|{last}"
    after = cursors.decode(scope, cursor) if cursor else None
    made = list_store.made_from(sandbox_id, clock.from_text(begins), after)
    found, reached = _taken(made, lambda request: begins < request.received_at <= ends, limit)
    seed = secret.derived(secret.RECEIPTS, "receipts")
    items = [proof.sign(entry(request).model_dump(by_alias=True), seed) for request in found]
    return RegisterList(items=items, next_cursor=cursors.encode(scope, reached) if reached else None)


def _taken(
    made: Iterator[PrivacyRequest], keep: Callable[[PrivacyRequest], bool], limit: int
) -> tuple[list[PrivacyRequest], str | None]:
    """Requests for a page, and the id of the last that was read, where there may be more."""
    found = list[PrivacyRequest]()
    for number, request in enumerate(islice(made, MOST_READ), start=1):
        found += [request] if keep(request) else []
        if len(found) == limit or number == MOST_READ:
            return found, request.privacy_request_id
    return found, None


def entry(request: PrivacyRequest) -> RegisterEntry:
    """What the register says of a request."""
    return RegisterEntry(
        privacy_request_id=request.privacy_request_id,
        request_type=request.type,
        regulation=request.regulation,
        origin=rules.origin_of(request),
        status=request.status,
        received_at=request.received_at,
        acknowledge_by=request.acknowledge_by,
        due_at=request.due_at,
        extended=request.extended,
        ended_at=request.ended_at,
        recipients=request.recipients,
        connectors=request.connectors,
        gaps=request.result.get("gaps"),
        history_records=request.sequence,
        history_head=request.head or "",
    )
