"""The members of composed segments, as they are when they are asked for: nothing of them is kept.

A received segment counts with what its dataflows have disclosed and not withdrawn. Where one is not received any more,
nobody is a member: a rule that leaves out the members of a segment must not take them in when that is lost.
"""

# ruff: noqa: S608 - statements are built from quoted names
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.feeds.member_reader import OWN_ROWS, Holdings
from handfast.feeds.received_segments import Parts, flows_of
from handfast.lake import buckets, layout, people_counts, ranges, transfers
from handfast.lake.duck import connect, literal, parquet, relation
from handfast.lake.people_counts import PeopleCount, Standing
from handfast.matching import relations, trait_rules
from handfast.platform import clock
from handfast.platform.objects import LostRaceError, ObjectVersion
from handfast.platform.optimistic import retry
from handfast.segments import composing

_COUNTED = ("hi", "lo", "namespace", "profile_id", "since", "segment", "disclosed_at", "withdrawn_at")

type _Objects = Mapping[str, ObjectVersion]


def holdings(of: Parts) -> Holdings:
    """The members of a composed segment with their values, as rows of disclosures."""

    def rows(folder: Path, first: int) -> Iterator[tuple[int, str]]:
        for bucket, listed in sorted(_listing(of).items()):
            if bucket < first:
                continue
            with TemporaryDirectory(dir=folder) as name:
                if found := _read(of, [listed], Path(name)):
                    yield bucket, OWN_ROWS.format(segment=literal(of.segment.segment_id), **found)

    return Holdings(of.segment.sandbox_id, rows)


def counted(of: Parts) -> tuple[Mapping[int, int], PeopleCount] | None:
    """Members of a composed segment by namespace code, and how many people they are; None where they are too many to
    count at once, or as many as when they were counted last.
    """
    listed = _listing(of)
    versions = [stored.etag for bucket in sorted(listed) for _, stored in sorted(listed[bucket].items())]
    asked = [repr(trait_rules.dated(composing.rule_of(of.segment), clock.now())), *of.lost]
    version = sha256(" ".join(asked + versions).encode()).hexdigest()
    if version == of.segment.people_of:
        return None
    groups = people_counts.parts({bucket: objects.values() for bucket, objects in listed.items()})
    if groups is None:
        return None
    read = list(groups)
    by_namespace, people = retry(lambda: _counted(of, listed, read), LostRaceError)
    return by_namespace, PeopleCount(people, version)


def _counted(
    of: Parts, listed: Mapping[int, _Objects], groups: Sequence[tuple[int, ...]]
) -> tuple[Mapping[int, int], int]:
    by_namespace: Counter[int] = Counter()
    with connect() as connection:
        standing = Standing(connection)
        for group in groups:
            with TemporaryDirectory() as folder:
                found = _read(of, [listed[bucket] for bucket in group], Path(folder), counting=True)
                if found:
                    rows = f"{found['members']} m JOIN {found['profiles']} p ON p.hi = m.hi AND p.lo = m.lo"
                    standing.add(f"SELECT 0 AS part, p.profile_id, 0 AS stage FROM {rows}")
                    counts = f"SELECT p.namespace, count(*) FROM {rows} GROUP BY p.namespace"
                    by_namespace.update(dict(connection.execute(counts).fetchall()))
        return by_namespace, standing.people().total()


def _listing(of: Parts) -> dict[int, dict[str, ObjectVersion]]:
    """The objects that members are read from, by bucket and key; none where a received segment is lost."""
    if of.lost:
        return {}
    by_bucket: dict[int, dict[str, ObjectVersion]] = {}
    named = set(trait_rules.segments_of(composing.rule_of(of.segment))) - of.received.keys()
    prefixes = [layout.memberships(of.segment.sandbox_id, name) for name in sorted(named)]
    prefixes += [layout.disclosures(flow) for flow in sorted(flows_of(of.feeds))]
    for prefix in prefixes:
        for bucket, stored in buckets.listing(prefix):
            by_bucket.setdefault(bucket, {})[stored.key] = stored
    for bucket, stored in buckets.listing(layout.profiles(of.segment.sandbox_id)):
        if bucket in by_bucket:
            by_bucket[bucket][stored.key] = stored
    return by_bucket


def _read(of: Parts, listed: Sequence[_Objects], folder: Path, *, counting: bool = False) -> dict[str, str]:
    """FROM items of the members (`hi, lo, since`) and the profiles in some buckets; empty where there are none."""
    folder.mkdir(exist_ok=True)
    paths = {key: folder / key.replace("/", "-") for objects in listed for key in objects}
    keys = {path: key for key, path in paths.items()}
    copied = ranges.copy(keys, dict.fromkeys(keys, _COUNTED)) if counting else transfers.download(keys)

    def below(prefix: str) -> list[Path]:
        return [path for key, path in paths.items() if key.startswith(prefix) and path in copied]

    profiles = below(layout.profiles(of.segment.sandbox_id))
    if not profiles:
        return {}
    rule = trait_rules.dated(composing.rule_of(of.segment), clock.now())
    sources = {name: _source(of, name, below) for name in trait_rules.segments_of(rule)}
    return {"members": trait_rules.members(rule, sources, with_since=True), "profiles": parquet(profiles)}


def _source(of: Parts, segment_id: str, below: Callable[[str], list[Path]]) -> str:
    """The members of one of the segments, as a FROM item of `hi, lo, since`."""
    if segment_id not in of.received:
        return relation(below(layout.memberships(of.segment.sandbox_id, segment_id)), layout.MEMBER_COLUMNS)
    paths = [path for flow in of.dataflows[segment_id] for path in below(layout.disclosures(flow))]
    return relations.received_members(paths, segment_id)
