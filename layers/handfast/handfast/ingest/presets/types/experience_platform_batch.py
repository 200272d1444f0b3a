"""Batch exports of audiences from Experience Platform: columns that are called by XDM paths."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from handfast.ingest.models import FileOptions
from handfast.ingest.plan import Plan
from handfast.ingest.presets import xdm
from handfast.ingest.presets.contract import Preset, Reading, Surroundings

if TYPE_CHECKING:
    from handfast.ingest.cells import Source
    from handfast.lake.duck import Connection

_SHOWN = 3
_PATH = re.compile(rb"identityMap\.\w|segmentMembership\.[\w.-]+\.status|personalEmail\.address")


def _detect(_file_name: str, head: bytes) -> str | None:
    if head.startswith(b"PAR1"):
        return "The Parquet file has columns that are called by XDM paths." if _PATH.search(head) else None
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", maxsplit=1)[0].decode(errors="replace")
    if first.startswith("{"):
        names = re.findall(r'"([A-Za-z][\w.]*\.[\w.]+)"\s*:', first)
    else:
        names = [name.strip(' "\r') for name in re.split(r"[,;\t|]", first)]
    paths = [name for name in names if xdm.identity_of(name) is not None or xdm.audience_of(name) is not None]
    if not paths or not any("." in name for name in paths):
        return None
    return f"Its columns are called by XDM paths, as {', '.join(paths[:_SHOWN])} are."


def _read(body: FileOptions, given: Surroundings) -> Reading:
    return Reading(xdm.columns(body, given))


def _open(connection: "Connection", path: Path, plan: Plan, work_dir: Path) -> "Source":
    from handfast.ingest.presets.xdm_batch import batch  # noqa: PLC0415 - only what reads has the engine

    return batch(connection, path, plan, work_dir)


preset = Preset(
    name="experience-platform-batch",
    title="Experience Platform batch export",
    description="Files of an audience, with columns called by XDM paths, such as personalEmail.address",
    source=(
        "https://experienceleague.adobe.com/en/docs/experience-platform/destinations/ui/activate/"
        "activate-batch-profile-destinations"
    ),
    formats=("csv", "ndjson", "parquet"),
    mode="delta",
    modes=("overwrite", "snapshot"),
    detect=_detect,
    read=_read,
    open=_open,
)
