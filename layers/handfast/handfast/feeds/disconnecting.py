"""What the end of a connection ends: every share over it, either way (docs/api.md, Connect)."""

from dataclasses import dataclass

from handfast.access import store as access
from handfast.connections import service as connections
from handfast.connections import store as connections_store
from handfast.connections.models import Connection, ConnectionView
from handfast.feeds import store, unsharing
from handfast.journal.models import Caller, Sandbox
from handfast.partners.messages import Message, receives, send
from handfast.partners.models import PartnerRef


@dataclass(frozen=True)
class Disconnected(Message[None]):
    """The connection has ended: nothing is to be shared over it any more."""

    connection_id: str


def disconnect(caller: Caller, connection_id: str, note: str | None) -> ConnectionView:
    """End an active connection and all that is shared over it.

    Raises NotFound for an unknown connection, Conflict for one that is not active, TooManyRequests when the feeds
    change too fast; the sweep then ends what is left.
    """
    connections.decide(caller, connection_id, "disconnect", note)
    end_sharing(caller.on, connections.load(caller, connection_id))
    return connections.get(caller, connection_id)


def finish_disconnects() -> int:
    """End what interrupted disconnects have left shared; returns how many there were."""
    interrupted = connections.ending()
    for sandbox_id, connection in interrupted:
        end_sharing(access.working_sandbox(sandbox_id), connection)
    return len(interrupted)


def end_sharing(sandbox: Sandbox, connection: Connection) -> None:
    """Revoke all that was shared over an ended connection, either way; safe to repeat."""
    message = Disconnected(connection.connection_id)
    _revoke_shares(sandbox, connection.partner, message)
    send(sandbox, connection.partner, message)
    connections_store.ended(connection.connection_id)


@receives(Disconnected)
def _revoke_shares(sandbox: Sandbox, _: PartnerRef, message: Disconnected) -> None:
    for share in store.shares(sandbox.sandbox_id):
        if share.connection_id == message.connection_id:
            unsharing.revoke(sandbox.sandbox_id, share, None)
