"""The agents of the Data Rights Protocol that may hand in requests; the operator knows them from its directory."""

import base64
import re
from binascii import Error as Base64Error
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from handfast.access import store as access
from handfast.journal.models import Actor, Event
from handfast.journal.store import commit
from handfast.platform import clock
from handfast.platform.optimistic import lost_condition_is
from handfast.platform.problems import NotFound, Refused
from handfast.privacy_requests.protocols import store
from handfast.privacy_requests.protocols.store import Agent

AGENT_ID = r"[A-Za-z0-9_:-]{1,100}"


def add(sandbox_id: str, agent_id: str, verify_key: str) -> Agent:
    """Let an agent with this Ed25519 key (hex or base64) hand in requests; a token of before works no more."""
    if access.sandbox(sandbox_id) is None:
        raise NotFound("no such sandbox")
    if not re.fullmatch(AGENT_ID, agent_id):
        raise Refused("an agent's id has letters, digits, _, : and -, at most 100", reason="validation")
    new = Agent(agent_id, _key(verify_key).hex(), clock.now_text())
    event = Event(sandbox_id, "privacy_agent.added", Actor.operator(), agent_id)
    commit([store.put_agent(sandbox_id, new)], [event])
    return new


def _key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text) if re.fullmatch("[0-9A-Fa-f]{64}", text) else base64.b64decode(text, validate=True)
        Ed25519PublicKey.from_public_bytes(key)
    except (Base64Error, ValueError):
        raise Refused("the key is not 32 bytes of Ed25519 in hex or base64", reason="validation") from None
    return key


def remove(sandbox_id: str, agent_id: str) -> None:
    """Take nothing more from an agent; NotFound when there is none."""
    event = Event(sandbox_id, "privacy_agent.removed", Actor.operator(), agent_id)
    with lost_condition_is(NotFound("no such agent")):
        commit([store.delete_agent(sandbox_id, agent_id)], [event])


def listed(sandbox_id: str) -> list[Agent]:
    """The sandbox's agents."""
    return store.agents(sandbox_id)


def shown(agent: Agent) -> dict[str, Any]:
    """What an operator sees of an agent."""
    return {
        "agentId": agent.agent_id,
        "verifyKey": agent.verify_key,
        "addedAt": agent.added_at,
        "hasToken": agent.token_digest is not None,
    }
