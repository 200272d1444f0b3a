"""Data usage labels: the core ones, and what names a custom one."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, Field

LABEL_DESCRIPTIONS: Mapping[str, str] = MappingProxyType(
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
        "PSPD": "Sensitive personal data that a contract permits, health left out",
        "RHD": "Regulated health data",
        "Third-Party": "Comes from an outside vendor",
    }
)
"""What each core label says of the data that carries it (Adobe's data usage labels, in their order)."""

LABELS = tuple(LABEL_DESCRIPTIONS)
_PLACE = {code: place for place, code in enumerate(LABELS)}

MAX_LABELS = 40
"""Labels that one thing may carry."""

_CODE = r"^[A-Za-z][A-Za-z0-9_-]{0,39}$"
LabelCode = Annotated[str, Field(max_length=40, pattern=_CODE)]
"""A core label, or the code of a custom one. Case counts."""


def is_code(text: str) -> bool:
    """Whether a text can be a label's code."""
    return re.fullmatch(_CODE, text) is not None and not text.endswith("\n")


def in_order(labels: Iterable[str]) -> list[str]:
    """Each label once: the core ones in their order, then custom ones by code."""
    return sorted(set(labels), key=lambda code: (_PLACE.get(code, len(_PLACE)), code))


Labels = Annotated[list[LabelCode], Field(max_length=MAX_LABELS), AfterValidator(in_order)]
