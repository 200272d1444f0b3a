"""When an alert of a destination holds: each condition tells why it does, or None (docs/destinations.md, Alerts)."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import islice
from types import MappingProxyType

from handfast.dataflows import runs
from handfast.dataflows.models import Run
from handfast.dataflows.population import population
from handfast.delivery import store
from handfast.delivery.alert_models import AlertKind
from handfast.destinations import target, waking
from handfast.destinations.models import Destination
from handfast.platform import clock

LATE_AFTER = timedelta(minutes=150)
"""How long a run takes that is late (Adobe's figure, docs/sources.md)."""
SKIPPED_SHARE = 0.01
"""The share of members above which so many are skipped that it is an alert (Adobe's figure, docs/sources.md)."""
SKIPPED = frozenset({"unknown_identity", "consent", "policy", "suppressed"})
"""Why a member of a namespace that is mapped is skipped. What is not mapped, or paused, is left out by choice."""
EXPIRES_SOON = timedelta(days=14)
FORMER_END_SOON = timedelta(hours=12)
_RUNS = 50
"""Runs that are looked at for one that has ended, and for one that is late."""

type Condition = Callable[[Destination], str | None]


def _run_failed(of: Destination) -> str | None:
    """The last run that has ended of one of its dataflows has failed: the code of why."""
    for flow in target.flows(of):
        found = islice(runs.runs(flow.dataflow_id), _RUNS)
        ended = next((run for run in found if run.status != "running"), None)
        if ended is not None and ended.status == "failed":
            return ended.failure or "failed"
    return None


def _run_delayed(of: Destination) -> str | None:
    """A run goes on for longer than 150 minutes, or what is to be sent has waited for as long past its time."""
    before = clock.to_text(clock.now() - LATE_AFTER)

    def is_late(run: Run) -> bool:
        return run.status == "running" and run.started_at < before

    for flow in target.flows(of):
        if any(map(is_late, islice(runs.runs(flow.dataflow_id), _RUNS))):
            return "run"
        if waking.is_awake(flow.dataflow_id, since=before):
            return "delivery"
    return None


def _skipped_rate(of: Destination) -> str | None:
    """More than 1 % of the members that a dataflow is about are skipped: their share."""
    for flow in target.flows(of):
        view = population(flow.dataflow_id)
        skipped = sum(step.identities for step in view.steps if step.reason in SKIPPED)
        members = skipped + (view.shared or 0)
        if members and skipped / members > SKIPPED_SHARE:
            return f"{skipped / members:.1%}"
    return None


def _activation_failing(of: Destination) -> str | None:
    """The destination is not called for a while, because of what its last call came to."""
    breaker = store.failing(of.destination_id)
    return breaker.reason if breaker else None


def _dead_letters(of: Destination) -> str | None:
    """There is a dead letter: the reason of the first."""
    return next((letter.reason for letter in store.dead_letters(of.destination_id)), None)


def _credentials_expiring(of: Destination) -> str | None:
    """They end within 14 days, by what was said of them; or former ones within 12 hours, and no others are accepted."""
    now = clock.now()
    if of.credentials_expire_at and clock.from_text(of.credentials_expire_at) - now < EXPIRES_SOON:
        return "credentials"
    if of.former_until and timedelta(0) < clock.from_text(of.former_until) - now < FORMER_END_SOON:
        return "former_secrets"
    return None


CONDITIONS: Mapping[AlertKind, Condition] = MappingProxyType(
    {
        "run_failed": _run_failed,
        "run_delayed": _run_delayed,
        "skipped_rate": _skipped_rate,
        "activation_failing": _activation_failing,
        "dead_letters": _dead_letters,
        "credentials_expiring": _credentials_expiring,
    }
)
"""All that can be told from here; what the guard against removals has refused, ingest knows."""
