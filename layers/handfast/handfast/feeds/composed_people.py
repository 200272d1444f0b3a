"""Which composed segments single people are in, by the members that their parts are known to have."""

# ruff: noqa: S608 - statements are built from quoted names
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from handfast.feeds import received_segments
from handfast.feeds.received_segments import Parts
from handfast.lake import layout
from handfast.lake.duck import connect, create_table, literal, wire_time
from handfast.lake.people import Disclosure, Member
from handfast.matching import trait_rules
from handfast.platform import clock
from handfast.segments import composing
from handfast.segments import store as segments

_PARTS = MappingProxyType({**layout.MEMBER_COLUMNS, "segment": "VARCHAR", "dataflow": "VARCHAR"})


def memberships(
    sandbox_id: str, members: Iterable[Member], received: Mapping[str, Iterable[Disclosure]]
) -> list[Member]:
    """The memberships of composed segments, of the identities that `members` and `received` are of.

    `members` are all of theirs in the sandbox's own segments, `received` what was disclosed of them, by the id of the
    dataflow; a row that was withdrawn makes nobody a member.
    """
    composed = [each for each in segments.segments(sandbox_id) if each.expression is not None]
    rows: list[tuple[int, int, str, str, str | None]] = [
        (each.hi, each.lo, _since(each.since), each.segment_id, None) for each in members
    ]
    rows += [
        (each.hi, each.lo, _since(each.disclosed_at), each.segment_id, flow)
        for flow, disclosed in received.items()
        for each in disclosed
        if each.withdrawn_at is None
    ]
    if not composed or not rows:
        return []
    with connect() as connection:
        create_table(connection, "parts", _PARTS, rows)
        return [
            Member(hi, lo, each.segment_id, since)
            for each in composed
            if not (of := received_segments.parts(each)).lost
            for hi, lo, since in connection.execute(_statement(of)).fetchall()
        ]


def _since(at: str) -> str:
    return at.removesuffix("Z")


def _statement(of: Parts) -> str:
    rule = trait_rules.dated(composing.rule_of(of.segment), clock.now())
    sources = {name: _source(of, name) for name in trait_rules.segments_of(rule)}
    members = trait_rules.members(rule, sources, with_since=True)
    return f"SELECT hi, lo, {wire_time('since')} FROM {members} found ORDER BY hi, lo"


def _source(of: Parts, segment_id: str) -> str:
    flows = ", ".join(map(literal, of.dataflows.get(segment_id, ())))
    where = f"dataflow IN ({flows})" if segment_id in of.received else "dataflow IS NULL"
    return f"(SELECT hi, lo, since FROM parts WHERE segment = {literal(segment_id)} AND {where})"
