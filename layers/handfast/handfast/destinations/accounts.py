"""Destinations as their types see them, with secrets: for testing, for samples, and for sending."""

from collections.abc import Collection, Mapping
from typing import Any

from handfast.dataflows.models import Dataflow
from handfast.destinations import registry, store
from handfast.destinations.contract import Account, Segment
from handfast.destinations.models import ActivatedSegment, Destination
from handfast.destinations.sending import Sending
from handfast.destinations.target import source_of
from handfast.platform import clock
from handfast.segments import store as segments


def sending(flow: Dataflow) -> Sending | None:
    """A dataflow's destination, open for sending; None when it is gone.

    Raises LookupError when the source's sandbox is gone; ValidationError when its type allows its settings no longer.
    """
    about, sandbox_id = flow.target.about, source_of(flow).sandbox_id
    destination = store.destination(sandbox_id, about["destinationId"])
    activation = store.activation(sandbox_id, about["destinationId"], about["activationId"])
    if destination is None or activation is None:
        return None
    kind, opened = (
        registry.destination_type(destination.type),
        account(destination, told(sandbox_id, activation.segments)),
    )
    return Sending(
        sandbox_id=sandbox_id,
        destination_id=destination.destination_id,
        kind=kind,
        account=opened,
        targets={each.code: each.target for each in activation.mapping},
        limits=kind.limits_of(opened),
        hashed=frozenset(each.code for each in activation.mapping if each.apply_transformation),
        attributes=activation.attributes,
        keeps_members=activation.keeps_members,
        backfill=activation.backfill_asked_at,
        aggregation=destination.aggregation,
        snapshot=kind.snapshot_format(opened),
        is_paused=flow.status != "active" or destination.status != "enabled" or activation.status != "active",
    )


def account(
    of: Destination, told_segments: Mapping[str, Segment] | None = None, *, newest: bool = False
) -> Account[Any, Any]:
    """A destination with its secrets; the former ones until the newest are accepted, unless these are asked for.

    ValidationError when its type allows its settings no longer.
    """
    former = None
    if not newest and of.former_until is not None and of.former_until > clock.now_text():
        former = store.former_authentication(of)
    authentication = former if former is not None else {**of.authentication, **store.secrets(of)}
    kind = registry.destination_type(of.type)
    return Account(
        account_id=of.account_id,
        settings=kind.settings_schema.model_validate(dict(of.settings)),
        authentication=kind.authentication_schema.model_validate(dict(authentication)),
        segments=told_segments or {},
        destination_id=of.destination_id,
    )


def told(sandbox_id: str, activated: Collection[ActivatedSegment]) -> dict[str, Segment]:
    """Activated segments as their destination is told of them, those that were taken out too."""
    own = segments.segments_alone(sandbox_id, [each.segment_id for each in activated])
    found: dict[str, Segment] = {}
    for each in activated:
        known = own.get(each.segment_id)
        found[each.segment_id] = Segment(
            segment_id=each.segment_id,
            name=known.name if known else each.received_name or each.segment_id,
            mapping_id=each.mapping_id or each.segment_id,
            created_at=known.created_at if known else None,
            updated_at=known.updated_at if known else None,
            mapped_at=each.mapped_at,
            mapping_changed_at=each.changed_at,
        )
    return found
