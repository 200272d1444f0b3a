"""The log of a table as Delta Lake has it, beside its views, for tools that read objects themselves.

Each time somebody asks, what the files are now becomes the next commit. Who takes rows out deletes the log with the
views, and the next to ask begins it anew: there is no former version to go back to.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from handfast.lake import layout
from handfast.lake.views import View
from handfast.platform import clock, objects
from handfast.platform.objects import LostRaceError
from handfast.platform.optimistic import retry
from handfast.sharing import lines

_MOST_COMMITS = 100
"""Commits that a reader has to read; then the log begins anew."""
_PROTOCOL = {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}

type _Action = Mapping[str, Any]


def write(dataflow_id: str, table_id: str, files: Iterable[View]) -> None:
    """Have the log say that these are the table's files. Raises LostRaceError when others write it all the time."""
    retry(lambda: _write(dataflow_id, table_id, {_name(view): view for view in files}), LostRaceError)


def _write(dataflow_id: str, table_id: str, files: Mapping[str, View]) -> None:
    prefix = f"{layout.views(dataflow_id)}_delta_log/"
    keys = [stored.key for stored in objects.listing(prefix)]
    if len(keys) >= _MOST_COMMITS:
        objects.delete(*reversed(keys))
        keys = []
    held = _held(keys)
    if keys and held == files.keys():
        return
    removed = [_remove(name) for name in sorted(held - files.keys())]
    added = [_add(view) for name, view in sorted(files.items()) if name not in held]
    begun = [] if keys else [_PROTOCOL, _metadata(table_id)]
    text = "".join(f"{json.dumps(action)}\n" for action in (*begun, *removed, *added))
    objects.write(f"{prefix}{len(keys):020d}.json", text.encode(), replaces=None)


def _held(keys: Iterable[str]) -> set[str]:
    """The files that the log names. Raises LostRaceError when it is deleted meanwhile."""
    names: set[str] = set()
    for key in keys:
        read = objects.read(key)
        if read is None:
            raise LostRaceError(key)
        for action in map(json.loads, read[0].splitlines()):
            names |= {action["add"]["path"]} if "add" in action else set()
            names -= {action["remove"]["path"]} if "remove" in action else set()
    return names


def _name(view: View) -> str:
    return view.key.rpartition("/")[2]


def _metadata(table_id: str) -> _Action:
    described = {"id": table_id, "format": {"provider": "parquet", "options": {}}, "schemaString": lines.schema()}
    return {"metaData": described | {"partitionColumns": [], "configuration": {}, "createdTime": _now()}}


def _add(view: View) -> _Action:
    stats = json.dumps({"numRecords": view.rows})
    about = {"path": _name(view), "partitionValues": {}, "size": view.size, "dataChange": True, "stats": stats}
    return {"add": about | {"modificationTime": round(view.written_at.timestamp() * 1000)}}


def _remove(name: str) -> _Action:
    return {"remove": {"path": name, "deletionTimestamp": _now(), "dataChange": True}}


def _now() -> int:
    return round(clock.now().timestamp() * 1000)
