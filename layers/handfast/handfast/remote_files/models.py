"""Sources of a sandbox as they are kept (docs/file-sources.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from handfast.platform.wire import Packed, TableItem
from handfast.remote_files.registry import Kind

PER_SANDBOX = 100
"""Sources that a sandbox may have."""

type SourceStatus = Literal["enabled", "paused"]
type Takes = Literal["new", "all"]
"""Which files a run takes: those that none has taken before, or all of them."""


@dataclass(frozen=True)
class Schedule(TableItem):
    """When a source is run by itself: every so many minutes, or once a day at a time (`06:30`) of a time zone."""

    every_minutes: int | None = None
    time_of_day: str | None = None
    time_zone: str = "UTC"


@dataclass(frozen=True)
class Source(TableItem):
    """A place that a sandbox's files are taken from. `settings` have no secrets; `secrets` names those kept elsewhere.

    `options` are the members of an upload that say how its files are read. `secrets_version` is None where there are
    no secrets. `on_events`: whether S3's events begin a run.
    """

    sandbox_id: str
    source_id: str
    kind: Kind
    name: str
    description: str | None
    status: SourceStatus
    settings: Packed[Mapping[str, Any]]
    secrets: tuple[str, ...]
    options: Packed[Mapping[str, Any]]
    takes: Takes
    schedule: Packed[Schedule | None]
    on_events: bool
    created_at: str
    updated_at: str
    secrets_version: str | None = None
    revision: int = 1
