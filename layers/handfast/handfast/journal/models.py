"""Who acts, on which sandbox, and what happened (docs/api.md, Who and Activity)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from handfast.platform.wire import Name, Packed, TableItem

type ConsentDefault = Literal["default_allow", "default_deny"]


type PrivacyRule = Literal["automatic", "approval"]
type ErasureScope = Literal["delivered", "everything"]


type FourEyes = Literal["wide", "always", "never"]


@cache
def _time_zones() -> frozenset[str]:
    """Looked up once: it walks the machine's folder of zones, and each sandbox that is read is checked."""
    return frozenset(available_timezones())


def _time_zone(name: str) -> str:
    if name not in _time_zones():
        raise ValueError("no such time zone; write one such as Europe/Berlin")
    return name


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("no such day; write one such as 2026-12-25") from None


Share = Annotated[float, Field(ge=0, le=1)]
"""A part of a whole, 0 to 1."""
Threshold = Annotated[int, Field(ge=0)]
PhoneRegion = Annotated[str, Field(pattern="^[A-Z]{2}$")]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Day = Annotated[str, AfterValidator(_day)]


@dataclass(frozen=True)
class TcfRule(TableItem):
    """When a TCF string is a yes: consent to all these purposes and, where one is named, to the vendor of this id."""

    purposes: Annotated[tuple[Annotated[int, Field(ge=1, le=24)], ...], Field(min_length=1, max_length=24)]
    vendor_id: Annotated[int, Field(ge=1, le=65535)] | None = None


@dataclass(frozen=True)
class GppRule(TableItem):
    """Which sections of a GPP string count, by their API prefixes such as `usnat`; of several the strictest answer."""

    sections: Annotated[
        tuple[Annotated[str, Field(pattern="^[a-z0-9]{1,10}$")], ...], Field(min_length=1, max_length=30)
    ]


@dataclass(frozen=True)
class ConsentStrings(TableItem):
    """What the consent strings of uploads say of sharing; a kind without a rule is not taken."""

    tcf: TcfRule | None = None
    gpp: GppRule | None = None


@dataclass(frozen=True)
class PartnerGuards(TableItem):
    """What a sandbox guards its segments by against a partner that claims to know nearly everybody.

    `largest_share` is the largest part of a segment (0 to 1) that one partner may know, `fastest_growth` by how much of
    itself a partner's universe may grow in a day (1: to the double). A partner's identity counts once the partner has
    known it for `minimum_age_hours` full hours.
    """

    largest_share: Annotated[float, Field(ge=0, le=1)] = 0.9
    fastest_growth: Annotated[float, Field(ge=0, le=1000)] = 1.0
    minimum_age_hours: Annotated[int, Field(ge=0, le=8760)] = 0


@dataclass(frozen=True)
class OwnNamespace(TableItem):
    """A namespace that a sandbox has defined. Sandboxes with one of the same symbol, kind and lengths share its `code`.

    `kind`: its values are digests (`sha256`), or texts of `min_length` to `max_length` characters. A `disabled` one
    takes no values any more, and goes on naming those that there are. Its values are what `drop_list` of DROP lists.
    """

    code: int
    symbol: str
    name: str
    kind: Literal["sha256", "text"]
    min_length: int
    max_length: int
    created_at: str
    disabled: bool = False
    drop_list: Literal["CTVID", "NDZ", "NameVIN"] | None = None

    @property
    def names_a_person(self) -> bool:
        """Whether a value is of one person, as a name with a date of birth is, and not of a device that several use."""
        return self.drop_list in {"NDZ", "NameVIN"}


@dataclass(frozen=True)
class Sandbox(TableItem):
    """One side of a connection, with its settings.

    `removal_guard` is the share of members a snapshot may remove (0 to 1), `reject_guard` the share of an upload's rows
    that may be refused (0 to 1); `overlap_threshold` the smallest overlap, in identities, that an estimate shows and
    that is shared, where the partner's is no larger; `partner_guards` what holds back new members beside it;
    `phone_region` the ISO 3166 region of national phone numbers.
    `check_own_consent`: whether a partner's member is received only where one's own answers, or one's consent default,
    let the identity be shared; `consent_strings` what TCF and GPP strings of uploads say.
    `phone_index`: whether raw phone numbers are indexed by their last ten digits, by which DROP lists people.
    `privacy_rule`: whether verified privacy requests, one's own and partners', run at once or wait for an approval;
    `partner_erasures`: whether an erasure that a partner passes on is about what that partner has delivered, or about
    everything that the sandbox holds of the person;
    `privacy_four_eyes`: which of them somebody else has to approve than who entered or verified them: `wide` erasures
    of more than one profile, and all that came from outside; `always`, or `never`.
    `package_review`: whether a person's package waits until somebody has looked at it, and has withheld what others'
    rights or the law keep from the person;
    `trait_folder` and `segment_folder`: the folders of the traits and segments that received segments are.
    `profile_entitlement`: how many identities the sandbox may have by uploads that do not say otherwise; None: any.
    `time_zone` (IANA) and `holidays` (ISO 8601 dates) are those that their deadlines are counted in.
    `namespaces` are those that its users have defined.
    """

    sandbox_id: str
    name: str
    organization_id: str
    organization_name: str
    consent_default: ConsentDefault = "default_allow"
    removal_guard: Share = 0.3
    reject_guard: Share = 0.05
    overlap_threshold: Threshold = 1000
    partner_guards: PartnerGuards = field(default_factory=PartnerGuards)
    phone_region: PhoneRegion | None = None
    privacy_rule: PrivacyRule = "approval"
    partner_erasures: ErasureScope = "delivered"
    privacy_four_eyes: FourEyes = "wide"
    time_zone: TimeZone = "UTC"
    holidays: tuple[Day, ...] = ()
    phone_index: bool = False
    package_review: bool = False
    trait_folder: Name = "Experience Platform Traits"
    segment_folder: Name = "Experience Platform Segments"
    profile_entitlement: Annotated[int, Field(ge=1)] | None = None
    namespaces: Packed[tuple[OwnNamespace, ...]] = ()
    check_own_consent: bool = False
    consent_strings: ConsentStrings = field(default_factory=ConsentStrings)
    revision: int = 1

    @property
    def own_namespaces(self) -> tuple[int, ...]:
        """The codes of its own namespaces, but for disabled ones."""
        return tuple(each.code for each in self.namespaces if not each.disabled)

    @property
    def received_by(self) -> ConsentDefault | None:
        """The consent default by which one's own answers are checked of what is received; None where they are not."""
        return self.consent_default if self.check_own_consent else None


@dataclass(frozen=True)
class Caller:
    """A signed-in principal, on the sandbox of the path where there is one, with its permissions there."""

    principal_id: str
    name: str
    sandbox: Sandbox | None = None
    permissions: frozenset[str] = frozenset()

    @property
    def sandbox_id(self) -> str:
        """The sandbox in the path; only for routes that have one."""
        return self.on.sandbox_id

    @property
    def on(self) -> Sandbox:
        """The sandbox in the path; only for routes that have one."""
        if self.sandbox is None:
            raise LookupError("this route has no sandbox")
        return self.sandbox


@dataclass(frozen=True)
class Actor:
    """Who did it: a principal of one's own side, the partner's organisation (never its people), or Handfast."""

    kind: Literal["principal", "partner", "system", "operator"]
    actor_id: str | None = None
    name: str | None = None

    @classmethod
    def of(cls, caller: "Caller") -> "Actor":
        """The caller, in its own side's log."""
        return cls("principal", caller.principal_id, caller.name)

    @classmethod
    def partner(cls, organization_name: str) -> "Actor":
        """The other side, in the partner's log."""
        return cls("partner", None, organization_name)

    @classmethod
    def system(cls) -> "Actor":
        """Handfast itself: schedules and workers."""
        return cls("system", None, "Handfast")

    @classmethod
    def operator(cls) -> "Actor":
        """Who runs the deployment."""
        return cls("operator", None, "Operator")


@dataclass(frozen=True)
class Event:
    """One thing that happened in one sandbox: `type` as docs/api.md lists them, `subject` the id concerned."""

    sandbox_id: str
    type: str
    actor: Actor
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)
