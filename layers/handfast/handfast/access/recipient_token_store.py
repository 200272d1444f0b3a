"""Recipient tokens in the access table.

pk                    sk               item
RTOKENS#{sandbox}     RTOKEN#{token}   token, without anything that it could be made of
RTOKEN#{digest}       RTOKEN           where the token is that this is the digest of, or the digest of its link
"""

from collections.abc import Iterator
from contextlib import suppress

from boto3.dynamodb.conditions import Attr

from handfast.access.recipient_token_models import RecipientToken, TokenRef
from handfast.access.store import ACCESS
from handfast.platform import items, table
from handfast.platform.items import ItemKind, at_revision, revise
from handfast.platform.table import PRESENT, UNCONDITIONAL, ConditionFailed, Delete, TransactionConflict, Update, Write
from handfast.platform.wanted import Selection

_TOKEN = ItemKind("recipient_token", RecipientToken, ACCESS)
_REF = ItemKind("recipient_token_ref", TokenRef, ACCESS)
_SK = "RTOKEN"


def _key(token_id: str = "") -> str:
    return f"{_SK}#{token_id}"


def _partition(sandbox_id: str) -> str:
    return f"{_SK}S#{sandbox_id}"


def token(sandbox_id: str, token_id: str) -> RecipientToken | None:
    """One token."""
    return _TOKEN.get(_partition(sandbox_id), _key(token_id))


def tokens(sandbox_id: str) -> Iterator[RecipientToken]:
    """All tokens of a sandbox, oldest first."""
    return _TOKEN.query(_partition(sandbox_id), _key())


def tokens_page(
    sandbox_id: str, limit: int, cursor: str | None, selection: Selection[RecipientToken]
) -> tuple[list[RecipientToken], str | None]:
    """A page of the tokens, newest first unless the selection says otherwise, and the next cursor."""
    return items.page(_TOKEN, _partition(sandbox_id), _key(), limit, cursor, selection)


def by_digest(digest: str) -> RecipientToken | None:
    """The token that this is a digest of, or the digest of its link, as it is now."""
    ref = _REF.get(_key(digest), _SK)
    return token(ref.sandbox_id, ref.token_id) if ref else None


def put(new: RecipientToken, over: RecipientToken | None = None) -> list[Write]:
    """The writes of a token over the revision read, or of a new one, with what it is found by and no more."""
    ref = TokenRef(new.sandbox_id, new.token_id)
    found, before = digests(new), digests(over) if over else set[str]()
    return [
        revise(_TOKEN, new, over, _partition(new.sandbox_id), _key(new.token_id)),
        *(_REF.put(ref, _key(digest), _SK) for digest in sorted(found - before)),
        *(Delete(ACCESS, _key(digest), _SK, UNCONDITIONAL) for digest in sorted(before - found)),
    ]


def delete(old: RecipientToken) -> list[Write]:
    """The writes that delete a token at the revision read."""
    return [
        Delete(ACCESS, _partition(old.sandbox_id), _key(old.token_id), at_revision(old)),
        *(Delete(ACCESS, _key(digest), _SK, UNCONDITIONAL) for digest in sorted(digests(old))),
    ]


def digests(of: RecipientToken) -> set[str]:
    """What a token is found by."""
    own = {digest for digest in (of.digest, of.link_digest) if digest}
    return own | {former.digest for former in of.former}


def note_use(of: RecipientToken, at: str) -> None:
    """Note when a token was last used; one that is gone meanwhile is none."""
    unchanged = PRESENT & Attr("lastUsedAt").eq(of.last_used_at)
    with suppress(ConditionFailed, TransactionConflict):  # somebody notes the same
        key = _partition(of.sandbox_id), _key(of.token_id)
        table.apply(Update(ACCESS, *key, assign={"lastUsedAt": at}, condition=unchanged))


def forget_all(sandbox_id: str) -> None:
    """Delete the tokens of a sandbox that is deleted."""
    for found in tokens(sandbox_id):
        table.transact(delete(found))
