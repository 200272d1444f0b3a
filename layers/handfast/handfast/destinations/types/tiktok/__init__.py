"""TikTok audience segments: hashed identities of one kind are mapped to an audience, or no longer (API v1.3).

TikTok answers with status 200 whatever came of a request, and a code in the body (docs/sources.md, Advertising
platforms).
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from pydantic import BaseModel, Field, ValidationError

from handfast.connectors import calls
from handfast.connectors.contract import Settings
from handfast.connectors.fields import HeaderSecret, Host
from handfast.destinations.contract import AS_KEPT, Account, Answer, Card, DestinationType, Limits, Pair, TargetIdentity
from handfast.destinations.endpoint import told
from handfast.destinations.rules import transformed
from handfast.destinations.tokens import Tokens
from handfast.destinations.types import audience_api
from handfast.destinations.types.audience_api import AudienceApi, Call
from handfast.platform import outbound

_ACTIONS = {"realized": "add", "exited": "delete"}
_DEVICES = ("AAID_SHA256", "IDFA_SHA256")
_OK, _IN_PART, _NOT_ALLOWED, _TOO_OFTEN = 0, 20001, 40001, 40100
_SIGNING_IN = range(40101, 40200)
_OF_THE_SERVICE = range(50000, 60000)


class TikTokSettings(Settings):
    """Where the API is."""

    secrets_go_to = frozenset({"domain"})

    domain: Host = Field("business-api.tiktok.com", title="Domain", description="The host of TikTok's API")


class TikTokAuthentication(Settings):
    """A token that may create and update custom audiences."""

    access_token: HeaderSecret = Field(title="Access token", description="Of your app and the advertiser; it lasts")


class _Said(BaseModel):
    code: int
    message: str = ""


class TikTok(AudienceApi[TikTokSettings, TikTokAuthentication]):
    """The type."""

    type = "tiktok"
    name = "TikTok"
    settings_schema = TikTokSettings
    authentication_schema = TikTokAuthentication
    limits = Limits(pairs=1_000, calls_per_second=10, group_by=("segment", "status", "namespace"))
    card = Card(
        description="Adds people to custom audiences of a TikTok advertiser, and removes them.",
        identities=(
            audience_api.hashed_email("EMAIL_SHA256"),
            TargetIdentity("PHONE_SHA256", "Phone number, SHA-256", AS_KEPT, ("Phone_SHA256_E.164",)),
            TargetIdentity("AAID_SHA256", "Google advertising ID, SHA-256", "Hashed on its way.", ("GAID",)),
            TargetIdentity("IDFA_SHA256", "Apple ID for advertisers, SHA-256", "Hashed on its way.", ("IDFA",)),
        ),
        marketing_actions=audience_api.ACTIONS,
        account="the id of the advertiser",
        mapping_id="the id of the audience",
        prerequisites=(
            "An app that TikTok has allowed to stream audiences, and a token of it for the advertiser.",
            "An audience for each segment, made by TikTok's API as one that is streamed to.",
        ),
        limits=(
            "An audience is made for one kind of identity: map that one.",
            "E-mail addresses are hashed with their dots and tags, as TikTok's page on customer files says.",
            "An audience is used once 1,000 people on TikTok are in it.",
        ),
    )

    def tokens(self, authentication: TikTokAuthentication) -> Tokens:  # noqa: ARG002 - it is in a header of its own
        """No bearer."""
        return Tokens()

    def call(self, account: Account[TikTokSettings, TikTokAuthentication], pairs: Sequence[Pair]) -> Call:
        """Map identities to an audience, or no longer."""
        kind, audience = pairs[0].target, audience_api.audience(account, pairs)
        values = [transformed(pair.value) if kind in _DEVICES else pair.value for pair in pairs]
        body = {
            "advertiser_ids": [account.account_id],
            "action": _ACTIONS[pairs[0].change],
            "id_schema": [kind],
            "batch_data": [[{"id": value, "audience_ids": [audience]}] for value in values],
        }
        return Call("POST", f"{_base(account)}/segment/mapping/", body, _signed_in(account))

    def answer(self, said: outbound.Answer, pairs: Sequence[Pair]) -> Answer:
        """The code of the body, told as the status that it is like where others would be answered so as well."""
        answer = super().answer(said, pairs)
        if not answer.taken:
            return answer
        try:
            body = _Said.model_validate_json(said.body)
        except ValidationError:
            return Answer(error="invalid_answer", detail="the answer has no code")
        if body.code == _OK:
            return answer
        detail = f"{body.code}: {told(body.message, pairs)}"
        if body.code == _IN_PART:
            return audience_api.again(Answer(answer.status, detail=detail), pairs)
        if status := _status(body.code):
            return Answer(status, retry_after=answer.retry_after, detail=detail)
        return audience_api.refused(Answer(answer.status, detail=detail), pairs, str(body.code))

    def trial(self, account: Account[TikTokSettings, TikTokAuthentication]) -> Call:
        """List audiences."""
        query = urlencode({"advertiser_id": account.account_id or "", "page": 1, "page_size": 1})
        return Call("GET", f"{_base(account)}/dmp/custom_audience/list/?{query}", headers=_signed_in(account))


def _status(code: int) -> int | None:
    """The status that a code is like; None for one of what a request holds."""
    if code == _TOO_OFTEN:
        return 429
    if code == _NOT_ALLOWED:
        return 403
    if code in _SIGNING_IN:
        return 401
    return 503 if code in _OF_THE_SERVICE else None


def _signed_in(account: Account[TikTokSettings, TikTokAuthentication]) -> dict[str, str]:
    return {"access-token": account.authentication.access_token.get_secret_value()}


def _base(account: Account[TikTokSettings, TikTokAuthentication]) -> str:
    return f"{calls.base_url(account.settings.domain)}/open_api/v1.3"


destination: DestinationType[TikTokSettings, TikTokAuthentication] = TikTok()
