"""Experience Cloud Audiences: the six target identities of Adobe's card, posted as JSON with a bearer token.

The card is Adobe's draft of this destination (docs/sources.md, Seed 002). It is monitored, and repeats what it has
sent when it is asked to, where the draft says that neither is supported.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from pydantic import Field

from handfast.connectors.contract import Settings, TestResult
from handfast.connectors.fields import HeaderSecret
from handfast.destinations.contract import Account, Card, DestinationType, Limits, Pair, Sender, TargetIdentity
from handfast.destinations.types.http import Http
from handfast.destinations.types.http.settings import HttpAuthentication, HttpSettings, Url

ACCOUNT_HEADER = "x-account-id"
_HTTP = Http()
_PROFILES = 10
_HASHED = (
    "Values that are hashed are given as they are. Set applyTransformation for a namespace of your own whose values "
    "are texts: they are trimmed, put into lower case and hashed on their way."
)


class AudiencesSettings(Settings):
    """Where audiences are taken."""

    secrets_go_to = frozenset({"url"})

    url: Url = Field(title="Endpoint", description="Where audiences are posted to, https")


class BearerToken(Settings):
    """The token by which the account is known."""

    bearer_token: HeaderSecret = Field(title="Bearer token", description="Authenticates to the destination")


class ExperienceCloudAudiences(DestinationType[AudiencesSettings, BearerToken]):
    """The type."""

    type = "experience-cloud-audiences"
    name = "Experience Cloud Audiences"
    settings_schema = AudiencesSettings
    authentication_schema = BearerToken
    limits = Limits(pairs=_PROFILES, calls_per_second=50)
    card = Card(
        description="Shares segments with Experience Cloud solutions, such as Audience Manager, Advertising Cloud, "
        "Target or Marketo.",
        identities=(
            TargetIdentity("GAID", "Google advertising ID", "Select it for the namespace GAID.", ("GAID",)),
            TargetIdentity("IDFA", "Apple ID for advertisers", "Select it for the namespace IDFA.", ("IDFA",)),
            TargetIdentity("ECID", "Experience Cloud ID", "Select it for the namespace ECID.", ("ECID",)),
            TargetIdentity("phone_sha256", "Phone number, SHA-256", _HASHED, ("Phone_SHA256_E.164",), hashes=True),
            TargetIdentity("email_lc_sha256", "E-mail, SHA-256", _HASHED, ("Email_LC_SHA256",), hashes=True),
            TargetIdentity(
                "extern_id", "Ids of your own", "Select it for a namespace that you have defined.", own_namespaces=True
            ),
        ),
        marketing_actions=("export_to_third_party", "data_export", "cross_site_targeting"),
        account="the id of your account there",
        prerequisites=(
            "A solution that takes audiences, provisioned and working; Audience Manager needs a licence of its own.",
            "An older integration that shares the same segments is switched off first.",
        ),
        limits=(
            "Labels and permissions do not travel: set up access and export controls anew at the solution.",
            "Attributes of profiles are not taken.",
        ),
    )

    def test(self, account: Account[AudiencesSettings, BearerToken]) -> TestResult:
        """Post a request with nobody in it."""
        return _HTTP.test(_as_http(account))

    def open(self, account: Account[AudiencesSettings, BearerToken]) -> AbstractContextManager[Sender]:
        """Keep connections until the block ends."""
        return _HTTP.open(_as_http(account))

    def sample(self, account: Account[AudiencesSettings, BearerToken], pairs: Sequence[Pair]) -> Any:
        """The body of one request."""
        return _HTTP.sample(_as_http(account), pairs)


def _as_http(account: Account[AudiencesSettings, BearerToken]) -> Account[HttpSettings, HttpAuthentication]:
    """The account as any endpoint's, its id in a header."""
    headers = {ACCOUNT_HEADER: account.account_id} if account.account_id else {}
    settings = {"url": account.settings.url, "headers": headers, "maxProfilesPerCall": _PROFILES}
    token = account.authentication.bearer_token.get_secret_value()
    return Account(
        account_id=account.account_id,
        settings=HttpSettings.model_validate(settings),
        authentication=HttpAuthentication.model_validate({"kind": "bearer", "bearerToken": token}),
        segments=account.segments,
    )


destination: DestinationType[AudiencesSettings, BearerToken] = ExperienceCloudAudiences()
