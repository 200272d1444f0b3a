"""Removing a connector that requests may still be open at."""

from handfast.connectors import service
from handfast.journal.models import Caller
from handfast.privacy_requests import store


def remove(caller: Caller, connector_id: str) -> None:
    """Delete a connector and have the worker end its open tasks as failed; raises NotFound."""
    service.delete(caller, connector_id)
    store.wake(caller.sandbox_id)
