"""What the end of a connection ends: every share over it, either way (docs/api.md, Connect)."""

from handfast.connections import service as connections
from handfast.connections import store as connections_store
from handfast.connections.models import Connection, ConnectionView
from handfast.feeds import service, store
from handfast.journal.models import Caller


def disconnect(caller: Caller, connection_id: str, note: str | None) -> ConnectionView:
    """End an active connection and all that is shared over it.

    Raises NotFound for an unknown connection, Conflict for one that is not active, TooManyRequests when the feeds
    change too fast; the sweep then ends what is left.
    """
    connections.decide(caller, connection_id, "disconnect", note)
    end_sharing(connections.load(caller, connection_id))
    return connections.get(caller, connection_id)


def finish_disconnects() -> int:
    """End what interrupted disconnects have left shared; returns how many there were."""
    interrupted = connections.ending()
    for connection in interrupted:
        end_sharing(connection)
    return len(interrupted)


def end_sharing(connection: Connection) -> None:
    """Revoke all that was shared over an ended connection, either way; safe to repeat."""
    for sandbox_id in (connection.sandbox_id, connection.partner.sandbox_id):
        for share in store.shares(sandbox_id):
            if share.connection_id == connection.connection_id:
                service.revoke(share, None)
    connections_store.ended(connection.connection_id)
