"""What is to be done about requests at systems outside, and when: at connectors, and at destinations.

pk   sk                       item in the privacy table
DUE  {s}#{at}#{id}#{outside}  something is to be done then about a request at a connector or a recipient, by its id
"""

from collections.abc import Iterator
from datetime import datetime

from handfast.connectors.store import PRIVACY
from handfast.platform import clock, table
from handfast.platform.table import UNCONDITIONAL, Delete, Put, Write

_DUE = "DUE"


def writes(
    sandbox_id: str, privacy_request_id: str, outside: str, was: str | None, now: str | None, *, lifts: bool = False
) -> list[Write]:
    """The writes after which something is due then (RFC 3339; None: never) that was due at another time."""
    if was == now:
        return []
    suffix = f"{privacy_request_id}#{outside}"
    former: list[Write] = [Delete(PRIVACY, _DUE, f"{sandbox_id}#{was}#{suffix}", UNCONDITIONAL)] if was else []
    item = {"pk": _DUE, "sk": f"{sandbox_id}#{now}#{suffix}", "lifts": lifts}
    return [*former, *([Put(PRIVACY, item, UNCONDITIONAL)] if now else [])]


def open_at(sandbox_id: str, outside: str, *, lifts: bool) -> list[str]:
    """The requests for which something is due at a connector, that allow something again, or do not."""
    found = table.query(PRIVACY, _DUE, f"{sandbox_id}#")
    parts = ((item.get("lifts", False), item["sk"].split("#", 3)) for item in found)
    return [name for lifting, (_, _, name, where) in parts if where == outside and lifting is lifts]


def due(sandbox_id: str, now: datetime) -> list[tuple[str, str]]:
    """Request and connector or recipient of each for which something is to be done by now, the longest due first."""
    found = []
    for item in table.query(PRIVACY, _DUE, f"{sandbox_id}#"):
        _, at, privacy_request_id, outside = item["sk"].split("#", 3)
        if at > clock.to_text(now):
            break
        found.append((privacy_request_id, outside))
    return found


def next_due(sandbox_id: str) -> datetime | None:
    """When something is to be done next."""
    first = next(table.query(PRIVACY, _DUE, f"{sandbox_id}#", batch=1), None)
    return clock.from_text(first["sk"].split("#")[1]) if first else None


def sandboxes_due(now: datetime) -> Iterator[str]:
    """The sandboxes for which something is to be done by now, with one read for each."""
    after = None
    while first := next(table.query(PRIVACY, _DUE, after=after, batch=1), None):
        sandbox_id, at = first["sk"].split("#")[:2]
        if at <= clock.to_text(now):
            yield sandbox_id
        after = f"{sandbox_id}$"  # the character after #


def forget_all(sandbox_id: str) -> None:
    """Have nothing more done for a sandbox that is deleted."""
    table.clear(PRIVACY, _DUE, f"{sandbox_id}#")
