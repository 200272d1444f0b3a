"""Data usage labels that a segment may carry."""

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

Label = Literal["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10", "C11", "C12", "I1", "I2", "S1", "S2"]
"""Adobe's data usage labels that a segment may carry."""


LABELS: tuple[Label, ...] = get_args(Label)


def _in_order(labels: list[Label]) -> list[Label]:
    return sorted(set(labels), key=LABELS.index)


Labels = Annotated[list[Label], Field(max_length=len(LABELS)), AfterValidator(_in_order)]
