"""An entry of the register, and checking a register offline against the deployment's key. Pure."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from handfast.platform.wire import Timestamp, View
from handfast.privacy_requests.models import PrivacyOrigin, PrivacyStatus, PrivacyType
from handfast.privacy_requests.proof import SignedDocument, fault


class RegisterEntry(View):
    """A request as an auditor sees it. `endedAt` is when it was answered, null while it is open.

    `gaps` are recipients and systems that have not confirmed. `historyRecords` and `historyHead` are the length of its
    history and the hash of the last record.
    """

    type: Literal["privacy_register_entry"] = "privacy_register_entry"
    version: Literal[1] = 1
    privacy_request_id: str
    request_type: PrivacyType
    regulation: str
    origin: PrivacyOrigin
    status: PrivacyStatus
    received_at: Timestamp
    acknowledge_by: Timestamp | None
    due_at: Timestamp
    extended: bool
    ended_at: Timestamp | None
    recipients: int
    connectors: int
    gaps: int | None
    history_records: int
    history_head: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def faults(lines: Iterable[str], public_key: str) -> Iterator[tuple[int, str]]:
    """What is wrong with which line, counted from 1, of a register in NDJSON.

    Each line is an entry that the key, in base64, has signed, and no request has two.
    """
    seen = set[str]()
    for number, line in enumerate(lines, start=1):
        if found := _fault(line, public_key, seen):
            yield number, found


def _fault(line: str, public_key: str, seen: set[str]) -> str | None:
    try:
        signed = SignedDocument.model_validate_json(line)
        entry = RegisterEntry.model_validate(signed.document)
    except ValidationError:
        return "no entry of a register"
    if entry.privacy_request_id in seen:
        return "the request stands there twice"
    seen.add(entry.privacy_request_id)
    other = None if signed.signature.public_key == public_key else "signed with another key"
    return fault(signed) or other
