"""Sources as a sandbox sets them up (docs/file-sources.md)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from handfast.connectors import secret_settings
from handfast.ingest import uploads
from handfast.ingest.models import FileOptions, Mode
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.platform import clock, objects
from handfast.platform.ids import new_id
from handfast.platform.optimistic import Versions, check_version, lost_condition_is, until_written
from handfast.platform.problems import Conflict, NotFound, Refused
from handfast.platform.table import Write
from handfast.platform.wanted import Wanted, by_name
from handfast.remote_files import registry, store
from handfast.remote_files.contract import RemoteError
from handfast.remote_files.models import PER_SANDBOX, Source, Takes
from handfast.sources import rules, running, state_store
from handfast.sources.models import Failed, Run, SourceState
from handfast.sources.wire import (
    CreateSource,
    PatchSource,
    SourceFileLeftOut,
    SourceFileView,
    SourceList,
    SourceReading,
    SourceRunError,
    SourceRunPreview,
    SourceRunView,
    SourceScheduleView,
    SourceView,
)

WAITED = timedelta(seconds=20)
"""How long a caller waits for files to be listed; after that a worker goes on."""
_READING = frozenset(SourceReading.model_fields)


def create(caller: Caller, body: CreateSource) -> SourceView:
    """Set up a source.

    Raises Refused for settings that its kind does not allow and for files that could not be loaded so, and Conflict
    when the sandbox has as many as it may.
    """
    settings, secrets = _settings(body.kind, body.settings)
    options = _of_kind(body.kind, _options(body))
    now = clock.now()
    new = Source(
        sandbox_id=caller.sandbox_id,
        source_id=new_id("src"),
        kind=body.kind,
        name=body.name,
        description=body.description,
        status="enabled",
        settings=settings,
        secrets=tuple(sorted(secrets)),
        options=options,
        takes=_takes(caller, body.kind, options, body.takes),
        schedule=body.schedule.as_kept() if body.schedule else None,
        on_events=body.on_events,
        created_at=clock.to_text(now),
        updated_at=clock.to_text(now),
    )
    _check_events(new)
    state = _planned(new, SourceState(new.sandbox_id, new.source_id))
    with lost_condition_is(Conflict(f"a sandbox has at most {PER_SANDBOX} sources", current="too_many")):
        store.create(new, secrets, [*state_store.put(state, over=None), *_watched(new)], _event(caller, "created", new))
    return _view(new, state)


def list_sources(caller: Caller, wanted: Wanted, limit: int, cursor: str | None) -> SourceList:
    """The sandbox's sources, newest first unless something else is wanted.

    Raises Malformed for a cursor of another list, Refused for one that is too long to be sorted.
    """
    selection = wanted.selection(
        lambda each: (each.name, each.description, each.kind),
        {"status": lambda each: each.status, "kind": lambda each: each.kind},
        {"name": lambda each: by_name(each.name), "updated": lambda each: each.updated_at},
    )
    found, more = store.sources_page(caller.sandbox_id, limit, cursor, selection)
    states = state_store.states(caller.sandbox_id, [each.source_id for each in found])
    return SourceList(items=[_view(each, states.get(each.source_id)) for each in found], next_cursor=more)


def get(caller: Caller, source_id: str) -> SourceView:
    """One source.

    Raises NotFound for an unknown source.
    """
    found = load(caller, source_id)
    return _view(found, state_store.state(found.sandbox_id, found.source_id))


def load(caller: Caller, source_id: str) -> Source:
    """The caller's source; NotFound for others."""
    found = store.source(caller.sandbox_id, source_id)
    if found is None:
        raise NotFound("no such source")
    return found


def update(caller: Caller, source_id: str, body: PatchSource, if_match: Versions) -> SourceView:
    """Change a source; what is left out stays, secrets too.

    Raises NotFound for an unknown source, Stale when it is no longer the version in If-Match, Refused for settings that
    its kind does not allow, for files that could not be loaded so, and for a new address without the secrets,
    TooManyRequests when it changes too fast.
    """

    def attempt() -> SourceView:
        old = load(caller, source_id)
        check_version(if_match, old.revision, "source")
        new, secrets = _changed(caller, old, body)
        new = new if secrets is None else store.with_secrets(new, old, secrets)
        state = state_store.state(old.sandbox_id, old.source_id)
        planned = _planned(new, state) if state and _is_due_otherwise(old, new) else state
        writes: list[Write] = [store.put(new, over=old), *_unwatched(old, new), *_watched(new)]
        if state is not None and planned is not None and planned != state:
            writes += state_store.put(planned, over=state)
        named = sorted(body.model_dump(exclude_unset=True, by_alias=True))
        commit(writes, [_event(caller, "changed", new, changed=named)])
        return _view(replace(new, revision=old.revision + 1), planned)

    return until_written("source", attempt)


def delete(caller: Caller, source_id: str, if_match: Versions) -> None:
    """Delete a source and its secrets. What it has brought stays; an import that it has begun fails for files that were
    not copied yet.

    Raises NotFound for an unknown source, Stale when it is no longer the version in If-Match, TooManyRequests when it
    changes too fast.
    """

    def attempt() -> None:
        old = load(caller, source_id)
        check_version(if_match, old.revision, "source")
        remove(old, Actor.of(caller))

    until_written("source", attempt)


def remove_all(sandbox_id: str, actor: Actor) -> None:
    """Delete all sources of a sandbox that is deleted."""
    for old in store.sources(sandbox_id):
        remove(old, actor)


def remove(old: Source, actor: Actor) -> None:
    """Delete a source at the revision read, else ConditionFailed, with all that is kept of it."""
    state = state_store.state(old.sandbox_id, old.source_id)
    beside = [*(state_store.remove(state) if state else []), *_unwatched(old, None)]
    event = Event(old.sandbox_id, "source.removed", actor, old.source_id, {"name": old.name, "kind": old.kind})
    store.delete(old, beside, event)
    state_store.forget_files(old.sandbox_id, old.source_id)


def run(caller: Caller, source_id: str) -> SourceRunView:
    """Begin an import of a source's files.

    Raises NotFound for an unknown source, Conflict while another run of it is in work, Refused with the reason where
    its files cannot be read or loaded.
    """
    found = load(caller, source_id)
    try:
        last = running.run(found, caller.on, Actor.of(caller), "hand", clock.now() + WAITED)
    except state_store.RunningError:
        raise Conflict("a run of this source is in work", current="running") from None
    if last.failed is not None:
        raise _failed(last.failed)
    return _run_view(last)


def preview_run(caller: Caller, source_id: str) -> SourceRunPreview:
    """Which files a run would take, and which not.

    Raises NotFound for an unknown source, Refused with the reason where its files cannot be listed.
    """
    found = load(caller, source_id)
    try:
        seen = running.look(found, clock.now() + WAITED)
    except RemoteError as error:
        raise _failed(Failed(error.reason, error.detail)) from None
    except running.OutOfTimeError:
        detail = "there are more files than can be listed while you wait; run it, or name a folder below it"
        raise _failed(Failed("too_many_files", detail)) from None
    files = [
        SourceFileView(name=file.name, size=file.size, partition=dict(file.partition))
        for file in seen.files[: rules.SHOWN]
    ]
    others = [SourceFileLeftOut(name=file.name, size=file.size, reason=file.reason) for file in seen.examples]
    return SourceRunPreview(
        files=len(seen.files),
        size=seen.size,
        sample=files,
        left_out=dict(seen.left_out),
        left_out_sample=others,
        more=seen.is_more,
    )


def _failed(failed: Failed) -> Refused:
    error = {"reason": failed.reason, "detail": failed.detail}
    return Refused(failed.detail, reason="source_failed", error=error)


def _settings(kind: registry.Kind, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The settings to show, and the secrets. Raises Refused for what the kind does not allow, or is Handfast's own."""
    settings, secrets = secret_settings.split(secret_settings.validated(registry.schema_of(kind), given))
    if settings.get("bucket") == objects.bucket_name():
        detail = "is the bucket that Handfast keeps its own data in; name another"
        raise Refused(detail, pointer="/settings/bucket", reason="validation")
    return settings, secrets


def _options(body: SourceReading) -> dict[str, Any]:
    """The members that say how files are read, as far as they were named."""
    return body.model_dump(mode="json", by_alias=True, exclude_unset=True, include=set(_READING))


def _of_kind(kind: registry.Kind, options: dict[str, Any]) -> dict[str, Any]:
    """How files are read of which the kind tells the format. Raises Refused for another one."""
    if kind not in registry.TABLES:
        return options
    if options.get("format") not in {None, "parquet"}:
        raise Refused("the files of a table are Parquet; leave it out", pointer="/format", reason="validation")
    return options | {"format": "parquet"}


def _takes(caller: Caller, kind: registry.Kind, options: Mapping[str, Any], wanted: Takes | None) -> Takes:
    """Which files a run takes. Raises Refused for files that could not be loaded so."""
    name = options.get("fileName") or "source"
    body = FileOptions.model_validate({**options, "fileName": name})
    announced, findings = uploads.announced(caller.on, Actor.of(caller), body, new_id("upl"))
    uploads.refuse(findings)
    mode: Mode = announced.mode
    is_whole = mode == "snapshot" or kind in registry.TABLES
    if is_whole and wanted == "new":
        what = "a table" if kind in registry.TABLES else "a snapshot"
        detail = f"{what} is of all its files; leave `takes` out, or set it to all"
        raise Refused(detail, pointer="/takes", reason="validation")
    return wanted or ("all" if is_whole else "new")


def _check_events(new: Source) -> None:
    if new.on_events and new.kind not in registry.IN_S3:
        raise Refused("only buckets tell of new files; set a schedule", pointer="/onEvents", reason="validation")


def _changed(caller: Caller, old: Source, body: PatchSource) -> tuple[Source, dict[str, str] | None]:
    """A source as a change makes it, and its secrets then, None where they stay."""
    named = body.model_fields_set
    settings, secrets = dict(old.settings), None
    if body.settings:
        kept = [name for name in old.secrets if not body.settings.get(name)]
        secret_settings.refuse_elsewhere(registry.schema_of(old.kind), old.settings, body.settings, kept)
        merged = secret_settings.merged(old.settings, store.secrets(old), body.settings)
        settings, found = _settings(old.kind, merged)
        secrets = found if old.secrets else None
    said = {name: value for name, value in {**old.options, **_options(body)}.items() if value is not None}
    options = _of_kind(old.kind, said)
    wanted = body.takes if "takes" in named else None if "mode" in named or "preset" in named else old.takes
    new = replace(
        old,
        name=body.name or old.name,
        description=body.description if "description" in named else old.description,
        status=body.status or old.status,
        settings=settings,
        secrets=old.secrets if secrets is None else tuple(sorted(secrets)),
        options=options,
        takes=_takes(caller, old.kind, options, wanted),
        schedule=(body.schedule.as_kept() if body.schedule else None) if "schedule" in named else old.schedule,
        on_events=body.on_events if "on_events" in named else old.on_events,
        updated_at=clock.now_text(),
    )
    _check_events(new)
    return new, secrets


def _is_due_otherwise(old: Source, new: Source) -> bool:
    return (old.status, old.schedule) != (new.status, new.schedule)


def _planned(of: Source, state: SourceState) -> SourceState:
    """Where a source stands once it is due by its schedule and nothing else."""
    due = rules.next_at(of.schedule, clock.now()) if of.status == "enabled" else None
    return replace(state, next_at=clock.to_text(due) if due else None, event_at=None, events_since=None)


def _watched(of: Source) -> list[Write]:
    """The write that has S3's events begin runs of a source, where they are to."""
    if not of.on_events or of.status != "enabled":
        return []
    return [state_store.watch(of.settings["bucket"], of.settings.get("prefix", ""), of)]


def _unwatched(old: Source, new: Source | None) -> list[Write]:
    """The write after which no events begin runs of a source as it was, unless those of its bucket go on to."""
    if not old.on_events or (new and _watched(new) and new.settings["bucket"] == old.settings["bucket"]):
        return []
    return [state_store.unwatch(old.settings["bucket"], old)]


def _event(caller: Caller, what: str, of: Source, **detail: Any) -> Event:
    told = {"name": of.name, "kind": of.kind, **detail}
    return Event(of.sandbox_id, f"source.{what}", Actor.of(caller), of.source_id, told)


def _view(of: Source, state: SourceState | None) -> SourceView:
    now = clock.now_text()
    is_running = bool(state and state.claimed_until and state.claimed_until > now)
    schedule = of.schedule
    return SourceView(
        **SourceReading.model_validate(of.options).model_dump(),
        source_id=of.source_id,
        name=of.name,
        description=of.description,
        kind=of.kind,
        status=of.status,
        settings=dict(of.settings),
        secrets=list(of.secrets),
        external_id=of.source_id,
        takes=of.takes,
        schedule=SourceScheduleView(**schedule.__dict__) if schedule else None,
        on_events=of.on_events,
        running=is_running,
        last_run=_run_view(state.last_run) if state and state.last_run else None,
        next_run_at=state.due_at if state and not is_running else None,
        created_at=of.created_at,
        updated_at=of.updated_at,
        version=of.revision,
    )


def _run_view(last: Run) -> SourceRunView:
    return SourceRunView(
        at=last.at,
        trigger=last.trigger,
        status=last.outcome,
        import_id=last.import_id,
        files=last.files,
        size=last.size,
        left_out=dict(last.left_out),
        more=last.is_more,
        error=SourceRunError(reason=last.failed.reason, detail=last.failed.detail) if last.failed else None,
    )
