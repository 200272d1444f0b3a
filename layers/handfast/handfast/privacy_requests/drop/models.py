"""Lists of California's Delete Request and Opt-out Platform (DROP): what is kept and what is said of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, model_validator

from handfast.identity.drop import OwnList
from handfast.journal.models import Actor
from handfast.platform.wire import GivenTime, Link, Packed, Request, TableItem, Timestamp, View

type DropStatus = Literal["awaiting_file", "processing", "running", "completed", "failed"]
type DropStep = Literal["fetch", "match", "suppress", "recheck", "request", "follow", "answer"]
type ListType = Literal["Email", "Phone", "MAID", "CTVID", "NDZ", "NameVIN", "Removed"]
type Outcome = Literal["not_found", "deleted", "opted_out", "exempted"]


@dataclass(frozen=True)
class DropFile(TableItem):
    """One CSV of a list. `compared` is false where Handfast has nothing to compare with: nothing is answered to it.

    But for lists of which the caller has said that nothing is held anywhere (`not_held`).
    """

    file_name: str
    list_type: ListType
    lines: int
    matched: int
    compared: bool


@dataclass(frozen=True)
class DropList(TableItem):
    """What was downloaded from DROP at once. `step` is what the worker does next, `made` the requests it has made.

    `outcomes` count lines: what came of those that are answered, `open` and `withdrawn` ones. `not_indexed` are phone
    numbers of the sandbox that could not be compared, as they came hashed or before there was an index. `cancelled` are
    requests that had not begun when consumers took them back, `lifted` identities that had stood suppressed by their
    work items. One that `is_dry_run` is compared, and nothing is done. `warned_until`: up to when warnings were given.
    With a `connector_id` it is fetched and answered by DROP's API; after a failure there not before `retry_at`.
    """

    sandbox_id: str
    drop_list_id: str
    file_name: str
    actor: Packed[Actor]
    created_at: str
    expires_at: str
    received_at: str
    due_at: str
    exempt_segment_id: str | None = None
    status: DropStatus = "awaiting_file"
    step: DropStep = "match"
    files: Packed[tuple[DropFile, ...]] = ()
    outcomes: Packed[Mapping[str, int]] = field(default_factory=dict)
    not_indexed: int = 0
    made: int = 0
    cancelled: int = 0
    warned_until: str | None = None
    connector_id: str | None = None
    retry_at: str | None = None
    answered_at: str | None = None
    reason: str | None = None
    detail: str | None = None
    ended_at: str | None = None
    lifted: int = 0
    is_dry_run: bool = False
    not_held: Packed[tuple[OwnList, ...]] = ()
    revision: int = 1

    def is_answered(self, file: DropFile) -> bool:
        """Whether DROP is answered to a CSV's lines."""
        return file.compared or file.list_type in self.not_held


@dataclass(frozen=True)
class DropCycle(TableItem):
    """When a sandbox last received lists, or first asked for them, and up to when warnings of the next were given.

    With a `connector_id` the next ones are fetched by themselves.
    """

    sandbox_id: str
    received_at: str
    warned_until: str
    connector_id: str | None = None
    exempt_segment_id: str | None = None
    not_held: Packed[tuple[OwnList, ...]] = ()


class CreateDropList(Request):
    """A file to come, under the name it has at DROP: the ZIP, or one of its CSVs; or a connector that fetches it.

    With `connectorId` the lists are fetched now, and the next ones by themselves, 30 days after the last, and all are
    answered by DROP's API. `receivedAt` is when a file was downloaded, now without; the 45 days run from then. Members
    of the segment `exemptSegmentId` are opted out and not deleted: the law excepts what is held of them, and 2 is
    answered. With `dryRun` a file is compared, what would come of it is counted, and nothing is done. `notHeld` are
    lists of which no identifier is held anywhere, here or elsewhere: 5 is answered to their lines.
    """

    file_name: Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9_]+\.(csv|zip)$")] | None = None
    connector_id: Annotated[str, Field(max_length=50)] | None = None
    received_at: GivenTime | None = None
    exempt_segment_id: Annotated[str, Field(max_length=100)] | None = None
    dry_run: bool = False
    not_held: Annotated[list[OwnList], Field(max_length=3)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _of_one_way(self) -> "CreateDropList":
        if (self.file_name is None) == (self.connector_id is None):
            raise ValueError("either fileName or connectorId is needed")
        if self.connector_id and self.received_at:
            raise ValueError("receivedAt goes with fileName: what is fetched is received then")
        if self.connector_id and self.dry_run:
            raise ValueError("dryRun goes with fileName: DROP wants an answer to whatever is fetched")
        return self


class DropListCreated(View):
    """Where to PUT the file; then the list is completed. Null where a connector fetches it."""

    drop_list_id: str
    upload_url: Link | None
    expires_at: Timestamp


class DropFileView(View):
    """A CSV of the list. `compared` is false where nothing here could be compared with it, and nothing is answered."""

    file_name: str
    list_type: ListType
    lines: int
    matched: int
    compared: bool


class DropOutcomes(View):
    """Lines by what DROP is told of them: 5 not found, 3 deleted, 4 opted out, 2 exempted.

    `open` ones are still worked on or await a decision; `withdrawn` ones were cancelled, or their opt-out denied, here,
    and are not answered. Nor are those not compared: nothing is held here by which they could be looked for.
    """

    not_found: int = 0
    deleted: int = 0
    opted_out: int = 0
    exempted: int = 0
    open: int = 0
    withdrawn: int = 0
    not_compared: int = 0


class DropError(View):
    """Why a list failed, or what its connector meets with at DROP and tries again, and what to do."""

    reason: str
    detail: str


class DropListView(View):
    """A DROP list and what came of its lines.

    `phonesNotIndexed` are the sandbox's phone numbers that no line could be compared with. `requestsCancelled` had not
    begun when consumers took them back, as the Removed file says, and `suppressionsLifted` are identities that had
    stood suppressed by their work items. With `dryRun` all counts are of what would be done. `dueAt` is when DROP has
    to have the answers, and the next lists are to be downloaded; `overdue` says that it is over, and lines are still
    open. `answeredAt` is when the connector had sent the last status file.
    """

    drop_list_id: str
    file_name: str
    status: DropStatus
    files: list[DropFileView]
    outcomes: DropOutcomes
    phones_not_indexed: int
    requests_cancelled: int
    suppressions_lifted: int
    dry_run: bool
    not_held: list[OwnList]
    exempt_segment_id: str | None
    exempt_segment_name: str | None
    connector_id: str | None
    connector_name: str | None
    received_at: Timestamp
    due_at: Timestamp
    overdue: bool
    created_at: Timestamp
    ended_at: Timestamp | None
    answered_at: Timestamp | None
    error: DropError | None = None


class DropCycleView(View):
    """The 45 days in which DROP's next lists are to be downloaded, since the last ones were received.

    `nextFetchAt` is when the connector fetches them; null without one.
    """

    received_at: Timestamp
    due_at: Timestamp
    next_fetch_at: Timestamp | None
    overdue: bool


class DropLists(View):
    """A page of DROP lists, newest first; `cycle` is null before the first."""

    items: list[DropListView]
    next_cursor: str | None
    cycle: DropCycleView | None


class StatusFile(View):
    """A status file as DROP takes it, by a short-lived link; `fileName` is the name to send it under."""

    file_name: str
    url: Link


class StatusFiles(View):
    """The status files as far as they are; `complete` when every line has its answer or was withdrawn."""

    complete: bool
    items: list[StatusFile]
