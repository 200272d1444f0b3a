"""Data Rights Protocol 1.0, the side of the covered business (Consumer Reports), its key setup included.

A request is verified when the agent says of one of its claims that it has verified it; claims it has not verified are
then left out. Claims that are all unverified make an unverified request, which ends by itself unless the agent sends
it anew with a verified claim; `power_of_attorney` alone verifies nobody, for it is a text to be read by people. An
opt-out under a law that allows no verification is taken as it comes.
"""

import base64
import hmac
import json
import re
import secrets
from binascii import Error as Base64Error
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ValidationError

from handfast.access import store as access
from handfast.connectors.calls import lenient_time
from handfast.journal.models import Actor, Sandbox
from handfast.platform import clock
from handfast.platform.observability import measure
from handfast.platform.optimistic import lost_condition_is
from handfast.platform.problems import Forbidden, Malformed, NotFound, Problem, Refused
from handfast.platform.secret import derived
from handfast.platform.wire import check_json
from handfast.privacy_requests import service, store
from handfast.privacy_requests.models import PrivacyRequest, PrivacyType, SubjectIdentity
from handfast.privacy_requests.protocols import intake, results
from handfast.privacy_requests.protocols import store as protocols
from handfast.privacy_requests.protocols.drp.agents import AGENT_ID
from handfast.privacy_requests.protocols.drp.wire import AgentToken, DataRightsStatus, Exercise, Revocation
from handfast.privacy_requests.protocols.opendsr import certificate
from handfast.privacy_requests.protocols.results import PackageResults
from handfast.privacy_requests.protocols.store import Agent, Intake

VERSION = "1.0"
VOLUNTARY = "ccpa"
"""The regulation of requests that name no regime: what is done voluntarily is done as the protocol's one law asks."""
CLOCK_SKEW = timedelta(seconds=60)
"""How far an agent's clock may be ahead."""
_SIGNATURE_BYTES = 64

EXERCISES: dict[str, PrivacyType] = {
    "deletion": "erasure",
    "access": "access",
    "access:categories": "access",
    "access:specific": "access",
    "sale:opt-out": "opt_out",
    "sale:opt_out": "opt_out",
    "sale:opt-in": "opt_in",
    "sale:opt_in": "opt_in",
}
"""What each right is with us. Both spellings of the sale's are in use."""

# On the wire


# Errors


class Untrusted(Problem):
    """A message or a token that is not to be trusted; `reason` says which check it failed."""

    status, slug, title = 403, "untrusted", "Not to be trusted"


def _untrusted(reason: str, detail: str) -> Untrusted:
    """The problem, counted."""
    measure("SignatureFailures", 1, reason=reason, protocol="drp")
    return Untrusted(detail, reason=reason, fatal=True)


# Trust: base64, signature, agent, business, dates (3.07), then whether it was seen before


def opened(text: str, key_hex: str) -> dict[str, Any]:
    """The JSON object of a message in libsodium's combined mode, if the key has signed it; else Untrusted."""
    try:
        signed = base64.b64decode("".join(text.split()), validate=True)
    except (Base64Error, ValueError):
        raise _untrusted("base64", "the body is not base64 of a signature and a message") from None
    signature, message = signed[:_SIGNATURE_BYTES], signed[_SIGNATURE_BYTES:]
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key_hex)).verify(signature, message)
    except InvalidSignature:
        raise _untrusted("signature", "the signature is not the agent's of this message") from None
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        raise Malformed("what was signed is not JSON") from None
    if not isinstance(found, dict):
        raise Malformed("what was signed is not a JSON object")
    check_json(found)
    return found


def check(message: Mapping[str, Any], agent_id: str, sandbox_id: str) -> None:
    """Raise Untrusted unless the agent made the message for this sandbox, and made it for now."""
    if message.get("agent-id") != agent_id:
        raise _untrusted("agent_id", "agent-id is not the agent that signed")
    if message.get("business-id") != sandbox_id:
        raise _untrusted("business_id", "business-id is not this sandbox's id")
    now = clock.now()
    issued, expires = (_time(message.get(name)) for name in ("issued-at", "expires-at"))
    if issued is None or issued > now + CLOCK_SKEW:
        raise _untrusted("issued_at", "issued-at is no time, or one to come")
    if expires is None or expires <= now:
        raise _untrusted("expires_at", "expires-at is no time, or a past one; sign the message anew")
    digest = sha256(json.dumps(message, sort_keys=True).encode()).hexdigest()
    if not protocols.first_seen(sandbox_id, digest, expires):
        raise _untrusted("replay", "this message was taken already; sign a new one")


def _time(text: Any) -> Any:
    return lenient_time(text) if isinstance(text, str) else None


def _sandbox(sandbox_id: str) -> Sandbox:
    found = access.sandbox(sandbox_id)
    if found is None:
        raise NotFound("no such path")
    return found


def _agent_of(sandbox_id: str, authorization: str) -> Agent:
    """The agent whose token this is."""
    scheme, _, token = authorization.partition(" ")
    agent_id = token.strip().rpartition(".")[0]
    found = protocols.agent(sandbox_id, agent_id) if re.fullmatch(AGENT_ID, agent_id) else None
    digest = _token_digest(sandbox_id, token.strip())
    if scheme.lower() != "bearer" or found is None or not hmac.compare_digest(found.token_digest or "", digest):
        raise _untrusted("token", "send the token of POST agent/{agent-id} as Authorization: Bearer")
    return found


def _token_digest(sandbox_id: str, token: str) -> str:
    return hmac.new(derived("drp-token"), f"{sandbox_id}|{token}".encode(), sha256).hexdigest()


# Calls


def set_up(sandbox_id: str, agent_id: str, text: str) -> AgentToken:
    """Give an agent that proves its key a token; the one before works no more."""
    _sandbox(sandbox_id)
    found = protocols.agent(sandbox_id, agent_id) if re.fullmatch(AGENT_ID, agent_id) else None
    if found is None:
        raise _untrusted("agent_id", "no such agent")
    check(opened(text, found.verify_key), agent_id, sandbox_id)
    token = f"{agent_id}.{secrets.token_urlsafe(32)}"
    with lost_condition_is(lambda _: _untrusted("agent_id", "the agent was taken away")):
        protocols.put_token(sandbox_id, found, _token_digest(sandbox_id, token))
    return AgentToken(agent_id=agent_id, token=token)


def check_token(sandbox_id: str, agent_id: str, authorization: str) -> dict[str, str]:
    """Nothing, if the token is the agent's."""
    _sandbox(sandbox_id)
    if _agent_of(sandbox_id, authorization).agent_id != agent_id:
        raise _untrusted("agent_id", "the token is another agent's")
    return {}


def create(sandbox_id: str, authorization: str, text: str) -> DataRightsStatus:
    """Take a person's request from an agent."""
    sandbox = _sandbox(sandbox_id)
    agent = _agent_of(sandbox_id, authorization)
    message = opened(text, agent.verify_key)
    check(message, agent.agent_id, sandbox_id)
    body = _read(Exercise, message)
    kind = EXERCISES.get(body.exercise)
    if kind is None:
        detail = f"exercise must be one of {', '.join(EXERCISES)}"
        raise Refused(detail, pointer="/exercise", reason="claim_not_covered")
    identities, verified = _claims(body)
    callbacks = (intake.check_callback(body.status_callback, "/status_callback"),) if body.status_callback else ()
    now = clock.now()
    arrived = Intake(agent.agent_id, clock.to_text(now), body.agent_request_id, callbacks)
    incoming = intake.Incoming(
        protocol="drp",
        type=kind,
        regulation=body.regime or VOLUNTARY,
        received=now,
        identities=identities,
        verified=verified,
        pointer="/claims",
        external_id=body.agent_request_id,
    )
    return state(intake.take(sandbox, _actor(agent), incoming, arrived), arrived)


def _claims(body: Exercise) -> tuple[list[SubjectIdentity], bool]:
    """The identities to act on, and whether the agent has verified them."""
    claims = [
        (SubjectIdentity(namespace=name, value=value), verified)
        for name, value, verified in (
            ("email", body.email, body.email_verified),
            ("phone", body.phone_number, body.phone_number_verified),
        )
        if value
    ]
    if not claims:
        raise Refused("nobody is found without email or phone_number", pointer="/email", reason="no_match")
    verified = [identity for identity, is_verified in claims if is_verified]
    return (verified, True) if verified else ([identity for identity, _ in claims], False)


def _read[Body: BaseModel](model: type[Body], message: Mapping[str, Any]) -> Body:
    try:
        return model.model_validate(message)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        errors = [{"pointer": "/" + "/".join(map(str, one["loc"])), "message": one["msg"]} for one in found]
        raise Refused("some members are missing or invalid", reason="validation", errors=errors) from None


def _actor(agent: Agent) -> Actor:
    return Actor("principal", f"drp:{agent.agent_id}", agent.agent_id)


def _load(sandbox_id: str, agent: Agent, privacy_request_id: str) -> tuple[PrivacyRequest, Intake]:
    """The agent's request; another agent's is as forbidden as one that does not exist."""
    request = store.request(sandbox_id, privacy_request_id)
    arrived = protocols.intake(privacy_request_id) if request and request.protocol == "drp" else None
    if request is None or arrived is None or arrived.party_id != agent.agent_id:
        raise Forbidden("this agent has made no such request")
    return request, arrived


def get(sandbox_id: str, authorization: str, privacy_request_id: str) -> DataRightsStatus:
    """Where a request of the agent's stands."""
    _sandbox(sandbox_id)
    return state(*_load(sandbox_id, _agent_of(sandbox_id, authorization), privacy_request_id))


def fetch(sandbox_id: str, authorization: str, privacy_request_id: str) -> PackageResults:
    """The results of a request for access of the agent's."""
    _sandbox(sandbox_id)
    agent = _agent_of(sandbox_id, authorization)
    return results.take(_load(sandbox_id, agent, privacy_request_id)[0], _actor(agent))


def revoke(sandbox_id: str, authorization: str, privacy_request_id: str, text: str) -> DataRightsStatus:
    """Take back a request whose work has not begun; Conflict later. The signed message needs only a reason."""
    sandbox = _sandbox(sandbox_id)
    agent = _agent_of(sandbox_id, authorization)
    _read(Revocation, opened(text, agent.verify_key))
    request, _ = _load(sandbox_id, agent, privacy_request_id)
    if request.status != "cancelled":
        service.withdraw(sandbox, _actor(agent), request)
    return state(*_load(sandbox_id, agent, privacy_request_id))


def state(request: PrivacyRequest, arrived: Intake) -> DataRightsStatus:
    """Where a request stands, in the protocol's words."""
    reason: str | None = None
    details: str | None = None
    expires_at: str | None = None
    status: Any = "in_progress"
    match service.status_of(request):
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
