"""RTC Collaboration's audience sourcing files, v1.3 (docs/sources.md, Destinations in AWS and files).

All files of the folder are read, whatever they are called, and make the universe. So each delivery writes over the one
before: the names are the same, and there are never fewer files.
"""

# ruff: noqa: S608 - statements are built from quoted names
from handfast.destinations.contract import SnapshotPart, WrittenFile
from handfast.lake.duck import copy, literal

_SINGLE = "CRM_ID"
_COLUMNS = (
    "HASHED_EMAIL_SHA_256",
    "HASHED_PHONE_SHA_256",
    "HASHED_IPV4_SHA_256",
    "IDFA",
    "GAID",
    _SINGLE,
    "LOYALTY_ID",
    "ADFIXUS_ID",
)
_COLUMN_OF = {
    "email_lc_sha256": "HASHED_EMAIL_SHA_256",
    "phone_sha256_e.164": "HASHED_PHONE_SHA_256",
    **{column.casefold(): column for column in _COLUMNS},
}
_COLUMN = (
    f"CASE lower(target) {' '.join(f'WHEN {literal(name)} THEN {literal(to)}' for name, to in _COLUMN_OF.items())} END"
)
_AUDIENCE_LENGTH = 255
_LOWER = "('IDFA', 'GAID')"


class RtcCollaboration:
    """One row for a profile's identities that are in the same audiences; without a profile one for each identity.

    A row puts all of its identities into all of its audiences, so that those of a profile which are in others have a
    row of their own. So has each CRM id after the first, of which a row has one.
    """

    name = "rtc-collaboration"
    by_profile = True
    has_manifest = False
    refusal = (
        f"CASE WHEN {_COLUMN} IS NULL THEN 'no_column' WHEN contains(id, '|') THEN 'id_not_taken'"
        f" WHEN contains(mapping_id, '|') OR length(mapping_id) > {_AUDIENCE_LENGTH} THEN 'mapping_id_not_taken' END"
    )

    def write(self, part: SnapshotPart) -> list[WrittenFile]:
        """Write the part's file, one without members too."""
        path = part.folder / f"audiences-{part.delivery.dataflow_id}-{part.counted}.csv"
        return [WrittenFile(path, copy(part.connection, _select(), path, "FORMAT csv, HEADER"))]


def _select() -> str:
    columns = ", ".join(
        f"string_agg(CASE WHEN col = {literal(column)} THEN id END, '|' ORDER BY id) AS {column}" for column in _COLUMNS
    )
    return (
        "WITH identities AS ("
        "SELECT CASE WHEN profile_id IS NULL THEN 'i' || hi || ':' || lo ELSE 'p' || profile_id END AS person,"
        f" {_COLUMN} AS col, CASE WHEN col IN {_LOWER} THEN lower(id) ELSE id END AS id,"
        " string_agg(DISTINCT mapping_id, '|' ORDER BY mapping_id) AS audiences FROM members GROUP BY ALL"
        f"), numbered AS (SELECT *, CASE WHEN col = {literal(_SINGLE)} THEN"
        " row_number() OVER (PARTITION BY person, audiences, col ORDER BY id) ELSE 1 END AS number FROM identities)"
        f" SELECT audiences AS AUDIENCE_ID, {columns} FROM numbered"
        " GROUP BY person, audiences, number ORDER BY person, audiences, number"
    )
