"""Pinterest customer lists: hashed identities are added to a list, or removed from it (API v5).

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

_OPERATIONS = {"realized": "ADD", "exited": "REMOVE"}


class PinterestSettings(Settings):
    """Where the API is."""

    secrets_go_to = frozenset({"domain"})

    domain: Host = Field("api.pinterest.com", title="Domain", description="The host of Pinterest's API")


class PinterestAuthentication(PlatformAuthentication):
    """A token with the scopes ads:read and ads:write."""

    token_url: Url = audience_api.token_url("https://api.pinterest.com/v5/oauth/token")


class _CustomerList(BaseModel):
    exceptions: dict[str, object] | None = None


class Pinterest(AudienceApi[PinterestSettings, PinterestAuthentication]):
    """The type."""

    type = "pinterest"
    name = "Pinterest"
    settings_schema = PinterestSettings
    authentication_schema = PinterestAuthentication
    # Of ads:write the limit is of a minute, and of the app: 429 is waited for.
    limits = Limits(pairs=10_000, calls_per_second=5, group_by=("segment", "status"))
    card = Card(
        description="Adds people to customer lists of a Pinterest ad account, and removes them.",
        identities=(
            audience_api.hashed_email("email"),
            TargetIdentity("gaid", "Google advertising ID", "Hashed by SHA-256 on its way.", ("GAID",)),
        ),
        marketing_actions=audience_api.ACTIONS,
        account="the id of the ad account",
        mapping_id="the id of the customer list",
        prerequisites=(
            "An app with access to the API, and a token of somebody who may manage audiences of the ad account.",
            "A customer list for each segment, and an audience made of it: lists are made at Pinterest.",
        ),
        limits=(
            "An IDFA is not taken: in which case Pinterest hashes it is not published.",
            "A refresh token ends; set a new one before.",
            "A list is used once 100 people on Pinterest are in it.",
        ),
    )

    def tokens(self, authentication: PinterestAuthentication) -> Tokens:
        """Apps are known to the token server by a header."""
        return audience_api.tokens(authentication, "basic")

    def call(self, account: Account[PinterestSettings, PinterestAuthentication], pairs: Sequence[Pair]) -> Call:
        """Update a customer list."""
        records = ",".join(transformed(pair.value) if pair.target == "gaid" else pair.value for pair in pairs)
        body = {"operation_type": _OPERATIONS[pairs[0].change], "records": records}
        return Call("PATCH", f"{_lists(account)}/{quote(audience_api.audience(account, pairs), safe='')}", body)

    def answer(self, said: outbound.Answer, pairs: Sequence[Pair]) -> Answer:
        """A list that is answered with exceptions may have been changed in part, or not."""
        answer = super().answer(said, pairs)
        if not answer.taken:
            return answer
        try:
            exceptions = _CustomerList.model_validate_json(said.body).exceptions
        except ValidationError:
            return Answer(error="invalid_answer", detail="the answer is no customer list")
        if not exceptions:
            return answer
        detail = told(", ".join(f"{name}: {value}" for name, value in exceptions.items()), pairs)
        return audience_api.again(Answer(answer.status, detail=detail), pairs)

    def trial(self, account: Account[PinterestSettings, PinterestAuthentication]) -> Call:
        """List customer lists."""
        return Call("GET", f"{_lists(account)}?page_size=1")


def _lists(account: Account[PinterestSettings, PinterestAuthentication]) -> str:
    base = calls.base_url(account.settings.domain)
    return f"{base}/v5/ad_accounts/{quote(account.account_id or '', safe='')}/customer_lists"


destination: DestinationType[PinterestSettings, PinterestAuthentication] = Pinterest()
