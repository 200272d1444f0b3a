"""Runs of sources as they are kept (docs/file-sources.md, Runs)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from handfast.platform.wire import Packed, TableItem
from handfast.remote_files.registry import Kind

type Trigger = Literal["schedule", "event", "hand"]
type Outcome = Literal["started", "nothing_new", "waiting", "failed"]


@dataclass(frozen=True)
class Failed(TableItem):
    """Why a run did not begin an import: a stable code, and what to do about it."""

    reason: str
    detail: str


@dataclass(frozen=True)
class Run(TableItem):
    """A run of a source, and the import that it began, if it did. `files` and `size` (bytes) are those it has taken.

    `left_out` counts the files that it has not, by reason; `is_more`: there are more that the next run takes.
    """

    at: str
    trigger: Trigger
    outcome: Outcome
    import_id: str | None = None
    files: int = 0
    size: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    is_more: bool = False
    failed: Failed | None = None


@dataclass(frozen=True)
class SourceState(TableItem):
    """Where a source stands. Times are RFC 3339.

    `next_at` is when it is run by its schedule or because something is left, `event_at` when because of S3's events,
    the first of which came at `events_since`. `claimed_until`: a run is in work until then at the latest. `import_id`
    is the import of which it is not noted yet what has become of it, and `offered` the version of all files that it
    has; `loaded` is that of the last import that completed. `failures` are runs in a row that failed.
    """

    sandbox_id: str
    source_id: str
    next_at: str | None = None
    event_at: str | None = None
    events_since: str | None = None
    claimed_until: str | None = None
    import_id: str | None = None
    offered: str | None = None
    loaded: str | None = None
    failures: int = 0
    last_run: Packed[Run | None] = None
    revision: int = 1

    @property
    def due_at(self) -> str | None:
        """When it is run next; None: by hand alone."""
        return min(filter(None, (self.next_at, self.event_at)), default=None)


@dataclass(frozen=True)
class DueSource(TableItem):
    """A source that is run at a time."""

    sandbox_id: str
    source_id: str


@dataclass(frozen=True)
class WatchedPrefix(TableItem):
    """A prefix of a bucket whose events begin runs of a source."""

    sandbox_id: str
    source_id: str
    kind: Kind
    prefix: str
