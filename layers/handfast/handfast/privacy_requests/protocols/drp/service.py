"""The Data Rights Protocol's calls (1.0), the side of the covered business (Consumer Reports), key setup included.

A request is verified when the agent says of one of its claims that it has verified it; claims it has not verified are
then left out. Claims that are all unverified make an unverified request, which ends by itself unless the agent sends
it anew with a verified claim; `power_of_attorney` alone verifies nobody, for it is a text to be read by people. An
opt-out under a law that allows no verification is taken as it comes.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from handfast.access import store as access
from handfast.identity.given import SubjectIdentity
from handfast.journal.models import Actor, Sandbox
from handfast.platform import clock
from handfast.platform.optimistic import lost_condition_is
from handfast.platform.problems import Forbidden, NotFound, Refused
from handfast.platform.wire import invalid_members
from handfast.privacy_requests import service, store
from handfast.privacy_requests.models import PrivacyRequest, PrivacyType
from handfast.privacy_requests.protocols import intake, results
from handfast.privacy_requests.protocols import store as protocols
from handfast.privacy_requests.protocols.drp import trust
from handfast.privacy_requests.protocols.drp.agents import AGENT_ID
from handfast.privacy_requests.protocols.drp.states import state
from handfast.privacy_requests.protocols.drp.wire import AgentToken, DataRightsStatus, Exercise, Revocation
from handfast.privacy_requests.protocols.results import PackageResults
from handfast.privacy_requests.protocols.store import Agent, Intake

VOLUNTARY = "ccpa"
"""The regulation of requests that name no regime: what is done voluntarily is done as the protocol's one law asks."""

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


def _sandbox(sandbox_id: str) -> Sandbox:
    found = access.sandbox(sandbox_id)
    if found is None:
        raise NotFound("no such path")
    return found


def set_up(sandbox_id: str, agent_id: str, text: str) -> AgentToken:
    """Give an agent that proves its key a token; the one before works no more.

    Raises NotFound for no sandbox, Untrusted or Malformed for the message.
    """
    _sandbox(sandbox_id)
    found = protocols.agent(sandbox_id, agent_id) if re.fullmatch(AGENT_ID, agent_id) else None
    if found is None:
        raise trust.untrusted("agent_id", "no such agent", proven=False)
    trust.check(trust.opened(text, found.verify_key, proven=False), agent_id, sandbox_id)
    token = f"{agent_id}.{secrets.token_urlsafe(32)}"
    with lost_condition_is(lambda _: trust.untrusted("agent_id", "the agent was taken away", proven=True)):
        protocols.put_token(sandbox_id, found, trust.token_digest(sandbox_id, token))
    return AgentToken(agent_id=agent_id, token=token)


def check_token(sandbox_id: str, agent_id: str, authorization: str) -> dict[str, str]:
    """Nothing, if the token is the agent's. Raises NotFound for no sandbox, Untrusted otherwise."""
    _sandbox(sandbox_id)
    if trust.agent_of(sandbox_id, authorization).agent_id != agent_id:
        raise trust.untrusted("agent_id", "the token is another agent's", proven=True)
    return {}


def create(sandbox_id: str, authorization: str, text: str) -> DataRightsStatus:
    """Take a person's request from an agent, in a message that it has signed.

    Raises NotFound for no sandbox, Untrusted or Malformed for the message, Refused for what cannot be taken,
    TooManyRequests when the agent has brought as many unverified ones as it may a day.
    """
    sandbox = _sandbox(sandbox_id)
    agent = trust.agent_of(sandbox_id, authorization)
    message = trust.opened(text, agent.verify_key, proven=True)
    trust.check(message, agent.agent_id, sandbox_id)
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
        categories_only=body.exercise == "access:categories",
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
    except ValidationError as invalid:
        found = invalid.errors(include_url=False, include_context=False, include_input=False)
        errors = invalid_members(found)
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
    """Where a request of the agent's stands.

    Raises NotFound for no sandbox, Untrusted for the token, Forbidden for a request that is not the agent's.
    """
    _sandbox(sandbox_id)
    return state(*_load(sandbox_id, trust.agent_of(sandbox_id, authorization), privacy_request_id))


def fetch(sandbox_id: str, authorization: str, privacy_request_id: str) -> PackageResults:
    """The results of a request for access of the agent's.

    Raises NotFound, Untrusted or Forbidden as `get`, Conflict while there is no package, Gone when it is no more.
    """
    _sandbox(sandbox_id)
    agent = trust.agent_of(sandbox_id, authorization)
    return results.take(_load(sandbox_id, agent, privacy_request_id)[0], _actor(agent))


def revoke(sandbox_id: str, authorization: str, privacy_request_id: str, text: str) -> DataRightsStatus:
    """Take back a request of the agent's whose work has not begun. The signed message needs only a reason.

    Raises NotFound, Untrusted or Forbidden as `get`, Malformed or Refused for the message, Conflict once it has begun.
    """
    sandbox = _sandbox(sandbox_id)
    agent = trust.agent_of(sandbox_id, authorization)
    _read(Revocation, trust.opened(text, agent.verify_key, proven=True))
    request, _ = _load(sandbox_id, agent, privacy_request_id)
    if request.status != "cancelled":
        service.withdraw(sandbox, _actor(agent), request)
    return state(*_load(sandbox_id, agent, privacy_request_id))
