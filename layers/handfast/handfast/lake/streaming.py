"""A stream call's part of a change: what `stream.json` holds (docs/architecture.md, Change log)."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from handfast.governance.consent import STRICTEST_FIRST
from handfast.identity.keys import Key
from handfast.identity.renderings import FORMS
from handfast.lake import layout
from handfast.lake.duck import literal
from handfast.platform import clock

MEMBERS = {**layout.KEY_COLUMNS, "segment": "VARCHAR", "realized": "BOOLEAN", "namespace": "SMALLINT"}
"""The columns of a change's memberships."""

_PROFILES = {name: kind for name, kind in layout.PROFILE_COLUMNS.items() if name != "attributes"}
_AS_TEXT = ("value", "share_at", "profile_share_at")


@dataclass(frozen=True)
class Answer:
    """A consent answer, and when it was given."""

    share: str
    at: datetime

    def __or__(self, other: "Answer | None") -> "Answer":
        """The one in force: the later, of two given at once the stricter, of two alike this one."""
        if other is None or self.share == other.share:
            return self
        return max(self, other, key=lambda answer: (answer.at, -STRICTEST_FIRST.index(answer.share)))


@dataclass(frozen=True)
class StreamChange:
    """What is said of one identity: answers, and with a segment whether it is a member.

    `value` is canonical; None where the identity is known and only spoken of. `share` is the identity's own answer,
    `profile_share` the person's. What is None leaves what is there. `last_ten` is a row of `lake.phone_index`,
    `rendered` one of `lake.renderings`: the digests by form.
    """

    hi: int
    lo: int
    namespace: int
    value: bytes | None
    profile_id: str | None = None
    share: Answer | None = None
    profile_share: Answer | None = None
    segment: str | None = None
    realized: bool = False
    last_ten: Key | None = None
    rendered: Mapping[str, bytes] = field(default_factory=dict)


def stream(changes: Iterable[StreamChange]) -> dict[str, dict[str, list[Any]]]:
    """The tables of a stream change, column by column; of memberships and profile ids the last one counts.

    `phones`, rows of the phone index, is there where numbers are to be indexed, and `renderings` where raw values are
    kept as platforms hash them.
    """
    profiles: dict[Key, StreamChange] = {}
    memberships: dict[tuple[int, int, str], StreamChange] = {}
    phones: dict[Key, Key] = {}
    rendered: dict[Key, Mapping[str, bytes]] = {}
    for change in changes:
        key = change.hi, change.lo
        profiles[key] = _merged(profiles[key], change) if key in profiles else change
        if change.segment is not None:
            memberships[*key, change.segment] = change
        if change.last_ten is not None:
            phones[key] = change.last_ten
        if change.rendered:
            rendered[key] = change.rendered
    rows = list(map(_profile, profiles.values()))
    tables: dict[str, dict[str, list[Any]]] = {
        "profiles": {name: [row[name] for row in rows] for name in rows[0]} if rows else {},
        "memberships": {
            "hi": [hi for hi, _, _ in memberships],
            "lo": [lo for _, lo, _ in memberships],
            "segment": [segment for _, _, segment in memberships],
            "realized": [change.realized for change in memberships.values()],
            "namespace": [change.namespace for change in memberships.values()],
        },
    }
    more = {"phones": _phones(phones), "renderings": _renderings(rendered)}
    return tables | {name: table for name, table in more.items() if table["hi"]}


def _renderings(rendered: Mapping[Key, Mapping[str, bytes]]) -> dict[str, list[Any]]:
    table: dict[str, list[Any]] = {"hi": [hi for hi, _ in rendered], "lo": [lo for _, lo in rendered]}
    return table | {
        name: [forms[name].hex() if name in forms else None for forms in rendered.values()] for name in FORMS
    }


def _phones(phones: Mapping[Key, Key]) -> dict[str, list[Any]]:
    rows = [(*key, *last_ten) for key, last_ten in phones.items()]
    return {name: [row[place] for row in rows] for place, name in enumerate(layout.PHONE_INDEX_COLUMNS)}


def _merged(first: StreamChange, other: StreamChange) -> StreamChange:
    return StreamChange(
        first.hi,
        first.lo,
        first.namespace,
        other.value if other.value is not None else first.value,
        other.profile_id or first.profile_id,
        first.share | other.share if first.share else other.share,
        first.profile_share | other.profile_share if first.profile_share else other.profile_share,
    )


def _profile(change: StreamChange) -> Mapping[str, Any]:
    row: dict[str, Any] = {"hi": change.hi, "lo": change.lo, "namespace": change.namespace}
    row |= {"value": change.value.hex() if change.value is not None else None, "profile_id": change.profile_id}
    for name, answer in (("share", change.share), ("profile_share", change.profile_share)):
        row |= {name: answer.share if answer else None, f"{name}_at": clock.to_text(answer.at) if answer else None}
    return row


def profiles_sql(path: Path) -> str:
    """A FROM item: the profiles of a stream change's file, as `layout.PROFILE_COLUMNS` has them, sorted by key."""
    kinds = {name: "VARCHAR" if name in _AS_TEXT else kind for name, kind in _PROFILES.items()}
    times = ", ".join(f"CAST({name} AS TIMESTAMP) AS {name}" for name in _AS_TEXT if name != "value")
    return (
        f"(SELECT * REPLACE (unhex(value) AS value, {times}), CAST(NULL AS VARCHAR) AS attributes"
        f" FROM {_table(path, 'profiles', kinds)} ORDER BY hi, lo)"
    )


def members_sql(path: Path) -> str:
    """A FROM item: the memberships of a stream change's file, by segment and key."""
    return f"(SELECT * FROM {_table(path, 'memberships', MEMBERS)} ORDER BY segment, hi, lo)"


def phones_sql(path: Path) -> str | None:
    """A FROM item: the numbers of a stream change's file that are to be indexed; None where there are none."""
    return _table(path, "phones", layout.PHONE_INDEX_COLUMNS) if b'"phones"' in path.read_bytes() else None


def renderings_sql(path: Path) -> str | None:
    """A FROM item: the renderings of a stream change's file; None where there are none."""
    if b'"renderings"' not in path.read_bytes():
        return None
    kinds = {**layout.KEY_COLUMNS, **dict.fromkeys(FORMS, "VARCHAR")}
    digests = ", ".join(f"unhex({name}) AS {name}" for name in FORMS)
    return f"(SELECT * REPLACE ({digests}) FROM {_table(path, 'renderings', kinds)})"


def _table(path: Path, name: str, kinds: Mapping[str, str]) -> str:
    struct = f"STRUCT({', '.join(f'{column} {kind}[]' for column, kind in kinds.items())})"
    columns = ", ".join(f"unnest({name}.{column}) AS {column}" for column in kinds)
    return f"(SELECT {columns} FROM read_json({literal(path)}, columns={{{literal(name)}: {literal(struct)}}}))"
