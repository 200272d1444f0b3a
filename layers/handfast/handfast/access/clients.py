"""The app clients that machines sign in by. A rotated secret is another client, which acts as the same principal.

The client before goes on for a time that is fixed at the rotation: from then on no token of it is taken, and the
sweep deletes it.
"""

from dataclasses import replace
from datetime import datetime

from handfast.access import store
from handfast.access.models import Client
from handfast.journal.store import commit
from handfast.platform import aws, clock
from handfast.platform.problems import Unauthorized
from handfast.platform.settings import setting


def principal_of(subject: str) -> str:
    """The principal that a token's subject acts as: itself, but for a client that came by a rotation.

    Raises Unauthorized for a client whose time is over.
    """
    client = store.client(subject)
    if client is None:
        return subject
    if client.until is not None and client.until <= clock.now_text():
        raise Unauthorized("this client's secret was rotated, and its time is over; sign in by the client after it")
    return client.principal_id


def working(principal_id: str) -> list[Client]:
    """The clients of a machine that are not deleted yet: those that came by rotations, or the first alone."""
    known = store.clients_of(principal_id) or [Client(principal_id, principal_id)]
    return [client for client in known if client.until is None or client.until > clock.now_text()]


def rotate(principal_id: str, new_client_id: str, until: datetime) -> None:
    """Operator: let a new client act as a machine; the one before works until then, and one before that no more.

    Raises TooManyRequests when the access table is busy.
    """
    writes = store.put_client(Client(new_client_id, principal_id))
    for client in working(principal_id):
        end = clock.now() if client.until else until
        writes += store.put_client(replace(client, until=clock.to_text(end)), over=client)
    commit(writes, [])


def forget(principal_id: str) -> None:
    """Operator: delete all clients of a machine from the user pool, and forget them."""
    for client in store.clients_of(principal_id):
        delete(client.client_id)
    store.forget_clients(principal_id)


def end_overdue() -> int:
    """Delete the clients whose time is over from the user pool; returns how many."""
    ending = list(store.ending_clients(clock.now_text()))
    for client in ending:
        delete(client.client_id)
        store.ended(client)
    return len(ending)


def delete(client_id: str) -> None:
    """Delete a client from the user pool; one that is gone is no error."""
    cognito = aws.cognito()
    try:
        cognito.delete_user_pool_client(UserPoolId=setting("USER_POOL_ID"), ClientId=client_id)
    except cognito.exceptions.ResourceNotFoundException:
        return
