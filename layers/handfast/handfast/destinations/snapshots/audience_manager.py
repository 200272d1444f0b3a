"""Whole memberships as Audience Manager's inbound files (docs/sources.md, Destinations in AWS and files).

`.overwrite` replaces all traits of each user that it names, and leaves the others as they are: who was given and is in
no segment any more is named in a `.sync` file beside it, which takes the traits away.
"""

# ruff: noqa: S608 - statements are built from quoted names
from typing import Literal

from handfast.destinations.audience_manager import NOT_IN_IDS, inbound_name
from handfast.destinations.contract import SnapshotPart, WrittenFile
from handfast.lake.duck import copy, literal

_OPTIONS = "FORMAT csv, HEADER false, DELIMITER '\t', QUOTE '', ESCAPE ''"


class AudienceManager:
    """A line for each user, in files of one target identity each."""

    name = "audience-manager"
    by_profile = False
    has_manifest = False
    refusal = (
        "CASE WHEN NOT regexp_full_match(mapping_id, '[0-9]+') THEN 'mapping_id_is_no_trait'"
        f" WHEN id <> translate(id, {literal(NOT_IN_IDS)}, '') THEN 'id_not_taken' END"
    )

    def __init__(self, data_source_id: int) -> None:
        self._data_source_id = data_source_id

    def write(self, part: SnapshotPart) -> list[WrittenFile]:
        """Write the files that have a line: empty ones are not valid."""
        files = [
            file
            for target in part.delivery.targets
            for file in (
                self._write(part, target, "overwrite", "members", "d_sid"),
                self._write(part, target, "sync", "leavers", "d_unsid"),
            )
        ]
        return [file for file in files if file.rows]

    def _write(
        self, part: SnapshotPart, target: str, kind: Literal["sync", "overwrite"], source: str, sign: str
    ) -> WrittenFile:
        name = inbound_name(
            self._data_source_id, target, part.delivery.began_at, kind, f"{part.delivery.batch_id}\n{part.number}"
        )
        written = {"idfa": "upper(id)", "gaid": "lower(id)"}.get(target, "id")
        traits = f"string_agg(DISTINCT '{sign}=' || mapping_id, ',' ORDER BY '{sign}=' || mapping_id)"
        select = (
            f"SELECT {written}, {traits} FROM {source}"
            f" WHERE target = {literal(target)} AND {self.refusal} IS NULL GROUP BY hi, lo, id ORDER BY hi, lo, id"
        )
        path = part.folder / name
        return WrittenFile(path, copy(part.connection, select, path, _OPTIONS))
