"""Privacy requests: what a person asks for, where it stands, and who was told (docs/api.md, Privacy)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from handfast.identity import free_text
from handfast.identity.keys import Key
from handfast.partners.models import PartnerRef
from handfast.platform.wire import Link, Note, Packed, Request, Resource, TableItem, Timestamp, View

MAX_BULK = 1000
_MAX_IDENTITIES = 50

type PrivacyType = Literal["access", "portability", "erasure", "opt_out", "opt_in", "consent"]
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
type StageName = Literal[
    "find", "suppress", "connectors", "apply", "withdraw", "recipients", "package", "verify", "complete"
]
type ProtocolName = Literal["opendsr", "drp"]
type StageStatus = Literal["pending", "running", "done", "failed"]
type RecipientStatus = Literal["pending", "sent", "confirmed", "absent", "not_supported", "refused", "failed"]

STAGES: tuple[StageName, ...] = (
    "find",
    "suppress",
    "connectors",
    "apply",
    "withdraw",
    "recipients",
    "package",
    "verify",
    "complete",
)
"""All stages, in their order; `rules.stages_of` says which of them a type of request has."""


# What is stored


@dataclass(frozen=True)
class Stage(TableItem):
    """A step of the work. `detail` are counts and codes."""

    name: StageName
    status: StageStatus = "pending"
    started_at: str | None = None
    ended_at: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


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

    `protocol` is what it came by, where not by our own API or a partner.
    `share` is the answer that a request of type consent sets, `change_id` the change that ingest applies for it,
    `attempts` how often its stage was tried in vain. `sequence` and `head` are the end of its history.
    `warned_until` is the time of the last warning of a deadline, `ended_at` when it was answered.
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
    share: str | None = None
    external_id: str | None = None
    note: str | None = None
    reason: str | None = None
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
    revision: int = 1

    @property
    def stage(self) -> Stage:
        """The first stage that is not done; the last one when all are."""
        return next((stage for stage in self.stages if stage.status != "done"), self.stages[-1])


@dataclass(frozen=True)
class Recipient(TableItem):
    """Who received identities of the person, as far as this request has come there.

    `awaited`: its answer is on its way by itself. `known`: it has the same request already, by another way.
    """

    recipient_id: str
    partner: Packed[PartnerRef]
    kind: Literal["partner"] = "partner"
    status: RecipientStatus = "pending"
    notified_at: str | None = None
    confirmed_at: str | None = None
    reason: str | None = None
    receipt: Packed[Mapping[str, Any]] | None = None
    awaited: bool = False
    known: bool = False

    @property
    def name(self) -> str:
        """How people call it."""
        return self.partner.name


@dataclass(frozen=True)
class Subject:
    """Whom a request is about: each identity by its key with its namespace's code, and profile ids.

    `values` are canonical values as far as they are known: systems outside know no keys. `told` are the identities
    that each recipient has been told of, by its id.
    """

    identities: Mapping[Key, int]
    profile_ids: frozenset[str] = frozenset()
    values: Mapping[Key, bytes] = field(default_factory=dict, repr=False)
    told: Mapping[str, frozenset[Key]] = field(default_factory=dict)


# What goes over the wire


def _of_our_time(at: datetime) -> datetime:
    if not 2000 <= at.year < 3000:
        raise ValueError("must be a time of this millennium")
    return at


SafeNote = Annotated[Note, AfterValidator(free_text.no_identity)]
ExternalId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:/-]+$")]


class SubjectIdentity(Request):
    """An identity of the person; `sha256` is the digest that the namespace holds, in hex."""

    namespace: Annotated[str, Field(max_length=50)]
    value: Annotated[str, Field(min_length=1, max_length=1024)]
    format: Literal["raw", "sha256"] = "raw"


class SubjectBody(Request):
    """Whom the request is about, by any identities."""

    identities: Annotated[list[SubjectIdentity], Field(min_length=1, max_length=_MAX_IDENTITIES)]


class CreatePrivacyRequest(Request):
    """A person's request. `verified`: the caller has made sure of who asks. `share` is what a consent request sets."""

    type: PrivacyType
    regulation: Annotated[str, Field(max_length=50)]
    subject: SubjectBody
    submitted_at: Annotated[AwareDatetime, AfterValidator(_of_our_time)] | None = None
    external_id: ExternalId | None = None
    verified: bool = False
    note: SafeNote | None = None
    share: Literal["y", "n"] | None = None

    @model_validator(mode="after")
    def _share_with_consent(self) -> "CreatePrivacyRequest":
        if (self.share is not None) != (self.type == "consent"):
            raise ValueError("share goes with requests of type consent, and each of them needs it")
        return self


class BulkPrivacyRequests(Request):
    """Up to 1,000 requests; each one that cannot be taken comes back with its own problem."""

    items: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_BULK)]


class Code(Request):
    """The one-time code that the person was sent."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class Reason(Request):
    """Why, in words that the person can be told."""

    reason: SafeNote


class CheckSuppressions(SubjectBody):
    """Which identities to look up."""

    identities: Annotated[list[SubjectIdentity], Field(min_length=1, max_length=1000)]


class StageView(View):
    """A step of the work."""

    name: StageName
    status: StageStatus
    started_at: Timestamp | None
    ended_at: Timestamp | None
    detail: dict[str, Any]


class RecipientView(View):
    """Who received identities of the person, and what it answered. Told and confirmed are two facts."""

    name: str
    kind: Literal["partner"]
    status: RecipientStatus
    notified_at: Timestamp | None
    confirmed_at: Timestamp | None
    reason: str | None
    receipt: dict[str, Any] | None


class ConnectorPart(View):
    """A system behind the system, such as a destination that it forwards to."""

    name: str
    status: RecipientStatus


class ConnectorState(View):
    """A system outside, and what it answered. `reference` is what it knows the deletion by."""

    connector_id: str
    name: str
    status: RecipientStatus
    reference: str | None
    detail: str | None
    sent_at: Timestamp | None
    confirmed_at: Timestamp | None
    parts: list[ConnectorPart]


class OriginView(View):
    """Where the request comes from: `partner` names the organisation that passed it on."""

    root_id: str
    partner: str | None


class PrivacyRequestView(Resource):
    """A privacy request; never an identity of its subject."""

    privacy_request_id: str
    type: PrivacyType
    regulation: str
    status: PrivacyStatus
    received_at: Timestamp
    acknowledge_by: Timestamp | None
    due_at: Timestamp
    extended: bool
    external_id: str | None
    note: str | None
    reason: str | None
    origin: OriginView
    stages: list[StageView]
    recipients: list[RecipientView]
    connectors: list[ConnectorState]
    result: dict[str, Any]


class NewPrivacyRequest(PrivacyRequestView):
    """A request just made. `verificationCode`, to be sent to the person, is shown only now and works ten minutes."""

    verification_code: str | None


class PrivacyRequestList(View):
    """A page of requests, newest first."""

    items: list[PrivacyRequestView]
    next_cursor: str | None


class BulkItem(View):
    """What became of one request of many."""

    privacy_request_id: str | None = None
    verification_code: str | None = None
    problem: dict[str, Any] | None = None


class BulkAnswer(View):
    """What became of each request, in the order they came."""

    items: list[BulkItem]


class PreviewIdentities(View):
    """How many identities the sandbox knows of the person."""

    by_namespace: dict[str, int]


class PreviewRecipient(View):
    """Who would be told."""

    name: str
    kind: Literal["partner"]


class PrivacyPreview(View):
    """What a request would do."""

    dry_run: Literal[True] = True
    identities: PreviewIdentities
    segments: list[str]
    recipients: list[PreviewRecipient]
    connectors: list[str]


class PackageLink(View):
    """Where a package can be fetched, until `expiresAt`, and the passphrase that opens it.

    `packageExpiresAt`: until then new links are given.
    """

    url: Link
    expires_at: Timestamp
    passphrase: str
    package_expires_at: Timestamp


class ReceiptKey(View):
    """A public key, in base64, and its short name in what it has signed."""

    key_id: str
    algorithm: Literal["Ed25519"] = "Ed25519"
    public_key: str


class ReceiptKeys(View):
    """What histories and receipts of this deployment are signed with."""

    keys: list[ReceiptKey]


class SuppressionCount(View):
    """How many identities are suppressed."""

    erasure: int
    opt_out: int


class SuppressionCheck(View):
    """Per identity asked for, in that order."""

    suppressed: bool
    reason: Literal["erasure", "opt_out"] | None


class SuppressionChecks(View):
    """Whether each identity is suppressed."""

    items: list[SuppressionCheck]
