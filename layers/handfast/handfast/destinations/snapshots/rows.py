"""Whole memberships as rows of segment, namespace and id: CSV, NDJSON or Parquet."""

from typing import Literal

from handfast.destinations.contract import SnapshotPart, WrittenFile
from handfast.lake.duck import copy, write

type RowFormat = Literal["csv", "ndjson", "parquet"]
_SELECT = "SELECT mapping_id AS segment, target AS namespace, id FROM members"
_OPTIONS = {"csv": "FORMAT csv, HEADER", "ndjson": "FORMAT json"}


class Rows:
    """A file of rows for each part that has any, and a manifest."""

    by_profile = False
    has_manifest = True
    refusal = "NULL"

    def __init__(self, kind: RowFormat) -> None:
        self.name: str = kind
        self._kind = kind

    def write(self, part: SnapshotPart) -> list[WrittenFile]:
        """Write the part's rows, in the order of keys."""
        path = part.folder / f"{part.delivery.stem}-part-{part.counted}.{self._kind}"
        if self._kind == "parquet":
            rows = write(part.connection, _SELECT, path)
        else:
            rows = copy(part.connection, _SELECT, path, _OPTIONS[self._kind])
        return [WrittenFile(path, rows)] if rows else []
