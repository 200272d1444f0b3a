"""Passing a request on to a partner in this deployment, and answering the one that it came from with a receipt."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from handfast.access import store as access
from handfast.identity.keys import Key
from handfast.journal.models import Actor, Sandbox
from handfast.lake import suppressions
from handfast.platform import clock
from handfast.platform.secret import derived
from handfast.platform.table import ConditionFailed
from handfast.privacy_requests import intake, proof, rules, store
from handfast.privacy_requests.models import Origin, PrivacyRequest, Recipient, Subject
from handfast.privacy_requests.notices import Notice
from handfast.privacy_requests.proof import Outcome, Receipt, SignedDocument
from handfast.privacy_requests.store import Step
from handfast.privacy_requests.task_store import tasks

if TYPE_CHECKING:
    from handfast.privacy_requests.notices import Notice

_RACES = 8


def pass_on(mine: PrivacyRequest, told: "Notice") -> Recipient:
    """Give a partner the request as one of its own; how it stands there then. Safe to repeat."""
    at = clock.to_text(clock.now())
    recipient = Recipient(told.recipient_id, told.name, "partner", "sent", notified_at=at)
    partner, sender = access.sandbox(told.sandbox_id), access.sandbox(mine.sandbox_id)
    if partner is None or sender is None:
        return replace(recipient, status="failed", notified_at=None, reason="the recipient's sandbox is gone")
    part = _part(mine, told.number)
    claimed = store.claimed(mine.origin.root_id, told.sandbox_id, part)
    if claimed is None:
        try:
            theirs = _give(mine, told, partner, sender)
        except ConditionFailed:  # it came by another way at the same time
            claimed = store.claimed(mine.origin.root_id, told.sandbox_id, part)
        else:
            return replace(recipient, awaited=theirs.status == "approved")
    if claimed is None or claimed[1] != mine.privacy_request_id:
        return replace(recipient, known=True, reason="it has this request already, by another way")
    theirs_now = store.request(told.sandbox_id, claimed[0])
    return replace(recipient, awaited=theirs_now is not None and theirs_now.status in {"approved", "running"})


def _part(mine: PrivacyRequest, number: int) -> str:
    """What tells a later request of the chain from the first one, which has none."""
    return mine.origin.part if number == 1 else f"{mine.privacy_request_id}.{number}"


def lacking(mine: PrivacyRequest, told: "Notice") -> frozenset[Key]:
    """The identities that the request which the partner has by another way does not take away from it.

    What became of a consent request that has ended cannot be told any more: it counts as about all.
    """
    claimed = store.claimed(mine.origin.root_id, told.sandbox_id, _part(mine, told.number))
    if mine.type not in {"erasure", "opt_out"} or claimed is None:
        return frozenset()
    theirs = store.subject(told.sandbox_id, claimed[0]) or Subject({})
    left = told.identities.keys() - theirs.identities.keys()
    found = suppressions.find(told.sandbox_id, left)
    return frozenset(key for key in left if found.get(key) not in {"erasure", mine.type})


def _give(mine: PrivacyRequest, told: "Notice", partner: Sandbox, sender: Sandbox) -> PrivacyRequest:
    hops = (*mine.origin.hops, mine.sandbox_id)
    part = _part(mine, told.number)
    origin = Origin(mine.origin.root_id, hops, mine.sandbox_id, mine.privacy_request_id, sender.organization_name, part)
    made = intake.new_request(partner, mine.type, mine.regulation, clock.now(), origin)
    theirs = replace(made, share=mine.share)
    subject = Subject(told.identities)
    store.put_subject(partner.sandbox_id, theirs.privacy_request_id, subject)
    try:
        # The sender has this part, too, so that no way leads it back.
        more = [store.claim_part(mine, part)] if told.number > 1 else []
        store.save(intake.receiving(theirs, Actor.partner(sender.organization_name), subject, more))
    except ConditionFailed:
        store.delete_subject(partner.sandbox_id, theirs.privacy_request_id)
        raise
    if theirs.status == "approved":
        store.wake(partner.sandbox_id)
    return theirs


def answer(
    mine: Sandbox, ended: PrivacyRequest, outcome: Outcome, reason: str | None, counts: Mapping[str, int]
) -> None:
    """Give the request's origin a signed receipt of what came of it; nothing where it came from no partner.

    Safe to repeat: the first answer stands.
    """
    origin = ended.origin
    if origin.sandbox_id is None or origin.privacy_request_id is None:
        return
    receipt = Receipt(
        privacy_request_id=ended.privacy_request_id,
        root_id=origin.root_id,
        recipient=f"{mine.organization_name}, {mine.name}",
        outcome=outcome,
        at=clock.to_text(clock.now()),
        counts=dict(counts),
    )
    signed = proof.sign_receipt(receipt, derived("receipts"))
    for race in range(_RACES):
        try:
            _store_answer(mine, origin, reason, signed)
        except ConditionFailed:
            if race == _RACES - 1:
                raise
        else:
            break
    store.wake(origin.sandbox_id)


def _store_answer(mine: Sandbox, origin: Origin, reason: str | None, signed: SignedDocument) -> None:
    receipt = proof.read_receipt(signed)
    theirs = store.request(origin.sandbox_id or "", origin.privacy_request_id or "")
    if theirs is None:
        return
    recipients = store.recipients(theirs.sandbox_id, theirs.privacy_request_id)
    number = 1 if origin.part == theirs.origin.part else int(origin.part.rpartition(".")[2])
    told_as = rules.recipient_id(mine.sandbox_id, number)
    old = next((one for one in recipients if one.recipient_id == told_as), None)
    if old is None or old.receipt is not None:
        return
    confirmed_at = receipt.at if receipt.outcome in {"confirmed", "absent"} else None
    new = replace(
        old,
        status=receipt.outcome,
        confirmed_at=confirmed_at,
        reason=reason,
        receipt=signed.as_json(),
        awaited=False,
    )
    others = [one for one in recipients if one is not old]
    outside = tasks(theirs.sandbox_id, theirs.privacy_request_id)
    closed = rules.closed(theirs, rules.gaps([*others, new], outside))
    detail: dict[str, object] = {"recipient": new.name, "recipientStatus": new.status}
    writes = (store.put_recipient(theirs.sandbox_id, theirs.privacy_request_id, new),)
    actor = Actor.partner(mine.organization_name)
    store.save(Step(theirs, closed, "recipient_answered", actor, detail, more=writes))
