"""The recurring look at DROP's lists: work that waits, and the next lists, which are due every 45 days."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from handfast.journal.models import Actor, Event
from handfast.platform import clock
from handfast.platform.table import ConditionFailed
from handfast.privacy_requests.drop import rules, scheduling, store
from handfast.privacy_requests.drop.models import DropList


def sweep() -> None:
    """Wake the worker for lists that have not ended, fetch those that are due, and warn of cycles that end."""
    now = clock.now()
    fetched = set[str]()
    for sandbox_id, drop_list_id in store.open_lists():
        store.wake(sandbox_id, drop_list_id)
        if (found := store.drop_list(sandbox_id, drop_list_id)) is None:
            continue
        if found.connector_id:
            fetched.add(sandbox_id)
        _warn_of_answers(found, now)
    for cycle in store.cycles():
        received = clock.from_text(cycle.received_at)
        if cycle.connector_id and cycle.sandbox_id not in fetched and now >= received + rules.FETCH_AFTER:
            scheduling.begin(
                cycle.sandbox_id, Actor.system(), cycle.connector_id, cycle.exempt_segment_id, cycle.not_held
            )
        if kind := rules.warning(received, clock.from_text(cycle.warned_until), now):
            detail = {"receivedAt": cycle.received_at, "dueAt": clock.to_text(received + rules.CYCLE)}
            event = Event(cycle.sandbox_id, f"drop_list.{kind}", Actor.system(), cycle.sandbox_id, detail)
            store.warned(replace(cycle, warned_until=clock.to_text(now)), cycle, event)


def _warn_of_answers(of: DropList, now: datetime) -> None:
    """Warn of a list that has open lines when later ones have begun a cycle of their own."""
    since = clock.from_text(of.warned_until or of.received_at)
    if kind := rules.warning(clock.from_text(of.received_at), since, now):
        with suppress(ConditionFailed):  # a worker is at it: the next look says it
            store.save(replace(of, warned_until=clock.to_text(now)), of, f"answers_{kind}")
