"""What partners tell each other of a request, and how the side that is told takes it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from handfast.identity.keys import Key
from handfast.journal.models import Actor, Sandbox
from handfast.lake import suppressions
from handfast.partners.messages import Message, receives
from handfast.partners.models import PartnerRef
from handfast.platform import clock
from handfast.platform.optimistic import retry
from handfast.platform.table import ConditionFailed
from handfast.privacy_requests import (
    claim_store,
    intake,
    notices,
    proof,
    recipient_store,
    rules,
    scopes,
    store,
    subject_store,
)
from handfast.privacy_requests.models import DenialGround, Origin, PrivacyRequest, PrivacyType, Recipient, Subject
from handfast.privacy_requests.proof import SignedDocument
from handfast.privacy_requests.store import Step
from handfast.privacy_requests.task_store import tasks

_RACES = 8


@dataclass(frozen=True)
class Standing:
    """How a request that was passed on stands at its receiver: `known` and `awaited` as of a `Recipient`.

    `refused`: why the receiver takes none of its kind.
    """

    known: bool = False
    awaited: bool = False
    refused: str | None = None


@dataclass(frozen=True)
class PassedOn(Message[Standing]):
    """A request for the receiver to take as one of its own.

    `privacy_request_id` is the sender's request, `root_id` and `part` are the receiver's place in the chain of
    requests, `identities` with their namespaces' codes are those that the receiver was given. `note` says what is to be
    corrected. `handled_by` are the principals who entered or verified it at the sender, who may be the receiver's too.
    `said_at` is when the person said it (RFC 3339).
    """

    privacy_request_id: str
    root_id: str
    part: str
    type: PrivacyType
    regulation: str
    share: str | None
    identities: Mapping[Key, int]
    said_at: str
    note: str | None = None
    handled_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Uncovered(Message[frozenset[Key]]):
    """A question to a receiver that has the request by another way: which of the identities it does not take away.

    What became of a consent request that has ended cannot be told any more: it counts as about all.
    """

    root_id: str
    part: str
    type: PrivacyType
    identities: frozenset[Key]


@dataclass(frozen=True)
class Answered(Message[None]):
    """A receipt of what came of a request that its receiver, the side that is told here, has passed on.

    `privacy_request_id` is the request there, `part` the one that it was passed on as.
    """

    privacy_request_id: str
    part: str
    receipt: SignedDocument
    reason: str | None
    ground: DenialGround | None = None


@receives(PassedOn)
def take(side: Sandbox, sender: PartnerRef, message: PassedOn) -> Standing:
    """Take a partner's request; how it stands then. What no partner may ask is refused. Safe to repeat."""
    claimed = claim_store.claimed(message.root_id, side.sandbox_id, message.part)
    if claimed is None:
        try:
            taken = _take(side, sender, message)
        except ConditionFailed:  # it came by another way at the same time
            claimed = claim_store.claimed(message.root_id, side.sandbox_id, message.part)
        else:
            return Standing(awaited=taken.status == "approved", refused=_refusal(taken))
    if claimed is None or claimed[1] != message.privacy_request_id:
        return Standing(known=True)
    now = store.request(side.sandbox_id, claimed[0])
    if now is None:
        return Standing()
    return Standing(awaited=now.status in {"approved", "running"}, refused=_refusal(now))


def _refusal(request: PrivacyRequest) -> str | None:
    return None if scopes.travels(request.type, request.share) else scopes.NOT_A_PARTNERS


def _take(side: Sandbox, sender: PartnerRef, message: PassedOn) -> PrivacyRequest:
    origin = Origin(message.root_id, sender, message.privacy_request_id, message.part)
    made = intake.new_request(side, message.type, message.regulation, clock.now(), origin)
    said_at = min(message.said_at, made.received_at)
    new = replace(made, share=message.share, note=message.note, handled_by=message.handled_by, said_at=said_at)
    subject = Subject(message.identities, named=frozenset(message.identities))
    receiving = Actor.partner(sender.organization_name), len(subject.identities)
    if refusal := _refusal(new):
        denied = replace(new, status="denied", reason=refusal, ground="claim_not_covered")
        store.save(intake.receiving(denied, *receiving))
        return denied
    subject_store.put(side.sandbox_id, new.privacy_request_id, subject)
    try:
        store.save(intake.receiving(new, *receiving))
    except ConditionFailed:
        subject_store.delete(side.sandbox_id, new.privacy_request_id)
        raise
    store.wake_for(new)
    return new


@receives(Uncovered)
def uncovered(side: Sandbox, sender: PartnerRef, message: Uncovered) -> frozenset[Key]:
    """The identities that the side's request of the chain does not take away from it; none without a request.

    What is about another partner's deliveries alone takes nothing of the sender's away. Of what the sender has never
    delivered nothing is told.
    """
    claimed = claim_store.claimed(message.root_id, side.sandbox_id, message.part)
    if claimed is None:
        return frozenset()
    request = store.request(side.sandbox_id, claimed[0])
    limit = scopes.limited_to(request) if request else None
    counts = limit is None or limit.key == sender.key
    subject = subject_store.get(side.sandbox_id, claimed[0]) if counts else None
    asked = {(row.hi, row.lo) for row in notices.delivered(side.sandbox_id, sender, message.identities)}
    left = asked - (subject or Subject({})).identities.keys()
    found = suppressions.find(side.sandbox_id, left) | suppressions.find(side.sandbox_id, left, towards=sender.key)
    enough = {"erasure", rules.suppression_of(message.type)}
    return frozenset(key for key in left if found.get(key) not in enough)


@receives(Answered)
def take_answer(side: Sandbox, sender: PartnerRef, message: Answered) -> None:
    """Note a recipient's answer; the first one stands. Safe to repeat."""
    retry(lambda: _take_answer(side, sender, message), ConditionFailed, tries=_RACES)
    store.wake(side.sandbox_id)


def _take_answer(side: Sandbox, sender: PartnerRef, message: Answered) -> None:
    receipt = proof.read_receipt(message.receipt)
    old = store.request(side.sandbox_id, message.privacy_request_id)
    if old is None:
        return
    number = 1 if message.part == old.origin.part else int(message.part.rpartition(".")[2])
    recipient_id = rules.recipient_id(sender, number)
    recipients = {
        recipient.recipient_id: recipient
        for recipient in recipient_store.recipients(side.sandbox_id, old.privacy_request_id)
    }
    recipient = recipients.get(recipient_id)
    if recipient is None or recipient.receipt is not None:
        return
    answered = recipients[recipient_id] = replace(
        recipient,
        status=receipt.outcome,
        confirmed_at=receipt.at if receipt.outcome in {"confirmed", "absent"} else None,
        reason=message.reason,
        ground=message.ground,
        receipt=message.receipt.as_json(),
        awaited=False,
    )
    outside = tasks(side.sandbox_id, old.privacy_request_id)
    after = rules.answered(old, recipients.values(), outside)
    store.save(_answered(old, after, sender, answered))


def _answered(old: PrivacyRequest, new: PrivacyRequest, sender: PartnerRef, recipient: Recipient) -> Step:
    detail: dict[str, object] = {"recipient": recipient.name, "recipientStatus": recipient.status}
    writes = recipient_store.put_recipient(old.sandbox_id, old.privacy_request_id, recipient)
    return Step(old, new, "recipient_answered", Actor.partner(sender.organization_name), detail, more=writes)
