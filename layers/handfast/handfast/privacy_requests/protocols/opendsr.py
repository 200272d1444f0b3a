"""OpenDSR 2.0, the processor's side (opengdpr/OpenDSR, sections 3 to 8 and 10.1), in the protocol's snake_case.

A controller is whoever has a token with `privacy:request`. By that it is an authenticated agent, so its requests are
verified. Types of identities beyond the protocol's (`phone`, `ecid`) are declared in the discovery.
"""

import base64
import hmac
import json
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from handfast.access import store as access
from handfast.access.models import Caller
from handfast.activity.models import Actor
from handfast.platform import clock
from handfast.platform.problems import NotFound, Problem, Refused
from handfast.platform.secret import derived
from handfast.platform.table import ConditionFailed
from handfast.privacy_requests import rules, service, store
from handfast.privacy_requests.connectors.calls import lenient_time
from handfast.privacy_requests.models import PrivacyRequest, PrivacyStatus, PrivacyType, Recipient, SubjectIdentity
from handfast.privacy_requests.protocols import certificate, intake, results
from handfast.privacy_requests.protocols import store as protocols
from handfast.privacy_requests.protocols.api import Body, ProtocolApi
from handfast.privacy_requests.protocols.certificate import Certificate
from handfast.privacy_requests.protocols.results import PackageResults
from handfast.privacy_requests.protocols.store import Intake

VERSION = "2.0"
_MAX_IDENTITIES = 50
_MAX_CALLBACKS = 5

type RequestType = Literal["access", "portability", "erasure"]
type RequestStatus = Literal["pending", "in_progress", "completed", "cancelled"]
type Regulation = Literal["gdpr", "ccpa"]

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

# On the wire


def _lower(text: Any) -> Any:
    return text.lower() if isinstance(text, str) else text


def _text(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable text")
    return text


def _time(text: Any) -> datetime:
    found = lenient_time(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("must be a time such as 2026-03-01T12:00:00Z (RFC 3339)")
    return found


class OpenDsrIdentity(Body):
    """An identity of the person."""

    identity_type: Annotated[str, Field(max_length=50)]
    identity_value: Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_text)]
    identity_format: Annotated[str, Field(max_length=20)]


class OpenDsrRequest(Body):
    """A request. `regulation` may be missing only where it comes by OpenGDPR 1.0's names, which means gdpr."""

    regulation: Regulation | None = None
    subject_request_id: Annotated[
        str,
        BeforeValidator(_lower),
        Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"),
    ]
    subject_request_type: RequestType
    subject_identities: Annotated[list[OpenDsrIdentity], Field(min_length=1, max_length=_MAX_IDENTITIES)]
    submitted_time: Annotated[datetime, BeforeValidator(_time)]
    api_version: Annotated[str, Field(max_length=20)] | None = None
    status_callback_urls: Annotated[list[str], Field(max_length=_MAX_CALLBACKS)] = Field(default_factory=list)


class OpenDsrSupportedIdentity(Body):
    """A type of identity in one format."""

    identity_type: str
    identity_format: str


class OpenDsrDiscovery(Body):
    """What this processor can do."""

    api_version: str
    supported_identities: list[OpenDsrSupportedIdentity]
    supported_subject_request_types: list[str]
    processor_certificate: str


class OpenDsrCreated(Body):
    """A request that was taken."""

    controller_id: str
    expected_completion_time: str
    received_time: str
    encoded_request: str
    subject_request_id: str


class OpenDsrCancelled(Body):
    """A request that was taken back."""

    controller_id: str
    subject_request_id: str
    received_time: str
    api_version: str


class OpenDsrState(Body):
    """Where a request stands. `extensions`, by the processor's domain, hold what the protocol has no words for."""

    controller_id: str
    expected_completion_time: str
    subject_request_id: str
    request_status: RequestStatus
    api_version: str
    results_url: str | None = None
    results_count: int | None = None
    extensions: dict[str, dict[str, Any]]


class OpenDsrCallback(OpenDsrState):
    """What a controller is told of each change."""

    status_callback_url: str


# Errors


class NotSetUp(Problem):
    """Nothing can be signed."""

    status, slug, title = 503, "not-set-up", "Not set up"


_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "errors"],
            "properties": {
                "code": {"type": "integer"},
                "message": {"type": "string"},
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["domain", "reason", "message"],
                        "properties": {name: {"type": "string"} for name in ("domain", "reason", "message")},
                    },
                },
            },
        }
    },
}


class OpenDsrApi(ProtocolApi):
    """The protocol's routes: each answer is signed over the bytes that are sent."""

    error_schema: ClassVar[dict[str, Any]] = _ERROR
    statuses: ClassVar[dict[int, str]] = {
        400: "Refused",
        401: "No valid access token",
        403: "A permission is missing",
        404: "Unknown",
        410: "The results are no longer there",
        429: "Too many requests; see Retry-After",
        503: "The operator has set no certificate",
    }

    def error_status(self, problem: Problem) -> int:
        """What is refused is 400."""
        return 400 if problem.status in {409, 422} else problem.status

    def error_body(self, problem: Problem) -> dict[str, Any]:
        """The protocol's error."""
        reason = problem.members.get("reason", problem.slug)
        found = problem.members.get("errors") or [{"pointer": "", "message": problem.detail}]
        errors = [
            {"domain": "handfast", "reason": reason, "message": f"{one['pointer']} {one['message']}".strip()}
            for one in found
        ]
        return {"error": {"code": self.error_status(problem), "message": problem.detail, "errors": errors}}

    def handler(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer one API Gateway event, signed."""
        answer = super().handler(event, context)
        found = certificate.current()
        if found is not None:
            signature = found.signature((answer["body"] or "").encode(), former_names=has_former_names(event["path"]))
            answer["multiValueHeaders"] |= {name: [value] for name, value in signature.items()}
        return answer

    @property
    def raw_body(self) -> bytes:
        """The body as it came."""
        return (self.current_event.decoded_body or "").encode()

    @property
    def former_names(self) -> bool:
        """Whether the route is one of OpenGDPR 1.0."""
        return has_former_names(self.current_event.path)


def has_former_names(path: str) -> bool:
    """Whether a path is one of OpenGDPR 1.0 (10.1)."""
    return "/opengdpr_requests" in path


# Calls


def own_certificate() -> Certificate:
    """The processor's certificate; NotSetUp without one."""
    found = certificate.current()
    if found is None:
        detail = "this processor has no certificate to sign with: `handfast admin set-processor-certificate` sets it"
        raise NotSetUp(detail)
    return found


def _base(own: Certificate, sandbox_id: str) -> str:
    return f"{own.url}/sandboxes/{sandbox_id}/opendsr/v2"


def discovery(sandbox_id: str) -> OpenDsrDiscovery:
    """What a sandbox's processor can do; NotFound for no sandbox."""
    found = own_certificate()
    if access.sandbox(sandbox_id) is None:
        raise NotFound("no such path")
    known = get_args(PrivacyType.__value__)
    return OpenDsrDiscovery(
        api_version=VERSION,
        supported_identities=[
            OpenDsrSupportedIdentity(identity_type=kind, identity_format=form) for kind, form in IDENTITIES
        ],
        supported_subject_request_types=[kind for kind in get_args(RequestType.__value__) if kind in known],
        processor_certificate=f"{_base(found, sandbox_id)}/certificate",
    )


def chain(sandbox_id: str) -> str:
    """The PEM chain of the processor's certificate; NotFound for no sandbox."""
    found = own_certificate()
    if access.sandbox(sandbox_id) is None:
        raise NotFound("no such path")
    return found.chain


def create(caller: Caller, body: OpenDsrRequest, raw: bytes, *, former_names: bool) -> OpenDsrCreated:
    """Take a request. The same id with the same content gives the same answer, and does nothing."""
    own_certificate()
    if body.regulation is None and not former_names:
        raise Refused("regulation is missing: gdpr or ccpa", pointer="/regulation", reason="validation")
    content = json.dumps(body.model_dump(), sort_keys=True, default=str).encode()
    digest = hmac.new(derived("opendsr-request"), content, sha256).hexdigest()
    known = protocols.subject_request(caller.sandbox_id, body.subject_request_id)
    if known is None:
        try:
            return _created(*_take(caller, body, digest, former_names=former_names), raw)
        except ConditionFailed:  # the same, at the same time
            known = protocols.subject_request(caller.sandbox_id, body.subject_request_id)
    if known is None or known[1] != digest:
        detail = "another request has this subject_request_id; use a new one"
        raise Refused(detail, pointer="/subject_request_id", reason="duplicate")
    return _created(*_load(caller, body.subject_request_id), raw)


def _take(caller: Caller, body: OpenDsrRequest, digest: str, *, former_names: bool) -> tuple[PrivacyRequest, Intake]:
    identities, profile_ids = _subject(body.subject_identities)
    arrived = Intake(
        party_id=caller.principal_id,
        taken_at=clock.to_text(clock.now()),
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
    found, profile_ids, errors = [], set(), []
    for index, one in enumerate(identities):
        pair = one.identity_type, one.identity_format
        if pair not in IDENTITIES:
            errors.append({"pointer": f"/subject_identities/{index}", "message": _untaken(*pair)})
        elif (name := IDENTITIES[pair]) is None:
            profile_ids.add(one.identity_value)
        else:
            form: Any = one.identity_format
            found.append(SubjectIdentity(namespace=name, value=one.identity_value, format=form))
    if errors:
        detail = "some identities are of a type or format that the discovery does not name; see errors"
        raise Refused(detail, reason="unsupported_identity", errors=errors)
    return found, frozenset(profile_ids)


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


def _load(caller: Caller, subject_request_id: str) -> tuple[PrivacyRequest, Intake]:
    known = protocols.subject_request(caller.sandbox_id, subject_request_id.lower())
    request = store.request(caller.sandbox_id, known[0]) if known else None
    arrived = protocols.intake(known[0]) if known else None
    if request is None or arrived is None:
        raise NotFound("no such request")
    return request, arrived


def get(caller: Caller, subject_request_id: str) -> OpenDsrState:
    """Where a request stands."""
    return state(*_load(caller, subject_request_id), own_certificate())


def fetch(caller: Caller, subject_request_id: str) -> PackageResults:
    """The results of a request for access, for the controller that made it; to others it is NotFound."""
    request, arrived = _load(caller, subject_request_id)
    if arrived.party_id != caller.principal_id:
        raise NotFound("no such request of this controller's")
    return results.take(request, Actor.of(caller))


def cancel(caller: Caller, subject_request_id: str) -> OpenDsrCancelled:
    """Take back a request whose work has not begun."""
    request, arrived = _load(caller, subject_request_id)
    own_certificate()
    if STATUSES[service.status_of(request)] != "pending":
        raise Refused("only a pending request can be cancelled", reason="not_pending")
    service.withdraw(caller.on, Actor.of(caller), request)
    return OpenDsrCancelled(
        controller_id=arrived.party_id,
        subject_request_id=request.external_id or "",
        received_time=clock.to_text(clock.now()),
        api_version=VERSION,
    )


def state(request: PrivacyRequest, arrived: Intake, own: Certificate) -> OpenDsrState:
    """Where a request stands, in the protocol's words, with our own status and the recipients beside them."""
    status = service.status_of(request)
    recipients = store.recipients(request.sandbox_id, request.privacy_request_id) if request.recipients else []
    extension: dict[str, Any] = {"status": status}
    ready = results.are_ready(request)
    if request.reason:
        extension["reason"] = request.reason
    if recipients:
        extension["distribution_status"] = [_forwarded(one) for one in recipients]
        extension["gaps"] = sum(map(rules.is_gap, recipients))
    return OpenDsrState(
        controller_id=arrived.party_id,
        expected_completion_time=request.due_at,
        subject_request_id=request.external_id or "",
        request_status=STATUSES[status],
        api_version=VERSION,
        results_url=f"{_base(own, request.sandbox_id)}/requests/{request.external_id}/results" if ready else None,
        results_count=1 if ready else None,
        extensions={own.domain: extension},
    )


def _forwarded(recipient: Recipient) -> dict[str, str]:
    told = {"name": recipient.name, "status": _FORWARDED[recipient.status]}
    return told | ({"status_message": recipient.reason} if recipient.reason else {})
