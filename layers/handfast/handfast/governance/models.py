"""What a sandbox keeps of governance: custom labels, policies of its own, data sources."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from handfast.governance.export_controls import labels as labels_of_controls
from handfast.governance.labels import LABEL_DESCRIPTIONS, in_order
from handfast.governance.marketing_actions import MARKETING_ACTION_DESCRIPTIONS
from handfast.governance.policies import Policy
from handfast.platform.wire import TableItem


@dataclass(frozen=True)
class CustomLabel(TableItem):
    """A label that a sandbox has defined."""

    code: str
    name: str
    description: str | None
    created_at: str
    updated_at: str
    revision: int = 1


@dataclass(frozen=True)
class CustomAction(TableItem):
    """A marketing action that a sandbox has defined; `feeds` are those that exclude it."""

    code: str
    name: str
    description: str | None
    created_at: str
    updated_at: str
    feeds: frozenset[str] = frozenset()
    revision: int = 1


@dataclass(frozen=True)
class DataSource(TableItem):
    """Where data come from: its labels and controls hold for every segment that it feeds.

    `updated_at` is None of one that is there by itself and has not been changed.
    """

    data_source_id: str
    name: str
    labels: tuple[str, ...]
    export_controls: tuple[str, ...]
    created_at: str | None
    updated_at: str | None
    revision: int = 1

    @property
    def carried(self) -> list[str]:
        """The labels that its data carry: its own, and those that its controls are."""
        return in_order([*self.labels, *labels_of_controls(self.export_controls)])


AUDIENCE_SHARING = DataSource("ds_audience_sharing", "Adobe Experience Platform Audience Sharing", (), (), None, None)
"""The data source of the traits and segments that received segments are; named by Adobe's page (docs/sources.md)."""


@dataclass(frozen=True)
class PartnerTerms:
    """What a partner excludes for the segments of a feed that a sandbox receives. It is no policy of the sandbox's."""

    received_feed_id: str
    name: str
    marketing_actions: tuple[str, ...]
    created_at: str
    updated_at: str
    revision: int


@dataclass(frozen=True)
class Rulebook:
    """All that governs a sandbox's data, as of one revision: each change of it, or of a segment's labels, counts up."""

    revision: int
    labels: Mapping[str, CustomLabel] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    sources: Mapping[str, DataSource] = field(default_factory=dict)
    actions: Mapping[str, CustomAction] = field(default_factory=dict)

    def unknown(self, labels: Iterable[str]) -> list[str]:
        """Those that are neither core labels nor labels of the sandbox."""
        return [code for code in labels if code not in LABEL_DESCRIPTIONS and code not in self.labels]

    def unknown_actions(self, actions: Iterable[str]) -> list[str]:
        """Those that are neither core marketing actions nor of the sandbox."""
        return [code for code in actions if code not in MARKETING_ACTION_DESCRIPTIONS and code not in self.actions]
