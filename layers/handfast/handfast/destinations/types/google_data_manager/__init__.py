"""Audiences of Google Ads and Display & Video 360, through the Data Manager API, version 1."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from handfast.connectors.contract import Check, TestResult
from handfast.destinations.contract import (
    AS_KEPT,
    Account,
    Card,
    DestinationType,
    Limits,
    Pair,
    Sender,
    TargetIdentity,
)
from handfast.destinations.endpoint import NO_TOKEN, kept, token_checks
from handfast.destinations.types.audience_api import ACTIONS, TESTED
from handfast.destinations.types.google_data_manager import bodies
from handfast.destinations.types.google_data_manager.sender import GoogleSender
from handfast.destinations.types.google_data_manager.settings import GoogleAuthentication, GoogleSettings
from handfast.platform import clock

_OF_OTHERS = frozenset({"INVALID_USER_LIST_TYPE", "UNSUPPORTED_USER_LIST_UPLOAD_KEY_TYPES"})
"""What Google says of an audience of another kind of identity than e-mail."""
_NOBODY = "0" * 64
"""What no address is hashed to that anybody knows of."""


class GoogleDataManager(DestinationType[GoogleSettings, GoogleAuthentication]):
    """The type."""

    type = "google-data-manager"
    name = "Google Data Manager"
    settings_schema = GoogleSettings
    authentication_schema = GoogleAuthentication
    # 300 requests a minute and 10,000 members a request (docs/sources.md, Google Data Manager).
    limits = Limits(pairs=10_000, calls_per_second=5, group_by=("segment", "status", "namespace"))
    card = Card(
        description="Keeps audiences of Google Ads and Display & Video 360 as the segments are (Customer Match).",
        identities=(
            TargetIdentity(
                "email",
                "E-mail, SHA-256 in Google's form",
                "Addresses at gmail.com and googlemail.com are hashed without dots: those are given of which the raw "
                "value once came with renderings for google.",
                ("Email_LC_SHA256",),
                form="email_google",
            ),
            TargetIdentity(
                "emailAsKept",
                "E-mail, SHA-256",
                "All values are given as they are kept. Google does not find those of addresses at Gmail with dots.",
                ("Email_LC_SHA256",),
            ),
            TargetIdentity("phone", "Phone number, SHA-256", AS_KEPT, ("Phone_SHA256_E.164",)),
            TargetIdentity("mobileId", "Mobile advertising ID", AS_KEPT, ("IDFA", "GAID")),
            TargetIdentity("userId", "Ids of your own", "For a namespace that you have defined.", own_namespaces=True),
        ),
        marketing_actions=ACTIONS,
        account="the id of the operating account at Google, digits alone",
        mapping_id="the id of the audience (user list) at Google",
        prerequisites=(
            "A Google Cloud project with the Data Manager API, and a service account or a user with access to the "
            "account.",
            "An audience for each segment, made at Google for the kind of identity that is given: contact data, mobile "
            "ids or user ids.",
        ),
        limits=(
            "Google takes a request and says later what has become of it: that is shown as `receipts`, and what failed "
            "then counts as failed and is not sent again by itself.",
            "Attributes of profiles are not taken.",
        ),
    )

    def test(self, account: Account[GoogleSettings, GoogleAuthentication]) -> TestResult:
        """Get a token, ask for the account's audiences, and have Google check a request for each that is activated."""
        with kept(GoogleSender(account)) as opened:
            token = token_checks(opened.endpoint.tokens, "compare the key or the refresh token with Google Cloud's")
            if not all(check.ok for check in token):
                return TestResult((*token, NO_TOKEN))
            answer = opened.audiences()
            hint = "compare the account's id and type, and who has access to it"
            detail = (
                "the account is open" if answer.taken else f"Google answers {answer.reason}: {answer.detail}; {hint}"
            )
            checks = [*token, Check("account", answer.taken, detail)]
            if answer.taken:
                checks += [_audience(opened, account, each) for each in [*account.segments][:TESTED]]
        return TestResult(tuple(checks))

    def open(self, account: Account[GoogleSettings, GoogleAuthentication]) -> AbstractContextManager[Sender]:
        """Keep connections and the token until the block ends."""
        return kept(GoogleSender(account))

    def sample(self, account: Account[GoogleSettings, GoogleAuthentication], pairs: Sequence[Pair]) -> Any:
        """The body of a request with those pairs that go out with the first one, to be checked and not to be done."""
        groups = self.limits.grouped(pairs)
        return bodies.request(account, groups[0], only_validate=True) if groups else {}


def _audience(opened: GoogleSender, account: Account[GoogleSettings, Any], segment_id: str) -> Check:
    audience = account.segments[segment_id].mapping_id
    nobody = Pair("email", _NOBODY, segment_id, "realized", clock.now_text())
    answer = opened.posted([nobody], only_validate=True)
    if answer.taken or not _OF_OTHERS.isdisjoint(answer.refused.values()):
        return Check(f"audience {audience}", True, "Google would take members")
    return Check(f"audience {audience}", False, f"{answer.detail}; compare the mapping id with the audience's id")


destination: DestinationType[GoogleSettings, GoogleAuthentication] = GoogleDataManager()
