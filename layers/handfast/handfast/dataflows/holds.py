"""Decisions on what of dataflows is held back, and which of them are to be looked at again."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from boto3.dynamodb.conditions import Attr

from handfast.dataflows import store
from handfast.dataflows.models import AgeWait, HoldDecision, LookAgain
from handfast.dataflows.store import DATAFLOWS
from handfast.platform import table
from handfast.platform.items import ItemKind, revise
from handfast.platform.table import UNCONDITIONAL, ConditionFailed, Delete, Put, Update, Write

_DECISION = ItemKind("hold_decision", HoldDecision, DATAFLOWS)
_LOOK = ItemKind("hold_look", LookAgain, DATAFLOWS)
_AGE = ItemKind("age_wait", AgeWait, DATAFLOWS)
_HOLDS, _LOOKS, _AGES = "HOLDS", "HOLDS", "AGES"


def decision(dataflow_id: str) -> HoldDecision | None:
    """What was last decided of a dataflow."""
    return _DECISION.get(store.flow_key(dataflow_id), _HOLDS)


def decisions(dataflow_ids: Iterable[str]) -> dict[str, HoldDecision]:
    """What was last decided of dataflows, of those of which anything was, in one read."""
    keys = {dataflow_id: (store.flow_key(dataflow_id), _HOLDS) for dataflow_id in dataflow_ids}
    found = table.get_many(DATAFLOWS, keys.values())
    return {dataflow_id: _DECISION.load(found[key]) for dataflow_id, key in keys.items() if key in found}


def put_decision(new: HoldDecision, *, over: HoldDecision | None, look_at: str) -> list[Write]:
    """The writes of a decision over the one read; what it holds back may be looked at again at `look_at`."""
    look: Write = Delete(DATAFLOWS, _LOOKS, new.dataflow_id, UNCONDITIONAL)
    if new.held():
        look = _LOOK.put(LookAgain(new.dataflow_id, look_at), _LOOKS, new.dataflow_id, UNCONDITIONAL)
    return [revise(_DECISION, new, over, store.flow_key(new.dataflow_id), _HOLDS), look]


def call_for_look(dataflow_id: str) -> None:
    """Have a dataflow of which something is held back looked at again once that is due."""
    condition = Attr("isCalledFor").eq(value=False)
    with suppress(ConditionFailed):
        table.apply(Update(DATAFLOWS, _LOOKS, dataflow_id, assign={"isCalledFor": True}, condition=condition))


def looks_due(now: str) -> Iterator[LookAgain]:
    """The dataflows of which something is held back and that may be looked at again, called for or not."""
    return (look for look in _LOOK.query(_LOOKS) if look.due_at <= now)


def forget(look: LookAgain) -> Delete:
    """The write after which a dataflow is not looked at again by itself."""
    return Delete(DATAFLOWS, _LOOKS, look.dataflow_id, UNCONDITIONAL)


def postpone(look: LookAgain, until: str) -> Put:
    """The write that has a dataflow looked at again later; refused when it has been decided on meanwhile."""
    return _LOOK.put(replace(look, due_at=until), _LOOKS, look.dataflow_id, Attr("dueAt").eq(look.due_at))


def wait_for_age(dataflow_id: str, hour: int) -> None:
    """Have a dataflow reconciled in an hour, if it is not to be before."""
    later = Attr("hour").not_exists() | Attr("hour").gt(hour)
    with suppress(ConditionFailed):
        table.apply(_AGE.put(AgeWait(dataflow_id, hour), _AGES, dataflow_id, later))


def ages_due(hour: int) -> Iterator[AgeWait]:
    """The dataflows somebody of whose has come of age by an hour."""
    return (wait for wait in _AGE.query(_AGES) if wait.hour <= hour)


def of_age(wait: AgeWait) -> Delete:
    """The write that ends a wait, refused where another has taken its place."""
    return Delete(DATAFLOWS, _AGES, wait.dataflow_id, Attr("hour").eq(wait.hour))
