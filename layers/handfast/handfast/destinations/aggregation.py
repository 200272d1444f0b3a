"""How changes are gathered into the requests to a destination (docs/destinations.md, Gathering changes)."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from handfast.connectors.contract import Settings
from handfast.destinations.contract import DestinationType, GroupBy
from handfast.platform.problems import Refused
from handfast.platform.wire import Request, TableItem, View

LONGEST_AGE = 3_600
"""Seconds that changes may be gathered for: `maxBatchAgeInSecs` of Adobe's aggregation policies."""
LONGEST_AGE_OF_SNAPSHOTS = 86_400
"""Seconds that changes may be gathered for where whole memberships are written: so there is one delivery a day."""


@dataclass(frozen=True)
class Aggregation(TableItem):
    """How changes are gathered into the requests to a destination; without anything, what is due is sent at once.

    `max_identities` is how many a request carries at most (None: as many as the type allows). A new change waits for
    `max_age_seconds`, or until so many wait. A request has pairs of one segment, status or namespace where `group_by`
    names them; what waits is counted by such a group.
    """

    max_identities: int | None = None
    max_age_seconds: int = 0
    group_by: tuple[GroupBy, ...] = ()


class AggregationToSet(Request):
    """How changes are gathered into requests. Without it, what is due is sent at once.

    A request carries `maxIdentities` at most; left out, as many pairs as the type allows. A new change waits for
    `maxAgeSeconds` (3,600 at most, a day where whole memberships are written), or until so many identities wait. With
    `groupBy` a request has changes of one segment, status or namespace, and what waits is counted by such a group.
    """

    max_identities: Annotated[int | None, Field(ge=1)] = None
    max_age_seconds: Annotated[int, Field(ge=0, le=LONGEST_AGE_OF_SNAPSHOTS)] = 0
    group_by: Annotated[list[GroupBy], Field(default_factory=list, max_length=3)]


class AggregationView(View):
    """How changes are gathered into requests; `maxIdentities` null: as many pairs as the type allows."""

    max_identities: int | None
    max_age_seconds: int
    group_by: list[GroupBy]


def checked[S: Settings](kind: DestinationType[S, Any], settings: S, asked: AggregationToSet | None) -> Aggregation:
    """How changes are to be gathered. Raises Refused for more identities than a request to the type takes."""
    if asked is None:
        return Aggregation()
    most = kind.limits.pairs
    if asked.max_identities is not None and asked.max_identities > most:
        detail = f"a request to this type of destination takes {most} identities at most"
        raise Refused(detail, pointer="/aggregation/maxIdentities", reason="validation")
    made = Aggregation(asked.max_identities, asked.max_age_seconds, tuple(dict.fromkeys(asked.group_by)))
    return kept(kind, settings, made)


def kept[S: Settings](kind: DestinationType[S, Any], settings: S, aggregation: Aggregation) -> Aggregation:
    """The same, if such settings allow it; raises Refused where changes would be gathered for too long."""
    longest = LONGEST_AGE_OF_SNAPSHOTS if kind.takes_snapshots(settings) else LONGEST_AGE
    if aggregation.max_age_seconds > longest:
        detail = f"with these settings changes are gathered for {longest} seconds at most"
        raise Refused(detail, pointer="/aggregation/maxAgeSeconds", reason="validation")
    return aggregation


def view(of: Aggregation) -> AggregationView:
    """It as it is answered."""
    return AggregationView(
        max_identities=of.max_identities, max_age_seconds=of.max_age_seconds, group_by=list(of.group_by)
    )
