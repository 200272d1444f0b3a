"""The lines of the protocol's answers, in the form of its responses in Parquet (docs/sources.md)."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from handfast.lake import layout
from handfast.lake.views import View
from handfast.platform import clock, objects
from handfast.sharing.catalogue import SharedTable
from handfast.sharing.view_files import LINK_SECONDS

NDJSON = "application/x-ndjson; charset=utf-8"
COLUMNS: Mapping[str, str] = {
    "namespace": "string",
    "value": "string",
    "segment_id": "string",
    "segment_name": "string",
    "since": "timestamp",
}
"""The columns of every table, by their types in the protocol. `since` is an instant of UTC."""
PROTOCOL = {"protocol": {"minReaderVersion": 1}}


def schema() -> str:
    """The columns as the protocol describes them, as text."""
    fields = [{"name": name, "type": kind, "nullable": True, "metadata": {}} for name, kind in COLUMNS.items()]
    return _compact({"type": "struct", "fields": fields})


def location(dataflow_id: str) -> str:
    """Where a table's objects lie, without a slash at the end."""
    return f"s3://{objects.bucket_name()}/{layout.views(dataflow_id).rstrip('/')}"


def metadata(table: SharedTable, **members: Any) -> dict[str, Any]:
    """The line that describes a table."""
    partner = table.received.partner
    return {
        "metaData": {
            "id": table.table_id,
            "name": table.name,
            "description": f"{table.received.feed_name}, shared by {partner.name}",
            "format": {"provider": "parquet"},
            "schemaString": schema(),
            "partitionColumns": [],
            "configuration": {"enableChangeDataFeed": "true"},
            "accessModes": ["url", "dir"],
            "location": location(table.dataflow_id),
            **members,
        }
    }


def file(view: View, action: str = "file", **members: int) -> dict[str, Any]:
    """The line of a file, with a link that reads it for a while."""
    stats = _compact({"numRecords": view.rows})
    return {
        action: {
            "url": objects.link(view.key, LINK_SECONDS, f"{view.digest}.parquet"),
            "id": view.digest,
            "partitionValues": {},
            "size": view.size,
            "stats": stats,
            "expirationTimestamp": expires(),
            **members,
        }
    }


def expires() -> int:
    """When a link that is made now ends, in milliseconds since 1970."""
    return round((clock.now().timestamp() + LINK_SECONDS) * 1000)


def text(lines: Iterable[Mapping[str, Any]]) -> str:
    """An answer of these lines."""
    return "".join(f"{_compact(line)}\n" for line in lines)


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
