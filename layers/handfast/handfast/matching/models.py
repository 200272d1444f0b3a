"""What one reconciliation takes and gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from handfast.journal.models import ConsentDefault
from handfast.partners.models import PartnerRef

REASONS = ("unknown_identity", "namespace_not_selected", "consent", "suppressed", "not_in_partner", "paused")
"""Why a member is not shared; the first that applies counts."""


@dataclass(frozen=True)
class Terms:
    """What a dataflow may share now: accepted and still shared segments (none when it is stopped), codes of the
    selected namespaces, the source's consent default.

    `source` is the sandbox that shares, `partner` the one that receives, which has to know an identity to be given it;
    None for a target that is no partner. `partner_consent_default` is the one by which the partner's own answers are
    checked too, None where it does not ask for that. `paused`: nothing new is realized, exits still apply.
    """

    source: str
    partner: PartnerRef | None
    segments: tuple[str, ...]
    namespaces: tuple[int, ...]
    consent_default: ConsentDefault
    paused: bool = False
    partner_consent_default: ConsentDefault | None = None


type DeliveredCounts = Mapping[str, Mapping[int, int]]
"""Identities that a target holds, by segment and namespace code."""


@dataclass(frozen=True)
class Baseline:
    """A bucket as a reconciliation under the same terms left it, and what its inputs have changed since.

    The counts are as in `BucketResult`. The files hold the changed rows as they were before each delta, the oldest
    first: `hi, lo, namespace, share, profile_share` of profiles (namespace null: not there), and `hi, lo, realized` of
    a segment's members.
    """

    members: int
    excluded: Mapping[str, int]
    delivered: DeliveredCounts
    profiles: Sequence[Path] = ()
    partner: Sequence[Path] = ()
    memberships: Mapping[str, Sequence[Path]] = field(default_factory=dict)


@dataclass(frozen=True)
class BucketFiles:
    """One bucket's objects as local files; None where there is no object. `memberships` by segment.

    `suppressions` are the source's, `partner_suppressions` the target's, `suppressions_towards_…` what the one has
    suppressed towards the other alone. `baseline` is there when all that can have changed the outcome since is known.
    """

    bucket: int
    profiles: Path | None = None
    partner: Path | None = None
    memberships: Mapping[str, Path] = field(default_factory=dict)
    suppressions: Path | None = None
    disclosures: Path | None = None
    partner_suppressions: Path | None = None
    suppressions_towards_partner: Path | None = None
    suppressions_towards_source: Path | None = None
    baseline: Baseline | None = None

    def in_memory(self) -> list[Path]:
        """The files whose rows are held in memory: all, but where only what has changed is decided."""
        inputs = (
            self.profiles,
            self.partner,
            *self.memberships.values(),
            self.suppressions,
            self.partner_suppressions,
            self.suppressions_towards_partner,
            self.suppressions_towards_source,
        )
        return [path for path in (self.disclosures, *(() if self.baseline else inputs)) if path is not None]


def _sum(delivered: DeliveredCounts) -> int:
    return sum(sum(by_namespace.values()) for by_namespace in delivered.values())


@dataclass(frozen=True)
class BucketResult:
    """One reconciled bucket, counted in pairs of identity and segment: members = shared + all of excluded.

    `delivered` is what the target holds afterwards, `shared` its sum. `disclosures` is the new file, None where nothing
    changed.
    """

    bucket: int
    members: int
    excluded: Mapping[str, int]
    delivered: DeliveredCounts
    realized: int
    exited: int
    disclosures: Path | None

    @property
    def shared(self) -> int:
        """Pairs of identity and segment that the target holds."""
        return _sum(self.delivered)


@dataclass(frozen=True)
class ChangedPairs:
    """Pairs of identity and segment that a run has changed in a bucket."""

    realized: int
    exited: int


@dataclass(frozen=True)
class BucketState:
    """A bucket as of its last reconciliation, by `run_id`: under which terms, and of which versions of its objects.

    The counts are as in `BucketResult`.
    """

    terms: str
    versions: Mapping[str, str]
    members: int
    excluded: Mapping[str, int]
    delivered: DeliveredCounts
    run_id: str
    realized: int
    exited: int

    @property
    def shared(self) -> int:
        """Pairs of identity and segment that the target holds."""
        return _sum(self.delivered)
