"""What is kept of calls that are refused: counted by the hour, and then recorded in the log of their sandbox."""

from botocore.exceptions import ClientError

from handfast.access import store as access
from handfast.access.service import authorize
from handfast.journal import hourly
from handfast.journal.models import Actor, Event
from handfast.platform.observability import logger
from handfast.platform.problems import NotFound
from handfast.platform.table import TransactionConflict

STATUSES = frozenset({403, 404, 429})
"""No permission, no grant, and too many calls."""
_STRANGER = Actor("principal", None, "A principal without a grant")
"""A sandbox's log names people of its own side alone; the function's log names everybody."""


def note(principal_id: str, sandbox_id: str, operation: str, status: int) -> None:
    """Count a call on a sandbox that was answered with one of STATUSES.

    404 is a refusal for those without a grant alone. What cannot be counted is logged: the answer is the same.
    """
    try:
        events = _events(principal_id, sandbox_id, status)
        if events is not None:
            hourly.count(events, operation=operation)
    except (ClientError, TransactionConflict):
        logger.exception("a refused call could not be counted")


def _events(principal_id: str, sandbox_id: str, status: int) -> list[Event] | None:
    """The records of the refusal, none on a sandbox that does not exist; None for what is no refusal.

    What does not exist is counted too, in one item for everybody: the time that a refusal takes does not tell whether
    there is such a sandbox, and no stranger fills the table with names that it makes up.
    """
    try:
        actor = Actor.of(authorize(principal_id, sandbox_id, None))
    except NotFound:
        exists = access.sandbox(sandbox_id) is not None
        return [_event(sandbox_id, _STRANGER, status)] if exists else []
    return None if status == NotFound.status else [_event(sandbox_id, actor, status)]


def _event(sandbox_id: str, actor: Actor, status: int) -> Event:
    return Event(sandbox_id, "call.refused", actor, sandbox_id, {"status": status})
