"""Pure decisions about destinations and what is activated to them."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handfast.destinations.contract import Card, Pair, TargetIdentity
from handfast.destinations.models import ActivatedSegment, Activation
from handfast.identity.namespaces import Namespace
from handfast.identity.renderings import FORMS

_RESERVED = ("segmentMembership", "identityMap")
"""What no attribute's path begins with: what is said of segments and identities stands there."""


def transformed(text: str) -> str:
    """The SHA-256, in hex, of a text that is trimmed and in lower case, as *Apply transformation* makes it."""
    return hashlib.sha256(text.strip().lower().encode()).hexdigest()


def target_of(card: Card, name: str) -> TargetIdentity | None:
    """The target identity of a name in any case, or the one that stands for any other name; None: there is none."""
    found = {each.name.casefold(): each for each in card.identities}
    return found.get(name.casefold()) or found.get("*")


def form_of(target: TargetIdentity, source: Namespace) -> str | None:
    """The form that a target identity wants of a namespace's values; None for the canonical one."""
    return target.form if target.form and FORMS[target.form].namespace == source.code else None


def why_not_mapped(source: Namespace, target: TargetIdentity, *, apply_transformation: bool) -> str | None:
    """Why values of a namespace cannot be given as a target identity; None where they can."""
    if not source.exportable:
        return f"values of {source.symbol} may not be exported"
    if apply_transformation:
        can_be = source.by_agreement and target.hashes and not source.hashed
        return None if can_be else f"{source.symbol} is not hashed for {target.name}: leave applyTransformation out"
    is_hashed_own = source.by_agreement and target.hashes and source.hashed
    if is_hashed_own or source.symbol in target.namespaces or (source.by_agreement and target.own_namespaces):
        return None
    if source.by_agreement and target.hashes:
        return f"{target.name} takes hashes: set applyTransformation"
    taken = [*target.namespaces, *(["namespaces of your own"] if target.own_namespaces else [])]
    return f"{target.name} takes {', '.join(taken)}, not {source.symbol}"


def why_no_path(target: str, others: Iterable[str]) -> str | None:
    """Why an attribute cannot have a path beside others'; None where it can."""
    if target.partition(".")[0] in _RESERVED:
        return f"a path does not begin with {' or '.join(_RESERVED)}"
    if any(f"{target}.".startswith(f"{other}.") or f"{other}.".startswith(f"{target}.") for other in others):
        return "two paths must differ, and none lie within another"
    return None


def is_on(segment: ActivatedSegment, today: date) -> bool:
    """Whether a segment is given to its destination on a day; the last day counts."""
    is_begun = segment.start_date is None or segment.start_date <= today
    is_over = segment.end_date is not None and segment.end_date < today
    return segment.removed_at is None and is_begun and not is_over


def today(now: datetime, time_zone: str) -> date:
    """The day that it is in a time zone."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def next_boundary(activation: Activation, now: datetime, time_zone: str) -> datetime | None:
    """When next a segment of an activation begins or has ended, by the days of a time zone; None: never."""
    starts = (each.start_date for each in activation.current if each.start_date)
    ends = (each.end_date + timedelta(days=1) for each in activation.current if each.end_date)
    zone, ahead = ZoneInfo(time_zone), today(now, time_zone)
    days = [day for day in (*starts, *ends) if day > ahead]
    return datetime.combine(min(days), time(), zone) if days else None


def by_identity(pairs: Sequence[Pair]) -> dict[tuple[str, str], list[int]]:
    """The positions of some pairs by their target identity and value."""
    found: dict[tuple[str, str], list[int]] = {}
    for position, pair in enumerate(pairs):
        found.setdefault((pair.target, pair.value), []).append(position)
    return found
