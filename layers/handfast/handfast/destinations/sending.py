"""What delivery needs to know of a dataflow to a destination."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handfast.destinations.aggregation import Aggregation
from handfast.destinations.contract import Account, DestinationType, Limits, SnapshotFormat


@dataclass(frozen=True, repr=False)
class Sending:
    """A dataflow's destination, open for sending: its type and account, and what identities are called there.

    `targets` are the names of target identities by the code of the namespace that is mapped to each; `hashed` are the
    codes of those of which the values are hashed on their way. `attributes` are the names of profiles' attributes, each
    with the path that it has there. `limits` are those of this account, and `aggregation` is how changes are gathered
    into requests. `keeps_members`: who has left since is not told to it, because its owner wants it so. `backfill`:
    what was sent before that time (RFC 3339) is to be sent once more. `snapshot` is how it is given whole memberships,
    None where it is told of changes; `is_paused`: those are not repeated without a change.
    """

    sandbox_id: str
    destination_id: str
    kind: DestinationType[Any, Any]
    account: Account[Any, Any]
    targets: Mapping[int, str]
    limits: Limits
    hashed: frozenset[int] = frozenset()
    attributes: Mapping[str, str] = field(default_factory=dict)
    keeps_members: bool = False
    backfill: str | None = None
    aggregation: Aggregation = field(default_factory=Aggregation)
    snapshot: SnapshotFormat | None = None
    is_paused: bool = False
