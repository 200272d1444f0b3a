"""DROP's lists as a caller brings, starts and reads them (docs/api.md, Privacy)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from handfast.connectors import store as connectors
from handfast.identity.drop import OwnList
from handfast.journal.models import Actor, Caller
from handfast.platform import clock, objects
from handfast.platform.ids import new_id
from handfast.platform.optimistic import lost_condition_is
from handfast.platform.problems import Conflict, NotFound, Refused
from handfast.privacy_requests.drop import rules, scheduling, store
from handfast.privacy_requests.drop.models import (
    CreateDropList,
    DropCycleView,
    DropError,
    DropFileView,
    DropList,
    DropListCreated,
    DropLists,
    DropListView,
    DropOutcomes,
    StatusFile,
    StatusFiles,
)
from handfast.segments import store as segments

_UPLOAD_FOR = timedelta(hours=1)
_LINK_SECONDS = 900


def create(caller: Caller, body: CreateDropList) -> DropListCreated:
    """Say where to PUT a list, or have a connector fetch it, and the next ones by themselves.

    Raises Refused for a name that is none of DROP's, a segment that there is not, a connector that does not lead there.
    """
    if body.exempt_segment_id and segments.segment(caller.sandbox_id, body.exempt_segment_id) is None:
        raise Refused("no such segment in this sandbox", pointer="/exemptSegmentId", reason="validation")
    if body.connector_id:
        return _fetched(caller, body.connector_id, body.exempt_segment_id, tuple(body.not_held))
    if body.file_name is None:
        raise LookupError("the model has let a list through that has no name")
    if body.file_name.endswith(".csv") and rules.list_type(body.file_name) is None:
        detail = "a CSV keeps DROP's name, <YYYYMMDD>_<DataBrokerId>_<DataType>.csv, by which its answers go back"
        raise Refused(detail, pointer="/fileName", reason="validation")
    now = clock.now()
    received = min(body.received_at or now, now)
    new = DropList(
        sandbox_id=caller.sandbox_id,
        drop_list_id=new_id("drl"),
        file_name=body.file_name,
        actor=Actor.of(caller),
        created_at=clock.to_text(now),
        expires_at=clock.to_text(now + _UPLOAD_FOR),
        received_at=clock.to_text(received),
        due_at=clock.to_text(received + rules.CYCLE),
        exempt_segment_id=body.exempt_segment_id,
        is_dry_run=body.dry_run,
        not_held=tuple(body.not_held),
    )
    store.create(new)
    link = store.upload_link(new, int(_UPLOAD_FOR.total_seconds()))
    return DropListCreated(drop_list_id=new.drop_list_id, upload_url=link, expires_at=new.expires_at)


def _fetched(
    caller: Caller, connector_id: str, exempt_segment_id: str | None, not_held: tuple[OwnList, ...]
) -> DropListCreated:
    connector = connectors.connector(caller.sandbox_id, connector_id)
    if connector is None or connector.type != connectors.LISTS:
        detail = "no such connector of the type drop in this sandbox; `handfast connectors list` shows them"
        raise Refused(detail, pointer="/connectorId", reason="validation")
    store.fetch_by(caller.sandbox_id, connector_id, exempt_segment_id, not_held)
    new = scheduling.begin(caller.sandbox_id, Actor.of(caller), connector_id, exempt_segment_id, not_held)
    return DropListCreated(drop_list_id=new.drop_list_id, upload_url=None, expires_at=new.expires_at)


def complete(caller: Caller, drop_list_id: str) -> DropListView:
    """Have the list that was PUT carried out.

    Raises NotFound for an unknown list, Conflict when it was started before, expired or lacks its file.
    """
    found = _load(caller, drop_list_id)
    if found.status != "awaiting_file":
        raise Conflict("the list was started before", current=found.status)
    if objects.find(store.key(found, "file")) is None:
        if found.expires_at <= clock.now_text():
            raise Conflict("no file came before the link expired; create the list anew", current="expired")
        raise Conflict("no file is there yet; PUT it to the link first", current="awaiting_file")
    started = replace(found, status="processing")
    with lost_condition_is(Conflict("the list was started before", current="processing")):
        written = store.save(started, found, None if found.is_dry_run else "received")
    if not found.is_dry_run:
        store.begin_cycle(caller.sandbox_id, found.received_at)
    store.wake(caller.sandbox_id, drop_list_id)
    return _view(written)


def get(caller: Caller, drop_list_id: str) -> DropListView:
    """One list, and what came of it so far.

    Raises NotFound for an unknown list.
    """
    return _view(_load(caller, drop_list_id))


def list_lists(caller: Caller, limit: int, cursor: str | None) -> DropLists:
    """The sandbox's lists, newest first.

    Raises Malformed for a cursor of another list.
    """
    found, more = store.lists_page(caller.sandbox_id, limit, cursor)
    return DropLists(items=_views(caller.sandbox_id, found), next_cursor=more, cycle=_cycle(caller.sandbox_id))


def _cycle(sandbox_id: str) -> DropCycleView | None:
    cycle = store.cycle(sandbox_id)
    if cycle is None:
        return None
    due = clock.from_text(cycle.received_at) + rules.CYCLE
    fetch = clock.from_text(cycle.received_at) + rules.FETCH_AFTER
    return DropCycleView(
        received_at=cycle.received_at,
        due_at=clock.to_text(due),
        next_fetch_at=clock.to_text(fetch) if cycle.connector_id else None,
        overdue=due <= clock.now(),
    )


def status_files(caller: Caller, drop_list_id: str) -> StatusFiles:
    """Links to what DROP is to be answered so far.

    Raises NotFound for an unknown list, Conflict before its lines have been compared.
    """
    found = _load(caller, drop_list_id)
    if found.is_dry_run:
        raise Conflict("a dry run answers nothing; send the list without dryRun", current="dry_run")
    if found.status not in ("running", "completed") and not (found.status == "failed" and found.files):
        raise Conflict("its lines have not been compared yet; try again soon", current=found.status)
    names = [file.file_name for file in found.files if found.is_answered(file)]
    keys = [(name, store.status_key(found, name)) for name in names]
    items = [StatusFile(file_name=name, url=objects.link(key, _LINK_SECONDS, name)) for name, key in keys]
    return StatusFiles(complete=found.status == "completed", items=items)


def _load(caller: Caller, drop_list_id: str) -> DropList:
    found = store.drop_list(caller.sandbox_id, drop_list_id)
    if found is None:
        raise NotFound("no such DROP list")
    return found


def _view(of: DropList) -> DropListView:
    return _views(of.sandbox_id, [of])[0]


def _views(sandbox_id: str, found: Sequence[DropList]) -> list[DropListView]:
    """Lists with the names of their segments and connectors, which are read together."""
    names = segments.names(sandbox_id, filter(None, (each.exempt_segment_id for each in found)))
    if any(each.connector_id for each in found):
        names |= {each.connector_id: each.name for each in connectors.connectors(sandbox_id)}
    return [_named(each, names) for each in found]


def _named(of: DropList, names: Mapping[str, str]) -> DropListView:
    return DropListView(
        drop_list_id=of.drop_list_id,
        file_name=of.file_name,
        status=of.status,
        files=[DropFileView.model_validate(file.__dict__) for file in of.files],
        outcomes=DropOutcomes.model_validate({**of.outcomes, "notCompared": _not_compared(of)}),
        phones_not_indexed=of.not_indexed,
        requests_cancelled=of.cancelled,
        suppressions_lifted=of.lifted,
        dry_run=of.is_dry_run,
        not_held=list(of.not_held),
        exempt_segment_id=of.exempt_segment_id,
        exempt_segment_name=names.get(of.exempt_segment_id or ""),
        connector_id=of.connector_id,
        connector_name=names.get(of.connector_id or ""),
        received_at=of.received_at,
        due_at=of.due_at,
        overdue=of.status in ("processing", "running") and of.due_at <= clock.now_text(),
        created_at=of.created_at,
        ended_at=of.ended_at,
        answered_at=of.answered_at,
        error=DropError(reason=of.reason, detail=of.detail or "") if of.reason else None,
    )


def _not_compared(of: DropList) -> int:
    return sum(file.lines for file in of.files if not of.is_answered(file) and file.list_type != "Removed")
