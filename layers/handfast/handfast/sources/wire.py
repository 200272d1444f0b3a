"""Sources as calls send and receive them (docs/api.md, Sources)."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from handfast.identity.free_text import PlainName, PlainNote
from handfast.ingest.models import FileReading
from handfast.journal.models import TimeZone
from handfast.platform.wire import Request, Resource, Timestamp, View, not_null
from handfast.remote_files.models import Schedule, SourceStatus, Takes
from handfast.remote_files.registry import Kind
from handfast.sources.models import Outcome, Trigger


class SourceSchedule(Request):
    """When a source is run by itself: every so many minutes (`everyMinutes`), or once a day at a `timeOfDay` such
    as `06:30` of a `timeZone` (IANA)."""

    every_minutes: Annotated[int, Field(ge=5, le=10_080)] | None = None
    time_of_day: Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = None
    time_zone: TimeZone = "UTC"

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.every_minutes is None) == (self.time_of_day is None):
            raise ValueError("must have either everyMinutes or timeOfDay")
        return self

    def as_kept(self) -> Schedule:
        """The schedule as it is kept."""
        return Schedule(self.every_minutes, self.time_of_day, self.time_zone)


class SourceReading(FileReading):
    """How a source's files are read: the members of an upload.

    `fileName`: a name such as its files have, for presets that read it.
    """

    file_name: PlainName | None = None


class CreateSource(SourceReading):
    """A place that files are taken from, and how they are read, by the members of an upload.

    `settings` of `s3`, and of the tables `delta` and `iceberg`: `bucket`, `region`, `prefix` and `roleArn`, a role
    whose name begins with `handfast-source-`. Of `sftp`: `host`, `port`, `hostKey`, `directory`, `userName` and either
    `password` or `privateKey`, which are never shown again. `takes`: whether a run takes the files that none has taken
    before (`new`), or all of them as one (`all`, and always so in mode `snapshot` and of tables). `onEvents`: S3's
    events of the prefix begin a run. Without `schedule` and `onEvents` a source is run by hand alone.
    """

    name: PlainName
    description: PlainNote | None = None
    kind: Kind
    settings: dict[str, Any]
    takes: Takes | None = None
    schedule: SourceSchedule | None = None
    on_events: bool = False


class PatchSource(SourceReading):
    """What to change. What is left out stays, but no secret at a new address; null puts back a default.

    `status` `paused`: it is run by hand alone.
    """

    name: PlainName | None = None
    description: PlainNote | None = None
    status: SourceStatus | None = None
    settings: Annotated[dict[str, Any], Field(default_factory=dict)]
    takes: Takes | None = None
    schedule: SourceSchedule | None = None
    on_events: bool = False

    _not_null = field_validator("name", "status", mode="before")(not_null)


class SourceScheduleView(View):
    """When a source is run by itself."""

    every_minutes: int | None
    time_of_day: str | None
    time_zone: str


class SourceRunError(View):
    """Why a run began nothing."""

    reason: str
    detail: str


class SourceRunView(View):
    """A run of a source. `started`: it has begun the import `importId` of so many `files` and `bytes`.

    `nothing_new`: there was nothing to take. `waiting`: the last import is in work, or a worker lists the files; the
    run follows by itself. `leftOut` counts the files that were not taken, by reason; `more`: there are more, which the
    next run takes.
    """

    at: Timestamp
    trigger: Trigger
    status: Outcome
    import_id: str | None
    files: int
    size: Annotated[int, Field(alias="bytes")]
    left_out: dict[str, int]
    more: bool
    error: SourceRunError | None


class SourceFileView(View):
    """A file at its source, by its name below the root, in bytes; `partition` are the values that its folders tell."""

    name: str
    size: Annotated[int, Field(alias="bytes")]
    partition: dict[str, str | None]


class SourceFileLeftOut(View):
    """A file that would not be taken, and why."""

    name: str
    size: Annotated[int, Field(alias="bytes")]
    reason: str


class SourceRunPreview(View):
    """What a run would take: so many `files` and `bytes`, of which `sample` has the first 100.

    `leftOut` counts what it would not take by reason, of which `leftOutSample` has the first 100. `more`: the next run
    would take more.
    """

    dry_run: Literal[True] = True
    files: int
    size: Annotated[int, Field(alias="bytes")]
    sample: list[SourceFileView]
    left_out: dict[str, int]
    left_out_sample: list[SourceFileLeftOut]
    more: bool


class SourceView(SourceReading, Resource):
    """A source. Secrets are never shown: `secrets` names those that are set.

    `nextRunAt` is null where it is run by hand alone. `externalId` is what a role's trust has to name. `running`: a run
    is in work; what has become of its import is told by the import.
    """

    source_id: str
    name: str
    description: str | None
    kind: Kind
    status: SourceStatus
    settings: dict[str, Any]
    secrets: list[str]
    external_id: str
    takes: Takes
    schedule: SourceScheduleView | None
    on_events: bool
    running: bool
    last_run: SourceRunView | None
    next_run_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class SourceList(View):
    """A page of sources."""

    items: list[SourceView]
    next_cursor: str | None


class SourceCheck(View):
    """One thing that the test has tried; `detail` says what to do when it failed."""

    name: str
    ok: bool
    detail: str


type TestOutcome = Literal[
    "ok",
    "authentication_failed",
    "access_denied",
    "unreachable",
    "no_files_found",
    "invalid_file_format",
    "internal_error",
]


class SourceTest(View):
    """Whether a source can be read as it is set up; `outcome` is what kept it from that."""

    ok: bool
    outcome: TestOutcome
    checks: list[SourceCheck]
