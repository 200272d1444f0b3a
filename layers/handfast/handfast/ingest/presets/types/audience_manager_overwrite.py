"""Audience Manager's inbound files that end in .overwrite."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from handfast.ingest.plan import Plan
from handfast.ingest.presets import audience_manager
from handfast.ingest.presets.contract import Preset

if TYPE_CHECKING:
    from handfast.ingest.cells import Source
    from handfast.lake.duck import Connection


def _open(connection: "Connection", path: Path, plan: Plan, _work_dir: Path) -> "Source":
    from handfast.ingest.presets.trait_lines import trait_lines  # noqa: PLC0415 - only what reads has the engine

    return trait_lines(connection, path, plan)


preset = Preset(
    name="audience-manager-overwrite",
    title="Audience Manager .overwrite",
    description="Lines of an id and all traits that it has of one data source",
    source=audience_manager.SOURCE,
    formats=("csv",),
    mode="overwrite",
    detect=partial(audience_manager.detect, "overwrite"),
    read=partial(audience_manager.read, "overwrite"),
    open=_open,
)
