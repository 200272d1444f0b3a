"""A sandbox's quotas, and its shares of what all work with, each from where the code knows it."""

from collections.abc import Callable
from types import MappingProxyType

from handfast.access import invitations
from handfast.edge import call_quota
from handfast.feeds import estimate_cache
from handfast.ingest import file_queue
from handfast.journal.models import Caller
from handfast.partners import answer_budget
from handfast.platform import clock, slots
from handfast.platform.quotas import Standing
from handfast.platform.slots import Slots
from handfast.privacy_requests import suppression_checks
from handfast.reference.models import QuotaList, QuotaStanding

SLOTS: MappingProxyType[str, tuple[Callable[[str], Slots], str, str]] = MappingProxyType(
    {
        "uploads-at-once": (file_queue.slots_of, "files", "Files in work at once; others wait"),
        "estimates-at-once": (estimate_cache.slots, "estimates", "Estimates that are computed at once"),
    }
)
"""What is counted while it is in work, by its name: the slots of a sandbox, their unit, and what they are."""
STANDINGS: MappingProxyType[Callable[[str], Standing], str] = MappingProxyType(
    {
        call_quota.standing: "Calls of the API; functions take some ahead",
        answer_budget.standing: "Answers about a partner, of the partner about whom least are left",
        invitations.standing: "Invitations that are sent by e-mail, those sent again too",
        suppression_checks.checks_standing: "Identities asked about, whether they are suppressed",
    }
)
"""What is counted in a period: how it stands for a sandbox, and what it is."""


def quotas(caller: Caller) -> QuotaList:
    """What the caller's sandbox may do, and what is left of it."""
    at_once = [_at_once(caller.sandbox_id, name, *slots) for name, slots in SLOTS.items()]
    in_periods = [_in_period(standing(caller.sandbox_id), text) for standing, text in STANDINGS.items()]
    return QuotaList(items=[*in_periods, *at_once])


def _in_period(found: Standing, text: str) -> QuotaStanding:
    return QuotaStanding(
        name=found.quota.name,
        description=text,
        unit=found.quota.unit,
        limit=found.quota.limit,
        remaining=found.remaining,
        period_seconds=found.quota.seconds,
        resets_at=clock.to_text(found.ends),
    )


def _at_once(sandbox_id: str, name: str, of: Callable[[str], Slots], unit: str, text: str) -> QuotaStanding:
    found = of(sandbox_id)
    return QuotaStanding(
        name=name,
        description=text,
        unit=unit,
        limit=found.limit,
        remaining=slots.free(found),
        period_seconds=None,
        resets_at=None,
    )
