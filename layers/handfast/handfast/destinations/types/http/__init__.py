"""Any HTTPS endpoint, given JSON as Adobe's public HTTP API destination gives it.

A profile has `segmentMembership`, `identityMap` and attributes at their paths; only segments that are activated are
ever in it.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from pydantic_core import from_json

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
from handfast.destinations.types.http.payload import Bodies
from handfast.destinations.types.http.sender import HttpSender
from handfast.destinations.types.http.settings import HttpAuthentication, HttpSettings
from handfast.platform.ids import new_id

IDENTITIES = (
    TargetIdentity("email_lc_sha256", "E-mail, SHA-256", AS_KEPT, ("Email_LC_SHA256",)),
    TargetIdentity("phone_sha256_e.164", "Phone number, SHA-256", AS_KEPT, ("Phone_SHA256_E.164",)),
    TargetIdentity("ecid", "Experience Cloud ID", AS_KEPT, ("ECID",)),
    TargetIdentity("idfa", "Apple ID for advertisers", AS_KEPT, ("IDFA",)),
    TargetIdentity("gaid", "Google advertising ID", AS_KEPT, ("GAID",)),
    TargetIdentity(
        "*",
        "Any other name",
        "For a namespace that the sandbox has defined; a text may be hashed on its way.",
        own_namespaces=True,
        hashes=True,
    ),
)
"""The target identities of what is the user's own: any that there are."""


class Http(DestinationType[HttpSettings, HttpAuthentication]):
    """The type."""

    type = "http"
    name = "HTTP"
    settings_schema = HttpSettings
    authentication_schema = HttpAuthentication
    limits = Limits(pairs=1000, calls_per_second=100)
    card = Card(
        description="Streams changes of who is in a segment to an HTTPS endpoint of your own, as JSON.",
        identities=IDENTITIES,
        marketing_actions=("export_to_third_party", "data_export"),
        attributes=True,
        prerequisites=(
            "An endpoint with a public address and a trusted certificate, which answers within 30 seconds.",
        ),
        limits=(
            "A request that is repeated has the same Idempotency-Key; the endpoint takes it once.",
            "Redirects are not followed.",
        ),
    )

    def test(self, account: Account[HttpSettings, HttpAuthentication]) -> TestResult:
        """Get a token where one is got, and post a request with nobody in it."""
        with kept(HttpSender(account)) as opened:
            hint = "compare tokenUrl, clientId, clientSecret and clientAuthentication"
            token = token_checks(opened.endpoint.tokens, hint)
            if not all(check.ok for check in token):
                return TestResult((*token, NO_TOKEN))
            answer = opened.send((), new_id("bat"))
        return TestResult((*token, Check("request", answer.taken, _told(answer.status, answer.detail))))

    def limits_of(self, account: Account[HttpSettings, HttpAuthentication]) -> Limits:
        """As many pairs as profiles: each may be another identity's."""
        return Limits(account.settings.max_profiles_per_call, self.limits.calls_per_second)

    def open(self, account: Account[HttpSettings, HttpAuthentication]) -> AbstractContextManager[Sender]:
        """Keep connections and the token until the block ends."""
        return kept(HttpSender(account))

    def sample(self, account: Account[HttpSettings, HttpAuthentication], pairs: Sequence[Pair]) -> Any:
        """The body of one request."""
        return from_json(Bodies(account).body(pairs))


def _told(status: int | None, detail: str) -> str:
    """What a test says of an answer, and what to do when it is none that is wanted."""
    if status is None:
        return f"{detail}; compare url with the endpoint's address"
    if 200 <= status < 300:
        return "a request with nobody in it is taken"
    said = f"the endpoint answers {status}" + (f": {detail}" if detail else "")
    if status in (401, 403):
        return f"{said}; compare authentication with what the endpoint knows"
    if 300 <= status < 400:
        return f"{said}; redirects are not followed: name the address that it leads to"
    return f"{said}; it has to take a request with no profile in it"


destination: DestinationType[HttpSettings, HttpAuthentication] = Http()
