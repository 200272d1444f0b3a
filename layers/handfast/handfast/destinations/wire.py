"""Destinations as calls send and receive them (docs/api.md, Destinations)."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from handfast.dataflows.models import DataflowView, PopulationPeople, SegmentName
from handfast.destinations.aggregation import AggregationToSet, AggregationView
from handfast.destinations.models import ATTRIBUTES, MAPPED, SEGMENTS, ActivationStatus, DestinationStatus
from handfast.governance.export_controls import ExportLabel, ExportLabels
from handfast.governance.marketing_actions import MarketingAction, NamedAction
from handfast.identity.free_text import PlainName, PlainNote
from handfast.platform.wire import GivenTime, Request, Resource, Timestamp, View, not_null
from handfast.segments.models import StoppedSegment, ViolationView


class TargetIdentityView(View):
    """An identity that a type takes. `namespaces` are those that may be mapped to it as they are.

    `ownNamespaces`: so may those that the sandbox has defined. `appliesTransformation`: of such a one whose values are
    texts, they may be hashed on their way. The target `*` is any other name.
    """

    target: str
    description: str
    considerations: str
    namespaces: list[str]
    own_namespaces: bool
    applies_transformation: bool


class DestinationLimits(View):
    """Pairs of identity and segment that a request carries at most, and how often a destination is called."""

    pairs_per_call: int
    calls_per_second: int


class DestinationTypeView(View):
    """A type of destination. Both schemas are JSON schemas, in which secrets are writeOnly.

    `accountId` and `mappingId` say what these are there; null where there is no account, and any name will do.
    """

    type: str
    name: str
    description: str
    export_type: str
    export_frequency: str
    identities: list[TargetIdentityView]
    takes_attributes: bool
    account_id: str | None
    mapping_id: str | None
    marketing_actions: list[MarketingAction]
    prerequisites: list[str]
    known_limits: list[str]
    settings_schema: dict[str, Any]
    authentication_schema: dict[str, Any]
    limits: DestinationLimits


class DestinationTypeList(View):
    """The types that there are."""

    items: list[DestinationTypeView]
    next_cursor: str | None = None


# Destinations

AccountId = Annotated[PlainName, Field(pattern=r"^[ -~]+$")]
"""An id that a header can carry."""
MarketingActions = Annotated[list[NamedAction], Field(max_length=12)]


class CreateDestination(Request):
    """A system outside. `settings` and `authentication` are as the type's schemas say (`GET /destination-types`).

    `marketingActions` are what it does with data beside what its type does; policies decide by them. `exportLabels` of
    Audience Manager are four of them by another name. `credentialsExpireAt` is when the credentials end by themselves,
    where they do: an alert comes before.
    """

    type: Annotated[str, Field(max_length=50)]
    name: PlainName
    description: PlainNote | None = None
    account_id: AccountId | None = None
    settings: dict[str, Any]
    authentication: Annotated[dict[str, Any], Field(default_factory=dict)]
    marketing_actions: MarketingActions = Field(default_factory=list)
    export_labels: ExportLabels = Field(default_factory=list)
    credentials_expire_at: GivenTime | None = None
    aggregation: AggregationToSet | None = None


class PatchDestination(Request):
    """What to change. What is left out stays, but no secret at a new address; null puts back a default.

    `status` disabled pauses all that is activated: nothing new is realized, and what leaves still leaves.
    `marketingActions` replace all, those that are export labels too; `exportLabels` replace those alone. New secrets
    end by themselves only where `credentialsExpireAt` is named anew.
    """

    name: PlainName | None = None
    description: PlainNote | None = None
    account_id: AccountId | None = None
    status: Literal["enabled", "disabled"] | None = None
    settings: Annotated[dict[str, Any], Field(default_factory=dict)]
    authentication: Annotated[dict[str, Any], Field(default_factory=dict)]
    marketing_actions: MarketingActions | None = None
    export_labels: ExportLabels | None = None
    credentials_expire_at: GivenTime | None = None
    aggregation: AggregationToSet | None = None

    _not_null = field_validator("name", "status", "marketing_actions", "export_labels", mode="before")(not_null)


class DestinationView(Resource):
    """A destination. Secrets are never shown: `secrets` tells whether any are set, `secretNames` which.

    `exportLabels` are those that its marketing actions are in Audience Manager.
    Until `formerSecretsUntil`, or until a test has found that the new ones are accepted, the former ones are used.
    """

    destination_id: str
    type: str
    name: str
    description: str | None
    account_id: str | None
    status: DestinationStatus
    settings: dict[str, Any]
    authentication: dict[str, Any]
    secrets: Literal["set", "none"]
    secret_names: list[str]
    former_secrets_until: Timestamp | None
    credentials_expire_at: Timestamp | None
    marketing_actions: list[str]
    export_labels: list[ExportLabel]
    aggregation: AggregationView
    created_at: Timestamp
    updated_at: Timestamp


class DestinationList(View):
    """A page of destinations."""

    items: list[DestinationView]
    next_cursor: str | None


class DestinationCheck(View):
    """One thing that the test has tried; `detail` says what to do when it failed."""

    name: str
    ok: bool
    detail: str


class DestinationTest(View):
    """Whether the destination works as it is set up."""

    ok: bool
    checks: list[DestinationCheck]


# Activations

SegmentId = Annotated[str, Field(max_length=200)]


class SegmentToActivate(Request):
    """A segment, what the destination calls it, and the days, the last one included, on which it is given to it."""

    segment_id: SegmentId
    mapping_id: PlainName | None = None
    start_date: date | None = None
    end_date: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start_date and self.end_date and self.end_date < self.start_date:
            raise ValueError("endDate must not be before startDate")
        return self


class IdentityToMap(Request):
    """A namespace as `source`, and the type's target identity that its values are at the destination."""

    source: Annotated[str, Field(max_length=200)]
    target: Annotated[str, Field(max_length=200, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    apply_transformation: bool = False


class AttributeToMap(Request):
    """An attribute of profiles as `source`, and its path at the destination, such as `person.tier`."""

    source: PlainName
    target: Annotated[str, Field(max_length=200, pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$")]


Segments = Annotated[list[SegmentToActivate], Field(min_length=1, max_length=SEGMENTS)]
IdentityMapping = Annotated[list[IdentityToMap], Field(min_length=1, max_length=MAPPED)]
AttributeMapping = Annotated[list[AttributeToMap], Field(max_length=ATTRIBUTES)]


class CreateActivation(Request):
    """Segments to give to a destination, and as which of its identities."""

    segments: Segments
    mapping: IdentityMapping
    attributes: AttributeMapping = Field(default_factory=list)


class PatchActivation(Request):
    """What to change: each member replaces what there is. A segment that is left out leaves with its members."""

    segments: Segments = Field(default_factory=list)
    mapping: IdentityMapping = Field(default_factory=list)
    attributes: AttributeMapping = Field(default_factory=list)


class ActivatedSegmentView(View):
    """A segment as it is activated."""

    segment_id: str
    name: str | None
    mapping_id: str | None
    start_date: date | None
    end_date: date | None


class MappedIdentityView(View):
    """A namespace, and what its values are at the destination."""

    source: str
    target: str
    apply_transformation: bool


class MappedAttributeView(View):
    """An attribute of profiles, and its path at the destination."""

    source: str
    target: str


class ActivationView(Resource):
    """What is activated to a destination. One that is `ending` is gone when its members have left."""

    activation_id: str
    destination_id: str
    destination_name: str
    dataflow_id: str
    status: ActivationStatus
    segments: list[ActivatedSegmentView]
    mapping: list[MappedIdentityView]
    attributes: list[MappedAttributeView]
    backfill_asked_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class ActivationList(View):
    """The activations of a destination."""

    items: list[ActivationView]
    next_cursor: str | None


class ActivationCounts(View):
    """Pairs of identity and segment, as of now: members of the segments, and those that would be given.

    `people` are those behind them, segment by segment; of the cleared ones at least one identity is not kept back.
    """

    members: int
    activated: int
    people: PopulationPeople


class ExcludedCounts(View):
    """Pairs of identity and segment that would not be given, by the first reason.

    `peopleByReason` are the people of whom no identity comes further than the reason, segment by segment.
    """

    by_reason: dict[str, int]
    people_by_reason: dict[str, int]


class ActivationPreview(View):
    """What an activation would do. The numbers are null where there is too much to count in a call.

    `sample` is a body as the destination would be sent it, of people who do not exist.
    """

    dry_run: Literal[True] = True
    counts: ActivationCounts | None
    excluded: ExcludedCounts | None
    sample: Any


class SegmentChanges(View):
    """How many identities of a segment would join the destination, and how many would leave it."""

    segment_id: str
    name: str | None
    joining: int
    leaving: int


class ActivationChangePreview(ActivationPreview):
    """What a change of an activation would do: the numbers of it as it becomes, and who would join and leave by it.

    `joining`, `leaving` and `segments` are of the run that would follow, with whatever waits for one anyway; null where
    there is too much to count in a call.
    """

    joining: int | None
    leaving: int | None
    segments: list[SegmentChanges] | None


class AffectedActivation(View):
    """An activation of which a change stops some segments by policies, or takes some up again, or that goes on.

    `joining` and `leaving` are pairs of identity and segment in the run that would follow, with whatever waits for one
    anyway; null where there is too much to count in a call. `segments` have the names of both.
    """

    activation_id: str
    dataflow_id: str
    segment_ids: list[str]
    resumed_segment_ids: list[str]
    segments: list[SegmentName]
    joining: int | None
    leaving: int | None


class DestinationPreview(View):
    """What a change of a destination would do.

    `testNeeded`: it would be called otherwise, so that a test has to show whether it can be; until then, or until
    `formerSecretsUntil`, former secrets would be used. `segments` are those that would be given no more, with what
    forbids them; `activations` those that a run would follow for.
    """

    dry_run: Literal[True] = True
    test_needed: bool
    former_secrets_until: Timestamp | None
    segments: list[StoppedSegment]
    activations: list[AffectedActivation]


class ExplainDestination(Request):
    """Segments that are not activated yet, to be explained too."""

    segment_ids: Annotated[
        list[Annotated[str, Field(max_length=200)]], Field(default_factory=list, max_length=SEGMENTS)
    ]


class ExplainedActivation(View):
    """Whether a segment may be given to the destination, what forbids it, and what would resolve that.

    `lostSegmentIds` are received segments that it is or names and that are not received any more.
    """

    destination_id: str
    segment_id: str
    segment_name: str | None
    allowed: bool
    violations: list[ViolationView]
    lost_segment_ids: list[str]
    resolve: list[str]


class DestinationExplanation(View):
    """All segments that are activated to a destination, and those that were asked about."""

    items: list[ExplainedActivation]


class DestinationDataflowView(DataflowView):
    """A dataflow to a destination."""

    destination_id: str
    destination_name: str
    activation_id: str
