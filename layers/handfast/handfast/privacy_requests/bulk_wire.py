"""Many privacy requests on the wire: a bulk of new ones, and decisions on those there are (docs/api.md, Privacy)."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from handfast.platform.wire import Progress, Request, Timestamp, View
from handfast.privacy_requests.models import DenialGround, PrivacyStatus
from handfast.privacy_requests.wire import SafeNote

MAX_BULK = 1000
MAX_DECIDED = 100
"""Each takes some tens of milliseconds, and a call of API Gateway 29 seconds at most."""

PrivacyRequestId = Annotated[str, Field(min_length=1, max_length=100)]


class BulkPrivacyRequests(Request):
    """Up to 1,000 requests; each one that cannot be taken comes back with its own problem."""

    items: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_BULK)]


class BulkDecision(Request):
    """What to do with up to 100 requests: `reason` and `ground` go with deny, `assignee` with assign, null for nobody.

    With `includeDuplicates` open requests that are duplicates of those named are decided on, too.
    """

    action: Literal["approve", "deny", "retry", "assign"]
    privacy_request_ids: Annotated[list[PrivacyRequestId], Field(min_length=1, max_length=MAX_DECIDED)]
    reason: SafeNote | None = None
    ground: DenialGround | None = None
    assignee: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[ -~]+$")] | None = None
    include_duplicates: bool = False

    @model_validator(mode="after")
    def _what_belongs_together(self) -> "BulkDecision":
        if (self.reason is not None) != (self.action == "deny"):
            raise ValueError("reason goes with the action deny, which needs it")
        if self.ground is not None and self.action != "deny":
            raise ValueError("ground goes with the action deny")
        if self.action == "assign" and "assignee" not in self.model_fields_set:
            raise ValueError("the action assign needs assignee; null for nobody")
        if self.action != "assign" and self.assignee is not None:
            raise ValueError("assignee goes with the action assign")
        return self


class BulkItem(View):
    """What became of one request of many."""

    privacy_request_id: str | None = None
    verification_code: str | None = None
    problem: dict[str, Any] | None = None


class BulkAnswer(View):
    """Many requests that were taken together, in the order they came, and how many of them are made.

    `bulkId` is null where none was taken. Verification codes, and `errors` of problems, are shown only to the call that
    brought the requests.
    """

    bulk_id: str | None
    status: Literal["running", "completed"]
    created_at: Timestamp
    ended_at: Timestamp | None
    progress: Progress
    items: list[BulkItem]


class DecidedItem(View):
    """What became of one request: its status, or the problem for which nothing was done."""

    privacy_request_id: str
    status: PrivacyStatus | None = None
    problem: dict[str, Any] | None = None


class DecidedList(View):
    """What became of each request, in the order they were named, each followed by its duplicates where wanted."""

    items: list[DecidedItem]
