"""Invitations to a sandbox by e-mail (docs/api.md, Who)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from handfast.access.models import PutGrant
from handfast.platform.wire import Resource, TableItem, Timestamp, View

type InvitationStatus = Literal["pending", "accepted", "declined", "revoked"]
type ShownStatus = Literal["pending", "expired", "accepted", "declined", "revoked"]


@dataclass(frozen=True)
class Invitation(TableItem):
    """A grant that somebody may take who signs in with an address.

    `holders` are the principals who have the address, none before the first e-mail; `mails` counts what was sent.
    `invited_by` is a principal, who has to be able to give grants when it is accepted; `principal_id` accepted it.
    """

    sandbox_id: str
    invitation_id: str
    email: str
    role: str | None
    permissions: tuple[str, ...]
    invited_by: str
    invited_by_name: str
    status: InvitationStatus
    created_at: str
    expires_at: str
    holders: tuple[str, ...] = ()
    mails: int = 0
    ended_at: str | None = None
    principal_id: str | None = None
    revision: int = 1


@dataclass(frozen=True)
class InvitationRef(TableItem):
    """Where an invitation of a principal is."""

    sandbox_id: str
    invitation_id: str


class Invite(PutGrant):
    """Whom to invite, and which rights they get when they accept: a role, single permissions, or both."""

    email: Annotated[str, Field(min_length=3, max_length=254)]


class InvitationView(Resource):
    """An invitation as those see it who manage access. `permissions` are all that the rights come to.

    `invitedBy` is the name of who invites. `principalId` is who has accepted it. `endedAt` is when it was accepted,
    declined or revoked.
    """

    invitation_id: str
    email: str
    role: str | None
    permissions: list[str]
    status: ShownStatus
    invited_by: str
    created_at: Timestamp
    expires_at: Timestamp
    ended_at: Timestamp | None
    principal_id: str | None


class InvitationList(View):
    """A page of invitations, newest first."""

    items: list[InvitationView]
    next_cursor: str | None


class MyInvitation(View):
    """An invitation to the caller, who can accept it until it expires."""

    invitation_id: str
    sandbox_id: str
    sandbox_name: str
    organization_name: str
    role: str | None
    permissions: list[str]
    invited_by: str
    expires_at: Timestamp


class MyInvitationList(View):
    """The invitations that the caller can accept or decline."""

    items: list[MyInvitation]
