"""Where a request stands in OpenDSR's words: what a controller is told when it asks, and in callbacks."""

from typing import Any

from handfast.platform import clock
from handfast.privacy_requests import recipient_store, rules, task_store
from handfast.privacy_requests.models import PrivacyRequest, PrivacyStatus, Recipient
from handfast.privacy_requests.protocols import results
from handfast.privacy_requests.protocols.opendsr.certificate import Certificate
from handfast.privacy_requests.protocols.opendsr.wire import OpenDsrState, RequestStatus
from handfast.privacy_requests.protocols.store import Intake

VERSION = "2.0"

STATUSES: dict[PrivacyStatus, RequestStatus] = {
    "unverified": "pending",
    "pending": "pending",
    "approved": "pending",
    "running": "in_progress",
    "completed": "completed",
    "completed_with_gaps": "completed",
    "denied": "cancelled",
    "cancelled": "cancelled",
    "expired": "cancelled",
}
"""The protocol knows neither denial nor gaps: those stand in the extensions."""

_FORWARDED = {
    "pending": "pending",
    "sent": "sent",
    "confirmed": "completed",
    "absent": "skipped",
    "not_supported": "skipped",
    "refused": "failed",
    "failed": "failed",
}


def base_url(own: Certificate, sandbox_id: str) -> str:
    """Where the calls of a sandbox begin, as controllers make them."""
    return f"{own.url}/sandboxes/{sandbox_id}/opendsr/v2"


def state(request: PrivacyRequest, arrived: Intake, own: Certificate) -> OpenDsrState:
    """Where a request stands, in the protocol's words, with our own status and the recipients beside them."""
    status = rules.status_at(request, clock.now_text())
    recipients = (
        recipient_store.recipients(request.sandbox_id, request.privacy_request_id) if request.recipients else []
    )
    tasks = task_store.tasks(request.sandbox_id, request.privacy_request_id) if request.connectors else []
    extension: dict[str, Any] = {"status": status}
    ready = results.are_ready(request)
    if request.reason:
        extension["reason"] = request.reason
    if request.ground:
        extension["ground"] = request.ground
    if answer := rules.answer_of(request):
        extension["answer"] = answer
    if recipients:
        extension["distribution_status"] = [_forwarded(recipient) for recipient in recipients]
    if recipients or tasks:
        extension["gaps"] = request.result.get("gaps", rules.gaps(recipients, tasks))
    return OpenDsrState(
        controller_id=arrived.party_id,
        expected_completion_time=request.due_at,
        subject_request_id=request.external_id or "",
        request_status=STATUSES[status],
        api_version=VERSION,
        results_url=f"{base_url(own, request.sandbox_id)}/requests/{request.external_id}/results" if ready else None,
        results_count=1 if ready else None,
        extensions={own.domain: extension},
    )


def _forwarded(recipient: Recipient) -> dict[str, str]:
    forwarded = {"name": recipient.name, "status": _FORWARDED[recipient.status]}
    return forwarded | ({"status_message": recipient.reason} if recipient.reason else {})
