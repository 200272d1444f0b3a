"""A sandbox's data sources, whose labels every segment carries that they feed (docs/api.md, Governance)."""

from dataclasses import replace
from typing import Any, cast

from handfast.governance import store
from handfast.governance.export_controls import ExportControl
from handfast.governance.models import DataSource, Rulebook
from handfast.journal.models import Actor, Caller, Event
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.optimistic import Versions, check_version, until_written
from handfast.platform.problems import Conflict, NotFound
from handfast.policy_service import listing
from handfast.policy_service.models import CreateDataSource, DataSourceList, DataSourceView, PatchDataSource
from handfast.segments import policy_effects
from handfast.segments.models import RulesPreview
from handfast.segments.policy_effects import Change
from handfast.segments.service import check_labels

MAX_SOURCES = 100


def list_sources(caller: Caller, limit: int, cursor: str | None) -> DataSourceList:
    """The sandbox's data sources, oldest first.

    Raises Malformed for a cursor of another list.
    """
    found = list(store.rulebook(caller.sandbox_id).sources.values())
    items, more = listing.page(found, lambda each: each.data_source_id, limit, cursor, f"sources|{caller.sandbox_id}")
    return DataSourceList(items=list(map(_view, items)), next_cursor=more)


def get(caller: Caller, data_source_id: str) -> DataSourceView:
    """One data source.

    Raises NotFound for an unknown one.
    """
    return _view(_source(store.rulebook(caller.sandbox_id), data_source_id))


def create(caller: Caller, body: CreateDataSource) -> DataSourceView:
    """A new data source, which feeds nothing yet.

    Raises Refused for labels that the sandbox does not have, Conflict when it has as many data sources as it may,
    TooManyRequests when what governs the data changes too fast.
    """

    def attempt() -> DataSourceView:
        rules, at = store.rulebook(caller.sandbox_id), clock.now_text()
        check_labels(rules, body.labels, "/labels")
        if len(rules.sources) >= MAX_SOURCES:
            raise Conflict(f"a sandbox has at most {MAX_SOURCES} data sources", current="too_many")
        new = DataSource(new_id("ds"), body.name, tuple(body.labels), tuple(body.export_controls), at, at)
        return _write(caller, rules, None, new)

    return until_written("data source", attempt)


def update(caller: Caller, data_source_id: str, body: PatchDataSource, if_match: Versions) -> DataSourceView:
    """Change a data source. What its labels now forbid stops at once, and what nothing forbids any more goes on.

    Raises NotFound for an unknown data source, Stale when it is no longer the version in If-Match, Refused for labels
    that the sandbox does not have, TooManyRequests when what governs the data changes too fast.
    """

    def attempt() -> DataSourceView:
        rules = store.rulebook(caller.sandbox_id)
        old, new = _changed(rules, data_source_id, body, if_match)
        return _view(old) if old == new else _write(caller, rules, old, new)

    return until_written("data source", attempt)


def preview_update(caller: Caller, data_source_id: str, body: PatchDataSource, if_match: Versions) -> RulesPreview:
    """What changing a data source would stop or let go on; refused as changing it is.

    Raises NotFound, Stale and Refused as `update` does.
    """
    rules = store.rulebook(caller.sandbox_id)
    new = _changed(rules, data_source_id, body, if_match)[1]
    return policy_effects.preview(_change(caller, rules, new))


def _changed(
    rules: Rulebook, data_source_id: str, body: PatchDataSource, if_match: Versions
) -> tuple[DataSource, DataSource]:
    old = _source(rules, data_source_id)
    check_version(if_match, old.revision, "data source")
    check_labels(rules, body.labels or (), "/labels")
    given = body.model_dump(exclude_unset=True)
    changes: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
    }
    return old, replace(old, **changes, updated_at=clock.now_text()) if changes else old


def _change(caller: Caller, rules: Rulebook, new: DataSource) -> Change:
    after = replace(rules, sources={**rules.sources, new.data_source_id: new})
    return Change.of_rules(caller.sandbox_id, rules, after)


def _write(caller: Caller, rules: Rulebook, old: DataSource | None, new: DataSource) -> DataSourceView:
    actor = Actor.of(caller)
    detail = {"name": new.name, "labels": list(new.labels), "exportControls": list(new.export_controls)}
    event_type = "data_source.changed" if old else "data_source.created"
    event = Event(caller.sandbox_id, event_type, actor, new.data_source_id, detail)
    write = store.put_source(caller.sandbox_id, new, old)
    policy_effects.commit(_change(caller, rules, new), [write], [event], actor, caller.on)
    return _view(replace(new, revision=write.item["revision"]))


def _source(rules: Rulebook, data_source_id: str) -> DataSource:
    if data_source_id not in rules.sources:
        raise NotFound("no such data source")
    return rules.sources[data_source_id]


def _view(source: DataSource) -> DataSourceView:
    return DataSourceView(
        data_source_id=source.data_source_id,
        name=source.name,
        labels=list(source.labels),
        export_controls=[cast("ExportControl", control) for control in source.export_controls],
        inherited_labels=source.carried,
        created_at=source.created_at,
        updated_at=source.updated_at,
        version=source.revision,
    )
