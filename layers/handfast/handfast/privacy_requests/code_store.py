"""The one-time codes by which people prove that a request is theirs: hashes, and the tries left."""

from contextlib import suppress

from boto3.dynamodb.conditions import Attr

from handfast.connectors.store import PRIVACY
from handfast.platform import clock, table
from handfast.platform.table import UNCONDITIONAL, ConditionFailed, Delete, Put, Update, Write
from handfast.privacy_requests.keys import request_key
from handfast.privacy_requests.models import PrivacyRequest


def put_code(of: PrivacyRequest, digest: str | None) -> list[Write]:
    """The write that keeps the hash of a request's code until it expires; none without a code."""
    if digest is None or of.code_expires_at is None:
        return []
    ttl = int(clock.from_text(of.code_expires_at).timestamp())
    facts = {"digest": digest, "tries": 0, "expiresAt": of.code_expires_at, "ttl": ttl}
    return [Put(PRIVACY, {"pk": request_key(of.privacy_request_id), "sk": "CODE"} | facts)]


def delete_code(privacy_request_id: str) -> Delete:
    """The write that takes the code away."""
    return Delete(PRIVACY, request_key(privacy_request_id), "CODE", UNCONDITIONAL)


def try_code(privacy_request_id: str, tries: int) -> tuple[str, int] | None:
    """Count a try and return the hash to compare with and the tries left after it.

    None when the code has expired or its tries are spent.
    """
    key = request_key(privacy_request_id)
    fresh = Attr("tries").lt(tries) & Attr("expiresAt").gt(clock.now_text())
    with suppress(ConditionFailed):
        table.apply(Update(PRIVACY, key, "CODE", add={"tries": 1}, condition=fresh))
        item = table.get(PRIVACY, key, "CODE")
        if item:
            return item["digest"], tries - item["tries"]
    return None
