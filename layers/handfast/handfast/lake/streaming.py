"""A stream call's part of a change: what `stream.json` holds (docs/architecture.md, Change log)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from handfast.identity.keys import Key


@dataclass(frozen=True)
class StreamChange:
    """One identity set or unset as a member. `value` is canonical, `share` the identity's own answer.

    A `profile_id` or `share` of None leaves what is there.
    """

    hi: int
    lo: int
    namespace: int
    value: bytes
    profile_id: str | None
    share: str | None
    segment: str
    realized: bool


def stream(changes: Iterable[StreamChange]) -> dict[str, dict[str, list[Any]]]:
    """The two tables of a stream change, column by column; of repeats the last one counts."""
    profiles: dict[Key, dict[str, Any]] = {}
    memberships: dict[tuple[int, int, str], StreamChange] = {}
    for change in changes:
        key = change.hi, change.lo
        profile = profiles.setdefault(key, {"profile_id": None, "share": None})
        profile |= {"namespace": change.namespace, "value": change.value.hex()}
        profile |= {"profile_id": change.profile_id or profile["profile_id"], "share": change.share or profile["share"]}
        memberships[*key, change.segment] = change
    return {
        "profiles": {
            "hi": [hi for hi, _ in profiles],
            "lo": [lo for _, lo in profiles],
        }
        | {name: [row[name] for row in profiles.values()] for name in ("namespace", "value", "profile_id", "share")},
        "memberships": {
            "hi": [hi for hi, _, _ in memberships],
            "lo": [lo for _, lo, _ in memberships],
            "segment": [segment for _, _, segment in memberships],
            "realized": [change.realized for change in memberships.values()],
            "namespace": [change.namespace for change in memberships.values()],
        },
    }
