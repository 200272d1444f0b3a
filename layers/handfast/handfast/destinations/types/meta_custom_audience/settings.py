"""Where Meta's API is, and how Handfast signs in."""

from pydantic import Field, SecretStr

from handfast.connectors.contract import Settings
from handfast.connectors.fields import HeaderSecret, Host


class MetaSettings(Settings):
    """Where Meta's API is."""

    secrets_go_to = frozenset({"domain"})

    domain: Host = Field("graph.facebook.com", title="Domain", description="The host of Meta's Graph API")


class MetaAuthentication(Settings):
    """The token, and the app's secret where its calls are to prove that they are the app's."""

    access_token: HeaderSecret = Field(
        title="Access token", description="Of a system user with ads_management for the ad account"
    )
    app_secret: SecretStr | None = Field(
        None,
        title="App secret",
        description="Each request then carries appsecret_proof, which the app can be set to require",
        max_length=200,
    )
