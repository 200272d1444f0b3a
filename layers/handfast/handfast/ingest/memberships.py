"""Streamed memberships and consents (docs/api.md, Segments and members)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from handfast.governance import consent
from handfast.identity import drop, profile_ids
from handfast.identity.keys import Key, key
from handfast.identity.namespaces import (
    BLANKS,
    Namespace,
    Reading,
    Rejected,
    UnknownNamespaceError,
    is_digest,
    namespace,
)
from handfast.identity.renderings import FORMS, forms_of
from handfast.ingest import streamed_people
from handfast.ingest.models import (
    ChangeConsents,
    ChangeMemberships,
    ChangesAccepted,
    ConsentChange,
    MembershipChange,
    RawIdentity,
    RejectedChange,
)
from handfast.ingest.streamed_people import Statement
from handfast.journal import hourly
from handfast.journal.models import Actor, Caller, Event
from handfast.lake import suppressions
from handfast.platform import clock
from handfast.platform.secret import identity_secret
from handfast.segments import store


def change_memberships(caller: Caller, body: ChangeMemberships) -> ChangesAccepted:
    """Take changes one by one: what can be read is on its way, what cannot comes back with its reason."""
    known = {
        segment_id
        for segment_id in dict.fromkeys(change.segment_id for change in body.changes)
        if (found := store.segment(caller.sandbox_id, segment_id)) and found.expression is None
    }
    now = clock.now_text()
    forms = forms_of(body.renderings)
    readings = [partial(_membership, change, known, caller, now, forms) for change in body.changes]
    return _take(caller, "membership.changed", readings)


def change_consents(caller: Caller, body: ChangeConsents) -> ChangesAccepted:
    """Take consent answers one by one: what can be read is on its way, what cannot comes back with its reason."""
    now = clock.now_text()
    forms = forms_of(body.renderings)
    return _take(caller, "consent.changed", [partial(_consent, change, caller, now, forms) for change in body.changes])


def _take(caller: Caller, event_type: str, readings: Sequence[Callable[[], Statement]]) -> ChangesAccepted:
    """Publish the statements that can be read and that speak of nobody who was erased."""
    read: dict[int, Statement] = {}
    rejected: dict[int, str] = {}
    for index, reading in enumerate(readings):
        try:
            read[index] = reading()
        except Rejected as error:
            rejected[index] = error.reason
    keys = {index: _known_by(statement) for index, statement in read.items()}
    found = suppressions.find(caller.sandbox_id, [key for known in keys.values() for key in known])
    erased = {key for key, reason in found.items() if reason == "erasure"}
    rejected |= {index: "suppressed" for index, known in keys.items() if not erased.isdisjoint(known)}
    accepted = [statement for index, statement in read.items() if index not in rejected]
    # Consents act in the order in which they were given; what is streamed is all of the same time.
    accepted.sort(key=lambda statement: statement.at)
    if accepted:
        streamed_people.publish(caller.sandbox_id, accepted)
        taken = Event(caller.sandbox_id, event_type, Actor.of(caller), caller.sandbox_id, {})
        hourly.count([taken], identities=len(accepted))
    refusals = [RejectedChange(index=index, reason=reason) for index, reason in sorted(rejected.items())]
    return ChangesAccepted(accepted=len(accepted), rejected=refusals)


def _known_by(statement: Statement) -> list[Key]:
    """The keys by which the identity of a statement may be suppressed: its own, and the one by which DROP lists it."""
    if statement.identity is None:
        return []
    hi, lo, code, value = statement.identity
    listed = drop.listed_key(identity_secret(), code, value)
    return [(hi, lo), *([listed] if listed else []), *([statement.last_ten] if statement.last_ten else [])]


def _last_ten(kind: Namespace, raw: RawIdentity, caller: Caller) -> Key | None:
    """The key of the last ten digits of a number that came raw, for a sandbox with a phone index."""
    if not (kind.regional and caller.on.phone_index) or is_digest(raw.value):
        return None
    reading = Reading(caller.on.phone_region)
    return drop.phone_key(identity_secret(), kind.canonical(raw.value.strip(BLANKS), reading))


def _rendered(kind: Namespace, raw: RawIdentity, caller: Caller, forms: Sequence[str]) -> Mapping[str, bytes]:
    """The digests of a value that came raw, by the forms of its namespace that there is one of."""
    wanted = [FORMS[name] for name in forms if FORMS[name].namespace == kind.code]
    if not wanted or is_digest(raw.value):
        return {}
    canonical = kind.canonical(raw.value.strip(BLANKS), Reading(caller.on.phone_region))
    digests = {form.name: form.value(canonical) for form in wanted}
    return {name: digest for name, digest in digests.items() if digest is not None}


def _membership(change: MembershipChange, known: set[str], caller: Caller, now: str, forms: Sequence[str]) -> Statement:
    kind = _namespace(change.identity, caller)
    if change.segment_id not in known:
        raise Rejected("unknown_segment")
    answer = _answer(change.share)
    identity = _identity(kind, change.identity, caller)
    realized = change.status == "realized"
    return Statement(
        clock.from_text(now),
        identity,
        _profile_id(change.profile_id),
        answer,
        change.segment_id,
        realized,
        _last_ten(kind, change.identity, caller),
        _rendered(kind, change.identity, caller, forms),
    )


def _consent(change: ConsentChange, caller: Caller, now: str, forms: Sequence[str]) -> Statement:
    if change.identity is None and change.profile_id is None:
        raise Rejected("no_identity")
    at = clock.from_text(now)
    if change.at and change.at > at + consent.CLOCK_SKEW:
        raise Rejected("in_the_future")
    at = min(at, change.at) if change.at else at
    answer = _answer(change.share)
    statement = Statement(at, None, _profile_id(change.profile_id), answer)
    if (raw := change.identity) is None:
        return statement
    kind = _namespace(raw, caller)
    return replace(
        statement,
        identity=_identity(kind, raw, caller),
        last_ten=_last_ten(kind, raw, caller),
        rendered=_rendered(kind, raw, caller, forms),
    )


def _answer(share: str | None) -> str | None:
    try:
        return consent.share_answer(share)
    except consent.UnknownAnswerError:
        raise Rejected("unknown_share") from None


def _namespace(raw: RawIdentity, caller: Caller) -> Namespace:
    try:
        return namespace(raw.namespace, caller.on.own_namespaces)
    except UnknownNamespaceError:
        raise Rejected("unknown_namespace") from None


def _identity(kind: Namespace, raw: RawIdentity, caller: Caller) -> tuple[int, int, int, bytes]:
    value = kind.normalise(raw.value, phone_region=caller.on.phone_region)
    return (*key(identity_secret(), kind.code, value), kind.code, value)


def _profile_id(text: str | None) -> str | None:
    return profile_ids.kept(text, identity_secret()) if text else None
