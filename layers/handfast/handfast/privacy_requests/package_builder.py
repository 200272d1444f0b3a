"""The stage that makes packages: all that a sandbox holds of a person, read bucket by bucket for many at once.

A package has nobody else's data. Rows are those of the identities that the request named or `find` found for it, and
a profile's identities are one person's. A device may be used by two people and lies under the profile that named it
last: where the request has led to profiles by an e-mail address or a phone number, an identity under another profile is
named as withheld, and nothing that lies with it, nor where it went, is given (GDPR Art. 15(4)).
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from handfast.access import store as access
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Dataflow
from handfast.feeds import composed_people
from handfast.identity.keys import Key
from handfast.identity.namespaces import namespace_of
from handfast.journal.models import Sandbox
from handfast.lake import answers, people, suppressions
from handfast.lake.answers import PersonAnswer
from handfast.lake.people import Member, StoredProfile
from handfast.partners.models import PartnerRef
from handfast.platform import clock
from handfast.platform.observability import logger
from handfast.platform.secret import identity_secret
from handfast.privacy_requests import connector_access, naming, notices, package_categories, package_store, rules
from handfast.privacy_requests.models import PrivacyRequest, PrivacyType, Subject
from handfast.privacy_requests.notices import Receiver
from handfast.privacy_requests.package_archive import archived
from handfast.privacy_requests.package_document import (
    About,
    Answer,
    Consent,
    Disclosure,
    Identity,
    Membership,
    Package,
    Suppression,
    System,
    to_html,
    to_json,
)
from handfast.privacy_requests.regulations import regulation
from handfast.privacy_requests.stage_jobs import Job, Outcome, Waiting, answer_keys
from handfast.privacy_requests.suppressed import Heeded, heeded
from handfast.segments import store as segments

_WITHHELD = (
    "What lies with an identity that you named but that is held under another profile: a device may be used by several"
    " people, and what they left is not yours to see."
)
_LEFT_OUT = (
    "Privacy requests you made before: they are kept without any identity, so that none can be told to be yours.",
    "Why your data are used and for how long they are kept: the organization's privacy notice says so.",
    "Systems of the organization that are not connected to the one that answers here.",
)
_PORTABLE = (
    "Only what you provided is in it: identities, attributes and answers. Segments, recipients and sources are part of"
    " a request for access."
)

_UNKNOWN_PARTNER = "a partner of before"
_SECONDS = 300
"""How long a worker begins new packages: systems outside may take minutes each, and a worker has fifteen."""


@dataclass(frozen=True)
class _Holdings:
    """What a sandbox holds of identities, by their keys, answers by profile id, and names of partners by their keys."""

    profiles: Mapping[Key, StoredProfile]
    members: Mapping[Key, Sequence[Member]]
    suppressed: Mapping[Key, Sequence[Heeded]]
    partners: Mapping[str, str]
    flows: Mapping[Key, Sequence[tuple[Dataflow, people.Disclosure]]]
    answers: Mapping[str, PersonAnswer]


def pack(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
    """Make each request's package; one that cannot be made hinders no other."""
    sandbox = access.working_sandbox(sandbox_id)
    for job in jobs:
        package_store.keep_keys(sandbox_id, job.name, job.keys | job.answer_keys)
    keys = {key for job in jobs for key in job.keys}
    holdings = _read(sandbox_id, jobs)
    outcomes: dict[str, Outcome] = {}
    until = time.monotonic() + _SECONDS
    for job in jobs:
        try:
            outcomes[job.name] = _pack(sandbox, job, holdings) if time.monotonic() < until else Waiting()
        except Waiting as waiting:
            outcomes[job.name] = waiting
        except Exception as error:  # noqa: BLE001 - of this request alone
            logger.exception("a package could not be made", extra={"privacyRequestId": job.name})
            outcomes[job.name] = error
    # An erasure suppresses, and forgets answers, before it deletes packages: one begun meanwhile is seen here or sees
    # the package.
    erased = {key for key, (why, _) in suppressions.entries(sandbox_id, keys).items() if why == "erasure"}
    forgotten = holdings.answers.keys() - answers.find(sandbox_id, identity_secret(), holdings.answers).keys()
    for job in jobs:
        if erased & job.keys & holdings.profiles.keys() or forgotten & job.subject.profile_ids:
            package_store.delete(sandbox_id, job.name)
            outcomes[job.name] = Waiting()
    return outcomes


def _read(sandbox_id: str, jobs: Sequence[Job]) -> _Holdings:
    keys = {key for job in jobs for key in job.keys}
    profile_ids = {name for job in jobs for name in job.subject.profile_ids}
    listed = {key: name for job in jobs for key, name in job.listed_as.items()}
    members: dict[Key, list[Member]] = defaultdict(list)
    for member in people.memberships(sandbox_id, keys):
        members[member.hi, member.lo].append(member)
    flows: dict[Key, list[tuple[Dataflow, people.Disclosure]]] = defaultdict(list)
    for flow, row in notices.disclosures_of(sandbox_id, keys):
        flows[row.hi, row.lo].append((flow, row))
    received: dict[str, list[people.Disclosure]] = defaultdict(list)
    for flow, row in (pair for pairs in flows.values() for pair in pairs):
        if not flow.source.is_sandbox(sandbox_id):
            received[flow.dataflow_id].append(row)
    own_rows = [member for rows in members.values() for member in rows]
    for member in composed_people.memberships(sandbox_id, own_rows, received):
        members[member.hi, member.lo].append(member)
    profiles = {(profile.hi, profile.lo): profile for profile in people.stored_profiles(sandbox_id, keys)}
    suppressed = heeded(sandbox_id, keys, listed)
    partners = _partners(sandbox_id) if any(each.towards for of in suppressed.values() for each in of) else {}
    kept = answers.find(sandbox_id, identity_secret(), profile_ids)
    return _Holdings(profiles, members, suppressed, partners, flows, kept)


def _partners(sandbox_id: str) -> dict[str, str]:
    """The names of the partners that data ever came from or went to, by their keys."""
    sides = ((flow.source, flow.target.partner) for flow in dataflows.dataflows(sandbox_id))
    return {partner.key: partner.name for pair in sides for partner in pair if partner}


def _pack(sandbox: Sandbox, job: Job, holdings: _Holdings) -> Outcome:
    withheld = _withheld(job, holdings)
    systems = connector_access.systems(job, _shown(job.subject, holdings, withheld))
    now = clock.now()
    package = _package(sandbox, job, holdings, withheld, systems, clock.to_text(now))
    whole = {"index.html": to_html, "data.json": to_json}
    in_kinds = {"index.html": package_categories.to_html, "data.json": package_categories.to_json}
    writers = in_kinds if job.request.categories_only else whole
    files = {name: write(package) for name, write in writers.items()}
    archive = archived(files, package_store.passphrase(sandbox.sandbox_id, job.name))
    keep = package_store.keep_draft if rules.is_reviewed(job.request) else package_store.keep
    keep(sandbox.sandbox_id, job.name, archive)
    if not systems:
        answered = answer_keys(job.subject.profile_ids & holdings.answers.keys())
        package_store.keep_keys(sandbox.sandbox_id, job.name, job.keys & holdings.profiles.keys() | answered)
    package_store.delete_answers(sandbox.sandbox_id, job.name)
    recipients = len({(recipient.organization, recipient.sandbox) for recipient in package.recipients})
    names_recipients = job.request.type == "access"
    if names_recipients:
        naming.tell(sandbox, _named(job, holdings, withheld).values())
    return {
        "identities": len(package.identities),
        **({"recipients": recipients} if names_recipients else {}),
        "systems": len(package.systems),
        "matched": package.holds_something,
        "expiresAt": clock.to_text(now + package_store.KEPT),
    }


def _named(job: Job, holdings: _Holdings, withheld: set[Key]) -> dict[str, Dataflow]:
    """The dataflows by which partners received the person from here, one of each partner's, by its key."""
    flows = [flow for key in job.keys - withheld for flow, _ in holdings.flows.get(key, ())]
    own = [flow for flow in flows if flow.source.is_sandbox(job.request.sandbox_id)]
    by_id = sorted(own, key=lambda flow: flow.dataflow_id, reverse=True)
    return {flow.target.partner.key: flow for flow in by_id if flow.target.partner}


def _withheld(job: Job, holdings: _Holdings) -> set[Key]:
    """Identities of profiles that may be another person's: only an address, a number or an id says whose one is."""
    profile_ids = {key: holdings.profiles[key].profile_id for key in job.keys & holdings.profiles.keys()}
    return {key for key, name in profile_ids.items() if name is not None and name not in job.subject.profile_ids}


def _shown(subject: Subject, holdings: _Holdings, withheld: set[Key]) -> Subject:
    """Whom systems outside are asked for: the person, by all values that are known and not another's."""
    identities = {key: code for key, code in subject.identities.items() if key not in withheld}
    stored = {key: holdings.profiles[key].value for key in identities if key in holdings.profiles}
    named = {key: value for key, value in subject.values.items() if key in identities}
    return Subject(identities, subject.profile_ids, {**named, **stored}, clear=subject.clear)


def _package(
    sandbox: Sandbox, job: Job, holdings: _Holdings, withheld: set[Key], systems: list[System], made_at: str
) -> Package:
    codes, own = job.subject.identities, sandbox.sandbox_id
    known = {key: holdings.profiles[key] for key in sorted(codes) if key in holdings.profiles}
    keys = sorted(job.keys - withheld)
    segment = cache(_segment_name)
    named = {key: (namespace_of(codes[key]).symbol, _value(known[key]) if key in known else None) for key in keys}

    def disclosures(other: Callable[[Dataflow], Receiver | None]) -> list[Disclosure]:
        flows = ((key, other(flow), flow, row) for key in keys for flow, row in holdings.flows.get(key, ()))
        return [
            Disclosure(
                organization=party.organization_name if isinstance(party, PartnerRef) else party.name,
                sandbox=party.sandbox_name if isinstance(party, PartnerRef) else None,
                namespace=named[key][0],
                value=named[key][1],
                segment=segment(own if flow.source.is_sandbox(own) else flow.source, row.segment_id),
                disclosed_at=row.disclosed_at,
                withdrawn_at=row.withdrawn_at,
            )
            for key, party, flow, row in flows
            if party is not None
        ]

    return Package(
        about=_about(sandbox, job.request, made_at),
        identities=[_identity(profile, withheld=key in withheld) for key, profile in known.items()],
        answers=[
            Answer(profile_id=name, share=holdings.answers[name].share, answered_at=holdings.answers[name].given_at)
            for name in sorted(job.subject.profile_ids & holdings.answers.keys())
        ],
        memberships=[
            Membership(
                namespace=named[key][0],
                value=named[key][1],
                segment=segment(own, member.segment_id),
                since=member.since,
            )
            for key in keys
            for member in holdings.members.get(key, ())
        ],
        suppressions=[
            Suppression(
                namespace=named[key][0],
                value=named[key][1],
                reason=each.reason,
                since=each.since,
                towards=holdings.partners.get(each.towards, _UNKNOWN_PARTNER) if each.towards else None,
                as_listed=each.as_listed,
            )
            for key in keys
            for each in holdings.suppressed.get(key, ())
        ],
        recipients=disclosures(lambda flow: notices.receiver_of(flow) if flow.source.is_sandbox(own) else None),
        sources=disclosures(lambda flow: None if flow.source.is_sandbox(own) else flow.source),
        systems=systems,
        left_out=[text for text, holds in _left_out(job.request.type, withheld=bool(withheld)) if holds],
    )


def _left_out(kind: PrivacyType, *, withheld: bool) -> list[tuple[str, bool]]:
    return [(_WITHHELD, withheld), (_PORTABLE, kind == "portability"), *((text, True) for text in _LEFT_OUT)]


def _about(sandbox: Sandbox, request: PrivacyRequest, made_at: str) -> About:
    return About(
        privacy_request_id=request.privacy_request_id,
        type=request.type,
        regulation=request.regulation,
        regulation_name=regulation(request.regulation).name,
        received_at=request.received_at,
        made_at=made_at,
        organization=sandbox.organization_name,
        sandbox=sandbox.name,
    )


def _identity(profile: StoredProfile, *, withheld: bool) -> Identity:
    kind = namespace_of(profile.namespace)
    consent = Consent(identity=profile.share, person=profile.profile_share, answered_at=profile.answered_at)
    answered = profile.share is not None or profile.profile_share is not None
    return Identity(
        namespace=kind.symbol,
        value=_value(profile),
        hashed=kind.hashed,
        profile_id=None if withheld else profile.profile_id,
        attributes=json.loads(profile.attributes or "{}") if not withheld else {},
        consent=consent if answered and not withheld else None,
        withheld=withheld,
    )


def _value(profile: StoredProfile) -> str:
    return profile.value.hex() if namespace_of(profile.namespace).hashed else profile.value.decode()


def _segment_name(owner: str | PartnerRef, segment_id: str) -> str:
    """The name of a segment of the sandbox's own or of a partner's; its id once it is deleted."""
    if isinstance(owner, PartnerRef):
        return segments.partners_segment_name(owner, segment_id) or segment_id
    found = segments.segment(owner, segment_id)
    return found.name if found else segment_id
