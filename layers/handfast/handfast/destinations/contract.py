"""What a type of destination is: how changes of who is in a segment reach a system outside, and what it answers.

Nothing here or in a type logs. Texts that leave a type (details, names of checks) hold no URL and nothing of a person.
"""

import builtins
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from handfast.connectors.contract import Settings, TestResult
from handfast.governance.marketing_actions import MarketingAction
from handfast.platform import clock

if TYPE_CHECKING:
    from handfast.lake.duck import Connection

type Change = Literal["realized", "exited"]
AS_KEPT = "Values are given as they are kept."
"""What to consider of an identity that needs no change."""

type GroupBy = Literal["segment", "status", "namespace"]
"""What all pairs of a request have in common: the segment, whether they enter or leave, or the target identity."""

_AGAIN = frozenset({408, 409, 425, 429})
"""Status codes below 500 after which the same request may succeed: RFC 9110, RFC 6585 and RFC 8470."""
DETAIL = 500
"""Characters of an endpoint's answer that are kept."""


@dataclass(frozen=True)
class TargetIdentity:
    """An identity that a type takes: the name it has there, what it is and when to choose it.

    `namespaces` are the symbols of those namespaces whose canonical values it takes as they are; `own_namespaces`: it
    takes those of namespaces that the sandbox has defined. `hashes`: of such a namespace whose values are texts, it
    takes the SHA-256 of the trimmed text in lower case. `form`: it takes digests in that form
    (`identity.renderings.FORMS`) in place of canonical ones, and none of which that form is not known. The name `*`
    stands for any that no other identity has.
    """

    name: str
    description: str
    considerations: str
    namespaces: tuple[str, ...] = ()
    own_namespaces: bool = False
    hashes: bool = False
    form: str | None = None


@dataclass(frozen=True)
class Card:
    """What people read before they connect a destination. `limits` are known ones, a sentence each.

    `marketing_actions` are what any destination of the type does with data; `attributes`: whether it takes attributes
    of profiles; `account`: what its account id is, None where it has none; `mapping_id`: what a segment's mapping id is
    there, which every segment then has, None where it may be any name.
    """

    description: str
    identities: tuple[TargetIdentity, ...]
    marketing_actions: tuple[MarketingAction, ...]
    attributes: bool = False
    account: str | None = None
    mapping_id: str | None = None
    prerequisites: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    export_type: Literal["segment_export"] = "segment_export"
    export_frequency: Literal["streaming", "batch"] = "streaming"


@dataclass(frozen=True)
class Limits:
    """What one request may carry, in pairs of identity and segment, and how often the destination may be called.

    `group_by`: what the pairs of a request have in common, because a call there is of one audience, say.
    """

    pairs: int
    calls_per_second: int
    group_by: tuple[GroupBy, ...] = ()

    def grouped(self, pairs: Iterable["Pair"]) -> list[list["Pair"]]:
        """Pairs by what all of a request have in common."""
        groups: dict[tuple[str, ...], list[Pair]] = {}
        for pair in pairs:
            values = {"segment": pair.segment_id, "status": pair.change, "namespace": pair.target}
            groups.setdefault(tuple(values[each] for each in self.group_by), []).append(pair)
        return list(groups.values())


@dataclass(frozen=True)
class Segment:
    """A segment as a destination is told of it. `mapping_id` is what the destination calls it, else its own id.

    `created_at` and `updated_at` are the segment's own times, `mapped_at` and `mapping_changed_at` those of its being
    activated, RFC 3339; None where they are not known.
    """

    segment_id: str
    name: str
    mapping_id: str
    created_at: str | None = None
    updated_at: str | None = None
    mapped_at: str | None = None
    mapping_changed_at: str | None = None


class Pair(NamedTuple):
    """An identity, by its value as the target identity `target` has it, that enters or leaves a segment at `at`."""

    target: str
    value: str
    segment_id: str
    change: Change
    at: str
    attributes: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Answer:
    """What came of a request: its status code and `Retry-After` in seconds, or the code of why no answer came.

    `detail` is the start of what the endpoint says. Of a request that was taken in part, or of which the answer
    concerns these pairs alone, such as that there is no such audience, `refused` has the endpoint's code by the
    position of each pair that was not taken, and `again` those of which the same may succeed later. `receipt` is what
    the endpoint is asked by what has become of the request, where it says so later.
    """

    status: int | None = None
    error: str | None = None
    retry_after: float | None = None
    detail: str = ""
    refused: Mapping[int, str] = field(default_factory=dict)
    again: frozenset[int] = frozenset()
    receipt: str | None = None

    @property
    def taken(self) -> bool:
        """Whether the endpoint took the request, but for what is `refused` or to be sent `again`."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_by_pair(self) -> bool:
        """Whether it is told of single pairs what came of them, so that it says nothing of other requests."""
        return bool(self.refused or self.again)

    @property
    def reason(self) -> str:
        """The status code as text, or the code of why no answer came."""
        return str(self.status) if self.status is not None else self.error or "no_answer"

    @property
    def may_succeed(self) -> bool:
        """Whether the same request may be taken later."""
        return self.status is None or self.status in _AGAIN or self.status >= 500


@dataclass(frozen=True)
class Receipt:
    """What has become of a request that was taken, in the destination's own words.

    `records` are those it has counted, `errors` how many of them failed by reason, `match_rate` how many it knows.
    """

    status: Literal["processing", "success", "partial_success", "failed"]
    records: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)
    match_rate: str | None = None


class NoAnswerError(Exception):
    """A request could not be made, or no answer came to it; `answer` is what it comes to."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.detail)
        self.answer = answer


@dataclass(frozen=True, repr=False)
class Account[S: Settings, A: Settings]:
    """A destination as a type sees it: its settings, how to sign in, and the segments that are activated to it."""

    account_id: str | None
    settings: S
    authentication: A
    segments: Mapping[str, Segment] = field(default_factory=dict)
    destination_id: str = ""

    def segment(self, segment_id: str) -> Segment:
        """A segment as the destination is told of it, one that is not activated any more too."""
        return self.segments.get(segment_id) or Segment(segment_id, segment_id, segment_id)


class Sender(Protocol):
    """A destination that is being sent to: it keeps its connections and its token until it is closed."""

    def send(self, pairs: Sequence[Pair], batch_id: str) -> Answer:
        """Send some pairs of one group, `Limits.pairs` at most, once. A repeat with the same id and pairs does no harm.

        Threads may call it at once.
        """
        ...


class ReceiptSender(Sender, Protocol):
    """A destination that says later what has become of a request."""

    def receipt(self, of: str) -> Receipt:
        """What has become of the request that was answered with this receipt; raises NoAnswerError."""
        ...


class SnapshotSender(Sender, Protocol):
    """A destination that takes whole memberships as files."""

    def put(self, path: Path) -> Answer:
        """Write a local file under its own name, in place of any of that name; nobody sees a half of it."""
        ...


@dataclass(frozen=True)
class SnapshotDelivery:
    """A delivery of whole memberships, begun at `began_at`; `targets` are the target identities of the mapping."""

    destination_id: str
    dataflow_id: str
    batch_id: str
    began_at: datetime
    targets: tuple[str, ...]

    @property
    def stem(self) -> str:
        """What the names of its files begin with: names are in the order of deliveries."""
        return f"{clock.to_text(self.began_at).replace('-', '').replace(':', '')}-{self.batch_id}"


@dataclass(frozen=True)
class SnapshotPart:
    """A part of a delivery, to be written as files into `folder`; `number` counts the parts from 0.

    The connection has the tables `members`, with the columns `hi`, `lo`, `profile_id`, `target`, `id`, `segment` and
    `mapping_id`, and `leavers` with the same, of whom the destination may have and who is in no segment any more; both
    in the order of keys.
    """

    connection: "Connection"
    folder: Path
    delivery: SnapshotDelivery
    number: int

    @property
    def counted(self) -> str:
        """The number as names of files have it, so that they are in its order."""
        return str(self.number).zfill(5)


class WrittenFile(NamedTuple):
    """A file of a part, and how many rows it has."""

    path: Path
    rows: int


class SnapshotFormat(Protocol):
    """How whole memberships are written; `name` is what the format is called.

    `by_profile`: a row is of a profile, so that a part has all identities of some profiles, and else all of some keys.
    `has_manifest`: who reads waits for a manifest, which is written last.
    """

    name: str
    by_profile: bool
    has_manifest: bool

    @property
    def refusal(self) -> str:
        """SQL: why a row of `members` cannot be written, by its columns; null where it can."""
        ...

    def write(self, part: SnapshotPart) -> list[WrittenFile]:
        """Write the files of a part; the same part has the same files, byte by byte."""
        ...


class DestinationType[S: Settings, A: Settings](Protocol):
    """A type of destination. Its secrets are in its authentication alone, which is changed with a time of grace."""

    type: str
    name: str
    card: Card
    settings_schema: builtins.type[S]
    authentication_schema: builtins.type[A]
    limits: Limits

    def test(self, account: Account[S, A]) -> TestResult:
        """Try every setting that can be wrong, each on its own, with a request that changes nothing there."""
        ...

    def limits_of(self, account: Account[S, A]) -> Limits:  # noqa: ARG002 - for types whose settings say
        """What a request to this destination may carry: `limits`, or less where its settings say so."""
        return self.limits

    def takes_snapshots(self, settings: S) -> bool:  # noqa: ARG002 - for types whose settings say
        """Whether it is given whole memberships, and not told of changes."""
        return False

    def snapshot_format(self, account: Account[S, A]) -> SnapshotFormat | None:  # noqa: ARG002 - for types of files
        """How whole memberships are written, by a `SnapshotSender`; None where it is told of changes."""
        return None

    def open(self, account: Account[S, A]) -> AbstractContextManager[Sender]:
        """Begin to send. What is wrong with signing in is an `Answer` of the first request."""
        ...

    def sample(self, account: Account[S, A], pairs: Sequence[Pair]) -> Any:
        """The body that these pairs would be sent in, as JSON."""
        ...
