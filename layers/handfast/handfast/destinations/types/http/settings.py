"""Where an endpoint is, what each request to it has, and how Handfast signs in."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from handfast.connectors import calls
from handfast.connectors.contract import Settings
from handfast.connectors.fields import HeaderName, HeaderValue, header_secret, signing_secret
from handfast.identity.free_text import PlainNote

_OWN_HEADERS = frozenset(
    {
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "host",
        "idempotency-key",
        "transfer-encoding",
        "user-agent",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    }
)
_NEEDED: dict[str, tuple[str, ...]] = {
    "none": (),
    "bearer": ("bearer_token",),
    "oauth2": ("token_url", "client_id", "client_secret"),
    "signed": ("signing_secret",),
}
_POSSIBLE = {"oauth2": (*_NEEDED["oauth2"], "scope")}

Url = Annotated[str, AfterValidator(calls.checked)]
Printed = Annotated[PlainNote, Field(max_length=500)]
"""A text that is shown, and so holds no address."""


class MembershipSettings(Settings):
    """What is told of a segment beside an identity's status in it."""

    include_segment_names: bool = Field(False, title="Include segment names", description="In every membership")
    include_segment_timestamps: bool = Field(
        False,
        title="Include segment timestamps",
        description="When the segment and its mapping were made and changed, milliseconds since 1970",
    )


class HttpSettings(MembershipSettings):
    """Where the endpoint is, and what each request has."""

    secrets_go_to = frozenset({"url"})

    url: Url = Field(title="HTTP endpoint", description="Where requests are posted to, https")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict,
        title="Headers",
        description="Sent with every request, and shown: no secrets",
        max_length=20,
    )
    query_parameters: dict[Printed, Printed] = Field(
        default_factory=dict,
        title="Query parameters",
        description="Added to the endpoint's address, and shown: no secrets",
        max_length=20,
    )
    gzip: bool = Field(False, title="Compress", description="Bodies are compressed by gzip")
    max_profiles_per_call: int = Field(
        10,
        ge=1,
        le=1000,
        title="Profiles per call",
        description="With 1 a body is the one profile, else an object whose `profiles` has them",
    )

    @field_validator("headers")
    @classmethod
    def _are_free(cls, headers: dict[str, str]) -> dict[str, str]:
        if taken := sorted(name for name in headers if name.lower() in _OWN_HEADERS):
            raise ValueError(f"must not have {taken[0]}: it is set by Handfast")
        return headers


class HttpAuthentication(Settings):
    """How Handfast signs in. Of the rest there is what the kind needs, and no more."""

    secrets_go_to = frozenset({"tokenUrl"})

    kind: Literal["none", "bearer", "oauth2", "signed"] = Field("none", title="Kind")
    bearer_token: SecretStr | None = Field(None, title="Bearer token", description="For bearer", max_length=4096)
    token_url: Url | None = Field(None, title="Token URL", description="For oauth2: where a token is got")
    client_id: Printed | None = Field(None, title="Client ID", description="For oauth2")
    client_secret: SecretStr | None = Field(None, title="Client secret", description="For oauth2", max_length=4096)
    client_authentication: Literal["body", "basic"] = Field(
        "body", title="Client authentication", description="For oauth2: in the form, or as Basic"
    )
    scope: Printed | None = Field(None, title="Scope", description="For oauth2, where the server wants one")
    signing_secret: SecretStr | None = Field(
        None, title="Signing secret", description="For signed (Standard Webhooks): whsec_ and 24 to 64 bytes in base64"
    )

    @field_validator("bearer_token")
    @classmethod
    def _fits_a_header(cls, token: SecretStr | None) -> SecretStr | None:
        return header_secret(token) if token else None

    @field_validator("signing_secret")
    @classmethod
    def _is_usable(cls, secret: SecretStr | None) -> SecretStr | None:
        return signing_secret(secret) if secret else None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        check_whole(self, self.kind, _NEEDED, _POSSIBLE)
        return self


def check_whole(
    given: Settings,
    kind: str,
    needed: Mapping[str, tuple[str, ...]],
    possible: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> None:
    """Let pass settings that have what their kind needs and nothing that only others have.

    `possible` is what each kind may have, where that is more than it needs. Raises ValueError.
    """
    fields = type(given).model_fields
    known = {name for names in (*needed.values(), *possible.values()) for name in names}
    have = {name for name in known if getattr(given, name)}
    if missing := [str(fields[name].alias) for name in needed[kind] if name not in have]:
        raise ValueError(f"{kind} needs {', '.join(missing)}")
    if odd := sorted(str(fields[name].alias) for name in have - set(possible.get(kind, needed[kind]))):
        raise ValueError(f"{kind} has no {', '.join(odd)}")
