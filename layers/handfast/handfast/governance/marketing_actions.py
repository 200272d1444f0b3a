"""Marketing actions, and how a request names them."""

import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

FeedMarketingAction = Literal[
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

MarketingAction = Literal[FeedMarketingAction, "data_export", "data_collaboration"]
"""The core marketing actions that policies are about: those of feeds, and two that Adobe has added since."""

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
        "data_export": "Letting the data leave, in whatever way",
        "data_collaboration": "Working with a partner on both sides' data",
    }
)
"""What each marketing action does with data."""

PARTNER_ACTIONS: tuple[MarketingAction, ...] = (
    "segment_match",
    "export_to_third_party",
    "data_export",
    "data_collaboration",
)
"""What sharing a segment with a partner does with its data (docs/governance.md, Marketing actions)."""

_OF_TARGETS: Mapping[str, tuple[MarketingAction, ...]] = MappingProxyType({"partner": PARTNER_ACTIONS})
DESTINATION = "destination"
"""The kind of target of which each says itself what it does with data."""
_ABOUT = "marketingActions"


def destination_about(actions: Iterable[str]) -> dict[str, str]:
    """What a destination as a target of a dataflow says about what it does with data."""
    return {_ABOUT: " ".join(actions)}


def of_target(kind: str, about: Mapping[str, str]) -> tuple[str, ...]:
    """What a target of dataflows does with data, by its kind and what it says of itself.

    Raises LookupError for a kind of which that is not known.
    """
    return tuple(about[_ABOUT].split()) if kind == DESTINATION else _OF_TARGETS[kind]


_REF, _CUSTOM_REF = "/marketingActions/core/", "/marketingActions/custom/"
_CODE = r"^[a-z][a-z0-9_]{0,39}$"
ActionCode = Annotated[str, Field(max_length=40, pattern=_CODE)]
"""The code of a core marketing action, or of one of the sandbox's own."""


def is_code(text: str) -> bool:
    """Whether a text can be a custom marketing action's code."""
    return re.fullmatch(_CODE, text) is not None and not text.endswith("\n")


def as_code(value: object) -> object:
    """A marketing action's code of its code, printed name, camel-case name or reference, as far as it is a text."""
    if not isinstance(value, str):
        return value
    name = value.rpartition(_REF)[2].rpartition(_CUSTOM_REF)[2].strip()
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name) if " " not in name else name
    return words.lower().replace(" ", "_").replace("-", "_")


def reference(action: str) -> str:
    """How the public Policy Service refers to a marketing action: `../marketingActions/core/emailTargeting`, and
    `../marketingActions/custom/loyalty_mailing` to one of the sandbox's own.
    """
    if action not in MARKETING_ACTION_DESCRIPTIONS:
        return f"..{_CUSTOM_REF}{action}"
    first, *others = action.split("_")
    return f"..{_REF}{first}{''.join(map(str.capitalize, others))}"


def refused(restricted: Iterable[str], actions: Collection[str]) -> list[str]:
    """Those of the actions that the terms of a received feed exclude, in the order of the terms."""
    return [action for action in restricted if action in actions]


def allowed(restricted: Iterable[str], actions: Collection[str]) -> bool:
    """Whether a received feed whose terms exclude `restricted` may be used for all of the actions."""
    return not refused(restricted, actions)


NamedAction = Annotated[ActionCode, BeforeValidator(as_code)]
Restrictions = Annotated[list[NamedAction], Field(max_length=30)]
"""Of core ones those that a feed may exclude (`FeedMarketingAction`), and custom ones of the sandbox's."""
