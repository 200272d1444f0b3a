"""Open requests of one person and type: each after the first is marked as a duplicate of it.

pk           sk               item
PERSON#{s}   {type}#{digest}  the open request of that type about an identity or id, by a keyed digest; expires
PRQ#{id}     DUPLICATE#{d}    its duplicate d (`store.save`)
"""

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from boto3.dynamodb.conditions import Attr, ConditionBase

from handfast.connectors.store import PRIVACY
from handfast.identity.keys import Key
from handfast.platform import clock, secret, table
from handfast.platform.table import ABSENT, ConditionFailed, Item, Put
from handfast.privacy_requests import rules, store
from handfast.privacy_requests.models import PrivacyRequest

_AT_ONCE = 16
_LONGER = timedelta(days=90)
"""For how long after its due date a request that is still open is found: the longest extension of a law."""


def _key(sandbox_id: str) -> str:
    return f"PERSON#{sandbox_id}"


def marked(request: PrivacyRequest, identities: Collection[Key], profile_ids: Collection[str]) -> PrivacyRequest:
    """The request as it is to be kept, with the open one that the same person made before it, if there is one.

    One that nobody has verified neither is a duplicate nor has any: it says nothing of the person.
    """
    if request.status in rules.UNVERIFIED:
        return request
    named = [f"{hi}|{lo}" for hi, lo in sorted(identities)] + [f"id|{name}" for name in sorted(profile_ids)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        earlier = set(pool.map(lambda text: _claim(request, text), named))
    first = min(earlier - {None, request.privacy_request_id}, default=None)  # type: ignore[type-var]
    return replace(request, duplicate_of=first)


def _claim(request: PrivacyRequest, identity: str) -> str | None:
    """Have the request stand for the identity, unless an open one does; returns the one that does."""
    taken = _apply(_marker(request, identity), ABSENT)
    if taken is None:
        return None
    holder = store.request(request.sandbox_id, taken["privacyRequestId"])
    if holder is not None and holder.status in rules.OPEN:
        return holder.duplicate_of or holder.privacy_request_id
    with suppress(ConditionFailed):  # another one, at the same time
        table.apply(Put(PRIVACY, _marker(request, identity), Attr("privacyRequestId").eq(taken["privacyRequestId"])))
    return None


def _apply(item: Item, condition: ConditionBase) -> Item | None:
    """Write an item; the one that stands there where the condition does not hold."""
    try:
        table.apply(Put(PRIVACY, item, condition))
    except ConditionFailed as failed:
        return failed.item
    return None


def _marker(request: PrivacyRequest, identity: str) -> Item:
    digest = secret.digest(secret.PRIVACY, "duplicates", identity.encode())
    expires = clock.from_text(request.due_at) + _LONGER
    place = {"pk": _key(request.sandbox_id), "sk": f"{request.type}#{digest}"}
    return place | {"privacyRequestId": request.privacy_request_id, "ttl": int(expires.timestamp())}


def of(request: PrivacyRequest) -> Iterator[PrivacyRequest]:
    """The duplicates of a request that are still open."""
    for name in store.duplicates(request.privacy_request_id):
        found = store.request(request.sandbox_id, name)
        if found is not None and found.status in rules.OPEN:
            yield found


def forget_all(sandbox_id: str) -> None:
    """Forget whose requests are open, of a sandbox that is deleted."""
    table.clear(PRIVACY, _key(sandbox_id))
