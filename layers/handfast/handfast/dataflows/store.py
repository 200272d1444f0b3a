"""Dataflows: one item and a copy on each side."""

from collections.abc import Iterable
from typing import Protocol

from boto3.dynamodb.conditions import Attr
from pydantic import TypeAdapter

from handfast.dataflows.models import Dataflow
from handfast.journal.keys import sandbox_key
from handfast.platform import table
from handfast.platform.table import Put

DATAFLOWS = "FEEDS_TABLE"
_DATAFLOW: TypeAdapter[Dataflow] = TypeAdapter(Dataflow)


def flow_key(dataflow_id: str) -> str:
    return f"FLOW#{dataflow_id}"


class Revised(Protocol):
    """What a table holds with a revision, which counts its changes."""

    @property
    def revision(self) -> int:
        """How often it has been written."""


def put_revised[T: Revised](table_name: str, adapter: TypeAdapter[T], new: T, over: T | None, pk: str, sk: str) -> Put:
    """Write over the revision read, or as a new item; the revision counts up by itself."""
    revision = over.revision + 1 if over else 1
    item = {"pk": pk, "sk": sk} | adapter.dump_python(new, by_alias=True) | {"revision": revision}
    return Put(table_name, item, Attr("revision").eq(over.revision) if over else table.ABSENT)


def dataflow(dataflow_id: str) -> Dataflow | None:
    """The dataflow, whoever asks."""
    item = table.get(DATAFLOWS, flow_key(dataflow_id), "FLOW")
    return _DATAFLOW.validate_python(item) if item else None


def dataflow_of(sandbox_id: str, dataflow_id: str) -> Dataflow | None:
    """The dataflow, if the sandbox is its source or target."""
    item = table.get(DATAFLOWS, sandbox_key(sandbox_id), flow_key(dataflow_id))
    return _DATAFLOW.validate_python(item) if item else None


def dataflows_page(sandbox_id: str, limit: int, cursor: str | None) -> tuple[list[Dataflow], str | None]:
    """A page of the dataflows from and to the sandbox, newest first, and the next cursor."""
    page = table.page(DATAFLOWS, sandbox_key(sandbox_id), "FLOW#", limit=limit, cursor=cursor)
    return [_DATAFLOW.validate_python(item) for item in page.items], page.next_cursor


def dataflows_touching(sandbox_id: str, segment_ids: Iterable[str] | None) -> list[Dataflow]:
    """The dataflows that a change in the sandbox's data may concern: all into it, and those out of it that carry one
    of the segments (None: any segment). Closed ones are left out.
    """
    wanted = None if segment_ids is None else set(segment_ids)
    items = table.query(DATAFLOWS, sandbox_key(sandbox_id), "FLOW#")
    return [
        flow
        for flow in map(_DATAFLOW.validate_python, items)
        if flow.status != "closed"
        and (flow.source.sandbox_id != sandbox_id or wanted is None or not wanted.isdisjoint(flow.segment_ids))
    ]


def put_dataflow(new: Dataflow, *, over: Dataflow | None) -> list[Put]:
    """Write the dataflow and the copies of its sides over the revision read, or as a new one."""
    key = flow_key(new.dataflow_id)
    sides = [side for side in (new.source, new.target.partner) if side is not None]
    places = [(key, "FLOW"), *((sandbox_key(side.sandbox_id), key) for side in sides)]
    return [put_revised(DATAFLOWS, _DATAFLOW, new, over, pk, sk) for pk, sk in places]
