"""The privacy table.

pk           sk               item
SBX#{s}      PRQ#{id}         request
UNVERIFIED#{s} PRQ#{id}       request that nobody has verified, and may be one of a flood; `is_set_apart`
DUE#{s}      {dueAt}#{id}     open request, by the day that it is due
SBX#{s}      REC#{id}#{r}     its recipient r
PRQ#{id}     HIS#{n}          history, hash-chained; never changed
PRQ#{id}     DUPLICATE#{d}    request d of the same person and type, made while this one is open
PRQ#{id}     CODE             hash of the one-time code, and the tries left
ROOT#{root}  SBX#{s}#{part}   this sandbox has a request of that chain; the first one has no part
OPEN         {dueAt}#{id}     open request: when to look at it next, and whether a worker has something to do for it
ENDED        {endedAt}#{id}   request that has ended, to be removed when its record need not be kept any more
WORK#{s}     {id}             request that a worker has something to do for, and since when
QUOTA#suppressions/{s}  {day}  identities asked about, whether they are suppressed; expires
QUOTA#unverified/{s}/{source}  {day}  unverified requests that came from a principal or an agent; expires
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched

from handfast.connectors.store import PRIVACY
from handfast.journal.keys import sandbox_key
from handfast.journal.models import Actor, Event
from handfast.journal.store import commit
from handfast.platform import clock, items, objects, quotas, table
from handfast.platform.items import ItemKind
from handfast.platform.queues import Message, send
from handfast.platform.quotas import Quota, Standing
from handfast.platform.table import UNCONDITIONAL, Check, ConditionFailed, Delete, Item, Put, Write
from handfast.privacy_requests import (
    claim_store,
    due_listing,
    external_ids,
    messages,
    proof,
    reminders,
    rules,
    subject_store,
)
from handfast.privacy_requests.keys import request_key, work_key
from handfast.privacy_requests.models import PrivacyRequest

_AT_ONCE = 16
"""Requests read at the same time."""
STEPS_A_TRANSACTION = 10
"""Each is up to ten items with its records, of a hundred that a transaction may have."""
_DUPLICATE = "DUPLICATE#"
_DUE_LISTED = "isDueListed"
"""Whether an open request stands in the list by due date."""
_together: ContextVar[set[str] | None] = ContextVar("together", default=None)


def _without_ground(item: Item) -> Item:
    return item | {"ground": None}


def _without_categories(item: Item) -> Item:
    return _without_ground(item) | {"categoriesOnly": False}


def _without_scope(item: Item) -> Item:
    return item | {"scope": None}


def _without_review(item: Item) -> Item:
    return item  # a request of before has no such stage


def _without_messages(item: Item) -> Item:
    return item | {"contactLanguage": None, "messages": "[]"}


def _with_one_way(item: Item) -> Item:
    return item  # all messages of before went by SES, as they say


def _without_intake_form(item: Item) -> Item:
    return item  # a request of before has come by no form


def _within_quota(item: Item) -> Item:
    return item  # requests of before were not counted


REQUEST = ItemKind(
    "privacy_request",
    PrivacyRequest,
    PRIVACY,
    upgrades=(
        _without_categories,
        _without_scope,
        _without_review,
        _without_messages,
        _with_one_way,
        _without_intake_form,
        _within_quota,
    ),
)


def _listed(of: PrivacyRequest | None) -> Item | None:
    """The item by which the sweep finds a request."""
    if of is None:
        return None
    if of.status not in rules.OPEN:
        return {"pk": "ENDED", "sk": f"{of.ended_at}#{of.privacy_request_id}", "sandboxId": of.sandbox_id}
    place = {"pk": "OPEN", "sk": f"{of.due_at}#{of.privacy_request_id}", "sandboxId": of.sandbox_id}
    return place | {
        "lookAt": reminders.look_at(of),
        "hasWork": _is_worked_on(of),
        _DUE_LISTED: due_listing.place(of) is not None,
    }


def _partition(of: PrivacyRequest) -> str:
    return apart_key(of.sandbox_id) if of.is_set_apart else sandbox_key(of.sandbox_id)


def apart_key(sandbox_id: str) -> str:
    """The partition of a sandbox's requests that nobody has verified."""
    return f"UNVERIFIED#{sandbox_id}"


# Requests


@dataclass(frozen=True)
class Step:
    """A request's next state, with the record of it: `type` without the family, `detail` counts, ids and codes.

    `announced` steps are activity as well. `old` is None for a new request.
    """

    old: PrivacyRequest | None
    new: PrivacyRequest
    type: str
    actor: Actor
    detail: dict[str, object]
    announced: bool = True
    more: tuple[Write, ...] = ()


def save(*steps: Step) -> list[PrivacyRequest]:
    """Write requests with their records, and the activity, all or nothing; returns them as written.

    Raises ConditionFailed when one is no longer what was read.
    """
    written = [_written(step) for step in steps]
    events = [
        Event(
            step.new.sandbox_id,
            f"privacy_request.{step.type}",
            step.actor,
            step.new.privacy_request_id,
            _announced(step, new) | step.detail,
        )
        for step, (new, _) in zip(steps, written, strict=True)
        if step.announced
    ]
    commit([write for _, writes in written for write in writes], events)
    return [new for new, _ in written]


def _announced(step: Step, written: PrivacyRequest) -> dict[str, object]:
    facts: dict[str, object] = {"requestType": written.type, "status": written.status}
    if rules.has_party(written):  # whose callbacks follow from the activity
        facts["protocol"] = written.protocol
    if (number := len(step.new.messages)) < len(written.messages):  # which is sent as it follows from the activity
        facts["message"] = number
    return facts


def save_each(steps: Iterable[Step]) -> list[PrivacyRequest]:
    """`save` for many that do not depend on each other; returns those that were still what was read."""
    saved: list[PrivacyRequest] = []
    for part in batched(steps, STEPS_A_TRANSACTION, strict=False):
        try:
            saved += save(*part)
        except ConditionFailed:
            for step in part:
                with suppress(ConditionFailed):
                    saved += save(step)
    return saved


def _written(step: Step) -> tuple[PrivacyRequest, list[Write]]:
    old, new = step.old, messages.after(step.new, step.type)
    previous = {"sequence": new.sequence, "hash": new.head} if new.sequence else None
    actor = {"kind": step.actor.kind, "id": step.actor.actor_id, "name": step.actor.name}
    record = proof.next_record(
        previous,
        record_type=f"privacy_request.{step.type}",
        at=clock.now_text(),
        actor=actor,
        privacy_request_id=new.privacy_request_id,
        detail={"status": new.status} | step.detail,
    )
    ended_at = None if new.status in rules.OPEN else new.ended_at or record["at"]
    revision = old.revision + 1 if old else 1
    is_set_apart = new.status in rules.UNVERIFIED and (old is None or old.is_set_apart)
    new = replace(
        new,
        sequence=record["sequence"],
        head=record["hash"],
        revision=revision,
        ended_at=ended_at,
        is_set_apart=is_set_apart,
    )
    key = request_key(new.privacy_request_id)
    writes: list[Write] = [
        *_request_writes(old, new, key),
        Put(PRIVACY, {"pk": key, "sk": f"HIS#{record['sequence']:06d}"} | record),
        *_listing_writes(old, new),
        *_work_writes(old, new),
        *_duplicate_writes(old, new),
        *step.more,
    ]
    return new, writes


def _request_writes(old: PrivacyRequest | None, new: PrivacyRequest, key: str) -> Iterator[Write]:
    if old is None or _partition(old) == _partition(new):
        yield items.revise(REQUEST, new, old, _partition(new), key)
    else:
        yield REQUEST.put(new, _partition(new), key)
        yield Delete(PRIVACY, _partition(old), key, items.at_revision(old))


def _listing_writes(old: PrivacyRequest | None, new: PrivacyRequest) -> Iterator[Write]:
    was, now = _listed(old), _listed(new)
    if was and now and (was["pk"], was["sk"]) != (now["pk"], now["sk"]):
        yield Delete(PRIVACY, was["pk"], was["sk"], UNCONDITIONAL)
    if now and was != now:
        yield Put(PRIVACY, now, UNCONDITIONAL)
    was_due, is_due = due_listing.place(old), due_listing.place(new)
    if was_due and was_due != is_due:
        yield Delete(PRIVACY, *was_due, UNCONDITIONAL)
    if is_due and was_due != is_due:
        yield Put(PRIVACY, {"pk": is_due[0], "sk": is_due[1]}, UNCONDITIONAL)


def _duplicate_writes(old: PrivacyRequest | None, new: PrivacyRequest) -> Iterator[Write]:
    if new.duplicate_of and not (old and old.duplicate_of):
        key = request_key(new.duplicate_of), f"{_DUPLICATE}{new.privacy_request_id}"
        yield Put(PRIVACY, {"pk": key[0], "sk": key[1]}, UNCONDITIONAL)


def duplicates(privacy_request_id: str) -> list[str]:
    """The ids of the requests that were made as duplicates of one, oldest first."""
    found = table.query(PRIVACY, request_key(privacy_request_id), _DUPLICATE)
    return [item["sk"].removeprefix(_DUPLICATE) for item in found]


def _is_worked_on(request: PrivacyRequest) -> bool:
    waits = rules.is_awaiting(request) or rules.awaits_hand(request)
    is_under_way = request.status in {"approved", "running"} and not waits
    return is_under_way or rules.is_to_be_assessed(request)


def _has_work(request: PrivacyRequest | None) -> bool:
    return request is not None and _is_worked_on(request) and request.stage.status != "failed"


def _work_writes(old: PrivacyRequest | None, new: PrivacyRequest) -> Iterator[Write]:
    key = work_key(new.sandbox_id), new.privacy_request_id
    is_decided = old is not None and old.status == "pending" and new.status != "pending"
    if _has_work(new) and (is_decided or not _has_work(old)):
        yield Put(PRIVACY, {"pk": key[0], "sk": key[1], "since": clock.now_text()}, UNCONDITIONAL)
    if _has_work(old) and not _has_work(new):
        yield Delete(PRIVACY, *key, UNCONDITIONAL)


def request(sandbox_id: str, privacy_request_id: str) -> PrivacyRequest | None:
    """One request."""
    key = request_key(privacy_request_id)
    return REQUEST.get(sandbox_key(sandbox_id), key) or REQUEST.get(apart_key(sandbox_id), key)


def work(sandbox_id: str) -> list[PrivacyRequest]:
    """The requests that a worker has a stage to do for, oldest first."""
    return [request for request in _marked(sandbox_id) if request.status != "pending"]


def undecided(sandbox_id: str) -> list[PrivacyRequest]:
    """The requests of which a worker has to look up how far they would reach, oldest first."""
    return [request for request in _marked(sandbox_id) if rules.is_to_be_assessed(request)]


def _marked(sandbox_id: str) -> list[PrivacyRequest]:
    names = [item["sk"] for item in table.query(PRIVACY, work_key(sandbox_id))]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda name: request(sandbox_id, name), names))
    return [request for request in found if request is not None]


@dataclass(frozen=True)
class Open:
    """An open request as the sweep finds it: `look_at` is when it has to be read next.

    `is_due_listed`: it stands in the list by due date, as all do that somebody has verified; None where an earlier
    version of Handfast has not said so.
    """

    sandbox_id: str
    privacy_request_id: str
    due_at: str
    look_at: str | None
    has_work: bool
    is_due_listed: bool | None


def open_requests() -> Iterator[Open]:
    """All open requests of the deployment, the next due first."""
    for item in table.query(PRIVACY, "OPEN"):
        due_at, _, privacy_request_id = item["sk"].rpartition("#")
        is_due_listed = item.get(_DUE_LISTED)
        yield Open(item["sandboxId"], privacy_request_id, due_at, item["lookAt"], item["hasWork"], is_due_listed)


def list_due(found: PrivacyRequest) -> None:
    """Enter an open request of an earlier version of Handfast in the list by due date.

    Raises ConditionFailed when it has changed meanwhile, and is entered by then.
    """
    place, now = due_listing.place(found), _listed(found)
    entries = [Put(PRIVACY, {"pk": place[0], "sk": place[1]}, UNCONDITIONAL)] if place else []
    is_unchanged = Check(PRIVACY, _partition(found), request_key(found.privacy_request_id), items.at_revision(found))
    if now:
        table.transact([is_unchanged, *entries, Put(PRIVACY, now, UNCONDITIONAL)])


def ended_before(at: datetime) -> Iterator[tuple[str, str]]:
    """Sandbox and id of the requests that ended before then, the earliest first."""
    for item in table.query(PRIVACY, "ENDED"):
        ended_at, _, privacy_request_id = item["sk"].rpartition("#")
        if ended_at >= clock.to_text(at):
            return
        yield item["sandboxId"], privacy_request_id


def remove(ended: PrivacyRequest) -> None:
    """Take a request that has ended away with all that was recorded of it. Safe to repeat."""
    key = request_key(ended.privacy_request_id)
    sandbox, name = sandbox_key(ended.sandbox_id), ended.privacy_request_id
    for pk, prefix in ((key, ""), (sandbox, f"REC#{name}#"), (sandbox, f"TASK#{name}#")):
        for item in table.query(PRIVACY, pk, prefix):
            table.apply(Delete(PRIVACY, pk, item["sk"], UNCONDITIONAL))
    subject_store.delete(ended.sandbox_id, ended.privacy_request_id)
    external_ids.release(ended)
    claim_store.release(ended)
    table.apply(Delete(PRIVACY, _partition(ended), key, UNCONDITIONAL))
    table.apply(Delete(PRIVACY, "ENDED", f"{ended.ended_at}#{ended.privacy_request_id}", UNCONDITIONAL))


def history(privacy_request_id: str) -> list[Item]:
    """The request's records, oldest first."""
    records = table.query(PRIVACY, request_key(privacy_request_id), "HIS#")
    return [{name: value for name, value in item.items() if name not in {"pk", "sk"}} for item in records]


def wake_for(written: PrivacyRequest) -> None:
    """Have a worker look at the request, if it has something to do for it."""
    if _has_work(written):
        wake(written.sandbox_id)


def wake(sandbox_id: str, delay: int = 0) -> None:
    """Have a worker look at the sandbox's requests, after so many seconds (at most 900)."""
    together = _together.get()
    if together is not None and not delay:
        together.add(sandbox_id)
        return
    send("PRIVACY_QUEUE_URL", [Message({"sandboxId": sandbox_id}, delay=delay)])


@contextmanager
def waking_once() -> Iterator[None]:
    """Have each sandbox that is to be looked at now looked at once, in the end, however often it was woken inside."""
    together: set[str] = set()
    before = _together.set(together)
    try:
        yield
    finally:
        _together.reset(before)
        for sandbox_id in sorted(together):
            wake(sandbox_id)


def spend_checks(sandbox_id: str, quota: Quota, identities: int, detail: str) -> None:
    """Count identities asked about against the day's; raises TooManyRequests when that many are not left."""
    quotas.spend_shown(quota, identities, detail, table_name=PRIVACY, pk=_checks_key(sandbox_id))


def checks_standing(sandbox_id: str, quota: Quota) -> Standing:
    """How many identities are left of those that a sandbox may ask about in a day."""
    return quotas.standing(quota, table_name=PRIVACY, pk=_checks_key(sandbox_id))


def _checks_key(sandbox_id: str) -> str:
    return f"QUOTA#suppressions/{sandbox_id}"


def forget_packages(sandbox_id: str) -> None:
    """Delete the files of received members that wait for download: they may hold anybody."""
    keys: Sequence[str] = [stored.key for stored in objects.listing(f"packages/{sandbox_id}/exp_")]
    objects.delete(*keys)
