"""Removing a connector that requests may still be open at."""

from handfast.connectors import service
from handfast.journal.models import Caller
from handfast.platform.optimistic import Versions
from handfast.privacy_requests import store


def remove(caller: Caller, connector_id: str, if_match: Versions) -> None:
    """Delete a connector and have the worker end its open tasks as failed.

    Raises NotFound for an unknown connector, Stale when it is no longer the version in If-Match, TooManyRequests when
    it changes too fast.
    """
    service.delete(caller, connector_id, if_match)
    store.wake(caller.sandbox_id)
