"""Snap customer lists: hashed identities of one kind are added to a segment, or removed from it.

The API: docs/sources.md, Advertising platforms.
"""

from collections.abc import Sequence
from urllib.parse import quote

from pydantic import BaseModel, Field, ValidationError

from handfast.connectors import calls
from handfast.connectors.contract import Settings
from handfast.connectors.fields import Host
from handfast.destinations.contract import Account, Answer, Card, DestinationType, Limits, Pair, TargetIdentity
from handfast.destinations.endpoint import told
from handfast.destinations.rules import transformed
from handfast.destinations.tokens import Tokens
from handfast.destinations.types import audience_api
from handfast.destinations.types.audience_api import AudienceApi, Call, PlatformAuthentication
from handfast.destinations.types.http.settings import Url
from handfast.platform import outbound

_METHODS = {"realized": "POST", "exited": "DELETE"}
_DEVICE = "MOBILE_AD_ID_SHA256"


class SnapSettings(Settings):
    """Where the API is."""

    secrets_go_to = frozenset({"domain"})

    domain: Host = Field("adsapi.snapchat.com", title="Domain", description="The host of Snap's API")


class SnapAuthentication(PlatformAuthentication):
    """A token with the scope snapchat-marketing-api."""

    token_url: Url = audience_api.token_url("https://accounts.snapchat.com/login/oauth2/access_token")


class _Part(BaseModel):
    sub_request_status: str


class _Said(BaseModel):
    request_status: str
    users: list[_Part] = Field(default_factory=list)

    @property
    def is_success(self) -> bool:
        """Whether all of the request was taken."""
        statuses = (self.request_status, *(part.sub_request_status for part in self.users))
        return all(status.upper() == "SUCCESS" for status in statuses)


class Snap(AudienceApi[SnapSettings, SnapAuthentication]):
    """The type."""

    type = "snap"
    name = "Snap"
    settings_schema = SnapSettings
    authentication_schema = SnapAuthentication
    # Of the 100,000 that a call may have.
    limits = Limits(pairs=10_000, calls_per_second=10, group_by=("segment", "status", "namespace"))
    card = Card(
        description="Adds people to customer list segments of a Snap ad account, and removes them.",
        identities=(
            audience_api.hashed_email("EMAIL_SHA256"),
            TargetIdentity(
                "PHONE_SHA256",
                "Phone number, SHA-256 in Snap's form",
                "Numbers are hashed without the plus sign: those are given of which the raw value once came with "
                "renderings for snap.",
                ("Phone_SHA256_E.164",),
                form="phone_digits",
            ),
            TargetIdentity(_DEVICE, "Mobile advertising ID, SHA-256", "Hashed on its way.", ("GAID", "IDFA")),
        ),
        marketing_actions=audience_api.ACTIONS,
        account="the id of the ad account",
        mapping_id="the id of the segment",
        prerequisites=(
            "An app with access to the Marketing API, and a token of somebody who manages the ad account's data.",
            "A segment with the source type FIRST_PARTY for each segment: these are made at Snap.",
        ),
        limits=(
            "Of a request Snap takes all or nothing.",
            "A segment of another account is answered as a right that is missing, after which nothing else goes on.",
            "An access token lasts for less than an hour: sign in with a refresh token.",
        ),
    )

    def tokens(self, authentication: SnapAuthentication) -> Tokens:
        """Apps are known to the token server by the form."""
        return audience_api.tokens(authentication)

    def call(self, account: Account[SnapSettings, SnapAuthentication], pairs: Sequence[Pair]) -> Call:
        """Add users to a segment, or remove them."""
        kind = pairs[0].target
        data = [[transformed(pair.value) if kind == _DEVICE else pair.value] for pair in pairs]
        url = f"{_base(account)}/segments/{quote(audience_api.audience(account, pairs), safe='')}/users"
        return Call(_METHODS[pairs[0].change], url, {"users": [{"schema": [kind], "data": data}]})

    def answer(self, said: outbound.Answer, pairs: Sequence[Pair]) -> Answer:
        """The answer says of itself whether it is one of success."""
        answer = super().answer(said, pairs)
        if not answer.taken:
            return answer
        try:
            is_success = _Said.model_validate_json(said.body).is_success
        except ValidationError:
            return Answer(error="invalid_answer", detail="the answer does not tell of its success")
        if is_success:
            return answer
        return audience_api.again(Answer(answer.status, detail=told(said.body.decode(errors="replace"), pairs)), pairs)

    def trial(self, account: Account[SnapSettings, SnapAuthentication]) -> Call:
        """List segments."""
        return Call("GET", f"{_base(account)}/adaccounts/{quote(account.account_id or '', safe='')}/segments")


def _base(account: Account[SnapSettings, SnapAuthentication]) -> str:
    return f"{calls.base_url(account.settings.domain)}/v1"


destination: DestinationType[SnapSettings, SnapAuthentication] = Snap()
