"""What a privacy request would do (docs/api.md, Privacy)."""

from handfast.connectors import store as connectors
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.lake.people import find_people, segments_of
from handfast.privacy_requests import intake, notices, rules, service
from handfast.privacy_requests.wire import CreatePrivacyRequest, PreviewIdentities, PreviewRecipient, PrivacyPreview


def preview(caller: Caller, body: CreatePrivacyRequest) -> PrivacyPreview:
    """What a request would do, with nothing done. The call is recorded, for the answer tells whether a person is known.

    Raises Refused for identities, types or regulations that are none.
    """
    new = service.read_request(caller.on, body)
    detail = {"type": body.type, "identities": new.subject.size}
    commit([], [Event(caller.sandbox_id, "privacy_request.previewed", Actor.of(caller), caller.sandbox_id, detail)])
    careful = {"subject"} if rules.reads(body.type) else set[str]()
    named = new.subject
    found = find_people(
        caller.sandbox_id, {"subject": named.identities}, {"subject": named.profile_ids}, careful=careful
    )["subject"]
    keys = {**new.subject.identities, **found.identities}
    unnotified = notices.recipients(caller.sandbox_id, {"subject": (new.request, keys)})["subject"]
    return PrivacyPreview(
        identities=PreviewIdentities(by_namespace=intake.by_namespace(found.identities)),
        segments=segments_of(caller.sandbox_id, keys),
        recipients=[PreviewRecipient(name=notice.partner.name, kind="partner") for notice in unnotified],
        connectors=[connector.name for connector in connectors.connectors(caller.sandbox_id)],
    )
