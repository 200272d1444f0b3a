"""Rules that compose a segment of others, as they are decided: of one identity, and as ANSI SQL over members.

The syntax that they are written in is another thing (handfast.segments.trait_rule_syntax).
"""

# ruff: noqa: S608 - statements are built from numbers and FROM items
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    """In how many of some segments an identity is, those alone that it joined at most or at least `days` days ago."""

    segment_ids: tuple[str, ...]
    comparison: Comparison
    count: int
    recency: Recency | None = None
    days: int = 0


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
    match rule:
        case MemberOf():
            return rules.get(rule.segment_id, rule)
        case Negation():
            return Negation(replaced(rule.rule, rules))
        case Connective():
            return Connective(rule.operator, tuple(replaced(part, rules) for part in rule.rules))
        case _:
            return rule


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


def members(rule: Rule, sources: Mapping[str, str], now: datetime | None = None) -> str:
    """A FROM item of `hi, lo` of whom a rule holds, over FROM items of its segments' members with the same columns.

    With `now`, which a rule with recency needs, there is a column `since` in both: a composed member's is when it
    joined the last of the segments that it is in.
    """
    ids = [name for name in dict.fromkeys(segments_of(rule)) if name in sources]
    if not ids:
        return relation((), layout.MEMBER_COLUMNS if now else layout.KEY_COLUMNS)
    columns = "hi, lo, since" if now else "hi, lo"
    rows = " UNION ALL ".join(
        f"SELECT {columns}, {number} AS part FROM {sources[name]}" for number, name in enumerate(ids)
    )
    facts = [f"MAX(CASE WHEN part = {number} THEN 1 ELSE 0 END) AS p{number}" for number in range(len(ids))]
    if now:
        facts += ["MAX(since) AS since"]
        facts += [f"MAX(CASE WHEN part = {number} THEN since END) AS since{number}" for number in range(len(ids))]
    condition = _condition(rule, {name: number for number, name in enumerate(ids)}, now)
    grouped = f"SELECT hi, lo, {', '.join(facts)} FROM ({rows}) parts GROUP BY hi, lo"
    return f"(SELECT {columns} FROM ({grouped}) people WHERE {condition})"


def _condition(rule: Rule, numbers: Mapping[str, int], now: datetime | None) -> str:
    match rule:
        case MemberOf():
            return f"p{numbers[rule.segment_id]} = 1" if rule.segment_id in numbers else "1 = 0"
        case Frequency():
            joined = [_joined(rule, numbers[name], now) for name in rule.segment_ids if name in numbers]
            comparison = "=" if rule.comparison == "==" else rule.comparison
            return f"{' + '.join(joined) or '0'} {comparison} {rule.count}"
        case Negation():
            return f"NOT ({_condition(rule.rule, numbers, now)})"
        case Connective():
            return f" {rule.operator} ".join(f"({_condition(part, numbers, now)})" for part in rule.rules)


def _joined(rule: Frequency, number: int, now: datetime | None) -> str:
    if rule.recency is None:
        return f"p{number}"
    if now is None:
        raise ValueError("a rule with recency is decided as of a time")
    bound = literal(str(timestamp(now - timedelta(days=rule.days))))
    comparison = ">=" if rule.recency == "<=" else "<="
    return f"CASE WHEN since{number} {comparison} CAST({bound} AS TIMESTAMP) THEN 1 ELSE 0 END"
