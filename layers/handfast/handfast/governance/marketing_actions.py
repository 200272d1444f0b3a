"""Marketing actions, and how a request names them."""

from collections.abc import Mapping
from types import MappingProxyType
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

MARKETING_ACTION_DESCRIPTIONS: Mapping[MarketingAction, str] = MappingProxyType(
    {
        "analytics": "Measuring and reporting how one's own sites and apps are used",
        "combine_with_pii": "Combining anonymous data with what identifies people directly",
        "cross_site_targeting": "Targeting content or advertisements by what was seen on several sites",
        "data_science": "Working with the data in data science",
        "email_targeting": "Targeting people by e-mail",
        "export_to_third_party": "Giving the data to a third party",
        "onsite_advertising": "Choosing advertisements on one's own site",
        "onsite_personalization": "Choosing content on one's own site",
        "segment_match": "Sharing segments with partners",
        "single_identity_personalization": "Personalising with no more than one identity of a person",
    }
)
"""What each marketing action does with data."""


def _as_code(value: object) -> object:
    return value.strip().lower().replace(" ", "_").replace("-", "_") if isinstance(value, str) else value


Restrictions = Annotated[list[Annotated[MarketingAction, BeforeValidator(_as_code)]], Field(max_length=10)]
