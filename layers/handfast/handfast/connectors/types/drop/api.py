"""The Data Broker API of California's Delete Request and Opt-out Platform (DROP), version 1.2 of its OpenAPI document.

Three operations: `GET /data/download`, which answers 202 while a ZIP is made; `POST /data/upload` of status files; and
`POST /data/amend`, of which no use is made. Errors are `{"message"}`.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator

from handfast.connectors import calls
from handfast.connectors.contract import ConnectorError, Settings
from handfast.identity.patterns import holds_address
from handfast.platform import outbound
from handfast.platform.outbound import Answer

LARGEST = 512 << 20
"""Bytes of a ZIP, which a worker holds in memory: some 12 million lines."""
_SECONDS = 200.0
"""For one exchange: what a worker has for all of a message is 300."""
_ANSWER = 1 << 20
_LATER = 60.0
"""Seconds until a call that was throttled, or came too early, is made again where DROP does not say."""
_NAME = re.compile(r'filename="?([A-Za-z0-9_]{1,90}\.zip)"?')
_TAKEN = "already uploaded"


class DropSettings(Settings):
    """The broker's key, and where DROP is."""

    secrets_go_to = frozenset({"url"})

    api_key: SecretStr = Field(
        title="API key", description="Of the Data Broker Portal; it reaches the lists selected there", min_length=1
    )
    url: str = Field(
        "https://api.drop.privacy.ca.gov",
        title="URL",
        description="https://api.drop.privacy.ca.gov, or with /sandbox for DROP's sandbox and its key",
    )

    @field_validator("url")
    @classmethod
    def _callable(cls, url: str) -> str:
        return calls.checked(url.rstrip("/"))

    @field_validator("api_key")
    @classmethod
    def _printable(cls, key: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[!-~]+", key.get_secret_value()):
            raise ValueError("must be printable ASCII without spaces")
        return key


@dataclass(frozen=True)
class Download:
    """A ZIP of lists, under DROP's name where it says one."""

    file_name: str | None
    content: bytes = field(repr=False)


class _File(BaseModel):
    file_name: str = Field(alias="fileName")


class _Refused(_File):
    message: str


class _Uploaded(BaseModel):
    accepted: list[_File]
    rejected: list[_Refused]


def download(settings: DropSettings) -> Download | None:
    """The lists that are new since the last ones were answered; None when there are none.

    ConnectorError: `pending` (transient) while DROP makes the ZIP, `refused` when the last ones are not answered yet,
    `unauthorized` for the key or the account, `throttled`, `unavailable`, `unreachable`.
    """
    accept = {"accept": "application/zip, application/json"}
    answer = _call(settings, "GET", "/data/download", b"", accept, LARGEST)
    if answer.status == 202:
        again = calls.retry_after(answer) or _LATER
        raise ConnectorError("pending", "DROP is making the lists", transient=True, retry_after=again)
    _expect(answer, 200)
    if not answer.headers.get("content-type", "").startswith("application/zip"):
        return None
    named = _NAME.search(answer.headers.get("content-disposition", ""))
    return Download(named[1] if named else None, answer.body)


def upload(settings: DropSettings, file_name: str, content: bytes) -> None:
    """Answer a list by its status file. A file that DROP has by that name already, as of a call before, is answered.

    ConnectorError as `download`; `refused` when DROP does not take the file, or waits for none.
    """
    boundary = secrets.token_hex(16)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{file_name}"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    body = b"".join((head.encode(), content, f"\r\n--{boundary}--\r\n".encode()))
    answer = _call(settings, "POST", "/data/upload", body, _form(boundary), _ANSWER)
    _expect(answer, 202, 400)
    try:
        said = _Uploaded.model_validate_json(answer.body)
    except ValidationError:
        raise ConnectorError("malformed_answer", "DROP's answer is not what its interface promises") from None
    refused = [each for each in said.rejected if each.file_name == file_name and _TAKEN not in each.message]
    taken = {each.file_name for each in (*said.accepted, *said.rejected)}
    if refused or file_name not in taken:
        words = f": {refused[0].message[:200]}" if refused and not holds_address(refused[0].message) else ""
        raise ConnectorError("refused", f"DROP does not take {file_name}{words}")


def try_key(settings: DropSettings) -> None:
    """Have DROP judge the key, by an upload of no file: that asks for no lists and answers none."""
    boundary = secrets.token_hex(16)
    answer = _call(settings, "POST", "/data/upload", f"--{boundary}--\r\n".encode(), _form(boundary), _ANSWER)
    _expect(answer, 202, 400, 409)


def _form(boundary: str) -> Mapping[str, str]:
    return {"accept": "application/json", "content-type": f"multipart/form-data; boundary={boundary}"}


def _call(
    settings: DropSettings, method: str, path: str, body: bytes, headers: Mapping[str, str], limit: int
) -> Answer:
    known = {"user-agent": "Handfast", "x-api-key": settings.api_key.get_secret_value(), **headers}
    try:
        answer = outbound.request(method, f"{settings.url}{path}", body, known, _SECONDS, limit)
    except outbound.OutboundError as error:
        transient = error.reason not in ("invalid_url", "address_refused", "answer_too_large")
        raise ConnectorError("unreachable", error.detail, transient=transient) from None
    if answer.status == 429 or answer.status >= 500:
        reason = "throttled" if answer.status == 429 else "unavailable"
        again = calls.retry_after(answer) or _LATER
        raise ConnectorError(reason, f"DROP answers {answer.status}", transient=True, retry_after=again)
    return answer


def _expect(answer: Answer, *statuses: int) -> None:
    if answer.status in statuses:
        return
    if answer.status == 409:
        detail = "DROP answers 409: its last lists are to be answered in full first, or it waits for no answers"
        raise ConnectorError("refused", f"{detail}; the Data Broker Portal shows which")
    if answer.status == 403:
        detail = "DROP answers 403: registration, fee or selected lists; the Data Broker Portal shows which"
        raise ConnectorError("unauthorized", detail)
    calls.expect(answer, *statuses)
