"""Streamed memberships (docs/api.md, Segments and members)."""

from handfast.governance import consent
from handfast.identity import profile_ids
from handfast.identity.keys import key
from handfast.identity.namespaces import Rejected, UnknownNamespaceError, namespace
from handfast.ingest.models import ChangeMemberships, ChangesAccepted, MembershipChange, RejectedChange
from handfast.journal.models import Caller
from handfast.lake import buckets, change_log, suppressions
from handfast.lake.streaming import StreamChange
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.secret import identity_secret
from handfast.segments import store


def change_memberships(caller: Caller, body: ChangeMemberships) -> ChangesAccepted:
    """Take changes one by one: what can be read is on its way, what cannot comes back with its reason."""
    known = {
        segment_id
        for segment_id in dict.fromkeys(change.segment_id for change in body.changes)
        if store.segment(caller.sandbox_id, segment_id)
    }
    read: dict[int, StreamChange] = {}
    rejected: list[RejectedChange] = []
    for index, change in enumerate(body.changes):
        try:
            read[index] = _stream_change(change, known, caller.on.phone_region)
        except Rejected as error:
            rejected.append(RejectedChange(index=index, reason=error.reason))
    suppressed = suppressions.find(caller.sandbox_id, [(change.hi, change.lo) for change in read.values()])
    erased = {key for key, reason in suppressed.items() if reason == "erasure"}
    accepted = [change for change in read.values() if (change.hi, change.lo) not in erased]
    rejected += [
        RejectedChange(index=index, reason="suppressed")
        for index, change in read.items()
        if (change.hi, change.lo) in erased
    ]
    rejected.sort(key=lambda rejection: rejection.index)
    if accepted:
        spans = buckets.by_span(accepted, lambda change: change.hi)
        change_log.publish_stream(caller.sandbox_id, new_id("chg"), clock.now(), spans)
    return ChangesAccepted(accepted=len(accepted), rejected=rejected)


def _stream_change(change: MembershipChange, known: set[str], phone_region: str | None) -> StreamChange:
    try:
        kind = namespace(change.identity.namespace)
    except UnknownNamespaceError:
        raise Rejected("unknown_namespace") from None
    if change.segment_id not in known:
        raise Rejected("unknown_segment")
    try:
        share = consent.share_answer(change.share)
    except consent.UnknownAnswerError:
        raise Rejected("unknown_share") from None
    value = kind.normalise(change.identity.value, phone_region=phone_region)
    hi, lo = key(identity_secret(), kind.code, value)
    realized = change.status == "realized"
    profile_id = profile_ids.kept(change.profile_id, identity_secret()) if change.profile_id else None
    return StreamChange(hi, lo, kind.code, value, profile_id, share, change.segment_id, realized)
