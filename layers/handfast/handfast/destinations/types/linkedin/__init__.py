"""LinkedIn DMP segments: users are added and removed one by one within a call.

The API: docs/sources.md, Advertising platforms.
"""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from pydantic import BaseModel, Field, ValidationError

from handfast.connectors import calls
from handfast.connectors.contract import Settings
from handfast.connectors.fields import Host
from handfast.destinations.contract import AS_KEPT, Account, Answer, Card, DestinationType, Limits, Pair, TargetIdentity
from handfast.destinations.endpoint import answered
from handfast.destinations.tokens import Tokens
from handfast.destinations.types import audience_api
from handfast.destinations.types.audience_api import AudienceApi, Call, PlatformAuthentication
from handfast.destinations.types.http.settings import Url
from handfast.platform import outbound

VERSION = "202604"
"""Of the API; LinkedIn ends a version after a year."""
_ACTIONS = {"realized": "ADD", "exited": "REMOVE"}
_HEADERS = {"linkedin-version": VERSION, "x-restli-protocol-version": "2.0.0"}


class LinkedInSettings(Settings):
    """Where the API is."""

    secrets_go_to = frozenset({"domain"})

    domain: Host = Field("api.linkedin.com", title="Domain", description="The host of LinkedIn's API")


class LinkedInAuthentication(PlatformAuthentication):
    """A token with the scope rw_dmp_segments."""

    token_url: Url = audience_api.token_url("https://www.linkedin.com/oauth/v2/accessToken")


class _Element(BaseModel):
    status: int


class _Elements(BaseModel):
    elements: list[_Element]


class LinkedIn(AudienceApi[LinkedInSettings, LinkedInAuthentication]):
    """The type."""

    type = "linkedin"
    name = "LinkedIn"
    settings_schema = LinkedInSettings
    authentication_schema = LinkedInAuthentication
    limits = Limits(pairs=5_000, calls_per_second=10, group_by=("segment",))
    card = Card(
        description="Adds people to DMP segments of a LinkedIn ad account, and removes them.",
        identities=(
            audience_api.hashed_email("SHA256_EMAIL"),
            TargetIdentity("GOOGLE_AID", "Google advertising ID", AS_KEPT, ("GAID",)),
        ),
        marketing_actions=audience_api.ACTIONS,
        account="the id of the ad account",
        mapping_id="the id of the DMP segment",
        prerequisites=(
            "An app in LinkedIn's Audiences program, and a token of somebody who manages the ad account's audiences.",
            "A DMP segment of type USER for each segment: these are made at LinkedIn.",
        ),
        limits=(
            "A DMP segment that LinkedIn does not know, yet or any more, is tried for some fifteen hours.",
            "A refresh token lasts for a year; set a new one before.",
            "A segment is used once 300 members of LinkedIn are in it.",
        ),
    )

    def tokens(self, authentication: LinkedInAuthentication) -> Tokens:
        """Apps are known to the token server by the form."""
        return audience_api.tokens(authentication)

    def call(self, account: Account[LinkedInSettings, LinkedInAuthentication], pairs: Sequence[Pair]) -> Call:
        """Create an element of a batch for each pair."""
        elements = [
            {"action": _ACTIONS[pair.change], "userIds": [{"idType": pair.target, "idValue": pair.value}]}
            for pair in pairs
        ]
        url = f"{_segments(account)}/{quote(audience_api.audience(account, pairs), safe='')}/users"
        return Call("POST", url, {"elements": elements}, {**_HEADERS, "x-restli-method": "BATCH_CREATE"})

    def answer(self, said: outbound.Answer, pairs: Sequence[Pair]) -> Answer:
        """Each element has a status of its own. A segment that was just made is not known for a minute or two."""
        if said.status == 404:
            return audience_api.again(answered(said, pairs), pairs)
        answer = super().answer(said, pairs)
        return _by_element(answer, said, pairs) if answer.taken and pairs else answer

    def trial(self, account: Account[LinkedInSettings, LinkedInAuthentication]) -> Call:
        """List DMP segments."""
        urn = quote(f"urn:li:sponsoredAccount:{account.account_id}", safe="")
        return Call("GET", f"{_segments(account)}?q=account&account={urn}&count=1", headers=_HEADERS)


def _by_element(answer: Answer, said: outbound.Answer, pairs: Sequence[Pair]) -> Answer:
    try:
        elements = _Elements.model_validate_json(said.body).elements
    except ValidationError:
        elements = []
    if len(elements) != len(pairs):
        return Answer(error="invalid_answer", detail="the answer does not tell of each user")
    parts = [Answer(element.status) for element in elements]
    failed = {position: part for position, part in enumerate(parts) if not part.taken}
    return replace(
        answer,
        refused={position: part.reason for position, part in failed.items() if not part.may_succeed},
        again=frozenset(position for position, part in failed.items() if part.may_succeed),
    )


def _segments(account: Account[LinkedInSettings, LinkedInAuthentication]) -> str:
    return f"{calls.base_url(account.settings.domain)}/rest/dmpSegments"


destination: DestinationType[LinkedInSettings, LinkedInAuthentication] = LinkedIn()
