"""Data usage labels that a segment may carry."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

Label = Literal["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10", "C11", "C12", "I1", "I2", "S1", "S2"]
"""Adobe's data usage labels that a segment may carry."""


LABELS: tuple[Label, ...] = get_args(Label)

LABEL_DESCRIPTIONS: Mapping[Label, str] = MappingProxyType(
    {
        "C1": "May leave only in aggregate, without identities of people or devices",
        "C2": "May not be given to a third party",
        "C3": "May not be combined with what identifies people directly",
        "C4": "May not be used to target advertisements or content, on one site or across sites",
        "C5": "May not be used to target content or advertisements across sites by interest",
        "C6": "May not be used to target advertisements on one's own site",
        "C7": "May not be used to target content on one's own site",
        "C8": "May not be used to measure one's own sites or apps",
        "C9": "May not be used in data science",
        "C10": "May not be used where identities of a person are stitched together",
        "C11": "May not be shared with partners",
        "C12": "May not leave in any way",
        "I1": "Identifies or reaches a person directly",
        "I2": "Identifies a person together with other data",
        "S1": "A precise place, within a hundred metres",
        "S2": "A place that is known broadly",
    }
)
"""What each label says of the data that carries it."""


def _in_order(labels: list[Label]) -> list[Label]:
    return sorted(set(labels), key=LABELS.index)


Labels = Annotated[list[Label], Field(max_length=len(LABELS)), AfterValidator(_in_order)]
