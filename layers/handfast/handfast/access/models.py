"""Who may do what: callers, grants, sandboxes (docs/api.md, Who)."""

from typing import Annotated

from pydantic import Field

from handfast.access.rules import PERMISSIONS, ROLES
from handfast.platform.wire import Request, View

Permission = Annotated[str, Field(json_schema_extra={"enum": sorted(PERMISSIONS)})]
Role = Annotated[str, Field(json_schema_extra={"enum": sorted(ROLES)})]


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
