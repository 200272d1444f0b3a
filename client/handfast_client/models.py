"""What the API takes and answers, as typed dictionaries: members are called as the API calls them.

Written by `make openapi` from openapi.json. A later version of the API may add members.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class Acceptance(TypedDict):
    """A request accepted, and whether the partner may estimate overlaps."""

    note: NotRequired[str | None]
    allowsEstimates: NotRequired[bool]


class AcceptedOffer(TypedDict):
    """What the accepted version of a received feed offered, whatever has been taken out of the feed since."""

    segments: list[SegmentName]
    namespaces: list[str]
    restrictedMarketingActions: list[str]


class ActivatedSegmentView(TypedDict):
    """A segment as it is activated."""

    segmentId: str
    name: str | None
    mappingId: str | None
    startDate: str | None
    endDate: str | None


class ActivationChangePreview(TypedDict):
    """What a change of an activation would do: the numbers of it as it becomes, and who would join and leave by it.

    `joining`, `leaving` and `segments` are of the run that would follow, with whatever waits for one anyway; null where
    there is too much to count in a call.
    """

    dryRun: NotRequired[Literal[True]]
    counts: ActivationCounts | None
    excluded: ExcludedCounts | None
    sample: Any
    joining: int | None
    leaving: int | None
    segments: list[SegmentChanges] | None


class ActivationCounts(TypedDict):
    """Pairs of identity and segment, as of now: members of the segments, and those that would be given.

    `people` are those behind them, segment by segment; of the cleared ones at least one identity is not kept back.
    """

    members: int
    activated: int
    people: PopulationPeople


class ActivationList(TypedDict):
    """The activations of a destination."""

    items: list[ActivationView]
    nextCursor: str | None


class ActivationPreview(TypedDict):
    """What an activation would do. The numbers are null where there is too much to count in a call.

    `sample` is a body as the destination would be sent it, of people who do not exist.
    """

    dryRun: NotRequired[Literal[True]]
    counts: ActivationCounts | None
    excluded: ExcludedCounts | None
    sample: Any


class ActivationView(TypedDict):
    """What is activated to a destination. One that is `ending` is gone when its members have left."""

    activationId: str
    destinationId: str
    destinationName: str
    dataflowId: str
    status: ActivationStatus
    segments: list[ActivatedSegmentView]
    mapping: list[MappedIdentityView]
    attributes: list[MappedAttributeView]
    backfillAskedAt: str | None
    createdAt: str
    updatedAt: str


class ActivityList(TypedDict):
    """A page of the log, newest first."""

    items: list[ActivityRecord]
    nextCursor: str | None


class ActivityRecord(TypedDict):
    """A record of the sandbox's log."""

    sequence: int
    type: str
    at: str
    actor: ActorView
    subject: str
    detail: dict[str, Any]
    previousHash: str
    hash: str


class ActorView(TypedDict):
    """Who did it."""

    kind: Literal["principal", "partner", "system", "operator"]
    id: str | None
    name: str | None


class AffectedActivation(TypedDict):
    """An activation of which a change stops some segments by policies, or takes some up again, or that goes on.

    `joining` and `leaving` are pairs of identity and segment in the run that would follow, with whatever waits for one
    anyway; null where there is too much to count in a call. `segments` have the names of both.
    """

    activationId: str
    dataflowId: str
    segmentIds: list[str]
    resumedSegmentIds: list[str]
    segments: list[SegmentName]
    joining: int | None
    leaving: int | None


class AffectedDataflow(TypedDict):
    """A dataflow that would stop some of its segments, or take some up again.

    `members` are the sandbox's own members in those that stop, `resumed` those in the ones that it takes up.
    `people` and `resumedPeople` are how many people these were when they were last counted, null where one of the
    segments never was. `segments` have the names of both.
    """

    dataflowId: str
    name: str
    segmentIds: list[str]
    resumedSegmentIds: list[str]
    segments: list[SegmentName]
    members: int
    people: int | None
    resumed: int
    resumedPeople: int | None


class AggregationToSet(TypedDict):
    """How changes are gathered into requests. Without it, what is due is sent at once.

    A request carries `maxIdentities` at most; left out, as many pairs as the type allows. A new change waits for
    `maxAgeSeconds` (3,600 at most, a day where whole memberships are written), or until so many identities wait. With
    `groupBy` a request has changes of one segment, status or namespace, and what waits is counted by such a group.
    """

    maxIdentities: NotRequired[int | None]
    maxAgeSeconds: NotRequired[int]
    groupBy: NotRequired[list[GroupBy]]


class AggregationView(TypedDict):
    """How changes are gathered into requests; `maxIdentities` null: as many pairs as the type allows."""

    maxIdentities: int | None
    maxAgeSeconds: int
    groupBy: list[GroupBy]


class AgreedNamespace(TypedDict):
    """A namespace of a sandbox's own that one side takes over the connection, or both: then feeds may share it.

    Agreed on is what has the same symbol, kind and lengths on both sides.
    """

    namespace: str
    kind: ValueKind
    minLength: int | None
    maxLength: int | None
    status: Literal["agreed", "proposed_by_you", "proposed_by_partner"]


class AlertsView(TypedDict):
    """What the caller has subscribed to of a destination, none where that is nothing.

    `raised` are the alerts that hold, of those that anybody has subscribed to.
    """

    alerts: list[AlertKind]
    channels: list[Channel]
    raised: list[RaisedAlertView]


class Approval(TypedDict):
    """How a request is carried out. `scope` goes with a partner's erasure: the sandbox's rule decides without it.

    `sharedDevices` is how far its devices lead: to themselves, or to all that is known of whoever shares them.
    """

    scope: NotRequired[ErasureScope | None]
    sharedDevices: NotRequired[SharedDevices]


class Attempt(TypedDict):
    """One attempt to send an event: the answer's status code, or why none came (`error`).

    `eventId` is the `webhook-id` header, `sequence` the activity record (null for a test).
    """

    at: str
    eventId: str
    type: str
    sequence: int | None
    attempt: int
    statusCode: int | None
    error: str | None
    nextAttemptAt: str | None


class AttemptList(TypedDict):
    """A page of the delivery log, newest first; kept 30 days."""

    items: list[Attempt]
    nextCursor: str | None


class AttributeToMap(TypedDict):
    """An attribute of profiles as `source`, and its path at the destination, such as `person.tier`."""

    source: str
    target: str


class AwsCredentials(TypedDict):
    """Keys of AWS for a while."""

    accessKeyId: str
    secretAccessKey: str
    sessionToken: str


class BulkAnswer(TypedDict):
    """Many requests that were taken together, in the order they came, and how many of them are made.

    `bulkId` is null where none was taken. Verification codes, and `errors` of problems, are shown only to the call that
    brought the requests.
    """

    bulkId: str | None
    status: Literal["running", "completed"]
    createdAt: str
    endedAt: str | None
    progress: Progress
    items: list[BulkItem]


class BulkDecision(TypedDict):
    """What to do with up to 100 requests: `reason` and `ground` go with deny, `assignee` with assign, null for nobody.

    With `includeDuplicates` open requests that are duplicates of those named are decided on, too.
    """

    action: Literal["approve", "deny", "retry", "assign"]
    privacyRequestIds: list[str]
    reason: NotRequired[str | None]
    ground: NotRequired[DenialGround | None]
    assignee: NotRequired[str | None]
    includeDuplicates: NotRequired[bool]


class BulkEvaluation(TypedDict):
    """One question of many: of `labels` or of `entityList`, about the marketing action that `evalRef` names.

    `evalRef` is such as `/marketingActions/core/emailTargeting/constraints`.
    """

    evalRef: str
    includeDraft: NotRequired[bool]
    labels: NotRequired[list[str] | None]
    entityList: NotRequired[list[Entity] | None]


class BulkItem(TypedDict):
    """What became of one request of many."""

    privacyRequestId: NotRequired[str | None]
    verificationCode: NotRequired[str | None]
    problem: NotRequired[dict[str, Any] | None]


class BulkPrivacyRequests(TypedDict):
    """Up to 1,000 requests; each one that cannot be taken comes back with its own problem."""

    items: list[dict[str, Any]]


class ChangeConsents(TypedDict):
    """1 to 1,000 consent answers. `renderings` are as those of memberships."""

    changes: list[ConsentChange]
    renderings: NotRequired[Renderings]


class ChangeMemberships(TypedDict):
    """1 to 1,000 changes; of several for one identity and segment the last counts.

    `renderings`: raw addresses and numbers are kept as these platforms hash them, too.
    """

    changes: list[MembershipChange]
    renderings: NotRequired[Renderings]


class ChangesAccepted(TypedDict):
    """How many changes are on their way, and those that were left out."""

    accepted: int
    rejected: list[RejectedChange]


class CheckSuppressions(TypedDict):
    """Which identities to look up."""

    identities: list[SubjectIdentity]


class Code(TypedDict):
    """The one-time code that the person was sent."""

    code: str


class ColumnWarningView(TypedDict):
    """What is odd about a column, though it refuses nothing."""

    column: str
    code: str
    detail: str


class CompleteUpload(TypedDict):
    """All parts of the file."""

    parts: list[UploadedPart]


class ConnectId(TypedDict):
    """The identifier of a sandbox that is handed to a partner outside the product."""

    connectId: str
    createdAt: str


class ConnectIdBody(TypedDict):
    """A connect ID, with or without dashes, in any case."""

    connectId: str


class ConnectionList(TypedDict):
    """A page of connections, newest first."""

    items: list[ConnectionView]
    nextCursor: str | None


class ConnectionName(TypedDict):
    """Whom a connection is to that the answer names by its id."""

    connectionId: str
    partner: Partner


class ConnectionView(TypedDict):
    """A connection as the caller's side sees it.

    `allowsEstimates` is whether the partner may estimate how much its segments overlap with the caller's identities,
    `partnerAllowsEstimates` whether the caller may do so.
    """

    connectionId: str
    status: Status
    direction: Direction
    partner: Partner
    requestedAt: str
    requestedBy: str | None
    decidedAt: str | None
    decidedBy: str | None
    decisionNote: str | None
    expiresAt: str
    connectIdRetired: bool
    note: str | None
    sharing: Sharing
    receiving: Sharing
    allowsEstimates: bool
    partnerAllowsEstimates: bool
    namespaces: list[AgreedNamespace]
    probe: NotRequired[list[ProbeAgreement] | None]


class ConnectorCheck(TypedDict):
    """One thing that the test has tried; `detail` says what to do when it failed."""

    name: str
    ok: bool
    detail: str


class ConnectorLimits(TypedDict):
    """What one call to the system may carry, and how often it is called; a quota counts people by calendar month."""

    people: int
    callsPerMinute: int
    peoplePerMonth: int | None


class ConnectorList(TypedDict):
    """The connectors of a sandbox."""

    items: list[ConnectorView]
    nextCursor: str | None


class ConnectorPart(TypedDict):
    """A system behind the system, such as a destination that it forwards to."""

    name: str
    status: ConnectorStatus


class ConnectorState(TypedDict):
    """A system outside, and what it answered. `reference` is what it knows the deletion by.

    `superseded`: a later request of the same person has the system do the opposite.
    """

    connectorId: str
    name: str
    status: ConnectorStatus
    reference: str | None
    detail: str | None
    sentAt: str | None
    confirmedAt: str | None
    parts: list[ConnectorPart]


class ConnectorTest(TypedDict):
    """Whether the connector works as it is set up."""

    ok: bool
    checks: list[ConnectorCheck]


class ConnectorType(TypedDict):
    """A type of outside system; `settings` is a JSON schema, in which secrets are writeOnly."""

    type: str
    name: str
    settings: dict[str, Any]
    limits: ConnectorLimits


class ConnectorTypeList(TypedDict):
    """The types that there are."""

    items: list[ConnectorType]
    nextCursor: NotRequired[str | None]


class ConnectorView(TypedDict):
    """A connector. Secrets are never shown: `secrets` names those that are set."""

    connectorId: str
    type: str
    name: str
    settings: dict[str, Any]
    secrets: list[str]
    createdAt: str
    updatedAt: str


class ConsentAnswers(TypedDict):
    """What was answered: `share` for the identity, `profileShare` for the person; and what counts without an answer."""

    share: str | None
    profileShare: str | None
    answeredAt: str | None
    consentDefault: ConsentDefault


class ConsentChange(TypedDict):
    """A consent answer of an identity, or with `profileId` of a person: it holds for all identities that have the id.

    `at`: when it was given, now at the latest and by default; of two answers the later given counts, of two given at
    once the stricter. One up to five minutes ahead was given now.
    """

    identity: NotRequired[RawIdentity | None]
    profileId: NotRequired[str | None]
    share: str
    at: NotRequired[str | None]


class ConsentChanges(TypedDict):
    """How many of a dataflow's members would come to count as consenting, and how many no longer would.

    They are pairs of identity and segment of the sandbox's own data, whomever the partner knows, and null where they
    are too many to count.
    """

    dataflowId: str
    name: str
    joining: int | None
    leaving: int | None


class ConsentStrings(TypedDict):
    """What the consent strings of uploads say of sharing; a kind without a rule is not taken."""

    tcf: NotRequired[TcfRule | None]
    gpp: NotRequired[GppRule | None]


class ContactBody(TypedDict):
    """Where Handfast writes to the person, and in which language. It is kept encrypted until the last message."""

    email: str
    language: NotRequired[Language]


class Counts(TypedDict):
    """Members of a segment: identities, in all and by namespace, and how many people they are.

    People are counted when the one segment is read; `peopleAsOf` says when that was last, and both are null as long as
    it has not been, and where they are too many to count.
    """

    identities: int
    byNamespace: dict[str, int]
    people: int | None
    peopleAsOf: str | None


class CreateActivation(TypedDict):
    """Segments to give to a destination, and as which of its identities."""

    segments: list[SegmentToActivate]
    mapping: list[IdentityToMap]
    attributes: NotRequired[list[AttributeToMap]]


class CreateConnector(TypedDict):
    """A system outside. `settings` are as the type's schema says (`GET /connector-types`)."""

    type: str
    name: str
    settings: dict[str, Any]


class CreateDataSource(TypedDict):
    """Where data come from. Its labels and export controls hold for every segment that its uploads feed."""

    name: str
    labels: NotRequired[list[str]]
    exportControls: NotRequired[
        list[
            Literal[
                "no_combination_with_pii",
                "no_offsite_ad_targeting",
                "no_onsite_ad_targeting",
                "no_onsite_personalization",
            ]
        ]
    ]


class CreateDestination(TypedDict):
    """A system outside. `settings` and `authentication` are as the type's schemas say (`GET /destination-types`).

    `marketingActions` are what it does with data beside what its type does; policies decide by them. `exportLabels` of
    Audience Manager are four of them by another name. `credentialsExpireAt` is when the credentials end by themselves,
    where they do: an alert comes before.
    """

    type: str
    name: str
    description: NotRequired[str | None]
    accountId: NotRequired[str | None]
    settings: dict[str, Any]
    authentication: NotRequired[dict[str, Any]]
    marketingActions: NotRequired[list[str]]
    exportLabels: NotRequired[
        list[
            Literal["combination_with_pii", "offsite_ad_targeting", "onsite_ad_targeting", "onsite_ad_personalization"]
        ]
    ]
    credentialsExpireAt: NotRequired[str | None]
    aggregation: NotRequired[AggregationToSet | None]


class CreateDropList(TypedDict):
    """A file to come, under the name it has at DROP: the ZIP, or one of its CSVs; or a connector that fetches it.

    With `connectorId` the lists are fetched now, and the next ones by themselves, 30 days after the last, and all are
    answered by DROP's API. `receivedAt` is when a file was downloaded, now without; the 45 days run from then. Members
    of the segment `exemptSegmentId` are opted out and not deleted: the law excepts what is held of them, and 2 is
    answered. With `dryRun` a file is compared, what would come of it is counted, and nothing is done. `notHeld` are
    lists of which no identifier is held anywhere, here or elsewhere: 5 is answered to their lines.
    """

    fileName: NotRequired[str | None]
    connectorId: NotRequired[str | None]
    receivedAt: NotRequired[str | None]
    exemptSegmentId: NotRequired[str | None]
    dryRun: NotRequired[bool]
    notHeld: NotRequired[list[OwnList]]


class CreateFeed(TypedDict):
    """A feed to draft: which of one's own segments, by which namespaces, not for which uses, to which partners.

    With `showPopulation` a partner sees how many members are kept back, and why.
    """

    name: str
    description: NotRequired[str | None]
    segmentIds: list[str]
    namespaces: list[str]
    restrictedMarketingActions: NotRequired[list[str]]
    connectionIds: NotRequired[list[str]]
    showPopulation: NotRequired[bool]


class CreateImport(TypedDict):
    """Files that are taken together, or not at all, as an upload takes one: `parts` are how many there are, or `files`
    their names, as paths below the folder that is sent. `fileName` is what the whole is called.

    A folder such as `dt=2026-11-28` tells the value of a column that its files lack.
    """

    format: NotRequired[Format | None]
    mode: NotRequired[Mode | None]
    columns: NotRequired[list[ColumnMapping]]
    preset: NotRequired[str | None]
    segmentId: NotRequired[str | None]
    allowRemoval: NotRequired[bool]
    allowRejects: NotRequired[bool]
    rejectsNameProfiles: NotRequired[bool]
    allowOverEntitlement: NotRequired[bool]
    dialect: NotRequired[CsvDialect | None]
    delimiter: NotRequired[Delimiter | None]
    blanks: NotRequired[Blanks]
    replaceIdentities: NotRequired[bool]
    dataSourceId: NotRequired[str | None]
    renderings: NotRequired[list[Platform]]
    segments: NotRequired[Literal["all"] | list[str] | None]
    createSegments: NotRequired[bool]
    shareValues: NotRequired[dict[str, str] | None]
    fileName: str
    sizeBytes: NotRequired[int | None]
    preview: NotRequired[bool]
    asOf: NotRequired[str | None]
    parts: NotRequired[int | None]
    files: NotRequired[list[PartName] | None]


class CreatePrivacyRequest(TypedDict):
    """A person's request. `verified`: the caller has made sure of who asks. `share` is what a consent request sets.

    `categoriesOnly`: an access that is answered with categories of data, not with the data. A rectification's `note`
    says what is to be corrected; partners are told it.
    With `liftErasure` an opt-in lets a person who was erased come back: the identities that it names are suppressed no
    longer. It is always verified, and approved by somebody.
    With `contact` Handfast writes to the person itself; the code goes to that address alone, which the subject names.
    """

    type: PrivacyType
    regulation: str
    subject: SubjectBody
    submittedAt: NotRequired[str | None]
    externalId: NotRequired[str | None]
    verified: NotRequired[bool]
    note: NotRequired[str | None]
    share: NotRequired[Literal["y", "n"] | None]
    categoriesOnly: NotRequired[bool]
    liftErasure: NotRequired[bool]
    contact: NotRequired[ContactBody | None]


class CreateRecipientToken(TypedDict):
    """A token to make. It expires in 90 days where nothing is said, in a year at the latest.

    It works from `allowedNetworks` alone, such as 203.0.113.0/24 or 2001:db8::/48; from everywhere without any.
    """

    name: str
    expiresAt: NotRequired[str | None]
    allowedNetworks: NotRequired[list[str]]


class CreateSegment(TypedDict):
    """A new segment. `externalId` is the sandbox's own id for it, usable in uploads.

    With an `expression` it is composed of other segments, and has no members of its own.
    """

    name: str
    description: NotRequired[str | None]
    externalId: NotRequired[str | None]
    labels: NotRequired[list[str]]
    expression: NotRequired[str | None]


class CreateSource(TypedDict):
    """A place that files are taken from, and how they are read, by the members of an upload.

    `settings` of `s3`, and of the tables `delta` and `iceberg`: `bucket`, `region`, `prefix` and `roleArn`, a role
    whose name begins with `handfast-source-`. Of `sftp`: `host`, `port`, `hostKey`, `directory`, `userName` and either
    `password` or `privateKey`, which are never shown again. `takes`: whether a run takes the files that none has taken
    before (`new`), or all of them as one (`all`, and always so in mode `snapshot` and of tables). `onEvents`: S3's
    events of the prefix begin a run. Without `schedule` and `onEvents` a source is run by hand alone.
    """

    format: NotRequired[Format | None]
    mode: NotRequired[Mode | None]
    columns: NotRequired[list[ColumnMapping]]
    preset: NotRequired[str | None]
    segmentId: NotRequired[str | None]
    allowRemoval: NotRequired[bool]
    allowRejects: NotRequired[bool]
    rejectsNameProfiles: NotRequired[bool]
    allowOverEntitlement: NotRequired[bool]
    dialect: NotRequired[CsvDialect | None]
    delimiter: NotRequired[Delimiter | None]
    blanks: NotRequired[Blanks]
    replaceIdentities: NotRequired[bool]
    dataSourceId: NotRequired[str | None]
    renderings: NotRequired[list[Platform]]
    segments: NotRequired[Literal["all"] | list[str] | None]
    createSegments: NotRequired[bool]
    shareValues: NotRequired[dict[str, str] | None]
    fileName: NotRequired[str | None]
    name: str
    description: NotRequired[str | None]
    kind: Kind
    settings: dict[str, Any]
    takes: NotRequired[Takes | None]
    schedule: NotRequired[SourceSchedule | None]
    onEvents: NotRequired[bool]


class CreateUpload(TypedDict):
    """A file to come: its format, what its columns hold, and what its rows do to memberships."""

    format: NotRequired[Format | None]
    mode: NotRequired[Mode | None]
    columns: NotRequired[list[ColumnMapping]]
    preset: NotRequired[str | None]
    segmentId: NotRequired[str | None]
    allowRemoval: NotRequired[bool]
    allowRejects: NotRequired[bool]
    rejectsNameProfiles: NotRequired[bool]
    allowOverEntitlement: NotRequired[bool]
    dialect: NotRequired[CsvDialect | None]
    delimiter: NotRequired[Delimiter | None]
    blanks: NotRequired[Blanks]
    replaceIdentities: NotRequired[bool]
    dataSourceId: NotRequired[str | None]
    renderings: NotRequired[list[Platform]]
    segments: NotRequired[Literal["all"] | list[str] | None]
    createSegments: NotRequired[bool]
    shareValues: NotRequired[dict[str, str] | None]
    fileName: str
    sizeBytes: NotRequired[int | None]
    preview: NotRequired[bool]
    asOf: NotRequired[str | None]


class CreateWebhook(TypedDict):
    """Where to send which events."""

    url: str
    types: NotRequired[list[str]]


class CsvDialect(TypedDict):
    """How a CSV is written, where it does not tell by itself.

    `header` names the columns, in their order, of a file that has no header; its first row is a row then.
    """

    delimiter: NotRequired[Delimiter | None]
    header: NotRequired[list[str] | None]


class DataRightsStatus(TypedDict):
    """Where a request stands (3.03)."""

    request_id: str
    received_at: str
    expected_by: str
    status: DataRightsState
    reason: NotRequired[DataRightsReason | None]
    processing_details: NotRequired[str | None]
    agent_request_id: NotRequired[str | None]
    expires_at: NotRequired[str | None]
    results_url: NotRequired[str | None]


class DataSourceList(TypedDict):
    """A page of data sources, oldest first."""

    items: list[DataSourceView]
    nextCursor: str | None


class DataSourceView(TypedDict):
    """A data source. `inheritedLabels` are what its segments carry: its labels, and those that its controls are.

    `createdAt` is null of the one that received segments are of, `updatedAt` too until it is changed.
    """

    dataSourceId: str
    name: str
    labels: list[str]
    exportControls: list[
        Literal[
            "no_combination_with_pii", "no_offsite_ad_targeting", "no_onsite_ad_targeting", "no_onsite_personalization"
        ]
    ]
    inheritedLabels: list[str]
    createdAt: str | None
    updatedAt: str | None


class DataflowList(TypedDict):
    """A page of dataflows, newest first."""

    items: list[AnyDataflow]
    nextCursor: str | None


class DeadLetterList(TypedDict):
    """A page of dead letters, newest first. `segments` have the names of all that it tells of by id."""

    items: list[DeadLetterView]
    segments: list[SegmentName]
    nextCursor: str | None


class DeadLetterView(TypedDict):
    """Changes that the destination has not taken. `identities` are in `pairs` of identity and segment.

    `status` is its status code, null where there was no answer; `reason` its code for these changes, or why there was
    no answer; `answer` the start of what it said. `inDoubt`: it may have taken some of them.
    """

    batchId: str
    dataflowId: str
    at: str
    identities: int
    pairs: int
    segments: dict[str, int]
    status: int | None
    reason: str
    answer: str
    attempts: int
    inDoubt: bool


class DecidedItem(TypedDict):
    """What became of one request: its status, or the problem for which nothing was done."""

    privacyRequestId: str
    status: NotRequired[PrivacyStatus | None]
    problem: NotRequired[dict[str, Any] | None]


class DecidedList(TypedDict):
    """What became of each request, in the order they were named, each followed by its duplicates where wanted."""

    items: list[DecidedItem]


class Decision(TypedDict):
    """An answer to a request."""

    note: NotRequired[str | None]


class DefineNamespace(TypedDict):
    """A namespace of the sandbox's own: digests that were made elsewhere (`sha256`), or ids as they are (`text`).

    A text has `minLength` to `maxLength` characters, of printable ASCII without blanks. With `dropList` its values are
    what that list of DROP has: digests made as DROP makes them, or as texts ids of televisions (`CTVID`) alone.
    """

    namespace: str
    name: str
    kind: ValueKind
    minLength: NotRequired[int | None]
    maxLength: NotRequired[int | None]
    dropList: NotRequired[OwnList | None]


class DeliveryRun(TypedDict):
    """What came of a dataflow's changes in an hour. It is `processing` until the hour is over."""

    start: str
    profilesReceived: int
    identitiesActivated: int
    identitiesExited: int
    identitiesExcluded: Excluded
    identitiesFailed: dict[str, int]
    activationRate: float | None
    members: int
    calls: int
    segments: list[SegmentWindow]
    receipts: Receipts | None
    status: Literal["processing", "completed"]


class DeliveryRunList(TypedDict):
    """A page of the hours in which something of a dataflow was sent or reconciled, newest first.

    `segments` have the names of all that it tells of by id.
    """

    items: list[DeliveryRun]
    segments: list[SegmentName]
    nextCursor: str | None


class Denial(TypedDict):
    """Why a request is turned down: a code, and words that the person can be told."""

    reason: str
    ground: NotRequired[DenialGround]


class Deny(TypedDict):
    """Either one `label`, or an `operator` over `operands` that are such expressions themselves."""

    label: NotRequired[str | None]
    operator: NotRequired[Literal["AND", "OR"] | None]
    operands: NotRequired[list[Deny] | None]


class Deployment(TypedDict):
    """How to sign in to a deployment and where to call it. Nothing of it is secret.

    People sign in at `authorizeUrl` by the authorization code with PKCE, with `clientId` and `scopes`; machines get
    their tokens at `tokenUrl`, with `machineScope`. `cognitoUrl` is where Cognito's calls without a signature go.
    """

    apiUrl: str
    consoleUrl: str
    region: str
    authorizeUrl: str
    tokenUrl: str
    cognitoUrl: str
    clientId: str
    scopes: list[str]
    machineScope: str


class DestinationCheck(TypedDict):
    """One thing that the test has tried; `detail` says what to do when it failed."""

    name: str
    ok: bool
    detail: str


class DestinationDataflowView(TypedDict):
    """A dataflow to a destination."""

    dataflowId: str
    direction: Literal["outgoing", "incoming"]
    status: DataflowStatus
    segmentIds: list[str]
    segments: list[SegmentName]
    held: list[HeldView]
    createdAt: str
    updatedAt: str
    destinationId: str
    destinationName: str
    activationId: str


class DestinationExplanation(TypedDict):
    """All segments that are activated to a destination, and those that were asked about."""

    items: list[ExplainedActivation]


class DestinationLimits(TypedDict):
    """Pairs of identity and segment that a request carries at most, and how often a destination is called."""

    pairsPerCall: int
    callsPerSecond: int


class DestinationList(TypedDict):
    """A page of destinations."""

    items: list[DestinationView]
    nextCursor: str | None


class DestinationPreview(TypedDict):
    """What a change of a destination would do.

    `testNeeded`: it would be called otherwise, so that a test has to show whether it can be; until then, or until
    `formerSecretsUntil`, former secrets would be used. `segments` are those that would be given no more, with what
    forbids them; `activations` those that a run would follow for.
    """

    dryRun: NotRequired[Literal[True]]
    testNeeded: bool
    formerSecretsUntil: str | None
    segments: list[StoppedSegment]
    activations: list[AffectedActivation]


class DestinationTest(TypedDict):
    """Whether the destination works as it is set up."""

    ok: bool
    checks: list[DestinationCheck]


class DestinationTypeList(TypedDict):
    """The types that there are."""

    items: list[DestinationTypeView]
    nextCursor: NotRequired[str | None]


class DestinationTypeView(TypedDict):
    """A type of destination. Both schemas are JSON schemas, in which secrets are writeOnly.

    `accountId` and `mappingId` say what these are there; null where there is no account, and any name will do.
    """

    type: str
    name: str
    description: str
    exportType: str
    exportFrequency: str
    identities: list[TargetIdentityView]
    takesAttributes: bool
    accountId: str | None
    mappingId: str | None
    marketingActions: list[
        Literal[
            "analytics",
            "combine_with_pii",
            "cross_site_targeting",
            "data_science",
            "email_targeting",
            "export_to_third_party",
            "onsite_advertising",
            "onsite_personalization",
            "segment_match",
            "single_identity_personalization",
            "data_export",
            "data_collaboration",
        ]
    ]
    prerequisites: list[str]
    knownLimits: list[str]
    settingsSchema: dict[str, Any]
    authenticationSchema: dict[str, Any]
    limits: DestinationLimits


class DestinationView(TypedDict):
    """A destination. Secrets are never shown: `secrets` tells whether any are set, `secretNames` which.

    `exportLabels` are those that its marketing actions are in Audience Manager.
    Until `formerSecretsUntil`, or until a test has found that the new ones are accepted, the former ones are used.
    """

    destinationId: str
    type: str
    name: str
    description: str | None
    accountId: str | None
    status: DestinationStatus
    settings: dict[str, Any]
    authentication: dict[str, Any]
    secrets: Literal["set", "none"]
    secretNames: list[str]
    formerSecretsUntil: str | None
    credentialsExpireAt: str | None
    marketingActions: list[str]
    exportLabels: list[
        Literal["combination_with_pii", "offsite_ad_targeting", "onsite_ad_targeting", "onsite_ad_personalization"]
    ]
    aggregation: AggregationView
    createdAt: str
    updatedAt: str


class DialectView(TypedDict):
    """How a CSV is written, as an upload takes it; `header` names the columns of a file without one by their places."""

    delimiter: Delimiter
    header: list[str] | None


class Disclosure(TypedDict):
    """A feed that goes to a partner, or comes from one: `namespaces` are the kinds of identities in it.

    `purposes` are the marketing actions that the feed leaves open, `segments` their names, or ids of one's own.
    """

    partner: str
    feedId: str
    feedName: str
    description: str | None
    status: str
    since: str
    segments: list[str]
    namespaces: list[str]
    purposes: list[
        Literal[
            "analytics",
            "combine_with_pii",
            "cross_site_targeting",
            "data_science",
            "email_targeting",
            "export_to_third_party",
            "onsite_advertising",
            "onsite_personalization",
            "segment_match",
            "single_identity_personalization",
        ]
    ]


class Disconnect(TypedDict):
    """End a connection."""

    reason: NotRequired[str | None]


class DisconnectPreview(TypedDict):
    """What a disconnect would end."""

    dryRun: NotRequired[Literal[True]]
    connectionId: str
    sharing: Sharing
    receiving: Sharing


class DiscoveredLabels(TypedDict):
    """An entity, and the labels that it carries."""

    entityType: EntityType
    entityId: str
    labels: list[str]


class DoneByHand(TypedDict):
    """What was done, without anybody's data. `connectorId` or `destinationId`: at that system outside, not here."""

    note: str
    connectorId: NotRequired[str | None]
    destinationId: NotRequired[str | None]


class DropCycleView(TypedDict):
    """The 45 days in which DROP's next lists are to be downloaded, since the last ones were received.

    `nextFetchAt` is when the connector fetches them; null without one.
    """

    receivedAt: str
    dueAt: str
    nextFetchAt: str | None
    overdue: bool


class DropError(TypedDict):
    """Why a list failed, or what its connector meets with at DROP and tries again, and what to do."""

    reason: str
    detail: str


class DropFileView(TypedDict):
    """A CSV of the list. `compared` is false where nothing here could be compared with it, and nothing is answered."""

    fileName: str
    listType: ListType
    lines: int
    matched: int
    compared: bool


class DropListCreated(TypedDict):
    """Where to PUT the file; then the list is completed. Null where a connector fetches it."""

    dropListId: str
    uploadUrl: str | None
    expiresAt: str


class DropListView(TypedDict):
    """A DROP list and what came of its lines.

    `phonesNotIndexed` are the sandbox's phone numbers that no line could be compared with. `requestsCancelled` had not
    begun when consumers took them back, as the Removed file says, and `suppressionsLifted` are identities that had
    stood suppressed by their work items. With `dryRun` all counts are of what would be done. `dueAt` is when DROP has
    to have the answers, and the next lists are to be downloaded; `overdue` says that it is over, and lines are still
    open. `answeredAt` is when the connector had sent the last status file.
    """

    dropListId: str
    fileName: str
    status: DropStatus
    files: list[DropFileView]
    outcomes: DropOutcomes
    phonesNotIndexed: int
    requestsCancelled: int
    suppressionsLifted: int
    dryRun: bool
    notHeld: list[OwnList]
    exemptSegmentId: str | None
    exemptSegmentName: str | None
    connectorId: str | None
    connectorName: str | None
    receivedAt: str
    dueAt: str
    overdue: bool
    createdAt: str
    endedAt: str | None
    answeredAt: str | None
    error: NotRequired[DropError | None]


class DropLists(TypedDict):
    """A page of DROP lists, newest first; `cycle` is null before the first."""

    items: list[DropListView]
    nextCursor: str | None
    cycle: DropCycleView | None


class DropOutcomes(TypedDict):
    """Lines by what DROP is told of them: 5 not found, 3 deleted, 4 opted out, 2 exempted.

    `open` ones are still worked on or await a decision; `withdrawn` ones were cancelled, or their opt-out denied, here,
    and are not answered. Nor are those not compared: nothing is held here by which they could be looked for.
    """

    notFound: NotRequired[int]
    deleted: NotRequired[int]
    optedOut: NotRequired[int]
    exempted: NotRequired[int]
    open: NotRequired[int]
    withdrawn: NotRequired[int]
    notCompared: NotRequired[int]


class DrpError(TypedDict):
    """An error as the protocol has it."""

    code: str
    message: str
    fatal: NotRequired[bool]


class Entity(TypedDict):
    """Something that carries labels: a segment, a data source, or a column that feeds a segment (`seg_…/column`)."""

    entityType: EntityType
    entityId: str


class EstimateFeed(TypedDict):
    """How near the estimates should be: half the 95 % interval as a part of the estimate."""

    precision: NotRequired[float]


class EstimateList(TypedDict):
    """All estimates of a feed, and what the answers about each partner have come to on this day.

    `segments` and `connections` have the names of all that it tells of by id.
    """

    items: list[OverlapEstimate]
    segments: list[SegmentName]
    connections: list[ConnectionName]
    privacy: list[PairPrivacy]


class EvaluateEntities(TypedDict):
    """What a marketing action would be done with. Each segment is looked at by itself, all else together."""

    entities: list[Entity]


class Evaluation(TypedDict):
    """Whether a marketing action is allowed: it is where no policy is violated.

    What a received feed excludes for its segments is among `violatedPolicies`, its id in place of a policy's.
    `duleLabels` and the members from `timestamp` to `sandboxName` are those of the public Policy Service.
    """

    marketingAction: str
    marketingActionRef: str
    labels: list[str]
    duleLabels: list[str]
    discoveredLabels: list[DiscoveredLabels]
    violatedPolicies: list[PolicyView]
    timestamp: int
    clientId: str
    userId: str
    imsOrg: str
    sandboxName: str


class EvaluationAnswer(TypedDict):
    """The answer to one question of many, with the status that it would have had alone."""

    status: int
    body: Evaluation | EvaluationProblem


class EvaluationProblem(TypedDict):
    """Why one question of many has no answer."""

    title: str
    detail: str


class Excluded(TypedDict):
    """Pairs of identity and segment that were not shared, by the first reason."""

    byReason: dict[str, int]


class ExcludedCounts(TypedDict):
    """Pairs of identity and segment that would not be given, by the first reason.

    `peopleByReason` are the people of whom no identity comes further than the reason, segment by segment.
    """

    byReason: dict[str, int]
    peopleByReason: dict[str, int]


class ExplainDestination(TypedDict):
    """Segments that are not activated yet, to be explained too."""

    segmentIds: NotRequired[list[str]]


class ExplainPerson(TypedDict):
    """Whom to explain, by one identity, and of what: all segments, connections and dataflows without."""

    identity: SubjectIdentity
    segmentId: NotRequired[str | None]
    connectionId: NotRequired[str | None]
    dataflowId: NotRequired[str | None]


class ExplainedActivation(TypedDict):
    """Whether a segment may be given to the destination, what forbids it, and what would resolve that.

    `lostSegmentIds` are received segments that it is or names and that are not received any more.
    """

    destinationId: str
    segmentId: str
    segmentName: str | None
    allowed: bool
    violations: list[ViolationView]
    lostSegmentIds: list[str]
    resolve: list[str]


class ExplainedDataflow(TypedDict):
    """A dataflow out of the sandbox, and what it does with the identity in each segment it is a member of."""

    dataflowId: str
    name: str
    connectionId: str
    partner: Partner
    status: DataflowStatus
    segments: list[ExplainedShare]


class ExplainedIdentity(TypedDict):
    """An identity of the person, without its value; `asked` tells the one that was given, `known` that there is a
    profile of it.
    """

    namespace: str
    asked: bool
    known: bool
    segments: list[ExplainedMembership]
    consent: ConsentAnswers
    suppressed: Suppressed | None
    dataflows: list[ExplainedDataflow]
    received: list[ExplainedReceipt]


class ExplainedMembership(TypedDict):
    """An own segment that the identity is a member of, and since when."""

    segmentId: str
    name: str
    since: str


class ExplainedPerson(TypedDict):
    """All identities of a person that the profile id leads to, the one asked about first."""

    identities: list[ExplainedIdentity]


class ExplainedReceipt(TypedDict):
    """A segment of a received feed that the identity is given in, and since when."""

    receivedFeedId: str
    feedName: str
    partner: Partner
    segmentId: str
    name: str
    since: str


class ExplainedSegment(TypedDict):
    """Whether a segment may be shared over a connection, what forbids it, and what would resolve that.

    `connectionId` is null as long as the draft is for nobody.
    """

    connectionId: str | None
    segmentId: str
    allowed: bool
    violations: list[ViolationView]
    resolve: list[str]


class ExplainedShare(TypedDict):
    """Whether an identity may be shared as a member of a segment: `cleared`, or what keeps it back.

    Cleared is what this side decides: the partner is given those whom it knows too, and who they are is not told.
    """

    segmentId: str
    name: str | None
    reason: ShareReason


class ExportMembers(TypedDict):
    """The form of the file, and the one segment it is about (all without)."""

    format: ExportFormat
    segmentId: NotRequired[str | None]


class ExportSegment(TypedDict):
    """The form of the file."""

    format: ExportFormat


class FailedPartView(TypedDict):
    """A part that could not be read, and why."""

    name: str
    error: UploadError


class FeedExplanation(TypedDict):
    """All segments of a feed's draft, for each of its connections, with the names of both."""

    items: list[ExplainedSegment]
    segments: list[SegmentName]
    connections: list[ConnectionName]


class FeedList(TypedDict):
    """A page of feeds, newest first."""

    items: list[FeedView]
    nextCursor: str | None


class FeedView(TypedDict):
    """A feed. The content shown is the draft of the next version, the shares what partners have.

    `segments` and `connections` have the names of all that it tells of by id, in the shares too.
    """

    version: int
    feedId: str
    status: FeedStatus
    name: str
    description: str | None
    segmentIds: list[str]
    segments: list[SegmentName]
    namespaces: list[str]
    restrictedMarketingActions: list[str]
    connectionIds: list[str]
    connections: list[ConnectionName]
    showPopulation: bool
    hasUnpublishedChanges: bool
    shares: list[ShareView]
    createdAt: str
    updatedAt: str
    publishedAt: str | None


class FilePreviewView(TypedDict):
    """A look at a file, and what it has found once the first bytes are there.

    `awaiting_file` until then; `failed` with an `error` where they never came or could not be looked at. A `completed`
    one has an `error` where an upload of the file, mapped so, would fail.
    """

    format: Format | None
    packing: Packing | None
    encoding: Encoding | None
    delimiter: Delimiter | None
    hasHeader: bool | None
    linesAbove: int | None
    dialect: DialectView | None
    rows: int
    whole: bool
    columnsFound: int
    columns: list[PreviewedColumn]
    shareWords: list[ShareWord]
    otherShareWords: int
    wouldReject: WouldReject | None
    warnings: list[ColumnWarningView]
    sample: list[list[str]]
    presets: list[PresetFound]
    error: UploadError | None
    previewId: str
    fileName: str
    status: UploadStatus
    createdAt: str
    expiresAt: str


class FolderList(TypedDict):
    """The folders, which are one."""

    items: list[FolderView]
    nextCursor: NotRequired[None]


class FolderView(TypedDict):
    """A folder, and how many traits or segments are in it."""

    name: str
    count: int


class GppRule(TypedDict):
    """Which sections of a GPP string count, by their API prefixes such as `usnat`; of several the strictest answer."""

    sections: list[str]


class Grant(TypedDict):
    """A principal's rights on a sandbox: those of its role and those named one by one."""

    principalId: str
    name: str
    role: str | None
    permissions: list[str]


class GrantList(TypedDict):
    """A page of grants."""

    items: list[Grant]
    nextCursor: str | None


class GuardChanges(TypedDict):
    """What other guards or another minimum would hold back of a dataflow, and what they would let pass, both by why.

    `undecided`: nothing may be shared, or no answers about the partner are left of the day's.
    """

    dataflowId: str
    name: str
    holding: list[GuardedPair]
    releasing: list[GuardedPair]
    undecided: bool


class GuardedPair(TypedDict):
    """A segment of which a guard, or the minimum, holds back what is new in a namespace, and why."""

    segmentId: str
    segmentName: str | None
    namespace: str
    reason: str


class HasherAnswer(TypedDict):
    """Whether a hasher agrees, value by value."""

    namespace: str
    agrees: bool
    items: list[HasherResult]


class HasherResult(TypedDict):
    """Whether a digest is the one made here, and the rules that its maker follows otherwise.

    A digest that agrees may be written otherwise than in lower-case hex, which is read as well.
    """

    value: str
    agrees: bool
    differences: list[Difference]


class HealthView(TypedDict):
    """How a destination is doing.

    `failing`: it is not called before `retryAt`, since `since`, because of `reason`, a status code or the code of why
    there was no answer. `windows` are the last day's hours in which something was sent or reconciled, newest first.
    """

    status: Literal["healthy", "failing"]
    reason: str | None
    since: str | None
    retryAt: str | None
    deadLetters: int
    waiting: int
    windows: list[Window]
    segments: list[SegmentName]


class HeldView(TypedDict):
    """A segment of which nothing new is realized in a namespace. What is delivered stays, and what leaves leaves.

    With the reason `guard_age` it is about those alone whom the partner has come to know a moment ago. The answer's
    `segments` have its name.
    """

    segmentId: str
    namespace: str
    reason: str


class IdentityToMap(TypedDict):
    """A namespace as `source`, and the type's target identity that its values are at the destination."""

    source: str
    target: str
    applyTransformation: NotRequired[bool]


class ImportCreated(TypedDict):
    """Where to PUT each part, in their order: the first 1,000 of them, and with `nextCursor` the next from its parts.

    Once all are there, the import is started.
    """

    importId: str
    uploadUrls: list[str]
    nextCursor: str | None
    expiresAt: str


class ImportList(TypedDict):
    """A page of imports, newest first."""

    items: list[ImportView]
    nextCursor: str | None


class ImportPart(TypedDict):
    """A part: how long it is, once it is there, why it could not be read, and where to PUT it, as long as it may be."""

    number: int
    name: str
    sizeBytes: int | None
    error: UploadError | None
    uploadUrl: str | None


class ImportPartList(TypedDict):
    """A page of the parts of an import, in their order."""

    items: list[ImportPart]
    nextCursor: str | None


class ImportParts(TypedDict):
    """The parts of an import: how many there are and have been read, and the first 100 that could not be."""

    total: int
    done: int
    failed: list[FailedPartView]
    failedTotal: int


class ImportView(TypedDict):
    """An import and what came of it: how many of its `parts` have been read, and which could not be. `sourceId` is the
    source that it is a run of.
    """

    fileName: str
    format: Format
    mode: Mode
    segmentId: str | None
    segmentName: str | None
    dataSourceId: NotRequired[str | None]
    dataSourceName: NotRequired[str | None]
    preset: NotRequired[str | None]
    delimiter: NotRequired[Delimiter | None]
    status: UploadStatus
    waiting: NotRequired[bool]
    progress: Progress
    splits: NotRequired[Progress | None]
    counts: UploadCounts
    rejectsUrl: NotRequired[str | None]
    preview: UploadPreview | None
    warnings: list[ColumnWarningView]
    error: NotRequired[UploadError | None]
    asOf: str | None
    createdAt: str
    expiresAt: str
    importId: str
    parts: ImportParts
    sourceId: str | None


class IntakeFormEntry(TypedDict):
    """The form on the web by which people give their addresses and numbers themselves; `retention` as it tells them."""

    formId: str
    types: list[FormType]
    allowedOrigins: list[str]
    retention: str | None


class IntakeFormView(TypedDict):
    """A sandbox's form. `path` is its address at the deployment, which anybody may open.

    `sendsCodes`: whether something writes to people. Where nothing does, a form offers only what the law has
    taken without a proof.
    """

    formId: str
    path: str
    types: list[FormType]
    regulations: list[str]
    languages: list[Language]
    allowedOrigins: list[str]
    privacyPolicyUrl: str
    heading: str | None
    retention: str | None
    sendsCodes: bool
    updatedAt: str


class Interval(TypedDict):
    """A number of identities with its 95 % interval, the noise in it."""

    estimate: int
    low: int
    high: int


class InvitationList(TypedDict):
    """A page of invitations, newest first."""

    items: list[InvitationView]
    nextCursor: str | None


class InvitationView(TypedDict):
    """An invitation as those see it who manage access. `permissions` are all that the rights come to.

    `invitedBy` is the name of who invites. `principalId` is who has accepted it. `endedAt` is when it was accepted,
    declined or revoked.
    """

    invitationId: str
    email: str
    role: str | None
    permissions: list[str]
    status: ShownStatus
    invitedBy: str
    createdAt: str
    expiresAt: str
    endedAt: str | None
    principalId: str | None


class Invite(TypedDict):
    """Whom to invite, and which rights they get when they accept: a role, single permissions, or both."""

    role: NotRequired[Literal["audience-manager", "partner-admin", "privacy-officer", "sandbox-admin", "viewer"] | None]
    permissions: NotRequired[
        list[
            Literal[
                "access:manage",
                "activity:read",
                "connections:approve",
                "connections:manage",
                "connections:read",
                "connections:request",
                "destinations:activate",
                "destinations:manage",
                "destinations:read",
                "feeds:approve",
                "feeds:read",
                "feeds:write",
                "governance:read",
                "governance:write",
                "privacy:approve",
                "privacy:read",
                "privacy:request",
                "profiles:read",
                "segments:read",
                "segments:write",
            ]
        ]
    ]
    email: str


class LabelList(TypedDict):
    """A page of labels, the core ones first."""

    items: list[LabelView]
    nextCursor: str | None


class LabelOriginView(TypedDict):
    """What carries a label: a segment, a column of uploads, or a data source; or the received feed that has terms."""

    entityType: Literal["segment", "column", "dataSource", "receivedFeed"]
    entityId: str
    name: str


class LabelView(TypedDict):
    """A label: a core one, or a custom one of the sandbox."""

    code: str
    name: str
    description: str | None
    custom: bool


class MappedAttributeView(TypedDict):
    """An attribute of profiles, and its path at the destination."""

    source: str
    target: str


class MappedIdentityView(TypedDict):
    """A namespace, and what its values are at the destination."""

    source: str
    target: str
    applyTransformation: bool


class MarketingActionList(TypedDict):
    """A page of marketing actions, the core ones first."""

    items: list[MarketingActionView]
    nextCursor: str | None


class MarketingActionView(TypedDict):
    """A use of data: a core one, or a custom one of the sandbox, with its reference in the public Policy Service."""

    code: str
    name: str
    description: str | None
    custom: bool
    marketingActionRef: str
    createdAt: str | None
    updatedAt: str | None


class Me(TypedDict):
    """The caller and its grants."""

    principalId: str
    name: str
    grants: list[MyGrant]


class Member(TypedDict):
    """An identity in a segment, own or received. `value` is hex for a digest, text otherwise."""

    namespace: str
    value: str
    segmentIds: list[str]
    since: str


class MemberChange(TypedDict):
    """An identity that came into a segment or left it, and when. `value` is hex for a digest, text otherwise."""

    namespace: str
    value: str
    segmentId: str
    change: Literal["realized", "exited"]
    at: str


class MemberChanges(TypedDict):
    """A page of changes, in the order of keys, net of each other: who came and left in between is not told.

    `erased` counts those on the page who left and were erased: their values are no longer there to be told, so that
    whoever keeps a copy reads all members anew. The next call is the same with `nextCursor`, and once that is null one
    with `nextSince`. `asOf` is when `runId`, the last run that is told of, ended.
    """

    items: list[MemberChange]
    segments: list[SegmentName]
    erased: int
    nextSince: str
    asOf: str
    runId: str | None
    nextCursor: str | None


class MemberExport(TypedDict):
    """A file of all members, behind a link that ends with `expiresAt`. `asOf` and `runId` are as of a list of members.

    The file's object has both, as the metadata `as-of` and `run-id`.
    """

    url: str
    format: ExportFormat
    members: int
    asOf: NotRequired[str | None]
    runId: NotRequired[str | None]
    expiresAt: str


class MemberList(TypedDict):
    """A page of members, in the order of their keys. `segments` have the names of those that it is about.

    Of a received feed `runId` is the run that last changed it, and `asOf` when that ended: whoever has read all pages
    follows what changes from the first page's `asOf` on. Both are null of own segments.
    """

    items: list[Member]
    segments: list[SegmentName]
    asOf: NotRequired[str | None]
    runId: NotRequired[str | None]
    nextCursor: str | None


class MembershipChange(TypedDict):
    """An identity joins or leaves a segment. `share` is a consent answer.

    With `profileId` the answer and an exit are the person's and hold for all identities that have the id; without it
    they are the identity's own.
    """

    identity: RawIdentity
    profileId: NotRequired[str | None]
    segmentId: str
    status: Literal["realized", "exited"]
    share: NotRequired[str | None]


class MessageView(TypedDict):
    """A message to the person. `sent`: what it was sent `by` has taken it. `reason` is the code of why it failed."""

    kind: MessageKind
    language: Language
    status: MessageStatus
    queuedAt: str
    endedAt: str | None
    by: MessageWay | None
    reason: str | None


class MessageWebhook(TypedDict):
    """Where messages to people are posted, in place of Amazon SES.

    Until `previousSecretUntil` they are signed with the secret before the last rotation, too.
    """

    url: str
    createdAt: str
    previousSecretUntil: str | None


class Metrics(TypedDict):
    """What was received from a day to another, both included, by year and type."""

    first: str
    last: str
    items: list[MetricsItem]


class MetricsItem(TypedDict):
    """The requests of a type that were received in a year.

    `compliedInPart`: a recipient or a system outside has not confirmed. `other`: open or cancelled. `unverified` were
    never verified, and are not in `received`: anybody may have made them. `messagesFailed` are messages to people that
    were not sent, as they stand now.
    The days are calendar days from receipt to the answer, of those complied with or denied.
    """

    year: int
    type: PrivacyType
    received: int
    compliedInWhole: int
    compliedInPart: int
    denied: int
    other: int
    unverified: int
    medianDays: float | None
    meanDays: float | None
    messagesFailed: int


class MyGrant(TypedDict):
    """A grant of the caller's own."""

    sandboxId: str
    sandboxName: str
    organizationName: str
    role: str | None
    permissions: list[str]


class MyInvitation(TypedDict):
    """An invitation to the caller, who can accept it until it expires."""

    invitationId: str
    sandboxId: str
    sandboxName: str
    organizationName: str
    role: str | None
    permissions: list[str]
    invitedBy: str
    expiresAt: str


class MyInvitationList(TypedDict):
    """The invitations that the caller can accept or decline."""

    items: list[MyInvitation]


class NamespaceList(TypedDict):
    """All namespaces of the sandbox's own, in the order in which they were defined."""

    items: list[NamespaceView]


class NamespacePopulation(TypedDict):
    """A population of one namespace; null for members of whom no identity is known. Members are as in the whole."""

    namespace: str | None
    members: int | None
    steps: list[PopulationStep]
    cleared: int | None
    shared: int | None
    sharedEstimate: Interval | None
    belowThreshold: bool | None
    people: PopulationPeople | None


class NamespaceView(TypedDict):
    """A namespace of the sandbox's own. A disabled one takes no values any more. Lengths are those of texts.

    `dropList` is the list of DROP that its values are compared with.
    """

    namespace: str
    name: str
    kind: ValueKind
    minLength: int | None
    maxLength: int | None
    status: Literal["active", "disabled"]
    createdAt: str
    dropList: OwnList | None


class NewMessageWebhook(TypedDict):
    """A message webhook just set. `secret` (Standard Webhooks, `whsec_…`) is shown only when it is new; else null."""

    url: str
    createdAt: str
    previousSecretUntil: str | None
    secret: str | None


class NewPrivacyRequest(TypedDict):
    """A request just made. `verificationCode`, to be sent to the person, is shown only now and works ten minutes.

    It is null where Handfast sends it.
    """

    privacyRequestId: str
    type: PrivacyType
    share: str | None
    scope: ErasureScope | None
    regulation: str
    status: PrivacyStatus
    receivedAt: str
    acknowledgeBy: str | None
    dueAt: str
    extended: bool
    fourEyes: bool
    sharedDevices: SharedDevices
    liftsErasure: bool
    externalId: str | None
    note: str | None
    reason: str | None
    ground: DenialGround | None
    categoriesOnly: bool
    answer: RequestAnswer | None
    assignee: str | None
    assigneeName: str | None
    duplicateOf: str | None
    origin: OriginView
    stages: list[StageView]
    recipients: list[RecipientView]
    connectors: list[ConnectorState]
    messages: list[MessageView]
    result: dict[str, Any]
    verificationCode: str | None


class NewWebhook(TypedDict):
    """A webhook with a new secret. `secret` (Standard Webhooks, `whsec_…`) is shown only now."""

    webhookId: str
    url: str
    types: list[str]
    status: Literal["enabled", "disabled"]
    disabledReason: Literal["gone", "failing"] | None
    createdAt: str
    previousSecretUntil: str | None
    secret: str


class NotCounted(TypedDict):
    """Why the counts of two sides differ although each is right, where no step can count it."""

    reason: str
    text: str


class Notification(TypedDict):
    """What the people of a sandbox should see; the same for all of them. `subject` is the id concerned."""

    notificationId: str
    type: str
    title: str
    at: str
    read: bool
    subject: str


class NotificationList(TypedDict):
    """A page of notifications, newest first; `unread` counts all unread ones of the sandbox."""

    items: list[Notification]
    unread: int
    nextCursor: str | None


class OfferedRegulation(TypedDict):
    """A law that a form offers, and the requests that people can make under it. `unproved` ones need no code."""

    regulation: str
    name: str
    types: list[FormType]
    unproved: list[FormType]


class OpenDsrCancelled(TypedDict):
    """A request that was taken back."""

    controller_id: str
    subject_request_id: str
    received_time: str
    api_version: str


class OpenDsrCreated(TypedDict):
    """A request that was taken."""

    controller_id: str
    expected_completion_time: str
    received_time: str
    encoded_request: str
    subject_request_id: str


class OpenDsrDiscovery(TypedDict):
    """What this processor can do."""

    api_version: str
    supported_identities: list[OpenDsrSupportedIdentity]
    supported_subject_request_types: list[str]
    processor_certificate: str


class OpenDsrError(TypedDict):
    """An error as the protocol has it."""

    error: dict[str, Any]


class OpenDsrIdentity(TypedDict):
    """An identity of the person."""

    identity_type: str
    identity_value: str
    identity_format: str


class OpenDsrRequest(TypedDict):
    """A request. `regulation` may be missing only where it comes by OpenGDPR 1.0's names, which means gdpr."""

    regulation: NotRequired[Regulation | None]
    subject_request_id: str
    subject_request_type: RequestType
    subject_identities: list[OpenDsrIdentity]
    submitted_time: str
    api_version: NotRequired[str | None]
    status_callback_urls: NotRequired[list[str]]


class OpenDsrState(TypedDict):
    """Where a request stands. `extensions`, by the processor's domain, hold what the protocol has no words for."""

    controller_id: str
    expected_completion_time: str
    subject_request_id: str
    request_status: RequestStatus
    api_version: str
    results_url: NotRequired[str | None]
    results_count: NotRequired[int | None]
    extensions: dict[str, dict[str, Any]]


class OpenDsrSupportedIdentity(TypedDict):
    """A type of identity in one format."""

    identity_type: str
    identity_format: str


class OriginView(TypedDict):
    """Where the request comes from: `partner` names the organisation that passed it on."""

    rootId: str
    partner: str | None


class OtherRecipient(TypedDict):
    """Who else is given personal data: `name` is a host, an agent, a connector or a destination, `data` what is given.

    `contact` is where a person is written to, and `messages` what; `packages` are people's data that they asked for;
    `request_states` tell what came of a request by its id, `list_answers` what came of a line of a list by its id;
    `principals` are who did what here, by id and name; `segments` are the members of what is activated.
    """

    kind: OtherRecipientKind
    name: str
    data: list[GivenData]


class OverlapEstimate(TypedDict):
    """How many identities of a segment the partner has too, and how many of those may be shared.

    Below the threshold the numbers are withheld. `dataRead` is the part of the data looked at (0 to 1).
    """

    connectionId: str
    segmentId: str
    namespace: str
    overlapped: Interval | None
    withConsent: Interval | None
    belowThreshold: bool
    dataRead: float
    asOf: str


class PackageDraft(TypedDict):
    """A package that awaits its review: its parts, and a link to it as an archive, until `expiresAt`.

    `parts` is null of an archive too large to be looked into here: it is released whole, or the request is denied.
    """

    parts: list[PackagePart] | None
    url: str
    expiresAt: str
    passphrase: str
    opens: str


class PackageLink(TypedDict):
    """Where a package can be fetched, until `expiresAt`, and the passphrase that opens it.

    `packageExpiresAt`: until then new links are given. `opens` names the programs that open it.
    """

    url: str
    expiresAt: str
    passphrase: str
    packageExpiresAt: str
    opens: str


class PackagePage(TypedDict):
    """A package as one HTML file, which decrypts itself in a browser with the passphrase.

    `packageExpiresAt`: until then it is given. `opens` names the browsers that open it.
    """

    page: str
    passphrase: str
    packageExpiresAt: str
    opens: str


class PackagePart(TypedDict):
    """A part of a package that can be withheld, and how many entries or fields it has."""

    part: str
    entries: int


class PackageResults(TypedDict):
    """Where the encrypted package can be fetched until `expires_at`, and the passphrase that opens it.

    New links are given until `package_expires_at`.
    """

    url: str
    expires_at: str
    passphrase: str
    package_expires_at: str


class PairMinimum(TypedDict):
    """Whether the overlap of a segment in a namespace is below the minimum of the pair, so that it does not flow.

    `unknown` where it was not decided, and the partner allows no estimate or no answers are left of the day's.
    """

    connectionId: str
    segmentId: str
    namespace: str
    minimum: Minimum


class PairPrivacy(TypedDict):
    """What the day's answers about the partner of a connection tell at most, these included."""

    sigma: int
    answersSpent: int
    answersADay: int
    epsilonSpent: float
    epsilonADay: float
    delta: float
    connectionId: str


class PartLink(TypedDict):
    """Where one part of the file goes; `sizeBytes` is its exact size."""

    partNumber: int
    uploadUrl: str
    sizeBytes: int


class Partner(TypedDict):
    """The other side."""

    organizationName: str
    sandboxName: str


class PartnerDataflowView(TypedDict):
    """A dataflow to or from a partner: the feed that it carries, over which connection."""

    dataflowId: str
    direction: Literal["outgoing", "incoming"]
    status: DataflowStatus
    segmentIds: list[str]
    segments: list[SegmentName]
    held: list[HeldView]
    createdAt: str
    updatedAt: str
    partner: Partner
    connectionId: str
    feedId: str
    feedName: str
    receivedFeedId: str


class PartnerErasurePreview(TypedDict):
    """What a partner's erasure would reach, by the scope that it is approved with.

    `named` is how many identities it names. `delivered`: those of them that the partner has delivered, and the segments
    received from it that they are members of, by their ids there. `everything`: what this sandbox holds of the person.
    """

    named: int
    delivered: PrivacyReach
    everything: PrivacyReach


class PartnerGuards(TypedDict):
    """What a sandbox guards its segments by against a partner that claims to know nearly everybody.

    `largest_share` is the largest part of a segment (0 to 1) that one partner may know, `fastest_growth` by how much of
    itself a partner's universe may grow in a day (1: to the double). A partner's identity counts once the partner has
    known it for `minimum_age_hours` full hours.
    """

    largestShare: NotRequired[float]
    fastestGrowth: NotRequired[float]
    minimumAgeHours: NotRequired[int]


class PartnerGuardsBody(TypedDict):
    """What holds new members back from a partner that claims to know nearly everybody; a guard left out stays."""

    largestShare: NotRequired[float | None]
    fastestGrowth: NotRequired[float | None]
    minimumAgeHours: NotRequired[int | None]


class PatchActivation(TypedDict):
    """What to change: each member replaces what there is. A segment that is left out leaves with its members."""

    segments: NotRequired[list[SegmentToActivate]]
    mapping: NotRequired[list[IdentityToMap]]
    attributes: NotRequired[list[AttributeToMap]]


class PatchConnection(TypedDict):
    """What one's own side of a connection allows."""

    allowsEstimates: bool


class PatchConnector(TypedDict):
    """What to change. What is left out stays, but no secret at a new address; null puts back a default."""

    name: NotRequired[str | None]
    settings: NotRequired[dict[str, Any]]


class PatchDataSource(TypedDict):
    """What to change; members left out stay."""

    name: NotRequired[str | None]
    labels: NotRequired[list[str] | None]
    exportControls: NotRequired[
        list[
            Literal[
                "no_combination_with_pii",
                "no_offsite_ad_targeting",
                "no_onsite_ad_targeting",
                "no_onsite_personalization",
            ]
        ]
        | None
    ]


class PatchDestination(TypedDict):
    """What to change. What is left out stays, but no secret at a new address; null puts back a default.

    `status` disabled pauses all that is activated: nothing new is realized, and what leaves still leaves.
    `marketingActions` replace all, those that are export labels too; `exportLabels` replace those alone. New secrets
    end by themselves only where `credentialsExpireAt` is named anew.
    """

    name: NotRequired[str | None]
    description: NotRequired[str | None]
    accountId: NotRequired[str | None]
    status: NotRequired[Literal["enabled", "disabled"] | None]
    settings: NotRequired[dict[str, Any]]
    authentication: NotRequired[dict[str, Any]]
    marketingActions: NotRequired[list[str] | None]
    exportLabels: NotRequired[
        list[
            Literal["combination_with_pii", "offsite_ad_targeting", "onsite_ad_targeting", "onsite_ad_personalization"]
        ]
        | None
    ]
    credentialsExpireAt: NotRequired[str | None]
    aggregation: NotRequired[AggregationToSet | None]


class PatchFeed(TypedDict):
    """What to change in the draft of the next version; members left out stay, a null description is taken away."""

    name: NotRequired[str | None]
    description: NotRequired[str | None]
    segmentIds: NotRequired[list[str] | None]
    namespaces: NotRequired[list[str] | None]
    restrictedMarketingActions: NotRequired[list[str] | None]
    connectionIds: NotRequired[list[str] | None]
    showPopulation: NotRequired[bool | None]


class PatchSandbox(TypedDict):
    """What to change of a sandbox."""

    settings: PatchSettings


class PatchSegment(TypedDict):
    """What to change; members left out stay. Null takes a description or an external id away.

    `columnLabels` replaces the labels of the upload columns that it names, which only the segment inherits.
    `expression` is only for a segment that was composed from the beginning.
    """

    name: NotRequired[str | None]
    description: NotRequired[str | None]
    externalId: NotRequired[str | None]
    labels: NotRequired[list[str] | None]
    columnLabels: NotRequired[dict[str, list[str]]]
    expression: NotRequired[str]


class PatchSettings(TypedDict):
    """Settings to change; those left out stay.

    A null `phoneRegion` or `profileEntitlement` takes it away. `consentStrings` is changed as a whole.
    """

    consentDefault: NotRequired[ConsentDefault | None]
    checkOwnConsent: NotRequired[bool | None]
    consentStrings: NotRequired[ConsentStrings | None]
    removalGuard: NotRequired[float | None]
    rejectGuard: NotRequired[float | None]
    overlapThreshold: NotRequired[int | None]
    partnerGuards: NotRequired[PartnerGuardsBody | None]
    phoneRegion: NotRequired[str | None]
    phoneIndex: NotRequired[bool | None]
    privacyRule: NotRequired[PrivacyRule | None]
    partnerErasures: NotRequired[ErasureScope | None]
    privacyFourEyes: NotRequired[FourEyes | None]
    packageReview: NotRequired[bool | None]
    timeZone: NotRequired[str | None]
    holidays: NotRequired[list[str] | None]
    traitFolder: NotRequired[str | None]
    segmentFolder: NotRequired[str | None]
    profileEntitlement: NotRequired[int | None]


class PatchSource(TypedDict):
    """What to change. What is left out stays, but no secret at a new address; null puts back a default.

    `status` `paused`: it is run by hand alone.
    """

    format: NotRequired[Format | None]
    mode: NotRequired[Mode | None]
    columns: NotRequired[list[ColumnMapping]]
    preset: NotRequired[str | None]
    segmentId: NotRequired[str | None]
    allowRemoval: NotRequired[bool]
    allowRejects: NotRequired[bool]
    rejectsNameProfiles: NotRequired[bool]
    allowOverEntitlement: NotRequired[bool]
    dialect: NotRequired[CsvDialect | None]
    delimiter: NotRequired[Delimiter | None]
    blanks: NotRequired[Blanks]
    replaceIdentities: NotRequired[bool]
    dataSourceId: NotRequired[str | None]
    renderings: NotRequired[list[Platform]]
    segments: NotRequired[Literal["all"] | list[str] | None]
    createSegments: NotRequired[bool]
    shareValues: NotRequired[dict[str, str] | None]
    fileName: NotRequired[str | None]
    name: NotRequired[str | None]
    description: NotRequired[str | None]
    status: NotRequired[SourceStatus | None]
    settings: NotRequired[dict[str, Any]]
    takes: NotRequired[Takes | None]
    schedule: NotRequired[SourceSchedule | None]
    onEvents: NotRequired[bool]


class PatchWebhook(TypedDict):
    """What to change of a webhook; members left out stay. `status` enables one that was disabled, or disables it."""

    url: NotRequired[str | None]
    types: NotRequired[list[str] | None]
    status: NotRequired[Literal["enabled", "disabled"] | None]


class PolicyExpression(TypedDict):
    """What a policy denies: either one `label`, or an `operator` over `operands` that are such expressions.

    Where a partner's terms are answered, it is an `AND` over no operands: they hold whatever the labels.
    """

    label: NotRequired[str | None]
    operator: NotRequired[Literal["AND", "OR"] | None]
    operands: NotRequired[list[PolicyExpression] | None]


class PolicyList(TypedDict):
    """A page of policies, the core ones first."""

    items: list[PolicyView]
    nextCursor: str | None


class PolicyView(TypedDict):
    """A policy, core or the sandbox's own. A core one that was never switched has no times."""

    policyId: str
    name: str
    description: str | None
    core: bool
    status: PolicyStatus
    enabled: bool
    marketingActions: list[str]
    marketingActionRefs: list[str]
    deny: PolicyExpression
    createdAt: str | None
    updatedAt: str | None


class PopulationPeople(TypedDict):
    """How many people the members and the cleared identities are, segment by segment."""

    members: int
    cleared: int


class PopulationStep(TypedDict):
    """How many were kept back for a reason. `people` are those of whom it keeps back the identity that came furthest.

    It is null where people are not counted.
    """

    reason: str
    identities: int
    people: int | None


class PopulationView(TypedDict):
    """Why fewer are shared than the segments have members: members = all steps + cleared, for people too.

    Identities are pairs with their segment, as of the last reconciliation of each bucket; people are of the data as
    they are now, and null where they are too much to count. `cleared` may be shared as far as the source decides; which
    of them the partner knows too is `shared`. That is exact for the target; the source is told it by namespace in
    `sharedEstimate`, with noise, in steps, as of `sharedAsOf`, a day old at most while answers are left, and
    `belowThreshold` in its place where it is below the pair's. The target is not told what comes before, unless the
    feed shows it.
    """

    members: int | None
    steps: list[PopulationStep]
    cleared: int | None
    shared: int | None
    people: PopulationPeople | None
    namespaces: list[NamespacePopulation]
    sharedAsOf: str | None
    notCounted: list[NotCounted]
    privacy: PrivacyLoss | None


class PresetFound(TypedDict):
    """A kind of file that a file looks like, whose name an upload takes as `preset`, and why, in a sentence."""

    preset: str
    why: str


class Preview(TypedDict):
    """Whose connect ID it is."""

    organizationName: str
    sandboxName: str


class PreviewCreated(TypedDict):
    """Where to PUT the first bytes of the file: `maxBytes` of them are read, of a Parquet file the whole one, which may
    have `maxParquetBytes`.
    """

    previewId: str
    uploadUrl: str
    maxBytes: int
    maxParquetBytes: int
    expiresAt: str


class PreviewFile(TypedDict):
    """A file to be looked at before it is loaded: an upload's body, of which only the name has to be there.

    Without `format` name and content tell, without `columns` they are guessed. `sizeBytes` is the size of the whole
    file, of which the first bytes are sent: it tells whether the last row may be cut.
    """

    format: NotRequired[Format | None]
    mode: NotRequired[Mode | None]
    columns: NotRequired[list[ColumnMapping]]
    preset: NotRequired[str | None]
    segmentId: NotRequired[str | None]
    allowRemoval: NotRequired[bool]
    allowRejects: NotRequired[bool]
    rejectsNameProfiles: NotRequired[bool]
    allowOverEntitlement: NotRequired[bool]
    dialect: NotRequired[CsvDialect | None]
    delimiter: NotRequired[Delimiter | None]
    blanks: NotRequired[Blanks]
    replaceIdentities: NotRequired[bool]
    dataSourceId: NotRequired[str | None]
    renderings: NotRequired[list[Platform]]
    segments: NotRequired[Literal["all"] | list[str] | None]
    createSegments: NotRequired[bool]
    shareValues: NotRequired[dict[str, str] | None]
    fileName: str
    sizeBytes: NotRequired[int | None]
    preview: NotRequired[bool]
    asOf: NotRequired[str | None]


class PreviewIdentities(TypedDict):
    """How many identities the sandbox knows of the person."""

    byNamespace: dict[str, int]


class PreviewRecipient(TypedDict):
    """Who would be told."""

    name: str
    kind: RecipientKind


class PreviewSharedDevices(TypedDict):
    """What the devices that the request reaches would add: profiles of others, and their identities."""

    profiles: int
    byNamespace: dict[str, int]


class PrivacyLoss(TypedDict):
    """What the day's answers about a partner tell at most of any identity: (epsilon, delta) differential privacy.

    `sigma` is the standard deviation of an answer's noise, in identities.
    """

    sigma: int
    answersSpent: int
    answersADay: int
    epsilonSpent: float
    epsilonADay: float
    delta: float


class PrivacyPreview(TypedDict):
    """What a request would do.

    `profiles` are those that its identities are of. `sharedDevices` is left alone unless who approves decides
    otherwise; null for a request that changes nothing.
    """

    identities: PreviewIdentities
    segments: list[str]
    recipients: list[PreviewRecipient]
    connectors: list[str]
    dryRun: NotRequired[Literal[True]]
    profiles: int
    sharedDevices: PreviewSharedDevices | None
    fourEyes: bool


class PrivacyReach(TypedDict):
    """What carrying a request out reaches: identities, segments, who is told."""

    identities: PreviewIdentities
    segments: list[str]
    recipients: list[PreviewRecipient]
    connectors: list[str]


class PrivacyRequestList(TypedDict):
    """A page of requests, newest first, or the next due first."""

    items: list[PrivacyRequestView]
    nextCursor: str | None


class PrivacyRequestView(TypedDict):
    """A privacy request; never an identity of its subject. `answer` is what came of it, once it has ended.

    `share` is what a consent request sets, `scope` how far a partner's erasure reaches; null of all others.
    `assignee` is the principal who sees to it; `assigneeName` is null once it has no grant any more. `duplicateOf` is
    the open request that the same person made before.
    `fourEyes`: who entered or verified it may not approve it. `detail` of the stage `find` tells whoever decides how
    far it would reach.
    """

    privacyRequestId: str
    type: PrivacyType
    share: str | None
    scope: ErasureScope | None
    regulation: str
    status: PrivacyStatus
    receivedAt: str
    acknowledgeBy: str | None
    dueAt: str
    extended: bool
    fourEyes: bool
    sharedDevices: SharedDevices
    liftsErasure: bool
    externalId: str | None
    note: str | None
    reason: str | None
    ground: DenialGround | None
    categoriesOnly: bool
    answer: RequestAnswer | None
    assignee: str | None
    assigneeName: str | None
    duplicateOf: str | None
    origin: OriginView
    stages: list[StageView]
    recipients: list[RecipientView]
    connectors: list[ConnectorState]
    messages: list[MessageView]
    result: dict[str, Any]


class ProbeAgreement(TypedDict):
    """Whether both sides make the same digests of fixed values of a namespace, by their settings."""

    namespace: str
    agrees: bool


class ProbeDigest(TypedDict):
    """The digest that a hasher makes of a value of the probe, in hex or Base64."""

    value: str
    digest: str


class ProbeDigests(TypedDict):
    """Digests of values of the probe, of one namespace."""

    namespace: str
    digests: list[ProbeDigest]


class ProbeValue(TypedDict):
    """A value to hash as it stands, and its digest here; null where the sandbox's settings give it no meaning."""

    namespace: str
    value: str
    digest: str | None


class ProbeView(TypedDict):
    """What a hasher is tried with, and whether the sandboxes agree; of no agreement in a connection not active."""

    agreements: list[ProbeAgreement]
    values: list[ProbeValue]


class Problem(TypedDict):
    """An error (RFC 9457). Further members are of its status."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    requestId: str
    errors: NotRequired[list[ProblemError]]
    permission: NotRequired[str]
    current: NotRequired[str]
    reason: NotRequired[str]
    retryAfter: NotRequired[int]


class ProblemError(TypedDict):
    """What is wrong with one member of a body."""

    pointer: str
    message: str


class ProcessingRecord(TypedDict):
    """What a sandbox's configuration says of its processing. Purposes and legal bases beyond it are for people to add.

    `consentDefault` is what counts for who has not answered.
    """

    asOf: str
    organizationName: str
    sandboxName: str
    consentDefault: ConsentDefault
    disclosed: list[Disclosure]
    received: list[Disclosure]
    processors: list[Processor]
    otherRecipients: list[OtherRecipient]
    intakeForm: IntakeFormEntry | None
    retention: Retention


class Processor(TypedDict):
    """A system outside that hears of people's requests."""

    connectorId: str
    type: str
    name: str


class Progress(TypedDict):
    """Work items done."""

    done: int
    total: int


class PublicForm(TypedDict):
    """A form as it is shown to anybody: who answers, and what may be asked for."""

    organizationName: str
    heading: str | None
    regulations: list[OfferedRegulation]
    languages: list[Language]
    privacyPolicyUrl: str
    retention: str | None


class PublishPreview(TypedDict):
    """What a publication would do, and which parts of it are below the minimum.

    `segments` and `connections` have the names of all that it tells of by id.
    """

    dryRun: NotRequired[Literal[True]]
    feedId: str
    name: str
    version: int
    segments: list[SegmentName]
    connections: list[ConnectionName]
    shares: list[ShareChange]
    minimums: list[PairMinimum]


class PublishedView(TypedDict):
    """A feed as it was published, and which parts of it are below the minimum."""

    version: int
    feedId: str
    status: FeedStatus
    name: str
    description: str | None
    segmentIds: list[str]
    segments: list[SegmentName]
    namespaces: list[str]
    restrictedMarketingActions: list[str]
    connectionIds: list[str]
    connections: list[ConnectionName]
    showPopulation: bool
    hasUnpublishedChanges: bool
    shares: list[ShareView]
    createdAt: str
    updatedAt: str
    publishedAt: str | None
    minimums: list[PairMinimum]


class PutGrant(TypedDict):
    """Rights to give: a role, single permissions, or both."""

    role: NotRequired[Literal["audience-manager", "partner-admin", "privacy-officer", "sandbox-admin", "viewer"] | None]
    permissions: NotRequired[
        list[
            Literal[
                "access:manage",
                "activity:read",
                "connections:approve",
                "connections:manage",
                "connections:read",
                "connections:request",
                "destinations:activate",
                "destinations:manage",
                "destinations:read",
                "feeds:approve",
                "feeds:read",
                "feeds:write",
                "governance:read",
                "governance:write",
                "privacy:approve",
                "privacy:read",
                "privacy:request",
                "profiles:read",
                "segments:read",
                "segments:write",
            ]
        ]
    ]


class PutIntakeForm(TypedDict):
    """What a form offers, and to whom.

    `allowedOrigins` are the sites that may embed it or call it from their pages; none: it stands alone.
    `privacyPolicyUrl` is linked, `heading` stands above it, and `retention` says how long what people give is kept.
    """

    types: list[FormType]
    regulations: list[str]
    languages: NotRequired[list[Language]]
    allowedOrigins: NotRequired[list[str]]
    privacyPolicyUrl: str
    heading: NotRequired[str | None]
    retention: NotRequired[str | None]


class PutLabel(TypedDict):
    """A custom label. Its code stands in the path."""

    name: str
    description: NotRequired[str | None]


class PutMarketingAction(TypedDict):
    """A marketing action of the sandbox's own. Its code stands in the path, and is its name unless that is given."""

    name: NotRequired[str | None]
    description: NotRequired[str | None]


class PutMessageWebhook(TypedDict):
    """Where messages to people are posted."""

    url: str


class PutPolicy(TypedDict):
    """A policy of the sandbox's own: what is denied, for which marketing actions.

    Several actions are alternatives. They are named in `marketingActions`, or in `marketingActionRefs` as the public
    Policy Service does. The policy is a draft unless `status` says otherwise, or `enabled` in its place.
    """

    name: str
    description: NotRequired[str | None]
    status: NotRequired[PolicyStatus | None]
    enabled: NotRequired[bool | None]
    marketingActions: NotRequired[list[str] | None]
    marketingActionRefs: NotRequired[list[str] | None]
    deny: Deny


class QuotaList(TypedDict):
    """All quotas of a sandbox."""

    items: list[QuotaStanding]


class QuotaStanding(TypedDict):
    """How much a sandbox may do of something, and what is left of it."""

    name: str
    description: str
    unit: str
    limit: int
    remaining: int
    periodSeconds: int | None
    resetsAt: str | None


class RaisedAlertView(TypedDict):
    """An alert that holds. `reason` is a code of why, such as a status code."""

    alert: AlertKind
    raisedAt: str
    reason: str


class RawIdentity(TypedDict):
    """An identity as the caller knows it; raw e-mail addresses and phone numbers are hashed before anything else."""

    namespace: str
    value: str


class Reason(TypedDict):
    """Why, in words that the person can be told."""

    reason: str


class Receipt(TypedDict):
    """A request as its person sees it, by a receipt that only the person was given.

    `awaitsCode`: nothing is done before the code is given, until `codeExpiresAt`. It is the same whether anything is
    known of the person here, or not.
    """

    receipt: str
    type: PrivacyType
    regulation: str
    state: ReceiptState
    awaitsCode: bool
    codeExpiresAt: str | None
    receivedAt: str
    dueAt: str
    answeredAt: str | None
    isWrittenTo: bool


class ReceiptKey(TypedDict):
    """A public key, in base64, and its short name in what it has signed."""

    keyId: str
    algorithm: NotRequired[Literal["Ed25519"]]
    publicKey: str


class ReceiptKeys(TypedDict):
    """What histories and receipts of this deployment are signed with."""

    keys: list[ReceiptKey]


class Receipts(TypedDict):
    """What a destination has said since of its requests of an hour.

    `requests` are those by what has become of them: `processing`, `success`, `partial_success`, `failed`, or `unknown`
    when it has not said. `records` are those that it counted, `errors` how many of them failed by its reason, and
    `matchRates` requests by the range of how many it knows, in percent.
    """

    requests: dict[str, int]
    records: int
    errors: dict[str, int]
    matchRates: dict[str, int]


class ReceivedCounts(TypedDict):
    """What the receiver holds: pairs of identity and segment."""

    memberships: int


class ReceivedFeedList(TypedDict):
    """A page of received feeds, newest first."""

    items: list[ReceivedFeedView]
    nextCursor: str | None


class ReceivedFeedView(TypedDict):
    """A feed as its receiver sees it.

    `accepted` is what the version offered that was last enabled: null before one was, and where one was enabled before
    Handfast kept this and has changed since. Of what is offered now, segments say whether they are accepted, and
    `acceptedNamespaces` which namespaces are; the others wait.
    `held` is what waits for its overlap to reach the minimum, or for a guard of the sender; null as long as that was
    not decided, which the first run of its dataflow does.
    """

    version: int
    receivedFeedId: str
    feedId: str
    feedName: str
    description: str | None
    connectionId: str
    partner: Partner
    status: ShareStatus
    acceptedVersion: int | None
    accepted: AcceptedOffer | None
    segments: list[ReceivedSegment]
    namespaces: list[str]
    acceptedNamespaces: list[str]
    restrictedMarketingActions: list[str]
    showPopulation: bool
    counts: ReceivedCounts
    dataflowId: str | None
    held: list[HeldView] | None
    sharedAt: str
    updatedAt: str


class ReceivedSegment(TypedDict):
    """A segment of a received feed."""

    segmentId: str
    name: str
    accepted: bool


class RecipientTokenList(TypedDict):
    """A page of tokens, newest first."""

    items: list[RecipientTokenView]
    nextCursor: str | None


class RecipientTokenView(TypedDict):
    """A token as its sandbox sees it, never the token itself.

    `activationUrl` is there once, in the answer that makes it: it gives the profile file once, until
    `activationExpiresAt`. `graceUntil` is when the last token before it ends, null where none works any more.
    """

    tokenId: str
    name: str
    status: TokenStatus
    createdAt: str
    createdBy: str
    expiresAt: str
    allowedNetworks: list[str]
    lastUsedAt: str | None
    activatedAt: str | None
    graceUntil: str | None
    activationUrl: NotRequired[str | None]
    activationExpiresAt: NotRequired[str | None]


class RecipientView(TypedDict):
    """Who received identities of the person, and what it answered. Told and confirmed are two facts.

    `scope` is what its receipt says of an erasure: that what it had received is gone, or everything it held.
    `destinationId` is that of a destination, null of a partner.
    """

    name: str
    kind: RecipientKind
    destinationId: str | None
    status: RecipientStatus
    notifiedAt: str | None
    confirmedAt: str | None
    reason: str | None
    ground: DenialGround | None
    scope: ErasureScope | None
    receipt: dict[str, Any] | None


class ReferenceEntry(TypedDict):
    """A code, its name and what it means."""

    code: str
    name: str
    description: str
    aliases: NotRequired[list[str] | None]
    shareable: NotRequired[Literal["always", "agreed"] | None]
    exportable: NotRequired[bool | None]
    valueForm: NotRequired[Literal["sha256", "text"] | None]
    hashesRaw: NotRequired[bool | None]
    permissions: NotRequired[list[str] | None]
    requestTypes: NotRequired[list[str] | None]
    subject: NotRequired[str | None]


class ReferenceList(TypedDict):
    """All codes of a list, in its order."""

    items: list[ReferenceEntry]


class RegisterList(TypedDict):
    """A page of the register, oldest first: each document is an entry, signed with the deployment's key."""

    items: list[SignedDocument]
    nextCursor: str | None


class RejectedChange(TypedDict):
    """A change that was left out."""

    index: int
    reason: str


class Release(TypedDict):
    """What is withheld of a package that was looked at, in 30 parts at most; nothing with an empty list."""

    withhold: list[Withholding]


class ReleasePreview(TypedDict):
    """What a release would let pass."""

    dryRun: NotRequired[Literal[True]]
    dataflowId: str
    name: str
    segments: list[SegmentName]
    held: list[HeldView]


class RenderingCount(TypedDict):
    """Of a namespace, a segment's members, and of how many of them each platform can be given its own form.

    A platform that takes none of the namespace is left out. `asHeld`: it hashes as the value is held, so that all are.
    """

    namespace: str
    members: int
    platforms: dict[str, int]
    asHeld: list[str]


class RenderingCounts(TypedDict):
    """A segment's members by namespace, and what platforms can be given of them."""

    items: list[RenderingCount]


class Replayed(TypedDict):
    """How many dead letters are sent again, and how many of those that were asked for are left for another call."""

    replayed: int
    left: int


class RequestConnection(TypedDict):
    """Ask the owner of a connect ID for a connection, and let it estimate overlaps once it accepts, or not."""

    connectId: str
    note: NotRequired[str | None]
    allowsEstimates: NotRequired[bool]


class Retention(TypedDict):
    """How long what belongs to privacy requests is kept: records once answered, packages and bulks once made."""

    recordMonths: int
    packageDays: int
    bulkDays: int


class RotateRecipientToken(TypedDict):
    """A token to replace. The one before works for `graceSeconds` more, never for longer than it would have.

    `expiresAt` is that of the new one, in 90 days where nothing is said.
    """

    graceSeconds: NotRequired[int]
    expiresAt: NotRequired[str | None]


class RulesPreview(TypedDict):
    """What a change of labels or policies would do to the segments and dataflows of the sandbox."""

    dryRun: NotRequired[Literal[True]]
    segments: list[StoppedSegment]
    dataflows: list[AffectedDataflow]


class RunList(TypedDict):
    """A page of runs, newest first."""

    items: list[RunView]
    nextCursor: str | None


class RunView(TypedDict):
    """One pass over a dataflow. All numbers are pairs of identity and segment, as of the run and by it.

    A side that they are not told has null: what depends on whom a partner knows (`identitiesActivated`, `realized`,
    `exited`) is not told to the source, whose population has a total of it; what comes before
    (`profilesReceived`, `identitiesExcluded`) is not told to the target, unless the feed shows it.
    `reason` is what set it off. `failure` says why it failed: `lost_races`, other writers came first again and again,
    or `processing_failed`. The dataflow's next run makes up for it. `asOf` is when what it changed counted, once it has
    ended; `tableVersion` the version that the partner's table stood at then, for the partner alone.
    """

    runId: str
    status: RunStatus
    reason: str
    failure: str | None
    startedAt: str
    completedAt: str | None
    asOf: str | None
    tableVersion: int | None
    progress: Progress
    profilesReceived: int | None
    identitiesActivated: int | None
    identitiesExcluded: Excluded | None
    identitiesFailed: int
    realized: int | None
    exited: int | None


class SandboxPreview(TypedDict):
    """What a change would do to the dataflows out of the sandbox.

    `dataflows` are without any where consent is counted as before, `guards` where guards and the minimum stay.
    """

    dataflows: list[ConsentChanges]
    guards: list[GuardChanges]


class SandboxSettings(TypedDict):
    """What the people of a sandbox decide for it.

    `consentDefault` is what counts where a person has not said yes or no, `checkOwnConsent` whether a partner's member
    is received only where one's own answers, or that default, let the identity be shared. `consentStrings` says what
    the TCF and GPP strings of uploads mean. `removalGuard` is the share of members a snapshot may remove, `rejectGuard`
    the share of an upload's rows that may be refused, `overlapThreshold` the smallest overlap that is told.
    `phoneRegion` is the country of national phone numbers, `phoneIndex` whether they are indexed by their last ten
    digits, by which DROP lists people. `partnerGuards` hold new members back from a partner that claims to know nearly
    everybody. `traitFolder` and `segmentFolder` are where received segments are shown in Audience Manager's terms,
    `profileEntitlement` how many identities uploads may bring the sandbox to.
    Of privacy requests: `privacyRule`, whether verified ones run at once or wait for an approval; `partnerErasures`,
    what a partner's erasure is about; `privacyFourEyes`, what another has to approve; `packageReview`, whether somebody
    looks at a package first; `timeZone` and `holidays`, by which deadlines are counted.
    """

    consentDefault: ConsentDefault
    checkOwnConsent: bool
    consentStrings: ConsentStrings
    removalGuard: float
    rejectGuard: float
    overlapThreshold: int
    partnerGuards: PartnerGuards
    phoneRegion: str | None
    phoneIndex: bool
    privacyRule: PrivacyRule
    partnerErasures: ErasureScope
    privacyFourEyes: FourEyes
    packageReview: bool
    timeZone: str
    holidays: list[str]
    traitFolder: str
    segmentFolder: str
    profileEntitlement: int | None


class SandboxView(TypedDict):
    """A sandbox with its settings."""

    sandboxId: str
    name: str
    organizationName: str
    settings: SandboxSettings


class SchemaItem(TypedDict):
    """A schema of a share."""

    name: str
    share: str


class SchemaList(TypedDict):
    """A page of schemas."""

    items: list[SchemaItem]
    nextPageToken: NotRequired[str | None]


class SegmentChanges(TypedDict):
    """How many identities of a segment would join the destination, and how many would leave it."""

    segmentId: str
    name: str | None
    joining: int
    leaving: int


class SegmentList(TypedDict):
    """A page of segments."""

    items: list[SegmentView]
    nextCursor: str | None


class SegmentName(TypedDict):
    """What a segment is called that the answer names by its id. `name` is null once the segment is gone."""

    segmentId: str
    name: str | None


class SegmentOfferView(TypedDict):
    """A segment that the file names; `segmentId` is null where the sandbox has none of this id or externalId, and
    `isCreated` says whether it would come into being.
    """

    name: str
    segmentId: str | None
    identities: int
    newIdentities: int
    isCreated: bool


class SegmentToActivate(TypedDict):
    """A segment, what the destination calls it, and the days, the last one included, on which it is given to it."""

    segmentId: str
    mappingId: NotRequired[str | None]
    startDate: NotRequired[str | None]
    endDate: NotRequired[str | None]


class SegmentView(TypedDict):
    """A segment: one's own, or one received in a feed, whose counts are of what has been received.

    `labels` are its own; `inheritedLabels` come from upload columns, data sources and the segments that it is composed
    of, and count as much. `restrictedMarketingActions` are what the feed of a received segment excludes, or those of
    the received segments that it is composed of. `expression` is that of a composed segment, which has no members
    while it names `lostSegmentIds`: segments that are not received any more. `receivedFeedId`, `receivedFeedName` and
    `partner` say where a received segment comes from. What stands from `integrationCode` on is of received segments, as
    Audience Manager shows them: made of one trait, in one folder.
    """

    segmentId: str
    name: str
    description: str | None
    externalId: str | None
    origin: Origin
    labels: list[str]
    inheritedLabels: NotRequired[list[InheritedLabel]]
    restrictedMarketingActions: NotRequired[list[str]]
    expression: NotRequired[str | None]
    lostSegmentIds: NotRequired[list[str]]
    counts: Counts
    receivedFeedId: NotRequired[str | None]
    receivedFeedName: NotRequired[str | None]
    partner: NotRequired[Partner | None]
    integrationCode: NotRequired[str | None]
    dataSource: NotRequired[SourceRef | None]
    profileMergeRule: NotRequired[str | None]
    segmentRule: NotRequired[str | None]
    folder: NotRequired[str | None]
    updatedAt: str


class SegmentWindow(TypedDict):
    """What came of an hour's changes of a segment, in identities; `members` and `identitiesExcluded` as in its window.

    These are null where not all that was reconciled in the hour is known by segment: of hours before it was counted.
    The answer's `segments` have its name.
    """

    segmentId: str
    identitiesActivated: int
    identitiesExited: int
    identitiesExcluded: Excluded | None
    identitiesFailed: int
    members: int | None


class SegmentWithTrait(TypedDict):
    """A segment that a trait is in."""

    segmentId: str
    name: str


class ShareAnswer(TypedDict):
    """One share."""

    share: ShareItem


class ShareChange(TypedDict):
    """What a publication would do to one partner's share."""

    connectionId: str
    change: Literal["offer", "change", "unshare", "none"]
    addedSegmentIds: list[str]
    removedSegmentIds: list[str]


class ShareItem(TypedDict):
    """A share."""

    name: str
    id: str


class ShareList(TypedDict):
    """A page of shares."""

    items: list[ShareItem]
    nextPageToken: NotRequired[str | None]


class ShareView(TypedDict):
    """How one partner stands to the feed. `revoked` is no longer shared.

    `held` is what waits for its overlap to reach the minimum, or for a guard; null as long as that was not decided.
    """

    connectionId: str
    partner: Partner
    status: ShareStatus
    version: int
    acceptedVersion: int | None
    segmentIds: list[str]
    dataflowId: str | None
    held: list[HeldView] | None
    sharedAt: str
    updatedAt: str


class ShareWord(TypedDict):
    """A word of a column of consent answers, in lower case, and what it stands for; null where nothing is known."""

    column: str
    word: str
    rows: int
    answer: str | None


class SharedTableItem(TypedDict):
    """A table of a schema."""

    name: str
    schema: str
    share: str
    shareId: str
    id: str


class Sharing(TypedDict):
    """What flows one way over a connection."""

    feeds: NotRequired[int]
    segments: NotRequired[int]


class SharingError(TypedDict):
    """An error as the protocol has it."""

    errorCode: str
    message: str


class SignalList(TypedDict):
    """A page of signals."""

    items: list[SignalView]
    nextCursor: str | None


class SignalView(TypedDict):
    """The signal of a received segment, by which one sees that it comes in."""

    expression: str
    segmentId: str
    segmentName: str
    receivedFeedId: str
    receivedFeedName: str
    partner: Partner


class Signature(TypedDict):
    """`value` and `public_key` in base64; `key_id` names the key in few characters."""

    algorithm: NotRequired[Literal["Ed25519"]]
    keyId: str
    publicKey: str
    value: str


class SignedDocument(TypedDict):
    """A document and the signature over it."""

    document: dict[str, Any]
    signature: Signature


class SourceCheck(TypedDict):
    """One thing that the test has tried; `detail` says what to do when it failed."""

    name: str
    ok: bool
    detail: str


class SourceFileLeftOut(TypedDict):
    """A file that would not be taken, and why."""

    name: str
    bytes: int
    reason: str


class SourceFileView(TypedDict):
    """A file at its source, by its name below the root, in bytes; `partition` are the values that its folders tell."""

    name: str
    bytes: int
    partition: dict[str, str | None]


class SourceList(TypedDict):
    """A page of sources."""

    items: list[SourceView]
    nextCursor: str | None


class SourceRef(TypedDict):
    """A data source, named."""

    dataSourceId: str
    name: str


class SourceRunError(TypedDict):
    """Why a run began nothing."""

    reason: str
    detail: str


class SourceRunPreview(TypedDict):
    """What a run would take: so many `files` and `bytes`, of which `sample` has the first 100.

    `leftOut` counts what it would not take by reason, of which `leftOutSample` has the first 100. `more`: the next run
    would take more.
    """

    dryRun: NotRequired[Literal[True]]
    files: int
    bytes: int
    sample: list[SourceFileView]
    leftOut: dict[str, int]
    leftOutSample: list[SourceFileLeftOut]
    more: bool


class SourceRunView(TypedDict):
    """A run of a source. `started`: it has begun the import `importId` of so many `files` and `bytes`.

    `nothing_new`: there was nothing to take. `waiting`: the last import is in work, or a worker lists the files; the
    run follows by itself. `leftOut` counts the files that were not taken, by reason; `more`: there are more, which the
    next run takes.
    """

    at: str
    trigger: Trigger
    status: Outcome
    importId: str | None
    files: int
    bytes: int
    leftOut: dict[str, int]
    more: bool
    error: SourceRunError | None


class SourceSchedule(TypedDict):
    """When a source is run by itself: every so many minutes (`everyMinutes`), or once a day at a `timeOfDay` such
    as `06:30` of a `timeZone` (IANA).
    """

    everyMinutes: NotRequired[int | None]
    timeOfDay: NotRequired[str | None]
    timeZone: NotRequired[str]


class SourceScheduleView(TypedDict):
    """When a source is run by itself."""

    everyMinutes: int | None
    timeOfDay: str | None
    timeZone: str


class SourceTest(TypedDict):
    """Whether a source can be read as it is set up; `outcome` is what kept it from that."""

    ok: bool
    outcome: TestOutcome
    checks: list[SourceCheck]


class SourceView(TypedDict):
    """A source. Secrets are never shown: `secrets` names those that are set.

    `nextRunAt` is null where it is run by hand alone. `externalId` is what a role's trust has to name. `running`: a run
    is in work; what has become of its import is told by the import.
    """

    format: NotRequired[Format | None]
    mode: NotRequired[Mode | None]
    columns: NotRequired[list[ColumnMapping]]
    preset: NotRequired[str | None]
    segmentId: NotRequired[str | None]
    allowRemoval: NotRequired[bool]
    allowRejects: NotRequired[bool]
    rejectsNameProfiles: NotRequired[bool]
    allowOverEntitlement: NotRequired[bool]
    dialect: NotRequired[CsvDialect | None]
    delimiter: NotRequired[Delimiter | None]
    blanks: NotRequired[Blanks]
    replaceIdentities: NotRequired[bool]
    dataSourceId: NotRequired[str | None]
    renderings: NotRequired[list[Platform]]
    segments: NotRequired[Literal["all"] | list[str] | None]
    createSegments: NotRequired[bool]
    shareValues: NotRequired[dict[str, str] | None]
    fileName: NotRequired[str | None]
    sourceId: str
    name: str
    description: str | None
    kind: Kind
    status: SourceStatus
    settings: dict[str, Any]
    secrets: list[str]
    externalId: str
    takes: Takes
    schedule: SourceScheduleView | None
    onEvents: bool
    running: bool
    lastRun: SourceRunView | None
    nextRunAt: str | None
    createdAt: str
    updatedAt: str


class StageView(TypedDict):
    """A step of the work."""

    name: StageName
    status: StageStatus
    startedAt: str | None
    endedAt: str | None
    detail: dict[str, Any]


class StatusFile(TypedDict):
    """A status file as DROP takes it, by a short-lived link; `fileName` is the name to send it under."""

    fileName: str
    url: str


class StatusFiles(TypedDict):
    """The status files as far as they are; `complete` when every line has its answer or was withdrawn."""

    complete: bool
    items: list[StatusFile]


class StoppedSegment(TypedDict):
    """A segment that would no longer be allowed, and what forbids it."""

    segmentId: str
    name: str | None
    violations: list[ViolationView]


class SubjectBody(TypedDict):
    """Whom the request is about, by any identities, and by a source's own ids of the person."""

    identities: list[SubjectIdentity]


class SubjectIdentity(TypedDict):
    """An identity of the person; `sha256` is the digest that the namespace holds, in hex or Base64.

    A source's own id of the person has the namespace `profile_id` or `extern_id`, or, with the type `custom`, any name.
    """

    namespace: str
    value: str
    format: NotRequired[Literal["raw", "sha256"]]
    type: NotRequired[Literal["standard", "custom"]]


class Submission(TypedDict):
    """A person's request by a form. `regulation` is needed where the form offers more than one.

    A code goes to `email`, and proves that address alone: a `phone` is taken only where the law asks for no proof.
    `note` says what a rectification is to correct. `website` stays empty: people do not see it, and programs fill it.
    """

    type: FormType
    regulation: NotRequired[str | None]
    email: str
    phone: NotRequired[str | None]
    note: NotRequired[str | None]
    language: NotRequired[Language | None]
    website: NotRequired[str]


class SubscribeAlerts(TypedDict):
    """The alerts that the caller wants to hear of, and through which channels.

    `in_app` are the sandbox's notifications, `webhook` its webhooks, `email` goes to the address by which the caller
    signs in, once it has followed the link that is sent to it.
    """

    alerts: list[AlertKind]
    channels: list[Channel]


class Suppressed(TypedDict):
    """Why the identity stays out, and since when."""

    reason: Literal["erasure", "opt_out"]
    since: str


class SuppressionCheck(TypedDict):
    """Per identity asked for, in that order. `partners` are those towards whom alone it is suppressed, by erasures."""

    suppressed: bool
    reason: Literal["erasure", "opt_out"] | None
    partners: int


class SuppressionChecks(TypedDict):
    """Whether each identity is suppressed."""

    items: list[SuppressionCheck]


class SuppressionCount(TypedDict):
    """How many identities are suppressed."""

    erasure: int
    optOut: int


class TableCredentials(TypedDict):
    """Where a table lies, what reads it, and until when (milliseconds since 1970)."""

    location: str
    awsTempCredentials: AwsCredentials
    expirationTime: int


class TableCredentialsAnswer(TypedDict):
    """Credentials for one table."""

    credentials: TableCredentials


class TableList(TypedDict):
    """A page of tables."""

    items: list[SharedTableItem]
    nextPageToken: NotRequired[str | None]


class TargetIdentityView(TypedDict):
    """An identity that a type takes. `namespaces` are those that may be mapped to it as they are.

    `ownNamespaces`: so may those that the sandbox has defined. `appliesTransformation`: of such a one whose values are
    texts, they may be hashed on their way. The target `*` is any other name.
    """

    target: str
    description: str
    considerations: str
    namespaces: list[str]
    ownNamespaces: bool
    appliesTransformation: bool


class TcfRule(TypedDict):
    """When a TCF string is a yes: consent to all these purposes and, where one is named, to the vendor of this id."""

    purposes: list[int]
    vendorId: NotRequired[int | None]


class TraitList(TypedDict):
    """A page of traits."""

    items: list[TraitView]
    nextCursor: str | None


class TraitView(TypedDict):
    """The trait that a received segment is: onboarded, of its signal.

    `segments` are the received segment itself, which is made of this trait, and the own ones composed of it.
    """

    traitId: str
    name: str
    traitType: NotRequired[Literal["onboarded"]]
    integrationCode: str
    traitExpression: str
    dataSource: SourceRef
    folder: str
    segments: list[SegmentWithTrait]
    receivedFeedId: str
    receivedFeedName: str
    partner: Partner


class Unshare(TypedDict):
    """Whom to stop sharing with."""

    connectionId: str


class UnsharePreview(TypedDict):
    """What would end."""

    dryRun: NotRequired[Literal[True]]
    feedId: str
    feedName: str
    connectionId: str
    partner: Partner
    status: ShareStatus
    segmentIds: list[str]
    segments: list[SegmentName]
    dataflowId: str | None


class UploadCounts(TypedDict):
    """What came of the rows: rows = accepted + rejected. `valuesRejected` left single values out of accepted rows.

    `repeated` rows have an identity of an earlier row. `people` are the accepted rows' profile ids, and the rows
    without one that repeat nothing. `replaced` identities have left all segments. `shapes` tells what the values of
    each identity column look like. `segmentsCreated` came into being with the file. `unknownShares` are words of share
    columns that mean nothing, with the number of rows, where they are few and look like words.
    """

    rows: int
    accepted: int
    rejected: int
    rejectedByReason: dict[str, int]
    valuesRejected: dict[str, int]
    repeated: int
    people: int
    replaced: int
    shapes: dict[str, dict[str, int]]
    realized: int
    exited: int
    segmentsCreated: int
    unknownShares: dict[str, int]


class UploadCreated(TypedDict):
    """Where to PUT the file: `uploadUrl`, or one link a part, to be completed afterwards."""

    uploadId: str
    uploadUrl: str | None
    parts: NotRequired[list[PartLink] | None]
    expiresAt: str


class UploadError(TypedDict):
    """Why an upload failed."""

    reason: str
    detail: str


class UploadList(TypedDict):
    """A page of uploads, newest first."""

    items: list[UploadView]
    nextCursor: str | None


class UploadPreview(TypedDict):
    """What taking the file would bring. `identities` and `newIdentities` are of the segments that were selected, and of
    nobody where none were. `segments` are the largest of the `segmentsOffered` ones that the file names.
    """

    identities: int
    newIdentities: int
    knownIdentities: int
    profileEntitlement: int | None
    segmentsOffered: int
    segments: list[SegmentOfferView]


class UploadView(TypedDict):
    """An upload and what came of it."""

    fileName: str
    format: Format
    mode: Mode
    segmentId: str | None
    segmentName: str | None
    dataSourceId: NotRequired[str | None]
    dataSourceName: NotRequired[str | None]
    preset: NotRequired[str | None]
    delimiter: NotRequired[Delimiter | None]
    status: UploadStatus
    waiting: NotRequired[bool]
    progress: Progress
    splits: NotRequired[Progress | None]
    counts: UploadCounts
    rejectsUrl: NotRequired[str | None]
    preview: UploadPreview | None
    warnings: list[ColumnWarningView]
    error: NotRequired[UploadError | None]
    asOf: str | None
    createdAt: str
    expiresAt: str
    uploadId: str


class UploadedPart(TypedDict):
    """A part that S3 has taken, with the ETag it answered."""

    partNumber: int
    etag: str


class Verification(TypedDict):
    """Whether the chain holds; `head` is the newest hash, `brokenAt` the first sequence that does not fit."""

    verified: bool
    records: int
    head: str | None
    brokenAt: NotRequired[int | None]


class Webhook(TypedDict):
    """An address that events are sent to. A disabled one gets none: it answered 410, failed for days, or was told to.

    Until `previousSecretUntil` its events are signed with the secret before the last rotation, too.
    """

    webhookId: str
    url: str
    types: list[str]
    status: Literal["enabled", "disabled"]
    disabledReason: Literal["gone", "failing"] | None
    createdAt: str
    previousSecretUntil: str | None


class WebhookList(TypedDict):
    """The webhooks of a sandbox."""

    items: list[Webhook]
    nextCursor: str | None


class Window(TypedDict):
    """What came of an hour's changes, in pairs of identity and segment.

    `profilesReceived` are all that were sent; `activationRate` is the share of them that was activated or exited, null
    without any. `identitiesFailed` are those of dead letters by reason, and those of which the destination has said
    later that they failed. `receipts` are its own words, null from one that says nothing later. `identitiesExcluded`
    are the members that were not given, by reason, as of the hour's last reconciliation and of what was reconciled in
    it; `members` are all of these.
    """

    start: str
    profilesReceived: int
    identitiesActivated: int
    identitiesExited: int
    identitiesExcluded: Excluded
    identitiesFailed: dict[str, int]
    activationRate: float | None
    members: int
    calls: int
    segments: list[SegmentWindow]
    receipts: Receipts | None


class Withholding(TypedDict):
    """A part of a package that is kept from the person, and why, in words that the person is told.

    `part` is a JSON pointer into the package's `data.json`, where `*` stands for every entry, and the name of a
    collection for its records. For `never_disclosed` the reason says what kind of data is held.
    """

    part: str
    ground: WithholdingGround
    reason: str


class WouldReject(TypedDict):
    """What an upload would make of the rows read: rows = accepted + rejected."""

    rows: int
    accepted: int
    rejected: int
    rejectedByReason: dict[str, int]
    valuesRejected: dict[str, int]


ActivationStatus: TypeAlias = Literal["active", "ending"]

AgentToken = TypedDict("AgentToken", {"agent-id": str, "token": str})
"""What an agent shows from now on."""

AlertKind: TypeAlias = Literal[
    "run_failed",
    "run_delayed",
    "skipped_rate",
    "activation_failing",
    "dead_letters",
    "credentials_expiring",
    "removal_guard",
]

AnyDataflow: TypeAlias = PartnerDataflowView | DestinationDataflowView

Blanks: TypeAlias = Literal["leave", "clear"]

Channel: TypeAlias = Literal["in_app", "webhook", "email"]

Role: TypeAlias = Literal[
    "profileId",
    "identity",
    "namespace",
    "phoneRegion",
    "share",
    "tcf",
    "gpp",
    "shareAt",
    "segment",
    "status",
    "attribute",
]

Transform: TypeAlias = Literal["hash", "none"]

PhoneForm: TypeAlias = Literal["e164", "national", "digitsWithCountryCode"]

Separator: TypeAlias = Literal["|", ";", ",", " "]

ConnectorStatus: TypeAlias = Literal[
    "pending", "sent", "confirmed", "absent", "not_supported", "refused", "failed", "superseded"
]

ConsentDefault: TypeAlias = Literal["default_allow", "default_deny"]

DataRightsReason: TypeAlias = Literal[
    "need_user_verification",
    "suspected_fraud",
    "insuf_verification",
    "no_match",
    "claim_not_covered",
    "outside_jurisdiction",
    "too_many_requests",
    "other",
]

DataRightsState: TypeAlias = Literal["open", "in_progress", "fulfilled", "revoked", "denied", "expired"]

DataflowStatus: TypeAlias = Literal["active", "paused", "closing", "closed"]

Delimiter: TypeAlias = Literal[",", ";", "\t", "|"]

DenialGround: TypeAlias = Literal[
    "suspected_fraud",
    "insufficient_verification",
    "no_match",
    "claim_not_covered",
    "outside_jurisdiction",
    "too_many_requests",
    "other",
]

DestinationStatus: TypeAlias = Literal["enabled", "disabled", "deleting"]

Difference: TypeAlias = Literal[
    "trim",
    "lowercase",
    "unicode_form",
    "domain_ascii",
    "dots",
    "plus_tag",
    "separators",
    "plus_sign",
    "country_code",
    "trunk_zero",
    "international_prefix",
    "region",
    "region_missing",
    "newline",
    "utf16",
    "hash_of_hash",
    "algorithm",
    "hex_case",
    "base64",
    "unknown",
]

Direction: TypeAlias = Literal["incoming", "outgoing"]

DropStatus: TypeAlias = Literal["awaiting_file", "processing", "running", "completed", "failed"]

Encoding: TypeAlias = Literal["utf-8", "utf-8-sig", "utf-16", "shift_jis", "latin-1"]

EntityType: TypeAlias = Literal["segment", "dataSource", "column"]

ErasureScope: TypeAlias = Literal["delivered", "everything"]

ExportFormat: TypeAlias = Literal["parquet", "csv"]

FeedStatus: TypeAlias = Literal["draft", "published"]

FormType: TypeAlias = Literal[
    "access", "portability", "erasure", "rectification", "restriction", "objection", "limit", "opt_out", "opt_in"
]

Format: TypeAlias = Literal["csv", "ndjson", "parquet"]

FourEyes: TypeAlias = Literal["wide", "always", "never"]

GivenData: TypeAlias = Literal[
    "contact", "messages", "packages", "request_states", "list_answers", "principals", "segments"
]

GroupBy: TypeAlias = Literal["segment", "status", "namespace"]

InheritedLabel = TypedDict("InheritedLabel", {"label": str, "from": LabelOriginView})
"""A label that a segment has from what feeds it."""

Kind: TypeAlias = Literal["s3", "sftp", "delta", "iceberg"]

Language: TypeAlias = Literal["en", "de", "ja"]

ListType: TypeAlias = Literal["Email", "Phone", "MAID", "CTVID", "NDZ", "NameVIN", "Removed"]

Members: TypeAlias = Literal["exit", "keep"]

MessageKind: TypeAlias = Literal["code", "acknowledgement", "extension", "answer", "denial"]

MessageStatus: TypeAlias = Literal["queued", "sent", "failed", "cancelled"]

MessageWay: TypeAlias = Literal["ses", "webhook"]

Minimum: TypeAlias = Literal["below", "reached", "unknown"]

Mode: TypeAlias = Literal["snapshot", "delta", "suppression", "overwrite"]

Order: TypeAlias = Literal["asc", "desc"]

Origin: TypeAlias = Literal["own", "received"]

OtherRecipientKind: TypeAlias = Literal[
    "message_webhook", "amazon_ses", "webhook", "event_bus", "drop", "privacy_agent", "destination"
]

Outcome: TypeAlias = Literal["started", "nothing_new", "waiting", "failed"]

OwnList: TypeAlias = Literal["CTVID", "NDZ", "NameVIN"]

Packing: TypeAlias = Literal["none", "gzip", "zstd"]

PartName: TypeAlias = str

Platform: TypeAlias = Literal["adobe", "google", "meta", "uid2", "liveramp", "snap", "tiktok", "x", "amazon"]

PolicyStatus: TypeAlias = Literal["DRAFT", "ENABLED", "DISABLED"]

PrivacyOrigin: TypeAlias = Literal["own", "partner", "opendsr", "drp", "intake"]

PrivacyRule: TypeAlias = Literal["automatic", "approval"]

PrivacyStatus: TypeAlias = Literal[
    "unverified", "pending", "approved", "running", "completed", "completed_with_gaps", "denied", "cancelled", "expired"
]

PrivacyType: TypeAlias = Literal[
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

ReceiptState: TypeAlias = Literal["received", "confirmed", "in_progress", "answered", "closed"]

RecipientKind: TypeAlias = Literal["partner", "destination"]

RecipientStatus: TypeAlias = Literal["pending", "sent", "confirmed", "absent", "not_supported", "refused", "failed"]

Regulation: TypeAlias = Literal["gdpr", "ccpa"]

Replay = TypedDict(
    "Replay",
    {
        "all": NotRequired[Literal[True] | None],
        "from": NotRequired[str | None],
        "to": NotRequired[str | None],
        "batchIds": NotRequired[list[str] | None],
    },
)
"""Which dead letters are sent again: `all`, those from a time on and before another, or some by their ids."""

RequestAnswer: TypeAlias = Literal["fulfilled", "partial", "no_match", "denied"]

RequestStatus: TypeAlias = Literal["pending", "in_progress", "completed", "cancelled"]

RequestType: TypeAlias = Literal["access", "portability", "erasure"]

RunStatus: TypeAlias = Literal["running", "completed", "failed"]

ShareReason: TypeAlias = Literal[
    "unknown_identity", "namespace_not_selected", "consent", "suppressed", "not_shared", "cleared"
]

ShareStatus: TypeAlias = Literal["pending", "enabled", "changed", "disabled", "declined", "revoked"]

SharedDevices: TypeAlias = Literal["device", "profiles"]

ShownStatus: TypeAlias = Literal["pending", "expired", "accepted", "declined", "revoked"]

Sort: TypeAlias = Literal["received", "due"]

SourceStatus: TypeAlias = Literal["enabled", "paused"]

StageName: TypeAlias = Literal[
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

StageStatus: TypeAlias = Literal["pending", "running", "done", "failed"]

Status: TypeAlias = Literal["pending", "active", "rejected", "withdrawn", "expired", "disconnected"]

Takes: TypeAlias = Literal["new", "all"]

TestOutcome: TypeAlias = Literal[
    "ok",
    "authentication_failed",
    "access_denied",
    "unreachable",
    "no_files_found",
    "invalid_file_format",
    "internal_error",
]

TokenStatus: TypeAlias = Literal["awaiting_activation", "active", "expired"]

Trigger: TypeAlias = Literal["schedule", "event", "hand"]

UploadStatus: TypeAlias = Literal["awaiting_file", "processing", "completed", "failed"]

ValueKind: TypeAlias = Literal["sha256", "text"]

ViolationView = TypedDict(
    "ViolationView",
    {"policy": str, "policyName": str, "label": str | None, "marketingAction": str, "from": LabelOriginView},
)
"""A policy that forbids a marketing action for a label, and what carries the label.

Where an export control of a data source does, the policy is that. What the terms of a received feed exclude has no
label; the policy is then the feed.
"""

WithholdingGround: TypeAlias = Literal["third_party", "trade_secret", "never_disclosed", "other"]

PreviewedColumn = TypedDict(
    "PreviewedColumn",
    {
        "column": str,
        "as": Role | None,
        "namespace": str | None,
        "transform": Transform | None,
        "form": PhoneForm | None,
        "name": str | None,
        "answers": dict[str, str] | None,
        "mapped": bool,
        "why": str,
        "reason": str,
        "fitting": int,
        "values": int,
        "shapes": dict[str, int],
    },
)
"""A column and what it seems to hold, or is mapped as, in the members of a mapping. Without `as` nothing tells.

`mapped`: whether `wouldReject` has read it so. `why` says in a sentence what was counted; `reason` is its code, and
`fitting` how many of the `values` that are not blank were counted for it. `shapes`: how many values look like what.
"""

ColumnMapping = TypedDict(
    "ColumnMapping",
    {
        "column": str,
        "as": Role,
        "namespace": NotRequired[str | None],
        "transform": NotRequired[Transform | None],
        "form": NotRequired[PhoneForm | None],
        "name": NotRequired[str | None],
        "answers": NotRequired[dict[str, str] | None],
        "labels": NotRequired[list[str]],
        "separator": NotRequired[Separator | None],
        "leaves": NotRequired[bool],
        "optional": NotRequired[bool],
        "of": NotRequired[str | None],
    },
)
"""What a column holds.

`namespace`: of an identity, or of a consent answer for that namespace alone; where a column is mapped as
`namespace`, its cells say that of the one identity column, which then has none here. `transform`: whether an
e-mail or phone column is raw ("hash") or holds digests ("none"); left out, the values tell. `form`: how all phone
numbers of the column are written, so that none is refused for having another reading. `name`: an attribute's name,
or the one segment (id or externalId) that a segment column speaks of, whose cells then say realized or exited;
without it the cells name segments, separated by `|`. `answers`: the words of a share column, in any case, and the
consent answer that each stands for, beside the answers themselves. `labels`: data usage labels, which the segments
that the file feeds inherit, unless the column is an attribute. `separator`: what stands between several identities
of a cell. `leaves`: the segments that the cells of a segment column name are left, not joined. `optional`: the file
may lack the column. `of`: the identity column whose values a share column answers for, one by one.
`tcf` and `gpp` columns hold consent strings, which the sandbox's `consentStrings` make answers of; `shareAt` says
when the row's answers were given, where a string does not.
"""

Renderings: TypeAlias = list[Platform]
