"""What the sweep has to look at an open request for, and when. Pure."""

from datetime import UTC, datetime

from handfast.platform import clock
from handfast.privacy_requests import deadlines, rules
from handfast.privacy_requests.deadlines import Deadline, DeadlineWarning
from handfast.privacy_requests.models import PrivacyRequest

_EVER = datetime.max.replace(tzinfo=UTC)


def warnings(request: PrivacyRequest, until: datetime) -> list[DeadlineWarning]:
    """The warnings to give by then that were not given yet: of each duty the last one, oldest first."""
    found = {warning.duty: warning for warning in _warnings(request, until)}
    return sorted(found.values(), key=lambda warning: warning.at)


def look_at(request: PrivacyRequest) -> str | None:
    """When the sweep has to read an open request next; None for never."""
    if request.status == "unverified":
        return request.code_expires_at
    following = _warnings(request, _EVER)
    at = [clock.to_text(following[0].at)] if following else []
    return min([*at, rules.waits_until(request)] if rules.is_awaiting(request) else at, default=None)


def _warnings(request: PrivacyRequest, until: datetime) -> list[DeadlineWarning]:
    """Who has approved a request has acknowledged it."""
    received, due = clock.from_text(request.received_at), clock.from_text(request.due_at)
    acknowledge_by = clock.from_text(request.acknowledge_by) if request.acknowledge_by else None
    deadline = Deadline(received, acknowledge_by, due, None)
    after = clock.from_text(request.warned_until) if request.warned_until else received
    return deadlines.warnings(deadline, after, until, acknowledged=request.status in {"approved", "running"})
