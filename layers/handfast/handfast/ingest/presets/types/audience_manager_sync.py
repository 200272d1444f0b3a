"""Audience Manager's inbound files that end in .sync."""

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
    name="audience-manager-sync",
    title="Audience Manager .sync",
    description="Lines of an id and the traits that it joins and leaves",
    source=audience_manager.SOURCE,
    formats=("csv",),
    mode="delta",
    detect=partial(audience_manager.detect, "sync"),
    read=partial(audience_manager.read, "sync"),
    open=_open,
)
