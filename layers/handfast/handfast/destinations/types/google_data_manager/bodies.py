"""Bodies of the Data Manager API, version 1 (docs/sources.md, Google Data Manager)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from handfast.destinations.contract import Account, Pair
from handfast.destinations.types.google_data_manager.settings import AccountType, GoogleSettings

_MEMBERS: Mapping[str, Callable[[str], Mapping[str, Any]]] = {
    "email": lambda value: {"userData": {"userIdentifiers": [{"emailAddress": value}]}},
    "emailAsKept": lambda value: {"userData": {"userIdentifiers": [{"emailAddress": value}]}},
    "phone": lambda value: {"userData": {"userIdentifiers": [{"phoneNumber": value}]}},
    "mobileId": lambda value: {"mobileData": {"mobileIds": [value]}},
    "userId": lambda value: {"userIdData": {"userId": value}},
}
"""A member of an audience by the name of its target identity."""


def request(account: Account[GoogleSettings, Any], pairs: Sequence[Pair], *, only_validate: bool) -> dict[str, Any]:
    """The body of a request with pairs that enter or leave one segment."""
    settings, first = account.settings, pairs[0]
    body = {
        "destinations": [_destination(account, account.segments[first.segment_id].mapping_id)],
        "audienceMembers": [_MEMBERS[pair.target](pair.value) for pair in pairs],
        "encoding": "HEX",
        "validateOnly": only_validate,
    }
    if first.change == "exited":
        return body
    consent = {"adUserData": settings.ad_user_data, "adPersonalization": settings.ad_personalization}
    if said := {name: status for name, status in consent.items() if status}:
        body["consent"] = said
    if settings.terms_accepted:
        body["termsOfService"] = {"customerMatchTermsOfServiceStatus": "ACCEPTED"}
    return body


def _destination(account: Account[GoogleSettings, Any], audience: str) -> dict[str, Any]:
    settings = account.settings
    found = {"operatingAccount": _account(settings.account_type, account.account_id), "productDestinationId": audience}
    if settings.login_account_id:
        found["loginAccount"] = _account(settings.login_account_type, settings.login_account_id)
    return found


def _account(kind: AccountType, account_id: str | None) -> dict[str, Any]:
    return {"accountType": kind, "accountId": account_id}


def resource(kind: AccountType, account_id: str | None) -> str:
    """The name of an account as a resource."""
    return f"accountTypes/{kind}/accounts/{account_id}"
