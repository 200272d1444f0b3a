"""Where a request stands in the Data Rights Protocol's words: what an agent is told when it asks, and in callbacks."""

from typing import Any

from handfast.platform import clock
from handfast.privacy_requests import rules, store
from handfast.privacy_requests.models import PrivacyRequest
from handfast.privacy_requests.protocols import results
from handfast.privacy_requests.protocols.drp.wire import DataRightsStatus
from handfast.privacy_requests.protocols.opendsr import certificate
from handfast.privacy_requests.protocols.store import Intake


def state(request: PrivacyRequest, arrived: Intake) -> DataRightsStatus:
    """Where a request stands, in the protocol's words."""
    reason: str | None = None
    details: str | None = None
    expires_at: str | None = None
    status: Any = "in_progress"
    match rules.status_at(request, clock.now_text()):
        case "unverified":
            reason, expires_at = "need_user_verification", request.code_expires_at
            details = "verify a claim of the person's and send the request anew"
        case "expired":
            status, reason, details = "denied", "insuf_verification", "no claim was verified in time"
        case "completed":
            status = "fulfilled"
        case "completed_with_gaps":
            status, details = "fulfilled", "some who received the person's data have not confirmed"
        case "cancelled":
            status = "revoked"
        case "denied":
            status, reason, details = "denied", "other", request.reason
        case _:
            details = _extension(request) if request.extended else None
    return DataRightsStatus(
        request_id=request.privacy_request_id,
        received_at=request.received_at,
        expected_by=request.due_at,
        status=status,
        reason=reason,
        processing_details=details,
        agent_request_id=arrived.party_request_id,
        expires_at=expires_at,
        results_url=_results_url(request),
    )


def _results_url(request: PrivacyRequest) -> str | None:
    """Where the agent fetches the results; the deployment knows its own address by the processor's certificate."""
    own = certificate.current() if results.are_ready(request) else None
    base = f"sandboxes/{request.sandbox_id}/drp/v1/data-rights-request/{request.privacy_request_id}"
    return f"{own.url}/{base}/results" if own else None


def _extension(request: PrivacyRequest) -> str | None:
    """Why the answer takes longer (3.08)."""
    records = store.history(request.privacy_request_id)
    reasons = [one["detail"].get("reason") for one in records if one["type"] == "privacy_request.extended"]
    return f"extended: {reasons[-1]}" if reasons else None
