"""What a privacy request would do (docs/api.md, Privacy)."""

from collections.abc import Mapping
from dataclasses import replace

from handfast.connectors import store as connectors
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.lake.people import segments_of
from handfast.platform.problems import Conflict
from handfast.privacy_requests import intake, notices, reading, rules, scopes, service, subject_store
from handfast.privacy_requests.extents import Extent, extents
from handfast.privacy_requests.models import PrivacyRequest, Subject
from handfast.privacy_requests.wire import (
    CreatePrivacyRequest,
    PartnerErasurePreview,
    PreviewIdentities,
    PreviewRecipient,
    PreviewSharedDevices,
    PrivacyPreview,
    PrivacyReach,
)


def preview(caller: Caller, body: CreatePrivacyRequest) -> PrivacyPreview:
    """What a request would do, with nothing done. The call is recorded, for the answer tells whether a person is known.

    Raises Refused for identities, types or regulations that are none.
    """
    new = service.read_request(caller.on, body)
    detail = {"type": body.type, "identities": new.subject.size}
    _record(caller, caller.sandbox_id, detail)
    extent = _extent(caller, new.request, new.subject)
    shared = extent.counts.get("sharedDevices")
    return PrivacyPreview(
        **_reach(caller, new.request, extent).__dict__,
        profiles=extent.counts["profiles"],
        shared_devices=PreviewSharedDevices.model_validate(shared) if shared else None,
        four_eyes=rules.needs_another(rules.assessed(new.request, extent.counts), caller.on.privacy_four_eyes),
    )


def preview_erasure(caller: Caller, privacy_request_id: str) -> PartnerErasurePreview:
    """What a partner's erasure would reach by each scope, with nothing done. The call is recorded.

    Raises NotFound for an unknown request, Conflict for one that is no partner's erasure or awaits no decision.
    """
    request = reading.load(caller, privacy_request_id)
    subject = subject_store.get(caller.sandbox_id, privacy_request_id) if request.status == "pending" else None
    partner = request.origin.partner
    if subject is None or partner is None or not scopes.scope_of(request):
        raise Conflict("only a partner's erasure that awaits a decision has a preview", current=request.status)
    named = subject.identities
    _record(caller, privacy_request_id, {"type": request.type, "identities": len(named)})
    rows = notices.delivered(caller.sandbox_id, partner, named)
    delivered = {(row.hi, row.lo): row.namespace for row in rows}
    everything = replace(request, scope="everything")
    return PartnerErasurePreview(
        named=len(named),
        delivered=PrivacyReach(
            identities=PreviewIdentities(by_namespace=intake.by_namespace(delivered)),
            segments=sorted({row.segment_id for row in rows if row.withdrawn_at is None}),
            recipients=[],
            connectors=[],
        ),
        everything=_reach(caller, everything, _extent(caller, everything, subject)),
    )


def _record(caller: Caller, subject: str, detail: Mapping[str, object]) -> None:
    commit([], [Event(caller.sandbox_id, "privacy_request.previewed", Actor.of(caller), subject, detail)])


def _extent(caller: Caller, request: PrivacyRequest, named: Subject) -> Extent:
    return extents(caller.sandbox_id, {"subject": (request, named)})["subject"]


def _reach(caller: Caller, request: PrivacyRequest, extent: Extent) -> PrivacyReach:
    """All that the sandbox holds of the person, as far as the request goes."""
    possible = notices.possible(caller.sandbox_id, request)
    return PrivacyReach(
        identities=PreviewIdentities(by_namespace=extent.counts["byNamespace"]),
        segments=segments_of(caller.sandbox_id, extent.subject.identities),
        recipients=[PreviewRecipient(name=each.name, kind=rules.recipient_of(each, 1).kind) for each in possible],
        connectors=[connector.name for connector in connectors.systems(caller.sandbox_id)],
    )
