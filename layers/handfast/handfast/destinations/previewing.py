"""What an activation would do: how many would be given, who would not and why, and a body as it would be sent."""

import hashlib
from collections.abc import Iterator
from uuid import UUID

from handfast.destinations import accounts, activating, registry, service, target
from handfast.destinations.contract import Pair
from handfast.destinations.models import Checked, Destination, MappedIdentity
from handfast.destinations.rules import transformed
from handfast.destinations.wire import ActivationCounts, ActivationPreview, CreateActivation, ExcludedCounts
from handfast.identity.namespaces import namespace_of
from handfast.journal import hourly
from handfast.journal.models import Actor, Caller, Event
from handfast.platform import clock
from handfast.platform.problems import Refused

_PEOPLE = 2
"""People who do not exist, of whom a sample is made."""


def preview(caller: Caller, destination_id: str, body: CreateActivation) -> ActivationPreview:
    """What an activation would do; refused as it is.

    Raises NotFound, Forbidden, Conflict and Refused as `activating.create` does.
    """
    from handfast.matching import population_people  # noqa: PLC0415 - DuckDB is for few routes

    destination, checked = activating.new(caller, destination_id, body)
    _refuse(caller, destination, checked)
    found = population_people.identities(target.terms_of(caller.on, service.actions(destination), checked))
    counts = excluded = None
    if found is not None:
        by_reason = {reason: number for reason, number in sorted(found.items()) if reason != "shared"}
        activated = found.get("shared", 0)
        counts = ActivationCounts(members=activated + sum(by_reason.values()), activated=activated)
        excluded = ExcludedCounts(by_reason=by_reason)
    return ActivationPreview(counts=counts, excluded=excluded, sample=_sample(caller, destination, checked))


def _refuse(caller: Caller, destination: Destination, checked: Checked) -> None:
    """Raise Refused when policies or terms forbid a segment; who only asks is counted by the hour."""
    try:
        activating.refuse(destination, [each.segment_id for each in checked.segments])
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
