"""The catalogue of segments (docs/api.md, Segments and members)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from handfast.governance import store as governance
from handfast.governance.labels import in_order
from handfast.governance.models import Rulebook
from handfast.identity.namespaces import namespace_of
from handfast.journal.models import Actor, Caller, Event, Sandbox
from handfast.journal.store import commit
from handfast.lake import people_counts
from handfast.lake.people_counts import PeopleCount
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.optimistic import Versions, check_version, lost_condition_is, stale, until_written
from handfast.platform.problems import Conflict, NotFound, Problem, Refused
from handfast.platform.table import ConditionFailed
from handfast.platform.wire import escaped
from handfast.segments import composing, labelled, policy_effects, store
from handfast.segments.models import Counts, CreateSegment, PatchSegment, RulesPreview, Segment, SegmentView
from handfast.segments.policy_effects import Change

MAX_COMPOSED = 200


def create(caller: Caller, body: CreateSegment, receivable: Collection[str] = ()) -> SegmentView:
    """A new segment; `receivable` are the received segments that its expression may name.

    Raises Conflict when another one has the external id or there are as many composed ones as there may be, Refused
    for labels that the sandbox does not have and for an expression that says nothing, TooManyRequests when what
    governs the data changes too fast.
    """
    return until_written("segment", lambda: _create(caller, body, receivable))


def _create(caller: Caller, body: CreateSegment, receivable: Collection[str]) -> SegmentView:
    rules = governance.rulebook(caller.sandbox_id)
    check_labels(rules, body.labels, "/labels")
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
        expression=body.expression,
    )
    if new.expression is not None:
        if len(store.named_by_composed(caller.sandbox_id)) >= MAX_COMPOSED:
            raise Conflict(f"a sandbox has at most {MAX_COMPOSED} composed segments", current="too_many")
        new = composing.composed(new, receivable)
    detail = {"name": new.name, "externalId": new.external_id, "labels": list(new.labels)}
    detail |= {"expression": new.expression} if new.expression else {}
    event = Event(caller.sandbox_id, "segment.created", Actor.of(caller), new.segment_id, detail)
    creation = store.create(new)
    # A label or segment that is being deleted must not be found unused meanwhile.
    uses_others = new.expression is not None or not rules.labels.keys().isdisjoint(new.labels)
    custom = [governance.fence(caller.sandbox_id, rules)] if uses_others else []

    def taken(failed: ConditionFailed) -> Problem:
        if failed.write >= len(creation):
            raise failed  # to be tried again
        return _external_id_taken(failed)

    with lost_condition_is(taken):
        commit([*creation, *custom], [event])
    return view(new, rules)


def create_named(sandbox_id: str, segment_id: str, name: str, actor: Actor) -> bool:
    """Create a segment that is called by its external id; whether it is there, which it is not where another has that.

    Safe to repeat.
    """
    now = clock.now_text()
    new = Segment(
        sandbox_id=sandbox_id,
        segment_id=segment_id,
        name=name,
        description=None,
        external_id=name,
        labels=(),
        created_at=now,
        updated_at=now,
    )
    event = Event(sandbox_id, "segment.created", actor, segment_id, {"name": name, "externalId": name, "labels": []})
    try:
        commit(store.create(new), [event])
    except ConditionFailed:
        return store.segment(sandbox_id, segment_id) is not None
    return True


def check_labels(rules: Rulebook, labels: Sequence[str], pointer: str) -> None:
    """Raise Refused, which points at each, for labels that are neither core ones nor the sandbox's own."""
    unknown = set(rules.unknown(labels))
    if unknown:
        errors = [
            {"pointer": f"{pointer}/{index}", "message": f"no such label: {label}; define it first"}
            for index, label in enumerate(labels)
            if label in unknown
        ]
        raise Refused("some labels are unknown; see errors", reason="validation", errors=errors)


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


def update(
    caller: Caller, segment_id: str, body: PatchSegment, if_match: Versions, receivable: Collection[str] = ()
) -> SegmentView:
    """Change a segment. Labels decide what may be shared: dataflows that they stop, or no longer stop, follow at once.

    Raises NotFound for an unknown segment, Stale when it is no longer the version in If-Match, Conflict when another
    segment has the external id or it is changed at the same time, Refused for labels that the sandbox does not have and
    for an expression that says nothing, TooManyRequests when what governs the data changes too fast.
    """
    return until_written("segment", lambda: _update(caller, segment_id, body, if_match, receivable))


def _update(
    caller: Caller, segment_id: str, body: PatchSegment, if_match: Versions, receivable: Collection[str]
) -> SegmentView:
    change, event = _changed_segment(caller, segment_id, body, if_match, receivable)
    old, new = change.old[segment_id], change.new[segment_id]
    if new == old:
        return view(old, change.before)
    writes = store.replace(old, new)

    def lost(failed: ConditionFailed) -> Problem:
        if failed.write >= len(writes):
            raise failed  # to be tried again
        return _not_updated(failed, if_match)

    with lost_condition_is(lost):
        if _carries_others(old, new):
            policy_effects.commit(change, writes, [event], event.actor, caller.on)
        else:
            commit(writes, [event])
    return view(new, change.after)


def _carries_others(old: Segment, new: Segment) -> bool:
    governed = [(each.labels, each.column_labels, each.data_source_ids, each.expression) for each in (old, new)]
    return governed[0] != governed[1]


def preview_update(
    caller: Caller, segment_id: str, body: PatchSegment, if_match: Versions, receivable: Collection[str] = ()
) -> RulesPreview:
    """What a change of a segment would do to what is shared; refused as the change is.

    Raises NotFound, Stale and Refused as `update` does.
    """
    return policy_effects.preview(_changed_segment(caller, segment_id, body, if_match, receivable)[0])


def _changed_segment(
    caller: Caller, segment_id: str, body: PatchSegment, if_match: Versions, receivable: Collection[str]
) -> tuple[Change, Event]:
    """The segment as it is and as it is to be, and the record of that."""
    rules = governance.rulebook(caller.sandbox_id)
    old = _own(caller, segment_id)
    check_version(if_match, old.version, "segment")
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    if "labels" in changes:
        check_labels(rules, changes["labels"], "/labels")
        changes["labels"] = tuple(changes["labels"])
    if "column_labels" in changes:
        changes["column_labels"] = _column_labels(rules, old, changes["column_labels"])
    if changes:
        changes |= {"version": old.version + 1, "updated_at": clock.now_text()}
    new = replace(old, **changes)
    if new.expression != old.expression:
        new = _recomposed(old, new, receivable)
    detail = {"name": new.name, "changed": sorted(body.model_fields_set), "labels": list(new.labels)}
    detail |= {"expression": new.expression} if new.expression else {}
    event = Event(caller.sandbox_id, "segment.updated", Actor.of(caller), segment_id, detail)
    change = Change.of_segment(rules, old, new)
    if new.expression != old.expression:
        _check_dependents(change)
    return change, event


def _recomposed(old: Segment, new: Segment, receivable: Collection[str]) -> Segment:
    if old.expression is None:
        raise Refused("this segment has members of its own", reason="validation", pointer="/expression")
    return composing.composed(new, receivable)


def _check_dependents(change: Change) -> None:
    """Raise Refused when a segment would come to too much, or could not be shared any more that a feed has."""
    for each in change.new.values():
        composing.check_size(each)
        in_feed = any(user.startswith("feed_") for user in each.feeds)  # and not an activation alone
        why = composing.why_not_shared(each) if in_feed else None
        if why:
            raise Refused(f"a feed has {each.segment_id}, and {why}", reason="validation", pointer="/expression")


def _column_labels(rules: Rulebook, old: Segment, given: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    for column, labels in given.items():
        pointer = f"/columnLabels/{escaped(column)}"
        if column not in old.column_labels:
            raise Refused("no such labelled column feeds this segment", reason="validation", pointer=pointer)
        check_labels(rules, labels, pointer)
    merged = {**old.column_labels, **{column: tuple(labels) for column, labels in given.items()}}
    return {column: labels for column, labels in merged.items() if labels}


def inherit(
    sandbox: Sandbox,
    segment_ids: Iterable[str],
    column_labels: Mapping[str, Sequence[str]],
    data_source_id: str | None,
    actor: Actor,
) -> None:
    """Have segments carry the labels of columns that are about to feed them, and those of their data source.

    Labels only add up: what has come stays in the segment, whatever a later file says of its columns. Safe to repeat.

    Raises TooManyRequests when what governs the data changes too fast.
    """
    for segment_id in segment_ids:
        until_written("segment", partial(_inherit, sandbox, segment_id, column_labels, data_source_id, actor))


def _inherit(
    sandbox: Sandbox,
    segment_id: str,
    column_labels: Mapping[str, Sequence[str]],
    data_source_id: str | None,
    actor: Actor,
) -> None:
    rules = governance.rulebook(sandbox.sandbox_id)
    old = store.segment(sandbox.sandbox_id, segment_id)
    if old is None:
        return
    columns = dict(old.column_labels)
    for column, labels in column_labels.items():
        columns[column] = tuple(in_order([*columns.get(column, ()), *labels]))
    sources = tuple(sorted({*old.data_source_ids, *([data_source_id] if data_source_id else [])}))
    new = replace(old, column_labels=columns, data_source_ids=sources)
    if new == old:
        return
    new = replace(new, version=old.version + 1, updated_at=clock.now_text())
    inherited = [label for label in labelled.labels_of(new, rules) if label not in labelled.labels_of(old, rules)]
    detail = {"name": new.name, "changed": ["inherited_labels"], "labels": inherited}
    event = Event(sandbox.sandbox_id, "segment.updated", actor, segment_id, detail)
    policy_effects.commit(Change.of_segment(rules, old, new), store.replace(old, new), [event], actor, sandbox)


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


def delete(caller: Caller, segment_id: str, if_match: Versions) -> None:
    """Delete a segment and its memberships; Conflict while a feed uses it.

    Raises NotFound for an unknown segment, Stale when it is no longer the version in If-Match, Conflict while a feed
    uses it, another segment is composed of it, or when it is changed at the same time, TooManyRequests when what
    governs the data changes too fast.
    """
    until_written("segment", lambda: _delete(caller, segment_id, if_match))
    store.delete_memberships(caller.sandbox_id, segment_id)


def _delete(caller: Caller, segment_id: str, if_match: Versions) -> None:
    rules = governance.rulebook(caller.sandbox_id)
    old = _own(caller, segment_id)
    check_version(if_match, old.version, "segment")
    users = sorted(store.composed_of(caller.sandbox_id, [segment_id]))
    if users:
        detail = "other segments are composed of it; delete them, or change their expressions, first"
        names = store.names(caller.sandbox_id, users)
        shown = [{"segmentId": user, "name": names.get(user)} for user in users]
        raise Conflict(detail, current="in_use", segmentIds=users, segments=shown)
    event = Event(caller.sandbox_id, "segment.deleted", Actor.of(caller), segment_id, {"name": old.name})
    deletion = store.delete(old)

    def lost(failed: ConditionFailed) -> Problem:
        if failed.write >= len(deletion):
            raise failed  # to be tried again
        return _not_deleted(failed, if_match)

    with lost_condition_is(lost):
        # A segment that is being composed of this one must not find it any more.
        commit([*deletion, governance.fence(caller.sandbox_id, rules)], [event])


def _not_deleted(failed: ConditionFailed, if_match: Versions) -> Problem:
    users = sorted(failed.item.get("feeds", ())) if failed.item else []
    if not users:
        return _changed(failed, if_match)
    kinds = {"feedIds": "feed_", "activationIds": "act_"}
    by_kind = {name: [user for user in users if user.startswith(prefix)] for name, prefix in kinds.items()}
    named: dict[str, Any] = {name: ids for name, ids in by_kind.items() if ids}
    detail = "feeds or activations use the segment; delete them, or take it out of them, first"
    return Conflict(detail, current="in_use", **named)


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


def noted(own: Segment, by_namespace: Mapping[int, int], people: PeopleCount) -> Segment:
    """A composed segment with the numbers of its members, which are kept until it is counted anew."""
    now = clock.now_text()
    store.note_counts(own, by_namespace, people, now)
    return replace(
        own,
        identities=sum(by_namespace.values()),
        by_namespace=by_namespace,
        people=people.people,
        people_of=people.of,
        people_at=now,
    )


def counts(by_code: Mapping[int, int], people: int | None, as_of: str | None) -> Counts:
    """Members by namespace code, and how many people they are; nobody is no people."""
    by_namespace = {namespace_of(code).symbol: count for code, count in sorted(by_code.items())}
    identities = sum(by_code.values())
    if not identities:
        people, as_of = 0, None
    return Counts(identities=identities, by_namespace=by_namespace, people=people, people_as_of=as_of)


def _counts(own: Segment) -> Counts:
    if own.expression is None:
        return counts(own.by_namespace, own.people, own.people_at)
    found = counts(own.by_namespace, own.people, own.people_at)
    known = own.people_at is not None
    return found.model_copy(
        update={
            "identities": found.identities if known else None,
            "people": own.people,
            "people_as_of": own.people_at,
        }
    )


def view(own: Segment, rules: Rulebook) -> SegmentView:
    """A segment as it is answered."""
    return SegmentView(
        segment_id=own.segment_id,
        name=own.name,
        description=own.description,
        external_id=own.external_id,
        origin="own",
        labels=list(own.labels),
        inherited_labels=labelled.inherited_views(own, rules),
        expression=own.expression,
        counts=_counts(own),
        updated_at=own.updated_at,
        version=own.version,
    )
