"""Whom a rule that composes segments holds of, in plain Python."""

from collections.abc import Mapping

from handfast.matching.trait_rules import Connective, MemberOf, Negation, Rule


def holds(rule: Rule, days: Mapping[str, int]) -> bool:
    """Whether a rule holds of whom joined these segments so many days ago."""
    if isinstance(rule, MemberOf):
        return rule.segment_id in days
    if isinstance(rule, Negation):
        return not holds(rule.rule, days)
    if isinstance(rule, Connective):
        return (all if rule.operator == "AND" else any)(holds(part, days) for part in rule.rules)
    joined = [days[name] for name in rule.segment_ids if name in days]
    if rule.recency == "<=":
        joined = [ago for ago in joined if ago <= rule.days]
    elif rule.recency == ">=":
        joined = [ago for ago in joined if ago >= rule.days]
    count = len(joined)
    return {"<=": count <= rule.count, ">=": count >= rule.count, "==": count == rule.count}[rule.comparison]
