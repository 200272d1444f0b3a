"""Rules that compose segments: their syntax, and that SQL finds whom a plain evaluation finds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.lake.duck import connect
from handfast.matching import trait_rules
from handfast.matching.trait_rules import Connective, Frequency, MemberOf, Negation, Rule
from handfast.segments.trait_rule_syntax import MAX_LEVELS, UnreadableExpressionError, parse
from tests.worlds.trait_rules import holds

A, B, C = (MemberOf(f"seg_{name}") for name in "abc")
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = NOW.replace(hour=0)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("seg_a", A),
        ("trait_a", A),
        ("  ( seg_a )\n", A),
        ("segID = seg_a", A),
        ('SEGID == "seg_a"', A),
        ("seg_a AND seg_b", Connective("AND", (A, B))),
        ("seg_a or seg_b and seg_c", Connective("OR", (A, Connective("AND", (B, C))))),
        ("(seg_a OR seg_b) AND seg_c", Connective("AND", (Connective("OR", (A, B)), C))),
        ("seg_a AND NOT (trait_b OR segID=seg_c)", Connective("AND", (A, Negation(Connective("OR", (B, C)))))),
        ("FREQUENCY([seg_a, trait_b]) >= 2", Frequency(("seg_a", "seg_b"), ">=", 2)),
        ("frequency([seg_a]<=5D)==1", Frequency(("seg_a",), "==", 1, "<=", 5)),
        ("FREQUENCY([seg_a,seg_a] >= 30d) <= 1", Frequency(("seg_a",), "<=", 1, ">=", 30)),
    ],
)
def test_an_expression_reads_as_the_rule_that_it_says(text: str, rule: Rule) -> None:
    assert parse(text).rule == rule


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        ("seg_a AND", 10),
        ("seg_a seg_b", 7),
        ("AND seg_a", 1),
        ("(seg_a", 7),
        ("seg_a)", 6),
        ("seg_a & seg_b", 7),
        ("123T AND seg_a", 1),
        ("FREQUENCY([]) >= 1", 12),
        ("FREQUENCY([seg_a]) > 1", 20),
        ("FREQUENCY([seg_a] == 5D) >= 1", 19),
        ("NOT " * MAX_LEVELS + "seg_a", 1),
        ("(" * 1500, 1501),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, position: int) -> None:
    with pytest.raises(UnreadableExpressionError) as refused:
        parse(text)
    assert refused.value.position == position


def test_positions_are_where_a_segment_is_named_first() -> None:
    assert parse("seg_b AND (trait_a OR seg_b)").positions == {"seg_b": 1, "seg_a": 12}


KEYS = [(hi, lo) for hi in (-(1 << 63), 0, 7) for lo in (-1, 3)]
NAMES = ["seg_a", "seg_b", "seg_c"]

frequencies = st.builds(
    Frequency,
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).map(tuple),
    st.sampled_from(["<=", ">=", "=="]),
    st.integers(0, 3),
    st.sampled_from([None, "<=", ">="]),
    st.integers(0, 9),
)
rules: st.SearchStrategy[Rule] = st.recursive(
    st.builds(MemberOf, st.sampled_from(NAMES)) | frequencies,
    lambda inner: (
        st.builds(Negation, inner)
        | st.builds(Connective, st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=8,
)
memberships = st.dictionaries(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(KEYS), st.integers(0, 9)))


def found(rule: Rule, members: dict[str, dict[Any, int]], *, with_since: bool) -> dict[Any, Any]:
    """Whom the SQL finds, with when they joined where that is asked for."""
    sources = {}
    rule = trait_rules.dated(rule, NOW)
    with connect() as connection:
        for name, joined in members.items():
            connection.execute(f"CREATE OR REPLACE TABLE {name} (hi BIGINT, lo BIGINT, since TIMESTAMP)")
            for (hi, lo), ago in joined.items():
                at = (DAY - timedelta(days=ago)).replace(tzinfo=None)
                connection.execute(f"INSERT INTO {name} VALUES (?, ?, ?)", [hi, lo, at])
            sources[name] = name
        rows = connection.execute(
            f"SELECT * FROM {trait_rules.members(rule, sources, with_since=with_since)} found"
        ).fetchall()
    assert len(rows) == len({row[:2] for row in rows})
    return {row[:2]: row[2] if with_since else None for row in rows}


@given(rules, memberships)
def test_sql_finds_whom_a_rule_holds_of(rule: Rule, members: dict[str, dict[Any, int]]) -> None:
    days = {key: {name: joined[key] for name, joined in members.items() if key in joined} for key in KEYS}
    expected = {key for key in KEYS if days[key] and holds(rule, days[key])}
    latest = found(rule, members, with_since=True)
    # Who is in none of the rule's segments is not found, of whatever others they are members.
    named = set(trait_rules.segments_of(rule))
    expected = {key for key in expected if named & days[key].keys()}
    assert latest.keys() == expected
    assert latest == {
        key: (DAY - timedelta(days=min(days[key][name] for name in named & days[key].keys()))).replace(tzinfo=None)
        for key in expected
    }
    assert found(rule, members, with_since=False).keys() == expected
    assert trait_rules.holds_of_outsiders(rule) == holds(rule, {})


def test_a_recency_is_counted_from_the_beginning_of_the_day() -> None:
    recent = Frequency(("seg_a",), ">=", 1, "<=", 7)
    rule = Connective("AND", (A, Negation(recent)))
    for now in (DAY, NOW, DAY + timedelta(hours=23, minutes=59)):
        bounded = replace(recent, bound=datetime(2026, 11, 22, tzinfo=UTC))
        assert trait_rules.dated(rule, now) == Connective("AND", (A, Negation(bounded)))
    assert trait_rules.dated(rule, DAY + timedelta(days=1)) != trait_rules.dated(rule, NOW)
    with pytest.raises(ValueError, match="dated"):
        trait_rules.members(recent, {"seg_a": "seg_a"})
