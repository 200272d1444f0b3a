"""What consumers have taken back, as a list's Removed file says: their requests that have not begun are cancelled.

What is done stays done, and who was not found stays refused: it cannot be told any more whether another erasure of the
same person holds, too, and an opt-in that somebody reviews lifts it (docs/privacy.md).
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.journal.models import Actor, Sandbox
from handfast.lake.duck import connect, parquet
from handfast.platform import objects
from handfast.platform.problems import Conflict
from handfast.privacy_requests import external_ids, list_store, service
from handfast.privacy_requests.drop import store
from handfast.privacy_requests.drop.models import DropList
from handfast.privacy_requests.wire import DROP_IDS


def cancel(sandbox: Sandbox, of: DropList) -> int:
    """Cancel the requests of removed work items that have not begun; returns how many. Safe to repeat."""
    cancelled = 0
    for item in _items(of):
        name = f"{DROP_IDS}{item}"
        held = external_ids.holders(of.sandbox_id, [name]).values()
        again = external_ids.beginning_with(of.sandbox_id, f"{name}-")
        for request in list_store.requests_each(of.sandbox_id, [*held, *again]):
            try:
                service.withdraw(sandbox, Actor.system(), request)
            except Conflict:
                continue  # begun or ended
            cancelled += 1
    return cancelled


def _items(of: DropList) -> Sequence[str]:
    with TemporaryDirectory() as folder, connect() as connection:
        path = Path(folder) / "removed"
        if objects.download(store.key(of, "removed.parquet"), path) is None:
            return ()
        return [item for (item,) in connection.execute(f"SELECT id FROM {parquet([path])} ORDER BY id").fetchall()]
