"""Setting up connectors (docs/api.md, Privacy)."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from handfast.connectors import registry, secret_settings, store
from handfast.connectors.contract import Check, Settings, TestResult
from handfast.connectors.models import (
    PER_SANDBOX,
    Configured,
    ConnectorCheck,
    ConnectorLimits,
    ConnectorList,
    ConnectorTest,
    ConnectorType,
    ConnectorTypeList,
    ConnectorView,
    CreateConnector,
    PatchConnector,
)
from handfast.journal.models import Actor, Caller, Event
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.optimistic import Versions, check_version, lost_condition_is, stale, until_written
from handfast.platform.problems import Conflict, NotFound, Refused

TEST_SECONDS = 25
"""What a caller of the API waits at most for a test."""


def types() -> ConnectorTypeList:
    """The types of outside systems, with the schema of their settings."""
    return ConnectorTypeList(
        items=[
            ConnectorType(
                type=kind.type,
                name=kind.name,
                settings=kind.settings_schema.model_json_schema(),
                limits=ConnectorLimits(
                    people=kind.limits.people,
                    calls_per_minute=kind.limits.calls_per_minute,
                    people_per_month=kind.limits.people_per_month,
                ),
            )
            for _, kind in sorted(registry.connectors().items())
        ]
    )


def create(caller: Caller, body: CreateConnector) -> ConnectorView:
    """Set up a connector; Refused for an unknown type or settings that its schema does not allow.

    Raises Refused for an unknown type or settings that its schema does not allow, Conflict when the sandbox has as
    many as it may.
    """
    try:
        registry.connector(body.type)
    except registry.UnknownConnectorError as error:
        raise Refused(str(error), pointer="/type", reason="validation") from None
    settings, secrets = _split(body.type, body.settings)
    now = clock.now_text()
    new = Configured(
        sandbox_id=caller.sandbox_id,
        connector_id=new_id("cn"),
        type=body.type,
        name=body.name,
        settings=settings,
        secrets=tuple(sorted(secrets)),
        created_at=now,
        updated_at=now,
    )
    with lost_condition_is(Conflict(f"a sandbox has at most {PER_SANDBOX} connectors", current="too_many")):
        store.create(new, secrets, _event(caller, "added", new))
    return _view(new)


def list_connectors(caller: Caller, limit: int, cursor: str | None) -> ConnectorList:
    """The sandbox's connectors, newest first.

    Raises Malformed for a cursor of another list.
    """
    found, more = store.connectors_page(caller.sandbox_id, limit, cursor)
    return ConnectorList(items=[_view(configured) for configured in found], next_cursor=more)


def get(caller: Caller, connector_id: str) -> ConnectorView:
    """One connector.

    Raises NotFound for an unknown connector.
    """
    return _view(_load(caller, connector_id))


def update(caller: Caller, connector_id: str, body: PatchConnector, if_match: Versions) -> ConnectorView:
    """Change a connector; what is left out stays, secrets too.

    Raises NotFound for an unknown connector, Stale when it is no longer the version in If-Match, Refused for settings
    that its schema does not allow.
    """
    old = _load(caller, connector_id)
    check_version(if_match, old.revision, "connector")
    settings, secrets = old.settings, None
    if body.settings:
        schema: type[Settings] = registry.connector(old.type).settings_schema
        kept = [name for name in old.secrets if not body.settings.get(name)]
        secret_settings.refuse_elsewhere(schema, old.settings, body.settings, kept)
        merged = secret_settings.merged(old.settings, store.secrets(old), body.settings)
        settings, secrets = _split(old.type, merged)
    new = replace(
        old,
        name=body.name or old.name,
        settings=settings,
        secrets=old.secrets if secrets is None else tuple(sorted(secrets)),
        updated_at=clock.now_text(),
        revision=old.revision + 1,
    )
    with lost_condition_is(stale("connector")):
        store.replace(old, new, secrets, _event(caller, "changed", new))
    return _view(new)


def delete(caller: Caller, connector_id: str, if_match: Versions) -> None:
    """Delete a connector and its secrets.

    Raises NotFound for an unknown connector, Stale when it is no longer the version in If-Match, TooManyRequests when
    it changes too fast.
    """

    def attempt() -> None:
        old = _load(caller, connector_id)
        check_version(if_match, old.revision, "connector")
        store.delete(old, _event(caller, "removed", old))

    until_written("connector", attempt)


def test(caller: Caller, connector_id: str) -> ConnectorTest:
    """Try whether a connector works as it is set up.

    Raises NotFound for an unknown connector.
    """
    configured = _load(caller, connector_id)
    kind, settings = registry.connector(configured.type), settings_of(configured)
    pool = ThreadPoolExecutor(1)
    try:
        found = pool.submit(kind.test, settings).result(TEST_SECONDS)
    except TimeoutError:
        late = Check("time", False, f"the system has not answered everything in {TEST_SECONDS} seconds; test again")
        found = TestResult((late,))
    finally:
        pool.shutdown(wait=False)
    checks = [ConnectorCheck(name=check.name, ok=check.ok, detail=check.detail) for check in found.checks]
    return ConnectorTest(ok=found.ok, checks=checks)


def settings_of(configured: Configured) -> Settings:
    """All settings of a connector. ValidationError when its type allows them no longer."""
    schema: type[Settings] = registry.connector(configured.type).settings_schema
    return schema.model_validate({**configured.settings, **store.secrets(configured)})


def _load(caller: Caller, connector_id: str) -> Configured:
    found = store.connector(caller.sandbox_id, connector_id)
    if found is None:
        raise NotFound("no such connector")
    return found


def _split(kind: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The settings to show, and the secrets that are set. Raises Refused for what the schema does not allow."""
    return secret_settings.split(secret_settings.validated(registry.connector(kind).settings_schema, given))


def _event(caller: Caller, what: str, configured: Configured) -> Event:
    detail = {"name": configured.name, "connectorType": configured.type}
    return Event(caller.sandbox_id, f"connector.{what}", Actor.of(caller), configured.connector_id, detail)


def _view(configured: Configured) -> ConnectorView:
    return ConnectorView(
        connector_id=configured.connector_id,
        type=configured.type,
        name=configured.name,
        settings=dict(configured.settings),
        secrets=list(configured.secrets),
        created_at=configured.created_at,
        updated_at=configured.updated_at,
        version=configured.revision,
    )
