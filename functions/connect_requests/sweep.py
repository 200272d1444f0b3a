"""Every hour: expire requests that nobody answered, finish interrupted disconnects, start runs only promised."""

from typing import Any

from handfast.connections import service
from handfast.dataflows import outbox
from handfast.feeds import disconnecting


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Look at all connections that wait; answers how many were expired, ended and started."""
    return {
        "expired": service.expire_overdue(),
        "ended": disconnecting.finish_disconnects(),
        "started": outbox.dispatch_pending(),
    }
