"""Words for what a system answers, where its own interface leaves the words to us."""

from typing import Literal

from handfast.connectors.contract import ConnectorError, Status

type Answered = Literal["in_progress", "completed", "absent", "not_supported", "refused", "failed"]

STATUSES: dict[Answered, Status] = {
    "in_progress": Status.SENT,
    "completed": Status.CONFIRMED,
    "absent": Status.ABSENT,
    "not_supported": Status.NOT_SUPPORTED,
    "refused": Status.REFUSED,
    "failed": Status.FAILED,
}


def check_readable(answered: Answered, reason: str = "") -> None:
    """Let pass what answers a question for a person's data; `reason` is the system's own code.

    ConnectorError: `pending` while it is in progress, else `not_supported` or `refused`.
    """
    match STATUSES[answered]:
        case Status.CONFIRMED | Status.ABSENT:
            return
        case Status.SENT:
            raise ConnectorError("pending", "the endpoint answers later", transient=True)
        case status:
            code = "not_supported" if status is Status.NOT_SUPPORTED else "refused"
            raise ConnectorError(code, f"the endpoint answers {answered} {reason}".strip())
