"""What Segment has to be told. A host left at its default follows the region and the API (Segment's regions)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from handfast.connectors import calls
from handfast.connectors.contract import Settings
from handfast.connectors.fields import Host, Secret

type Regulation = Literal["SUPPRESS_WITH_DELETE", "SUPPRESS_ONLY", "DELETE_ONLY"]

DOMAIN = "platform.segmentapis.com"
PROFILES_DOMAIN = "profiles.segment.com"
_DOMAINS = {
    ("config", "us"): DOMAIN,
    ("public", "us"): "api.segmentapis.com",
    ("public", "eu"): "eu1.api.segmentapis.com",
}
_PROFILES_DOMAINS = {"us": PROFILES_DOMAIN, "eu": "profiles.euw1.segment.com"}


_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")]


class SegmentSettings(Settings):
    """The settings of a Segment workspace and one of its spaces."""

    secrets_go_to = frozenset({"domain", "profilesDomain"})

    domain: Host = Field(DOMAIN, title="Domain", description="Your Segment API URL")
    profiles_domain: Host = Field(PROFILES_DOMAIN, title="Profiles domain", description="Your Segment profiles API URL")
    workspace: _Id = Field(
        title="Workspace", description="Your Segment workspace ID; the Config API knows a workspace by its slug"
    )
    access_token: Secret = Field(title="Access token", description="Your Segment access token, of a workspace owner")
    space_id: _Id = Field(title="Space ID", description="Your Segment space ID")
    access_secret: Secret = Field(title="Access secret", description="Your access secret for the profiles domain")
    region: Literal["us", "eu"] = Field("us", title="Region", description="Where the workspace is; selects the hosts")
    api: Literal["config", "public"] = Field(
        "config",
        title="API",
        description=f"The Config API ({DOMAIN}) or the Public API, which tokens made since 2024 are for",
    )
    regulation: Regulation = Field(
        "SUPPRESS_WITH_DELETE",
        title="Regulation",
        description="What a deletion does: suppress the user and delete, suppress only, or delete only",
    )

    @model_validator(mode="after")
    def _has_a_host(self) -> "SegmentSettings":
        if self.domain == DOMAIN and (self.api, self.region) not in _DOMAINS:
            raise ValueError("the Config API has no EU host: choose the Public API")
        return self

    @property
    def api_url(self) -> str:
        """Where regulations are made."""
        return calls.base_url(_DOMAINS[self.api, self.region] if self.domain == DOMAIN else self.domain)

    @property
    def profiles_url(self) -> str:
        """Where profiles are read."""
        own = self.profiles_domain != PROFILES_DOMAIN
        return calls.base_url(self.profiles_domain if own else _PROFILES_DOMAINS[self.region])
