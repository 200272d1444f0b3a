"""Who may do what: organisations, principals and grants (docs/api.md, Who)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, field_validator

from handfast.access.rules import PERMISSIONS, ROLES
from handfast.governance import gpp
from handfast.identity.custom import ValueKind
from handfast.identity.drop import OwnList
from handfast.identity.free_text import PlainName
from handfast.identity.namespaces import MAX_LENGTH
from handfast.journal.models import (
    ConsentDefault,
    ConsentStrings,
    Day,
    ErasureScope,
    FourEyes,
    PartnerGuards,
    PhoneRegion,
    PrivacyRule,
    Share,
    Threshold,
    TimeZone,
)
from handfast.platform.wire import Name, Request, Resource, TableItem, Timestamp, View, not_null

Permission = Annotated[str, Field(json_schema_extra={"enum": sorted(PERMISSIONS)})]
Role = Annotated[str, Field(json_schema_extra={"enum": sorted(ROLES)})]


@dataclass(frozen=True)
class Organization(TableItem):
    """An organisation, which has sandboxes."""

    organization_id: str
    name: str


@dataclass(frozen=True)
class Principal(TableItem):
    """A person or machine that the operator has made known, last for a sandbox of this organisation.

    None for one that was made known before organisations were kept.
    """

    name: str
    organization_id: str | None = None


@dataclass(frozen=True)
class Client(TableItem):
    """An app client of the user pool by which a machine signs in, where it is or was not the machine's only one.

    `principal_id` is the machine, which is named after its first client; `until` the time from which on the API takes
    no token of this client, None for no such time.
    """

    client_id: str
    principal_id: str
    until: str | None = None


@dataclass(frozen=True)
class GrantItem(TableItem):
    """A grant of a principal on a sandbox, with the names that lists show."""

    principal_id: str
    name: str
    sandbox_id: str
    sandbox_name: str
    organization_name: str
    role: str | None
    permissions: tuple[str, ...]
    revision: int = 1


class MyGrant(View):
    """A grant of the caller's own."""

    sandbox_id: str
    sandbox_name: str
    organization_name: str
    role: str | None
    permissions: list[str]


class Me(View):
    """The caller and its grants."""

    principal_id: str
    name: str
    grants: list[MyGrant]


class Grant(Resource):
    """A principal's rights on a sandbox: those of its role and those named one by one."""

    principal_id: str
    name: str
    role: str | None
    permissions: list[str]


class GrantList(View):
    """A page of grants."""

    items: list[Grant]
    next_cursor: str | None


class PutGrant(Request):
    """Rights to give: a role, single permissions, or both."""

    role: Role | None = None
    permissions: list[Permission] = Field(default_factory=list, max_length=len(PERMISSIONS))


class DefineNamespace(Request):
    """A namespace of the sandbox's own: digests that were made elsewhere (`sha256`), or ids as they are (`text`).

    A text has `minLength` to `maxLength` characters, of printable ASCII without blanks. With `dropList` its values are
    what that list of DROP has: digests made as DROP makes them, or as texts ids of televisions (`CTVID`) alone.
    """

    namespace: Annotated[str, Field(pattern="^[A-Za-z][A-Za-z0-9_.-]{1,39}$")]
    name: PlainName
    kind: ValueKind
    min_length: Annotated[int, Field(ge=1, le=MAX_LENGTH)] | None = None
    max_length: Annotated[int, Field(ge=1, le=MAX_LENGTH)] | None = None
    drop_list: OwnList | None = None


class NamespaceView(Resource):
    """A namespace of the sandbox's own. A disabled one takes no values any more. Lengths are those of texts.

    `dropList` is the list of DROP that its values are compared with.
    """

    namespace: str
    name: str
    kind: ValueKind
    min_length: int | None
    max_length: int | None
    status: Literal["active", "disabled"]
    created_at: Timestamp
    drop_list: OwnList | None


class NamespaceList(View):
    """All namespaces of the sandbox's own, in the order in which they were defined."""

    items: list[NamespaceView]


class SandboxSettings(View):
    """What the people of a sandbox decide for it.

    `consentDefault` is what counts where a person has not said yes or no, `checkOwnConsent` whether a partner's member
    is received only where one's own answers, or that default, let the identity be shared. `consentStrings` says what
    the TCF and GPP strings of uploads mean. `removalGuard` is the share of members a snapshot may remove, `rejectGuard`
    the share of an upload's rows that may be refused, `overlapThreshold` the smallest overlap that is told.
    `phoneRegion` is the country of national phone numbers, `phoneIndex` whether they are indexed by their last ten
    digits, by which DROP lists people. `partnerGuards` hold new members back from a partner that claims to know nearly
    everybody. `traitFolder` and `segmentFolder` are where received segments are shown in Audience Manager's terms,
    `profileEntitlement` how many identities uploads may bring the sandbox to.
    Of privacy requests: `privacyRule`, whether verified ones run at once or wait for an approval; `partnerErasures`,
    what a partner's erasure is about; `privacyFourEyes`, what another has to approve; `packageReview`, whether somebody
    looks at a package first; `timeZone` and `holidays`, by which deadlines are counted.
    """

    consent_default: ConsentDefault
    check_own_consent: bool
    consent_strings: ConsentStrings
    removal_guard: Share
    reject_guard: Share
    overlap_threshold: Threshold
    partner_guards: PartnerGuards
    phone_region: PhoneRegion | None
    phone_index: bool
    privacy_rule: PrivacyRule
    partner_erasures: ErasureScope
    privacy_four_eyes: FourEyes
    package_review: bool
    time_zone: TimeZone
    holidays: list[Day]
    trait_folder: str
    segment_folder: str
    profile_entitlement: int | None


class SandboxView(Resource):
    """A sandbox with its settings."""

    sandbox_id: str
    name: str
    organization_name: str
    settings: SandboxSettings


class PartnerGuardsBody(Request):
    """What holds new members back from a partner that claims to know nearly everybody; a guard left out stays."""

    largest_share: Annotated[float, Field(ge=0, le=1)] | None = None
    fastest_growth: Annotated[float, Field(ge=0, le=1000)] | None = None
    minimum_age_hours: Annotated[int, Field(ge=0, le=8760)] | None = None

    _not_null = field_validator("*", mode="before")(not_null)


class PatchSettings(Request):
    """Settings to change; those left out stay.

    A null `phoneRegion` or `profileEntitlement` takes it away. `consentStrings` is changed as a whole.
    """

    consent_default: ConsentDefault | None = None
    check_own_consent: bool | None = None
    consent_strings: ConsentStrings | None = None
    removal_guard: Share | None = None
    reject_guard: Share | None = None
    overlap_threshold: Threshold | None = None
    partner_guards: PartnerGuardsBody | None = None
    phone_region: PhoneRegion | None = None
    phone_index: bool | None = None
    privacy_rule: PrivacyRule | None = None
    partner_erasures: ErasureScope | None = None
    privacy_four_eyes: FourEyes | None = None
    package_review: bool | None = None
    time_zone: TimeZone | None = None
    holidays: Annotated[list[Day], Field(max_length=1000)] | None = None
    trait_folder: Name | None = None
    segment_folder: Name | None = None
    profile_entitlement: Annotated[int, Field(ge=1)] | None = None

    _not_null = field_validator(
        "consent_default",
        "check_own_consent",
        "consent_strings",
        "removal_guard",
        "reject_guard",
        "overlap_threshold",
        "partner_guards",
        "phone_index",
        "privacy_rule",
        "partner_erasures",
        "privacy_four_eyes",
        "package_review",
        "time_zone",
        "holidays",
        "trait_folder",
        "segment_folder",
        mode="before",
    )(not_null)

    @field_validator("consent_strings")
    @classmethod
    def _readable(cls, rules: ConsentStrings) -> ConsentStrings:
        sections = rules.gpp.sections if rules.gpp else ()
        unknown = set(sections) - set(gpp.SECTIONS)
        if unknown:
            raise ValueError(f"gpp.sections: the sections that are read are {', '.join(gpp.SECTIONS)}")
        if gpp.TCF_EU in sections and rules.tcf is None:
            raise ValueError(f"the section {gpp.TCF_EU} needs a rule for TCF beside it")
        return rules


class PatchSandbox(Request):
    """What to change of a sandbox."""

    settings: PatchSettings


class ConsentChanges(View):
    """How many of a dataflow's members would come to count as consenting, and how many no longer would.

    They are pairs of identity and segment of the sandbox's own data, whomever the partner knows, and null where they
    are too many to count.
    """

    dataflow_id: str
    name: str
    joining: int | None
    leaving: int | None


class GuardedPair(View):
    """A segment of which a guard, or the minimum, holds back what is new in a namespace, and why."""

    segment_id: str
    segment_name: str | None
    namespace: str
    reason: str


class GuardChanges(View):
    """What other guards or another minimum would hold back of a dataflow, and what they would let pass, both by why.

    `undecided`: nothing may be shared, or no answers about the partner are left of the day's.
    """

    dataflow_id: str
    name: str
    holding: list[GuardedPair]
    releasing: list[GuardedPair]
    undecided: bool


class SandboxPreview(View):
    """What a change would do to the dataflows out of the sandbox.

    `dataflows` are without any where consent is counted as before, `guards` where guards and the minimum stay.
    """

    dataflows: list[ConsentChanges]
    guards: list[GuardChanges]
