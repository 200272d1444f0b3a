"""Privacy requests: what a person asks for, where it stands, and who was told (docs/api.md, Privacy)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from handfast.identity.keys import Key
from handfast.journal.models import ErasureScope
from handfast.partners.models import PartnerRef
from handfast.platform.wire import Packed, TableItem

type PrivacyType = Literal[
    "access",
    "portability",
    "erasure",
    "rectification",
    "restriction",
    "objection",
    "limit",
    "opt_out",
    "opt_in",
    "consent",
]
type PrivacyStatus = Literal[
    "unverified",
    "pending",
    "approved",
    "running",
    "completed",
    "completed_with_gaps",
    "denied",
    "cancelled",
    "expired",
]
type PrivacyOrigin = Literal["own", "partner", "opendsr", "drp", "intake"]
type StageName = Literal[
    "find",
    "suppress",
    "connectors",
    "apply",
    "withdraw",
    "recipients",
    "package",
    "review",
    "verify",
    "manual_task",
    "complete",
]
type SharedDevices = Literal["device", "profiles"]
type ProtocolName = Literal["opendsr", "drp", "intake"]
type DenialGround = Literal[
    "suspected_fraud",
    "insufficient_verification",
    "no_match",
    "claim_not_covered",
    "outside_jurisdiction",
    "too_many_requests",
    "other",
]
"""Why a request is turned down: the Data Rights Protocol's reasons (3.02)."""
type WithholdingGround = Literal["third_party", "trade_secret", "never_disclosed", "other"]
"""Why a part of a package is withheld: GDPR Art. 15(4) with recital 63; values that 11 CCR 7024(d) never discloses."""
type Language = Literal["en", "de", "ja"]
type MessageKind = Literal["code", "acknowledgement", "extension", "answer", "denial"]
type MessageWay = Literal["ses", "webhook"]
type MessageStatus = Literal["queued", "sent", "failed", "cancelled"]
type RequestAnswer = Literal["fulfilled", "partial", "no_match", "denied"]
type StageStatus = Literal["pending", "running", "done", "failed"]
type RecipientKind = Literal["partner", "destination"]
type RecipientStatus = Literal["pending", "sent", "confirmed", "absent", "not_supported", "refused", "failed"]
type ConnectorStatus = Literal[
    "pending", "sent", "confirmed", "absent", "not_supported", "refused", "failed", "superseded"
]

STAGES: tuple[StageName, ...] = (
    "find",
    "suppress",
    "connectors",
    "apply",
    "withdraw",
    "recipients",
    "package",
    "review",
    "verify",
    "manual_task",
    "complete",
)
"""All stages, in their order; `rules.stages_of` says which of them a type of request has."""


@dataclass(frozen=True)
class Stage(TableItem):
    """A step of the work. `detail` are counts and codes."""

    name: StageName
    status: StageStatus = "pending"
    started_at: str | None = None
    ended_at: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Message(TableItem):
    """A message to the person, never with the address.

    `sent`: what it was sent `by` has taken it at `ended_at`. `reason` is the code of why it failed.
    """

    kind: MessageKind
    language: Language
    queued_at: str
    status: MessageStatus = "queued"
    ended_at: str | None = None
    by: MessageWay | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Contact:
    """Where the person is written to, in which language, and the one-time code that is to be sent there."""

    email: str = field(repr=False)
    language: Language
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Origin(TableItem):
    """Where a request comes from: `root_id` is the first of its chain.

    One that a partner has passed on names the partner and its request there; one's own has neither. `part` tells apart
    the requests of one chain that a sandbox gets for identities found later; the first has none.
    """

    root_id: str
    partner: PartnerRef | None = None
    privacy_request_id: str | None = None
    part: str = ""


@dataclass(frozen=True)
class PrivacyRequest(TableItem):
    """A request; never an identity of its subject.

    `protocol` is what it came by, where not by our own API or a partner: `intake` is the form on the web.
    `handled_by` are the principals who entered or verified it, `approved_by` the one who approved it; `shared_devices`
    is how far its devices lead: to themselves, or to all of the profiles that use them.
    `lifts_erasure` is said of an opt-in that lets a person who was erased come back.
    `is_beyond_quota`: it only asks, and came when the day's quota of such requests was spent.
    `categories_only`: an access that is answered with categories of data, not with the data (11 CCR 7024). `ground` is
    why it was denied. `share` is the answer that a request of type consent sets, `scope` how far a partner's erasure
    reaches (None: only what it has delivered). `change_id` is the change that ingest applies for it, `attempts` how
    often its stage was tried in vain. `sequence` and `head` are the end of its history.
    `warned_until` is the time of the last warning of a deadline, `ended_at` when it was answered.
    `said_at` is when the person said it, of one that a partner has passed on; else that is `received_at`.
    `is_set_apart`: nobody has verified it, or decided on it, so that it stands in a list of its own.
    `assignee` is the principal who sees to it, `duplicate_of` the open request that the person made before it.
    `contact_language` is the one that the person is written to in, None where no more is to be written; `messages` are
    those that were, oldest first.
    """

    sandbox_id: str
    privacy_request_id: str
    type: PrivacyType
    regulation: str
    status: PrivacyStatus
    received_at: str
    due_at: str
    origin: Packed[Origin]
    stages: Packed[tuple[Stage, ...]]
    acknowledge_by: str | None = None
    extendable_until: str | None = None
    extended: bool = False
    handled_by: tuple[str, ...] = ()
    approved_by: str | None = None
    shared_devices: SharedDevices = "device"
    lifts_erasure: bool = False
    is_beyond_quota: bool = False
    share: str | None = None
    scope: ErasureScope | None = None
    external_id: str | None = None
    note: str | None = None
    reason: str | None = None
    ground: DenialGround | None = None
    categories_only: bool = False
    protocol: ProtocolName | None = None
    code_expires_at: str | None = None
    change_id: str | None = None
    warned_until: str | None = None
    ended_at: str | None = None
    attempts: int = 0
    recipients: int = 0
    connectors: int = 0
    result: Packed[Mapping[str, Any]] = field(default_factory=dict)
    sequence: int = 0
    head: str | None = None
    is_set_apart: bool = False
    assignee: str | None = None
    duplicate_of: str | None = None
    contact_language: Language | None = None
    messages: Packed[tuple[Message, ...]] = ()
    said_at: str | None = None
    revision: int = 1

    @property
    def word_at(self) -> datetime:
        """When the person said it, as far as is known: of several words the last one counts."""
        return datetime.fromisoformat(self.said_at or self.received_at)

    @property
    def stage(self) -> Stage:
        """The first stage that is not done; the last one when all are."""
        return next((stage for stage in self.stages if stage.status != "done"), self.stages[-1])


@dataclass(frozen=True)
class DestinationRef(TableItem):
    """A destination that received somebody, by the name that it had when the request came to it."""

    destination_id: str
    name: str

    @property
    def key(self) -> str:
        """What tells it from all other recipients."""
        return self.destination_id


@dataclass(frozen=True)
class Recipient(TableItem):
    """Who received identities of the person, as far as this request has come there: a partner or a destination.

    `awaited`: its answer is on its way by itself. `known`: nothing is to be waited for from it, as it has the same
    request already, by another way, or the person has allowed it again. `next_at` is when delivery is asked what the
    destination has taken.
    """

    recipient_id: str
    partner: Packed[PartnerRef] | None = None
    destination: Packed[DestinationRef] | None = None
    status: RecipientStatus = "pending"
    notified_at: str | None = None
    confirmed_at: str | None = None
    reason: str | None = None
    ground: DenialGround | None = None
    receipt: Packed[Mapping[str, Any]] | None = None
    awaited: bool = False
    known: bool = False
    next_at: str | None = None

    @property
    def receiver(self) -> PartnerRef | DestinationRef:
        """Who it is. Raises LookupError for an item that names nobody."""
        found = self.partner or self.destination
        if found is None:
            raise LookupError(f"recipient {self.recipient_id} is nobody")
        return found

    @property
    def kind(self) -> RecipientKind:
        """What it is."""
        return "partner" if self.partner else "destination"

    @property
    def name(self) -> str:
        """How people call it."""
        return self.receiver.name


@dataclass(frozen=True)
class Subject:
    """Whom a request is about: each identity by its key with its namespace's code, and profile ids.

    `values` are canonical values as far as they are known: systems outside know no keys. `clear` are texts of hashed
    identities as the person gave them (`given.clear_texts`). `notified` are the identities that each recipient has
    been told of, by its id. `by_device` and `ids_by_device` are identities and profile ids that only a device has led
    to, where who approved the request had it lead on: they go to no system outside. `named` are the identities that a
    partner's request names, of all.
    """

    identities: Mapping[Key, int]
    profile_ids: frozenset[str] = frozenset()
    values: Mapping[Key, bytes] = field(default_factory=dict, repr=False)
    clear: Mapping[Key, tuple[str, ...]] = field(default_factory=dict, repr=False)
    notified: Mapping[str, frozenset[Key]] = field(default_factory=dict)
    by_device: frozenset[Key] = frozenset()
    ids_by_device: frozenset[str] = frozenset()
    named: frozenset[Key] = frozenset()

    @property
    def size(self) -> int:
        """How many identities and ids it is named by."""
        return len(self.identities) + len(self.profile_ids)

    @property
    def own(self) -> "Subject":
        """The subject without what only a device has led to."""
        identities = {key: code for key, code in self.identities.items() if key not in self.by_device}
        return replace(
            self,
            identities=identities,
            profile_ids=self.profile_ids - self.ids_by_device,
            values={key: value for key, value in self.values.items() if key in identities},
            by_device=frozenset(),
            ids_by_device=frozenset(),
        )
