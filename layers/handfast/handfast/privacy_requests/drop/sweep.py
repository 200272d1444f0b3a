"""The recurring look at DROP's lists: work that waits, and the next lists, which are due every 45 days."""

from dataclasses import replace

from handfast.journal.models import Actor, Event
from handfast.platform import clock
from handfast.privacy_requests.drop import rules, store


def sweep() -> None:
    """Wake the worker for lists that have not ended, and warn of cycles that end."""
    for sandbox_id, drop_list_id in store.open_lists():
        store.wake(sandbox_id, drop_list_id)
    now = clock.now()
    for cycle in store.cycles():
        received = clock.from_text(cycle.received_at)
        if kind := rules.warning(received, clock.from_text(cycle.warned_until), now):
            detail = {"receivedAt": cycle.received_at, "dueAt": clock.to_text(received + rules.CYCLE)}
            event = Event(cycle.sandbox_id, f"drop_list.{kind}", Actor.system(), cycle.sandbox_id, detail)
            store.warned(replace(cycle, warned_until=clock.to_text(now)), cycle, event)
