"""Which request a sandbox has of a chain that goes from partner to partner, so that none goes round for ever."""

from handfast.connectors.store import PRIVACY
from handfast.journal.keys import sandbox_key
from handfast.platform import table
from handfast.platform.table import UNCONDITIONAL, Delete, Put
from handfast.privacy_requests.models import PrivacyRequest


def _root_key(root_id: str) -> str:
    return f"ROOT#{root_id}"


def claim(new: PrivacyRequest) -> Put:
    """The write by which the sandbox has a request of the chain's part; refused when it has one already."""
    facts = {"privacyRequestId": new.privacy_request_id, "cameFrom": new.origin.privacy_request_id}
    place = _claim_key(new.origin.root_id, new.sandbox_id, new.origin.part)
    return Put(PRIVACY, {"pk": place[0], "sk": place[1]} | facts)


def claim_part(mine: PrivacyRequest, part: str) -> None:
    """Note that the request's sandbox has a part of the chain which the request itself gives out. Safe to repeat."""
    pk, sk = _claim_key(mine.origin.root_id, mine.sandbox_id, part)
    facts = {"privacyRequestId": mine.privacy_request_id, "cameFrom": None}
    table.apply(Put(PRIVACY, {"pk": pk, "sk": sk} | facts, UNCONDITIONAL))


def _claim_key(root_id: str, sandbox_id: str, part: str) -> tuple[str, str]:
    return _root_key(root_id), f"{sandbox_key(sandbox_id)}#{part}" if part else sandbox_key(sandbox_id)


def claimed(root_id: str, sandbox_id: str, part: str) -> tuple[str, str | None] | None:
    """The request of the chain's part that the sandbox has, and the one it came from; None when it has none."""
    item = table.get(PRIVACY, *_claim_key(root_id, sandbox_id, part))
    return (item["privacyRequestId"], item["cameFrom"]) if item else None


def release(ended: PrivacyRequest) -> None:
    """Forget which parts of its chain a request has been. Safe to repeat."""
    root = _root_key(ended.origin.root_id)
    for item in table.query(PRIVACY, root, sandbox_key(ended.sandbox_id)):
        if item["privacyRequestId"] == ended.privacy_request_id:
            table.apply(Delete(PRIVACY, root, item["sk"], UNCONDITIONAL))
