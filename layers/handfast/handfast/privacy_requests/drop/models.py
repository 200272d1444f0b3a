"""Lists of California's Delete Request and Opt-out Platform (DROP): what is kept and what is said of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from handfast.journal.models import Actor
from handfast.platform.wire import GivenTime, Link, Packed, Request, TableItem, Timestamp, View

type DropStatus = Literal["awaiting_file", "processing", "running", "completed", "failed"]
type DropStep = Literal["match", "suppress", "request", "follow"]
type ListType = Literal["Email", "Phone", "MAID", "CTVID", "NDZ", "NameVIN", "Removed"]
type Outcome = Literal["not_found", "deleted", "opted_out", "exempted"]


@dataclass(frozen=True)
class DropFile(TableItem):
    """One CSV of a list. `compared` is false where Handfast has nothing to compare with: nothing is answered to it."""

    file_name: str
    list_type: ListType
    lines: int
    matched: int
    compared: bool


@dataclass(frozen=True)
class DropList(TableItem):
    """What was downloaded from DROP at once. `step` is what the worker does next, `made` the requests it has made.

    `outcomes` count lines: what came of those that are answered, `open` and `withdrawn` ones. `not_indexed` are phone
    numbers of the sandbox that could not be compared, as they came hashed or before there was an index.
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
    reason: str | None = None
    detail: str | None = None
    ended_at: str | None = None
    revision: int = 1


@dataclass(frozen=True)
class DropCycle(TableItem):
    """When a sandbox last received lists, and up to when warnings of the next ones were given."""

    sandbox_id: str
    received_at: str
    warned_until: str


class CreateDropList(Request):
    """A file to come, under the name it has at DROP: the ZIP, or one of its CSVs.

    `receivedAt` is when it was downloaded, now without; the 45 days run from then. Members of the segment
    `exemptSegmentId` are opted out and not deleted: the law excepts what is held of them, and 2 is answered.
    """

    file_name: Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9_]+\.(csv|zip)$")]
    received_at: GivenTime | None = None
    exempt_segment_id: Annotated[str, Field(max_length=100)] | None = None


class DropListCreated(View):
    """Where to PUT the file; then the list is completed."""

    drop_list_id: str
    upload_url: Link
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

    `open` ones are still worked on or await a decision; `withdrawn` ones were cancelled here and are not answered.
    """

    not_found: int = 0
    deleted: int = 0
    opted_out: int = 0
    exempted: int = 0
    open: int = 0
    withdrawn: int = 0


class DropError(View):
    """Why a list failed, and what to do."""

    reason: str
    detail: str


class DropListView(View):
    """A DROP list and what came of its lines.

    `phonesNotIndexed` are the sandbox's phone numbers that no line could be compared with. `dueAt` is when DROP has to
    have the answers, and the next lists are to be downloaded.
    """

    drop_list_id: str
    file_name: str
    status: DropStatus
    files: list[DropFileView]
    outcomes: DropOutcomes
    phones_not_indexed: int
    exempt_segment_id: str | None
    received_at: Timestamp
    due_at: Timestamp
    created_at: Timestamp
    ended_at: Timestamp | None
    error: DropError | None = None


class DropLists(View):
    """A page of DROP lists, newest first."""

    items: list[DropListView]
    next_cursor: str | None


class StatusFile(View):
    """A status file as DROP takes it, by a short-lived link; `fileName` is the name to send it under."""

    file_name: str
    url: Link


class StatusFiles(View):
    """The status files as far as they are; `complete` when every line has its answer or was withdrawn."""

    complete: bool
    items: list[StatusFile]
