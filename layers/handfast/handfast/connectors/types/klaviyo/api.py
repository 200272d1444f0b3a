"""Klaviyo's API in one revision: profiles and events read, profiles deleted, addresses suppressed.

Of a deletion Klaviyo gives no job to ask about: it is done when the profile is gone (docs/sources.md).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlencode

from pydantic import BaseModel, Field

from handfast.connectors import calls
from handfast.connectors.contract import ConnectorError, Settings, State, Status
from handfast.connectors.fields import HeaderSecret, Host
from handfast.connectors.lookups import Identifier
from handfast.platform.outbound import Answer

REVISION = "2026-07-15"
PAGE = 100
"""Profiles asked for; the API allows 1 to 100."""
_JSON = "application/vnd.api+json"
_FIELDS = {"profile_id": "external_id", "email": "email", "phone": "phone_number"}
_STATUS = {
    "queued": Status.SENT,
    "processing": Status.SENT,
    "complete": Status.CONFIRMED,
    "cancelled": Status.FAILED,
}
_OURS = "USER_SUPPRESSED"
"""Why an address is suppressed that somebody has suppressed, and not the person or a bounce."""
_ID = r"^[A-Za-z0-9_-]{1,100}$"
_NOBODY = "handfast-connection-test"

type JobType = Literal["profile-suppression-bulk-create-job", "profile-suppression-bulk-delete-job"]
SUPPRESS: JobType = "profile-suppression-bulk-create-job"
UNSUPPRESS: JobType = "profile-suppression-bulk-delete-job"


class KlaviyoSettings(Settings):
    """The settings of a Klaviyo account."""

    secrets_go_to = frozenset({"domain"})

    domain: Host = Field("a.klaviyo.com", title="Domain", description="The host of Klaviyo's API")
    api_key: HeaderSecret = Field(
        title="Private API key",
        description="With the scopes profiles:read, profiles:write, events:read, data-privacy:write, "
        "subscriptions:read and subscriptions:write",
    )


class _Suppression(BaseModel):
    reason: str


class _EmailMarketing(BaseModel):
    suppression: list[_Suppression] | None = None


class _EmailChannel(BaseModel):
    marketing: _EmailMarketing | None = None


class _SmsMarketing(BaseModel):
    can_receive_sms_marketing: bool = False


class _SmsChannel(BaseModel):
    marketing: _SmsMarketing | None = None


class _Subscriptions(BaseModel):
    email: _EmailChannel | None = None
    sms: _SmsChannel | None = None


class _Attributes(BaseModel):
    email: str | None = None
    subscriptions: _Subscriptions | None = None


class _ProfileRow(BaseModel):
    id: str = Field(pattern=_ID)
    attributes: _Attributes


class _Named(BaseModel):
    name: str | None = None


class _Metric(BaseModel):
    id: str
    attributes: _Named = _Named()


class _MetricLink(BaseModel):
    data: _Metric | None = None


class _Relationships(BaseModel):
    metric: _MetricLink = _MetricLink()


class _Event(BaseModel):
    id: str
    attributes: dict[str, Any]
    relationships: _Relationships = _Relationships()


class _Links(BaseModel):
    next: str | None = None


class _Page(BaseModel):
    links: _Links = _Links()


class _Profiles(BaseModel):
    data: list[_ProfileRow]


class _RawProfile(BaseModel):
    attributes: dict[str, Any]


class _RawProfiles(BaseModel):
    data: list[_RawProfile]


class _Events(BaseModel):
    data: list[_Event]
    included: list[_Metric] | None = None


class _JobAttributes(BaseModel):
    status: str
    completed_at: str | None = None
    skipped_count: int | None = None


class _Job(BaseModel):
    id: str = Field(pattern=_ID)
    attributes: _JobAttributes


class _JobEnvelope(BaseModel):
    data: _Job


@dataclass(frozen=True, repr=False)
class Profile:
    """A profile: `data` is all that Klaviyo says of it.

    `is_suppressed`: its address has been suppressed by somebody of the account. `gets_texts`: it is sent marketing by
    text message.
    """

    id: str
    data: dict[str, Any]
    email: str | None
    is_suppressed: bool
    gets_texts: bool

    def contacts(self) -> list[str]:
        """The address and the number that it has."""
        return [text for name in ("email", "phone_number") if isinstance(text := self.data.get(name), str)]


class Klaviyo:
    """The account of the settings."""

    def __init__(self, settings: KlaviyoSettings) -> None:
        key = settings.api_key.get_secret_value()
        self._base = calls.base_url(settings.domain)
        self._headers = {"authorization": f"Klaviyo-API-Key {key}", "revision": REVISION, "accept": _JSON}

    def profiles(self, identifier: Identifier) -> dict[str, Profile]:
        """The profiles that have the identifier, by Klaviyo's own ids; none where it knows nobody by it."""
        kind, value = identifier
        query = {
            "filter": f"equals({_FIELDS[kind]},{json.dumps(value, ensure_ascii=False)})",
            "additional-fields[profile]": "subscriptions",
            "page[size]": str(PAGE),
        }
        return {profile.id: profile for page in self._pages("profiles", query) for profile in _profiles(page)}

    def events(self, profile: Profile) -> Iterator[dict[str, Any]]:
        """All events of a profile, each with the name of its metric."""
        query = {"filter": f'equals(profile_id,"{profile.id}")', "include": "metric"}
        for answer in self._pages("events", query):
            page = calls.read(answer, _Events)
            names = {metric.id: metric.attributes.name for metric in page.included or ()}
            for event in page.data:
                metric = event.relationships.metric.data
                yield {"id": event.id, "metric": names.get(metric.id) if metric else None, **event.attributes}

    def delete(self, profile: Profile) -> None:
        """Have a profile deleted, which `is_gone` tells of."""
        self._request_deletion(profile.id, 202)

    def is_gone(self, profile_id: str) -> bool:
        """Whether there is no such profile any more."""
        answer = self._get(f"{self._base}/api/profiles/{quote(profile_id, '')}")
        return calls.expect(answer, 200, 404).status == 404

    def suppress(self, email: str, job: JobType) -> str:
        """Have an address suppressed, or that lifted; returns the job's id."""
        answer = calls.expect(self._post(f"{job}s", job, _emails(email)), 202)
        return calls.read(answer, _JobEnvelope).data.id

    def job(self, job: JobType, job_id: str) -> State:
        """Where a suppression stands; what it skips has not been done."""
        answer = self._get(f"{self._base}/api/{job}s/{quote(job_id, '')}")
        if answer.status == 404:
            return State(Status.FAILED, "Klaviyo does not know the job")
        found = calls.read(calls.expect(answer, 200), _JobEnvelope).data.attributes
        status = _STATUS.get(found.status, Status.SENT)
        if status is Status.CONFIRMED and found.skipped_count:
            return State(Status.FAILED, "Klaviyo has skipped the address")
        detail = "Klaviyo has cancelled the job" if status is Status.FAILED else ""
        return State(status, detail, finished_at=calls.lenient_time(found.completed_at))

    def try_profiles(self) -> None:
        """Raise ConnectorError when the key may not read profiles."""
        calls.expect(self._get(f"{self._base}/api/profiles?{urlencode({'page[size]': 1})}"), 200)

    def try_events(self) -> None:
        """Raise ConnectorError when the key may not read events."""
        calls.expect(self._get(f"{self._base}/api/events?{urlencode({'page[size]': 1})}"), 200)

    def try_deletion(self) -> None:
        """Raise ConnectorError when the key may not delete; nobody has the id that is tried."""
        self._request_deletion(_NOBODY, 202, 400, 404)

    def try_suppression(self) -> None:
        """Raise ConnectorError when the key may not suppress, or ask how that stands; nobody is named."""
        calls.expect(self._post(f"{SUPPRESS}s", SUPPRESS, {"profiles": {"data": []}}), 202, 400)
        calls.expect(self._get(f"{self._base}/api/{SUPPRESS}s/{_NOBODY}"), 200, 400, 404)

    def _request_deletion(self, profile_id: str, *statuses: int) -> None:
        profile = {"type": "profile", "id": profile_id, "attributes": {}}
        attributes = {"profile": {"data": profile}}
        calls.expect(self._post("data-privacy-deletion-jobs", "data-privacy-deletion-job", attributes), *statuses)

    def _pages(self, what: str, query: dict[str, str]) -> Iterator[Answer]:
        url: str | None = f"{self._base}/api/{what}?{urlencode(query)}"
        seen: set[str] = set()
        while url:
            seen.add(url)
            answer = calls.expect(self._get(url), 200)
            yield answer
            url = calls.read(answer, _Page).links.next
            if url and (url in seen or not calls.same_origin(url, self._base)):
                raise ConnectorError("malformed_answer", "the system promises another page and does not say which")

    def _get(self, url: str) -> Answer:
        return calls.call("GET", url, self._headers)

    def _post(self, path: str, kind: str, attributes: dict[str, Any]) -> Answer:
        body = json.dumps({"data": {"type": kind, "attributes": attributes}}).encode()
        return calls.call("POST", f"{self._base}/api/{path}", self._headers | {"content-type": _JSON}, body)


def _profiles(answer: Answer) -> Iterator[Profile]:
    raw = calls.read(answer, _RawProfiles).data
    for row, whole in zip(calls.read(answer, _Profiles).data, raw, strict=True):
        subscriptions = row.attributes.subscriptions or _Subscriptions()
        email = subscriptions.email.marketing if subscriptions.email else None
        sms = subscriptions.sms.marketing if subscriptions.sms else None
        yield Profile(
            row.id,
            {"id": row.id, **whole.attributes},
            row.attributes.email,
            is_suppressed=any(each.reason == _OURS for each in (email and email.suppression) or ()),
            gets_texts=bool(sms and sms.can_receive_sms_marketing),
        )


def _emails(email: str) -> dict[str, Any]:
    return {"profiles": {"data": [{"type": "profile", "attributes": {"email": email}}]}}
