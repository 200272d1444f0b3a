"""What begins runs by itself: the minute, and S3's events (docs/file-sources.md, Schedules, Events)."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from handfast.access import store as access
from handfast.journal.models import Actor
from handfast.platform import clock, queues
from handfast.platform.observability import logger
from handfast.remote_files import naming, store
from handfast.sources import rules, running, state_store
from handfast.sources.models import DueSource, SourceState

_LISTED_WITHIN = timedelta(minutes=10)
"""How long a worker lists the files of a source."""
_AT_ONCE = 8
"""Sources that a worker runs at once."""


def run_due() -> None:
    """Run the sources that are due; what is not begun within a minute is left to the worker of the next one.

    Each is run whether or not another fails; raises an ExceptionGroup at the end when one has failed by a fault.
    """
    began, failed = clock.now(), list[Exception]()

    def attempt(found: DueSource) -> None:
        if queues.is_enough(began):
            return
        try:
            _run(found)
        except Exception as error:  # noqa: BLE001 - of this source alone, and raised at the end
            logger.exception("a run failed", extra={"sandboxId": found.sandbox_id, "sourceId": found.source_id})
            failed.append(error)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(attempt, state_store.due(clock.to_text(began))))
    if failed:
        raise ExceptionGroup("runs of sources failed", failed)


def _run(due: DueSource) -> None:
    found, sandbox = store.source(due.sandbox_id, due.source_id), access.sandbox(due.sandbox_id)
    if found is None or sandbox is None:
        return  # deleted since it was listed, and what is due with it
    try:
        running.run(found, sandbox, Actor.system(), None, clock.now() + _LISTED_WITHIN)
    except state_store.RunningError:
        return


def note_created(detail: Mapping[str, Any]) -> None:
    """Have the sources run soon that the object is of, by the detail of S3's event that it was created."""
    key = str(detail["object"]["key"])
    for watched in state_store.watched(str(detail["bucket"]["name"])):
        name = key.removeprefix(watched.prefix)
        if not key.startswith(watched.prefix) or not naming.tells_of_files(watched.kind, name):
            continue

        def moved(state: SourceState) -> SourceState | None:
            return rules.after_event(state, clock.now())

        state_store.change(watched.sandbox_id, watched.source_id, moved)
