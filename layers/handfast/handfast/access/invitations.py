"""Invitations by e-mail (docs/api.md, Who): rights that somebody takes who signs in with an address.

Whoever is of the sandbox's organisation gets the grant at once. To anybody else the invitation is the same, whether
they can sign in already or are made known by it: who invites learns nothing of other organisations' people.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from handfast.access import addresses, rules, service, store
from handfast.access import invitation_store as invitations
from handfast.access.addresses import Holder
from handfast.access.invitation_models import (
    Invitation,
    InvitationList,
    InvitationView,
    Invite,
    MyInvitation,
    MyInvitationList,
    ShownStatus,
)
from handfast.access.models import MyGrant, Principal, PutGrant
from handfast.identity import given
from handfast.identity.given import SubjectIdentity
from handfast.identity.namespaces import Rejected
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import ACTIVITY, commit
from handfast.platform import clock, quotas
from handfast.platform.ids import new_id
from handfast.platform.optimistic import Versions, check_version, until_written
from handfast.platform.problems import Conflict, NotFound, Refused, TooManyRequests
from handfast.platform.quotas import Quota, Standing
from handfast.platform.table import ConditionFailed
from handfast.platform.wanted import Wanted

MOST_PENDING = 50
"""Invitations of a sandbox that await an answer."""
VALID_FOR = timedelta(days=7)
"""As long as a temporary password is: `TemporaryPasswordValidityDays` of the user pool."""
QUOTA = Quota("invitations", "invitations", 100)
"""Invitations that a sandbox sends in a day, those that are sent again too."""


def create(caller: Caller, body: Invite) -> InvitationView:
    """Invite whoever signs in with an address; the same invitation again is the one that is pending.

    Raises Refused for unknown rights or none and for what is no address, Conflict where another invitation to it is
    pending, it has a grant already, or as many are pending as may be, TooManyRequests when as many were sent as may be
    in a day; NotFound and Stale as `service.put_grant` does.
    """
    service.check_rights(body)
    email = _address(caller, body.email)
    new, is_new = until_written("list of invitations", lambda: _reserved(caller, email, body))
    if not is_new and new.holders:
        return _view(new)
    try:
        return _view(_told(caller, new))
    except BaseException:
        with suppress(ConditionFailed):  # it was sent, or taken back, at the same time
            invitations.discard(new)
        raise


def _address(caller: Caller, text: str) -> str:
    """The address as it is written to. Raises Refused for what is none."""
    identity = SubjectIdentity(namespace="email", value=text)
    try:
        (address, *_) = given.clear_texts(identity, caller.on.phone_region)
    except Rejected as error:
        raise Refused(f"it is no address to write to ({error.reason})", reason="contact", pointer="/email") from None
    return address


def _reserved(caller: Caller, email: str, body: Invite) -> tuple[Invitation, bool]:
    """The pending invitation to an address, and whether it is a new one."""
    read, now = invitations.revision(caller.sandbox_id), clock.now()
    pending = [each for each in invitations.invitations(caller.sandbox_id) if status_of(each) == "pending"]
    for each in pending:
        if each.email == email:
            if (each.role, each.permissions) == (body.role, tuple(body.permissions)):
                return each, False
            detail = "another invitation to this address is pending; delete that first"
            raise Conflict(detail, current="invited", invitationId=each.invitation_id)
    _check_room(len(pending))
    new = Invitation(
        sandbox_id=caller.sandbox_id,
        invitation_id=new_id("inv"),
        email=email,
        role=body.role,
        permissions=tuple(body.permissions),
        invited_by=caller.principal_id,
        invited_by_name=caller.name,
        status="pending",
        created_at=clock.to_text(now),
        expires_at=clock.to_text(now + VALID_FOR),
    )
    commit(invitations.create(new, read), [])
    return new, True


def _check_room(pending: int) -> None:
    if pending >= MOST_PENDING:
        detail = f"a sandbox has at most {MOST_PENDING} invitations that await an answer; delete one first"
        raise Conflict(detail, current="too_many")


def _told(caller: Caller, new: Invitation) -> Invitation:
    """A new invitation after its first e-mail, or after its grant where that is given at once."""
    holders = _mailed(caller, new.email)
    own = next((each.principal_id for each in holders if _is_own(caller, each)), None)
    if own is None:
        return _noted(Actor.of(caller), replace(new, holders=_ids(holders), mails=1), new, "created")
    if store.grant(own, caller.sandbox_id):
        raise _has_grant(own)
    service.put_grant(caller, own, PutGrant(role=new.role, permissions=list(new.permissions)), None)
    accepted = replace(
        new, status="accepted", ended_at=clock.now_text(), principal_id=own, holders=_ids(holders), mails=1
    )
    return _noted(Actor.of(caller), accepted, new, "created")


def _mailed(caller: Caller, email: str) -> Sequence[Holder]:
    """Who has the address, once Cognito has written to who needs it to."""
    detail = f"a sandbox sends at most {QUOTA.limit} invitations a day"
    quotas.spend_shown(QUOTA, 1, detail, table_name=ACTIVITY, pk=_quota_key(caller.sandbox_id))
    try:
        return addresses.mail_password(email)
    except addresses.AddressRefusedError as error:
        raise Refused(f"it is no address to write to ({error})", reason="contact", pointer="/email") from error
    except addresses.BusyError as error:
        raise TooManyRequests("no more invitations can be sent for now; try again", retryAfter=60) from error


def _is_own(caller: Caller, holder: Holder) -> bool:
    return service.own_principal_name(caller.on.organization_id, holder.principal_id) is not None


def _ids(holders: Sequence[Holder]) -> tuple[str, ...]:
    return tuple(sorted(each.principal_id for each in holders))


def _has_grant(principal_id: str) -> Conflict:
    detail = "who has this address has a grant on the sandbox; change that"
    return Conflict(detail, current="exists", principalId=principal_id)


def _noted(actor: Actor, new: Invitation, old: Invitation, what: str) -> Invitation:
    """Write an invitation over the one read, with its record, which names nobody by an address."""
    detail = {"role": new.role, "permissions": list(new.permissions), "status": new.status}
    event = Event(new.sandbox_id, f"invitation.{what}", actor, new.invitation_id, detail)
    commit(invitations.replace(new, old), [event])
    return replace(new, revision=old.revision + 1)


def standing(sandbox_id: str) -> Standing:
    """How many invitations a sandbox may still send today."""
    return quotas.standing(QUOTA, table_name=ACTIVITY, pk=_quota_key(sandbox_id))


def _quota_key(sandbox_id: str) -> str:
    return f"QUOTA#{QUOTA.name}/{sandbox_id}"


def list_invitations(caller: Caller, wanted: Wanted, limit: int, cursor: str | None) -> InvitationList:
    """The sandbox's invitations, newest first unless something else is wanted.

    Raises Malformed for a cursor of another list.
    """
    selection = wanted.selection(lambda each: (each.email,), {"status": status_of})
    found, more = invitations.invitations_page(caller.sandbox_id, limit, cursor, selection)
    return InvitationList(items=list(map(_view, found)), next_cursor=more)


def get(caller: Caller, invitation_id: str) -> InvitationView:
    """One invitation. Raises NotFound for an unknown one."""
    return _view(_load(caller, invitation_id))


def resend(caller: Caller, invitation_id: str) -> InvitationView:
    """Write to an address again; the invitation, and the temporary password, are valid for as long as a new one.

    Raises NotFound for an unknown invitation, Conflict for one that has ended and where as many are pending as may be,
    Refused for what is no address any more, TooManyRequests when as many were sent as may be in a day, or when it
    changes too fast.
    """
    old = _load(caller, invitation_id)
    if old.status != "pending":
        raise Conflict(f"the invitation was {old.status}; make another", current=old.status)
    others = [each for each in invitations.invitations(caller.sandbox_id) if each.invitation_id != invitation_id]
    _check_room(sum(status_of(each) == "pending" for each in others))
    holders = _ids(_mailed(caller, old.email))

    def attempt() -> InvitationView:
        now = _load(caller, invitation_id)
        if now.status != "pending":
            raise Conflict(f"the invitation was {now.status} meanwhile", current=now.status)
        until = clock.to_text(clock.now() + VALID_FOR)
        return _view(
            _noted(
                Actor.of(caller),
                replace(now, holders=holders, mails=now.mails + 1, expires_at=until),
                now,
                "resent",
            )
        )

    return until_written("invitation", attempt)


def revoke(caller: Caller, invitation_id: str, if_match: Versions) -> None:
    """Take an invitation back; one that was taken back is no error.

    Raises NotFound for an unknown invitation, Stale when it is no longer the version in If-Match, Conflict for one that
    was answered, TooManyRequests when it changes too fast.
    """

    def attempt() -> None:
        old = _load(caller, invitation_id)
        check_version(if_match, old.revision, "invitation")
        if old.status == "accepted":
            raise Conflict("the invitation was accepted; take the grant away", current="accepted")
        if old.status == "declined":
            raise Conflict("the invitation was declined", current="declined")
        if old.status == "pending":
            _noted(Actor.of(caller), replace(old, status="revoked", ended_at=clock.now_text()), old, "revoked")

    until_written("invitation", attempt)


def _load(caller: Caller, invitation_id: str) -> Invitation:
    found = invitations.invitation(caller.sandbox_id, invitation_id)
    if found is None:
        raise NotFound("no such invitation")
    return found


def status_of(of: Invitation) -> ShownStatus:
    """How an invitation stands; one that is past its expiry reads as expired."""
    return "expired" if of.status == "pending" and of.expires_at <= clock.now_text() else of.status


def _view(of: Invitation) -> InvitationView:
    return InvitationView(
        invitation_id=of.invitation_id,
        email=of.email,
        role=of.role,
        permissions=sorted(rules.effective(of.role, of.permissions)),
        status=status_of(of),
        invited_by=of.invited_by_name,
        created_at=of.created_at,
        expires_at=of.expires_at,
        ended_at=of.ended_at,
        principal_id=of.principal_id,
        version=of.revision,
    )


# The caller's own


def mine(caller: Caller) -> MyInvitationList:
    """The invitations that the caller can accept or decline, oldest first."""
    pending = [each for each in invitations.of_principal(caller.principal_id) if status_of(each) == "pending"]
    on = service.sandboxes([each.sandbox_id for each in pending])
    return MyInvitationList(
        items=[
            MyInvitation(
                invitation_id=each.invitation_id,
                sandbox_id=each.sandbox_id,
                sandbox_name=on[each.sandbox_id].name,
                organization_name=on[each.sandbox_id].organization_name,
                role=each.role,
                permissions=sorted(rules.effective(each.role, each.permissions)),
                invited_by=each.invited_by_name,
                expires_at=each.expires_at,
            )
            for each in pending
            if each.sandbox_id in on
        ]
    )


def accept(caller: Caller, invitation_id: str) -> MyGrant:
    """Take the rights of an invitation to the caller.

    Raises NotFound for an invitation to others, Conflict for one that has expired, whose inviter may give no grants
    any more, or where the caller has a grant by now, TooManyRequests when it changes too fast.
    """

    def attempt() -> MyGrant:
        old = _pending(caller, invitation_id)
        _check_inviter(old)
        if store.grant(caller.principal_id, old.sandbox_id):
            raise _has_grant(caller.principal_id)
        known = store.principal(caller.principal_id)
        sandbox = service.get_sandbox(old.sandbox_id)
        person = known or Principal(old.email, sandbox.organization_id)
        new = replace(old, status="accepted", ended_at=clock.now_text(), principal_id=caller.principal_id)
        grant = service.new_grant(caller.principal_id, person.name, sandbox, old.role, old.permissions)
        actor, detail = Actor.of(replace(caller, name=person.name)), service.grant_detail(grant)
        events = [
            Event(old.sandbox_id, "invitation.accepted", actor, old.invitation_id, detail),
            Event(
                old.sandbox_id, "grant.put", actor, caller.principal_id, detail | {"invitationId": old.invitation_id}
            ),
        ]
        made_known = [] if known else [store.put_new_principal(caller.principal_id, person)]
        commit([*invitations.replace(new, old), *store.put_grant(grant, None), *made_known], events)
        return service.my_grant(grant)

    granted = until_written("invitation", attempt)
    service.forget()
    return granted


def _check_inviter(of: Invitation) -> None:
    """Raise Conflict where who has invited may not give a grant any more: then nobody has given this one."""
    inviter = store.grant(of.invited_by, of.sandbox_id)
    if inviter is None or "access:manage" not in rules.effective(inviter.role, inviter.permissions):
        detail = "who has invited you may not give grants on this sandbox any more; have somebody else invite you"
        raise Conflict(detail, current="inviter")


def decline(caller: Caller, invitation_id: str) -> None:
    """Turn an invitation to the caller down.

    Raises NotFound for an invitation to others, Conflict for one that has expired, TooManyRequests when it changes too
    fast.
    """

    def attempt() -> None:
        old = _pending(caller, invitation_id)
        new = replace(old, status="declined", ended_at=clock.now_text())
        _noted(Actor("principal"), new, old, "declined")  # who is not of the sandbox's side is not named

    until_written("invitation", attempt)


def _pending(caller: Caller, invitation_id: str) -> Invitation:
    found = invitations.of_principal(caller.principal_id)
    named = next((each for each in found if each.invitation_id == invitation_id), None)
    if named is None:
        raise NotFound("no such invitation to you")
    if status_of(named) != "pending":
        raise Conflict("the invitation has ended; have it sent again", current=status_of(named))
    return named
