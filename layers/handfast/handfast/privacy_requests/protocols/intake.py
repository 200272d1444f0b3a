"""A person's request as any protocol brings it, into the store."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handfast.identity.free_text import ADDRESS_IN_URL
from handfast.identity.given import SubjectIdentity
from handfast.identity.patterns import holds_address
from handfast.journal.models import Actor, Sandbox
from handfast.platform import clock, outbound
from handfast.platform.ids import new_id
from handfast.platform.problems import Refused
from handfast.platform.table import ConditionFailed, Put
from handfast.privacy_requests import store, subject_store
from handfast.privacy_requests.duplicates import marked
from handfast.privacy_requests.intake import new_request, receiving, spend_unverified, subject_of
from handfast.privacy_requests.models import Origin, PrivacyRequest, PrivacyType, ProtocolName
from handfast.privacy_requests.naming import counted
from handfast.privacy_requests.protocols import store as protocols
from handfast.privacy_requests.protocols.store import Intake
from handfast.privacy_requests.regulations import regulation

UNVERIFIED_FOR = timedelta(days=7)
"""How long a request waits for a party to make sure of whom it concerns; the party then sends it anew."""


@dataclass(frozen=True, repr=False)
class Incoming:
    """What is asked for. `verified`: the party has made sure of who asks; `pointer` is where identities stand."""

    protocol: ProtocolName
    type: PrivacyType
    regulation: str
    received: datetime
    identities: list[SubjectIdentity]
    verified: bool
    pointer: str
    external_id: str | None = None
    profile_ids: frozenset[str] = frozenset()
    categories_only: bool = False


def take(
    sandbox: Sandbox, actor: Actor, incoming: Incoming, intake: Intake, lookup: tuple[str, str] | None = None
) -> PrivacyRequest:
    """Take a request; `lookup` is the controller's id and its body's digest. Raises ConditionFailed when that is taken.

    Raises TooManyRequests when it is unverified and its party has brought as many of those as it may a day.
    An unverified one is on its own: it never looks at, holds up or joins another request of the same person.
    """
    named = subject_of(sandbox, incoming.identities, incoming.pointer)
    subject = replace(named, profile_ids=named.profile_ids | incoming.profile_ids)
    unverified = regulation(incoming.regulation).terms_of(incoming.type).verification and not incoming.verified
    received = min(incoming.received, clock.now())
    origin = Origin(new_id("prq"))
    made = new_request(
        sandbox, incoming.type, incoming.regulation, received, origin, categories_only=incoming.categories_only
    )
    request = replace(
        made,
        status="unverified" if unverified else made.status,
        external_id=incoming.external_id,
        protocol=incoming.protocol,
        code_expires_at=clock.to_text(clock.now() + UNVERIFIED_FOR) if unverified else None,
    )
    own_id = request.privacy_request_id
    writes: list[Put] = [protocols.put_intake(own_id, intake)]
    if lookup:
        writes.append(protocols.put_subject_request(sandbox.sandbox_id, lookup[0], own_id, lookup[1]))
    if unverified:
        spend_unverified(sandbox.sandbox_id, intake.party_id, 1)
    subject_store.create(sandbox.sandbox_id, own_id, subject)
    try:
        made = marked(counted([request])[0], subject.identities, subject.profile_ids)
        (written,) = store.save(receiving(made, actor, subject.size, writes))
    except ConditionFailed:
        subject_store.delete(sandbox.sandbox_id, own_id)
        raise
    store.wake_for(written)
    return written


def check_callback(url: str, pointer: str) -> str:
    """The URL, if it may be called: https, leading to no private address, holding no person's; else Refused."""
    try:
        outbound.check_url(url)
    except outbound.OutboundError as error:
        raise Refused(error.detail, pointer=pointer, reason="callback_url") from None
    if holds_address(url):
        raise Refused(ADDRESS_IN_URL, pointer=pointer, reason="callback_url")
    return url
