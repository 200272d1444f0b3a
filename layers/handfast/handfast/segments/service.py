"""The catalogue of segments, uploads and streamed memberships (docs/api.md, Segments and members)."""

from collections.abc import Mapping
from dataclasses import replace

from handfast.dataflows import outbox
from handfast.dataflows import runs as dataflows_runs
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Run
from handfast.identity.namespaces import namespace_of
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.lake import people_counts
from handfast.lake.people_counts import PeopleCount
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.optimistic import Versions, check_version, lost_condition_is, stale
from handfast.platform.problems import Conflict, NotFound, Problem
from handfast.platform.table import ConditionFailed
from handfast.segments import store
from handfast.segments.models import Counts, CreateSegment, PatchSegment, Segment, SegmentView

# Segments


def create(caller: Caller, body: CreateSegment) -> SegmentView:
    """A new segment; Conflict when another one has the external id."""
    now = clock.now_text()
    new = Segment(
        sandbox_id=caller.sandbox_id,
        segment_id=new_id("seg"),
        name=body.name,
        description=body.description,
        external_id=body.external_id,
        labels=tuple(body.labels),
        created_at=now,
        updated_at=now,
    )
    detail = {"name": new.name, "externalId": new.external_id, "labels": list(new.labels)}
    event = Event(caller.sandbox_id, "segment.created", Actor.of(caller), new.segment_id, detail)
    with lost_condition_is(_external_id_taken):
        commit(store.create(new), [event])
    return view(new)


def _external_id_taken(failed: ConditionFailed) -> Conflict:
    holder = failed.item["segmentId"] if failed.item else None
    return Conflict(
        "another segment has this externalId", pointer="/externalId", current="external_id_taken", segmentId=holder
    )


def _own(caller: Caller, segment_id: str) -> Segment:
    own = store.segment(caller.sandbox_id, segment_id)
    if own is None:
        raise NotFound("no such segment of this sandbox's own")
    return own


def update(caller: Caller, segment_id: str, body: PatchSegment, if_match: Versions) -> SegmentView:
    """Change a segment; Stale when it is no longer the version in If-Match.

    Labels decide what may be shared, so every dataflow that carries the segment is reconciled again.

    Raises NotFound for an unknown segment, Stale when it is no longer the version in If-Match, Conflict when another
    segment has the external id or it is changed at the same time.
    """
    old = _own(caller, segment_id)
    check_version(if_match, old.version, "segment")
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    if not changes:
        return view(old)
    if "labels" in changes:
        changes["labels"] = tuple(changes["labels"])
    new = replace(old, **changes, version=old.version + 1, updated_at=clock.now_text())
    detail = {"name": new.name, "changed": sorted(body.model_fields_set), "labels": list(new.labels)}
    event = Event(caller.sandbox_id, "segment.updated", Actor.of(caller), segment_id, detail)
    runs = _runs(caller.sandbox_id, segment_id) if "labels" in changes else []
    with lost_condition_is(lambda failed: _not_updated(failed, if_match)):
        outbox.commit(store.replace(old, new), [event], runs)
    return view(new)


def _not_updated(failed: ConditionFailed, if_match: Versions) -> Problem:
    if failed.write > 0:
        return _external_id_taken(failed)
    return _changed(failed, if_match)


def _changed(failed: ConditionFailed, if_match: Versions) -> Problem:
    if failed.item is None:
        return NotFound("no such segment")
    if if_match is not None:
        return stale("segment")
    return Conflict("the segment was changed at the same time; try again", current="changed")


def _runs(sandbox_id: str, segment_id: str) -> list[Run]:
    return [
        dataflows_runs.new_run(dataflow.dataflow_id, "segment.updated")
        for dataflow in dataflows.dataflows_touching(sandbox_id, [segment_id])
        if dataflow.source.is_sandbox(sandbox_id)
    ]


def delete(caller: Caller, segment_id: str, if_match: Versions) -> None:
    """Delete a segment and its memberships; Conflict while a feed uses it.

    Raises NotFound for an unknown segment, Stale when it is no longer the version in If-Match, Conflict while a feed
    uses it or when it is changed at the same time.
    """
    old = _own(caller, segment_id)
    check_version(if_match, old.version, "segment")
    event = Event(caller.sandbox_id, "segment.deleted", Actor.of(caller), segment_id, {"name": old.name})
    with lost_condition_is(lambda failed: _not_deleted(failed, if_match)):
        commit(store.delete(old), [event])
    store.delete_memberships(caller.sandbox_id, segment_id)


def _not_deleted(failed: ConditionFailed, if_match: Versions) -> Problem:
    users = sorted(failed.item.get("feeds", ())) if failed.item else []
    if not users:
        return _changed(failed, if_match)
    detail = "feeds use the segment; delete them, or take it out of them, first"
    return Conflict(detail, current="in_use", feedIds=users)


def counted(own: Segment) -> Segment:
    """The segment with its people counted anew, where its members or the profiles have changed since they were."""
    known = None
    if own.people is not None and own.people_of is not None:
        known = PeopleCount(own.people, own.people_of)
    found = people_counts.members(own.sandbox_id, own.segment_id, known) if own.identities else None
    if found in (None, known):
        return own
    now = clock.now_text()
    store.note_people(own.sandbox_id, own.segment_id, found, now)
    return replace(own, people=found.people, people_of=found.of, people_at=now)


def counts(by_code: Mapping[int, int], people: int | None, as_of: str | None) -> Counts:
    """Members by namespace code, and how many people they are; nobody is no people."""
    by_namespace = {namespace_of(code).symbol: count for code, count in sorted(by_code.items())}
    identities = sum(by_code.values())
    if not identities:
        people, as_of = 0, None
    return Counts(identities=identities, by_namespace=by_namespace, people=people, people_as_of=as_of)


def view(own: Segment) -> SegmentView:
    return SegmentView(
        segment_id=own.segment_id,
        name=own.name,
        description=own.description,
        external_id=own.external_id,
        origin="own",
        labels=list(own.labels),
        counts=counts(own.by_namespace, own.people, own.people_at),
        updated_at=own.updated_at,
        version=own.version,
    )


# Uploads


# Streamed memberships
