"""Pure decisions about DROP's lists: names of files, answers, and the 45-day cycle (Civ. Code 1798.99.86(c))."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, cast

from handfast.privacy_requests.drop.models import ListType, Outcome
from handfast.privacy_requests.models import DenialGround, PrivacyRequest, PrivacyStatus
from handfast.privacy_requests.wire import DROP_IDS

type Answer = Outcome | Literal["open", "withdrawn"]
"""What is said of a line; nothing is told of it yet, or at all, where it is open or withdrawn."""

REGULATION = "delete_act_ca_usa"
CYCLE = timedelta(days=45)
"""How often lists have to be downloaded, and how long their answers may take."""
FETCH_AFTER = timedelta(days=30)
"""When the next lists are fetched after the last: the rest of the cycle is for what may go wrong."""
CODES: Mapping[Answer, int] = MappingProxyType({"exempted": 2, "deleted": 3, "opted_out": 4, "not_found": 5})
"""DROP's status codes."""
_NAME = re.compile(r"[0-9]{8}_[0-9A-Za-z]+_(Email|Phone|MAID|CTVID|NDZ|NameVIN|Removed)(?:_[0-9A-Za-z]{1,10})?\.csv")
_EXTERNAL_ID = re.compile(rf"{DROP_IDS}([0-9A-Za-z]{{1,64}})(?:-|$)")
_LEADS = (timedelta(days=7), timedelta(days=1))
_ENDED = frozenset({"completed", "completed_with_gaps"})
_WITHDRAWN = frozenset({"cancelled", "expired", "denied"})
_EXCEPTED = frozenset[DenialGround]({"claim_not_covered", "outside_jurisdiction"})


def list_type(file_name: str) -> ListType | None:
    """What a CSV lists, by its name `<YYYYMMDD>_<DataBrokerId>_<DataType>[_<suffix>].csv`; None for another name."""
    match = _NAME.fullmatch(file_name)
    return cast("ListType", match[1]) if match else None


def item_of(regulation: str, external_id: str | None) -> str | None:
    """The work item of DROP that a request carries out; None of other requests."""
    match = _EXTERNAL_ID.match(external_id or "") if regulation == REGULATION else None
    return match[1] if match else None


def counts(by_answer: Mapping[str, int]) -> dict[str, int]:
    """Counts of lines by their answers as they are kept and shown."""
    names = {"not_found": "notFound", "opted_out": "optedOut"}
    return {names.get(name, name): count for name, count in sorted(by_answer.items())}


def code(answer: Answer) -> int | None:
    """The status code of an answer; None where there is none to give."""
    return CODES.get(answer)


def answered(outcome: Outcome, status: PrivacyStatus) -> Answer:
    """What a matched line comes to by its request's status, where a denial is followed by nothing else.

    A gap is a partner's or a system's, here it is done.
    """
    if status in _ENDED:
        return outcome
    return "withdrawn" if status in _WITHDRAWN else "open"


def denied(ground: DenialGround | None) -> Outcome:
    """What a line whose deletion was denied comes to, once its people are opted out.

    2 is for personal information that the law excepts from deletion (Civ. Code 1798.99.86(c)(2)), which then serves no
    other purpose (c)(3). What was denied because it cannot be verified is an opt-out (c)(1)(B), as is every denial on a
    ground that excepts nothing.
    """
    return "exempted" if ground in _EXCEPTED else "opted_out"


def is_deletion(request: PrivacyRequest) -> bool:
    """Whether it is a deletion of the Delete Act's, of which DROP is told on what ground it was denied."""
    return request.regulation == REGULATION and request.type == "erasure"


def warning(received_at: datetime, warned_until: datetime, now: datetime) -> Literal["due_soon", "overdue"] | None:
    """The warning of the next lists that is to be given now: a week and a day before, and once they are due."""
    due = received_at + CYCLE
    if warned_until < due <= now:
        return "overdue"
    return "due_soon" if any(warned_until < due - lead <= now < due for lead in _LEADS) else None
