"""What ingest takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from handfast.governance.consent_strings import Rules
from handfast.ingest.models import Blanks, Column, ColumnWarning, Delimiter, Format


class UploadRejected(Exception):  # noqa: N818 - an expected outcome
    """A file refused as a whole; `detail` says what to fix and quotes nothing of the file's content."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Plan:
    """How to read one file.

    `segment_id` is the upload's own segment, which every row joins or leaves. `segments` maps each id and external id
    of the sandbox's segments to its id. `secret` is the identity secret, `at` when the upload was accepted (UTC),
    `suppressions` the sandbox's suppressed identities as local files. `snapshot`: the file names all members of its
    segment. `delimiter` is a CSV's, None where its header is to tell, and `header` names the columns of one that has no
    header. `may_be_empty` takes a file without rows, which
    says that there is nobody. `blanks` is what a blank cell does to an attribute.
    `phone_index`: raw phone numbers are indexed by their last ten digits. `rules` say what consent strings mean.
    `replace_identities`: an identity of a person takes the place of the others of its namespace that the file names
    nowhere, which leave all segments. `overwrite`: its rows say all that their identities are members of among the
    segments of the upload's data source. `preset` is the one that opens the file, None for columns alone. `creates` is
    what the ids of segments are made of that cells name and the sandbox lacks, None where those are refused.
    `rejects_name_profiles`: the list of rejects has their profile ids.
    `own_namespaces` are the codes of the sandbox's own namespaces that a column of namespaces may name, `renderings`
    the forms (`identity.renderings.FORMS`) in which raw values are kept too. A value of `naming_namespaces` is of one
    person, as an address is. `selected` are the segments that are taken of those that cells name, None for all; a
    preview takes them all, and wants to know of each. `partition` has the values of columns that the
    file's folder tells.
    """

    format: Format
    columns: tuple[Column, ...]
    segment_id: str | None
    segments: Mapping[str, str]
    phone_region: str | None
    secret: bytes = field(repr=False)
    bucket_bits: int
    at: datetime
    suppressions: tuple[Path, ...] = ()
    snapshot: bool = False
    delimiter: Delimiter | None = None
    header: tuple[str, ...] = ()
    may_be_empty: bool = False
    blanks: Blanks = "leave"
    replace_identities: bool = False
    phone_index: bool = False
    own_namespaces: tuple[int, ...] = ()
    naming_namespaces: tuple[int, ...] = ()
    rules: Rules = field(default_factory=Rules)
    renderings: tuple[str, ...] = ()
    selected: tuple[str, ...] | None = None
    is_preview: bool = False
    overwrite: bool = False
    preset: str | None = None
    creates: str | None = None
    rejects_name_profiles: bool = False
    partition: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def identity_columns(self) -> int:
        """How many columns hold identities."""
        return sum(column.role == "identity" for column in self.columns)


@dataclass(frozen=True)
class StagedSpan:
    """A span's part of the change, as local files; None where it has no such part."""

    span: int
    profiles: Path | None
    memberships: Path | None


NOT_SELECTED = "segment_not_selected"
"""The reason of a row that names none of the segments that the upload takes."""


@dataclass(frozen=True)
class StagedCounts:
    """rows = accepted + all of `rejected_by_reason`; `values_rejected` counts single values, by reason.

    `repeated` are accepted rows with an identity of an earlier one. `people` are the accepted rows' profile ids, and
    the rows without one that repeat nothing. `replaced` are known identities that others take the place of. `shapes`:
    by identity column, how many values look like what. `created` segments come into being with the file;
    `unknown_shares` are words of share columns that mean nothing, by number of rows.
    """

    rows: int
    accepted: int
    rejected_by_reason: Mapping[str, int]
    values_rejected: Mapping[str, int]
    repeated: int = 0
    people: int = 0
    replaced: int = 0
    shapes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    warnings: tuple[ColumnWarning, ...] = ()
    created: int = 0
    unknown_shares: Mapping[str, int] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        """How many rows were refused, those that were not selected among them."""
        return self.rows - self.accepted

    @property
    def selected(self) -> int:
        """How many rows there are without those that name no selected segment, which nothing is wrong with."""
        return self.rows - self.rejected_by_reason.get(NOT_SELECTED, 0)


NOTHING = StagedCounts(0, 0, {}, {})
"""The counts of a file that could not be read."""


@dataclass(frozen=True)
class Staged:
    """A file made into a change. `rejects` is a CSV of row, column, reason; None without any.

    `answers` are those of people that `lake.answers` keeps; None without any.
    `delimiter` is the one that a CSV was read with. `phone_index` are rows of `lake.phone_index`, `renderings`
    those of `lake.renderings`; None without any. `named` are the identities by the segments that cells name, of a
    preview. `created` are the ids of segments that cells name and the sandbox lacks, by name.
    """

    spans: tuple[StagedSpan, ...]
    rejects: Path | None
    counts: StagedCounts
    answers: Path | None = None
    delimiter: Delimiter | None = None
    phone_index: Path | None = None
    renderings: Path | None = None
    named: Path | None = None
    created: Mapping[str, str] = field(default_factory=dict)


OVERWRITTEN = ""
"""In a change's memberships, the segment of an identity that leaves all replaced segments that no other row names."""


@dataclass(frozen=True)
class SpanChange:
    """A span's part of a change to apply, as local files. `snapshot_segment`: its members not in the change leave.

    It is of `source_id`, None where it was uploaded or streamed, and `sources` are those that the sandbox has: who was
    put into the segment by another one stays. Who is a member since later than `as_of` leaves only by what erases,
    and who left later by a stream, as `departures` tell, does not join.
    `replaced_segments`: those of its identities that are overwritten leave these, where it does not say otherwise.
    `erase` names identities (hi, lo) that leave profiles and all memberships; such a change says nothing else.
    """

    at: datetime
    profiles: Path | None
    memberships: Path | None
    stream: Path | None = None
    snapshot_segment: str | None = None
    as_of: datetime | None = None
    departures: tuple[Path, ...] = ()
    source_id: str | None = None
    sources: frozenset[str] = frozenset()
    replaced_segments: frozenset[str] = frozenset()
    erase: Path | None = None


@dataclass(frozen=True)
class CurrentBucket:
    """A bucket before a change, as local files; None where there is no object. `memberships` by segment.

    `versions` are the ETags of the profiles and memberships, so that what replaces them can tell what it changes.
    """

    bucket: int
    profiles: Path | None = None
    memberships: Mapping[str, Path] = field(default_factory=dict)
    suppressions: Path | None = None
    versions: Mapping[Path, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MembersMerged:
    """A segment's bucket after a change: the new file, and who came and went, by namespace code."""

    path: Path
    realized: Mapping[int, int]
    exited: Mapping[int, int]


@dataclass(frozen=True)
class BucketMerged:
    """A bucket after a change: only what is different. `profiles` is the new file."""

    bucket: int
    profiles: Path | None
    memberships: Mapping[str, MembersMerged]
