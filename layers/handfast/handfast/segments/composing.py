"""Composed segments: what they may name, and the rule that they come to (docs/composed-segments.md)."""

from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import replace

from handfast.matching import trait_rules
from handfast.matching.trait_rules import Frequency, Rule, segments_of
from handfast.platform import clock
from handfast.platform.problems import Refused
from handfast.segments import store
from handfast.segments.models import Segment
from handfast.segments.trait_rule_syntax import (
    MAX_LEVELS,
    MAX_SEGMENTS,
    Expression,
    UnreadableExpressionError,
    parse,
)


def rule_of(composed: Segment) -> Rule:
    """The rule of a composed segment, with those of the composed ones that it names in it."""
    if composed.expression is None:
        raise LookupError(f"{composed.segment_id} is not composed")
    inner = {part.segment_id: rule_of(part) for part in composed.parts if part.expression is not None}
    return trait_rules.replaced(parse(composed.expression).rule, inner)


def rules_of(own: Iterable[Segment]) -> tuple[tuple[str, Rule], ...]:
    """The composed ones of some segments with their rules of this day (UTC)."""
    now = clock.now()
    composed_ones = (each for each in own if each.expression is not None)
    return tuple((each.segment_id, trait_rules.dated(rule_of(each), now)) for each in composed_ones)


def received_parts(own: Segment) -> set[str]:
    """The received segments that a composed one names, or that one names which it names; none of any other."""
    return {*own.received, *(name for part in own.parts for name in received_parts(part))}


def received(sandbox_id: str, segment_id: str, name: str) -> Segment:
    """A segment that a sandbox receives, as one of which labels and terms are asked: it is made of itself alone."""
    return Segment(sandbox_id, segment_id, name, None, None, (), "", "", received=(segment_id,))


def why_not_shared(own: Segment) -> str | None:
    """Why a composed segment cannot be shared with partners; None where it can."""
    if received := sorted(received_parts(own)):
        return f"it is composed of {received[0]}, which is received and cannot be shared"
    return None


def composed(new: Segment, receivable: Collection[str]) -> Segment:
    """A new or changed composed segment with what its expression names.

    `receivable` are the received segments that may be named. Raises Refused, which points at the expression and says
    at which character, for an expression that cannot be read, names what there is not or itself, is too large, or
    holds of people who are in none of its segments.
    """
    expression = _parsed(new.expression or "")
    named = {name: store.segment(new.sandbox_id, name) for name in expression.positions}
    unknown = [name for name, part in named.items() if part is None and name not in receivable]
    if unknown:
        raise _refused(*((expression.positions[name], f"no such segment or trait: {name}") for name in unknown))
    own = tuple(part for part in named.values() if part)
    for part in own:
        if new.segment_id in _within(part):
            raise _refused((expression.positions[part.segment_id], f"{part.segment_id} is itself composed of this one"))
    _check_frequencies(expression, {part.segment_id for part in own if part.expression is not None})
    found = replace(new, parts=own, received=tuple(name for name, part in named.items() if part is None))
    check_size(found)
    if trait_rules.holds_of_outsiders(rule_of(found)):
        raise _refused((1, "this holds of everybody who is in none of the segments; add a segment to be in with AND"))
    return found


def _parsed(text: str) -> Expression:
    try:
        return parse(text)
    except UnreadableExpressionError as error:
        raise _refused((error.position, str(error))) from None


def _refused(*errors: tuple[int, str]) -> Refused:
    entries = [{"pointer": "/expression", "message": f"at character {at}: {message}"} for at, message in errors]
    return Refused(f"{entries[0]['message']}; see errors", reason="validation", errors=entries)


def _within(part: Segment) -> Iterator[str]:
    yield part.segment_id
    for inner in part.parts:
        yield from _within(inner)


def _check_frequencies(expression: Expression, composed_ids: Set[str]) -> None:
    """Composed segments have nobody who joined at a time, so that they are not counted; no count is above them all."""
    for frequency in _frequencies(expression.rule):
        for name in composed_ids & set(frequency.segment_ids):
            raise _refused((expression.positions[name], f"{name} is composed, and cannot stand in a FREQUENCY"))
        most = len(frequency.segment_ids)
        if frequency.comparison != "<=" and frequency.count > most:
            message = f"FREQUENCY counts each segment once: of {most} nobody is in {frequency.count}"
            raise _refused((expression.positions[frequency.segment_ids[0]], message))


def _frequencies(rule: Rule) -> Iterator[Frequency]:
    match rule:
        case Frequency():
            yield rule
        case trait_rules.Negation():
            yield from _frequencies(rule.rule)
        case trait_rules.Connective():
            for part in rule.rules:
                yield from _frequencies(part)
        case _:
            pass


def check_size(own: Segment) -> None:
    """Raise Refused for a composed segment that names too many others, or too deep, with all that those name."""
    if _mentions(own) > MAX_SEGMENTS:
        raise _refused((1, f"{own.segment_id} would name more than {MAX_SEGMENTS} segments, those within them counted"))
    if trait_rules.levels(rule_of(own)) > MAX_LEVELS:
        raise _refused((1, f"{own.segment_id} would be nested deeper than {MAX_LEVELS} levels"))


def _mentions(own: Segment) -> int:
    """How many segments the rule names in all, counted without making it."""
    if own.expression is None:
        return 1
    sizes = {part.segment_id: _mentions(part) for part in own.parts}
    return sum(sizes.get(name, 1) for name in segments_of(parse(own.expression).rule))


def dependents(sandbox_id: str, segment_id: str) -> dict[str, Segment]:
    """The composed segments that name a segment, or name what names it."""
    found = (store.segment(sandbox_id, name) for name in sorted(store.composed_of(sandbox_id, [segment_id])))
    return {each.segment_id: each for each in found if each}


def with_part(own: Segment, new: Segment) -> Segment:
    """A composed segment as it is once another one that it names has changed."""
    if own.segment_id == new.segment_id:
        return new
    return replace(own, parts=tuple(with_part(part, new) for part in own.parts))
