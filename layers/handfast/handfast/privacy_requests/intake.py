"""What every way in makes of a request: its subject's keys, its deadline, and the step by which it comes into being."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from handfast.connectors.store import PRIVACY
from handfast.identity import given
from handfast.identity.given import SubjectIdentity
from handfast.identity.keys import Key, key
from handfast.identity.namespaces import Rejected, UnknownNamespaceError, namespace_of
from handfast.journal.models import Actor, Sandbox
from handfast.platform import clock, quotas
from handfast.platform.ids import new_id
from handfast.platform.problems import Refused
from handfast.platform.quotas import Quota
from handfast.platform.secret import identity_secret
from handfast.platform.settings import setting
from handfast.platform.table import Write
from handfast.privacy_requests import claim_store, deadlines, external_ids, message_webhook_store, rules
from handfast.privacy_requests.models import Contact, Origin, PrivacyRequest, PrivacyType, Subject
from handfast.privacy_requests.regulations import regulation
from handfast.privacy_requests.store import Step
from handfast.privacy_requests.wire import ContactBody

NO_SENDER = "off"
"""`MESSAGE_SENDER` of a deployment that writes to nobody."""
UNVERIFIED_PER_DAY = 5_000
"""Unverified requests that one caller may bring to a sandbox a day."""


def new_request(
    sandbox: Sandbox,
    kind: PrivacyType,
    regulation_code: str,
    received: datetime,
    origin: Origin,
    *,
    categories_only: bool = False,
) -> PrivacyRequest:
    """A verified request, approved where the sandbox's rule says so; the first of its chain takes its root's id."""
    law = regulation(regulation_code)
    deadline = deadlines.due(law.code, kind, received, calendar_of(sandbox))
    made = PrivacyRequest(
        sandbox_id=sandbox.sandbox_id,
        privacy_request_id=new_id("prq") if origin.partner else origin.root_id,
        type=kind,
        regulation=law.code,
        status="pending",
        received_at=clock.to_text(received),
        due_at=clock.to_text(deadline.due_at),
        acknowledge_by=clock.to_text(deadline.acknowledge_by) if deadline.acknowledge_by else None,
        extendable_until=clock.to_text(deadline.extendable_until) if deadline.extendable_until else None,
        origin=origin,
        categories_only=categories_only,
        stages=rules.stages_of(kind, reviewed=sandbox.package_review and not categories_only),
        scope=sandbox.partner_erasures if origin.partner and kind == "erasure" else None,
    )
    return replace(made, status=rules.verified_status(made, sandbox.privacy_rule))


def receiving(request: PrivacyRequest, actor: Actor, identities: int, more: Sequence[Write] = ()) -> Step:
    """The step by which a request about so many identities comes into being."""
    detail: dict[str, object] = {"regulation": request.regulation, "identities": identities}
    if request.duplicate_of:
        detail["duplicateOf"] = request.duplicate_of
    claims = claim_store.claim(request), *external_ids.claim(request)
    return Step(None, rules.handled(request, actor.actor_id), "received", actor, detail, more=(*claims, *more))


def spend_unverified(sandbox_id: str, source: str, requests: int) -> None:
    """Count unverified requests of who brings them, a principal or an agent, against the day's.

    Raises TooManyRequests, and nothing is counted, when that many are not left.
    """
    quota = Quota("unverified-requests", "requests", UNVERIFIED_PER_DAY)
    detail = f"at most {UNVERIFIED_PER_DAY} unverified requests of one caller are taken a day (UTC); ask again tomorrow"
    pk = f"QUOTA#unverified/{sandbox_id}/{source}"
    quotas.spend_shown(quota, requests, detail, table_name=PRIVACY, pk=pk)


def keys_of(sandbox: Sandbox, identities: Iterable[SubjectIdentity], pointer: str) -> dict[Key, int]:
    """The identities' keys with their namespaces' codes; Refused, with pointers below `pointer`, where one is none."""
    found: dict[Key, int] = {}
    errors = []
    for index, identity in enumerate(identities):
        try:
            code, value = given.canonical(identity, sandbox.phone_region, sandbox.own_namespaces)
            found[key(identity_secret(), code, value)] = code
        except UnknownNamespaceError as error:
            errors.append({"pointer": f"{pointer}/{index}/namespace", "message": str(error)})
        except Rejected as error:
            errors.append({"pointer": f"{pointer}/{index}/value", "message": error.reason})
    if errors:
        raise Refused("some identities cannot be read; see errors", reason="validation", errors=errors)
    return found


def subject_of(sandbox: Sandbox, identities: Sequence[SubjectIdentity], pointer: str) -> Subject:
    """Whom a request is about, as the caller has named the person: identities, and ids of a source's own.

    Refused, with pointers below `pointer`, where one is none.
    """
    named, profile_ids, errors = list[SubjectIdentity](), set[str](), []
    for index, identity in enumerate(identities):
        try:
            if given.is_own_id(identity):
                profile_ids.add(given.own_id(identity, identity_secret()))
            else:
                given.canonical(identity, sandbox.phone_region, sandbox.own_namespaces)
                named.append(identity)
        except UnknownNamespaceError as error:
            errors.append({"pointer": f"{pointer}/{index}/namespace", "message": str(error)})
        except Rejected as error:
            errors.append({"pointer": f"{pointer}/{index}/value", "message": error.reason})
    if errors:
        raise Refused("some identities cannot be read; see errors", reason="validation", errors=errors)
    keys = keys_of(sandbox, named, pointer)
    return Subject(keys, frozenset(profile_ids), values_of(sandbox, named), clear_of(sandbox, named))


def has_sender() -> bool:
    """Whether the deployment sends mail to people."""
    return setting("MESSAGE_SENDER") != NO_SENDER


def has_way(sandbox_id: str) -> bool:
    """Whether people are written to about the sandbox's requests: by its own message system, or by mail."""
    return has_sender() or message_webhook_store.get(sandbox_id) is not None


def contact_of(
    sandbox: Sandbox, body: ContactBody, subject: Subject, code: str | None, *, is_written_to: bool | None = None
) -> Contact:
    """Where the person is written to, with the code to be sent there; what it proves is all that the subject names.

    `is_written_to` is what `has_way` says, None where that is not known. Raises Refused for what is no such address,
    and where nothing sends messages.
    """
    pointer = "/contact/email"
    if not (has_way(sandbox.sandbox_id) if is_written_to is None else is_written_to):
        problem = (
            "nothing sends messages to people here: the sandbox has no message webhook, and the deployment no"
            " MessageSender; leave contact out"
        )
        raise Refused(problem, reason="no_sender", pointer="/contact")
    identity = SubjectIdentity(namespace="email", value=body.email)
    try:
        name = key(identity_secret(), *given.canonical(identity, sandbox.phone_region, sandbox.own_namespaces))
    except Rejected as error:
        raise Refused(f"it is no address to write to ({error.reason})", reason="contact", pointer=pointer) from error
    texts = given.clear_texts(identity, sandbox.phone_region, sandbox.own_namespaces)
    if not texts or not texts[0].isascii():
        problem = "it is no address to write to: give the address itself, of ASCII letters before the @"
        raise Refused(problem, reason="contact", pointer=pointer)
    if code and (subject.identities.keys() != {name} or subject.profile_ids):
        problem = (
            "the code proves the address that it is sent to, and nothing else: name that address alone in"
            " subject.identities, or say verified where you have made sure of the person"
        )
        raise Refused(problem, reason="contact_not_of_subject", pointer=pointer)
    return Contact(texts[0], body.language, code)


def values_of(sandbox: Sandbox, identities: Iterable[SubjectIdentity]) -> dict[Key, bytes]:
    """The canonical values of identities that `keys_of` has read, which systems outside have to know."""
    read = [given.canonical(identity, sandbox.phone_region, sandbox.own_namespaces) for identity in identities]
    return {key(identity_secret(), code, value): value for code, value in read}


def clear_of(sandbox: Sandbox, identities: Iterable[SubjectIdentity]) -> dict[Key, tuple[str, ...]]:
    """The texts of identities that `keys_of` has read, before they were hashed, by which systems outside are asked."""
    region, own = sandbox.phone_region, sandbox.own_namespaces
    found = {
        key(identity_secret(), *given.canonical(identity, region, own)): given.clear_texts(identity, region, own)
        for identity in identities
    }
    return {name: texts for name, texts in found.items() if texts}


def by_namespace(identities: Mapping[Key, int]) -> dict[str, int]:
    """How many identities there are of each namespace."""
    return {namespace_of(code).symbol: count for code, count in sorted(Counter(identities.values()).items())}


def calendar_of(sandbox: Sandbox) -> deadlines.Calendar:
    return deadlines.Calendar(sandbox.time_zone, frozenset(map(date.fromisoformat, sandbox.holidays)))
