"""What of an activation is asked for, checked: segments, identities and attributes, each with what is wrong of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from handfast.destinations import registry, rules, store
from handfast.destinations.contract import Card
from handfast.destinations.models import SEGMENTS_EVER, ActivatedSegment, Activation, Destination, MappedIdentity
from handfast.destinations.wire import AttributeToMap, IdentityToMap, SegmentToActivate
from handfast.feeds import received_segments
from handfast.feeds.received_segments import Parts
from handfast.governance import store as governance
from handfast.governance.policies import Violation
from handfast.identity.namespaces import UnknownNamespaceError, namespace
from handfast.journal.models import Caller
from handfast.platform.problems import Refused
from handfast.segments import labelled

type _Errors = list[tuple[str, str]]
"""Pointers, each with what is wrong there."""


def _refuse(errors: _Errors, reason: str = "validation") -> None:
    if errors:
        entries = [{"pointer": pointer, "message": message} for pointer, message in errors]
        raise Refused(f"{errors[0][1]}; see errors", reason=reason, errors=entries)


def identities(
    caller: Caller, of: Destination, asked: Sequence[IdentityToMap], before: Sequence[MappedIdentity] = ()
) -> tuple[MappedIdentity, ...]:
    """The namespaces with their target identities, in place of those before.

    Raises Refused with a pointer to each that cannot be mapped so.
    """
    forms = {each.code: each.form for each in before}
    card = registry.destination_type(of.type).card
    errors: _Errors = []
    found: dict[int, MappedIdentity] = {}
    for index, each in enumerate(asked):
        try:
            source = namespace(each.source, caller.on.own_namespaces)
        except UnknownNamespaceError as unknown:
            errors.append((f"/mapping/{index}/source", str(unknown)))
            continue
        target = rules.target_of(card, each.target)
        if target is None:
            known = ", ".join(identity.name for identity in card.identities)
            errors.append((f"/mapping/{index}/target", f"no such target identity; use one of {known}"))
        elif why := rules.why_not_mapped(source, target, apply_transformation=each.apply_transformation):
            errors.append((f"/mapping/{index}", why))
        elif source.code in found:
            errors.append((f"/mapping/{index}/source", f"{source.symbol} is mapped twice"))
        elif forms.get(source.code, form := rules.form_of(target, source)) != form:
            why = f"{source.symbol} is given in another form: delete the activation, and make another"
            errors.append((f"/mapping/{index}/target", why))
        else:
            name = each.target if target.name == "*" else target.name
            found[source.code] = MappedIdentity(source.code, name, each.apply_transformation, form)
    _refuse(errors)
    return tuple(found.values())


def attributes(of: Destination, asked: Sequence[AttributeToMap]) -> dict[str, str]:
    """The attributes with their paths. Raises Refused with a pointer to each that cannot be mapped so."""
    takes = registry.destination_type(of.type).card.attributes
    errors: _Errors = []
    found: dict[str, str] = {}
    for index, each in enumerate(asked):
        if not takes:
            errors.append((f"/attributes/{index}", "destinations of this type take no attributes"))
        elif each.source in found:
            errors.append((f"/attributes/{index}/source", "the attribute is mapped twice"))
        elif why := rules.why_no_path(each.target, found.values()):
            errors.append((f"/attributes/{index}/target", why))
        else:
            found[each.source] = each.target
    _refuse(errors)
    return found


def segments(
    of: Destination, asked: Sequence[SegmentToActivate], now: str, old: Activation | None = None
) -> tuple[ActivatedSegment, ...]:
    """The segments as they become activated, with those that `old` had and are taken out.

    Raises Refused with a pointer to each that the sandbox neither has nor receives now, or that is activated to the
    destination already, and to each name that it cannot have there.
    """
    others = _others(of, old)
    taken = {each.segment_id for each in others}
    usable = received_segments.usable(of.sandbox_id, [each.segment_id for each in asked])
    before = {each.segment_id: each for each in (old.segments if old else ())}
    errors: _Errors = []
    seen: dict[str, ActivatedSegment] = {}
    for index, each in enumerate(asked):
        why = _why_not(each, usable, seen, taken)
        if why:
            errors.append((f"/segments/{index}/segmentId", why))
        else:
            name = usable[each.segment_id].received_name
            seen[each.segment_id] = replace(_activated(each, before.get(each.segment_id), now), received_name=name)
    _refuse(errors)
    _refuse_names(registry.destination_type(of.type).card, asked, before, others)
    gone = {name: _removed(each, now) for name, each in before.items() if name not in seen}
    if len(seen) + len(gone) > SEGMENTS_EVER:
        detail = f"an activation has had at most {SEGMENTS_EVER} segments; make another, and delete this one"
        raise Refused(detail, reason="validation", pointer="/segments")
    return (*seen.values(), *gone.values())


def _others(of: Destination, old: Activation | None) -> list[ActivatedSegment]:
    """What other activations of a destination have, or have had: one place says who is in a segment."""
    return [
        segment
        for each in store.activations(of.sandbox_id, of.destination_id)
        if old is None or each.activation_id != old.activation_id
        for segment in each.segments
    ]


def _why_not(
    asked: SegmentToActivate, usable: Mapping[str, Parts], seen: Mapping[str, object], taken: set[str]
) -> str | None:
    if asked.segment_id in seen:
        return "the segment is named twice"
    if asked.segment_id in taken:
        return "another activation of this destination has or had the segment; take it up there, or delete that one"
    found = usable.get(asked.segment_id)
    if found is None:
        return "no such segment, neither of your own nor received now"
    return f"it is composed of {found.lost[0]}, which is not received any more" if found.lost else None


def _refuse_names(
    card: Card,
    asked: Sequence[SegmentToActivate],
    before: Mapping[str, ActivatedSegment],
    others: Sequence[ActivatedSegment],
) -> None:
    """Two segments under one name would overwrite each other at the destination, those that are leaving it too."""
    named = {each.mapping_id or each.segment_id: each.segment_id for each in (*before.values(), *others)}
    errors: _Errors = []
    for index, each in enumerate(asked):
        name, old = each.mapping_id or each.segment_id, before.get(each.segment_id)
        if card.mapping_id is not None and each.mapping_id is None:
            why = f"name what the segment is there: {card.mapping_id}"
        elif card.mapping_id is not None and old is not None and old.mapping_id != each.mapping_id:
            why = f"its members are in {old.mapping_id}: delete the activation, and make another"
        elif named.setdefault(name, each.segment_id) != each.segment_id:
            why = "another segment has or had this mappingId"
        else:
            continue
        errors.append((f"/segments/{index}/mappingId", why))
    _refuse(errors)


def _activated(asked: SegmentToActivate, old: ActivatedSegment | None, now: str) -> ActivatedSegment:
    wanted = (asked.mapping_id, asked.start_date, asked.end_date)
    if old and old.removed_at is None and wanted == (old.mapping_id, old.start_date, old.end_date):
        return old
    return ActivatedSegment(asked.segment_id, *wanted, mapped_at=old.mapped_at if old else now, changed_at=now)


def _removed(each: ActivatedSegment, now: str) -> ActivatedSegment:
    if each.removed_at is not None:
        return each
    return replace(each, changed_at=now, removed_at=now)


def violations(of: Destination, usable: Mapping[str, Parts], actions: Sequence[str]) -> dict[str, list[Violation]]:
    """What forbids giving each of some segments to a destination that does this with data: policies, and terms."""
    rulebook = governance.rulebook(of.sandbox_id)
    return {name: labelled.forbidden(each.segment, rulebook, actions, each.terms) for name, each in usable.items()}
