"""Who may do what: organisations, principals and grants (docs/api.md, Who)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from handfast.access.rules import PERMISSIONS, ROLES
from handfast.identity.custom import ValueKind
from handfast.identity.free_text import PlainName
from handfast.identity.namespaces import MAX_LENGTH
from handfast.platform.wire import Request, Resource, TableItem, Timestamp, View

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

    A text has `minLength` to `maxLength` characters, of printable ASCII without blanks.
    """

    namespace: Annotated[str, Field(pattern="^[A-Za-z][A-Za-z0-9_.-]{1,39}$")]
    name: PlainName
    kind: ValueKind
    min_length: Annotated[int, Field(ge=1, le=MAX_LENGTH)] | None = None
    max_length: Annotated[int, Field(ge=1, le=MAX_LENGTH)] | None = None


class NamespaceView(Resource):
    """A namespace of the sandbox's own. A disabled one takes no values any more. Lengths are those of texts."""

    namespace: str
    name: str
    kind: ValueKind
    min_length: int | None
    max_length: int | None
    status: Literal["active", "disabled"]
    created_at: Timestamp


class NamespaceList(View):
    """All namespaces of the sandbox's own, in the order in which they were defined."""

    items: list[NamespaceView]
