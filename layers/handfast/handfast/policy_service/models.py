"""Labels, policies, data sources and evaluations as they go over the wire (docs/api.md, Governance).

Policies and evaluations have, beside members in Handfast's own words, those of Adobe's public Policy Service, by which
a client of that API understands them.
"""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from handfast.governance.export_controls import ExportControl, ExportControls
from handfast.governance.expressions import MAX_LABELS, MAX_LEVELS, Deny, fits
from handfast.governance.labels import LabelCode, Labels
from handfast.governance.marketing_actions import NamedAction
from handfast.governance.policies import PolicyStatus
from handfast.identity.free_text import PlainName, PlainNote
from handfast.platform.wire import Request, Resource, Timestamp, View, not_null

# Labels


class PutLabel(Request):
    """A custom label. Its code stands in the path."""

    name: PlainName
    description: PlainNote | None = None


class LabelView(Resource):
    """A label: a core one, or a custom one of the sandbox."""

    code: str
    name: str
    description: str | None
    custom: bool


class LabelList(View):
    """A page of labels, the core ones first."""

    items: list[LabelView]
    next_cursor: str | None


# Marketing actions


class PutMarketingAction(Request):
    """A marketing action of the sandbox's own. Its code stands in the path, and is its name unless that is given."""

    name: PlainName | None = None
    description: PlainNote | None = None


class MarketingActionView(Resource):
    """A use of data: a core one, or a custom one of the sandbox, with its reference in the public Policy Service."""

    code: str
    name: str
    description: str | None
    custom: bool
    marketing_action_ref: str
    created_at: Timestamp | None
    updated_at: Timestamp | None


class MarketingActionList(View):
    """A page of marketing actions, the core ones first."""

    items: list[MarketingActionView]
    next_cursor: str | None


# Policies


def _sized(deny: Deny) -> Deny:
    if not fits(deny):
        raise ValueError(f"at most {MAX_LEVELS} levels, and {MAX_LABELS} labels in all")
    return deny


Actions = Annotated[list[NamedAction], Field(min_length=1, max_length=30)]


class PutPolicy(Request):
    """A policy of the sandbox's own: what is denied, for which marketing actions.

    Several actions are alternatives. They are named in `marketingActions`, or in `marketingActionRefs` as the public
    Policy Service does. The policy is a draft unless `status` says otherwise, or `enabled` in its place.
    """

    name: PlainName
    description: PlainNote | None = None
    status: PolicyStatus | None = None
    enabled: bool | None = None
    marketing_actions: Actions | None = None
    marketing_action_refs: Actions | None = None
    deny: Annotated[Deny, AfterValidator(_sized)]

    @model_validator(mode="after")
    def _said_once(self) -> Self:
        if (self.marketing_actions is None) == (self.marketing_action_refs is None):
            raise ValueError("give either marketingActions or marketingActionRefs")
        if self.status is not None and self.enabled is not None:
            raise ValueError("give either status or enabled")
        return self

    @property
    def actions(self) -> tuple[str, ...]:
        """The marketing actions, each once."""
        return tuple(dict.fromkeys(self.marketing_actions or self.marketing_action_refs or ()))

    @property
    def wanted_status(self) -> PolicyStatus:
        """The status that the policy is to have."""
        if self.enabled is None:
            return self.status or "DRAFT"
        return "ENABLED" if self.enabled else "DISABLED"


def _is_absent(value: object) -> bool:
    return value is None


class PolicyExpression(View):
    """What a policy denies: either one `label`, or an `operator` over `operands` that are such expressions.

    Where a partner's terms are answered, it is an `AND` over no operands: they hold whatever the labels.
    """

    label: str | None = Field(default=None, exclude_if=_is_absent)
    operator: Literal["AND", "OR"] | None = Field(default=None, exclude_if=_is_absent)
    operands: list["PolicyExpression"] | None = Field(default=None, exclude_if=_is_absent)

    @classmethod
    def of(cls, deny: Deny) -> Self:
        """As it is answered."""
        return cls.model_validate(deny.model_dump())


class PolicyView(Resource):
    """A policy, core or the sandbox's own. A core one that was never switched has no times."""

    policy_id: str
    name: str
    description: str | None
    core: bool
    status: PolicyStatus
    enabled: bool
    marketing_actions: list[str]
    marketing_action_refs: list[str]
    deny: PolicyExpression
    created_at: Timestamp | None
    updated_at: Timestamp | None


class PolicyList(View):
    """A page of policies, the core ones first."""

    items: list[PolicyView]
    next_cursor: str | None


# Data sources


class CreateDataSource(Request):
    """Where data come from. Its labels and export controls hold for every segment that its uploads feed."""

    name: PlainName
    labels: Labels = Field(default_factory=list)
    export_controls: ExportControls = Field(default_factory=list)


class PatchDataSource(Request):
    """What to change; members left out stay."""

    name: PlainName | None = None
    labels: Labels | None = None
    export_controls: ExportControls | None = None

    _not_null = field_validator("name", "labels", "export_controls", mode="before")(not_null)


class DataSourceView(Resource):
    """A data source. `inheritedLabels` are what its segments carry: its labels, and those that its controls are.

    `createdAt` is null of the one that received segments are of, `updatedAt` too until it is changed.
    """

    data_source_id: str
    name: str
    labels: list[str]
    export_controls: list[ExportControl]
    inherited_labels: list[str]
    created_at: Timestamp | None
    updated_at: Timestamp | None


class DataSourceList(View):
    """A page of data sources, oldest first."""

    items: list[DataSourceView]
    next_cursor: str | None


# Evaluation

type EntityType = Literal["segment", "dataSource", "column"]

Entities = Annotated[list["Entity"], Field(min_length=1, max_length=100)]


class Entity(Request):
    """Something that carries labels: a segment, a data source, or a column that feeds a segment (`seg_…/column`)."""

    entity_type: EntityType
    entity_id: Annotated[str, Field(min_length=1, max_length=300)]


class EvaluateEntities(Request):
    """What a marketing action would be done with. Each segment is looked at by itself, all else together."""

    entities: Entities


class BulkEvaluation(Request):
    """One question of many: of `labels` or of `entityList`, about the marketing action that `evalRef` names.

    `evalRef` is such as `/marketingActions/core/emailTargeting/constraints`.
    """

    eval_ref: Annotated[str, Field(min_length=1, max_length=300)]
    include_draft: bool = False
    labels: Annotated[list[LabelCode], Field(min_length=1, max_length=MAX_LABELS)] | None = None
    entity_list: Entities | None = None


class DiscoveredLabels(View):
    """An entity, and the labels that it carries."""

    entity_type: EntityType
    entity_id: str
    labels: list[str]


class Evaluation(View):
    """Whether a marketing action is allowed: it is where no policy is violated.

    What a received feed excludes for its segments is among `violatedPolicies`, its id in place of a policy's.
    `duleLabels` and the members from `timestamp` to `sandboxName` are those of the public Policy Service.
    """

    marketing_action: str
    marketing_action_ref: str
    labels: list[str]
    dule_labels: list[str]
    discovered_labels: list[DiscoveredLabels]
    violated_policies: list[PolicyView]
    timestamp: int
    client_id: str
    user_id: str
    ims_org: str
    sandbox_name: str


class EvaluationProblem(View):
    """Why one question of many has no answer."""

    title: str
    detail: str


class EvaluationAnswer(View):
    """The answer to one question of many, with the status that it would have had alone."""

    status: int
    body: Evaluation | EvaluationProblem
