"""What delivery needs to know of a dataflow to a destination."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handfast.destinations.contract import Account, DestinationType


@dataclass(frozen=True, repr=False)
class Sending:
    """A dataflow's destination, open for sending: its type and account, and what identities are called there.

    `targets` are the names of target identities by the code of the namespace that is mapped to each. `keeps_members`:
    who has left since is not told to it, because its owner wants it so. `backfill`: what was sent before that time
    (RFC 3339) is to be sent once more.
    """

    sandbox_id: str
    destination_id: str
    kind: DestinationType[Any, Any]
    account: Account[Any, Any]
    targets: Mapping[int, str]
    keeps_members: bool = False
    backfill: str | None = None
