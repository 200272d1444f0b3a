"""Uploads and membership changes (docs/api.md, Segments and members)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from handfast.governance.labels import Labels
from handfast.identity.free_text import PlainName, plain
from handfast.identity.namespaces import PhoneForm
from handfast.identity.renderings import PROFILES, Platform
from handfast.journal.models import Actor
from handfast.platform.wire import GivenTime, Link, Packed, Progress, Request, TableItem, Timestamp, View

type Format = Literal["csv", "ndjson", "parquet"]
type Packing = Literal["none", "gzip", "zstd"]
type Encoding = Literal["utf-8", "utf-8-sig", "utf-16", "shift_jis", "latin-1"]
type Blanks = Literal["leave", "clear"]
"""What a blank cell of an attribute does to the one that is there."""


type Mode = Literal["snapshot", "delta", "suppression", "overwrite"]


type Role = Literal[
    "profileId",
    "identity",
    "namespace",
    "phoneRegion",
    "share",
    "tcf",
    "gpp",
    "shareAt",
    "segment",
    "status",
    "attribute",
]


ANSWER_ROLES: frozenset[Role] = frozenset({"share", "tcf", "gpp"})
"""The columns that give consent answers: as words, or as consent strings."""


type Transform = Literal["hash", "none"]


Word = Annotated[str, Field(min_length=1, max_length=100)]
ShareText = Annotated[str, Field(max_length=100)]
ColumnName = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(plain)]
"""A column's name, which is stored and shown."""
MAX_MAPPED = 200
"""The most columns that an upload maps."""
Answer = Annotated[str, Field(max_length=10)]


type Delimiter = Literal[",", ";", "\t", "|"]


type Separator = Literal["|", ";", ",", " "]
"""What may stand between the values of a cell that holds several."""


DELIMITERS: tuple[Delimiter, ...] = (",", ";", "\t", "|")
"""What may stand between the cells of a CSV."""


type UploadStatus = Literal["awaiting_file", "processing", "completed", "failed"]


PART_BYTES = 100 << 20
"""Above this size a file goes up in parts of this size."""


WHOLE_BYTES = 1 << 30
"""The largest file that one worker reads as a whole, and the most that one may unpack to (docs/limits.md)."""


MAX_FILE_BYTES = 8 << 30
"""The largest file of an upload: one worker looks through it for where it is cut (docs/limits.md)."""


MAX_IMPORT_PARTS = 10_000
MAX_PART_BYTES = 5 << 30
"""The longest part of an import, which goes up by one PUT."""
MAX_PACKED_BYTES = 1 << 30
"""The longest packed file, which one worker unpacks."""
LINKS_PAGE = 1_000
"""The most links to parts of an answer."""
FAILED_PARTS_TOLD = 100
"""The most parts of an import whose failures are kept by name."""


HEAD_BYTES = 8 << 20
"""The first bytes of a file that a look at it reads, packed and unpacked."""
MAX_PARQUET_BYTES = 100 << 20
"""The largest Parquet file that is looked at: its schema stands at its end, so that it has to be there as a whole."""


MAX_PARTS = -(-MAX_FILE_BYTES // PART_BYTES)


@dataclass(frozen=True)
class Column(TableItem):
    """What a column of an upload holds, checked and canonical.

    `namespace` is a namespace's code. `segment_id` is the one segment that a `segment` column speaks of; without
    it the cells name their segment. `name` is the attribute's, `form` how all phone numbers of the column are written.
    `answers` are a `share` column's own words, in lower case, and the consent answers that they stand for; the empty
    one is that of a blank cell. `labels` are the column's data usage labels. `separator` stands between the identities
    of a cell that may hold several. `leaves`: the segments that its cells name are left, whatever the row's status.
    `optional`: the file may lack the column. `of` is the identity column whose values a share column answers for, the
    first for the first where cells hold several.
    """

    column: str
    role: Role
    namespace: int | None = None
    transform: Transform | None = None
    name: str | None = None
    segment_id: str | None = None
    form: PhoneForm | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    separator: Separator | None = None
    leaves: bool = False
    optional: bool = False
    of: str | None = None


@dataclass(frozen=True)
class Failure(TableItem):
    """Why an upload failed: a stable code, and what to do about it."""

    reason: str
    detail: str


@dataclass(frozen=True)
class ColumnWarning(TableItem):
    """What is odd about a column, though it refuses nothing: a stable code, and what to look at."""

    column: str
    code: str
    detail: str


@dataclass(frozen=True)
class SegmentOffer(TableItem):
    """A segment that a file's cells name, and whom it would bring; `segment_id` is None where the sandbox has no such
    segment, and `is_created` says whether the upload would create it. `new_identities` are those that the sandbox does
    not know.
    """

    name: str
    segment_id: str | None
    identities: int
    new_identities: int
    is_created: bool = False


@dataclass(frozen=True)
class Preview(TableItem):
    """What a file would bring. `identities` and `new_identities` are those of the segments that were selected, of the
    whole file where its cells name none; `known` are those that the sandbox knows, of `entitlement`.

    `segments` are the largest of the `offered` ones that the cells name.
    """

    identities: int
    new_identities: int
    known: int
    entitlement: int | None
    offered: int
    segments: tuple[SegmentOffer, ...]


@dataclass(frozen=True)
class FailedPart(TableItem):
    """A part of an import that could not be read, and why: a stable code, and what to do about it."""

    name: str
    reason: str
    detail: str


@dataclass(frozen=True)
class Upload(TableItem):
    """A file, or an import of many, on its way in. `outstanding` are the spans, as in object keys, that its change has
    yet to reach.

    `delimiter` is that of a CSV, as announced until the file has been read, and then as seen; `header` are the names of
    the columns of one without a header.
    `rows` = `accepted` + `rejected`; `values_rejected` are single values left out of accepted rows, by reason.
    `repeated`, `people` and `replaced` are those of `StagedCounts`, `shapes` how many values of a column look like
    what. `renderings` are the platforms in whose forms raw values are kept too. `waiting` is one whose file has come
    while as many of the sandbox as may be were in work. `selected` are the segments that are taken of those that cells
    name, None for all of them. One of which `is_preview` changes nothing; `preview` is what it came to. `preset` is the
    way that the file is opened, None for columns alone. `creates_segments`: those that its cells name and that are
    unknown come into being with it; `created` are how many did. `unknown_shares` are the words of `share` columns that
    mean nothing, with the number of rows. An import has so many `parts`, of which some may have failed, and may be of a
    source. `as_of` is the time that it tells of, where it names one, and `accepted_at` when its file was begun.
    """

    sandbox_id: str
    upload_id: str
    file_name: str
    format: Format
    mode: Mode
    columns: tuple[Column, ...]
    segment_id: str | None
    allow_removal: bool
    actor: Actor
    created_at: str
    expires_at: str
    size_bytes: int | None = None
    allow_rejects: bool = False
    rejects_name_profiles: bool = False
    allow_over_entitlement: bool = False
    delimiter: Delimiter | None = None
    header: tuple[str, ...] = ()
    blanks: Blanks = "leave"
    replace_identities: bool = False
    renderings: tuple[Platform, ...] = ()
    multipart_id: str | None = None
    status: UploadStatus = "awaiting_file"
    waiting: bool = False
    total: int = 0
    outstanding: frozenset[str] = frozenset()
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    rejected_by_reason: Mapping[str, int] = field(default_factory=dict)
    values_rejected: Mapping[str, int] = field(default_factory=dict)
    repeated: int = 0
    people: int = 0
    replaced: int = 0
    shapes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    warnings: tuple[ColumnWarning, ...] = ()
    realized: int = 0
    exited: int = 0
    failure: Failure | None = None
    data_source_id: str | None = None
    selected: tuple[str, ...] | None = None
    is_preview: bool = False
    preview: Packed[Preview] | None = None
    preset: str | None = None
    creates_segments: bool = False
    created: int = 0
    unknown_shares: Mapping[str, int] = field(default_factory=dict)
    parts: int | None = None
    failed_parts: tuple[FailedPart, ...] = ()
    parts_failed: int = 0
    source_id: str | None = None
    as_of: str | None = None
    accepted_at: str | None = None

    @property
    def is_import(self) -> bool:
        """Whether it comes in parts."""
        return self.parts is not None

    def as_announced(self) -> "Upload":
        """The upload as if nothing of it had come."""
        return replace(
            self,
            status="awaiting_file",
            waiting=False,
            total=0,
            outstanding=frozenset(),
            rows=0,
            accepted=0,
            rejected=0,
            rejected_by_reason={},
            values_rejected={},
            repeated=0,
            people=0,
            replaced=0,
            shapes={},
            warnings=(),
            realized=0,
            exited=0,
            failure=None,
            created=0,
            unknown_shares={},
            failed_parts=(),
            parts_failed=0,
            accepted_at=None,
        )

    @property
    def deciding_labels(self) -> dict[str, tuple[str, ...]]:
        """The labels of the columns that decide who is a member: all but those of attributes."""
        return {column.column: column.labels for column in self.columns if column.labels and column.role != "attribute"}


class ColumnMapping(Request):
    """What a column holds.

    `namespace`: of an identity, or of a consent answer for that namespace alone; where a column is mapped as
    `namespace`, its cells say that of the one identity column, which then has none here. `transform`: whether an
    e-mail or phone column is raw ("hash") or holds digests ("none"); left out, the values tell. `form`: how all phone
    numbers of the column are written, so that none is refused for having another reading. `name`: an attribute's name,
    or the one segment (id or externalId) that a segment column speaks of, whose cells then say realized or exited;
    without it the cells name segments, separated by `|`. `answers`: the words of a share column, in any case, and the
    consent answer that each stands for, beside the answers themselves. `labels`: data usage labels, which the segments
    that the file feeds inherit, unless the column is an attribute. `separator`: what stands between several identities
    of a cell. `leaves`: the segments that the cells of a segment column name are left, not joined. `optional`: the file
    may lack the column. `of`: the identity column whose values a share column answers for, one by one.
    `tcf` and `gpp` columns hold consent strings, which the sandbox's `consentStrings` make answers of; `shareAt` says
    when the row's answers were given, where a string does not.
    """

    column: ColumnName
    role: Annotated[Role, Field(alias="as")]
    namespace: Annotated[str, Field(max_length=50)] | None = None
    transform: Transform | None = None
    form: PhoneForm | None = None
    name: PlainName | None = None
    answers: Annotated[dict[Word, Answer], Field(min_length=1, max_length=50)] | None = None
    labels: Labels = Field(default_factory=list)
    separator: Separator | None = None
    leaves: bool = False
    optional: bool = False
    of: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class CsvDialect(Request):
    """How a CSV is written, where it does not tell by itself.

    `header` names the columns, in their order, of a file that has no header; its first row is a row then.
    """

    delimiter: Delimiter | None = None
    header: Annotated[list[ColumnName], Field(min_length=1, max_length=5000)] | None = None


class FileReading(Request):
    """How files are read and what their rows do.

    `preset`: the name of a kind of file that other systems write. It says how the file is opened, its format, mode and
    columns, where these are left out; columns that are given are added, or take the place of one of the same name.
    In mode `suppression` each row opts out the identities that it names, and does nothing else. In mode `overwrite`
    each row says all that its identities are members of among the segments of `dataSourceId`: they leave the others.
    `allowRemoval` lets a snapshot remove more than the sandbox's guard, `allowRejects` lets more rows be refused than
    its other guard, and `rejectsNameProfiles` puts their profile ids into the list of them; `allowOverEntitlement` lets
    more identities be known than the sandbox is entitled to. `dialect`: how a CSV is written; left out, its header
    tells. `delimiter` is that of the dialect, by the name that it had before.
    `blanks`: whether a blank cell of an attribute leaves the one that is there or clears it.
    `replaceIdentities`: where a row has a profile id and an identity, the person's others of that namespace leave.
    `dataSourceId`: where the data come from; the segments that the file feeds carry its labels from then on.
    `renderings`: raw addresses and numbers are kept as these platforms hash them, too.
    `segments`: which of the segments that cells name are taken, by id or externalId, or `all`; rows that name none of
    them bring nobody. Left out it is all, and has to be said where the sandbox has an entitlement.
    `createSegments`: segments that cells name and that the sandbox lacks are created with the name as their externalId.
    `shareValues`: `answers` for all share columns that have none, the empty word for blank cells.
    """

    format: Format | None = None
    mode: Mode | None = None
    columns: Annotated[list[ColumnMapping], Field(max_length=MAX_MAPPED)] = Field(default_factory=list)
    preset: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    segment_id: Annotated[str, Field(max_length=100)] | None = None
    allow_removal: bool = False
    allow_rejects: bool = False
    rejects_name_profiles: bool = False
    allow_over_entitlement: bool = False
    dialect: CsvDialect | None = None
    delimiter: Delimiter | None = None
    blanks: Blanks = "leave"
    replace_identities: bool = False
    data_source_id: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    renderings: Annotated[list[Platform], Field(max_length=len(PROFILES))] = Field(default_factory=list)
    segments: Literal["all"] | Annotated[list[Word], Field(min_length=1, max_length=1000)] | None = None
    create_segments: bool = False
    share_values: Annotated[dict[ShareText, Answer], Field(min_length=1, max_length=50)] | None = None

    @property
    def told_delimiter(self) -> Delimiter | None:
        """The delimiter of a CSV, if it is announced."""
        return (self.dialect.delimiter if self.dialect else None) or self.delimiter

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns of a CSV without a header."""
        return tuple((self.dialect.header if self.dialect else None) or ())


class FileOptions(FileReading):
    """A file by its name, how it is read and what its rows do.

    `sizeBytes` above 100 MiB asks for parts; 1 GiB is the most. `preview`: nothing is changed; the upload tells which
    segments the file names and how many new profiles they bring.
    `asOf`: when the file was extracted, now by default. Who joined a segment later stays in it, and answers that were
    given later count.
    """

    file_name: PlainName
    size_bytes: Annotated[int, Field(ge=1)] | None = None
    preview: bool = False
    as_of: GivenTime | None = None


class CreateUpload(FileOptions):
    """A file to come: its format, what its columns hold, and what its rows do to memberships."""


class ColumnWarningView(View):
    """What is odd about a column, though it refuses nothing."""

    column: str
    code: str
    detail: str


class UploadError(View):
    """Why an upload failed."""

    reason: str
    detail: str


class PreviewFile(FileOptions):
    """A file to be looked at before it is loaded: an upload's body, of which only the name has to be there.

    Without `format` name and content tell, without `columns` they are guessed. `sizeBytes` is the size of the whole
    file, of which the first bytes are sent: it tells whether the last row may be cut.
    """


class PreviewCreated(View):
    """Where to PUT the first bytes of the file: `maxBytes` of them are read, of a Parquet file the whole one, which may
    have `maxParquetBytes`.
    """

    preview_id: str
    upload_url: Link
    max_bytes: int
    max_parquet_bytes: int
    expires_at: Timestamp


class DialectView(View):
    """How a CSV is written, as an upload takes it; `header` names the columns of a file without one by their places."""

    delimiter: Delimiter
    header: list[str] | None


class PreviewedColumn(View):
    """A column and what it seems to hold, or is mapped as, in the members of a mapping. Without `as` nothing tells.

    `mapped`: whether `wouldReject` has read it so. `why` says in a sentence what was counted; `reason` is its code, and
    `fitting` how many of the `values` that are not blank were counted for it. `shapes`: how many values look like what.
    """

    column: str
    role: Role | None = Field(alias="as")
    namespace: str | None
    transform: Transform | None
    form: PhoneForm | None
    name: str | None
    answers: dict[str, str] | None
    mapped: bool
    why: str
    reason: str
    fitting: int
    values: int
    shapes: dict[str, int]


class ShareWord(View):
    """A word of a column of consent answers, in lower case, and what it stands for; null where nothing is known."""

    column: str
    word: str
    rows: int
    answer: str | None


class WouldReject(View):
    """What an upload would make of the rows read: rows = accepted + rejected."""

    rows: int
    accepted: int
    rejected: int
    rejected_by_reason: dict[str, int]
    values_rejected: dict[str, int]


class PresetFound(View):
    """A kind of file that a file looks like, whose name an upload takes as `preset`, and why, in a sentence."""

    preset: str
    why: str


class PreviewFound(View):
    """What the first rows of a file tell, without any value of theirs.

    `rows` were read; `whole`: they are all. `columnsFound` are in the file, of which `columns` has those that seem to
    hold something first, in the file's order, 200 at most. `shareWords` are consent words that are usual, or that
    several rows have; `otherShareWords` are left untold. `sample` has the shapes of the first rows' cells, blank ones
    as "", in the order of `columns`. `presets` are the kinds of other systems' files that it looks like. `error` is why
    an upload would be refused as a whole.
    """

    format: Format | None
    packing: Packing | None
    encoding: Encoding | None
    delimiter: Delimiter | None
    has_header: bool | None
    lines_above: int | None
    dialect: DialectView | None
    rows: int
    whole: bool
    columns_found: int
    columns: list[PreviewedColumn]
    share_words: list[ShareWord]
    other_share_words: int
    would_reject: WouldReject | None
    warnings: list[ColumnWarningView]
    sample: list[list[str]]
    presets: list[PresetFound]
    error: UploadError | None


class FilePreviewView(PreviewFound):
    """A look at a file, and what it has found once the first bytes are there.

    `awaiting_file` until then; `failed` with an `error` where they never came or could not be looked at. A `completed`
    one has an `error` where an upload of the file, mapped so, would fail.
    """

    preview_id: str
    file_name: str
    status: UploadStatus
    created_at: Timestamp
    expires_at: Timestamp


@dataclass(frozen=True)
class FilePreview(TableItem):
    """A look at a file that was asked for, kept for a day; `request` is the body, `begun_at` when it was read."""

    sandbox_id: str
    preview_id: str
    request: Packed[PreviewFile]
    actor: Actor
    created_at: str
    expires_at: str
    status: UploadStatus = "awaiting_file"
    begun_at: str | None = None
    found: Packed[PreviewFound] | None = None
    failure: Failure | None = None


class PartLink(View):
    """Where one part of the file goes; `sizeBytes` is its exact size."""

    part_number: int
    upload_url: Link
    size_bytes: int


class UploadCreated(View):
    """Where to PUT the file: `uploadUrl`, or one link a part, to be completed afterwards."""

    upload_id: str
    upload_url: Link | None
    parts: list[PartLink] | None = None
    expires_at: Timestamp


class UploadedPart(Request):
    """A part that S3 has taken, with the ETag it answered."""

    part_number: Annotated[int, Field(ge=1, le=MAX_PARTS)]
    etag: Annotated[str, Field(min_length=1, max_length=200)]


class CompleteUpload(Request):
    """All parts of the file."""

    parts: Annotated[list[UploadedPart], Field(min_length=1, max_length=MAX_PARTS)]


class UploadCounts(View):
    """What came of the rows: rows = accepted + rejected. `valuesRejected` left single values out of accepted rows.

    `repeated` rows have an identity of an earlier row. `people` are the accepted rows' profile ids, and the rows
    without one that repeat nothing. `replaced` identities have left all segments. `shapes` tells what the values of
    each identity column look like. `segmentsCreated` came into being with the file. `unknownShares` are words of share
    columns that mean nothing, with the number of rows, where they are few and look like words.
    """

    rows: int
    accepted: int
    rejected: int
    rejected_by_reason: dict[str, int]
    values_rejected: dict[str, int]
    repeated: int
    people: int
    replaced: int
    shapes: dict[str, dict[str, int]]
    realized: int
    exited: int
    segments_created: int
    unknown_shares: dict[str, int]


class SegmentOfferView(View):
    """A segment that the file names; `segmentId` is null where the sandbox has none of this id or externalId, and
    `isCreated` says whether it would come into being.
    """

    name: str
    segment_id: str | None
    identities: int
    new_identities: int
    is_created: bool


class UploadPreview(View):
    """What taking the file would bring. `identities` and `newIdentities` are of the segments that were selected, and of
    nobody where none were. `segments` are the largest of the `segmentsOffered` ones that the file names.
    """

    identities: int
    new_identities: int
    known_identities: int
    profile_entitlement: int | None
    segments_offered: int
    segments: list[SegmentOfferView]


class FileView(View):
    """What is told of an upload, or of an import. `rejectsUrl` is a short-lived link to a CSV of row, column and
    reason, and of the profile id where that was asked for; of an import with the part before them.

    `delimiter` is the one that a CSV is read with, once it has been read, or as it was announced. `waiting` is true
    from when the file has come until it is begun, while others of the sandbox are in work. `preview` is what one that
    was to change nothing came to; null of all others. `splits` are what many workers read, while they do; `progress`
    is that of what follows. `asOf` is the time that the file tells of: the one that was named, or when it was begun,
    null until then.
    """

    file_name: str
    format: Format
    mode: Mode
    segment_id: str | None
    segment_name: str | None
    data_source_id: str | None = None
    data_source_name: str | None = None
    preset: str | None = None
    delimiter: Delimiter | None = None
    status: UploadStatus
    waiting: bool = False
    progress: Progress
    splits: Progress | None = None
    counts: UploadCounts
    rejects_url: Link | None = None
    preview: UploadPreview | None
    warnings: list[ColumnWarningView]
    error: UploadError | None = None
    as_of: Timestamp | None
    created_at: Timestamp
    expires_at: Timestamp


class UploadView(FileView):
    """An upload and what came of it."""

    upload_id: str


class UploadList(View):
    """A page of uploads, newest first."""

    items: list[UploadView]
    next_cursor: str | None


# Imports


type PartName = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")]


class CreateImport(FileOptions):
    """Files that are taken together, or not at all, as an upload takes one: `parts` are how many there are, or `files`
    their names, as paths below the folder that is sent. `fileName` is what the whole is called.

    A folder such as `dt=2026-11-28` tells the value of a column that its files lack.
    """

    parts: Annotated[int, Field(ge=1, le=MAX_IMPORT_PARTS)] | None = None
    files: Annotated[list[PartName], Field(min_length=1, max_length=MAX_IMPORT_PARTS)] | None = None


class ImportCreated(View):
    """Where to PUT each part, in their order: the first 1,000 of them, and with `nextCursor` the next from its parts.

    Once all are there, the import is started.
    """

    import_id: str
    upload_urls: list[Link]
    next_cursor: str | None
    expires_at: Timestamp


class ImportPart(View):
    """A part: how long it is, once it is there, why it could not be read, and where to PUT it, as long as it may be."""

    number: int
    name: str
    size_bytes: int | None
    error: UploadError | None
    upload_url: Link | None


class ImportPartList(View):
    """A page of the parts of an import, in their order."""

    items: list[ImportPart]
    next_cursor: str | None


class FailedPartView(View):
    """A part that could not be read, and why."""

    name: str
    error: UploadError


class ImportParts(View):
    """The parts of an import: how many there are and have been read, and the first 100 that could not be."""

    total: int
    done: int
    failed: list[FailedPartView]
    failed_total: int


class ImportView(FileView):
    """An import and what came of it: how many of its `parts` have been read, and which could not be. `sourceId` is the
    source that it is a run of.
    """

    import_id: str
    parts: ImportParts
    source_id: str | None


class ImportList(View):
    """A page of imports, newest first."""

    items: list[ImportView]
    next_cursor: str | None


class RawIdentity(Request):
    """An identity as the caller knows it; raw e-mail addresses and phone numbers are hashed before anything else."""

    namespace: Annotated[str, Field(max_length=50)]
    value: Annotated[str, Field(max_length=1000)]


class MembershipChange(Request):
    """An identity joins or leaves a segment. `share` is a consent answer.

    With `profileId` the answer and an exit are the person's and hold for all identities that have the id; without it
    they are the identity's own.
    """

    identity: RawIdentity
    profile_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    segment_id: Annotated[str, Field(max_length=100)]
    status: Literal["realized", "exited"]
    share: Annotated[str, Field(max_length=10)] | None = None


type Renderings = Annotated[list[Platform], Field(max_length=len(PROFILES))]
"""Platforms as whose hashes raw addresses and numbers are kept too."""


class ChangeMemberships(Request):
    """1 to 1,000 changes; of several for one identity and segment the last counts.

    `renderings`: raw addresses and numbers are kept as these platforms hash them, too.
    """

    changes: Annotated[list[MembershipChange], Field(min_length=1, max_length=1000)]
    renderings: Renderings = Field(default_factory=list)


class ConsentChange(Request):
    """A consent answer of an identity, or with `profileId` of a person: it holds for all identities that have the id.

    `at`: when it was given, now at the latest and by default; of two answers the later given counts, of two given at
    once the stricter. One up to five minutes ahead was given now.
    """

    identity: RawIdentity | None = None
    profile_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    share: Annotated[str, Field(min_length=1, max_length=10)]
    at: GivenTime | None = None


class ChangeConsents(Request):
    """1 to 1,000 consent answers. `renderings` are as those of memberships."""

    changes: Annotated[list[ConsentChange], Field(min_length=1, max_length=1000)]
    renderings: Renderings = Field(default_factory=list)


class RejectedChange(View):
    """A change that was left out."""

    index: int
    reason: str


class ChangesAccepted(View):
    """How many changes are on their way, and those that were left out."""

    accepted: int
    rejected: list[RejectedChange]
