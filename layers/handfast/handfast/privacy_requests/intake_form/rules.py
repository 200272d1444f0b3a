"""What a form offers, which language it answers in, and how a request looks to its person. Pure."""

from collections.abc import Collection, Sequence

from handfast.privacy_requests import rules
from handfast.privacy_requests.intake_form.models import FormType, IntakeForm, Receipt, ReceiptState
from handfast.privacy_requests.models import Language, PrivacyRequest, PrivacyStatus
from handfast.privacy_requests.regulations import Regulation

_STATES: dict[PrivacyStatus, ReceiptState] = {
    "unverified": "received",
    "pending": "confirmed",
    "approved": "confirmed",
    "running": "in_progress",
    "completed": "answered",
    "completed_with_gaps": "answered",
    "denied": "answered",
    "cancelled": "closed",
    "expired": "closed",
}
"""What was found and decided is told to the proved address, never here: a receipt may be somebody else's by now."""


def path_of(form_id: str, receipt: str = "") -> str:
    """The path of a form, or of a request that was made by it."""
    return f"/v1/intake/{form_id}" + (f"/{receipt}" if receipt else "")


def link_to(form_id: str, receipt: str = "", *, path: str) -> str:
    """The address of a form or a request as a page at `path` has it: whatever stands before the API's own paths."""
    parts = path.split("/")
    up = "../" * (len(parts) - parts.index("intake") - 2)
    return up + form_id + (f"/{receipt}" if receipt else "")


def types_under(types: Collection[FormType], law: Regulation) -> list[FormType]:
    """Those of the types that a law grants, in their order."""
    return [kind for kind in types if kind in law.terms]


def takes_unproved(form: IntakeForm, laws: Sequence[Regulation]) -> bool:
    """Whether a law has a request that the form offers taken without a proof of who asks."""
    return any(not law.terms[kind].verification for law in laws for kind in types_under(form.types, law))


def language_of(offered: Sequence[Language], wanted: str | None, accepted: str) -> Language:
    """The language to answer in: the one wanted, else the best that Accept-Language names (RFC 9110, 12.5.4)."""
    ranked = []
    for place, entry in enumerate(accepted.split(",")[:20]):
        name, _, weight = entry.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0
        ranked.append((-quality, place, name.strip().lower().partition("-")[0]))
    names = [wanted or "", *(name for quality, _, name in sorted(ranked) if quality)]
    return next((each for name in names for each in offered if each == name), offered[0])


def receipt_of(request: PrivacyRequest, receipt: str, now: str) -> Receipt:
    """A request as its person sees it at a time (RFC 3339). Neither finding nobody nor a denial can be told from it."""
    status = rules.status_at(request, now)
    state = _STATES[status]
    return Receipt(
        receipt=receipt,
        type=request.type,
        regulation=request.regulation,
        state=state,
        awaits_code=status == "unverified",
        code_expires_at=request.code_expires_at if status == "unverified" else None,
        received_at=request.received_at,
        due_at=request.due_at,
        answered_at=request.ended_at if state == "answered" else None,
        is_written_to=bool(request.messages) or request.contact_language is not None,
    )
