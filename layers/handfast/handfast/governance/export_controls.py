"""Data Export Controls of Audience Manager, and what they are as labels and marketing actions.

The four rows, both ways, are those of Adobe's page on audience sharing with Audience Manager (docs/sources.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from handfast.governance.marketing_actions import MarketingAction

ExportControl = Literal[
    "no_combination_with_pii", "no_offsite_ad_targeting", "no_onsite_ad_targeting", "no_onsite_personalization"
]
"""What a data source forbids."""
ExportLabel = Literal[
    "combination_with_pii", "offsite_ad_targeting", "onsite_ad_targeting", "onsite_ad_personalization"
]
"""What a destination says that it may do."""


@dataclass(frozen=True)
class Row:
    """A control and the export label that it blocks, with the data usage label and marketing action that they are."""

    control: ExportControl
    control_text: str
    export_label: ExportLabel
    export_label_text: str
    label: str
    marketing_action: MarketingAction


ROWS = (
    Row(
        "no_combination_with_pii",
        "Cannot be used with personally identifiable information",
        "combination_with_pii",
        "This destination may enable a combination with personally identifiable information (PII)",
        "C3",
        "combine_with_pii",
    ),
    Row(
        "no_offsite_ad_targeting",
        "Cannot be used for offsite ad targeting",
        "offsite_ad_targeting",
        "This destination may be used for off-site ad targeting",
        "C5",
        "cross_site_targeting",
    ),
    Row(
        "no_onsite_ad_targeting",
        "Cannot be used for onsite ad targeting",
        "onsite_ad_targeting",
        "This destination may be used for on-site ad targeting",
        "C6",
        "onsite_advertising",
    ),
    Row(
        "no_onsite_personalization",
        "Cannot be used for onsite personalization",
        "onsite_ad_personalization",
        "This destination may be used for on-site ad personalization",
        "C7",
        "onsite_personalization",
    ),
)
"""Controls in the order of the page. Labels without a row have no control, and the other way round."""

_PLACE = {row.control: place for place, row in enumerate(ROWS)}


def labels(controls: Iterable[str]) -> list[str]:
    """The data usage labels that controls are, on import."""
    return [row.label for row in ROWS if row.control in set(controls)]


def controls(carried: Iterable[str]) -> list[ExportControl]:
    """The controls that data usage labels are, on export; labels without a row are left out."""
    return [row.control for row in ROWS if row.label in set(carried)]


def marketing_actions(export_labels: Iterable[str]) -> list[MarketingAction]:
    """The marketing actions that a destination's export labels are."""
    return [row.marketing_action for row in ROWS if row.export_label in set(export_labels)]


def export_labels(actions: Iterable[str]) -> list[ExportLabel]:
    """The export labels that a destination's marketing actions are; actions without a row are left out."""
    return [row.export_label for row in ROWS if row.marketing_action in set(actions)]


def blocking(set_on: Iterable[str], actions: Iterable[str]) -> list[Row]:
    """The rows by which controls keep data from a destination that does this with data: only a matching pair blocks.

    The controls are those of data sources of a segment's traits, of segments within it too. Audience Manager looks at
    the profile merge rule and its data sources as well, which there are none of here, and not at the segment's own.
    """
    return [row for row in ROWS if row.control in set(set_on) and row.marketing_action in set(actions)]


def _in_order(codes: list[ExportControl]) -> list[ExportControl]:
    return sorted(set(codes), key=_PLACE.__getitem__)


ExportLabels = Annotated[list[ExportLabel], Field(max_length=len(ROWS))]
ExportControls = Annotated[list[ExportControl], Field(max_length=len(ROWS)), AfterValidator(_in_order)]
