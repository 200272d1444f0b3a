"""Which account at Google audiences are in, what is said of consent there, and how Handfast signs in."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, SecretStr, StringConstraints, ValidationError, field_validator, model_validator

from handfast.connectors.contract import Settings
from handfast.connectors.fields import Host
from handfast.destinations.grants import rsa_key
from handfast.destinations.types.http.settings import Printed, Url, check_whole

type AccountType = Literal["GOOGLE_ADS", "DISPLAY_VIDEO_ADVERTISER", "DISPLAY_VIDEO_PARTNER"]
type ConsentStatus = Literal["CONSENT_GRANTED", "CONSENT_DENIED"]
AccountId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
"""Where Google gives tokens, and for whom assertions are."""
_KINDS: dict[str, tuple[str, ...]] = {
    "service_account": ("service_account_key",),
    "refresh_token": ("client_id", "client_secret", "refresh_token"),
}


class GoogleSettings(Settings):
    """The account, and what is said with each audience."""

    secrets_go_to = frozenset({"domain"})

    domain: Host = Field("datamanager.googleapis.com", title="Domain", description="The host of the Data Manager API")
    account_type: AccountType = Field("GOOGLE_ADS", title="Account type", description="Of the operating account")
    login_account_id: AccountId | None = Field(
        None, title="Login account", description="The manager account that signs in, where it is another one; digits"
    )
    login_account_type: AccountType = Field("GOOGLE_ADS", title="Login account type", description="Of that account")
    ad_user_data: ConsentStatus | None = Field(
        None, title="Consent to user data", description="Said of everybody who is given; left out: nothing is said"
    )
    ad_personalization: ConsentStatus | None = Field(
        None, title="Consent to personalization", description="Said of everybody who is given; left out: nothing"
    )
    terms_accepted: bool = Field(
        False, title="Customer Match terms", description="You have accepted Google's terms of Customer Match"
    )


class ServiceAccountKey(BaseModel):
    """The file that Google Cloud gives for a key of a service account, as far as it is read."""

    client_email: str = Field(min_length=1)
    private_key_id: str = Field(min_length=1)
    private_key: str = Field(min_length=1)


class GoogleAuthentication(Settings):
    """How Handfast signs in. Of the rest there is what the kind needs, and no more."""

    secrets_go_to = frozenset({"tokenUrl"})

    kind: Literal["service_account", "refresh_token"] = Field("service_account", title="Kind")
    token_url: Url = Field(TOKEN_URL, title="Token URL", description="Where tokens are got")
    service_account_key: SecretStr | None = Field(
        None,
        title="Service account key",
        description="For service_account: the key's JSON file as one line",
        max_length=4096,
    )
    client_id: Printed | None = Field(None, title="Client ID", description="For refresh_token")
    client_secret: SecretStr | None = Field(
        None, title="Client secret", description="For refresh_token", max_length=4096
    )
    refresh_token: SecretStr | None = Field(
        None, title="Refresh token", description="For refresh_token, of the scope datamanager", max_length=4096
    )

    @field_validator("service_account_key")
    @classmethod
    def _is_usable(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            rsa_key(read_key(given).private_key)
        return given

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        check_whole(self, self.kind, _KINDS)
        return self


def read_key(given: SecretStr) -> ServiceAccountKey:
    """The key of a service account. Raises ValueError for what is none."""
    try:
        return ServiceAccountKey.model_validate_json(given.get_secret_value())
    except ValidationError:
        raise ValueError("must be the JSON file of a service account's key") from None
