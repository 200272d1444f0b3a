"""Profile and dataset exports of Experience Platform: the XDM Individual Profile as it is, nested."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from handfast.ingest.models import FileOptions
from handfast.ingest.plan import Plan
from handfast.ingest.presets import xdm
from handfast.ingest.presets.contract import Preset, Reading, Surroundings, Unfit

if TYPE_CHECKING:
    from handfast.ingest.cells import Source
    from handfast.lake.duck import Connection

_NESTED = re.compile(rb'"(identityMap|segmentMembership)"\s*:\s*\{')


def _detect(_file_name: str, head: bytes) -> str | None:
    if head.startswith(b"PAR1"):
        found = b"identityMap" in head and b"key_value" in head
        return "The Parquet file has a column identityMap that is a map, as XDM profiles have." if found else None
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", maxsplit=1)[0]
    members = sorted({name.decode() for name in _NESTED.findall(first)}) if first.startswith(b"{") else []
    if xdm.IDENTITY_MAP not in members:
        return None
    return f"The first line is an object with {' and '.join(members)}, as XDM profiles are."


def _read(body: FileOptions, given: Surroundings) -> Reading:
    if body.segment_id is not None:
        raise Unfit("/segmentId", "profiles say themselves which audiences they are in; leave it out")
    return Reading(xdm.columns(body, given))


def _open(connection: "Connection", path: Path, plan: Plan, _work_dir: Path) -> "Source":
    from handfast.ingest.presets.xdm_profiles import profiles  # noqa: PLC0415 - only what reads has the engine

    return profiles(connection, path, plan)


preset = Preset(
    name="experience-platform-profiles",
    title="Experience Platform profiles",
    description="Exports of profiles or datasets: identityMap, segmentMembership and consents, nested",
    source="https://experienceleague.adobe.com/en/docs/experience-platform/profile/api/export-jobs",
    formats=("ndjson", "parquet"),
    mode="delta",
    modes=("overwrite",),
    detect=_detect,
    read=_read,
    open=_open,
)
