"""Runs of sources: which files are taken, and the import that is begun of them (docs/file-sources.md, Runs).

A run may be repeated after a crash at any point: what it had begun of is loaded once more, which changes nothing.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from handfast.ingest import imports, splits
from handfast.ingest import store as ingest
from handfast.ingest.mapping import failure_at
from handfast.ingest.models import FileOptions, UploadStatus
from handfast.journal.models import Actor, Event, Sandbox
from handfast.platform import clock
from handfast.platform.problems import Problem
from handfast.remote_files import store
from handfast.remote_files.contract import RemoteError
from handfast.remote_files.models import Source
from handfast.sources import rules, state_store
from handfast.sources.models import Failed, Run, SourceState, Trigger
from handfast.sources.rules import Found

_INTERNAL = Failed("internal", "the run failed for a reason that is not the source's; it is tried again")
_TOO_SLOW = Failed("too_many_files", "its files could not be listed in ten minutes; name a folder below it")


class OutOfTimeError(Exception):
    """Listing the files takes longer than whoever asked can wait."""


@dataclass(frozen=True)
class _Begun:
    """What a run has begun, and the version of all files where they are taken together."""

    run: Run
    offered: str | None = None


def run(found: Source, sandbox: Sandbox, actor: Actor, trigger: Trigger | None, until: datetime) -> Run:
    """Run a source: begin an import of its files, unless there is nothing to take, or its last one is still in work.

    `trigger` None is whatever has made it due. By `until` the files have to be listed, or the run waits for a worker.
    Raises state_store.RunningError while another run holds the source.
    """
    before = state_store.claim(found.sandbox_id, found.source_id)
    if before is None:
        return Run(clock.now_text(), trigger or "schedule", "nothing_new")
    why = trigger or _trigger_of(before)
    try:
        begun = _begun(found, sandbox, actor, before, why, until)
    except (RemoteError, Problem, OutOfTimeError) as error:
        begun = _ended(why, error)
    except Exception:
        _finish(found, actor, _Begun(Run(clock.now_text(), why, "failed", failed=_INTERNAL)))
        raise
    _finish(found, actor, begun)
    return begun.run


def look(found: Source, until: datetime) -> Found:
    """Which files a run would take now. Raises RemoteError, and OutOfTimeError when it takes too long to tell."""
    state = state_store.state(found.sandbox_id, found.source_id)
    known = state_store.taken(found)
    if state is not None and state.import_id is not None and _import_status(found, state) != "failed":
        known |= state_store.offered(found)
    return _found(found, known, until)


def place_of(found: Source) -> str:
    """Where a source's files lie: files of another place are others, whatever their names."""
    names = ("host", "port", "directory") if found.kind == "sftp" else ("bucket", "prefix")
    return "\0".join(str(found.settings.get(name)) for name in names)


def _trigger_of(state: SourceState) -> Trigger:
    now = clock.now_text()
    return "event" if state.event_at and state.event_at <= now and not (state.next_at or now) < now else "schedule"


def _begun(found: Source, sandbox: Sandbox, actor: Actor, before: SourceState, why: Trigger, until: datetime) -> _Begun:
    now = clock.now_text()
    if before.import_id is not None:
        status = _import_status(found, before)
        if status in {"awaiting_file", "processing"}:
            return _Begun(Run(now, why, "waiting", import_id=before.import_id))
        before = _settled(found, before, is_loaded=status == "completed")
    began = clock.now_text()
    known = state_store.taken(found)
    seen = _found(found, known, until)
    if found.takes == "new" and not seen.is_more and known - seen.seen:
        known &= seen.seen  # what is there no more need not be known
        state_store.take(found, known)
    is_loaded = found.takes == "all" and why != "hand" and seen.fingerprint == before.loaded
    if not seen.files or is_loaded:
        return _Begun(Run(now, why, "nothing_new", left_out=seen.left_out))
    if found.takes == "new":
        state_store.offer(found, frozenset(rules.digest(place_of(found), file) for file in seen.files))
    import_id = imports.begin_from_source(sandbox, actor, _options(found, seen, began), found.source_id, seen.files)
    run = Run(now, why, "started", import_id, len(seen.files), seen.size, seen.left_out, seen.is_more)
    return _Begun(run, seen.fingerprint if found.takes == "all" else None)


def _settled(found: Source, state: SourceState, *, is_loaded: bool) -> SourceState:
    """Where a source stands once it is noted what has become of its last import."""
    if is_loaded and found.takes == "new":
        state_store.take(found, state_store.taken(found) | state_store.offered(found))
    loaded = state.offered if is_loaded else state.loaded

    def settle(current: SourceState) -> SourceState:
        return replace(current, import_id=None, offered=None, loaded=loaded)

    state_store.change(found.sandbox_id, found.source_id, settle)
    return settle(state)


def _found(found: Source, known: frozenset[bytes], until: datetime) -> Found:
    def go_on() -> None:
        if clock.now() > until:
            raise OutOfTimeError

    with closing(store.files_of(found)) as opened:
        return rules.found(opened.listing(), place_of(found), found.takes, known, splits.most_bytes(), go_on)


def _options(found: Source, seen: Found, began: str) -> FileOptions:
    """How an import reads the files, which is called as the source is; a preset may read the name of one of them.

    They tell of the time when they were listed, at the latest: what is streamed meanwhile stays.
    """
    name = found.name if found.options.get("preset") is None else seen.files[0].name.rpartition("/")[2]
    return FileOptions.model_validate({**found.options, "fileName": name, "asOf": began})


def _import_status(found: Source, state: SourceState) -> UploadStatus:
    """Where the last import of a source stands; one that is there no more has brought nothing that is known of."""
    begun = ingest.upload(found.sandbox_id, state.import_id or "")
    return "failed" if begun is None or failure_at(begun, clock.now_text()) else begun.status


def _ended(why: Trigger, error: RemoteError | Problem | OutOfTimeError) -> _Begun:
    now = clock.now_text()
    if isinstance(error, OutOfTimeError):
        return _Begun(Run(now, why, "waiting") if why == "hand" else Run(now, why, "failed", failed=_TOO_SLOW))
    if isinstance(error, RemoteError):
        return _Begun(Run(now, why, "failed", failed=Failed(error.reason, error.detail)))
    reason = str(error.members.get("reason") or error.members.get("current") or error.slug)
    return _Begun(Run(now, why, "failed", failed=Failed(reason, _told(error))))


def _told(problem: Problem) -> str:
    """What a problem says, and of the first members that are wrong."""
    errors = problem.members.get("errors", ())[:3]
    return "; ".join([problem.detail, *(f"{error['pointer']}: {error['message']}" for error in errors)])


def _finish(found: Source, actor: Actor, begun: _Begun) -> None:
    """Give the source back, with what came of the run and when the next one is, by its newest schedule."""
    newest = store.source(found.sandbox_id, found.source_id)
    if newest is None:
        return
    state = state_store.state(found.sandbox_id, found.source_id)
    events = _events(newest, actor, state, begun.run) if state else []
    state_store.change(found.sandbox_id, found.source_id, lambda held: _given_back(newest, held, begun), events)


def _given_back(found: Source, held: SourceState, begun: _Begun) -> SourceState:
    now, last = clock.now(), begun.run
    given_back = replace(held, claimed_until=None)
    if last.outcome == "waiting":
        return replace(given_back, next_at=clock.to_text(now + rules.AGAIN))
    failures = held.failures + 1 if last.failed else 0
    if found.status == "paused":
        due = None
    elif last.failed and last.trigger != "hand":
        due = rules.retry_at(found.schedule, failures, now)
    else:
        due = now + rules.AGAIN if last.is_more else rules.next_at(found.schedule, now)
    begins: Mapping[str, Any] = {"import_id": last.import_id, "offered": begun.offered} if last.import_id else {}
    return replace(given_back, next_at=clock.to_text(due) if due else None, failures=failures, last_run=last, **begins)


def _events(found: Source, actor: Actor, state: SourceState, last: Run) -> list[Event]:
    """What is logged of a run: what it began, and a failure unless it is that of the run before."""
    detail: dict[str, Any] = {"name": found.name, "trigger": last.trigger}
    if last.outcome == "started":
        detail |= {"importId": last.import_id, "files": last.files, "bytes": last.size}
        return [Event(found.sandbox_id, "source.run", actor, found.source_id, detail)]
    before = state.last_run.failed if state.last_run else None
    if last.failed is not None and (before is None or before.reason != last.failed.reason):
        detail |= {"reason": last.failed.reason}
        return [Event(found.sandbox_id, "source.failed", actor, found.source_id, detail)]
    return []
