"""Privacy requests in, and decisions on them (docs/api.md, Privacy)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from handfast.access.service import authorize, require
from handfast.journal.models import Actor, Caller, Sandbox
from handfast.platform import clock, secret
from handfast.platform.ids import new_code, new_id
from handfast.platform.optimistic import lost_condition_is
from handfast.platform.problems import Conflict, Problem, Refused
from handfast.platform.table import ConditionFailed, Write
from handfast.privacy_requests import (
    code_store,
    contact_store,
    deadlines,
    duplicates,
    external_ids,
    intake,
    messages,
    naming,
    package_store,
    passing_on,
    reading,
    recipient_store,
    rules,
    scopes,
    store,
    subject_store,
    task_store,
)
from handfast.privacy_requests.drop import rules as drop_rules
from handfast.privacy_requests.drop import store as drop_lists
from handfast.privacy_requests.models import (
    Contact,
    DenialGround,
    Origin,
    PrivacyRequest,
    Subject,
)
from handfast.privacy_requests.regulations import regulation
from handfast.privacy_requests.store import Step
from handfast.privacy_requests.task_rules import again, asked_anew, can_repeat
from handfast.privacy_requests.views import shown, view
from handfast.privacy_requests.wire import (
    Approval,
    Code,
    CreatePrivacyRequest,
    NewPrivacyRequest,
    PrivacyRequestView,
)

APPROVE = "privacy:approve"
"""The permission of a sandbox's privacy staff, who may see to what others have handed in."""
CODE_FOR = timedelta(minutes=10)


# In


@dataclass(frozen=True)
class NewRequest:
    """A request on its way in, with its subject and the code to hand out once."""

    request: PrivacyRequest
    subject: Subject
    code: str | None
    contact: Contact | None = None

    @property
    def shown_code(self) -> str | None:
        """The code as the caller gets it; None where there is none, or the person is sent it."""
        return None if self.contact else self.code

    @property
    def code_digest(self) -> str | None:
        """What is kept of the code."""
        return _digest(self.request.privacy_request_id, self.code) if self.code else None


def create(caller: Caller, body: CreatePrivacyRequest) -> NewPrivacyRequest:
    """Take a request.

    Raises Refused for identities, types or regulations that are none, Conflict when another request has the
    `externalId`, TooManyRequests when it is unverified and the caller has brought as many of those as it may a day.
    """
    new = read_request(caller.on, body)
    if new.code:
        intake.spend_unverified(caller.sandbox_id, caller.principal_id, 1)
    new = replace(new, request=naming.counted([new.request])[0])
    try:
        written = keep(new, Actor.of(caller))
    except ConditionFailed as failed:
        raise external_id_taken(external_ids.holder(failed)) from failed
    shown_members = shown(written, (), (), caller.on.privacy_four_eyes, {}).__dict__
    return NewPrivacyRequest(**shown_members, verification_code=new.shown_code)


def keep(new: NewRequest, actor: Actor, more: Sequence[Write] = ()) -> PrivacyRequest:
    """Write a request that was read, with its subject, its contact and its code, and have it worked on.

    Raises ConditionFailed, with nothing left of it, when another request has its `externalId`.
    """
    sandbox_id, own_id = new.request.sandbox_id, new.request.privacy_request_id
    subject_store.create(sandbox_id, own_id, new.subject)
    if new.contact:
        contact_store.create(sandbox_id, own_id, new.contact)
    made = duplicates.marked(new.request, new.subject.identities, new.subject.profile_ids)
    code = code_store.put_code(made, new.code_digest)
    try:
        (written,) = store.save(intake.receiving(made, actor, new.subject.size, [*code, *more]))
    except ConditionFailed:
        _forget(new.request)
        raise
    store.wake_for(written)
    return written


def _forget(request: PrivacyRequest) -> None:
    """Forget whom a request was about, and the address to which nothing more is sent."""
    subject_store.delete(request.sandbox_id, request.privacy_request_id)
    if messages.is_over(request):
        contact_store.delete(request.sandbox_id, request.privacy_request_id)


def external_id_taken(holder: str) -> Conflict:
    """The problem of an `externalId` that another request has."""
    detail = "another request has this externalId"
    return Conflict(detail, pointer="/externalId", current="external_id_taken", privacyRequestId=holder)


def read_request(sandbox: Sandbox, body: CreatePrivacyRequest, *, is_written_to: bool | None = None) -> NewRequest:
    """What comes in, read and not yet written.

    `is_written_to` is what `intake.has_way` says, None where that is not known.
    Raises Refused for identities, types or regulations that are none, and for an address that cannot be written to.
    """
    subject = intake.subject_of(sandbox, body.subject.identities, "/subject/identities")
    now = clock.now()
    received = min(body.submitted_at or now, now)
    # Who comes back after an erasure has to prove who he is, whatever the law asks of an opt-in.
    is_proved = regulation(body.regulation).terms_of(body.type).verification or body.lift_erasure
    needs_code = is_proved and not body.verified
    origin = Origin(new_id("prq"))
    made = intake.new_request(
        sandbox, body.type, body.regulation, received, origin, categories_only=body.categories_only
    )
    made = replace(made, lifts_erasure=body.lift_erasure)
    request = replace(
        made,
        status="unverified" if needs_code else rules.verified_status(made, sandbox.privacy_rule),
        share=body.share,
        external_id=body.external_id,
        note=body.note,
        code_expires_at=clock.to_text(now + CODE_FOR) if needs_code else None,
        contact_language=body.contact.language if body.contact else None,
    )
    code = new_code() if needs_code else None
    contact = None
    if body.contact:
        contact = intake.contact_of(sandbox, body.contact, subject, code, is_written_to=is_written_to)
    return NewRequest(request, subject, code, contact)


def _digest(privacy_request_id: str, code: str) -> str:
    return secret.digest(secret.PRIVACY, "privacy-code", _coded(privacy_request_id, code))


def _coded(privacy_request_id: str, code: str) -> bytes:
    return f"{privacy_request_id}|{code}".encode()


# Decisions


def verify(caller: Caller, privacy_request_id: str, body: Code) -> PrivacyRequestView:
    """Take the person's code; a wrong one is Refused, the third wrong one and a late one end the request.

    Raises NotFound for an unknown request, Conflict when it awaits no code, Refused for a wrong code.
    """
    return view(prove(caller.on, Actor.of(caller), reading.load(caller, privacy_request_id), body.code))


def prove(sandbox: Sandbox, actor: Actor, old: PrivacyRequest, code: str) -> PrivacyRequest:
    """The request after the person's code, whoever brings it; a wrong one is Refused, the third one ends the request.

    Raises Conflict when it awaits no code, or has expired.
    """
    name = old.privacy_request_id
    rules.after(old.status, "verify")
    if rules.has_party(old):
        raise Conflict("its agent verifies it, by no code", current=old.status)
    found = code_store.try_code(name, rules.CODE_TRIES)
    if found is None:
        expire(old)
        raise Conflict("the code has expired or was tried too often; make a new request", current="expired")
    digest, left = found
    if not secret.is_digest(secret.PRIVACY, "privacy-code", _coded(name, code), digest):
        if not left:
            expire(old)
        raise Refused("this is not the code", reason="wrong_code", triesLeft=left)
    verified = rules.verified_status(old, sandbox.privacy_rule)
    subject = subject_store.get(old.sandbox_id, name)
    new = rules.handled(replace(old, status=verified, code_expires_at=None), actor.actor_id)
    new = duplicates.marked(new, subject.identities, subject.profile_ids) if subject else new
    detail: dict[str, object] = {"duplicateOf": new.duplicate_of} if new.duplicate_of else {}
    written = _save(Step(old, new, "verified", actor, detail, more=(code_store.delete_code(name),)))
    store.wake_for(written)
    return written


def expire(old: PrivacyRequest) -> None:
    """End an unverified request whose code works no more, and forget its subject."""
    new = replace(old, status=rules.after(old.status, "expire"), reason="not verified in time")
    step = Step(old, new, "expired", Actor.system(), {}, more=(code_store.delete_code(old.privacy_request_id),))
    written = _save(step)
    external_ids.release(old)
    _forget(written)


def approve(caller: Caller, privacy_request_id: str, body: Approval) -> PrivacyRequestView:
    """Have a verified request carried out; a partner's erasure in the scope given, in that of the rule without.

    Raises NotFound for an unknown request, Conflict in a state that does not allow it, for what a partner has no say
    in, and before it is known who shares the devices, Refused for a scope or shared devices of a request that has none,
    and where somebody else has to approve it than who entered or verified it.
    """
    old = reading.load(caller, privacy_request_id)
    if old.origin.partner and not scopes.travels(old.type, old.share):
        raise Conflict(f"{scopes.NOT_A_PARTNERS}; deny it", current=old.status)
    if body.scope and not scopes.scope_of(old):
        raise Refused("only an erasure that a partner has passed on has a scope", reason="no_scope", pointer="/scope")
    status = rules.after(old.status, "approve")
    if caller.principal_id in old.handled_by and rules.needs_another(old, caller.on.privacy_four_eyes):
        problem = (
            "you have entered or verified this request; another principal with privacy:approve on this sandbox, such as"
            " a privacy-officer, has to approve it"
        )
        raise Refused(problem, reason="another_approver", permission=APPROVE)
    devices = body.shared_devices
    if devices == "profiles" and not rules.is_assessed(old):
        problem = "only a request of your own that changes something leads on by the devices that it names"
        raise Refused(problem, reason="no_shared_devices", pointer="/sharedDevices")
    if devices == "profiles" and "sharedDevices" not in old.stages[0].detail:
        raise Conflict("it is not known yet who shares its devices; read it again soon", current="not_assessed")
    new = replace(old, status=status, approved_by=caller.principal_id, shared_devices=devices)
    new = replace(new, scope=body.scope or old.scope)
    reach = scopes.scope_of(new)
    detail: dict[str, object] = {"scope": reach} if reach else {}
    detail |= {"sharedDevices": devices} if devices == "profiles" else {}
    written = _save(Step(old, new, "approved", Actor.of(caller), detail))
    store.wake(caller.sandbox_id)
    return view(written)


def deny(caller: Caller, privacy_request_id: str, reason: str, ground: DenialGround = "other") -> PrivacyRequestView:
    """Turn a request down, with the ground and the reason that the person, or the partner it came from, is told.

    Raises NotFound for an unknown request, Conflict in a state that does not allow it, Refused for a deletion of the
    Delete Act's without a ground of that law.
    """
    old = reading.load(caller, privacy_request_id)
    if ground == "other" and drop_rules.is_deletion(old):
        detail = (
            "DROP is told by the ground what became of it: claim_not_covered or outside_jurisdiction where the law"
            " excepts what is held, else such as insufficient_verification or suspected_fraud"
        )
        raise Refused(detail, pointer="/ground", reason="validation")
    return view(_end(caller.on, Actor.of(caller), old, "deny", "denied", reason, ground))


def cancel(caller: Caller, privacy_request_id: str) -> PrivacyRequestView:
    """Take a request back before its work begins; one of a partner, controller or agent with `privacy:approve` alone.

    Raises NotFound for an unknown request, Forbidden without that permission, Conflict once its work has begun.
    """
    old = reading.load(caller, privacy_request_id)
    if old.protocol or old.origin.partner:
        require(caller, APPROVE)
    return view(withdraw(caller.on, Actor.of(caller), old))


def withdraw(sandbox: Sandbox, actor: Actor, old: PrivacyRequest) -> PrivacyRequest:
    """Take a request back for whoever may; Conflict once its work has begun."""
    return _end(sandbox, actor, old, "cancel", "cancelled", None)


def _end(
    sandbox: Sandbox,
    actor: Actor,
    old: PrivacyRequest,
    action: rules.Action,
    event: str,
    reason: str | None,
    ground: DenialGround | None = None,
) -> PrivacyRequest:
    status = rules.denied(old) if action == "deny" else rules.after(rules.status_at(old, clock.now_text()), action)
    new = replace(old, status=status, reason=reason, ground=ground)
    code = code_store.delete_code(old.privacy_request_id)
    detail: dict[str, object] = {"reason": reason, "ground": ground} if reason else {}
    written = _save(Step(old, new, event, actor, detail, more=(code,)))
    passing_on.refuse(sandbox, written, reason or event)
    _forget(written)
    drop_lists.wake_for([written])
    if rules.awaits_review(old):
        package_store.discard_draft(old.sandbox_id, old.privacy_request_id)
    return written


def assign(caller: Caller, privacy_request_id: str, assignee: str | None) -> PrivacyRequestView:
    """Have a principal who may decide on requests see to an open one, or nobody.

    Raises NotFound for an unknown request, Conflict for one that has ended, Refused for a principal who may not decide.
    """
    old = reading.load(caller, privacy_request_id)
    if old.status not in rules.OPEN:
        raise Conflict("the request has ended", current=old.status)
    if assignee is not None:
        try:
            authorize(assignee, caller.sandbox_id, APPROVE)
        except Problem:
            detail = f"the assignee has no grant on this sandbox with {APPROVE}; `handfast grants list` shows who has"
            raise Refused(detail, pointer="/assignee", reason="assignee") from None
    new = replace(old, assignee=assignee)
    return view(_save(Step(old, new, "assigned", Actor.of(caller), {"assignee": assignee})))


def extend(caller: Caller, privacy_request_id: str, reason: str) -> PrivacyRequestView:
    """Use the one extension that the law allows; the person has to be told the reason.

    Raises NotFound for an unknown request, Conflict when it is extended already or too late, Refused where the law
    knows no extension.
    """
    old = reading.load(caller, privacy_request_id)
    status = rules.after(rules.status_at(old, clock.now_text()), "extend")
    until = clock.from_text(old.extendable_until) if old.extendable_until else None
    received, due = clock.from_text(old.received_at), clock.from_text(old.due_at)
    longer = deadlines.extended(deadlines.Deadline(received, None, due, until, old.extended), clock.now())
    due_at = clock.to_text(longer.due_at)
    new = replace(old, status=status, due_at=due_at, extended=True, extendable_until=None)
    detail: dict[str, object] = {"reason": reason, "dueAt": due_at}
    return view(_save(Step(old, new, "extended", Actor.of(caller), detail)))


def retry(caller: Caller, privacy_request_id: str) -> PrivacyRequestView:
    """Go on where a request failed; what it did stays done, and its history stays.

    Raises NotFound for an unknown request, Conflict when there is nothing to repeat.
    """
    old = reading.load(caller, privacy_request_id)
    new = rules.resumed(old)
    tasks = task_store.tasks(caller.sandbox_id, privacy_request_id)
    if (old.status == "completed_with_gaps" or rules.is_awaiting(old)) and not rules.reads(old.type):
        recipients = recipient_store.recipients(caller.sandbox_id, privacy_request_id)
        if not any(recipient.status == "failed" for recipient in recipients) and not any(map(can_repeat, tasks)):
            nothing = (
                "none of its gaps can be tried again here: who was told answers of its own, and a partner that has"
            )
            raise Conflict(f"{nothing} refused is asked again by a new request", current=old.status)
    begin = asked_anew if rules.reads(old.type) else partial(again, now=clock.now())
    writes = [
        write
        for task in tasks
        if can_repeat(task)
        for write in task_store.put(old.sandbox_id, privacy_request_id, task, begin(task))
    ]
    detail: dict[str, object] = {"stage": new.stage.name}
    written = _save(Step(old, new, "retried", Actor.of(caller), detail, more=tuple(writes)))
    store.wake(caller.sandbox_id)
    return view(written)


def _save(step: Step) -> PrivacyRequest:
    with lost_condition_is(Conflict("the request was changed at the same time; read it again", current="changed")):
        return store.save(step)[0]
