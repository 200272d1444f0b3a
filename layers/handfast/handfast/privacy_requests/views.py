"""Privacy requests as the API shows them (docs/api.md, Privacy)."""

from collections.abc import Mapping, Sequence

from handfast.access import store as access
from handfast.journal.models import FourEyes, Sandbox
from handfast.platform import clock
from handfast.privacy_requests import recipient_store, rules, scopes, task_store
from handfast.privacy_requests.models import PrivacyRequest, Recipient
from handfast.privacy_requests.task_models import ConnectorTask
from handfast.privacy_requests.task_rules import shown_reference
from handfast.privacy_requests.wire import (
    ConnectorPart,
    ConnectorState,
    MessageView,
    OriginView,
    PrivacyRequestView,
    RecipientView,
    StageView,
)


def views(sandbox: Sandbox, requests: Sequence[PrivacyRequest]) -> list[PrivacyRequestView]:
    """Requests of the sandbox with their recipients and connectors, read together."""
    recipients = recipient_store.recipients_each(
        sandbox.sandbox_id, [request.privacy_request_id for request in requests if request.recipients]
    )
    tasks = task_store.tasks_each(
        sandbox.sandbox_id, [request.privacy_request_id for request in requests if request.connectors]
    )
    assignees = access.names_on(sandbox.sandbox_id, filter(None, (request.assignee for request in requests)))
    return [
        shown(
            request,
            recipients.get(request.privacy_request_id, ()),
            tasks.get(request.privacy_request_id, ()),
            sandbox.privacy_four_eyes,
            assignees,
        )
        for request in requests
    ]


def view(request: PrivacyRequest) -> PrivacyRequestView:
    """A request with its recipients and connectors."""
    return views(access.working_sandbox(request.sandbox_id), [request])[0]


def shown(
    request: PrivacyRequest,
    recipients: Sequence[Recipient],
    tasks: Sequence[ConnectorTask],
    four_eyes: FourEyes,
    assignees: Mapping[str, str],
) -> PrivacyRequestView:
    """A request as the API shows it, with what is known of its recipients and connectors' tasks.

    `four_eyes` is the sandbox's setting, `assignees` are names by principal.
    """
    origin = request.origin
    return PrivacyRequestView(
        privacy_request_id=request.privacy_request_id,
        type=request.type,
        share=request.share,
        scope=scopes.scope_of(request),
        regulation=request.regulation,
        status=rules.status_at(request, clock.now_text()),
        received_at=request.received_at,
        acknowledge_by=request.acknowledge_by,
        due_at=request.due_at,
        extended=request.extended,
        four_eyes=request.status in {"unverified", "pending"} and rules.needs_another(request, four_eyes),
        shared_devices=request.shared_devices,
        lifts_erasure=request.lifts_erasure,
        external_id=request.external_id,
        note=request.note,
        reason=request.reason,
        ground=request.ground,
        categories_only=request.categories_only,
        answer=rules.answer_of(request),
        assignee=request.assignee,
        assignee_name=assignees.get(request.assignee or ""),
        duplicate_of=request.duplicate_of,
        origin=OriginView(root_id=origin.root_id, partner=origin.partner.organization_name if origin.partner else None),
        stages=[
            StageView(
                name=stage.name,
                status=stage.status,
                started_at=stage.started_at,
                ended_at=stage.ended_at,
                detail=dict(stage.detail),
            )
            for stage in request.stages
        ],
        recipients=[
            RecipientView(
                name=recipient.name,
                kind=recipient.kind,
                destination_id=recipient.destination.destination_id if recipient.destination else None,
                status=recipient.status,
                notified_at=recipient.notified_at,
                confirmed_at=recipient.confirmed_at,
                reason=recipient.reason,
                ground=recipient.ground,
                scope=recipient.receipt["document"].get("scope") if recipient.receipt else None,
                receipt=dict(recipient.receipt) if recipient.receipt else None,
            )
            for recipient in recipients
        ],
        connectors=[_connector_state(task) for task in tasks],
        messages=[MessageView(**message.__dict__) for message in request.messages],
        result=dict(request.result),
        version=request.revision,
    )


def _connector_state(task: ConnectorTask) -> ConnectorState:
    return ConnectorState(
        connector_id=task.connector_id,
        name=task.name,
        status=task.status.value,
        reference=shown_reference(task),
        detail=task.detail,
        sent_at=task.sent_at,
        confirmed_at=task.confirmed_at,
        parts=[
            ConnectorPart(name=part.name, status=part.status.value) for each in task.deletions for part in each.parts
        ],
    )
