"""Destinations as a sandbox sets them up (docs/destinations.md)."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from handfast.connectors import secret_settings
from handfast.connectors.contract import Check, TestResult
from handfast.dataflows import outbox, runs
from handfast.dataflows.models import Run
from handfast.destinations import accounts, aggregation, registry, store, target
from handfast.destinations.contract import Account, DestinationType, Segment
from handfast.destinations.models import PER_SANDBOX, Destination
from handfast.destinations.wire import (
    CreateDestination,
    DestinationCheck,
    DestinationLimits,
    DestinationList,
    DestinationTest,
    DestinationTypeList,
    DestinationTypeView,
    DestinationView,
    PatchDestination,
    TargetIdentityView,
)
from handfast.governance import export_controls
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.optimistic import Versions, check_version, lost_condition_is, stale
from handfast.platform.problems import Conflict, NotFound, Refused
from handfast.platform.table import ConditionFailed, Write
from handfast.platform.wanted import Wanted, by_name

TEST_SECONDS = 25
"""What a caller of the API waits at most for a test."""
GRACE = timedelta(hours=24)
"""How long the former secrets are used at most, where no test has accepted the new ones."""


def types() -> DestinationTypeList:
    """The types of destinations, with their cards and the schemas of their settings."""
    return DestinationTypeList(items=[_type_view(kind) for _, kind in sorted(registry.destination_types().items())])


def get_type(name: str) -> DestinationTypeView:
    """One type of destinations. Raises NotFound for an unknown one."""
    try:
        return _type_view(registry.destination_type(name))
    except registry.UnknownDestinationError as error:
        raise NotFound(str(error), known=list(registry.destination_types())) from None


def create(caller: Caller, body: CreateDestination) -> DestinationView:
    """Set up a destination.

    Raises Refused for an unknown type, an account id that is missing, settings that its schemas do not allow, or more
    identities a request than it takes, and Conflict when the sandbox has as many as it may.
    """
    new, secrets = _new(caller, body)
    with lost_condition_is(Conflict(f"a sandbox has at most {PER_SANDBOX} destinations", current="too_many")):
        store.create(new, secrets, _event(caller, "created", new))
    return view(new)


def _new(caller: Caller, body: CreateDestination) -> tuple[Destination, dict[str, str]]:
    kind = _kind(body.type)
    checked = secret_settings.validated(kind.settings_schema, body.settings)
    settings, _ = secret_settings.split(checked)
    given = secret_settings.validated(kind.authentication_schema, body.authentication, "authentication")
    authentication, secrets = secret_settings.split(given)
    _check_account(kind, body.account_id)
    now = clock.now_text()
    new = Destination(
        sandbox_id=caller.sandbox_id,
        destination_id=new_id("dst"),
        type=body.type,
        name=body.name,
        description=body.description,
        account_id=body.account_id,
        status="enabled",
        settings=settings,
        authentication=authentication,
        secrets=tuple(sorted(secrets)),
        marketing_actions=_named((), body.marketing_actions, body.export_labels),
        aggregation=aggregation.checked(kind, checked, body.aggregation),
        created_at=now,
        updated_at=now,
        credentials_expire_at=_text(body.credentials_expire_at),
    )
    return new, secrets


def _text(at: datetime | None) -> str | None:
    return clock.to_text(at) if at else None


def _kind(name: str) -> DestinationType[Any, Any]:
    try:
        return registry.destination_type(name)
    except registry.UnknownDestinationError as error:
        raise Refused(str(error), pointer="/type", reason="validation") from None


def _check_account(kind: DestinationType[Any, Any], account_id: str | None) -> None:
    if kind.card.account is not None and account_id is None:
        raise Refused(f"name the account: {kind.card.account}", pointer="/accountId", reason="validation")


def list_destinations(caller: Caller, wanted: Wanted, limit: int, cursor: str | None) -> DestinationList:
    """The sandbox's destinations, newest first unless something else is wanted.

    Raises Malformed for a cursor of another list, Refused for one that is too long to be sorted.
    """
    selection = wanted.selection(
        lambda each: (each.name, each.description, each.type),
        {"status": lambda each: each.status, "type": lambda each: each.type},
        {"name": lambda each: by_name(each.name), "updated": lambda each: each.updated_at},
    )
    found, more = store.destinations_page(caller.sandbox_id, limit, cursor, selection)
    return DestinationList(items=[view(each) for each in found], next_cursor=more)


def get(caller: Caller, destination_id: str) -> DestinationView:
    """One destination.

    Raises NotFound for an unknown destination.
    """
    return view(load(caller, destination_id))


def load(caller: Caller, destination_id: str) -> Destination:
    """The caller's destination; NotFound for others."""
    found = store.destination(caller.sandbox_id, destination_id)
    if found is None:
        raise NotFound("no such destination")
    return found


def update(caller: Caller, destination_id: str, body: PatchDestination, if_match: Versions) -> DestinationView:
    """Change a destination; what is left out stays, secrets too. What it means for its dataflows follows at once.

    Raises as `changed` does, and Stale when it is changed at once.
    """
    old, new, secrets = changed(caller, destination_id, body, if_match)
    named = sorted(body.model_dump(exclude_unset=True, by_alias=True))
    events = [_event(caller, "changed", new, changed=named)]
    if new.status != old.status:
        events.append(_event(caller, new.status, new))
    writes, due = _followed(old, new)
    with lost_condition_is(stale("destination")):
        if secrets is not None or _has_moved(old, new.settings):
            new = store.with_secrets(new, old, secrets or {}, _former(old) if new.former_until else None)
        outbox.commit([store.put(new, over=old), *writes], events, due)
    return view(replace(new, revision=old.revision + 1))


def changed(
    caller: Caller, destination_id: str, body: PatchDestination, if_match: Versions
) -> tuple[Destination, Destination, dict[str, str] | None]:
    """A destination as it is and as a change makes it, with its secrets then, None where they stay.

    Raises NotFound for an unknown destination, Stale when it is no longer the version in If-Match, Conflict for one
    that is being deleted, Refused for settings that its schemas do not allow, for a new address without the secrets,
    and for more identities a request than its type takes.
    """
    old = load(caller, destination_id)
    check_version(if_match, old.revision, "destination")
    if old.status == "deleting":
        raise Conflict("the destination is being deleted", current="deleting")
    secrets, authentication = _authentication(old, body)
    return old, _changed(old, body, authentication, secrets), secrets


def _former(old: Destination) -> dict[str, Any] | None:
    """The authentication that is used until a new one is accepted; None where that used no secret."""
    if _uses_former(old):
        return store.former_authentication(old)
    kept = store.secrets(old)
    return {**old.authentication, **kept} if kept else None


def _has_moved(old: Destination, settings: Mapping[str, Any]) -> bool:
    """Whether secrets go to another address by these settings."""
    return any(old.settings.get(name) != settings.get(name) for name in _kind(old.type).settings_schema.secrets_go_to)


def former_until(of: Destination) -> str | None:
    """Until when a destination's former secrets are used; None: not any more."""
    return of.former_until if _uses_former(of) else None


def _uses_former(of: Destination) -> bool:
    return of.former_until is not None and of.former_until > clock.now_text()


def _authentication(old: Destination, body: PatchDestination) -> tuple[dict[str, str] | None, dict[str, Any]]:
    """The secrets as they become, None where they stay, and the rest of the authentication."""
    kind, changes = _kind(old.type), body.authentication
    before: Mapping[str, Any] = old.authentication
    is_another = changes.get("kind", before.get("kind")) != before.get("kind")
    kept = [] if is_another else [name for name in old.secrets if not changes.get(name)]
    secret_settings.refuse_elsewhere(kind.settings_schema, old.settings, body.settings, kept)
    secret_settings.refuse_elsewhere(kind.authentication_schema, before, changes, kept, "authentication")
    if not changes:
        return None, dict(before)
    given = changes if is_another else secret_settings.merged(before, store.secrets(old), changes)
    plain, secrets = secret_settings.split(
        secret_settings.validated(kind.authentication_schema, given, "authentication")
    )
    return secrets, plain


def _changed(
    old: Destination, body: PatchDestination, authentication: dict[str, Any], secrets: dict[str, str] | None
) -> Destination:
    kind, named = _kind(old.type), body.model_fields_set
    merged = secret_settings.merged(old.settings, {}, body.settings)
    checked = secret_settings.validated(kind.settings_schema, merged)
    settings, _ = secret_settings.split(checked)
    account_id = body.account_id if "account_id" in named else old.account_id
    _check_account(kind, account_id)
    now = clock.now()
    former_until, expire_at = old.former_until, old.credentials_expire_at
    if secrets is not None:
        former_until, expire_at = clock.to_text(now + GRACE) if old.secrets or _uses_former(old) else None, None
    if _has_moved(old, settings):
        former_until = None  # they were for the former address
    if "credentials_expire_at" in named:
        expire_at = _text(body.credentials_expire_at)
    return replace(
        old,
        name=body.name or old.name,
        description=body.description if "description" in named else old.description,
        account_id=account_id,
        status=body.status or old.status,
        settings=settings,
        authentication=authentication,
        secrets=old.secrets if secrets is None else tuple(sorted(secrets)),
        marketing_actions=_named(old.marketing_actions, body.marketing_actions, body.export_labels),
        aggregation=aggregation.checked(kind, checked, body.aggregation)
        if "aggregation" in named
        else aggregation.kept(kind, checked, old.aggregation),
        former_until=former_until,
        credentials_expire_at=expire_at,
        updated_at=clock.to_text(now),
    )


def _named(old: Sequence[str], actions: Sequence[str] | None, export_labels: Sequence[str] | None) -> tuple[str, ...]:
    """What is said of a destination's use of data; of what is not named (None), what was said before stays."""
    kept = old if actions is None else actions
    if export_labels is not None:
        others = kept if actions is not None else [each for each in old if not export_controls.export_labels([each])]
        kept = [*others, *export_controls.marketing_actions(export_labels)]
    return tuple(dict.fromkeys(kept))


def _followed(old: Destination, new: Destination) -> tuple[list[Write], list[Run]]:
    """What a change of a destination makes due at its dataflows."""
    if not makes_due(old, new):
        return [], []
    flows = target.flows(new)
    is_used_otherwise = actions(old) != actions(new)
    writes = [write for flow in flows for write in target.renewed(flow, new, actions(new))] if is_used_otherwise else []
    return writes, [runs.new_run(flow.dataflow_id, "destination.changed") for flow in flows]


def makes_due(old: Destination, new: Destination) -> bool:
    """Whether a run of each dataflow to a destination follows from a change of it."""
    return (old.status, actions(old)) != (new.status, actions(new)) or _is_written_anew(old, new)


def _is_written_anew(old: Destination, new: Destination) -> bool:
    """Whether whole memberships are written to another place, or otherwise."""
    kind = registry.destination_type(new.type)
    return old.settings != new.settings and kind.takes_snapshots(
        kind.settings_schema.model_validate(dict(new.settings))
    )


def actions(of: Destination) -> tuple[str, ...]:
    """What a destination does with data: what any of its type does, and what was said of this one."""
    return tuple(dict.fromkeys((*registry.destination_type(of.type).card.marketing_actions, *of.marketing_actions)))


def test(caller: Caller, destination_id: str) -> DestinationTest:
    """Try whether a destination works as it is set up. Where it does, former secrets are kept no longer.

    Raises NotFound for an unknown destination, Conflict while its secrets are for another address.
    """
    found = load(caller, destination_id)
    kind, activated = registry.destination_type(found.type), store.activations(caller.sandbox_id, destination_id)
    current = [segment for activation in activated for segment in activation.current]
    result = _tested(kind, account(found, accounts.told(caller.sandbox_id, current), newest=True))
    if result.ok and found.former_until is not None:
        _accept(found)
    commit([], [_event(caller, "tested", found, ok=result.ok)])
    return _test_view(result)


def account(of: Destination, told: Mapping[str, Segment], *, newest: bool = False) -> Account[Any, Any]:
    """A destination with its secrets, as `accounts.account` has it; Conflict while they are for another address."""
    try:
        return accounts.account(of, told, newest=newest)
    except ValidationError:
        detail = "the secrets are not those of this address; set them anew"
        raise Conflict(detail, current="changed") from None


def _accept(found: Destination) -> None:
    """Use the newest secrets from now on, unless the destination has been changed since it was tested."""
    with suppress(ConditionFailed):
        accepted = store.with_secrets(replace(found, former_until=None), found, store.secrets(found), None)
        commit([store.put(accepted, over=found)], [])


def _tested(kind: DestinationType[Any, Any], account: Any) -> TestResult:
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(kind.test, account).result(TEST_SECONDS)
    except TimeoutError:
        late = Check("time", False, f"it has not answered everything in {TEST_SECONDS} seconds; test again")
        return TestResult((late,))
    finally:
        pool.shutdown(wait=False)


def _test_view(found: TestResult) -> DestinationTest:
    checks = [DestinationCheck(name=check.name, ok=check.ok, detail=check.detail) for check in found.checks]
    return DestinationTest(ok=found.ok, checks=checks)


def _event(caller: Caller, what: str, of: Destination, **more: Any) -> Event:
    detail = {"name": of.name, "destinationType": of.type} | more
    return Event(caller.sandbox_id, f"destination.{what}", Actor.of(caller), of.destination_id, detail)


def view(of: Destination) -> DestinationView:
    """A destination as it is answered."""
    return DestinationView(
        destination_id=of.destination_id,
        type=of.type,
        name=of.name,
        description=of.description,
        account_id=of.account_id,
        status=of.status,
        settings=dict(of.settings),
        authentication=dict(of.authentication),
        secrets="set" if of.secrets else "none",
        secret_names=list(of.secrets),
        former_secrets_until=former_until(of),
        credentials_expire_at=of.credentials_expire_at,
        marketing_actions=list(actions(of)),
        export_labels=export_controls.export_labels(actions(of)),
        aggregation=aggregation.view(of.aggregation),
        created_at=of.created_at,
        updated_at=of.updated_at,
        version=of.revision,
    )


def _type_view(kind: DestinationType[Any, Any]) -> DestinationTypeView:
    card = kind.card
    return DestinationTypeView(
        type=kind.type,
        name=kind.name,
        description=card.description,
        export_type=card.export_type,
        export_frequency=card.export_frequency,
        identities=[
            TargetIdentityView(
                target=each.name,
                description=each.description,
                considerations=each.considerations,
                namespaces=list(each.namespaces),
                own_namespaces=each.own_namespaces,
                applies_transformation=each.hashes,
            )
            for each in card.identities
        ],
        takes_attributes=card.attributes,
        account_id=card.account,
        mapping_id=card.mapping_id,
        marketing_actions=list(card.marketing_actions),
        prerequisites=list(card.prerequisites),
        known_limits=list(card.limits),
        settings_schema=kind.settings_schema.model_json_schema(),
        authentication_schema=kind.authentication_schema.model_json_schema(),
        limits=DestinationLimits(pairs_per_call=kind.limits.pairs, calls_per_second=kind.limits.calls_per_second),
    )
