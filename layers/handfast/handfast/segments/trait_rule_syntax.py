"""The syntax of composed segments: Audience Manager's segment expressions, with this deployment's ids.

The grammar is in the .lark file beside this module; what an expression means, in handfast.matching.trait_rules.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from handfast.matching.trait_rules import Comparison, Connective, Frequency, MemberOf, Negation, Recency, Rule, levels

if TYPE_CHECKING:
    from lark import Lark

MAX_CHARACTERS = 4000
MAX_LEVELS = 10
"""How deep an expression may be nested, what its composed segments say included."""
MAX_SEGMENTS = 100
"""Segments that an expression may name, as often as it does, those that its composed segments name included."""

_GRAMMAR = Path(__file__).with_name("trait_rules.lark")
_ID = re.compile(r"(?:seg|trait)_\w+")


class UnreadableExpressionError(ValueError):
    """An expression cannot be read. `position` is the character, counted from 1, from which on it cannot."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True)
class Expression:
    """What an expression says, and at which character, counted from 1, it names each segment first."""

    rule: Rule
    positions: Mapping[str, int]


@lru_cache(maxsize=256)
def parse(text: str) -> Expression:
    """What an expression says. Raises UnreadableExpressionError."""
    from lark.exceptions import UnexpectedInput  # noqa: PLC0415 - for few calls

    try:
        rule = cast("Rule", _parser().parse(text))
    except UnexpectedInput as error:
        ended = getattr(getattr(error, "token", None), "type", None) == "$END"
        position = (len(text) if ended else error.pos_in_stream or 0) + 1
        message = "expected a segment, NOT, FREQUENCY, segID or an opening parenthesis"
        if not {"ID", "LPAR"} & _expected(error):
            message = "this cannot stand here"
        raise UnreadableExpressionError(message, position) from None
    positions = {_segment_id(found[0]): found.start() + 1 for found in reversed([*_ID.finditer(text)])}
    return Expression(rule, positions)


def _expected(error: Exception) -> set[str]:
    return set(getattr(error, "expected", None) or getattr(error, "allowed", None) or ())


def _segment_id(name: str) -> str:
    """A trait is named as the segment that it is made of."""
    return re.sub("^trait_", "seg_", name)


@cache
def _parser() -> "Lark":
    from lark import Lark, Transformer  # noqa: PLC0415 - for few calls

    class Rules(Transformer[Any, Rule]):
        """Rules from the grammar's names, from within to without as the parser finds them."""

        def either(self, rules: Sequence[Rule]) -> Rule:
            return _connected("OR", rules)

        def both(self, rules: Sequence[Rule]) -> Rule:
            return _connected("AND", rules)

        def negation(self, rules: Sequence[Rule]) -> Rule:
            return _checked(Negation(rules[0]))

        def member(self, names: Sequence[str]) -> Rule:
            return MemberOf(_segment_id(names[-1].strip('"')))

        def recency(self, values: Sequence[str]) -> tuple[Recency, int]:
            return cast("Recency", str(values[0])), int(values[1])

        def frequency(self, values: Sequence[Any]) -> Rule:
            *names, recency, comparison, count = values
            operator, days = recency or (None, 0)
            ids = tuple(dict.fromkeys(map(_segment_id, names)))
            return Frequency(ids, cast("Comparison", str(comparison)), int(count), operator, days)

    return Lark(_GRAMMAR.read_text(), parser="lalr", transformer=Rules(), maybe_placeholders=True)


def _connected(operator: Literal["AND", "OR"], rules: Sequence[Rule]) -> Rule:
    return rules[0] if len(rules) == 1 else _checked(Connective(operator, tuple(rules)))


def _checked(rule: Rule) -> Rule:
    """Checked as each is made, so that nothing here goes deeper than the limit."""
    if levels(rule) > MAX_LEVELS:
        raise UnreadableExpressionError(f"an expression is nested at most {MAX_LEVELS} levels deep", 1)
    return rule
