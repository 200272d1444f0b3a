"""The privacy table's items of protocols.

pk        sk              item
PRQ#{id}  PROTOCOL        what the protocol says of a request beside the request itself, and its callbacks
SBX#{s}   OPENDSR#{uuid}  the request with that id of its controller's
SBX#{s}   AGENT#{id}      agent of the Data Rights Protocol
SEEN#{s}  {digest}        signed message that has been taken, until it expires by itself
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from boto3.dynamodb.conditions import Attr

from handfast.connectors.store import PRIVACY
from handfast.journal.keys import sandbox_key
from handfast.platform import table
from handfast.platform.items import ItemKind
from handfast.platform.table import UNCONDITIONAL, ConditionFailed, Delete, Put, Update
from handfast.platform.wire import TableItem
from handfast.privacy_requests.keys import request_key
from handfast.privacy_requests.models import PrivacyRequest


@dataclass(frozen=True)
class Intake(TableItem):
    """How a request came in.

    `party_id` is the controller or agent that sent it, `party_request_id` its own id of it, `taken_at` when it came.
    `callbacks` are the URLs to tell of each change, `notified` by the URL's place the digest of what it was told last.
    `former_names`: it came by the names of OpenGDPR 1.0.
    """

    party_id: str
    taken_at: str
    party_request_id: str | None = None
    callbacks: tuple[str, ...] = ()
    notified: Mapping[str, str] = field(default_factory=dict)
    former_names: bool = False


@dataclass(frozen=True)
class Agent(TableItem):
    """An agent of the Data Rights Protocol: its Ed25519 key in hex, and the keyed hash of its token."""

    agent_id: str
    verify_key: str
    added_at: str
    token_digest: str | None = None


_INTAKE = ItemKind("intake", Intake, PRIVACY, exclude=("notified",))
_AGENT = ItemKind("agent", Agent, PRIVACY)


def put_intake(privacy_request_id: str, new: Intake) -> Put:
    """The write that keeps how a request came in."""
    return _INTAKE.put(new, request_key(privacy_request_id), "PROTOCOL")


def intake(privacy_request_id: str) -> Intake | None:
    """How a request came in; None where by no protocol."""
    item = table.get(PRIVACY, request_key(privacy_request_id), "PROTOCOL")
    notified = {
        name.removeprefix("notified#"): value for name, value in (item or {}).items() if name.startswith("notified#")
    }
    return _INTAKE.load(item | {"notified": notified}) if item else None


def note_told(privacy_request_id: str, target: int, digest: str) -> None:
    """Keep what a callback's receiver was told last."""
    table.apply(Update(PRIVACY, request_key(privacy_request_id), "PROTOCOL", assign={f"notified#{target}": digest}))


# OpenDSR


def put_subject_request(sandbox_id: str, subject_request_id: str, privacy_request_id: str, digest: str) -> Put:
    """The write by which a controller's id is taken; `digest` tells its body from others. Refused when it is."""
    facts = {"privacyRequestId": privacy_request_id, "digest": digest}
    return Put(PRIVACY, {"pk": sandbox_key(sandbox_id), "sk": f"OPENDSR#{subject_request_id}"} | facts)


def subject_request(sandbox_id: str, subject_request_id: str) -> tuple[str, str] | None:
    """The request with a controller's id, and the digest of the body it came with."""
    item = table.get(PRIVACY, sandbox_key(sandbox_id), f"OPENDSR#{subject_request_id}")
    return (item["privacyRequestId"], item["digest"]) if item else None


def forget(ended: PrivacyRequest) -> None:
    """Take a controller's id of a request away, which is no longer kept."""
    if ended.protocol == "opendsr":
        key = sandbox_key(ended.sandbox_id), f"OPENDSR#{ended.external_id}"
        table.apply(Delete(PRIVACY, *key, UNCONDITIONAL))


# Data Rights Protocol


def put_agent(sandbox_id: str, new: Agent) -> Put:
    """The write that registers an agent, over what was known of it: its token works no more."""
    return _AGENT.put(new, sandbox_key(sandbox_id), f"AGENT#{new.agent_id}", UNCONDITIONAL)


def delete_agent(sandbox_id: str, agent_id: str) -> Delete:
    """The write that takes an agent away; refused when there is none."""
    return Delete(PRIVACY, sandbox_key(sandbox_id), f"AGENT#{agent_id}")


def agent(sandbox_id: str, agent_id: str) -> Agent | None:
    """One agent."""
    return _AGENT.get(sandbox_key(sandbox_id), f"AGENT#{agent_id}")


def agents(sandbox_id: str) -> list[Agent]:
    """The sandbox's agents."""
    return list(_AGENT.query(sandbox_key(sandbox_id), "AGENT#"))


def put_token(sandbox_id: str, of: Agent, digest: str) -> None:
    """Give an agent a new token; raises ConditionFailed when its key is no longer the one that asked."""
    same = Attr("verifyKey").eq(of.verify_key)
    key = sandbox_key(sandbox_id), f"AGENT#{of.agent_id}"
    table.apply(Update(PRIVACY, *key, assign={"tokenDigest": digest}, condition=same))


def first_seen(sandbox_id: str, digest: str, until: datetime) -> bool:
    """Whether a message is new; from now on, until then at least, it is not."""
    item = {"pk": f"SEEN#{sandbox_id}", "sk": digest, "ttl": int(until.timestamp()) + 1}
    with suppress(ConditionFailed):
        table.apply(Put(PRIVACY, item))
        return True
    return False
