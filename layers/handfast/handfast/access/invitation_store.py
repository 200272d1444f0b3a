"""Invitations in the access table.

pk                sk                       item
SBX#{s}           INVITATION#{invitation}  invitation; expires
SBX#{s}           INVITATIONS              revision of all of them: each new one is written over the one read
PRINCIPAL#{p}     INVITATION#{invitation}  where an invitation of the principal's is; expires
"""

from collections.abc import Iterator
from datetime import timedelta

from boto3.dynamodb.conditions import Attr

from handfast.access.invitation_models import Invitation, InvitationRef
from handfast.access.store import ACCESS, principal_key
from handfast.journal.keys import sandbox_key
from handfast.platform import clock, items, table
from handfast.platform.items import ItemKind, at_revision
from handfast.platform.table import ABSENT, UNCONDITIONAL, Delete, Update, Write
from handfast.platform.wanted import Selection

KEPT_FOR = timedelta(days=90)
"""How long an invitation stays in the list after it has expired or would have."""

_INVITATION = ItemKind("invitation", Invitation, ACCESS)
_REF = ItemKind("invitation_ref", InvitationRef, ACCESS)
_REVISION = "INVITATIONS"


def _key(invitation_id: str = "") -> str:
    return f"INVITATION#{invitation_id}"


def revision(sandbox_id: str) -> int:
    """The revision of a sandbox's invitations, to be read before them."""
    item = table.get(ACCESS, sandbox_key(sandbox_id), _REVISION)
    return int(item["revision"]) if item else 0


def invitation(sandbox_id: str, invitation_id: str) -> Invitation | None:
    """One invitation."""
    return _INVITATION.get(sandbox_key(sandbox_id), _key(invitation_id))


def invitations(sandbox_id: str) -> Iterator[Invitation]:
    """All invitations of a sandbox, oldest first."""
    return _INVITATION.query(sandbox_key(sandbox_id), _key())


def invitations_page(
    sandbox_id: str, limit: int, cursor: str | None, selection: Selection[Invitation]
) -> tuple[list[Invitation], str | None]:
    """A page of invitations, newest first unless the selection says otherwise, and the next cursor."""
    return items.page(_INVITATION, sandbox_key(sandbox_id), _key(), limit, cursor, selection)


def of_principal(principal_id: str) -> list[Invitation]:
    """The invitations of a principal that have not ended, expired ones too."""
    refs = _REF.query(principal_key(principal_id), _key())
    keys = [(sandbox_key(ref.sandbox_id), _key(ref.invitation_id)) for ref in refs]
    found = table.get_many(ACCESS, keys)
    return [_INVITATION.load(found[key]) for key in keys if key in found]


def create(new: Invitation, read: int) -> list[Write]:
    """The writes of a new invitation, refused when others have been made since the revision read."""
    is_unchanged = Attr("revision").eq(read) if read else ABSENT
    counted = Update(
        ACCESS, sandbox_key(new.sandbox_id), _REVISION, assign={"revision": read + 1}, condition=is_unchanged
    )
    return [_put(new, over=None), counted]


def replace(new: Invitation, over: Invitation) -> list[Write]:
    """The writes of an invitation over the revision read; its holders find it while it is pending."""
    gone = set(over.holders) - (set(new.holders) if new.status == "pending" else set())
    held = new.holders if new.status == "pending" else ()
    ref, name, ttl = InvitationRef(new.sandbox_id, new.invitation_id), _key(new.invitation_id), _ttl(new)
    return [
        _put(new, over),
        *(_REF.put(ref, principal_key(each), name, UNCONDITIONAL, ttl=ttl) for each in held),
        *(Delete(ACCESS, principal_key(each), name, UNCONDITIONAL) for each in sorted(gone)),
    ]


def discard(old: Invitation) -> None:
    """Delete an invitation of which nobody was told."""
    table.apply(Delete(ACCESS, sandbox_key(old.sandbox_id), _key(old.invitation_id), at_revision(old)))


def forget_all(sandbox_id: str) -> None:
    """Delete the invitations of a sandbox that is deleted."""
    for found in invitations(sandbox_id):
        for holder in found.holders:
            table.apply(Delete(ACCESS, principal_key(holder), _key(found.invitation_id), UNCONDITIONAL))
    table.clear(ACCESS, sandbox_key(sandbox_id), "INVITATION")


def forget_principal(principal_id: str) -> None:
    """Delete what leads a principal that is deleted to its invitations."""
    table.clear(ACCESS, principal_key(principal_id), _key())


def _put(new: Invitation, over: Invitation | None) -> Write:
    condition = at_revision(over) if over else ABSENT
    place = sandbox_key(new.sandbox_id), _key(new.invitation_id)
    return _INVITATION.put(new, *place, condition, revision=over.revision + 1 if over else 1, ttl=_ttl(new))


def _ttl(of: Invitation) -> int:
    return int((clock.from_text(of.expires_at) + KEPT_FOR).timestamp())
