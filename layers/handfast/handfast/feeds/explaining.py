"""Whether a person is in segments, what keeps them from partners, and since when (docs/api.md, Segments and members).

No value is answered, and each call is recorded. Whether a partner knows a person is the partner's to tell: of what a
sandbox sends, the answer is a function of its own data alone, and of what it receives, of what it holds.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.connections import store as connections
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Dataflow
from handfast.feeds import store
from handfast.feeds.explained_models import (
    ConsentAnswers,
    ExplainedDataflow,
    ExplainedIdentity,
    ExplainedMembership,
    ExplainedPerson,
    ExplainedReceipt,
    ExplainedShare,
    ExplainPerson,
    Suppressed,
)
from handfast.feeds.models import ReceivedFeed
from handfast.feeds.partner_target import PARTNER
from handfast.identity import given
from handfast.identity.keys import Key, key
from handfast.identity.namespaces import Rejected, UnknownNamespaceError, namespace_of
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.lake import buckets, people, suppressions
from handfast.lake.people import Disclosure, StoredProfile
from handfast.matching import inventory
from handfast.matching.models import JOINT_REASONS, REASONS, Terms
from handfast.partners.models import Partner
from handfast.platform.problems import NotFound, Refused
from handfast.platform.secret import identity_secret
from handfast.segments import store as segments

_PERSON = "person"
_OWN_REASONS = frozenset(REASONS) - JOINT_REASONS
_PARTNERS_DATA = frozenset({"partner", "partner_suppressions"})
"""Roles of objects that are not read: whether the partner knows a person is not told."""


def explain(caller: Caller, body: ExplainPerson) -> ExplainedPerson:
    """What the sandbox knows of a person, identity by identity, and what keeps it from each of its dataflows.

    Raises NotFound for an unknown segment, connection or dataflow, Refused for an identity that cannot be read.
    """
    asked, code = _asked(caller, body)
    flows = _flows(caller, body)
    if body.segment_id is not None and segments.segment(caller.sandbox_id, body.segment_id) is None:
        raise NotFound("no such segment of this sandbox's own", pointer="/segmentId")
    found = people.find_people(caller.sandbox_id, {_PERSON: [asked]}, careful={_PERSON})[_PERSON]
    identities = {asked: code, **found.identities}
    _record(caller, body, len(identities))
    names = segments.names(caller.sandbox_id, (each for flow in flows for each in flow.segment_ids))
    shares = [(flow, *_shares(flow, identities, body.segment_id, names)) for flow in flows]
    return ExplainedPerson(identities=_identities(caller, body, asked, identities, shares))


def _asked(caller: Caller, body: ExplainPerson) -> tuple[Key, int]:
    try:
        code, value = given.canonical(body.identity, caller.on.phone_region, caller.on.own_namespaces)
    except UnknownNamespaceError as error:
        raise Refused(str(error), reason="validation", pointer="/identity/namespace") from None
    except Rejected as error:
        raise Refused(error.reason, reason="validation", pointer="/identity/value") from None
    return key(identity_secret(), code, value), code


def _flows(caller: Caller, body: ExplainPerson) -> list[Dataflow]:
    """The dataflows to partners that are asked about, all live ones without."""
    to_partners = (flow for flow in dataflows.dataflows(caller.sandbox_id) if flow.target.partner is not None)
    outgoing = [flow for flow in to_partners if flow.source.is_sandbox(caller.sandbox_id)]
    if body.dataflow_id is not None:
        outgoing = [flow for flow in outgoing if flow.dataflow_id == body.dataflow_id]
        if not outgoing:
            raise NotFound("no such dataflow to a partner", pointer="/dataflowId")
    if body.connection_id is not None:
        if connections.get(caller.sandbox_id, body.connection_id) is None:
            raise NotFound("no such connection", pointer="/connectionId")
        outgoing = [flow for flow in outgoing if flow.target.about.get("connectionId") == body.connection_id]
    return [flow for flow in outgoing if flow.status != "closed" or flow.dataflow_id == body.dataflow_id]


def _record(caller: Caller, body: ExplainPerson, identities: int) -> None:
    about = {"segmentId": body.segment_id, "connectionId": body.connection_id, "dataflowId": body.dataflow_id}
    detail = {"identities": identities, **{name: value for name, value in about.items() if value is not None}}
    commit([], [Event(caller.sandbox_id, "person.explained", Actor.of(caller), caller.sandbox_id, detail)])


def _shares(
    flow: Dataflow, keys: Iterable[Key], segment_id: str | None, names: Mapping[str, str]
) -> tuple[Mapping[Key, list[ExplainedShare]], frozenset[str]]:
    """By identity how it stands in each segment that the dataflow carries; and those of the segments that it may."""
    terms = PARTNER.terms(flow)
    shares: dict[Key, list[ExplainedShare]] = {}
    for hi, lo, segment, reason in _reasons(terms, list(keys)):
        if segment_id in (None, segment):
            told = reason if reason in _OWN_REASONS else "cleared"
            share = ExplainedShare(segment_id=segment, name=names.get(segment), reason=told)
            shares.setdefault((hi, lo), []).append(share)
    return shares, frozenset(terms.segments)


def _reasons(terms: Terms, keys: list[Key]) -> list[tuple[int, int, str, str]]:
    from handfast.matching import explaining, inputs  # noqa: PLC0415 - DuckDB is for few routes

    if not terms.segments:
        return []
    listed, wanted = inventory.listing(terms), buckets.by_bucket(keys)
    with TemporaryDirectory() as folder:
        of_the_person = {
            bucket: {role: stored for role, stored in listed[bucket].items() if role not in _PARTNERS_DATA}
            for bucket in wanted
            if bucket in listed
        }
        _, files = inputs.fetch(of_the_person, Path(folder), inputs.RECONCILED)
        pairs = explaining.reasons(list(files.values()), terms, keys)
    return sorted((pair.hi, pair.lo, pair.segment_id, pair.reason) for pair in pairs)


type _Disclosed = tuple[ReceivedFeed, list[Disclosure]]
type _Explained = tuple[Dataflow, Mapping[Key, list[ExplainedShare]], frozenset[str]]


def _identities(
    caller: Caller, body: ExplainPerson, asked: Key, identities: Mapping[Key, int], explained: list[_Explained]
) -> list[ExplainedIdentity]:
    stored = {(row.hi, row.lo): row for row in people.stored_profiles(caller.sandbox_id, identities)}
    suppressed = suppressions.entries(caller.sandbox_id, identities)
    disclosed = _disclosed(caller, identities)
    memberships = _memberships(caller, identities, disclosed, body.segment_id)
    received = _received(body, disclosed)
    return [
        ExplainedIdentity(
            namespace=namespace_of(code).symbol,
            asked=identity == asked,
            known=identity in stored,
            segments=memberships.get(identity, []),
            consent=_consent(caller, stored.get(identity)),
            suppressed=_suppressed(suppressed.get(identity)),
            dataflows=[
                _dataflow(flow, shares.get(identity, []), memberships.get(identity, []), allowed)
                for flow, shares, allowed in explained
            ],
            received=received.get(identity, []),
        )
        for identity, code in sorted(identities.items(), key=lambda item: (item[0] != asked, item[1], item[0]))
    ]


def _memberships(
    caller: Caller, identities: Iterable[Key], disclosed: list[_Disclosed], segment_id: str | None
) -> Mapping[Key, list[ExplainedMembership]]:
    from handfast.feeds import composed_people  # noqa: PLC0415 - DuckDB is for few routes

    found: dict[Key, list[ExplainedMembership]] = {}
    names: dict[str, str | None] = {}
    own_rows = people.memberships(caller.sandbox_id, identities)
    received = {feed.dataflow_id or "": rows for feed, rows in disclosed}
    for row in (*own_rows, *composed_people.memberships(caller.sandbox_id, own_rows, received)):
        if segment_id not in (None, row.segment_id):
            continue
        if row.segment_id not in names:
            own = segments.segment(caller.sandbox_id, row.segment_id)
            names[row.segment_id] = own.name if own else None
        if name := names[row.segment_id]:
            membership = ExplainedMembership(segment_id=row.segment_id, name=name, since=row.since)
            found.setdefault((row.hi, row.lo), []).append(membership)
    return found


def _disclosed(caller: Caller, identities: Iterable[Key]) -> list[_Disclosed]:
    """What partners have disclosed of the identities, by the feeds that the sandbox may read."""
    keys = list(identities)
    return [
        (feed, people.disclosures(feed.dataflow_id, keys))
        for feed in store.received_feeds(caller.sandbox_id)
        if feed.dataflow_id is not None and feed.readable_segments
    ]


def _received(body: ExplainPerson, disclosed: list[_Disclosed]) -> Mapping[Key, list[ExplainedReceipt]]:
    """By identity what the sandbox holds of it from partners, in feeds that it may read."""
    found: dict[Key, list[ExplainedReceipt]] = {}
    for feed, rows in disclosed if body.dataflow_id is None else ():
        if body.connection_id not in (None, feed.connection_id):
            continue
        readable = {segment.segment_id: segment.name for segment in feed.readable_segments}
        for row in rows:
            if row.segment_id in readable and body.segment_id in (None, row.segment_id) and row.withdrawn_at is None:
                receipt = ExplainedReceipt(
                    received_feed_id=feed.received_feed_id,
                    feed_name=feed.feed_name,
                    partner=Partner.of(feed.partner),
                    segment_id=row.segment_id,
                    name=readable[row.segment_id],
                    since=row.disclosed_at,
                )
                found.setdefault((row.hi, row.lo), []).append(receipt)
    return found


def _consent(caller: Caller, profile: StoredProfile | None) -> ConsentAnswers:
    return ConsentAnswers(
        share=profile.share if profile else None,
        profile_share=profile.profile_share if profile else None,
        answered_at=profile.answered_at if profile else None,
        consent_default=caller.on.consent_default,
    )


def _suppressed(entry: tuple[suppressions.Reason, str] | None) -> Suppressed | None:
    return Suppressed(reason=entry[0], since=entry[1]) if entry else None


def _dataflow(
    flow: Dataflow, shares: list[ExplainedShare], memberships: list[ExplainedMembership], allowed: frozenset[str]
) -> ExplainedDataflow:
    partner = flow.target.partner
    if partner is None:
        raise LookupError(f"dataflow {flow.dataflow_id} lacks a side")
    stopped = [
        ExplainedShare(segment_id=membership.segment_id, name=membership.name, reason="not_shared")
        for membership in memberships
        if membership.segment_id in set(flow.segment_ids) - allowed
    ]
    return ExplainedDataflow(
        dataflow_id=flow.dataflow_id,
        name=flow.name,
        connection_id=flow.target.about["connectionId"],
        partner=Partner.of(partner),
        status=flow.status,
        segments=[*shares, *stopped],
    )
