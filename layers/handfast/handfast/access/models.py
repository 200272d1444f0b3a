"""Who may do what: organisations, principals and grants (docs/api.md, Who)."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, field_validator

from handfast.access.rules import PERMISSIONS, ROLES
from handfast.governance import gpp
from handfast.journal.models import (
    ConsentDefault,
    ConsentStrings,
    Day,
    ErasureScope,
    FourEyes,
    PhoneRegion,
    PrivacyRule,
    Share,
    Threshold,
    TimeZone,
)
from handfast.platform.wire import Request, Resource, TableItem, View

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


class SandboxSettings(View):
    """What the people of a sandbox decide for it.

    `consentDefault` is what counts where a person has not said yes or no, `checkOwnConsent` whether a partner's member
    is received only where one's own answers, or that default, let the identity be shared. `consentStrings` says what
    the TCF and GPP strings of uploads mean. `removalGuard` is the share of members a snapshot may remove, `rejectGuard`
    the share of an upload's rows that may be refused, `overlapThreshold` the smallest overlap that is told.
    `phoneRegion` is the country of national phone numbers, `phoneIndex` whether they are indexed by their last ten
    digits, by which DROP lists people.
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
    phone_region: PhoneRegion | None
    phone_index: bool
    privacy_rule: PrivacyRule
    partner_erasures: ErasureScope
    privacy_four_eyes: FourEyes
    package_review: bool
    time_zone: TimeZone
    holidays: list[Day]


class SandboxView(Resource):
    """A sandbox with its settings."""

    sandbox_id: str
    name: str
    organization_name: str
    settings: SandboxSettings


class PatchSettings(Request):
    """Settings to change; those left out stay.

    A null `phoneRegion` takes it away. `consentStrings` is changed as a whole.
    """

    consent_default: ConsentDefault | None = None
    check_own_consent: bool | None = None
    consent_strings: ConsentStrings | None = None
    removal_guard: Share | None = None
    reject_guard: Share | None = None
    overlap_threshold: Threshold | None = None
    phone_region: PhoneRegion | None = None
    phone_index: bool | None = None
    privacy_rule: PrivacyRule | None = None
    partner_erasures: ErasureScope | None = None
    privacy_four_eyes: FourEyes | None = None
    package_review: bool | None = None
    time_zone: TimeZone | None = None
    holidays: Annotated[list[Day], Field(max_length=1000)] | None = None

    @field_validator(
        "consent_default",
        "check_own_consent",
        "consent_strings",
        "removal_guard",
        "reject_guard",
        "overlap_threshold",
        "phone_index",
        "privacy_rule",
        "partner_erasures",
        "privacy_four_eyes",
        "package_review",
        "time_zone",
        "holidays",
        mode="before",
    )
    @classmethod
    def _not_null(cls, value: object) -> object:
        if value is None:
            raise ValueError("must not be null")
        return value

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


class SandboxPreview(View):
    """What a change would do to the dataflows out of the sandbox; without any where consent is counted as before."""

    dataflows: list[ConsentChanges]
