"""Rules that compose a segment of others, as they are decided: of one identity, and as ANSI SQL over members.

The syntax that they are written in is another thing (handfast.segments.trait_rule_syntax).
"""

# ruff: noqa: S608 - statements are built from numbers and FROM items
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from handfast.lake import layout
from handfast.lake.duck import literal, relation, timestamp

Recency = Literal["<=", ">="]
Comparison = Literal["<=", ">=", "=="]


@dataclass(frozen=True)
class MemberOf:
    """Being a member of a segment."""

    segment_id: str


@dataclass(frozen=True)
class Frequency:
    """In how many of some segments an identity is, those alone that it joined at most or at least `days` days ago.

    `bound` is the time that this comes to, once the rule is dated.
    """

    segment_ids: tuple[str, ...]
    comparison: Comparison
    count: int
    recency: Recency | None = None
    days: int = 0
    bound: datetime | None = None


@dataclass(frozen=True)
class Negation:
    """What its rule does not hold of."""

    rule: "Rule"


@dataclass(frozen=True)
class Connective:
    """Rules of which all hold, or any."""

    operator: Literal["AND", "OR"]
    rules: tuple["Rule", ...]


type Rule = MemberOf | Frequency | Negation | Connective


def segments_of(rule: Rule) -> Iterator[str]:
    """The segments that a rule names, in its order, as often as it does."""
    match rule:
        case MemberOf():
            yield rule.segment_id
        case Frequency():
            yield from rule.segment_ids
        case Negation():
            yield from segments_of(rule.rule)
        case Connective():
            for part in rule.rules:
                yield from segments_of(part)


def levels(rule: Rule) -> int:
    """How deep a rule is nested; a single segment is one level."""
    match rule:
        case Negation():
            return 1 + levels(rule.rule)
        case Connective():
            return 1 + max(map(levels, rule.rules))
        case _:
            return 1


def replaced(rule: Rule, rules: Mapping[str, Rule]) -> Rule:
    """A rule with the rules of composed segments in place of being their members."""
    return _with_leaves(rule, lambda leaf: rules.get(leaf.segment_id, leaf) if isinstance(leaf, MemberOf) else leaf)


def dated(rule: Rule, now: datetime) -> Rule:
    """A rule as it is decided on the UTC day of `now`: a recency is counted from when that day begins.

    So it is the same rule all day, and another one on the next.
    """
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    def bounded(leaf: MemberOf | Frequency) -> Rule:
        if isinstance(leaf, Frequency) and leaf.recency:
            return replace(leaf, bound=day - timedelta(days=leaf.days))
        return leaf

    return _with_leaves(rule, bounded)


def _with_leaves(rule: Rule, leaf: Callable[[MemberOf | Frequency], Rule]) -> Rule:
    match rule:
        case Negation():
            return Negation(_with_leaves(rule.rule, leaf))
        case Connective():
            return Connective(rule.operator, tuple(_with_leaves(part, leaf) for part in rule.rules))
        case _:
            return leaf(rule)


def has_recency(rule: Rule) -> bool:
    """Whether a rule's members change by the passing of time alone."""
    match rule:
        case Frequency():
            return rule.recency is not None
        case Negation():
            return has_recency(rule.rule)
        case Connective():
            return any(map(has_recency, rule.rules))
        case _:
            return False


def holds_of_outsiders(rule: Rule) -> bool:
    """Whether a rule holds of whom none of its segments has as a member."""
    match rule:
        case MemberOf():
            return False
        case Frequency():
            return {"<=": True, ">=": rule.count <= 0, "==": rule.count == 0}[rule.comparison]
        case Negation():
            return not holds_of_outsiders(rule.rule)
        case Connective():
            met = map(holds_of_outsiders, rule.rules)
            return all(met) if rule.operator == "AND" else any(met)


def member_columns(rule: Rule, *, with_since: bool = False) -> Mapping[str, str]:
    """The columns that `members` needs of its sources and has itself."""
    return layout.MEMBER_COLUMNS if with_since or has_recency(rule) else layout.KEY_COLUMNS


def members(rule: Rule, sources: Mapping[str, str], *, with_since: bool = False) -> str:
    """A FROM item of `hi, lo` of whom a rule holds, over FROM items of its segments' members with the same columns.

    A rule with recency has to be dated, and has a column `since` in both, as every rule has where it is asked for: a
    composed member's is when it joined the last of the segments that it is in.
    """
    ids = [name for name in dict.fromkeys(segments_of(rule)) if name in sources]
    names = member_columns(rule, with_since=with_since)
    if not ids:
        return relation((), names)
    columns = ", ".join(names)
    rows = " UNION ALL ".join(
        f"SELECT {columns}, {number} AS part FROM {sources[name]}" for number, name in enumerate(ids)
    )
    facts = [f"MAX(CASE WHEN part = {number} THEN 1 ELSE 0 END) AS p{number}" for number in range(len(ids))]
    if "since" in names:
        facts += ["MAX(since) AS since"]
        facts += [f"MAX(CASE WHEN part = {number} THEN since END) AS since{number}" for number in range(len(ids))]
    condition = _condition(rule, {name: number for number, name in enumerate(ids)})
    grouped = f"SELECT hi, lo, {', '.join(facts)} FROM ({rows}) parts GROUP BY hi, lo"
    return f"(SELECT {columns} FROM ({grouped}) people WHERE {condition})"


def _condition(rule: Rule, numbers: Mapping[str, int]) -> str:
    match rule:
        case MemberOf():
            return f"p{numbers[rule.segment_id]} = 1" if rule.segment_id in numbers else "1 = 0"
        case Frequency():
            joined = [_joined(rule, numbers[name]) for name in rule.segment_ids if name in numbers]
            comparison = "=" if rule.comparison == "==" else rule.comparison
            return f"{' + '.join(joined) or '0'} {comparison} {rule.count}"
        case Negation():
            return f"NOT ({_condition(rule.rule, numbers)})"
        case Connective():
            return f" {rule.operator} ".join(f"({_condition(part, numbers)})" for part in rule.rules)


def _joined(rule: Frequency, number: int) -> str:
    if rule.recency is None:
        return f"p{number}"
    if rule.bound is None:
        raise ValueError("a rule with recency is decided once it is dated")
    bound = literal(str(timestamp(rule.bound)))
    comparison = ">=" if rule.recency == "<=" else "<="
    return f"CASE WHEN since{number} {comparison} CAST({bound} AS TIMESTAMP) THEN 1 ELSE 0 END"
