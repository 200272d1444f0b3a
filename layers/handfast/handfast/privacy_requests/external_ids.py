"""The ids that callers give their requests, each for one request of a sandbox as long as that is kept.

pk       sk            item
SBX#{s}  EXTERNAL#{x}  the request with that `externalId`
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from boto3.dynamodb.conditions import Attr, ConditionBase

from handfast.connectors.store import PRIVACY
from handfast.journal.keys import sandbox_key
from handfast.platform import table
from handfast.platform.table import ABSENT, ConditionFailed, Delete, Put
from handfast.privacy_requests.models import PrivacyRequest

_PREFIX = "EXTERNAL#"
_AT_ONCE = 16


def claim(new: PrivacyRequest) -> list[Put]:
    """The write by which a request has its `externalId` for itself; refused when another one of the sandbox has it.

    None without such an id, and for a protocol's request, whose party has ids of its own.
    """
    if new.external_id is None or new.protocol:
        return []
    place = {"pk": sandbox_key(new.sandbox_id), "sk": f"{_PREFIX}{new.external_id}"}
    return [Put(PRIVACY, place | {"privacyRequestId": new.privacy_request_id}, _is_free_for(new))]


def claim_each(new: Sequence[PrivacyRequest]) -> dict[str, str]:
    """Claim for many requests, each on its own; returns the requests that have the ids that were taken, by the ids."""
    puts = [put for request in new for put in claim(request)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(found for found in pool.map(_taken, puts) if found)


def _taken(put: Put) -> tuple[str, str] | None:
    """Make a claim; the id and the request that has it, where that is another one."""
    try:
        table.apply(put)
    except ConditionFailed as failed:
        return str(put.item["sk"]).removeprefix(_PREFIX), holder(failed)
    return None


def holders(sandbox_id: str, external_ids: Iterable[str]) -> dict[str, str]:
    """The requests with these ids, by them, as far as there are any."""
    pk = sandbox_key(sandbox_id)
    found = table.get_many(PRIVACY, ((pk, f"{_PREFIX}{external_id}") for external_id in external_ids))
    return {sk.removeprefix(_PREFIX): item["privacyRequestId"] for (_, sk), item in found.items()}


def beginning_with(sandbox_id: str, start: str) -> list[str]:
    """The requests whose ids begin so."""
    return [item["privacyRequestId"] for item in table.query(PRIVACY, sandbox_key(sandbox_id), f"{_PREFIX}{start}")]


def holder(failed: ConditionFailed) -> str:
    """The request for whose id a write was refused; raises what is given where it was refused for something else."""
    item = failed.item or {}
    if not str(item.get("sk")).startswith(_PREFIX):
        raise failed
    return str(item["privacyRequestId"])


def release(of: PrivacyRequest) -> None:
    """Let a request's id be another one's. Safe to repeat."""
    for put in claim(of):
        with suppress(ConditionFailed):  # another one's by now
            table.apply(Delete(PRIVACY, put.item["pk"], put.item["sk"], _is_free_for(of)))


def _is_free_for(request: PrivacyRequest) -> ConditionBase:
    return ABSENT | Attr("privacyRequestId").eq(request.privacy_request_id)
