"""What the Data Manager API answers: errors by member, and what has become of a request."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, StringConstraints
from pydantic.alias_generators import to_camel

from handfast.destinations.contract import NoAnswerError, Receipt
from handfast.destinations.endpoint import read
from handfast.platform import outbound

API = "the Data Manager API"
_MEMBER = re.compile(r"audience_?members\[(\d{1,6})\]", re.IGNORECASE)
_REASON, _RATE = "PROCESSING_ERROR_REASON_", "MATCH_RATE_RANGE_"
_STATUS: Mapping[str, Literal["success", "partial_success", "failed"]] = {
    "SUCCESS": "success",
    "PARTIAL_SUCCESS": "partial_success",
    "FAILED": "failed",
}


_Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{0,100}$")]


class _Said(BaseModel, alias_generator=to_camel):
    pass


class _Violation(_Said):
    field: str = ""
    reason: _Code = ""


class _Detail(_Said):
    reason: _Code = ""
    field_violations: list[_Violation] = []


class _Error(_Said):
    status: _Code = ""
    message: str = ""
    details: list[_Detail] = []


class Failure(_Said):
    """An error, as all Google APIs give it."""

    error: _Error = _Error()

    @property
    def code(self) -> str:
        """The most exact reason that is given."""
        reasons = [each.reason for detail in self.error.details for each in detail.field_violations]
        reasons += [detail.reason for detail in self.error.details]
        return next(filter(None, reasons), self.error.status)

    @property
    def members(self) -> dict[int, str]:
        """The reasons by the position of each member that is named."""
        found: dict[int, str] = {}
        for violation in (each for detail in self.error.details for each in detail.field_violations):
            if position := _MEMBER.search(violation.field):
                found.setdefault(int(position[1]), violation.reason or self.error.status)
        return found


class Accepted(_Said):
    """A request that is taken."""

    request_id: str = ""


class _ErrorCount(_Said):
    record_count: int = 0
    reason: str = ""


class _ErrorInfo(_Said):
    error_counts: list[_ErrorCount] = []


class _OfDestination(_Said):
    request_status: str = ""
    error_info: _ErrorInfo = _ErrorInfo()
    audience_members_ingestion_status: dict[str, dict[str, Any]] = {}
    audience_members_removal_status: dict[str, dict[str, Any]] = {}


class _Statuses(_Said):
    request_status_per_destination: list[_OfDestination]


def failure(answer: outbound.Answer) -> Failure:
    """The error of an answer, empty where it has none."""
    try:
        return read(answer, Failure, API)
    except NoAnswerError:
        return Failure()


def receipt(answer: outbound.Answer) -> Receipt:
    """What has become of a request to one audience; raises NoAnswerError for an answer of another form."""
    statuses = read(answer, _Statuses, API).request_status_per_destination
    status = _STATUS.get(statuses[0].request_status) if statuses else None
    if status is None:
        return Receipt("processing")
    said = statuses[0]
    errors: Counter[str] = Counter()
    for each in said.error_info.error_counts:
        errors[each.reason.removeprefix(_REASON).lower() or "unspecified"] += each.record_count
    counted = {**said.audience_members_ingestion_status, **said.audience_members_removal_status}
    counts = next(iter(counted.values()), {})
    rate = str(counts.get("uploadMatchRateRange", "")).removeprefix(_RATE).lower()
    return Receipt(status, int(counts.get("recordCount", 0)), dict(errors), rate or None)
