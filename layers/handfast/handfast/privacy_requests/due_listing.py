"""The open requests of a sandbox by the day that they are due.

pk       sk            item
DUE#{s}  {dueAt}#{id}  open request
"""

from collections.abc import Iterator

from handfast.connectors.store import PRIVACY
from handfast.platform import table
from handfast.privacy_requests import rules
from handfast.privacy_requests.models import PrivacyRequest

PLACED = rules.OPEN - rules.UNVERIFIED
"""The statuses of the requests in the list."""


def _key(sandbox_id: str) -> str:
    return f"DUE#{sandbox_id}"


def sort_key(of: PrivacyRequest) -> str:
    """By what a request is sorted in the list."""
    return f"{of.due_at}#{of.privacy_request_id}"


def place(of: PrivacyRequest | None) -> tuple[str, str] | None:
    """Where a request stands in the table; None for one that is not in the list."""
    return (_key(of.sandbox_id), sort_key(of)) if of is not None and of.status in PLACED else None


def names(sandbox_id: str, first: str, last: str) -> Iterator[str]:
    """The ids of the requests from one place in the list to another, the next due first."""
    for item in table.between(PRIVACY, _key(sandbox_id), first, last):
        yield item["sk"].rpartition("#")[2]
