"""The body of a request: Adobe's public HTTP API destination (docs/sources.md, Seed 002)."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

from pydantic_core import to_json

from handfast.destinations.contract import Account, Change, Pair, Segment
from handfast.destinations.types.http.settings import HttpSettings, MembershipSettings
from handfast.platform import clock

_REMEMBERED = 10_000
"""Memberships that are kept as text."""
NOBODY = '{"segmentMembership":{"ups":{}},"identityMap":{}}'
"""The profile with nobody in it, by which a destination is tried."""

type Identity = tuple[str, str]
"""An identity's target and value."""


class Profiles[S: MembershipSettings]:
    """Writes profiles, as JSON. What many pairs have alike is written once and joined as text."""

    def __init__(self, account: Account[S, Any]) -> None:
        self.account = account
        self._membership = lru_cache(_REMEMBERED)(self._written)

    def profiles(self, pairs: Iterable[Pair]) -> dict[Identity, str]:
        """The profiles of some pairs, one for each identity."""
        found: dict[Identity, dict[str, str]] = {}
        attributes: dict[Identity, Mapping[str, Any]] = {}
        for target, value, segment_id, change, at, given in pairs:
            identity = target, value
            name, membership = self._membership(segment_id, change, at)
            found.setdefault(identity, {})[name] = membership
            if given:
                attributes.setdefault(identity, given)
        return {
            identity: _profile(*identity, memberships.values(), attributes.get(identity))
            for identity, memberships in found.items()
        }

    def _written(self, segment_id: str, change: Change, at: str) -> tuple[str, str]:
        """The name of a membership, and how it is written as a member of an object."""
        segment = self.account.segment(segment_id)
        membership = _membership(self.account.settings, segment, change, at)
        return segment.mapping_id, f"{encode_basestring(segment.mapping_id)}:{to_json(membership).decode()}"


class Bodies(Profiles[HttpSettings]):
    """Writes the bodies of an account's requests."""

    def body(self, pairs: Iterable[Pair]) -> bytes:
        """The profiles of some pairs: alone where a call has one at most, else in a list."""
        profiles = self.profiles(pairs).values()
        if self.account.settings.max_profiles_per_call > 1:
            return f'{{"profiles":[{",".join(profiles)}]}}'.encode()
        return next(iter(profiles), NOBODY).encode()


def _profile(target: str, value: str, memberships: Iterable[str], attributes: Mapping[str, Any] | None) -> str:
    return (
        f'{{{_members(attributes)}"segmentMembership":{{"ups":{{{",".join(memberships)}}}}},'
        f'"identityMap":{{{encode_basestring(target)}:[{{"id":{encode_basestring(value)}}}]}}}}'
    )


def _members(attributes: Mapping[str, Any] | None) -> str:
    """Attributes by path, such as `person.tier`, as members of an object that more follow."""
    if not attributes:
        return ""
    return to_json(_nested(attributes)).decode()[1:-1] + ","


def _membership(settings: MembershipSettings, segment: Segment, change: Change, at: str) -> dict[str, Any]:
    membership: dict[str, Any] = {"lastQualificationTime": at, "status": change}
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
