"""What the tools answer about a sandbox: of the API's answers only the members named here."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote

from handfast_cli.options import Session

Answer = dict[str, Any]

LONGEST = 100
"""Items of a list that one answer has."""
RUNS = 5
"""The last runs of a dataflow that an answer has."""

GRANT = "sandboxId sandboxName organizationName role permissions"
CONNECTION = (
    "connectionId status direction partner requestedAt decidedAt expiresAt sharing receiving allowsEstimates "
    "partnerAllowsEstimates"
)
SEGMENT = (
    "segmentId name description origin labels restrictedMarketingActions counts expression partner receivedFeedName "
    "updatedAt"
)
FEED = (
    "feedId name description status version segments namespaces restrictedMarketingActions hasUnpublishedChanges shares"
)
SHARE = "connectionId partner status version acceptedVersion dataflowId held"
RECEIVED_FEED = (
    "receivedFeedId feedName partner status version acceptedVersion segments namespaces restrictedMarketingActions "
    "counts dataflowId held"
)
OVERLAP = "connectionId segmentId namespace overlapped withConsent belowThreshold asOf"
POPULATION = "members steps cleared shared people sharedAsOf notCounted"
BY_NAMESPACE = "namespace members steps cleared shared sharedEstimate belowThreshold people"
UPLOAD = "uploadId format mode segmentId segmentName dataSourceName status createdAt counts error"
UPLOAD_COUNTS = "rows accepted rejected rejectedByReason valuesRejected people realized exited"
REQUEST = "privacyRequestId type share regulation status receivedAt dueAt extended stages recipients"
DATAFLOW = "dataflowId direction status partner feedName destinationId destinationName segments held"
RUN = (
    "runId status reason failure startedAt completedAt profilesReceived identitiesActivated identitiesExcluded "
    "identitiesFailed realized exited"
)
HEALTH = "status reason since retryAt deadLetters waiting"


def who_am_i(session: Session) -> Answer:
    """The sandbox that is worked on, and the permissions there. The caller's own name is an address."""
    grants = session.api.call("GET", "/me")["grants"]
    return _some(next(each for each in grants if each["sandboxId"] == session.sandbox), GRANT)


def partners(session: Session) -> Answer:
    """Connections in all their states."""
    return _listed(session, "/connections", CONNECTION)


def segments(session: Session, search: str | None) -> Answer:
    """Segments with their labels and counts."""
    return _listed(session, "/segments", SEGMENT, search=search)


def feeds(session: Session) -> Answer:
    """Feeds that are shared and received, and how each stands with each partner."""
    shared = _listed(session, "/feeds", FEED)
    for feed in shared["items"]:
        feed["shares"] = [_some(each, SHARE) for each in feed["shares"]]
    return {"shared": shared, "received": _listed(session, "/received-feeds", RECEIVED_FEED)}


def overlap(session: Session, feed: str) -> Answer:
    """The estimated overlap of a feed's draft with each partner."""
    found = _post(session, f"/feeds/{quote(feed, safe='')}/estimate")
    return {
        "items": [_some(each, OVERLAP) for each in found["items"]],
        "segments": found["segments"],
        "partners": [_some(each, "connectionId partner") for each in found["connections"]],
        "budget": [_some(each, "connectionId answersSpent answersADay") for each in found["privacy"]],
    }


def population(session: Session, dataflow: str) -> Answer:
    """Why fewer are shared than the segments have members."""
    found = _get(session, f"/dataflows/{quote(dataflow, safe='')}/population")
    return _some(found, POPULATION) | {"namespaces": [_some(each, BY_NAMESPACE) for each in found["namespaces"]]}


def policies(session: Session, feed: str | None, action: str | None, labels: Iterable[str]) -> Answer:
    """What forbids a feed, or a use of data that carries labels."""
    if feed:
        return _explained(_post(session, f"/feeds/{quote(feed, safe='')}/explain"))
    if action is None:
        raise ValueError("name a feed, or a marketing action with labels")
    path = session.path(f"/marketing-actions/{quote(action, safe='')}/constraints")
    found = session.api.call("GET", path, query={"labels": ",".join(labels)})
    violated = [_some(each, "policyId name marketingActions deny") for each in found["violatedPolicies"]]
    return {"marketingAction": action, "labels": found["labels"], "allowed": not violated, "violatedPolicies": violated}


def _explained(found: Mapping[str, Any]) -> Answer:
    items = [_some(each, "connectionId segmentId allowed resolve violations") for each in found["items"]]
    for item in items:
        item["violations"] = [_some(each, "policyName label marketingAction") for each in item["violations"]]
    return {"items": items, "segments": found["segments"]}


def uploads(session: Session, status: str | None) -> Answer:
    """Uploads, newest first, with what was left out by reason. Names of files are somebody's own words."""
    found = _listed(session, "/uploads", UPLOAD, status=status)
    for upload in found["items"]:
        upload["counts"] = _some(upload["counts"] or {}, UPLOAD_COUNTS)
        upload["error"] = upload["error"] and _some(upload["error"], "reason")
    return found


def privacy_due(session: Session, due_before: str | None) -> Answer:
    """Open requests, the next due first. Nothing of it names its subject."""
    found = _listed(session, "/privacy-requests", REQUEST, sort="due", dueBefore=due_before)
    for request in found["items"]:
        request["stages"] = [_some(each, "name status startedAt endedAt") for each in request["stages"]]
        request["recipients"] = [_some(each, "name kind status reason") for each in request["recipients"]]
    return found


def dataflows(session: Session) -> Answer:
    """Dataflows with their last runs, and how the destinations of those that have one are."""
    found = _listed(session, "/dataflows", DATAFLOW)
    for flow in found["items"]:
        path = session.path(f"/dataflows/{quote(flow['dataflowId'], safe='')}/runs")
        flow["runs"] = [_some(each, RUN) for each in session.api.call("GET", path, query={"limit": RUNS})["items"]]
    destinations = {each["destinationId"] for each in found["items"] if each.get("destinationId")}
    found["destinations"] = [
        {"destinationId": each} | _some(_get(session, f"/destinations/{quote(each, safe='')}/health"), HEALTH)
        for each in sorted(destinations)
    ]
    return found


def _listed(session: Session, path: str, names: str, **query: Any) -> Answer:
    items = list(islice(session.api.items(session.path(path), query), LONGEST + 1))
    return {"items": [_some(each, names) for each in items[:LONGEST]], "more": len(items) > LONGEST}


def _get(session: Session, path: str) -> Any:
    return session.api.call("GET", session.path(path))


def _post(session: Session, path: str) -> Any:
    return session.api.call("POST", session.path(path))


def _some(item: Mapping[str, Any], names: str) -> Answer:
    return {name: item[name] for name in names.split() if name in item}
