"""Whether all that one regular expression over digits takes is taken by another, by derivatives (Brzozowski 1964).

It knows what libphonenumber's patterns are made of. A pattern is one of: a set of digits; ("then", patterns);
("either", patterns); ("times", pattern, least, most).
"""

from collections.abc import Iterable, Iterator
from functools import cache
from re import _constants, _parser
from typing import Any, TypeAlias

Pattern: TypeAlias = frozenset[str] | tuple[Any, ...]

_DIGITS = "0123456789"
_NOTHING: Pattern = ("either", frozenset())
_EMPTY: Pattern = ("then", ())


def alternatives(pattern: str) -> Iterator[str]:
    """The parts between the pattern's outermost bars."""
    depth = start = 0
    for place, char in enumerate(pattern):
        depth += (char in "([") - (char in ")]")
        if char == "|" and not depth:
            yield pattern[start:place]
            start = place + 1
    yield pattern[start:]


def is_within(narrow: str, wide: str, lengths: frozenset[int]) -> bool:
    """Whether each text that `narrow` takes is of one of the lengths, and `wide` takes it."""
    seen, open_states = set(), [(_parsed(narrow), _parsed(wide), 0)]
    while open_states:
        state = open_states.pop()
        first, second, length = state
        if state in seen or first == _NOTHING:
            continue
        seen.add(state)
        if _takes_empty(first) and not (length in lengths and _takes_empty(second)):
            return False
        open_states += [(_after(first, digit), _after(second, digit), length + 1) for digit in _DIGITS]
    return True


def begins(pattern: str, start: str) -> bool:
    """Whether the pattern may take a text that begins so; no pattern that can is taken for one that cannot."""
    return _behind(pattern, start) != _NOTHING


def continues(pattern: str, taken: str, start: str, whole: str) -> bool:
    """Whether the pattern, when it has taken `taken`, may end there or within what `whole` has behind `start`."""
    seen, open_states = set(), [(_behind(pattern, taken), _behind(whole, start))]
    while open_states:
        state = open_states.pop()
        if state in seen or _NOTHING in state:
            continue
        if _takes_empty(state[0]):
            return True
        seen.add(state)
        open_states += [(_after(state[0], digit), _after(state[1], digit)) for digit in _DIGITS]
    return False


def _behind(pattern: str, start: str) -> Pattern:
    rest = _parsed(pattern)
    for digit in start:
        rest = _after(rest, digit)
    return rest


@cache
def _parsed(pattern: str) -> Pattern:
    return _sequence(_parser.parse(pattern))


def _sequence(parsed: Iterable[tuple[Any, Any]]) -> Pattern:
    return _then(*(_one(kind, value) for kind, value in parsed))


def _one(kind: Any, value: Any) -> Pattern:
    if kind is _constants.LITERAL:
        return frozenset(chr(value))
    if kind is _constants.IN:
        return frozenset().union(*(_digits(*item) for item in value))
    if kind is _constants.BRANCH:
        return _either(map(_sequence, value[1]))
    if kind is _constants.SUBPATTERN:
        return _sequence(value[-1])
    if kind is _constants.MAX_REPEAT:
        return ("times", _sequence(value[2]), value[0], value[1])
    raise ValueError(f"{kind} is in no pattern of the library so far")


def _digits(kind: Any, value: Any) -> frozenset[str]:
    if kind is _constants.LITERAL:
        return frozenset(chr(value))
    if kind is _constants.RANGE:
        return frozenset(map(chr, range(value[0], value[1] + 1)))
    return frozenset(_DIGITS)


def _then(*patterns: Pattern) -> Pattern:
    if _NOTHING in patterns:
        return _NOTHING
    flat = tuple(part for pattern in patterns for part in _parts(pattern, "then"))
    return flat[0] if len(flat) == 1 else ("then", flat)


def _either(patterns: Iterable[Pattern]) -> Pattern:
    flat = frozenset(part for pattern in patterns for part in _parts(pattern, "either"))
    return next(iter(flat)) if len(flat) == 1 else ("either", flat)


def _parts(pattern: Pattern, kind: str) -> Iterable[Pattern]:
    return pattern[1] if isinstance(pattern, tuple) and pattern[0] == kind else (pattern,)


@cache
def _takes_empty(pattern: Pattern) -> bool:
    match pattern:
        case ("then", parts):
            return all(map(_takes_empty, parts))
        case ("either", parts):
            return any(map(_takes_empty, parts))
        case ("times", part, least, _):
            return least == 0 or _takes_empty(part)
    return False


@cache
def _after(pattern: Pattern, digit: str) -> Pattern:
    """What the rest of a text must be like when it begins with the digit."""
    match pattern:
        case ("then", ()):
            return _NOTHING
        case ("then", (head, *tail)):
            rest = _then(*tail)
            skipped = [_after(rest, digit)] if _takes_empty(head) else []
            return _either([_then(_after(head, digit), rest), *skipped])
        case ("either", parts):
            return _either(_after(part, digit) for part in parts)
        case ("times", part, least, most):
            fewer = ("times", part, max(least - 1, 0), most - 1) if most > 1 else _EMPTY
            return _then(_after(part, digit), fewer)
    return _EMPTY if digit in pattern else _NOTHING
