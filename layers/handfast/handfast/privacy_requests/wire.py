"""Privacy requests on the wire (docs/api.md, Privacy)."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from handfast.identity import free_text
from handfast.identity.given import SubjectIdentity
from handfast.journal.models import ErasureScope
from handfast.platform.wire import GivenTime, Link, Note, Request, Resource, Timestamp, View
from handfast.privacy_requests.models import (
    ConnectorStatus,
    DenialGround,
    Language,
    MessageKind,
    MessageStatus,
    MessageWay,
    PrivacyStatus,
    PrivacyType,
    RecipientKind,
    RecipientStatus,
    RequestAnswer,
    SharedDevices,
    StageName,
    StageStatus,
)

_MAX_IDENTITIES = 50


SafeNote = Annotated[Note, AfterValidator(free_text.no_identity)]
DROP_IDS = "drop-"
"""How the `externalId` of a DROP line's request begins, and no other one's: by it the line finds its request again."""


def _nobodys(text: str) -> str:
    if text.startswith(DROP_IDS):
        raise ValueError(f"must not begin with {DROP_IDS}, which is for the lines of DROP lists")
    return text


ExternalId = Annotated[
    str,
    Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:/-]+$"),
    AfterValidator(free_text.no_number),
    AfterValidator(_nobodys),
]


class SubjectBody(Request):
    """Whom the request is about, by any identities, and by a source's own ids of the person."""

    identities: Annotated[list[SubjectIdentity], Field(min_length=1, max_length=_MAX_IDENTITIES)]


class ContactBody(Request):
    """Where Handfast writes to the person, and in which language. It is kept encrypted until the last message."""

    email: Annotated[str, Field(min_length=1, max_length=1024)]
    language: Language = "en"


class CreatePrivacyRequest(Request):
    """A person's request. `verified`: the caller has made sure of who asks. `share` is what a consent request sets.

    `categoriesOnly`: an access that is answered with categories of data, not with the data. A rectification's `note`
    says what is to be corrected; partners are told it.
    With `liftErasure` an opt-in lets a person who was erased come back: the identities that it names are suppressed no
    longer. It is always verified, and approved by somebody.
    With `contact` Handfast writes to the person itself; the code goes to that address alone, which the subject names.
    """

    type: PrivacyType
    regulation: Annotated[str, Field(max_length=50)]
    subject: SubjectBody
    submitted_at: GivenTime | None = None
    external_id: ExternalId | None = None
    verified: bool = False
    note: SafeNote | None = None
    share: Literal["y", "n"] | None = None
    categories_only: bool = False
    lift_erasure: bool = False
    contact: ContactBody | None = None

    @model_validator(mode="after")
    def _categories_of_an_access(self) -> "CreatePrivacyRequest":
        if self.categories_only and self.type != "access":
            raise ValueError("categoriesOnly goes with requests of type access")
        return self

    @model_validator(mode="after")
    def _says_what_to_correct(self) -> "CreatePrivacyRequest":
        if self.type == "rectification" and self.note is None:
            raise ValueError("a rectification needs a note that says which data are to be corrected")
        return self

    @model_validator(mode="after")
    def _share_with_consent(self) -> "CreatePrivacyRequest":
        if (self.share is not None) != (self.type == "consent"):
            raise ValueError("share goes with requests of type consent, and each of them needs it")
        if self.lift_erasure and self.type != "opt_in":
            raise ValueError("liftErasure goes with requests of type opt_in alone")
        return self


class Code(Request):
    """The one-time code that the person was sent."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class Reason(Request):
    """Why, in words that the person can be told."""

    reason: SafeNote


class Approval(Request):
    """How a request is carried out. `scope` goes with a partner's erasure: the sandbox's rule decides without it.

    `sharedDevices` is how far its devices lead: to themselves, or to all that is known of whoever shares them.
    """

    scope: ErasureScope | None = None
    shared_devices: SharedDevices = "device"


class Denial(Reason):
    """Why a request is turned down: a code, and words that the person can be told."""

    ground: DenialGround = "other"


class DoneByHand(Request):
    """What was done, without anybody's data. `connectorId` or `destinationId`: at that system outside, not here."""

    note: SafeNote
    connector_id: Annotated[str, Field(max_length=50)] | None = None
    destination_id: Annotated[str, Field(max_length=50)] | None = None

    @model_validator(mode="after")
    def _at_one_place(self) -> Self:
        if self.connector_id and self.destination_id:
            raise ValueError("name a connector or a destination, not both")
        return self


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
    """Who received identities of the person, and what it answered. Told and confirmed are two facts.

    `scope` is what its receipt says of an erasure: that what it had received is gone, or everything it held.
    `destinationId` is that of a destination, null of a partner.
    """

    name: str
    kind: RecipientKind
    destination_id: str | None
    status: RecipientStatus
    notified_at: Timestamp | None
    confirmed_at: Timestamp | None
    reason: str | None
    ground: DenialGround | None
    scope: ErasureScope | None
    receipt: dict[str, Any] | None


class ConnectorPart(View):
    """A system behind the system, such as a destination that it forwards to."""

    name: str
    status: ConnectorStatus


class ConnectorState(View):
    """A system outside, and what it answered. `reference` is what it knows the deletion by.

    `superseded`: a later request of the same person has the system do the opposite.
    """

    connector_id: str
    name: str
    status: ConnectorStatus
    reference: str | None
    detail: str | None
    sent_at: Timestamp | None
    confirmed_at: Timestamp | None
    parts: list[ConnectorPart]


class MessageView(View):
    """A message to the person. `sent`: what it was sent `by` has taken it. `reason` is the code of why it failed."""

    kind: MessageKind
    language: Language
    status: MessageStatus
    queued_at: Timestamp
    ended_at: Timestamp | None
    by: MessageWay | None
    reason: str | None


class OriginView(View):
    """Where the request comes from: `partner` names the organisation that passed it on."""

    root_id: str
    partner: str | None


class PrivacyRequestView(Resource):
    """A privacy request; never an identity of its subject. `answer` is what came of it, once it has ended.

    `share` is what a consent request sets, `scope` how far a partner's erasure reaches; null of all others.
    `assignee` is the principal who sees to it; `assigneeName` is null once it has no grant any more. `duplicateOf` is
    the open request that the same person made before.
    `fourEyes`: who entered or verified it may not approve it. `detail` of the stage `find` tells whoever decides how
    far it would reach.
    """

    privacy_request_id: str
    type: PrivacyType
    share: str | None
    scope: ErasureScope | None
    regulation: str
    status: PrivacyStatus
    received_at: Timestamp
    acknowledge_by: Timestamp | None
    due_at: Timestamp
    extended: bool
    four_eyes: bool
    shared_devices: SharedDevices
    lifts_erasure: bool
    external_id: str | None
    note: str | None
    reason: str | None
    ground: DenialGround | None
    categories_only: bool
    answer: RequestAnswer | None
    assignee: str | None
    assignee_name: str | None
    duplicate_of: str | None
    origin: OriginView
    stages: list[StageView]
    recipients: list[RecipientView]
    connectors: list[ConnectorState]
    messages: list[MessageView]
    result: dict[str, Any]


class NewPrivacyRequest(PrivacyRequestView):
    """A request just made. `verificationCode`, to be sent to the person, is shown only now and works ten minutes.

    It is null where Handfast sends it.
    """

    verification_code: str | None


class PrivacyRequestList(View):
    """A page of requests, newest first, or the next due first."""

    items: list[PrivacyRequestView]
    next_cursor: str | None


class PreviewIdentities(View):
    """How many identities the sandbox knows of the person."""

    by_namespace: dict[str, int]


class PreviewSharedDevices(View):
    """What the devices that the request reaches would add: profiles of others, and their identities."""

    profiles: int
    by_namespace: dict[str, int]


class PreviewRecipient(View):
    """Who would be told."""

    name: str
    kind: RecipientKind


class PrivacyReach(View):
    """What carrying a request out reaches: identities, segments, who is told."""

    identities: PreviewIdentities
    segments: list[str]
    recipients: list[PreviewRecipient]
    connectors: list[str]


class PrivacyPreview(PrivacyReach):
    """What a request would do.

    `profiles` are those that its identities are of. `sharedDevices` is left alone unless who approves decides
    otherwise; null for a request that changes nothing.
    """

    dry_run: Literal[True] = True
    profiles: int
    shared_devices: PreviewSharedDevices | None
    four_eyes: bool


class PartnerErasurePreview(View):
    """What a partner's erasure would reach, by the scope that it is approved with.

    `named` is how many identities it names. `delivered`: those of them that the partner has delivered, and the segments
    received from it that they are members of, by their ids there. `everything`: what this sandbox holds of the person.
    """

    named: int
    delivered: PrivacyReach
    everything: PrivacyReach


class PackageLink(View):
    """Where a package can be fetched, until `expiresAt`, and the passphrase that opens it.

    `packageExpiresAt`: until then new links are given. `opens` names the programs that open it.
    """

    url: Link
    expires_at: Timestamp
    passphrase: str
    package_expires_at: Timestamp
    opens: str


class PackagePage(View):
    """A package as one HTML file, which decrypts itself in a browser with the passphrase.

    `packageExpiresAt`: until then it is given. `opens` names the browsers that open it.
    """

    page: str
    passphrase: str
    package_expires_at: Timestamp
    opens: str


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
    """Per identity asked for, in that order. `partners` are those towards whom alone it is suppressed, by erasures."""

    suppressed: bool
    reason: Literal["erasure", "opt_out"] | None
    partners: int


class SuppressionChecks(View):
    """Whether each identity is suppressed."""

    items: list[SuppressionCheck]
