"""Who may do what: callers, grants, sandboxes (docs/api.md, Who)."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from handfast.access.rules import PERMISSIONS, ROLES
from handfast.platform.wire import Request, View

type ConsentDefault = Literal["default_allow", "default_deny"]
type PrivacyRule = Literal["automatic", "approval"]

Permission = Annotated[str, Field(json_schema_extra={"enum": sorted(PERMISSIONS)})]
Role = Annotated[str, Field(json_schema_extra={"enum": sorted(ROLES)})]


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("no such time zone; write one such as Europe/Berlin")
    return name


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


@dataclass(frozen=True)
class Sandbox:
    """One side of a connection, with its settings.

    `removal_guard` is the share of members a snapshot may remove (0 to 1); `overlap_threshold` the smallest
    overlap, in identities, that an estimate shows; `phone_region` the ISO 3166 region of national phone numbers.
    `privacy_rule`: whether verified privacy requests, one's own and partners', run at once or wait for an approval;
    `time_zone` (IANA) and `holidays` (ISO 8601 dates) are those that their deadlines are counted in.
    """

    sandbox_id: str
    name: str
    organization_id: str
    organization_name: str
    consent_default: ConsentDefault = "default_allow"
    removal_guard: Annotated[float, Field(ge=0, le=1)] = 0.3
    overlap_threshold: Annotated[int, Field(ge=0)] = 1000
    phone_region: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    privacy_rule: PrivacyRule = "approval"
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    holidays: tuple[Annotated[str, AfterValidator(_day)], ...] = ()


@dataclass(frozen=True)
class Caller:
    """A signed-in principal, on the sandbox of the path where there is one."""

    principal_id: str
    name: str
    sandbox: Sandbox | None = None

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


class Grant(View):
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
