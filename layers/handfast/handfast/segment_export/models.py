"""What one reconciliation takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from handfast.platform.wire import View

type ExportFormat = Literal["parquet", "csv"]
type ConsentDefault = Literal["default_allow", "default_deny"]

REASONS = ("unknown_identity", "namespace_not_selected", "consent", "suppressed", "not_in_partner", "paused")
"""Why a member is not shared; the first that applies counts."""


@dataclass(frozen=True)
class Terms:
    """What a dataflow may share now: accepted and still shared segments (none when it is stopped), codes of the
    selected namespaces, the source's consent default.

    `overlap_required` is false for a target that is not a partner's sandbox. `paused`: nothing new is realized,
    exits still apply.
    """

    source: str
    target: str
    segments: tuple[str, ...]
    namespaces: tuple[int, ...]
    consent_default: ConsentDefault
    overlap_required: bool = True
    paused: bool = False


@dataclass(frozen=True)
class BucketFiles:
    """One bucket's objects as local files; None where there is no object. `memberships` by segment."""

    bucket: int
    profiles: Path | None = None
    partner: Path | None = None
    memberships: Mapping[str, Path] = field(default_factory=dict)
    suppressions: Path | None = None
    deliveries: Path | None = None

    def paths(self) -> list[Path]:
        """The files that are there."""
        files = (self.profiles, self.partner, *self.memberships.values(), self.suppressions, self.deliveries)
        return [path for path in files if path is not None]


@dataclass(frozen=True)
class BucketResult:
    """One reconciled bucket, counted in pairs of identity and segment: members = shared + all of excluded.

    `shared` is what the target holds afterwards. `deliveries` is the new file, None where nothing changed.
    """

    bucket: int
    members: int
    excluded: Mapping[str, int]
    shared: int
    realized: int
    exited: int
    deliveries: Path | None


@dataclass(frozen=True, order=True)
class Key:
    """An identity's place in the order of the objects."""

    bucket: int
    hi: int
    lo: int


@dataclass(frozen=True)
class Disclosed:
    """Pairs of identity and segment that a run has changed in a bucket."""

    realized: int
    exited: int


@dataclass(frozen=True)
class BucketState:
    """A bucket as of its last reconciliation, by `run_id`. The counts are as in `BucketResult`."""

    fingerprint: str
    members: int
    excluded: Mapping[str, int]
    shared: int
    run_id: str
    realized: int
    exited: int


class Member(View):
    """An identity that the receiver holds. `value` is hex for a digest, text otherwise."""

    namespace: str
    value: str
    segment_ids: list[str]
    since: str


class MemberList(View):
    """A page of members, in the order of their keys."""

    items: list[Member]
    next_cursor: str | None


class MemberExport(View):
    """A file of all members, behind a link that ends with `expiresAt`."""

    url: str
    format: ExportFormat
    members: int
    expires_at: str
