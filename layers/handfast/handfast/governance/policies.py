"""What labels forbid."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NOT_SHAREABLE = "C11"
"""Adobe's label for data that must not be shared with partners."""


@dataclass(frozen=True)
class Violation:
    """A segment whose label forbids what the feed would do with it."""

    segment_id: str
    policy: str = "restrict_data_sharing"
    label: str = NOT_SHAREABLE
    marketing_action: str = "segment_match"

    def as_member(self) -> dict[str, str]:
        """As a problem document carries it."""
        return {
            "policy": self.policy,
            "label": self.label,
            "marketingAction": self.marketing_action,
            "segmentId": self.segment_id,
        }


def violations(labels: Mapping[str, Iterable[str]]) -> list[Violation]:
    """What the core policy "Restrict data sharing" refuses, given each segment's labels."""
    return [Violation(segment_id) for segment_id, names in labels.items() if NOT_SHAREABLE in names]
