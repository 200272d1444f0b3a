"""The body of a request: Adobe's public HTTP API destination (docs/sources.md, Seed 002)."""

from collections.abc import Iterable, Mapping
from typing import Any

from handfast.destinations.contract import Account, Pair, Segment
from handfast.destinations.types.http.settings import HttpSettings
from handfast.platform import clock


def body(account: Account[HttpSettings, Any], pairs: Iterable[Pair]) -> dict[str, Any]:
    """The profiles of some pairs, one for each identity: alone where a call has no more than one, else in a list."""
    by_identity: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs:
        by_identity.setdefault((pair.target, pair.value), []).append(pair)
    profiles = [_profile(account, found) for found in by_identity.values()]
    if account.settings.max_profiles_per_call > 1:
        return {"profiles": profiles}
    return profiles[0] if profiles else {"segmentMembership": {"ups": {}}, "identityMap": {}}


def _profile(account: Account[HttpSettings, Any], pairs: list[Pair]) -> dict[str, Any]:
    first = pairs[0]
    profile = _nested(next((pair.attributes for pair in pairs if pair.attributes), {}))
    memberships = {}
    for pair in pairs:
        segment = account.segments.get(pair.segment_id) or Segment(pair.segment_id, pair.segment_id, pair.segment_id)
        memberships[segment.mapping_id] = _membership(account.settings, segment, pair)
    profile["segmentMembership"] = {"ups": memberships}
    profile["identityMap"] = {first.target: [{"id": first.value}]}
    return profile


def _membership(settings: HttpSettings, segment: Segment, pair: Pair) -> dict[str, Any]:
    membership: dict[str, Any] = {"lastQualificationTime": pair.at, "status": pair.change}
    if settings.include_segment_names:
        membership["name"] = segment.name
    if settings.include_segment_timestamps:
        times = {
            "createdAt": segment.created_at,
            "updatedAt": segment.updated_at,
            "mappingCreatedAt": segment.mapped_at,
            "mappingUpdatedAt": segment.mapping_changed_at,
        }
        membership |= {name: _milliseconds(at) for name, at in times.items() if at}
    return membership


def _milliseconds(at: str) -> int:
    return round(clock.from_text(at).timestamp() * 1000)


def _nested(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes by path, such as `person.tier`, as objects within objects."""
    nested: dict[str, Any] = {}
    for path, value in attributes.items():
        *folders, name = path.split(".")
        place = nested
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = value
    return nested
