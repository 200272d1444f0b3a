"""Dataflows and their runs (docs/api.md, Feeds)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from handfast.matching.models import Guards, HoldReason
from handfast.partners.answer_budget import PrivacyLoss
from handfast.partners.models import PartnerRef
from handfast.platform.wire import Packed, Progress, Resource, TableItem, Timestamp, View

type DataflowStatus = Literal["active", "paused", "closing", "closed"]


type RunStatus = Literal["running", "completed", "failed"]


@dataclass(frozen=True)
class Target(TableItem):
    """Where a dataflow leads: a partner's sandbox, or a destination, which has no `partner`.

    `kind` names the kind of target that decides on the dataflow's terms (`dataflows.targets`), `about` are the ids by
    which that kind finds what it decides on.
    """

    kind: str
    partner: PartnerRef | None = None
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Dataflow(TableItem):
    """What carries segments from a source sandbox to one target. `segment_ids` are those last accepted for it.

    `name` is what people call it: the name of what it carries.
    """

    dataflow_id: str
    source: Packed[PartnerRef]
    target: Packed[Target]
    name: str
    status: DataflowStatus
    segment_ids: tuple[str, ...]
    created_at: str
    updated_at: str
    revision: int = 1


@dataclass(frozen=True)
class Run(TableItem):
    """One pass over `total` spans of a dataflow; `outstanding` ones (as in object keys) are yet to be reconciled.

    `reason` is what set it off, `failure` the code of why it failed.
    `counts` are sums over the spans done, in pairs of identity and segment: profilesReceived, identitiesActivated,
    identitiesFailed, realized, exited, and one `excluded.<reason>` for each reason.
    `changed` is where and when they changed what a partner was given (`dataflows.versions`), `ledger_version` the
    version that this stood at when the run ended.
    """

    dataflow_id: str
    run_id: str
    status: RunStatus
    reason: str
    started_at: str
    total: int
    outstanding: frozenset[str] = frozenset()
    completed_at: str | None = None
    failure: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    ledger_version: int | None = None


@dataclass(frozen=True)
class Verdict(TableItem):
    """Why nothing new of a segment is realized in a namespace, by its code; None where it is.

    `guard_age` is about those alone whom the partner has come to know a moment ago. `released`: the source lets the
    partner have any share of it.
    """

    segment_id: str
    namespace: int
    reason: HoldReason | None
    released: bool = False


@dataclass(frozen=True)
class HoldDecision(TableItem):
    """What of a dataflow is held back, as it was last decided, by the guards of then.

    `universe` is how many identities the target knew then; its growth is measured from `accepted_universe`, which it
    had at `accepted_at`.
    """

    dataflow_id: str
    decided_at: str
    guards: Packed[Guards]
    verdicts: Packed[tuple[Verdict, ...]]
    universe: int
    accepted_universe: int
    accepted_at: str
    revision: int = 1

    def held(self) -> tuple[Verdict, ...]:
        """The verdicts that hold something back."""
        return tuple(verdict for verdict in self.verdicts if verdict.reason is not None)


@dataclass(frozen=True)
class RecencyDay(TableItem):
    """A dataflow whose terms are others on each day (UTC), and the day (ISO 8601) whose terms it was last run under."""

    dataflow_id: str
    day: str


@dataclass(frozen=True)
class LookAgain(TableItem):
    """A dataflow of which something is held back: it may be decided on again from `due_at` on.

    `is_called_for`: a run has come since, or its guards are others.
    """

    dataflow_id: str
    due_at: str
    is_called_for: bool = False


@dataclass(frozen=True)
class AgeWait(TableItem):
    """A dataflow somebody of whose is given in an `hour` (`clock.hours`), having been known for long enough by then."""

    dataflow_id: str
    hour: int


class SegmentName(View):
    """What a segment is called that the answer names by its id. `name` is null once the segment is gone."""

    segment_id: str
    name: str | None


def named(segment_ids: Iterable[str], names: Mapping[str, str]) -> list[SegmentName]:
    """Segments with their names, each once, in the order of their ids' first mention."""
    return [SegmentName(segment_id=each, name=names.get(each)) for each in dict.fromkeys(segment_ids)]


class HeldView(View):
    """A segment of which nothing new is realized in a namespace. What is delivered stays, and what leaves leaves.

    With the reason `guard_age` it is about those alone whom the partner has come to know a moment ago. The answer's
    `segments` have its name.
    """

    segment_id: str
    namespace: str
    reason: str


class ReleasePreview(View):
    """What a release would let pass."""

    dry_run: Literal[True] = True
    dataflow_id: str
    name: str
    segments: list[SegmentName]
    held: list[HeldView]


@dataclass(frozen=True)
class PublishedTotals(TableItem):
    """What the source of a dataflow has last been told of what its partner was given.

    `shared` are pairs of identity and segment by namespace code, with noise and in steps, over `segments` segments.
    """

    at: str
    segments: int
    shared: Packed[Mapping[int, int]]
    revision: int = 1


class DataflowView(Resource):
    """A dataflow as one of its sides sees it. What else there is to say, its kind of target adds.

    `held` is what waits for its overlap to reach the minimum, or for the source to release it.
    """

    dataflow_id: str
    direction: Literal["outgoing", "incoming"]
    status: DataflowStatus
    segment_ids: list[str]
    segments: list[SegmentName]
    held: list[HeldView]
    created_at: Timestamp
    updated_at: Timestamp


class Excluded(View):
    """Pairs of identity and segment that were not shared, by the first reason."""

    by_reason: dict[str, int]


class RunView(View):
    """One pass over a dataflow. All numbers are pairs of identity and segment, as of the run and by it.

    A side that they are not told has null: what depends on whom a partner knows (`identitiesActivated`, `realized`,
    `exited`) is not told to the source, whose population has a total of it; what comes before
    (`profilesReceived`, `identitiesExcluded`) is not told to the target, unless the feed shows it.
    `reason` is what set it off. `failure` says why it failed: `lost_races`, other writers came first again and again,
    or `processing_failed`. The dataflow's next run makes up for it. `asOf` is when what it changed counted, once it has
    ended; `tableVersion` the version that the partner's table stood at then, for the partner alone.
    """

    run_id: str
    status: RunStatus
    reason: str
    failure: str | None
    started_at: Timestamp
    completed_at: Timestamp | None
    as_of: Timestamp | None
    table_version: int | None
    progress: Progress
    profiles_received: int | None
    identities_activated: int | None
    identities_excluded: Excluded | None
    identities_failed: int
    realized: int | None
    exited: int | None


class RunList(View):
    """A page of runs, newest first."""

    items: list[RunView]
    next_cursor: str | None


class Interval(View):
    """A number of identities with its 95 % interval, the noise in it."""

    estimate: int
    low: int
    high: int


class PopulationStep(View):
    """How many were kept back for a reason. `people` are those of whom it keeps back the identity that came furthest.

    It is null where people are not counted.
    """

    reason: str
    identities: int
    people: int | None


class PopulationPeople(View):
    """How many people the members and the cleared identities are, segment by segment."""

    members: int
    cleared: int


class NamespacePopulation(View):
    """A population of one namespace; null for members of whom no identity is known. Members are as in the whole."""

    namespace: str | None
    members: int | None
    steps: list[PopulationStep]
    cleared: int | None
    shared: int | None
    shared_estimate: Interval | None
    below_threshold: bool | None
    people: PopulationPeople | None


class NotCounted(View):
    """Why the counts of two sides differ although each is right, where no step can count it."""

    reason: str
    text: str


class PopulationView(View):
    """Why fewer are shared than the segments have members: members = all steps + cleared, for people too.

    Identities are pairs with their segment, as of the last reconciliation of each bucket; people are of the data as
    they are now, and null where they are too much to count. `cleared` may be shared as far as the source decides; which
    of them the partner knows too is `shared`. That is exact for the target; the source is told it by namespace in
    `sharedEstimate`, with noise, in steps, as of `sharedAsOf`, a day old at most while answers are left, and
    `belowThreshold` in its place where it is below the pair's. The target is not told what comes before, unless the
    feed shows it.
    """

    members: int | None
    steps: list[PopulationStep]
    cleared: int | None
    shared: int | None
    people: PopulationPeople | None
    namespaces: list[NamespacePopulation]
    shared_as_of: Timestamp | None
    not_counted: list[NotCounted]
    privacy: PrivacyLoss | None
