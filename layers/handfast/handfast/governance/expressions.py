"""What a policy denies: an expression over labels, in the shape of the public Policy Service."""

from collections.abc import Collection, Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from handfast.governance.labels import LabelCode
from handfast.platform.wire import Request

MAX_LEVELS = 8
MAX_LABELS = 100
"""Labels of an expression, repeated ones counted each time."""


def _is_absent(value: object) -> bool:
    return value is None


class Deny(Request):
    """Either one `label`, or an `operator` over `operands` that are such expressions themselves."""

    label: LabelCode | None = Field(default=None, exclude_if=_is_absent)
    operator: Literal["AND", "OR"] | None = Field(default=None, exclude_if=_is_absent)
    operands: Annotated[list["Deny"], Field(min_length=1, max_length=MAX_LABELS)] | None = Field(
        default=None, exclude_if=_is_absent
    )

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if (self.label is None) == (self.operator is None) or (self.operator is None) != (self.operands is None):
            raise ValueError("give either a label, or an operator with its operands")
        return self


def fits(deny: Deny) -> bool:
    """Whether the expression is within `MAX_LEVELS` and `MAX_LABELS`."""
    return _levels(deny) <= MAX_LEVELS and sum(1 for _ in labels_of(deny)) <= MAX_LABELS


def _levels(deny: Deny) -> int:
    return 1 + max((_levels(operand) for operand in deny.operands or ()), default=0)


def labels_of(deny: Deny) -> Iterator[str]:
    """The labels that the expression names, in its order."""
    if deny.label is not None:
        yield deny.label
    for operand in deny.operands or ():
        yield from labels_of(operand)


def is_met(deny: Deny, labels: Collection[str]) -> bool:
    """Whether data with these labels are what the expression denies."""
    if deny.label is not None:
        return deny.label in labels
    met = (is_met(operand, labels) for operand in deny.operands or ())
    return all(met) if deny.operator == "AND" else any(met)


def because(deny: Deny, labels: Collection[str]) -> set[str]:
    """The labels that make data with these labels be what the expression denies; none where they are not."""
    if not is_met(deny, labels):
        return set()
    if deny.label is not None:
        return {deny.label}
    return {label for operand in deny.operands or () for label in because(operand, labels)}
