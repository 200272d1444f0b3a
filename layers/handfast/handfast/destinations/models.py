"""Destinations of a sandbox, and what is activated to them (docs/destinations.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from handfast.destinations.aggregation import Aggregation
from handfast.platform.wire import Packed, TableItem

PER_SANDBOX = 100
"""Destinations that a sandbox may have: Adobe's limit (docs/sources.md)."""
PER_DESTINATION = 20
"""Activations that a destination may have, so that one transaction changes all of them."""
SEGMENTS, ATTRIBUTES = 250, 50
"""Segments and attributes that an activation may have: Adobe's limits (docs/sources.md)."""
SEGMENTS_EVER = 1_000
"""Segments that an activation may have had, those that were taken out counted."""
MAPPED = 50

type DestinationStatus = Literal["enabled", "disabled", "deleting"]
type ActivationStatus = Literal["active", "ending"]


# What is stored


@dataclass(frozen=True)
class Destination(TableItem):
    """A system outside that a sandbox gives segments to. `settings` and `authentication` have no secrets.

    `secrets` names those kept elsewhere, in the version `secrets_version` (None: kept before versions were named); the
    former ones are used until the new ones have been accepted, or until `former_until`. `credentials_expire_at` is when
    they end by themselves, as its owner said. `marketing_actions` are what it does with data beside what its type does.
    """

    sandbox_id: str
    destination_id: str
    type: str
    name: str
    description: str | None
    account_id: str | None
    status: DestinationStatus
    settings: Packed[Mapping[str, Any]]
    authentication: Packed[Mapping[str, Any]]
    secrets: tuple[str, ...]
    marketing_actions: tuple[str, ...]
    created_at: str
    updated_at: str
    former_until: str | None = None
    credentials_expire_at: str | None = None
    aggregation: Packed[Aggregation] = field(default_factory=Aggregation)
    secrets_version: str | None = None
    revision: int = 1


@dataclass(frozen=True)
class ActivatedSegment(TableItem):
    """A segment that is activated from the beginning of a day to the end of another, where those are named.

    Days are those of the sandbox's time zone. One that was taken out stays with `removed_at`: its members leave by the
    name that the destination knows it by. `received_name` is what a received one was called when it was activated.
    """

    segment_id: str
    mapping_id: str | None
    start_date: date | None
    end_date: date | None
    mapped_at: str
    changed_at: str
    removed_at: str | None = None
    received_name: str | None = None


@dataclass(frozen=True)
class MappedIdentity(TableItem):
    """A namespace, by its code, and the target identity that its values are there; hashed on their way where so.

    `form` is the one that they are given in (`identity.renderings.FORMS`), None for the canonical one.
    """

    code: int
    target: str
    apply_transformation: bool = False
    form: str | None = None


@dataclass(frozen=True)
class Activation(TableItem):
    """Segments that a dataflow carries to a destination, and as which identities and attributes.

    `attributes` are the names of profiles' attributes, each with its path there. `keeps_members`: those who are there
    when it ends are left there.
    """

    sandbox_id: str
    destination_id: str
    activation_id: str
    dataflow_id: str
    status: ActivationStatus
    segments: Packed[tuple[ActivatedSegment, ...]]
    mapping: Packed[tuple[MappedIdentity, ...]]
    attributes: Packed[Mapping[str, str]]
    created_at: str
    updated_at: str
    keeps_members: bool = False
    backfill_asked_at: str | None = None
    looked_at: str | None = None
    revision: int = 1

    @property
    def current(self) -> tuple[ActivatedSegment, ...]:
        """The segments that have not been taken out."""
        return tuple(each for each in self.segments if each.removed_at is None)

    @property
    def received_names(self) -> dict[str, str]:
        """What the received ones of its segments were called when they were activated, by id; those taken out too."""
        return {each.segment_id: each.received_name for each in self.segments if each.received_name is not None}


@dataclass(frozen=True)
class DueLook(TableItem):
    """An activation of which a segment begins or ends at `due_at`."""

    sandbox_id: str
    destination_id: str
    activation_id: str
    due_at: str


@dataclass(frozen=True)
class Ending(TableItem):
    """A destination that is being deleted, or of which activations are, since `asked_at`."""

    sandbox_id: str
    destination_id: str
    asked_at: str


@dataclass(frozen=True)
class Checked:
    """What of an activation was asked for, found right."""

    segments: tuple[ActivatedSegment, ...]
    mapping: tuple[MappedIdentity, ...]
    attributes: Mapping[str, str] = field(default_factory=dict)
