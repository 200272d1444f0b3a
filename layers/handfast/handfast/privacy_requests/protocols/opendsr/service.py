"""OpenDSR 2.0's calls, the processor's side (opengdpr/OpenDSR, sections 3 to 8 and 10.1).

A controller is whoever has a token with `privacy:request`. By that it is an authenticated agent, so its requests are
verified. A request is its controller's: another one finds nothing under its id; the sandbox's own staff, who have
`privacy:approve`, may look at it and take it back. Types of identities beyond the protocol's (`phone`, `ecid`) are
declared in the discovery.
"""

import base64
import json
from typing import Any, get_args

from handfast.access import store as access
from handfast.identity import profile_ids as profile_id_rule
from handfast.identity.given import SubjectIdentity
from handfast.identity.rejected import Rejected
from handfast.journal.models import Actor, Caller
from handfast.platform import clock, secret
from handfast.platform.problems import NotFound, Refused
from handfast.platform.secret import identity_secret
from handfast.platform.table import ConditionFailed
from handfast.privacy_requests import rules, service, store
from handfast.privacy_requests.models import PrivacyRequest, PrivacyType
from handfast.privacy_requests.protocols import intake, results
from handfast.privacy_requests.protocols import store as protocols
from handfast.privacy_requests.protocols.opendsr import certificate
from handfast.privacy_requests.protocols.opendsr.certificate import Certificate
from handfast.privacy_requests.protocols.opendsr.states import STATUSES, VERSION, base_url, state
from handfast.privacy_requests.protocols.opendsr.wire import (
    OpenDsrCancelled,
    OpenDsrCreated,
    OpenDsrDiscovery,
    OpenDsrIdentity,
    OpenDsrRequest,
    OpenDsrState,
    OpenDsrSupportedIdentity,
    RequestType,
)
from handfast.privacy_requests.protocols.results import PackageResults
from handfast.privacy_requests.protocols.store import Intake

IDENTITIES: dict[tuple[str, str], str | None] = {
    ("controller_customer_id", "raw"): None,
    ("email", "raw"): "email",
    ("email", "sha256"): "email",
    ("android_advertising_id", "raw"): "GAID",
    ("ios_advertising_id", "raw"): "IDFA",
    ("phone", "raw"): "phone",
    ("phone", "sha256"): "phone",
    ("ecid", "raw"): "ECID",
}
"""The types and formats of identities that are taken, and the namespace of each; a customer id is a profile's."""


def own_certificate() -> Certificate:
    """The processor's certificate; raises NotFound while the operator has set none.

    It is no 503, which would give whoever may call it a way to raise the operator's alarm.
    """
    found = certificate.current()
    if found is None:
        detail = "this processor has no certificate to sign with: `handfast admin set-processor-certificate` sets it"
        raise NotFound(detail)
    return found


def discovery(sandbox_id: str) -> OpenDsrDiscovery:
    """What a sandbox's processor can do. Raises NotFound without a certificate and for no sandbox."""
    found = _public_certificate(sandbox_id)
    known = get_args(PrivacyType.__value__)
    return OpenDsrDiscovery(
        api_version=VERSION,
        supported_identities=[
            OpenDsrSupportedIdentity(identity_type=kind, identity_format=form) for kind, form in IDENTITIES
        ],
        supported_subject_request_types=[kind for kind in get_args(RequestType.__value__) if kind in known],
        processor_certificate=f"{base_url(found, sandbox_id)}/certificate",
    )


def chain(sandbox_id: str) -> str:
    """The PEM chain of the processor's certificate. Raises NotFound without one and for no sandbox."""
    return _public_certificate(sandbox_id).chain


def _public_certificate(sandbox_id: str) -> Certificate:
    """For routes open to anybody."""
    found = certificate.current()
    if found is None or access.sandbox(sandbox_id) is None:
        raise NotFound("no such path")
    return found


def create(caller: Caller, body: OpenDsrRequest, raw: bytes, *, former_names: bool) -> OpenDsrCreated:
    """Take a controller's request; the same id with the same content gives the same answer, and does nothing.

    Raises Refused for what cannot be taken, NotFound when the request is removed meanwhile, TooManyRequests when the
    controller has brought as many unverified ones as it may a day.
    """
    own_certificate()
    if body.regulation is None and not former_names:
        raise Refused("regulation is missing: gdpr or ccpa", pointer="/regulation", reason="validation")
    content = json.dumps(body.model_dump(), sort_keys=True, default=str).encode()
    digest = secret.digest(secret.PRIVACY, "opendsr-request", content)
    known = protocols.subject_request(caller.sandbox_id, body.subject_request_id)
    if known is None:
        try:
            return _created(*_take(caller, body, digest, former_names=former_names), raw)
        except ConditionFailed:  # the same, at the same time
            known = protocols.subject_request(caller.sandbox_id, body.subject_request_id)
    request, arrived = _find(caller.sandbox_id, body.subject_request_id)
    same = known is not None and secret.is_digest(secret.PRIVACY, "opendsr-request", content, known[1])
    if not same or arrived.party_id != caller.principal_id:
        detail = "another request has this subject_request_id; use a new one"
        raise Refused(detail, pointer="/subject_request_id", reason="duplicate")
    return _created(request, arrived, raw)


def _take(caller: Caller, body: OpenDsrRequest, digest: str, *, former_names: bool) -> tuple[PrivacyRequest, Intake]:
    identities, profile_ids = _subject(body.subject_identities)
    arrived = Intake(
        party_id=caller.principal_id,
        taken_at=clock.now_text(),
        party_request_id=body.subject_request_id,
        callbacks=tuple(
            intake.check_callback(url, f"/status_callback_urls/{index}")
            for index, url in enumerate(body.status_callback_urls)
        ),
        former_names=former_names,
    )
    incoming = intake.Incoming(
        protocol="opendsr",
        type=body.subject_request_type,
        regulation=body.regulation or "gdpr",
        received=body.submitted_time,
        identities=identities,
        verified=True,
        pointer="/subject_identities",
        external_id=body.subject_request_id,
        profile_ids=profile_ids,
    )
    lookup = body.subject_request_id, digest
    return intake.take(caller.on, Actor.of(caller), incoming, arrived, lookup), arrived


def _subject(identities: list[OpenDsrIdentity]) -> tuple[list[SubjectIdentity], frozenset[str]]:
    found, ids, errors = [], set(), []
    for index, identity in enumerate(identities):
        pair = identity.identity_type, identity.identity_format
        if pair not in IDENTITIES:
            errors.append({"pointer": f"/subject_identities/{index}", "message": _untaken(*pair)})
        elif (name := IDENTITIES[pair]) is None:
            try:
                known = profile_id_rule.kept(identity.identity_value, identity_secret())
            except Rejected as rejected:
                errors.append({"pointer": f"/subject_identities/{index}/identity_value", "message": rejected.reason})
            else:
                ids |= {known} if known else set()
        else:
            form: Any = identity.identity_format
            found.append(SubjectIdentity(namespace=name, value=identity.identity_value, format=form))
    if errors:
        detail = "some identities are of a type or format that the discovery does not name; see errors"
        raise Refused(detail, reason="unsupported_identity", errors=errors)
    return found, frozenset(ids)


def _untaken(kind: str, form: str) -> str:
    forms = [known for name, known in IDENTITIES if name == kind]
    if not forms:
        return "this identity_type is not supported; see the discovery"
    weak = " (it finds nobody: identities are kept as SHA-256)" if form in {"sha1", "md5"} else ""
    return f"this identity_format is not supported{weak}; send {' or '.join(forms)}"


def _created(request: PrivacyRequest, arrived: Intake, raw: bytes) -> OpenDsrCreated:
    return OpenDsrCreated(
        controller_id=arrived.party_id,
        expected_completion_time=request.due_at,
        received_time=arrived.taken_at,
        encoded_request=base64.b64encode(raw).decode(),
        subject_request_id=request.external_id or "",
    )


def _find(sandbox_id: str, subject_request_id: str) -> tuple[PrivacyRequest, Intake]:
    known = protocols.subject_request(sandbox_id, subject_request_id.lower())
    request = store.request(sandbox_id, known[0]) if known else None
    arrived = protocols.intake(known[0]) if known else None
    if request is None or arrived is None:
        raise NotFound("no such request")
    return request, arrived


def _load(caller: Caller, subject_request_id: str) -> tuple[PrivacyRequest, Intake]:
    """A request for its controller, and for the sandbox's privacy staff."""
    request, arrived = _find(caller.sandbox_id, subject_request_id)
    if arrived.party_id != caller.principal_id and service.APPROVE not in caller.permissions:
        raise NotFound("no such request")
    return request, arrived


def get(caller: Caller, subject_request_id: str) -> OpenDsrState:
    """Where a controller's request stands. Raises NotFound for none or another's, and without a certificate."""
    return state(*_load(caller, subject_request_id), own_certificate())


def fetch(caller: Caller, subject_request_id: str) -> PackageResults:
    """The results of a request for access, for the controller that made it; to others it is NotFound.

    Raises Conflict while there is no package, Gone when it is no longer there.
    """
    request, arrived = _load(caller, subject_request_id)
    if arrived.party_id != caller.principal_id:
        raise NotFound("no such request of this controller's")
    return results.take(request, Actor.of(caller))


def cancel(caller: Caller, subject_request_id: str) -> OpenDsrCancelled:
    """Take back a controller's request whose work has not begun.

    Raises NotFound for an unknown request and for another controller's, Refused or Conflict once its work has begun.
    """
    request, arrived = _load(caller, subject_request_id)
    own_certificate()
    if STATUSES[rules.status_at(request, clock.now_text())] != "pending":
        raise Refused("only a pending request can be cancelled", reason="not_pending")
    service.withdraw(caller.on, Actor.of(caller), request)
    return OpenDsrCancelled(
        controller_id=arrived.party_id,
        subject_request_id=request.external_id or "",
        received_time=clock.now_text(),
        api_version=VERSION,
    )
