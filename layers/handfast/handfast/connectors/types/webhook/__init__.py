"""A webhook that answers: any system with an HTTP endpoint of its own.

Every call is signed as Standard Webhooks say; a repeat has the same `webhook-id`, so that the endpoint can tell. It
posts `{type, timestamp, data}`, of type `privacy_request.erasure`, `privacy_request.opt_out`, `privacy_request.opt_in`,
`privacy_request.access` or `connection.test`, with `data` as `{requestId, regulation, submittedAt, profileIds,
identities: [{namespace, value, format}]}`: a digest (`sha256`) of which the person has given the text comes as that,
too (`raw`). The endpoint answers

* now: 200 `{"status": …}`, for access `completed` with `"records": [{"collection", "data"}]`, be it none; 204 is
  `completed` without any, or
* later: 202 with a `Location` on the same host, which is asked (a signed GET) until it answers as above; 202 is there
  `in_progress`.

`status` is `in_progress`, `completed`, `absent`, `not_supported`, `refused` or `failed`.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field, field_validator

from handfast.connectors import calls
from handfast.connectors.answers import STATUSES, Answered, check_readable
from handfast.connectors.contract import (
    Check,
    Connector,
    ConnectorError,
    Limits,
    Person,
    Record,
    Reference,
    Settings,
    State,
    Status,
    TestResult,
)
from handfast.connectors.fields import SigningSecret, signing_key
from handfast.connectors.lookups import Lookup, beside, others
from handfast.identity.namespaces import namespace
from handfast.platform import clock, ids, standard_webhooks
from handfast.platform.outbound import Answer


class WebhookSettings(Settings):
    """Where the endpoint is, and the secret both sides know."""

    url: str = Field(title="URL", description="The endpoint")
    secret: SigningSecret = Field(title="Signing secret", description="whsec_ and 24 to 64 bytes in base64")

    @field_validator("url")
    @classmethod
    def _callable(cls, url: str) -> str:
        return calls.checked(url)


class _Row(BaseModel):
    collection: str
    data: dict[str, Any]


class _Said(BaseModel):
    """`reason` is a code: words may name people, and this is kept."""

    status: Answered
    reason: str = Field("", pattern=r"^[a-z_]{0,64}$")
    records: list[_Row] | None = None


class Webhook:
    """The connector."""

    type = "webhook"
    name = "Webhook"
    settings_schema = WebhookSettings
    limits = Limits(people=100, calls_per_minute=600)

    def test(self, settings: WebhookSettings) -> TestResult:
        """Check that the endpoint takes a signed call, and that it refuses one signed with another secret."""
        return TestResult((_takes(settings), _verifies(settings)))

    def access(self, settings: WebhookSettings, person: Person) -> Iterator[Record]:
        """What the endpoint answers; ConnectorError `pending` while it says 202 or `in_progress`: call again."""
        answer = _post(settings, "access", person)
        said = _said(answer)
        check_readable(said.status, said.reason)
        if said.status == "completed" and said.records is None and answer.status != HTTPStatus.NO_CONTENT:
            raise ConnectorError("malformed_answer", "the endpoint has completed it, and its answer has no records")
        found = Lookup([Record(row.collection, row.data) for row in said.records or ()], True, others(person))
        if not found.found and (unsure := found.unsure):
            raise unsure
        yield from found.found
        if found.note:
            yield Record("notes", {"note": found.note})

    def delete(self, settings: WebhookSettings, people: Sequence[Person]) -> list[Reference]:
        """One call for each person."""
        return calls.hand_over(people, partial(_asked, settings, "erasure"))

    def suppress(self, settings: WebhookSettings, people: Sequence[Person], *, lift: bool) -> list[Reference]:
        """One call for each person."""
        return calls.hand_over(people, partial(_asked, settings, "opt_in" if lift else "opt_out"))

    def poll(self, settings: WebhookSettings, reference: str) -> State:
        """Ask the address that the endpoint has named."""
        if not calls.same_origin(reference, settings.url):  # the settings have changed since
            raise ConnectorError("redirected", "the endpoint has moved to another host since it accepted the request")
        headers = _signed(ids.new_id("msg"), b"", signing_key(settings.secret))
        answer = calls.call("GET", reference, headers)
        if answer.status in (404, 410):
            return State(Status.FAILED, "the endpoint does not know the request")
        return _state(_said(answer))


connector: Connector[WebhookSettings] = Webhook()


def _signed(message_id: str, body: bytes, key: bytes) -> dict[str, str]:
    timestamp = int(clock.now().timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": standard_webhooks.webhook_signature(key, message_id, timestamp, body),
    }


def _post(settings: WebhookSettings, kind: str, person: Person) -> Answer:
    data = {
        "requestId": person.request_id,
        "regulation": person.regulation,
        "submittedAt": clock.to_text(person.submitted_at),
        "profileIds": person.profile_ids,
        "identities": [identity for symbol, value in person.identities for identity in _named(person, symbol, value)],
    }
    body = standard_webhooks.webhook_body(f"privacy_request.{kind}", clock.now_text(), data)
    again = f"-{person.refusals}" if person.refusals else ""
    return _send(settings, f"{person.request_id}-{kind}{again}", body, signing_key(settings.secret))


def _named(person: Person, symbol: str, value: str) -> Iterator[dict[str, str]]:
    yield {"namespace": symbol, "value": value, "format": "sha256" if namespace(symbol).hashed else "raw"}
    for text in person.clear.get(value, ()):
        yield {"namespace": symbol, "value": text, "format": "raw"}


def _send(settings: WebhookSettings, message_id: str, body: bytes, key: bytes) -> Answer:
    headers = _signed(message_id, body, key) | {"content-type": "application/json"}
    return calls.call("POST", settings.url, headers, body)


def _asked(settings: WebhookSettings, kind: str, person: Person) -> list[tuple[str, State]]:
    answer = _post(settings, kind, person)
    state = _state(_said(answer))
    if answer.status == 202:
        return beside([(calls.own_link(settings.url, answer.headers.get("location", "")), state)], others(person))
    if not state.status.ended:
        raise ConnectorError("malformed_answer", "the endpoint is in progress and does not say where to ask")
    return beside([("", state)], others(person))


def _said(answer: Answer) -> _Said:
    match calls.expect(answer, 200, 201, 202, 204).status:
        case 202:
            return _Said(status="in_progress")
        case 204:  # done, with nothing to say of it (RFC 9110)
            return _Said(status="completed")
    return calls.read(answer, _Said)


def _state(said: _Said) -> State:
    return State(STATUSES[said.status], said.reason)


def _try(settings: WebhookSettings, key: bytes) -> Answer:
    body = standard_webhooks.webhook_body("connection.test", clock.now_text(), {})
    return _send(settings, ids.new_id("msg"), body, key)


def _takes(settings: WebhookSettings) -> Check:
    try:
        calls.expect(_try(settings, signing_key(settings.secret)), 200, 201, 202, 204)
    except ConnectorError as error:
        return Check("endpoint", False, error.detail)
    return Check("endpoint", True, "takes signed calls")


def _verifies(settings: WebhookSettings) -> Check:
    other = bytes(reversed(signing_key(settings.secret))) + b"other"
    try:
        status = _try(settings, other).status
    except ConnectorError as error:
        return Check("signature", False, error.detail)
    if status < 400:
        return Check("signature", False, "the endpoint takes calls signed with another secret: it must verify them")
    return Check("signature", True, "refuses calls signed with another secret")
