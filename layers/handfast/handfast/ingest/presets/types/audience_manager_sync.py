"""Audience Manager's inbound files that end in .sync."""

from functools import partial

from handfast.ingest.presets import audience_manager
from handfast.ingest.presets.contract import Preset

preset = Preset(
    name="audience-manager-sync",
    title="Audience Manager .sync",
    description="Lines of an id and the traits that it joins and leaves",
    source=audience_manager.SOURCE,
    formats=("csv",),
    mode="delta",
    detect=partial(audience_manager.detect, "sync"),
    read=partial(audience_manager.read, "sync"),
    open=audience_manager.open_lines,
)
