"""How far a dataflow's delivery of whole memberships has come, and what came of the ones before."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from handfast.destinations.snapshots.manifest import FileFacts
from handfast.lake import layout
from handfast.platform import objects
from handfast.platform.objects import ObjectVersion


@dataclass(frozen=True)
class StagedPart:
    """Members of some buckets of a span, which wait in an object for being written.

    Numbers by segment, in pairs: who is in it, of them who `entered` since the last delivery, and who has `exited`;
    `identities` are those that did either.
    """

    key: str
    size: int
    span: int
    buckets: tuple[int, ...]
    members: Mapping[str, int] = field(default_factory=dict)
    entered: Mapping[str, int] = field(default_factory=dict)
    exited: Mapping[str, int] = field(default_factory=dict)
    identities: int = 0


@dataclass(frozen=True)
class Underway:
    """A delivery that is not complete. `terms` is a digest of how it is written.

    Staged are `parts`, of `spans` all of them; `written` are the files of each part that the destination has taken,
    `is_told` whether it has all and the manifest too, and `held` the spans that are noted as what it has. `tries` have
    failed; the next one is not before `not_before` (RFC 3339). `staged_at` is when parts began to be put down, where
    that was later than the delivery began.
    """

    batch_id: str
    began_at: str
    terms: str
    parts: tuple[StagedPart, ...] = ()
    spans: tuple[int, ...] = ()
    written: tuple[tuple[FileFacts, ...], ...] = ()
    is_told: bool = False
    held: tuple[int, ...] = ()
    tries: int = 0
    not_before: str | None = None
    staged_at: str | None = None


@dataclass(frozen=True)
class Snapshots:
    """The delivery that is `underway`, when the last complete one began, its `terms`, and how many parts it had.

    `failed_batch_id` is the dead letter of a delivery that was given up at `failed_at`, where none has followed.
    """

    underway: Underway | None = None
    began_at: str | None = None
    terms: str = ""
    parts: int = 0
    failed_batch_id: str | None = None
    failed_at: str | None = None


_STATE = TypeAdapter(Snapshots)


def _key(dataflow_id: str) -> str:
    return f"{layout.deliveries(dataflow_id)}_snapshot.json"


def read(dataflow_id: str) -> tuple[Snapshots, ObjectVersion | None]:
    """What is known of a dataflow's deliveries, with the version read."""
    found = objects.read_json(_key(dataflow_id))
    return (_STATE.validate_python(found[0]), found[1]) if found else (Snapshots(), None)


def write(dataflow_id: str, new: Snapshots, *, over: ObjectVersion | None) -> ObjectVersion:
    """Write it over the version read; raises LostRaceError."""
    return objects.write_json(_key(dataflow_id), _STATE.dump_python(new, mode="json"), replaces=over)
