"""Passing a request on to a partner, and answering the one that it came from with a receipt."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from handfast.access import store as access
from handfast.identity.keys import Key
from handfast.journal.models import Sandbox
from handfast.partners.messages import PartnerGoneError, send
from handfast.partners.models import PartnerRef
from handfast.platform import clock
from handfast.platform.secret import RECEIPTS, derived
from handfast.privacy_requests import claim_store, proof, rules, scopes
from handfast.privacy_requests.models import PrivacyRequest, Recipient
from handfast.privacy_requests.passed_on import Answered, PassedOn, Uncovered
from handfast.privacy_requests.proof import Outcome, Receipt

if TYPE_CHECKING:
    from handfast.privacy_requests.notices import Notice


def pass_on(mine: PrivacyRequest, notice: "Notice", partner: PartnerRef) -> Recipient:
    """Give a partner the request as one of its own; how it stands there then. Safe to repeat."""
    recipient = Recipient(notice.recipient_id, partner, status="sent", notified_at=clock.now_text())
    part = _part(mine, notice.number)
    if notice.number > 1:
        claim_store.claim_part(mine, part)  # before anybody has it, so that no way leads it back
    message = PassedOn(
        privacy_request_id=mine.privacy_request_id,
        root_id=mine.origin.root_id,
        part=part,
        type=mine.type,
        regulation=mine.regulation,
        share=mine.share,
        identities=notice.identities,
        said_at=clock.to_text(mine.word_at),
        note=mine.note if mine.type == "rectification" else None,
        handled_by=mine.handled_by,
    )
    try:
        standing = send(access.working_sandbox(mine.sandbox_id), partner, message)
    except PartnerGoneError:
        return replace(recipient, status="failed", notified_at=None, reason="the recipient's sandbox is gone")
    if standing.refused:
        return replace(recipient, status="refused", reason=standing.refused)
    if standing.known:
        return replace(recipient, known=True, reason="it has this request already, by another way")
    return replace(recipient, awaited=standing.awaited)


def lacking(mine: PrivacyRequest, notice: "Notice", partner: PartnerRef) -> frozenset[Key]:
    """The identities that the request which the partner has by another way does not take away from it."""
    if rules.suppression_of(mine.type) is None:
        return frozenset()
    part = _part(mine, notice.number)
    question = Uncovered(mine.origin.root_id, part, mine.type, frozenset(notice.identities))
    return send(access.working_sandbox(mine.sandbox_id), partner, question)


def answer(mine: Sandbox, ended: PrivacyRequest, delivered: Collection[Key]) -> None:
    """Give the request's origin a signed receipt of what was done; nothing where it came from no partner.

    It says no more than the origin knows: of the identities that it has asked about, how many it had `delivered`.
    Safe to repeat: the first answer stands.
    """
    absent = rules.needs_match(ended.type) and not delivered
    _answer(mine, ended, "absent" if absent else "confirmed", None, {"identities": len(delivered)})


def refuse(mine: Sandbox, ended: PrivacyRequest, reason: str) -> None:
    """Tell the request's origin, by a signed receipt, that nothing is done, and why; safe to repeat."""
    _answer(mine, ended, "refused", reason, {})


def _answer(
    mine: Sandbox, ended: PrivacyRequest, outcome: Outcome, reason: str | None, counts: Mapping[str, int]
) -> None:
    origin = ended.origin
    if origin.partner is None or origin.privacy_request_id is None:
        return
    receipt = Receipt(
        privacy_request_id=ended.privacy_request_id,
        root_id=origin.root_id,
        recipient=f"{mine.organization_name}, {mine.name}",
        outcome=outcome,
        at=clock.now_text(),
        counts=dict(counts),
        scope=None if outcome == "refused" else scopes.scope_of(ended),
    )
    signed = proof.sign_receipt(receipt, derived(RECEIPTS, "receipts"))
    with suppress(PartnerGoneError):
        send(mine, origin.partner, Answered(origin.privacy_request_id, origin.part, signed, reason, ended.ground))


def _part(mine: PrivacyRequest, number: int) -> str:
    """What tells a later request of the chain from the first one, which has none."""
    return mine.origin.part if number == 1 else f"{mine.privacy_request_id}.{number}"
