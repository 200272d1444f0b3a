"""Connectors as a sandbox has set them up, and where each request stands at them (docs/api.md, Privacy)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from handfast.identity.free_text import no_identity
from handfast.platform.wire import Name, Request, Resource, TableItem, Timestamp, View

PER_SANDBOX = 10
"""Connectors that a sandbox may have."""


# What is stored


@dataclass(frozen=True)
class Configured(TableItem):
    """A connector of a sandbox. `settings` are those that are no secrets; `secrets` names those kept elsewhere,
    in the version `secrets_version`; None: kept before versions were named.
    """

    sandbox_id: str
    connector_id: str
    type: str
    name: str
    settings: Mapping[str, Any]
    secrets: tuple[str, ...]
    created_at: str
    updated_at: str
    secrets_version: str | None = None
    revision: int = 1


# What goes over the wire

# It stands in the histories of requests.
SafeName = Annotated[Name, AfterValidator(no_identity)]


class CreateConnector(Request):
    """A system outside. `settings` are as the type's schema says (`GET /connector-types`)."""

    type: Annotated[str, Field(max_length=50)]
    name: SafeName
    settings: dict[str, Any]


class PatchConnector(Request):
    """What to change. What is left out stays, but no secret at a new address; null puts back a default."""

    name: SafeName | None = None
    settings: Annotated[dict[str, Any], Field(default_factory=dict)]


class ConnectorView(Resource):
    """A connector. Secrets are never shown: `secrets` names those that are set."""

    connector_id: str
    type: str
    name: str
    settings: dict[str, Any]
    secrets: list[str]
    created_at: Timestamp
    updated_at: Timestamp


class ConnectorList(View):
    """The connectors of a sandbox."""

    items: list[ConnectorView]
    next_cursor: str | None


class ConnectorLimits(View):
    """What one call to the system may carry, and how often it is called; a quota counts people by calendar month."""

    people: int
    calls_per_minute: int
    people_per_month: int | None


class ConnectorType(View):
    """A type of outside system; `settings` is a JSON schema, in which secrets are writeOnly."""

    type: str
    name: str
    settings: dict[str, Any]
    limits: ConnectorLimits


class ConnectorTypeList(View):
    """The types that there are."""

    items: list[ConnectorType]
    next_cursor: str | None = None


class ConnectorCheck(View):
    """One thing that the test has tried; `detail` says what to do when it failed."""

    name: str
    ok: bool
    detail: str


class ConnectorTest(View):
    """Whether the connector works as it is set up."""

    ok: bool
    checks: list[ConnectorCheck]
