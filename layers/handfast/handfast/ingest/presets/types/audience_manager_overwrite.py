"""Audience Manager's inbound files that end in .overwrite."""

from functools import partial

from handfast.ingest.presets import audience_manager
from handfast.ingest.presets.contract import Preset

preset = Preset(
    name="audience-manager-overwrite",
    title="Audience Manager .overwrite",
    description="Lines of an id and all traits that it has of one data source",
    source=audience_manager.SOURCE,
    formats=("csv",),
    mode="overwrite",
    detect=partial(audience_manager.detect, "overwrite"),
    read=partial(audience_manager.read, "overwrite"),
    open=audience_manager.open_lines,
)
