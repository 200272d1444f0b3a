"""The segments table, the links to upload by, and the objects of a stream change and of a segment's memberships."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace as with_changes

from boto3.dynamodb.conditions import Attr

from handfast.journal.keys import sandbox_key
from handfast.lake import layout
from handfast.lake.change_log import SEGMENTS
from handfast.lake.people_counts import PeopleCount
from handfast.partners import other_side
from handfast.partners.models import PartnerRef
from handfast.platform import objects, table
from handfast.platform.items import ItemKind
from handfast.platform.table import UNCONDITIONAL, ConditionFailed, Delete, Item, Put, Update, Write
from handfast.segments.models import Segment
from handfast.segments.trait_rule_syntax import parse

_MEMBERS = "identities"


def _not_composed(item: Item) -> Item:
    return {"expression": None} | item


_SEGMENT = ItemKind(
    "segment",
    Segment,
    SEGMENTS,
    upgrades=(_not_composed,),
    exclude=("feeds", "by_namespace", "parts", "received"),
)
_COMPOSED = "COMPOSED#"
"""What begins the item that tells which segments a composed one names, beside the segment itself."""


def _segment_key(segment_id: str) -> str:
    return f"SEG#{segment_id}"


def _external_key(external_id: str) -> str:
    return f"EXT#{external_id}"


# Segments


def _segment(item: Item) -> Segment:
    by_namespace = {
        int(name.removeprefix(_MEMBERS)): count
        for name, count in item.items()
        if name.startswith(_MEMBERS) and name != _MEMBERS and count
    }
    return _SEGMENT.load(item | {"byNamespace": by_namespace})


def segment(sandbox_id: str, segment_id: str) -> Segment | None:
    """The sandbox's own segment."""
    item = table.get(SEGMENTS, sandbox_key(sandbox_id), _segment_key(segment_id))
    return with_parts(_segment(item)) if item else None


def segments_each(sandbox_id: str, segment_ids: Collection[str]) -> dict[str, Segment]:
    """Those of some segments that the sandbox has, by their ids; what is not composed in one read."""
    return {name: with_parts(found) for name, found in segments_alone(sandbox_id, segment_ids).items()}


def segments_alone(sandbox_id: str, segment_ids: Collection[str]) -> dict[str, Segment]:
    """`segments_each` in one read: composed ones lack what they name."""
    keys = {(sandbox_key(sandbox_id), _segment_key(name)): name for name in segment_ids}
    return {keys[place]: _segment(item) for place, item in table.get_many(SEGMENTS, keys).items()}


def names(sandbox_id: str, segment_ids: Iterable[str]) -> dict[str, str]:
    """What those of some segments that the sandbox has are called, by their ids, in one read of nothing else."""
    keys = {(sandbox_key(sandbox_id), _segment_key(each)): each for each in segment_ids}
    return {keys[place]: item["name"] for place, item in table.get_many(SEGMENTS, keys, only=("name",)).items()}


def with_parts(found: Segment) -> Segment:
    """A composed segment with what it names; any other as it is."""
    if found.expression is None:
        return found
    named = {name: segment(found.sandbox_id, name) for name in parse(found.expression).positions}
    own = tuple(part for part in named.values() if part)
    return with_changes(found, parts=own, received=tuple(name for name, part in named.items() if part is None))


def named_by_composed(sandbox_id: str) -> dict[str, set[str]]:
    """The composed segments, each with the segments that it names."""
    items = table.query(SEGMENTS, sandbox_key(sandbox_id), _COMPOSED)
    return {item["sk"].removeprefix(_COMPOSED): set(item["segmentIds"]) for item in items}


def composed_of(sandbox_id: str, segment_ids: Collection[str]) -> set[str]:
    """The composed segments that name these, or name what names them."""
    named = named_by_composed(sandbox_id)
    found: set[str] = set()
    reached = set(segment_ids)
    while reached:
        reached = {name for name, parts in named.items() if name not in found and not reached.isdisjoint(parts)}
        found |= reached
    return found


def partners_segment_name(partner: PartnerRef, segment_id: str) -> str | None:
    """The name of a partner's segment; None once it is deleted."""
    item = other_side.item(partner, SEGMENTS, _segment_key(segment_id))
    return str(item["name"]) if item else None


def segments(sandbox_id: str, after: str | None = None, batch: int | None = None) -> Iterator[Segment]:
    """The sandbox's own segments after one, oldest first; `batch` as in `table.query`."""
    start = _segment_key(after) if after else None
    items = table.query(SEGMENTS, sandbox_key(sandbox_id), "SEG#", after=start, batch=batch)
    return (with_parts(_segment(item)) for item in items)


def segments_without_parts(sandbox_id: str) -> Iterator[Segment]:
    """The sandbox's own segments, oldest first; composed ones lack what they name (`with_parts`)."""
    return map(_segment, table.query(SEGMENTS, sandbox_key(sandbox_id), "SEG#"))


def segments_by_name(sandbox_id: str) -> dict[str, str]:
    """The ids of the sandbox's segments that have members of their own, by segment id and by external id."""
    own = (found for found in segments_without_parts(sandbox_id) if found.expression is None)
    return {name: found.segment_id for found in own for name in _names(found)}


def _names(found: Segment) -> tuple[str, ...]:
    return (found.segment_id, found.external_id) if found.external_id else (found.segment_id,)


def create(new: Segment) -> list[Write]:
    """The writes of a new segment: itself, its external id, which no other segment may have, and what it names."""
    pk = sandbox_key(new.sandbox_id)
    writes: list[Write] = [_SEGMENT.put(new, pk, _segment_key(new.segment_id))]
    return writes + _claim(new.sandbox_id, new.segment_id, new.external_id) + _naming(new)


def _naming(new: Segment) -> list[Write]:
    if new.expression is None:
        return []
    item = {"pk": sandbox_key(new.sandbox_id), "sk": f"{_COMPOSED}{new.segment_id}"}
    return [Put(SEGMENTS, item | {"segmentIds": list(parse(new.expression).positions)}, UNCONDITIONAL)]


def _claim(sandbox_id: str, segment_id: str, external_id: str | None) -> list[Write]:
    if external_id is None:
        return []
    return [Put(SEGMENTS, {"pk": sandbox_key(sandbox_id), "sk": _external_key(external_id), "segmentId": segment_id})]


def _free(sandbox_id: str, external_id: str | None) -> list[Write]:
    return [Delete(SEGMENTS, sandbox_key(sandbox_id), _external_key(external_id))] if external_id else []


def replace(old: Segment, new: Segment) -> list[Write]:
    """The writes that change a segment at the version read: itself, then its external id."""
    pk, sk = sandbox_key(old.sandbox_id), _segment_key(old.segment_id)
    item = _SEGMENT.dump(new, pk, sk)
    facts = {name: item[name] for name in ("name", "description", "externalId", "labels", "version", "updatedAt")}
    facts |= {name: item[name] for name in ("dataSourceIds", "columnLabels", "expression")}
    writes: list[Write] = [Update(SEGMENTS, pk, sk, assign=facts, condition=Attr("version").eq(old.version))]
    writes += _naming(new) if new.expression != old.expression else []
    if new.external_id == old.external_id:
        return writes
    claim = _claim(new.sandbox_id, new.segment_id, new.external_id)
    return [*writes, *claim, *_free(old.sandbox_id, old.external_id)]


def delete(old: Segment) -> list[Write]:
    """The writes that delete a segment at the version read, unless a feed uses it."""
    condition = Attr("version").eq(old.version) & Attr("feeds").not_exists()
    pk, sk = sandbox_key(old.sandbox_id), _segment_key(old.segment_id)
    naming = [Delete(SEGMENTS, pk, f"{_COMPOSED}{old.segment_id}")] if old.expression else []
    return [Delete(SEGMENTS, pk, sk, condition), *_free(old.sandbox_id, old.external_id), *naming]


def delete_all(sandbox_id: str) -> None:
    """Delete all that the segments table holds of a sandbox that is deleted."""
    table.clear(SEGMENTS, sandbox_key(sandbox_id))


def use(sandbox_id: str, segment_id: str, feed_id: str) -> Update:
    """The write by which a feed uses a segment, refused where there is none: until released it cannot be deleted."""
    return Update(SEGMENTS, sandbox_key(sandbox_id), _segment_key(segment_id), add={"feeds": {feed_id}})


def release(sandbox_id: str, segment_id: str, feed_id: str) -> Update:
    """The write by which a feed stops using a segment."""
    return Update(SEGMENTS, sandbox_key(sandbox_id), _segment_key(segment_id), discard={"feeds": {feed_id}})


def add_members(sandbox_id: str, segment_id: str, by_namespace: Mapping[int, int], at: str) -> Update:
    """The write that adds (or takes away) members by namespace code; refused where the segment is no more."""
    sums = {f"{_MEMBERS}{code}": count for code, count in by_namespace.items()}
    return Update(
        SEGMENTS,
        sandbox_key(sandbox_id),
        _segment_key(segment_id),
        assign={"updatedAt": at},
        add=sums | {_MEMBERS: sum(by_namespace.values())},
    )


def note_people(sandbox_id: str, segment_id: str, counted: PeopleCount, at: str) -> None:
    """Keep how many people the members are, unless the segment is no more."""
    facts = {"people": counted.people, "peopleOf": counted.of, "peopleAt": at}
    with suppress(ConditionFailed):
        table.apply(Update(SEGMENTS, sandbox_key(sandbox_id), _segment_key(segment_id), assign=facts))


def note_counts(own: Segment, by_namespace: Mapping[int, int], counted: PeopleCount, at: str) -> None:
    """Keep the numbers of a composed segment's members, unless the segment is no more."""
    codes = dict.fromkeys([*own.by_namespace, *by_namespace], 0) | dict(by_namespace)
    facts: dict[str, int | str] = {f"{_MEMBERS}{code}": count for code, count in codes.items()}
    facts |= {_MEMBERS: sum(by_namespace.values())}
    facts |= {"people": counted.people, "peopleOf": counted.of, "peopleAt": at}
    with suppress(ConditionFailed):
        table.apply(Update(SEGMENTS, sandbox_key(own.sandbox_id), _segment_key(own.segment_id), assign=facts))


def delete_memberships(sandbox_id: str, segment_id: str) -> None:
    """Delete the membership objects of a segment."""
    objects.delete(*(found.key for found in objects.listing(layout.memberships(sandbox_id, segment_id))))


# Uploads


# Stream changes
