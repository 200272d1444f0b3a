"""The members of what a sandbox receives, read live (reading ends with the connection or the feed), and of its own
segments. Every reading leaves a trace in the log, and in that of the partner whose members they are.
"""

from handfast.dataflows import versions as ledger_versions
from handfast.feeds import catalogue, composed_members, member_reader, readable, received_segments
from handfast.feeds.models import ExportMembers, ExportSegment, MemberExport, MemberList, ReceivedFeed
from handfast.governance import store as governance
from handfast.governance.policies import Violation, resolutions
from handfast.journal import hourly
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.partners import other_side
from handfast.platform.problems import Conflict, NotFound, Refused
from handfast.segments import labelled
from handfast.segments import store as segments
from handfast.segments.models import Segment, ViolationView


def members(
    caller: Caller, received_feed_id: str, segment_id: str | None, limit: int, cursor: str | None
) -> MemberList:
    """A page of the identities received, in the order of their keys; Conflict when reading has ended.

    Raises NotFound for an unknown received feed or segment, Conflict when reading has ended, Malformed for a cursor
    of another list.
    """
    received, names = readable.load(caller.sandbox_id, received_feed_id, segment_id)
    at, run_id = ledger_versions.as_of(received.dataflow_id or "")  # before its members are read
    page = member_reader.members_page(_disclosed(received), names, limit, cursor, names)
    record_read(caller, received, segment_id, len(page.items))
    return page.model_copy(update={"as_of": at, "run_id": run_id})


def record_read(caller: Caller, received: ReceivedFeed, segment_id: str | None, identities: int, **detail: str) -> None:
    """Count a reading of received members in the log, and in that of the partner whose members they are."""
    read = _event(caller, "members.read", received.received_feed_id, segmentId=segment_id, **detail)
    hourly.count([read, _told(caller, "members.read", received)], identities=identities)


def export(caller: Caller, received_feed_id: str, body: ExportMembers) -> MemberExport:
    """All identities received, as one file behind a short-lived link.

    Raises NotFound for an unknown received feed or segment, Conflict when reading has ended, Refused with `violations`
    when a policy forbids to export what is received.
    """
    received, names = readable.load(caller.sandbox_id, received_feed_id, body.segment_id)
    _refuse(readable.forbidden(caller.sandbox_id))
    at, run_id = ledger_versions.as_of(received.dataflow_id or "")
    exported = member_reader.export_file(
        _disclosed(received),
        list(names),
        body.format,
        sandbox_id=caller.sandbox_id,
        name=received_feed_id,
        as_of=at,
        run_id=run_id,
    )
    _record_export(caller, received_feed_id, exported, segment_id=body.segment_id)
    # Summed, so that who exports again and again does not hold up the partner's log.
    hourly.count([_told(caller, "members.exported", received)], identities=exported.members)
    return exported


def _disclosed(received: ReceivedFeed) -> member_reader.Holdings:
    assert received.dataflow_id is not None  # noqa: S101 - what is readable has one
    return member_reader.disclosed(received.dataflow_id)


def own_members(caller: Caller, segment_id: str, limit: int, cursor: str | None) -> MemberList:
    """A page of the members of an own segment, in the order of their keys.

    Raises NotFound for an unknown segment, Conflict for one that is received, Malformed for a cursor of another list.
    """
    own = _load_own(caller, segment_id)
    holdings, told = _holdings(own)
    page = member_reader.members_page(holdings, [segment_id], limit, cursor, {segment_id: own.name})
    read = [_event(caller, "members.read", segment_id), *(_told(caller, "members.read", feed) for feed in told)]
    hourly.count(read, identities=len(page.items))
    return page


def export_own(caller: Caller, segment_id: str, body: ExportSegment) -> MemberExport:
    """All members of an own segment, as one file behind a short-lived link.

    Raises NotFound for an unknown segment, Conflict for one that is received, Refused with `violations` when a policy
    forbids to export it.
    """
    own = _load_own(caller, segment_id)
    _refuse(labelled.forbidden(own, governance.rulebook(caller.sandbox_id), readable.EXPORTING))
    holdings, told = _holdings(own)
    exported = member_reader.export_file(
        holdings, [segment_id], body.format, sandbox_id=caller.sandbox_id, name=segment_id
    )
    _record_export(caller, segment_id, exported)
    hourly.count([_told(caller, "members.exported", feed) for feed in told], identities=exported.members)
    return exported


def _refuse(found: list[Violation]) -> None:
    if found:
        first = found[0]
        raise Refused(
            f"{first.policy_name} forbids to export data with the label {first.label}",
            reason="policy_violation",
            violations=[ViolationView.of(each).model_dump(by_alias=True) for each in found],
            resolve=resolutions(found, leave=None),
        )


def _load_own(caller: Caller, segment_id: str) -> Segment:
    own = segments.segment(caller.sandbox_id, segment_id)
    if own is None:
        raise _not_own(caller, segment_id)
    return own


def _holdings(own: Segment) -> tuple[member_reader.Holdings, list[ReceivedFeed]]:
    """What an own segment's members are read from, and the feeds that a composed one reads."""
    if own.expression is None:
        return member_reader.own(own.sandbox_id, own.segment_id), []
    parts = received_segments.parts(own)
    return composed_members.holdings(parts), parts.feeds


def _not_own(caller: Caller, segment_id: str) -> Conflict | NotFound:
    """The problem of a segment that is not one's own. Raises NotFound for one that is not received either."""
    segment = catalogue.get(caller, segment_id)
    if segment.origin == "received":
        detail = f"the segment is received: ask for the members of {segment.received_feed_id}, with this segmentId"
        return Conflict(detail, current="received", receivedFeedId=segment.received_feed_id)
    return NotFound("no such segment")


def _event(caller: Caller, event_type: str, subject: str, **detail: str | int | None) -> Event:
    said = {name: value for name, value in detail.items() if value is not None}
    return Event(caller.sandbox_id, event_type, Actor.of(caller), subject, said)


def _told(caller: Caller, event_type: str, received: ReceivedFeed) -> Event:
    """What the partner is told of a reading of what it shares."""
    detail = {"name": received.feed_name, "dataflowId": received.dataflow_id}
    return other_side.event(received.partner, event_type, caller.on, received.feed_id, detail)


def _record_export(caller: Caller, subject: str, exported: MemberExport, segment_id: str | None = None) -> None:
    """Before the link is given, so that nobody has one without a record."""
    detail = {"identities": exported.members, "format": exported.format, "segmentId": segment_id}
    commit([], [_event(caller, "members.exported", subject, **detail)])
