"""Asking whether identities are suppressed, and how many are (docs/api.md, Privacy)."""

from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.lake import suppressions
from handfast.platform.quotas import Quota, Standing
from handfast.privacy_requests import intake, store, suppressed
from handfast.privacy_requests.wire import CheckSuppressions, SuppressionCheck, SuppressionChecks, SuppressionCount

CHECKS_PER_DAY = 10_000
"""Identities that a sandbox may ask about a day whether they are suppressed."""


def suppression_count(caller: Caller) -> SuppressionCount:
    """How many identities the sandbox suppresses, by reason."""
    counts = suppressions.count(caller.sandbox_id)
    return SuppressionCount(erasure=counts["erasure"], opt_out=counts["opt_out"])


def check_suppressions(caller: Caller, body: CheckSuppressions) -> SuppressionChecks:
    """Whether identities are suppressed, in the order asked. The call is recorded, with how many it asked about.

    Raises Refused for what is no identity, TooManyRequests when the sandbox has asked about as many as it may a day.
    """
    named = intake.keys_of(
        caller.on, body.identities, "/identities"
    )  # all at once, so that errors point at their places
    _spend_checks(caller, len(body.identities))
    keys = [next(iter(intake.keys_of(caller.on, [identity], ""))) for identity in body.identities]
    clear, values = intake.clear_of(caller.on, body.identities), intake.values_of(caller.on, body.identities)
    found = suppressed.find(caller.sandbox_id, keys, suppressed.listed_as(named, clear, values))
    partners = suppressed.towards_partners(caller.sandbox_id, keys)
    return SuppressionChecks(
        items=[SuppressionCheck(suppressed=key in found, reason=found.get(key), partners=partners[key]) for key in keys]
    )


def checks_standing(sandbox_id: str) -> Standing:
    """How many identities a sandbox may still ask about today, whether they are suppressed."""
    return store.checks_standing(sandbox_id, _checks_quota())


def _checks_quota() -> Quota:
    return Quota("suppression-checks", "identities", CHECKS_PER_DAY)


def _spend_checks(caller: Caller, count: int) -> None:
    detail = f"a sandbox asks about at most {CHECKS_PER_DAY} identities a day (UTC); ask again tomorrow"
    store.spend_checks(caller.sandbox_id, _checks_quota(), count, detail)
    event = Event(caller.sandbox_id, "suppression.checked", Actor.of(caller), caller.sandbox_id, {"identities": count})
    commit([], [event])
