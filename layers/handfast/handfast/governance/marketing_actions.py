"""Marketing actions, and how a request names them."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

MarketingAction = Literal[
    "analytics",
    "combine_with_pii",
    "cross_site_targeting",
    "data_science",
    "email_targeting",
    "export_to_third_party",
    "onsite_advertising",
    "onsite_personalization",
    "segment_match",
    "single_identity_personalization",
]
"""The ten marketing uses that a feed may exclude. Adobe's printed names, such as `Email targeting`, read as well."""


def _as_code(value: object) -> object:
    return value.strip().lower().replace(" ", "_").replace("-", "_") if isinstance(value, str) else value


Restrictions = Annotated[list[Annotated[MarketingAction, BeforeValidator(_as_code)]], Field(max_length=10)]
