"""What a file of a desired state says. Members that it leaves out are not looked at: they stay as they are."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    JsonValue,
    StringConstraints,
    TypeAdapter,
    model_validator,
)
from pydantic.alias_generators import to_camel

from handfast_client import models as api

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Note = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=100)]
LabelCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")]
ActionCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Settings = dict[str, JsonValue]
Prunable = Literal[
    "labels",
    "marketingActions",
    "segments",
    "policies",
    "sources",
    "feeds",
    "destinations",
    "activations",
    "connectors",
    "webhooks",
]


def _distinct(values: list[str]) -> list[str]:
    if len(set(values)) < len(values):
        raise ValueError("names something twice")
    return values


def _as_kept(url: str) -> str:
    """An address as the API answers it."""
    return str(_URL.validate_python(url))


_URL = TypeAdapter(HttpUrl)
Labels = Annotated[list[LabelCode], AfterValidator(_distinct)]
Actions = Annotated[list[ActionCode], AfterValidator(_distinct)]
Names = Annotated[list[Name], Field(min_length=1), AfterValidator(_distinct)]


class Part(BaseModel):
    """Base of all parts of a file: no members but its own, and no values of another type."""

    model_config = ConfigDict(
        extra="forbid", strict=True, alias_generator=to_camel, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    def given(self) -> dict[str, Any]:
        """The members that the file gives, by their names there."""
        return self.model_dump(by_alias=True, exclude_unset=True)


class Thing(Part, ABC):
    """Base of what stands in the sections."""

    @property
    @abstractmethod
    def key(self) -> str:
        """What it is known by, among those of its kind."""


class Named(Thing):
    """Base of what is matched with what is there by its name, or by its id."""

    id: Id = ""
    """The id of what is meant, where names are double or the name is to be changed."""
    name: Name

    @property
    def key(self) -> str:
        """Its name."""
        return self.name


class Label(Thing):
    """A label of the sandbox's own."""

    code: LabelCode
    name: Name
    description: Note | None = None

    @property
    def key(self) -> str:
        """Its code."""
        return self.code


class MarketingAction(Thing):
    """A marketing action of the sandbox's own."""

    code: ActionCode
    name: Name
    description: Note | None = None

    @property
    def key(self) -> str:
        """Its code."""
        return self.code


class Namespace(Thing):
    """A kind of ids of the sandbox's own."""

    namespace: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{1,39}$")]
    name: Name
    kind: Literal["sha256", "text"]
    """`sha256` for digests, `text` for ids as they are."""
    min_length: int | None = None
    max_length: int | None = None
    drop_list: api.OwnList | None = None
    """The list of DROP that its values are hashed for."""

    @property
    def key(self) -> str:
        """Its symbol."""
        return self.namespace


class DataSource(Named):
    """Where data come from, with labels and controls for all that they feed."""

    labels: Labels = Field(default_factory=list)
    export_controls: list[
        Literal[
            "no_combination_with_pii", "no_offsite_ad_targeting", "no_onsite_ad_targeting", "no_onsite_personalization"
        ]
    ] = Field(default_factory=list)


class Segment(Named):
    """A segment of the sandbox's own."""

    description: Note | None = None
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    """Your own id of it."""
    labels: Labels = Field(default_factory=list)
    expression: Annotated[str, StringConstraints(min_length=1, max_length=4000)] | None = None
    """What it is composed of, with names of segments in braces: `{Readers} AND NOT {Customers}`."""

    @model_validator(mode="after")
    def _stays_what_it_is(self) -> "Segment":
        if "expression" in self.model_fields_set and self.expression is None:
            raise ValueError("expression: leave it out, a composed segment stays one")
        return self


class Denied(Part):
    """A label, or an AND or OR over such."""

    label: LabelCode | None = None
    operator: Literal["AND", "OR"] | None = None
    operands: Annotated[list["Denied"], Field(min_length=1, max_length=100)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Denied":
        if (self.label is None) == (self.operator is None) or (self.operator is None) != (self.operands is None):
            raise ValueError("write either label, or operator and operands")
        return self


class Policy(Named):
    """A policy of the sandbox's own."""

    description: Note | None = None
    marketing_actions: Annotated[Actions, Field(min_length=1, max_length=30)]
    deny: Denied
    enabled: bool
    """Whether it counts."""


class Column(Part):
    """What a column of files holds, as in an upload."""

    column: Name
    as_: api.Role = Field(alias="as")
    namespace: str | None = None
    transform: api.Transform | None = None
    form: api.PhoneForm | None = None
    name: Name | None = None
    answers: dict[str, str] | None = None
    labels: Labels = Field(default_factory=list)
    separator: api.Separator | None = None
    leaves: bool = False
    optional: bool = False
    of: Name | None = None


class Dialect(Part):
    """How a CSV is written."""

    delimiter: api.Delimiter | None = None
    header: Annotated[list[Name], Field(min_length=1)] | None = None


class Schedule(Part):
    """When a source runs by itself: every so many minutes, or once a day."""

    every_minutes: Annotated[int, Field(ge=5, le=10080)] | None = None
    time_of_day: Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = None
    time_zone: str = "UTC"

    @model_validator(mode="after")
    def _one_of_both(self) -> "Schedule":
        if (self.every_minutes is None) == (self.time_of_day is None):
            raise ValueError("write either everyMinutes or timeOfDay")
        return self


class Source(Named):
    """A place that files are taken from. Its secrets are references: `{env: NAME}` or `{file: PATH}`."""

    description: Note | None = None
    kind: api.Kind
    settings: Settings
    status: Literal["enabled", "paused"] = "enabled"
    takes: Literal["new", "all"] | None = None
    schedule: Schedule | None = None
    on_events: bool = False
    segment: Name | None = None
    """The name of the segment that every row is a member of."""
    data_source: Name | None = None
    """The name of the data source that the files are of."""
    format: api.Format | None = None
    mode: api.Mode | None = None
    preset: Name | None = None
    file_name: Name | None = None
    columns: list[Column] = Field(default_factory=list)
    dialect: Dialect | None = None
    blanks: api.Blanks = "leave"
    allow_removal: bool = False
    allow_rejects: bool = False
    allow_over_entitlement: bool = False
    replace_identities: bool = False
    create_segments: bool = False
    rejects_name_profiles: bool = False
    renderings: list[api.Platform] = Field(default_factory=list)
    segments: Literal["all"] | Annotated[list[Name], Field(min_length=1)] | None = None
    """Of a preset that names segments: those to take, by their ids there."""
    share_values: dict[str, str] | None = None


class Connection(Thing):
    """A partner that the sandbox is to be connected with.

    It is requested by `connectId` where there is neither a connection nor a request, and never again after somebody
    has rejected, withdrawn or ended it. `accept` approves the partner's own request.
    """

    organization: Name
    """The partner's organisation, as the deployment calls it. A connect ID of another is refused."""
    sandbox: Name | None = None
    """The partner's sandbox, as the deployment calls it: for `accept`, and where the organisation has several."""
    connect_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    note: Note | None = None
    """A word to the partner with the request, or with its acceptance."""
    accept: bool = False
    """Whether a request of exactly this organisation and sandbox is accepted. This is an approval."""
    allows_estimates: bool = False
    """Whether the partner may estimate overlaps."""

    @property
    def key(self) -> str:
        """What feeds name it by."""
        return f"{self.organization}/{self.sandbox}" if self.sandbox else self.organization

    @model_validator(mode="after")
    def _names_whom_it_accepts(self) -> "Connection":
        if self.accept and not self.sandbox:
            raise ValueError("accept approves a request: name the partner's sandbox beside its organization")
        return self


class Feed(Named):
    """What is shared, and with whom."""

    description: Note | None = None
    segments: Annotated[Names, Field(max_length=20)]
    """Names of own segments."""
    namespaces: Annotated[Names, Field(max_length=10)]
    restricted_marketing_actions: Actions = Field(default_factory=list)
    partners: Annotated[list[Name], AfterValidator(_distinct), Field(max_length=15)] = Field(default_factory=list)
    """Organisations, or `organisation/sandbox`. One that is not connected yet is waited for."""
    show_population: bool = False
    published: bool = False
    """Whether the draft is released. Without it the draft alone is kept, and releasing is by hand."""


class ActivatedSegment(Part):
    """A segment that a destination is given, from one day to another where those are named."""

    segment: Name
    """The name of an own or received segment."""
    mapping_id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    start_date: str | None = None
    end_date: str | None = None


class MappedIdentity(Part):
    """The namespace whose ids become a target identity."""

    source: Name
    target: Name
    apply_transformation: bool = False


class MappedAttribute(Part):
    """The attribute that is given along, and where."""

    source: Name
    target: Name


class Activation(Thing):
    """What a destination is given. One is known by the target identities of its mapping, or by its id."""

    id: Id = ""
    segments: Annotated[list[ActivatedSegment], Field(min_length=1, max_length=250)]
    mapping: Annotated[list[MappedIdentity], Field(min_length=1, max_length=50)]
    attributes: Annotated[list[MappedAttribute], Field(max_length=50)] = Field(default_factory=list)

    @property
    def key(self) -> str:
        """Its target identities."""
        return targets(each.target for each in self.mapping)


def targets(names: Iterable[str]) -> str:
    """What an activation is known by."""
    return ", ".join(sorted(names))


class Aggregation(Part):
    """How changes are gathered into requests."""

    max_identities: Annotated[int, Field(ge=1)] | None = None
    max_age_seconds: Annotated[int, Field(ge=0)] = 0
    group_by: list[api.GroupBy] = Field(default_factory=list)


class Destination(Named):
    """A system outside that is given segments. Its secrets are references: `{env: NAME}` or `{file: PATH}`."""

    type: Name
    description: Note | None = None
    account_id: Name | None = None
    status: Literal["enabled", "disabled"] = "enabled"
    settings: Settings
    authentication: Settings = Field(default_factory=dict)
    marketing_actions: Actions = Field(default_factory=list)
    """What it does with data, beside what all of its type do. An export label is one of these."""
    aggregation: Aggregation | None = None
    activations: list[Activation] = Field(default_factory=list)


class Connector(Named):
    """A system outside that privacy requests reach. Its secrets are references: `{env: NAME}` or `{file: PATH}`."""

    type: Name
    settings: Settings


class Webhook(Thing):
    """An address that events are sent to. The signing secret is the API's; it is shown by a rotation, never here."""

    id: Id = ""
    url: Annotated[str, StringConstraints(min_length=1, max_length=2083), AfterValidator(_as_kept)]
    types: Annotated[Names, Field(max_length=50)]
    status: Literal["enabled", "disabled"] = "enabled"

    @property
    def key(self) -> str:
        """Its address."""
        return self.url


class Document(Part):
    """The state that a sandbox is wanted in. A section that is left out is not looked at."""

    version: Literal[1]
    prune: Annotated[list[Prunable], AfterValidator(_distinct)] = Field(default_factory=list)
    """Sections of which everything is deleted that is there and not in the file."""
    settings: Settings = Field(default_factory=dict)
    """Settings of the sandbox, such as consentDefault."""
    labels: list[Label] = Field(default_factory=list)
    marketing_actions: list[MarketingAction] = Field(default_factory=list)
    namespaces: list[Namespace] = Field(default_factory=list)
    data_sources: list[DataSource] = Field(default_factory=list)
    segments: list[Segment] = Field(default_factory=list)
    core_policies: dict[str, bool] = Field(default_factory=dict)
    """Core policies by their ids, such as `restrict_email_targeting: true`: whether they are enabled."""
    policies: list[Policy] = Field(default_factory=list)
    sources: list[Source] = Field(default_factory=list)
    connections: list[Connection] = Field(default_factory=list)
    feeds: list[Feed] = Field(default_factory=list)
    destinations: list[Destination] = Field(default_factory=list)
    connectors: list[Connector] = Field(default_factory=list)
    webhooks: list[Webhook] = Field(default_factory=list)

    @property
    def sections(self) -> frozenset[str]:
        """The sections that the file has, empty ones too."""
        return frozenset(to_camel(name) for name in self.model_fields_set) - {"version", "prune"}
