"""Dataflows: one item and a copy on each side."""

from collections.abc import Iterable, Iterator

from handfast.dataflows.models import Dataflow
from handfast.journal.keys import sandbox_key
from handfast.partners.other_side import OTHER_SIDE, tell
from handfast.platform import items
from handfast.platform.items import ItemKind, revise
from handfast.platform.table import Write
from handfast.platform.wanted import Selection

DATAFLOWS = "FEEDS_TABLE"
_DATAFLOW = ItemKind("dataflow", Dataflow, DATAFLOWS)


def flow_key(dataflow_id: str) -> str:
    """The partition of a dataflow, and the place of its copies in those of its sides."""
    return f"FLOW#{dataflow_id}"


def dataflow(dataflow_id: str) -> Dataflow | None:
    """The dataflow, whoever asks."""
    return _DATAFLOW.get(flow_key(dataflow_id), "FLOW")


def dataflow_of(sandbox_id: str, dataflow_id: str) -> Dataflow | None:
    """The dataflow, if the sandbox is its source or target."""
    return _DATAFLOW.get(sandbox_key(sandbox_id), flow_key(dataflow_id))


def dataflows_page(
    sandbox_id: str, limit: int, cursor: str | None, selection: Selection[Dataflow]
) -> tuple[list[Dataflow], str | None]:
    """A page of the sandbox's dataflows, newest first unless the selection says otherwise, and the next cursor."""
    return items.sortable_page(DATAFLOWS, _DATAFLOW.load, sandbox_key(sandbox_id), "FLOW#", limit, cursor, selection)


def dataflows(sandbox_id: str) -> Iterator[Dataflow]:
    """All dataflows from and to a sandbox, newest first, ended ones too."""
    return _DATAFLOW.query(sandbox_key(sandbox_id), "FLOW#", newest_first=True)


def dataflows_touching(sandbox_id: str, segment_ids: Iterable[str] | None) -> list[Dataflow]:
    """The dataflows that a change in the sandbox's data may concern: all into it, and those out of it that carry one
    of the segments (None: any segment). Closed ones are left out.
    """
    wanted = None if segment_ids is None else set(segment_ids)
    return [
        flow
        for flow in _DATAFLOW.query(sandbox_key(sandbox_id), "FLOW#")
        if flow.status != "closed"
        and (not flow.source.is_sandbox(sandbox_id) or wanted is None or not wanted.isdisjoint(flow.segment_ids))
    ]


def put_dataflow(new: Dataflow, *, over: Dataflow | None) -> list[Write]:
    """Write the dataflow and the copies of its sides over the revision read, or as a new one."""
    key = flow_key(new.dataflow_id)
    sides = [side for side in (new.source, new.target.partner) if side is not None]
    copy = revise(_DATAFLOW, new, over, OTHER_SIDE, key)
    return [revise(_DATAFLOW, new, over, key, "FLOW"), *(write for side in sides for write in tell(side, copy))]
