"""What an activation, or a change of one or of its destination, would do: who would be given, join and leave."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from handfast.dataflows.models import PopulationPeople, named
from handfast.destinations import accounts, activating, mapping, naming, registry, service, store, target
from handfast.destinations.contract import Pair
from handfast.destinations.models import Activation, Checked, Destination, MappedIdentity
from handfast.destinations.rules import transformed
from handfast.destinations.wire import (
    ActivationChangePreview,
    ActivationCounts,
    ActivationPreview,
    AffectedActivation,
    CreateActivation,
    DestinationPreview,
    ExcludedCounts,
    PatchActivation,
    PatchDestination,
    SegmentChanges,
)
from handfast.feeds import received_segments
from handfast.identity.namespaces import namespace_of
from handfast.journal import hourly
from handfast.journal.models import Actor, Caller, Event
from handfast.matching.models import RunPreview
from handfast.platform import clock
from handfast.platform.optimistic import Versions
from handfast.platform.problems import Refused
from handfast.segments.models import StoppedSegment, ViolationView

_PEOPLE = 2
"""People who do not exist, of whom a sample is made."""


def preview(caller: Caller, destination_id: str, body: CreateActivation) -> ActivationPreview:
    """What an activation would do; refused as it is.

    Raises NotFound, Forbidden, Conflict and Refused as `activating.create` does.
    """
    from handfast.matching import run_preview  # noqa: PLC0415 - DuckDB is for few routes

    destination, checked = activating.new(caller, destination_id, body)
    _refuse(caller, destination, [each.segment_id for each in checked.segments])
    found = run_preview.preview(target.terms_of(caller.on, service.actions(destination), checked))
    return ActivationPreview(**_counts(found), sample=_sample(caller, destination, checked))


def preview_change(
    caller: Caller, destination_id: str, activation_id: str, body: PatchActivation, if_match: Versions
) -> ActivationChangePreview:
    """What a change of an activation would do, and who would join and leave by it; refused as it is.

    Raises NotFound, Stale, Forbidden, Conflict and Refused as `activating.update` does.
    """
    destination, old, made = activating.changed(caller, destination_id, activation_id, body, if_match)
    _refuse(caller, destination, activating.added(old, made))
    found, checked = _next_run(caller, destination, made), target.checked(made)
    segments = None
    if found is not None:
        told = dict.fromkeys([*(each.segment_id for each in made.current), *sorted(found.leaving)])
        names = naming.names(caller.sandbox_id, told, [made])
        segments = [
            SegmentChanges(
                segment_id=each, name=names.get(each), joining=found.joining[each], leaving=found.leaving[each]
            )
            for each in told
        ]
    shown = replace(checked, segments=made.current)
    return ActivationChangePreview(
        **_counts(found), **_totals(found), segments=segments, sample=_sample(caller, destination, shown)
    )


def preview_destination(
    caller: Caller, destination_id: str, body: PatchDestination, if_match: Versions
) -> DestinationPreview:
    """What a change of a destination would do: what policies and terms would stop, who would join and leave.

    Raises NotFound, Stale, Conflict and Refused as `service.update` does.
    """
    old, new, secrets = service.changed(caller, destination_id, body, if_match)
    found = [each for each in store.activations(caller.sandbox_id, destination_id) if each.status == "active"]
    names = [segment.segment_id for each in found for segment in each.current]
    usable = received_segments.usable(caller.sandbox_id, names)
    called = {name: parts.segment.name for name, parts in usable.items()}
    before, after = (mapping.violations(each, usable, service.actions(each)) for each in (old, new))
    stopped = {name: forbidden for name, forbidden in after.items() if forbidden and not before[name]}
    resumed = {name for name, forbidden in after.items() if before[name] and not forbidden}
    concerned = found if service.makes_due(old, new) else []
    runs = {each.activation_id: _next_run(caller, new, each, len(concerned)) for each in concerned}
    return DestinationPreview(
        test_needed=secrets is not None or _is_called_otherwise(old, new),
        former_secrets_until=service.former_until(new),
        segments=[
            StoppedSegment(segment_id=name, name=called.get(name), violations=list(map(ViolationView.of, forbidden)))
            for name, forbidden in sorted(stopped.items())
        ],
        activations=[_affected(each, stopped, resumed, runs[each.activation_id], called) for each in concerned],
    )


def _is_called_otherwise(old: Destination, new: Destination) -> bool:
    def how(of: Destination) -> tuple[object, ...]:
        return of.account_id, of.settings, of.authentication

    return how(old) != how(new)


def _affected(
    of: Activation,
    stopped: Collection[str],
    resumed: Collection[str],
    run: RunPreview | None,
    called: Mapping[str, str],
) -> AffectedActivation:
    names = [each.segment_id for each in of.current]
    stops, resumes = ([name for name in names if name in each] for each in (stopped, resumed))
    return AffectedActivation(
        activation_id=of.activation_id,
        dataflow_id=of.dataflow_id,
        segment_ids=stops,
        resumed_segment_ids=resumes,
        segments=named([*stops, *resumes], called),
        **_totals(run),
    )


def _next_run(caller: Caller, destination: Destination, of: Activation, looks: int = 1) -> RunPreview | None:
    """What the next run of an activation's dataflow would do, of both as they would be, one of `looks` in a call."""
    from handfast.matching import run_preview  # noqa: PLC0415 - DuckDB is for few routes

    is_paused = destination.status == "disabled" or activating.flow_of(of).status == "paused"
    terms = target.terms_of(caller.on, service.actions(destination), target.checked(of), paused=is_paused)
    return run_preview.preview(terms, of.dataflow_id, [each.segment_id for each in of.segments], looks)


def _counts(found: RunPreview | None) -> dict[str, Any]:
    if found is None:
        return {"counts": None, "excluded": None}
    members = found.shared + sum(found.excluded.values())
    kept_back = {reason: number for reason, number in sorted(found.people.items()) if reason != "cleared"}
    return {
        "counts": ActivationCounts(
            members=members,
            activated=found.shared,
            people=PopulationPeople(members=sum(found.people.values()), cleared=found.people.get("cleared", 0)),
        ),
        "excluded": ExcludedCounts(by_reason=dict(found.excluded), people_by_reason=kept_back),
    }


def _totals(found: RunPreview | None) -> dict[str, int | None]:
    if found is None:
        return {"joining": None, "leaving": None}
    return {"joining": found.joining.total(), "leaving": found.leaving.total()}


def _refuse(caller: Caller, destination: Destination, segment_ids: Sequence[str]) -> None:
    """Raise Refused when policies or terms forbid a segment; who only asks is counted by the hour."""
    try:
        activating.refuse(destination, segment_ids)
    except Refused as refused:
        detail = {"status": refused.status, "name": destination.name}
        hourly.count([Event(caller.sandbox_id, "call.refused", Actor.of(caller), destination.destination_id, detail)])
        raise


def _sample(caller: Caller, destination: Destination, checked: Checked) -> object:
    told = accounts.told(caller.sandbox_id, checked.segments)
    account = service.account(destination, told)
    return registry.destination_type(destination.type).sample(account, list(_pairs(checked)))


def _pairs(checked: Checked) -> Iterator[Pair]:
    at, segment = clock.now_text(), checked.segments[0].segment_id
    attributes = dict.fromkeys(checked.attributes.values(), "sample") or None
    for number in range(1, _PEOPLE + 1):
        for each in checked.mapping:
            yield Pair(each.target, _nobody(each, number), segment, "realized", at, attributes)


def _nobody(mapped: MappedIdentity, number: int) -> str:
    """A value of the namespace that is nobody's."""
    known, text = namespace_of(mapped.code), f"sample-{number}"
    if known.hashed:
        return hashlib.sha256(text.encode()).hexdigest()
    if mapped.apply_transformation:
        return transformed(text)
    device = str(UUID(int=number, version=4))
    return {"ECID": f"{number:038d}", "IDFA": device, "GAID": device}.get(known.symbol, text)
