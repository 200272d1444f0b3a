"""Where a request stands in the Data Rights Protocol's words: what an agent is told when it asks, and in callbacks."""

from collections.abc import Mapping

from handfast.platform import clock
from handfast.privacy_requests import rules, store
from handfast.privacy_requests.models import DenialGround, PrivacyRequest, PrivacyStatus
from handfast.privacy_requests.protocols import results
from handfast.privacy_requests.protocols.drp.wire import DataRightsReason, DataRightsState, DataRightsStatus
from handfast.privacy_requests.protocols.opendsr import certificate
from handfast.privacy_requests.protocols.store import Intake

_REASONS: Mapping[DenialGround, DataRightsReason] = {
    "suspected_fraud": "suspected_fraud",
    "insufficient_verification": "insuf_verification",
    "no_match": "no_match",
    "claim_not_covered": "claim_not_covered",
    "outside_jurisdiction": "outside_jurisdiction",
    "too_many_requests": "too_many_requests",
    "other": "other",
}


_WORDS: Mapping[PrivacyStatus, tuple[DataRightsState, DataRightsReason | None, str | None]] = {
    "unverified": (
        "in_progress",
        "need_user_verification",
        "verify a claim of the person's and send the request anew",
    ),
    "expired": ("denied", "insuf_verification", "no claim was verified in time"),
    "completed": ("fulfilled", None, None),
    "completed_with_gaps": ("fulfilled", None, "in part: some who received the person's data have not confirmed"),
    "cancelled": ("revoked", None, None),
}


def state(request: PrivacyRequest, arrived: Intake) -> DataRightsStatus:
    """Where a request stands, in the protocol's words (3.02)."""
    status, reason, details = _words(request)
    expires_at = request.code_expires_at if reason == "need_user_verification" else None
    if status == "fulfilled" and (expires_at := results.available_until(request)) and expires_at <= clock.now_text():
        status, details = "expired", "the results are no longer there; make a new request"
    return DataRightsStatus(
        request_id=request.privacy_request_id,
        received_at=request.received_at,
        expected_by=request.due_at,
        status=status,
        reason=reason,
        processing_details=details,
        agent_request_id=arrived.party_request_id,
        expires_at=expires_at,
        results_url=_results_url(request) if status == "fulfilled" else None,
    )


def _words(request: PrivacyRequest) -> tuple[DataRightsState, DataRightsReason | None, str | None]:
    """DataRightsState, reason and details. What nobody has acknowledged by an approval is open."""
    status = rules.status_at(request, clock.now_text())
    if status == "denied":
        return "denied", _REASONS[request.ground or "other"], request.reason
    if rules.answer_of(request) == "no_match":
        return "denied", "no_match", "nobody is known by the claims"
    if status == "completed" and rules.answer_of(request) == "partial":
        return "fulfilled", None, "in part: something was withheld, and the results say what and why"
    if rules.left_suppressed(request):
        return "fulfilled", None, f"in part: {rules.suppressed_why(request.result)}"
    if status in _WORDS:
        return _WORDS[status]
    return "open" if status == "pending" else "in_progress", None, _extension(request) if request.extended else None


def _results_url(request: PrivacyRequest) -> str | None:
    """Where the agent fetches the results; the deployment knows its own address by the processor's certificate."""
    own = certificate.current() if results.are_ready(request) else None
    base = f"sandboxes/{request.sandbox_id}/drp/v1/data-rights-request/{request.privacy_request_id}"
    return f"{own.url}/{base}/results" if own else None


def _extension(request: PrivacyRequest) -> str | None:
    """Why the answer takes longer (3.08)."""
    records = store.history(request.privacy_request_id)
    reasons = [record["detail"].get("reason") for record in records if record["type"] == "privacy_request.extended"]
    return f"extended: {reasons[-1]}" if reasons else None
