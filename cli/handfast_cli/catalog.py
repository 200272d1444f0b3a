"""Commands that are one API call each, as a table: noun, verb, method, path, what to send, what to show."""

from handfast_cli.calls import DRY_RUN, Call, Send

NOUNS = {
    "connect-id": "The ID that partners ask to connect with.",
    "connections": "Partners and requests.",
    "segments": "Segments and their members.",
    "uploads": "Files that were sent.",
    "feeds": "What you share.",
    "received-feeds": "What partners share with you.",
    "dataflows": "What is shared, run by run.",
    "activity": "The tamper-evident log.",
    "notifications": "What needs attention.",
    "webhooks": "Events sent to your own systems.",
    "grants": "Who may do what on the sandbox.",
    "connectors": "Systems outside that privacy requests reach.",
    "privacy": "Requests of people about their data.",
    "drop": "Lists of California's Delete Request and Opt-out Platform.",
    "reference": "Codes that calls take and answer, and what they mean.",
}

PAGE = (
    Send("limit", "limit", "At most this many, up to 200.", int, query=True),
    Send("cursor", "cursor", "Go on where a page ended.", query=True),
)
CODE = Send("code", "code", "The code that the person was given.", required=True)
REASON = Send("reason", "reason", "Why, for the record.", required=True)
NOTE = Send("note", "note", "A word to the other side.")
NAME = Send("name", "name", required=True)
DESCRIPTION = Send("description", "description")
LABELS = Send("label", "labels", "A governance label such as C9; C11 forbids sharing. Repeat for more.", list[str])
EXTERNAL_ID = Send("external-id", "externalId", "Your own id for the segment.")
OPTIONAL_NAME = Send("name", "name")
FORMAT = Send("format", "format", "csv or parquet", required=True)


def _feed(*, required: bool) -> tuple[Send, ...]:
    return (
        DESCRIPTION,
        Send("segment", "segmentIds", "Repeat for more.", list[str], required),
        Send("namespace", "namespaces", "Such as email or phone; repeat for more.", list[str], required),
        Send("restrict", "restrictedMarketingActions", "A marketing action to forbid; repeat.", list[str]),
        Send("connection", "connectionIds", "Whom to share with; repeat for more.", list[str]),
    )


BASE = "/sandboxes/{sandbox}"
REQUEST = f"{BASE}/privacy-requests/{{privacy_request}}"
CONNECTION = ("connectionId", "status", "direction", "partner.organizationName", "partner.sandboxName", "requestedAt")
SEGMENT = ("segmentId", "name", "origin", "labels", "counts.identities", "counts.people", "updatedAt")
UPLOAD = ("uploadId", "fileName", "mode", "status", "counts.accepted", "counts.rejected", "createdAt")
FEED_COLUMNS = ("feedId", "name", "status", "version", "namespaces", "segmentIds")
RECEIVED = ("receivedFeedId", "feedName", "partner.organizationName", "status", "version", "acceptedVersion")
CONNECTOR = ("connectorId", "type", "name", "settings", "secrets", "updatedAt")
FLOW = ("dataflowId", "direction", "status", "partner.organizationName", "feedName")
RUN = ("runId", "status", "startedAt", "completedAt", "realized", "exited", "identitiesActivated", "identitiesFailed")

REFERENCE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("namespaces", "Kinds of identities, and what else each is called.", ("aliases",)),
    ("labels", "Labels of segments, and what each forbids or says.", ()),
    ("marketing-actions", "Uses of data that a feed may exclude.", ()),
    ("reasons", "Why something is left out, fails, or is refused.", ("subject",)),
    ("event-types", "What logs and webhooks tell.", ()),
    ("regulations", "Laws that privacy requests are made under.", ("requestTypes",)),
    ("roles", "Roles, and what each may do.", ("permissions",)),
)
"""The lists of codes: name, help, and the columns that a list has of its own."""

CALLS = (
    Call("connect-id", "show", "GET", f"{BASE}/connect-id", "Show the connect ID that partners ask with."),
    Call(
        "connect-id",
        "regenerate",
        "POST",
        f"{BASE}/connect-id/regenerate",
        "Replace the connect ID. Nobody can ask with the old one any more.",
        asks="shown",
    ),
    Call(
        "connect-id",
        "preview",
        "POST",
        f"{BASE}/connect-requests/preview",
        "Tell whose a connect ID is.",
        (Send("connect-id", "connectId", required=True),),
    ),
    Call(
        "connections",
        "request",
        "POST",
        f"{BASE}/connect-requests",
        "Ask a partner to connect.",
        (Send("connect-id", "connectId", required=True), NOTE),
    ),
    Call(
        "connections",
        "list",
        "GET",
        f"{BASE}/connections",
        "List connections.",
        (
            Send("status", "status", query=True),
            Send("direction", "direction", "incoming or outgoing", query=True),
            *PAGE,
        ),
        CONNECTION,
    ),
    Call("connections", "show", "GET", f"{BASE}/connections/{{connection}}", "Show a connection."),
    Call("connections", "accept", "POST", f"{BASE}/connections/{{connection}}/accept", "Accept a request.", (NOTE,)),
    Call("connections", "reject", "POST", f"{BASE}/connections/{{connection}}/reject", "Reject a request.", (NOTE,)),
    Call("connections", "withdraw", "POST", f"{BASE}/connect-requests/{{connection}}/withdraw", "Take a request back."),
    Call(
        "connections",
        "disconnect",
        "POST",
        f"{BASE}/connections/{{connection}}/disconnect",
        "End a connection. Everything shared over it is withdrawn.",
        (Send("reason", "reason"), DRY_RUN),
        asks="shown",
    ),
    Call(
        "segments",
        "create",
        "POST",
        f"{BASE}/segments",
        "Create a segment.",
        (NAME, DESCRIPTION, EXTERNAL_ID, LABELS),
    ),
    Call(
        "segments",
        "list",
        "GET",
        f"{BASE}/segments",
        "List segments.",
        (Send("origin", "origin", "own or received", query=True), *PAGE),
        SEGMENT,
    ),
    Call("segments", "show", "GET", f"{BASE}/segments/{{segment}}", "Show a segment."),
    Call(
        "segments",
        "update",
        "PATCH",
        f"{BASE}/segments/{{segment}}",
        "Change a segment. A list that is given replaces the one there.",
        (OPTIONAL_NAME, DESCRIPTION, EXTERNAL_ID, LABELS),
        clears=("description", "externalId", "labels"),
    ),
    Call(
        "segments",
        "delete",
        "DELETE",
        f"{BASE}/segments/{{segment}}",
        "Delete a segment and its members.",
        asks="shown",
    ),
    Call(
        "segments",
        "members",
        "GET",
        f"{BASE}/segments/{{segment}}/members",
        "List the members of an own segment.",
        PAGE,
        ("namespace", "value", "since"),
    ),
    Call(
        "segments",
        "export",
        "POST",
        f"{BASE}/segments/{{segment}}/members/export",
        "Get a link to all members in one file.",
        (FORMAT,),
    ),
    Call("uploads", "list", "GET", f"{BASE}/uploads", "List uploads, newest first.", PAGE, UPLOAD),
    Call("uploads", "show", "GET", f"{BASE}/uploads/{{upload}}", "Show an upload and what came of it."),
    Call("feeds", "create", "POST", f"{BASE}/feeds", "Draft a feed.", (NAME, *_feed(required=True))),
    Call("feeds", "list", "GET", f"{BASE}/feeds", "List feeds.", PAGE, FEED_COLUMNS),
    Call("feeds", "show", "GET", f"{BASE}/feeds/{{feed}}", "Show a feed and whom it is shared with."),
    Call(
        "feeds",
        "update",
        "PATCH",
        f"{BASE}/feeds/{{feed}}",
        "Change a feed. A list that is given replaces the one there.",
        (OPTIONAL_NAME, *_feed(required=False)),
        clears=("description", "restrictedMarketingActions", "connectionIds"),
    ),
    Call(
        "feeds",
        "delete",
        "DELETE",
        f"{BASE}/feeds/{{feed}}",
        "Delete a feed. What was shared is withdrawn.",
        asks="shown",
    ),
    Call(
        "feeds",
        "estimate",
        "POST",
        f"{BASE}/feeds/{{feed}}/estimate",
        "Estimate the overlap with each partner.",
        (Send("precision", "precision", "Half width of the interval, as a share.", float),),
        ("connectionId", "segmentId", "namespace", "overlapped", "withConsent", "belowThreshold", "dataRead"),
    ),
    Call("feeds", "publish", "POST", f"{BASE}/feeds/{{feed}}/publish", "Share the feed as it stands.", (DRY_RUN,)),
    Call(
        "feeds",
        "unshare",
        "POST",
        f"{BASE}/feeds/{{feed}}/unshare",
        "Stop sharing with a partner. What was shared is withdrawn.",
        (Send("connection", "connectionId", required=True), DRY_RUN),
        asks="shown",
    ),
    Call("received-feeds", "list", "GET", f"{BASE}/received-feeds", "List feeds that partners share.", PAGE, RECEIVED),
    Call("received-feeds", "show", "GET", f"{BASE}/received-feeds/{{received_feed}}", "Show a received feed."),
    Call(
        "received-feeds",
        "enable",
        "POST",
        f"{BASE}/received-feeds/{{received_feed}}/enable",
        "Receive it as it stands.",
    ),
    Call(
        "received-feeds", "disable", "POST", f"{BASE}/received-feeds/{{received_feed}}/disable", "Receive nothing new."
    ),
    Call(
        "received-feeds",
        "decline",
        "POST",
        f"{BASE}/received-feeds/{{received_feed}}/decline",
        "Decline the offer. Only the sender can make it again.",
        asks="shown",
    ),
    Call(
        "received-feeds",
        "members",
        "GET",
        f"{BASE}/received-feeds/{{received_feed}}/members",
        "List the members received.",
        (Send("segment", "segmentId", query=True), *PAGE),
        ("namespace", "value", "segmentIds", "since"),
    ),
    Call(
        "received-feeds",
        "export",
        "POST",
        f"{BASE}/received-feeds/{{received_feed}}/members/export",
        "Get a link to all members in one file.",
        (FORMAT, Send("segment", "segmentId")),
    ),
    Call("dataflows", "list", "GET", f"{BASE}/dataflows", "List dataflows.", PAGE, FLOW),
    Call("dataflows", "show", "GET", f"{BASE}/dataflows/{{dataflow}}", "Show a dataflow."),
    Call("dataflows", "pause", "POST", f"{BASE}/dataflows/{{dataflow}}/pause", "Deliver nothing for now."),
    Call("dataflows", "resume", "POST", f"{BASE}/dataflows/{{dataflow}}/resume", "Deliver again."),
    Call("dataflows", "runs", "GET", f"{BASE}/dataflows/{{dataflow}}/runs", "List a dataflow's runs.", PAGE, RUN),
    Call(
        "dataflows",
        "population",
        "GET",
        f"{BASE}/dataflows/{{dataflow}}/population",
        "Tell why the shared count differs from the members.",
    ),
    Call(
        "activity",
        "list",
        "GET",
        f"{BASE}/activity",
        "List what happened, newest first.",
        (
            Send("type", "type", "Only this event type.", query=True),
            Send("subject", "subject", "Only what concerns this id.", query=True),
            *PAGE,
        ),
        ("sequence", "at", "type", "actor", "subject", "detail"),
    ),
    Call("activity", "verify", "GET", f"{BASE}/activity/verify", "Check the log's hash chain."),
    Call(
        "notifications",
        "list",
        "GET",
        f"{BASE}/notifications",
        "List notifications.",
        PAGE,
        ("notificationId", "at", "read", "title", "subject"),
    ),
    Call("notifications", "read", "POST", f"{BASE}/notifications/{{notification}}/read", "Mark as read."),
    Call(
        "webhooks",
        "create",
        "POST",
        f"{BASE}/webhooks",
        "Have events sent to a URL; shows the signing secret.",
        (Send("url", "url", required=True), Send("type", "types", "Only these event types; repeat.", list[str])),
    ),
    Call(
        "webhooks",
        "list",
        "GET",
        f"{BASE}/webhooks",
        "List webhooks.",
        PAGE,
        ("webhookId", "url", "types", "status", "disabledReason"),
    ),
    Call("webhooks", "show", "GET", f"{BASE}/webhooks/{{webhook}}", "Show a webhook."),
    Call(
        "webhooks",
        "update",
        "PATCH",
        f"{BASE}/webhooks/{{webhook}}",
        "Change a webhook.",
        (
            Send("url", "url"),
            Send("type", "types", "Only these event types; repeat.", list[str]),
            Send("status", "status", "enabled or disabled"),
        ),
    ),
    Call(
        "webhooks",
        "rotate-secret",
        "POST",
        f"{BASE}/webhooks/{{webhook}}/rotate-secret",
        "Give a webhook a new signing secret and show it.",
    ),
    Call("webhooks", "delete", "DELETE", f"{BASE}/webhooks/{{webhook}}", "Delete a webhook.", asks="plainly"),
    Call("webhooks", "test", "POST", f"{BASE}/webhooks/{{webhook}}/test", "Send a test event."),
    Call(
        "webhooks",
        "deliveries",
        "GET",
        f"{BASE}/webhooks/{{webhook}}/deliveries",
        "List what was sent.",
        PAGE,
        ("at", "type", "eventId", "attempt", "statusCode", "error", "nextAttemptAt"),
    ),
    Call(
        "grants",
        "list",
        "GET",
        f"{BASE}/grants",
        "List who may do what.",
        PAGE,
        ("principalId", "name", "role", "permissions"),
    ),
    Call("grants", "show", "GET", f"{BASE}/grants/{{principal}}", "Show a grant."),
    Call(
        "grants",
        "put",
        "PUT",
        f"{BASE}/grants/{{principal}}",
        "Give or replace a grant.",
        (Send("role", "role"), Send("permission", "permissions", "Repeat for more.", list[str])),
    ),
    Call(
        "privacy",
        "list",
        "GET",
        f"{BASE}/privacy-requests",
        "List privacy requests.",
        (*PAGE, Send("status", "status", query=True), Send("type", "type", query=True)),
        ("privacyRequestId", "type", "regulation", "status", "dueAt"),
    ),
    Call("privacy", "show", "GET", REQUEST, "Show a request, its stages and its recipients."),
    Call(
        "privacy",
        "show-bulk",
        "GET",
        f"{BASE}/privacy-requests/bulk/{{bulk}}",
        "Show what became of the requests that a bulk brought.",
        columns=("privacyRequestId", "problem.detail"),
    ),
    Call(
        "privacy",
        "confirm",
        "POST",
        f"{REQUEST}/verify",
        "Verify with the code.",
        (Send("code", "code", required=True),),
    ),
    Call(
        "privacy",
        "approve",
        "POST",
        f"{REQUEST}/approve",
        "Approve a request. It is carried out, and what it erases does not come back.",
        asks="shown",
    ),
    Call("privacy", "deny", "POST", f"{REQUEST}/deny", "Deny a request.", (REASON,)),
    Call("privacy", "cancel", "POST", f"{REQUEST}/cancel", "Cancel a request."),
    Call("privacy", "extend", "POST", f"{REQUEST}/extend", "Extend its deadline once.", (REASON,)),
    Call("privacy", "retry", "POST", f"{REQUEST}/retry", "Go on where it failed."),
    Call(
        "privacy",
        "metrics",
        "GET",
        f"{BASE}/privacy-requests/metrics",
        "How requests were answered, by year and type.",
        (
            Send("since", "from", "Received on that day or later; 1 January without.", query=True),
            Send("until", "to", "Received on that day or before; today without.", query=True),
        ),
        ("year", "type", "received", "compliedInWhole", "compliedInPart", "denied", "other", "medianDays", "meanDays"),
    ),
    Call(
        "privacy",
        "receipt-keys",
        "GET",
        "/receipt-keys",
        "The keys that histories and receipts are signed with, to check one against.",
    ),
    Call("privacy", "suppressed", "GET", f"{BASE}/suppressions/count", "How many identities are suppressed."),
    Call(
        "drop",
        "list",
        "GET",
        f"{BASE}/drop-lists",
        "List the lists that were sent.",
        PAGE,
        ("dropListId", "fileName", "status", "outcomes.open", "dueAt"),
    ),
    Call("drop", "show", "GET", f"{BASE}/drop-lists/{{dropList}}", "Show a list, and what came of its lines."),
    Call(
        "connectors",
        "types",
        "GET",
        "/connector-types",
        "List the types of systems and their settings.",
        (),
        ("type", "name", "settings.properties", "limits"),
    ),
    Call("connectors", "list", "GET", f"{BASE}/connectors", "List connectors.", PAGE, CONNECTOR),
    Call("connectors", "show", "GET", f"{BASE}/connectors/{{connector}}", "Show a connector."),
    Call(
        "connectors",
        "remove",
        "DELETE",
        f"{BASE}/connectors/{{connector}}",
        "Remove a connector and its secrets.",
        asks="shown",
    ),
    Call("connectors", "test", "POST", f"{BASE}/connectors/{{connector}}/test", "Try whether a connector works."),
    Call("grants", "delete", "DELETE", f"{BASE}/grants/{{principal}}", "Take a grant away.", asks="shown"),
    *(
        Call("reference", name, "GET", f"/reference/{name}", text, (), ("code", "name", *columns, "description"))
        for name, text, columns in REFERENCE
    ),
)
