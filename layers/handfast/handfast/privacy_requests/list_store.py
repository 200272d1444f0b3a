"""The requests of a sandbox, as lists of them are read."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from handfast.connectors.store import PRIVACY
from handfast.journal.keys import sandbox_key
from handfast.platform import table
from handfast.platform.ids import first_id
from handfast.platform.table import Item
from handfast.privacy_requests.keys import request_key
from handfast.privacy_requests.models import PrivacyRequest
from handfast.privacy_requests.store import REQUEST, apart_key

MOST_RECIPIENTS = 2000
"""Recipients and systems outside, of all requests on a page."""
_FOLLOWS = "~"
"""Stands behind every id."""


def requests_page(
    sandbox_id: str,
    limit: int,
    cursor: str | None,
    keep: Callable[[PrivacyRequest], bool],
    scope: str,
    *,
    unverified: bool = False,
) -> tuple[list[PrivacyRequest], str | None]:
    """A page of requests that `keep` wants, newest first, and the next cursor; of those never verified, or the others.

    Requests that went to very many are fewer to a page: an answer of Lambda has 6 MB at most, and a receipt a kilobyte.
    """

    def wanted(item: Item) -> bool:
        return keep(REQUEST.load(item))

    key, filtered = apart_key(sandbox_id) if unverified else sandbox_key(sandbox_id), wanted if scope else None
    page = table.page(
        PRIVACY,
        key,
        "PRQ#",
        limit=limit,
        cursor=cursor,
        keep=filtered,
        scope=scope,
        weight=_weight,
        most=MOST_RECIPIENTS,
    )
    return [REQUEST.load(item) for item in page.items], page.next_cursor


def _weight(item: Item) -> int:
    return int(item["recipients"] + item["connectors"])


def requests(sandbox_id: str) -> Iterator[PrivacyRequest]:
    """All requests of a sandbox, those never verified last."""
    for key in (sandbox_key(sandbox_id), apart_key(sandbox_id)):
        yield from REQUEST.query(key, "PRQ#")


def requests_each(sandbox_id: str, names: Sequence[str]) -> list[PrivacyRequest]:
    """The requests of these ids that there are and that somebody has verified, in the order of the ids."""
    keys = [(sandbox_key(sandbox_id), request_key(name)) for name in names]
    found = table.get_many(PRIVACY, keys)
    return [REQUEST.load(found[key]) for key in keys if key in found]


def made_since(sandbox_id: str, at: datetime) -> Iterator[PrivacyRequest]:
    """The sandbox's requests that were made then or later, newest first, those never verified last."""
    first = request_key(first_id("prq", at))
    for key in (sandbox_key(sandbox_id), apart_key(sandbox_id)):
        for item in table.query(PRIVACY, key, "PRQ#", newest_first=True):
            if item["sk"] < first:
                break
            yield REQUEST.load(item)


def made_from(sandbox_id: str, at: datetime, after: str | None) -> Iterator[PrivacyRequest]:
    """The sandbox's verified requests that were made then or later, oldest first; `after` is the id to go on behind."""
    first = f"{request_key(after)}{_FOLLOWS}" if after else request_key(first_id("prq", at))
    return map(REQUEST.load, table.between(PRIVACY, sandbox_key(sandbox_id), first, request_key(_FOLLOWS)))
