"""LiveRamp's column-based files (docs/sources.md, Destinations in AWS and files)."""

# ruff: noqa: S608 - statements are built from quoted names
import re
from collections.abc import Iterable

from handfast.destinations.contract import Segment, SnapshotPart, WrittenFile
from handfast.lake.duck import copy, identifier, literal


class LiveRamp:
    """One row for each identity, with a column for each segment: `1` is who is in it.

    Known and pseudonymous identifiers may not share a file, so that each target identity has its own. Columns are
    those of all segments that were ever activated, in that order, because files of one audience have the same ones.
    """

    name = "liveramp"
    by_profile = False
    has_manifest = False
    refusal = "CASE WHEN NOT regexp_full_match(mapping_id, '[A-Za-z0-9_]{1,128}') THEN 'mapping_id_not_taken' END"

    def __init__(self, segments: Iterable[Segment]) -> None:
        self._segments = list(segments)

    def write(self, part: SnapshotPart) -> list[WrittenFile]:
        """Write a file for each target identity, in the first part without members too: so segments become empty."""
        files = [self._write(part, target) for target in part.delivery.targets]
        return [file for file in files if file.rows or not part.number]

    def _write(self, part: SnapshotPart, target: str) -> WrittenFile:
        header = re.sub(r"[^A-Z0-9]", "", target.upper()) or "ID"
        path = part.folder / f"{part.delivery.stem}-{header}-part-{part.counted}.csv"
        columns = [
            f"max(CASE WHEN segment = {literal(each.segment_id)} THEN '1' END) AS {identifier(each.mapping_id)}"
            for each in self._segments
        ]
        select = (
            f"SELECT {', '.join([f'id AS {identifier(header)}', *columns])} FROM members"
            f" WHERE target = {literal(target)} GROUP BY hi, lo, id ORDER BY hi, lo, id"
        )
        return WrittenFile(path, copy(part.connection, select, path, "FORMAT csv, HEADER, DELIMITER '|'"))
