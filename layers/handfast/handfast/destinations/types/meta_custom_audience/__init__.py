"""Customer file audiences of Meta (Facebook, Instagram), through the Graph API."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from handfast.connectors.contract import Check, TestResult
from handfast.destinations.contract import (
    AS_KEPT,
    Account,
    Answer,
    Card,
    DestinationType,
    Limits,
    Pair,
    Sender,
    TargetIdentity,
)
from handfast.destinations.endpoint import kept
from handfast.destinations.types.audience_api import ACTIONS, TESTED
from handfast.destinations.types.meta_custom_audience import bodies
from handfast.destinations.types.meta_custom_audience.sender import MetaSender
from handfast.destinations.types.meta_custom_audience.settings import MetaAuthentication, MetaSettings


class MetaCustomAudience(DestinationType[MetaSettings, MetaAuthentication]):
    """The type."""

    type = "meta-custom-audience"
    name = "Meta Custom Audiences"
    settings_schema = MetaSettings
    authentication_schema = MetaAuthentication
    # 10,000 entries a request (docs/sources.md, Meta Custom Audiences); of calls Meta says itself when they are enough.
    limits = Limits(pairs=10_000, calls_per_second=10, group_by=("segment", "status", "namespace"))
    card = Card(
        description="Keeps customer file audiences of Facebook and Instagram as the segments are.",
        identities=(
            TargetIdentity("email", "E-mail, SHA-256", AS_KEPT, ("Email_LC_SHA256",), hashes=True),
            TargetIdentity(
                "phone",
                "Phone number, SHA-256 in Meta's form",
                "Numbers are hashed without the plus sign: those are given of which the raw value once came with "
                "renderings for meta.",
                ("Phone_SHA256_E.164",),
                form="phone_digits",
            ),
            TargetIdentity("madid", "Mobile advertising ID", AS_KEPT, ("IDFA", "GAID")),
            TargetIdentity(
                "extern_id", "Ids of your own", "For a namespace that you have defined.", own_namespaces=True
            ),
        ),
        marketing_actions=ACTIONS,
        account="the id of the ad account at Meta, digits alone",
        mapping_id="the id of the custom audience at Meta",
        prerequisites=(
            "An app with the Marketing API, a system user's token with ads_management, and the accepted terms of "
            "Custom Audiences.",
            "A customer file audience for each segment, made at Meta.",
        ),
        limits=(
            "Meta says how many entries of a request it does not take, and not which: they are found by sending halves "
            "again.",
            "Changes alone are sent; audiences are not replaced as a whole, so that others' entries stay.",
            "Attributes of profiles are not taken.",
        ),
    )

    def test(self, account: Account[MetaSettings, MetaAuthentication]) -> TestResult:
        """Ask for the ad account's audiences, and for each that is activated."""
        with kept(MetaSender(account)) as opened:
            found = opened.seen(f"act_{account.account_id}", "id", "/customaudiences")
            hint = "compare the token, the app's secret and the ad account's id"
            checks = [_check("account", found, "the ad account is open", hint)]
            for each in [*account.segments.values()][:TESTED] if found.taken else ():
                there = opened.seen(each.mapping_id, "id,operation_status")
                hint = "compare the mapping id with the audience's id"
                checks.append(_check(f"audience {each.mapping_id}", there, "it is there", hint))
        return TestResult(tuple(checks))

    def open(self, account: Account[MetaSettings, MetaAuthentication]) -> AbstractContextManager[Sender]:
        """Keep connections until the block ends."""
        return kept(MetaSender(account))

    def sample(self, account: Account[MetaSettings, MetaAuthentication], pairs: Sequence[Pair]) -> Any:  # noqa: ARG002
        """The form of a request with those pairs that go out with the first one."""
        groups = self.limits.grouped(pairs)
        return bodies.users(groups[0], "") if groups else {}


def _check(name: str, answer: Answer, good: str, hint: str) -> Check:
    return Check(name, answer.taken, good if answer.taken else f"Meta answers {answer.reason}: {answer.detail}; {hint}")


destination: DestinationType[MetaSettings, MetaAuthentication] = MetaCustomAudience()
