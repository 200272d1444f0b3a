"""What one reconciliation takes and gives."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from handfast.journal.models import ConsentDefault
from handfast.matching.trait_rules import Rule, has_recency, segments_of
from handfast.partners.models import PartnerRef

type HoldReason = Literal["below_minimum", "guard_share", "guard_growth", "guard_age"]
HOLD_REASONS: tuple[HoldReason, ...] = ("below_minimum", "guard_share", "guard_growth", "guard_age")
"""Why nothing new of a segment is realized in a namespace; by age, of the identities alone that are too new."""
FORM_UNKNOWN = "form_unknown"
"""Why an identity is not given of which the form that the target wants is not known; partners want none."""
REASONS = (
    "unknown_identity",
    "namespace_not_selected",
    "consent",
    "policy",
    "suppressed",
    FORM_UNKNOWN,
    "not_in_partner",
    *HOLD_REASONS,
    "paused",
)
"""Why a member is not shared; the first that applies counts."""
JOINT_REASONS = frozenset({"not_in_partner", *HOLD_REASONS, "paused"})
"""Those of which the count depends on whom the partner knows; all others are the source's own."""


@dataclass(frozen=True)
class Held:
    """Nothing new of a segment is realized in a namespace, by its code; what is delivered stays, and exits apply."""

    segment: str
    namespace: int
    reason: HoldReason


@dataclass(frozen=True)
class Guards:
    """What has to hold before anything new of a segment is realized in a namespace at a partner.

    `minimum` is the least overlap, in identities; `largest_share` the largest part (0 to 1) of the segment's shareable
    identities that the partner may have; `fastest_growth` by how much of itself the partner's universe may grow in a
    day.
    """

    minimum: int
    largest_share: float
    fastest_growth: float


@dataclass(frozen=True)
class Terms:
    """What a dataflow may share now: accepted and still shared segments (none when it is stopped), codes of the
    selected namespaces, the source's consent default.

    `stopped` are those of the segments that a policy keeps back: their members are counted, and none is shared.
    `composed` are those that have no members of their own, each with the dated rule that makes them of other segments'.
    `received` are those whose members are what dataflows have given the source and not withdrawn, with their ids.
    `source` is the sandbox that shares, `partner` the one that receives, which has to know an identity to be given it;
    None for a target that is no partner. `partner_consent_default` is the one by which the partner's own answers are
    checked too, None where it does not ask for that. `paused`: nothing new is realized, exits still apply. `held` are
    segments of which the same is true in a namespace. `guards` decide on those; they are no part of what tells terms
    from others. Of an identity that the partner has not known for `minimum_age` full hours nothing new is realized;
    `hour` is the one (`clock.hours`) as of which that is counted. `forms` are those (`identity.renderings.FORMS`) that
    a target which is no partner wants of a namespace's identities, by its code, instead of the canonical one.
    """

    source: str
    partner: PartnerRef | None
    segments: tuple[str, ...]
    namespaces: tuple[int, ...]
    consent_default: ConsentDefault
    paused: bool = False
    partner_consent_default: ConsentDefault | None = None
    stopped: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()
    guards: Guards | None = field(default=None, repr=False)
    composed: tuple[tuple[str, Rule], ...] = ()
    received: tuple[tuple[str, tuple[str, ...]], ...] = ()
    minimum_age: int = 0
    hour: int = field(default=0, repr=False, compare=False)
    forms: tuple[tuple[int, str], ...] = ()

    @property
    def sources(self) -> list[str]:
        """The segments whose members are read."""
        rules = dict(self.composed)
        named = (segments_of(rules[name]) if name in rules else (name,) for name in self.segments)
        return list(dict.fromkeys(segment for part in named for segment in part))

    @property
    def has_recency(self) -> bool:
        """Whether they are others on the next day (UTC), because a rule counts days."""
        return any(has_recency(rule) for _, rule in self.composed)


type DeliveredCounts = Mapping[str, Mapping[int, int]]
"""Identities that a target holds, by segment and namespace code."""
type KeptBack = Mapping[str, Mapping[int, int]]
"""Pairs of identity and segment that are not shared, by reason and namespace code; 0 for unknown identities."""
type ExcludedBySegment = Mapping[str, Mapping[str, int]]
"""The same pairs by segment and reason; none are counted for a partner, which its source is told nothing of by them."""

type People = Mapping[int | None, Mapping[str, int]]
"""How many people there are by namespace code and then by reason or `cleared`: None for those of all namespaces, whom
it counts once, 0 for identities that are unknown."""


@dataclass(frozen=True)
class Baseline:
    """A bucket as a reconciliation under the same terms left it, and what its inputs have changed since.

    The counts are as in `BucketResult`. The files hold the changed rows as they were before each delta, the oldest
    first: `hi, lo, namespace, share, profile_share` of profiles (namespace null: not there), and `hi, lo, realized` of
    a segment's members.
    """

    members: int
    kept_back: KeptBack
    delivered: DeliveredCounts
    excluded_by_segment: ExcludedBySegment = field(default_factory=dict)
    profiles: Sequence[Path] = ()
    partner: Sequence[Path] = ()
    memberships: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    of_age: int | None = None


@dataclass(frozen=True)
class BucketFiles:
    """One bucket's objects as local files; None where there is no object. `memberships` by segment, `received` by the
    dataflow that has given it.

    `suppressions` are the source's, `partner_suppressions` the target's, `suppressions_towards_…` what the one has
    suppressed towards the other alone; `renderings` are the source's, where the terms have forms. `baseline` is
    there when all that can have changed the outcome since is known.
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
    renderings: Path | None = None
    received: Mapping[str, Path] = field(default_factory=dict)
    baseline: Baseline | None = None

    def in_memory(self) -> list[Path]:
        """The files whose rows are held in memory: all, but where only what has changed is decided."""
        inputs = (
            self.profiles,
            self.partner,
            *self.memberships.values(),
            *self.received.values(),
            self.suppressions,
            self.partner_suppressions,
            self.suppressions_towards_partner,
            self.suppressions_towards_source,
            self.renderings,
        )
        return [path for path in (self.disclosures, *(() if self.baseline else inputs)) if path is not None]


def _sum(delivered: DeliveredCounts) -> int:
    return sum(sum(by_namespace.values()) for by_namespace in delivered.values())


def _by_reason(kept_back: KeptBack) -> dict[str, int]:
    return {reason: sum(by_namespace.values()) for reason, by_namespace in kept_back.items()}


@dataclass(frozen=True)
class BucketResult:
    """One reconciled bucket, counted in pairs of identity and segment: members = shared + all of kept_back.

    `delivered` is what the target holds afterwards, `shared` its sum. `disclosures` is the new file, None where none is
    to be written, and `has_forgotten` whether it lacks values that the one before had. `of_age` is the first hour in
    which somebody will be known for long enough; None where nobody waits.
    """

    bucket: int
    members: int
    kept_back: KeptBack
    delivered: DeliveredCounts
    realized: int
    exited: int
    disclosures: Path | None
    of_age: int | None = None
    excluded_by_segment: ExcludedBySegment = field(default_factory=dict)
    has_forgotten: bool = False

    @property
    def shared(self) -> int:
        """Pairs of identity and segment that the target holds."""
        return _sum(self.delivered)

    @property
    def excluded(self) -> dict[str, int]:
        """Pairs of identity and segment that are not shared, by reason."""
        return _by_reason(self.kept_back)


@dataclass(frozen=True)
class ChangedPairs:
    """Pairs of identity and segment that a run has changed in a bucket.

    `at` are the times (microseconds since 1970) that its rows in the ledger have.
    """

    realized: int
    exited: int
    at: tuple[int, ...] = ()


@dataclass(frozen=True)
class BucketState:
    """A bucket as of its last reconciliation, by `run_id`: under which terms, and of which versions of its objects.

    The counts are as in `BucketResult`. `universe` is how many identities the target knew in it; None where that was
    not counted. `changed_at` are the times of what the run has changed, as in `ChangedPairs`.
    """

    terms: str
    versions: Mapping[str, str]
    members: int
    kept_back: KeptBack
    delivered: DeliveredCounts
    run_id: str
    realized: int
    exited: int
    universe: int | None = None
    of_age: int | None = None
    excluded_by_segment: ExcludedBySegment = field(default_factory=dict)
    changed_at: tuple[int, ...] = ()

    def is_of_age(self, hour: int) -> bool:
        """Whether somebody in it has been known for long enough since, as of an hour."""
        return self.of_age is not None and self.of_age <= hour

    @property
    def shared(self) -> int:
        """Pairs of identity and segment that the target holds."""
        return _sum(self.delivered)

    @property
    def excluded(self) -> dict[str, int]:
        """Pairs of identity and segment that are not shared, by reason."""
        return _by_reason(self.kept_back)


@dataclass(frozen=True)
class RunPreview:
    """Pairs of identity and segment: those that would be shared afterwards, all others by the reason that excludes
    them, and by segment those that would join and leave.

    `people` are those behind them by the source's own reason that keeps them back, or `cleared`, segment by segment.
    """

    shared: int
    excluded: Mapping[str, int]
    joining: Counter[str] = field(default_factory=Counter)
    leaving: Counter[str] = field(default_factory=Counter)
    people: Mapping[str, int] = field(default_factory=dict)
