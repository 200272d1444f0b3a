"""The lists of requests: newest first, or the open ones by the day that they are due, filtered."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from itertools import batched
from typing import Literal

from handfast.journal.models import Caller
from handfast.platform import clock, cursors
from handfast.platform.problems import Refused
from handfast.privacy_requests import due_listing, external_ids, intake, list_store, rules, store
from handfast.privacy_requests.models import PrivacyOrigin, PrivacyRequest, PrivacyStatus, PrivacyType
from handfast.privacy_requests.protocols import store as protocols
from handfast.privacy_requests.views import views
from handfast.privacy_requests.wire import PrivacyRequestList

type Sort = Literal["received", "due"]

_LAST = "~"
"""Follows every time."""
_AT_ONCE = 8


@dataclass(frozen=True)
class Filters:
    """Which requests of a sandbox to list, and in which order; None for any.

    `due_before`, a day of the sandbox's time zone, and `overdue` are asked of open requests, and sort them by due date.
    """

    status: PrivacyStatus | None = None
    type: PrivacyType | None = None
    origin: PrivacyOrigin | None = None
    assignee: str | None = None
    external_id: str | None = None
    due_before: date | None = None
    overdue: bool | None = None
    sort: Sort | None = None

    @property
    def by_due(self) -> bool:
        """Whether open requests alone are listed, the next due first."""
        return self.sort == "due" or self.due_before is not None or self.overdue is not None

    def keeps(self, request: PrivacyRequest, now: str) -> bool:
        """Whether a request is one of the list, which its order and due dates do not decide."""
        return (
            self.status in {None, rules.status_at(request, now)}
            and self.type in {None, request.type}
            and self.origin in {None, rules.origin_of(request)}
            and self.assignee in {None, request.assignee}
            and self.external_id in {None, request.external_id}
        )


def list_requests(caller: Caller, filters: Filters, limit: int, cursor: str | None) -> PrivacyRequestList:
    """The sandbox's requests; those that nobody has verified only where their status is asked for.

    Raises Malformed for a cursor of another list, Refused for an order that the other filters do not go with.
    """
    sandbox_id, now = caller.sandbox_id, clock.now_text()
    scope = "|".join("" if value is None else str(value) for value in astuple(filters))

    def keep(request: PrivacyRequest) -> bool:
        return filters.keeps(request, now)

    if filters.by_due:
        _check_order(filters)
        first, last = _period(caller, filters, now)
        found, more = _due_page(sandbox_id, limit, cursor, keep, f"due|{sandbox_id}|{scope}", first, last)
        with ThreadPoolExecutor(_AT_ONCE) as pool:  # what belongs to neighbours of this list lies apart
            shown = pool.map(lambda request: views(caller.on, [request])[0], found)
            return PrivacyRequestList(items=list(shown), next_cursor=more)
    if filters.external_id is not None:
        named = _named(sandbox_id, filters.external_id)
        return PrivacyRequestList(items=views(caller.on, [named] if named and keep(named) else []), next_cursor=None)
    unverified = filters.status in rules.UNVERIFIED
    found, more = list_store.requests_page(
        sandbox_id, limit, cursor, keep, scope.strip("|") and scope, unverified=unverified
    )
    return PrivacyRequestList(items=views(caller.on, found), next_cursor=more)


def _check_order(filters: Filters) -> None:
    if filters.sort == "received":
        raise Refused("dueBefore and overdue list by due date: leave sort out", pointer="/query/sort", reason="sort")
    if filters.status is not None and due_listing.PLACED.isdisjoint({filters.status}):
        detail = f"the list by due date has requests that are {', '.join(sorted(due_listing.PLACED))}"
        raise Refused(detail, pointer="/query/status", reason="sort")


def _period(caller: Caller, filters: Filters, now: str) -> tuple[str, str]:
    """The first and the last place in the list by due date that are asked for."""
    ends = [_LAST]
    if filters.due_before is not None:
        before = intake.calendar_of(caller.on).end_of(filters.due_before - timedelta(days=1))
        ends.append(f"{clock.to_text(before)}{_LAST}")
    if filters.overdue:
        ends.append(now)
    return now if filters.overdue is False else " ", min(ends)


def _due_page(
    sandbox_id: str,
    limit: int,
    cursor: str | None,
    keep: Callable[[PrivacyRequest], bool],
    scope: str,
    first: str,
    last: str,
) -> tuple[list[PrivacyRequest], str | None]:
    after = f"{cursors.decode(scope, cursor)}{_LAST}" if cursor else first
    page, weight = list[PrivacyRequest](), 0
    if after > last:
        return page, None
    for names in batched(due_listing.names(sandbox_id, after, last), limit + 1, strict=False):
        for request in filter(keep, list_store.requests_each(sandbox_id, names)):
            weight += request.recipients + request.connectors
            if len(page) == limit or (page and weight > list_store.MOST_RECIPIENTS):
                return page, cursors.encode(scope, due_listing.sort_key(page[-1]))
            page.append(request)
    return page, None


def _named(sandbox_id: str, external_id: str) -> PrivacyRequest | None:
    """The request with an id that whoever made it, or an OpenDSR controller, has given it."""
    held = external_ids.holders(sandbox_id, [external_id]).get(external_id)
    controllers = None if held else protocols.subject_request(sandbox_id, external_id)
    name = controllers[0] if controllers else held
    return store.request(sandbox_id, name) if name else None
