"""A sandbox's settings as its own users and the operator change them, and what its dataflows do by them.

How consent is counted decides on who is shared, so a change of it makes a run of each dataflow concerned due in the
same transaction.
"""

from typing import Any

from handfast.access import service as access
from handfast.access.models import ConsentChanges, PatchSandbox, SandboxPreview, SandboxSettings, SandboxView
from handfast.access.store import settings as settings_of
from handfast.dataflows import guard_changes, holding, outbox, runs, store, targets
from handfast.dataflows.models import Dataflow
from handfast.journal.models import Actor, Caller, Event, Sandbox
from handfast.platform.optimistic import Versions
from handfast.platform.table import Write


def get(caller: Caller) -> SandboxView:
    """The caller's sandbox with its settings. Raises NotFound when it is gone."""
    return _view(access.get_sandbox(caller.sandbox_id))


def change(caller: Caller, body: PatchSandbox, if_match: Versions) -> SandboxView:
    """Other settings for the caller's sandbox; those left out stay.

    Raises NotFound when it is gone, Refused for settings that are none, Stale when it is no longer the version in
    If-Match, TooManyRequests when it changes too fast.
    """
    changed = change_sandbox(caller.sandbox_id, actor=Actor.of(caller), if_match=if_match, **_given(body))
    return _view(changed)


def change_sandbox(
    sandbox_id: str, *, actor: Actor | None = None, if_match: Versions = None, **settings: Any
) -> Sandbox:
    """`access.service.change_sandbox`, and a run of each dataflow that another way of counting consent concerns.

    Raises NotFound, Refused, Stale and TooManyRequests as that does.
    """
    return access.change_sandbox(sandbox_id, actor=actor, if_match=if_match, commit_settings=_commit, **settings)


def preview(caller: Caller, body: PatchSandbox) -> SandboxPreview:
    """How many of the sandbox's own members would join or leave consent by other settings, for each dataflow out of it,
    and what other guards would hold back or let pass.

    Raises NotFound when it is gone, Refused for settings that are none.
    """
    old = access.get_sandbox(caller.sandbox_id)
    new = access.with_settings(old, _given(body))
    flows = _concerned(old, new) if old.consent_default != new.consent_default else []
    outgoing = [flow for flow in flows if flow.source.is_sandbox(caller.sandbox_id)]
    guards = guard_changes.of_settings(new) if _are_guarded_otherwise(old, new) else []
    return SandboxPreview(dataflows=[_changes(flow, new) for flow in outgoing], guards=guards)


def _given(body: PatchSandbox) -> dict[str, Any]:
    return body.settings.model_dump(exclude_unset=True)


def _commit(old: Sandbox, new: Sandbox, write: Write, event: Event) -> None:
    due = [runs.new_run(flow.dataflow_id, event.type) for flow in _concerned(old, new)]
    outbox.commit([write], [event], due)
    if _are_guarded_otherwise(old, new):
        holding.call_for_looks(new.sandbox_id)


def _concerned(old: Sandbox, new: Sandbox) -> list[Dataflow]:
    """The dataflows that are reconciled otherwise by the new settings."""
    of_outgoing = (new.consent_default, _age(new)) != (old.consent_default, _age(old))
    of_incoming = new.received_by != old.received_by
    if not (of_outgoing or of_incoming):
        return []
    return [
        flow
        for flow in store.dataflows_touching(new.sandbox_id, None)
        if (of_outgoing if flow.source.is_sandbox(new.sandbox_id) else of_incoming)
    ]


def _are_guarded_otherwise(old: Sandbox, new: Sandbox) -> bool:
    return (new.partner_guards, new.overlap_threshold) != (old.partner_guards, old.overlap_threshold)


def _age(sandbox: Sandbox) -> int:
    return sandbox.partner_guards.minimum_age_hours


def _changes(flow: Dataflow, new: Sandbox) -> ConsentChanges:
    from handfast.matching import consent_changes  # noqa: PLC0415 - DuckDB is for few routes

    counted = consent_changes.counted(targets.kind_of(flow).terms(flow), new.consent_default)
    joining, leaving = counted if counted is not None else (None, None)
    return ConsentChanges(dataflow_id=flow.dataflow_id, name=flow.name, joining=joining, leaving=leaving)


def _view(sandbox: Sandbox) -> SandboxView:
    return SandboxView(
        sandbox_id=sandbox.sandbox_id,
        name=sandbox.name,
        organization_name=sandbox.organization_name,
        settings=SandboxSettings.model_validate(settings_of(sandbox)),
        version=sandbox.revision,
    )
