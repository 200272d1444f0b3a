"""Braze's REST API: profiles exported, deleted, and unsubscribed from e-mail and push.

What it takes it only queues, and gives no job to ask about: the profile tells when it is done (docs/sources.md).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, Field

from handfast.connectors import calls
from handfast.connectors.contract import ConnectorError, Settings
from handfast.connectors.fields import HeaderSecret, Host
from handfast.connectors.lookups import Identifier
from handfast.platform.outbound import Answer

type Subscription = Literal["subscribed", "unsubscribed"]
SUBSCRIBED: Subscription = "subscribed"
UNSUBSCRIBED: Subscription = "unsubscribed"
# fmt: off
_FIELDS = [
    "apps", "attributed_campaign", "attributed_source", "attributed_adgroup", "attributed_ad", "braze_id",
    "campaigns_received", "canvases_received", "cards_clicked", "country", "created_at", "custom_attributes",
    "custom_events", "devices", "dob", "email", "email_subscribe", "external_id", "first_name", "gender",
    "home_city", "language", "last_coordinates", "last_name", "phone", "purchases", "push_subscribe",
    "push_tokens", "random_bucket", "time_zone", "total_revenue", "uninstalled_at", "user_aliases",
]
# fmt: on
"""All that can be exported; workspaces made since August 2024 have to name it."""
_NOBODY = "handfast-connection-test"


class BrazeSettings(Settings):
    """The settings of a Braze workspace."""

    secrets_go_to = frozenset({"domain"})

    domain: Host = Field(title="REST endpoint", description="Your instance's, such as rest.iad-01.braze.com")
    api_key: HeaderSecret = Field(
        title="REST API key", description="With the permissions users.export.ids, users.delete and users.track"
    )


class _UserRow(BaseModel):
    braze_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")
    phone: str | None = None
    email_subscribe: str | None = None
    push_subscribe: str | None = None


class _Users(BaseModel):
    users: list[_UserRow]


class _RawUsers(BaseModel):
    users: list[dict[str, Any]]


class _Tracked(BaseModel):
    errors: list[Any] | None = None


@dataclass(frozen=True, repr=False)
class User:
    """A profile by its `braze_id`: `data` is all that Braze exports of it; `is_unsubscribed` from e-mail and push."""

    id: str
    data: dict[str, Any]
    has_phone: bool
    is_unsubscribed: bool

    def contacts(self) -> list[str]:
        """The address and the number that it has."""
        return [text for name in ("email", "phone") if isinstance(text := self.data.get(name), str)]


class Braze:
    """The workspace of the settings."""

    def __init__(self, settings: BrazeSettings) -> None:
        self._base = calls.base_url(settings.domain)
        key = settings.api_key.get_secret_value()
        self._headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}

    def users(self, identifier: Identifier) -> dict[str, User]:
        """The profiles that have the identifier, by Braze's own ids; none where it knows nobody by it."""
        match identifier:
            case "profile_id", value:
                query: dict[str, Any] = {"external_ids": [value]}
            case "email", value:
                query = {"email_address": value}
            case _, value:
                query = {"phone": value}
        return {user.id: user for user in self._exported(query)}

    def user(self, braze_id: str) -> User | None:
        """One profile; None when there is none of that id."""
        return next((user for user in self._exported({"braze_id": braze_id}) if user.id == braze_id), None)

    def delete(self, user: User) -> None:
        """Have a profile deleted."""
        self._post("users/delete", {"braze_ids": [user.id]})

    def subscribe(self, user: User, state: Subscription) -> None:
        """Set a profile's subscription to e-mail and push; makes none that is not there.

        What is wrong with a change Braze says within a success.
        """
        change = {"email_subscribe": state, "push_subscribe": state}
        if self._track({"braze_id": user.id, **change}).errors:
            raise ConnectorError("refused", "Braze has not taken the change of the profile")

    def try_export(self) -> None:
        """Raise ConnectorError when the key may not export."""
        self.users(("profile_id", _NOBODY))

    def try_deletion(self) -> None:
        """Raise ConnectorError when the key may not delete; nobody has the id that is tried."""
        self._post("users/delete", {"external_ids": [_NOBODY]})

    def try_tracking(self) -> None:
        """Raise ConnectorError when the key may not change profiles; nobody has the id that is tried."""
        self._track({"external_id": _NOBODY, "email_subscribe": UNSUBSCRIBED})

    def _exported(self, query: dict[str, Any]) -> Iterator[User]:
        answer = self._post("users/export/ids", {**query, "fields_to_export": _FIELDS})
        raw = calls.read(answer, _RawUsers).users
        for row, whole in zip(calls.read(answer, _Users).users, raw, strict=True):
            unsubscribed = row.email_subscribe == row.push_subscribe == UNSUBSCRIBED
            yield User(row.braze_id, whole, bool(row.phone), unsubscribed)

    def _track(self, attributes: dict[str, Any]) -> _Tracked:
        body = {"attributes": [{"_update_existing_only": True, **attributes}]}
        return calls.read(self._post("users/track", body), _Tracked)

    def _post(self, path: str, body: dict[str, Any]) -> Answer:
        answer = calls.call("POST", f"{self._base}/{path}", self._headers, json.dumps(body).encode())
        return calls.expect(answer, 200, 201)
