"""Destinations as recipients of requests: that people leave them is told by deliveries, and asked about there.

Told is what the request has had withdrawn; confirmed is that the destination has taken that the person leaves.
"""

import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from itertools import chain, takewhile

from handfast.dataflows import runs
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Dataflow
from handfast.delivery.exits import Exit, exit_of
from handfast.identity.keys import Key
from handfast.journal.models import Actor
from handfast.lake import buckets
from handfast.platform import clock, table
from handfast.platform.ids import first_id
from handfast.platform.table import ConditionFailed
from handfast.privacy_requests import (
    last_words,
    recipient_store,
    rules,
    scopes,
    store,
    subject_store,
    task_rules,
    task_store,
)
from handfast.privacy_requests.models import PrivacyRequest, Recipient
from handfast.privacy_requests.notices import Notice, receiver_of
from handfast.privacy_requests.store import Step
from handfast.segments import store as segments

_BY_HAND = "a destination is told who is in a segment, and nothing else: see to it there by hand"
_KEPT = "its owner has left its members there: have the person removed there by hand"
_REFUSED = "it has refused that the person leaves: its dead letters say why; replay them, and retry the request"
_SILENT = f"it has not taken for {task_rules.ASK_FOR.days} days that the person leaves"
_STAYS = "it was given nothing of what the partner had delivered"
_ALLOWED = "the person has allowed it again since"


def told(request: PrivacyRequest, notice: Notice) -> Recipient:
    """The destination as a recipient that is being told; one that this cannot be told is so at once."""
    recipient = rules.recipient_of(notice.receiver, notice.number)
    if not rules.ends_sharing(request.type, request.share):
        return replace(recipient, status="not_supported", reason=_BY_HAND)
    now = clock.now_text()
    return replace(recipient, status="sent", notified_at=now, awaited=True, next_at=now)


def attend(sandbox_id: str, recipient_id: str, names: Sequence[str], until: float) -> None:
    """Ask what has come of the requests, by their ids, at a destination that is a recipient of each.

    Those that are not begun by `until`, in seconds of the monotonic clock, stay due.
    """
    for name in takewhile(lambda _: time.monotonic() < until, names):
        request = store.request(sandbox_id, name)
        recipient = recipient_store.recipient(sandbox_id, name, recipient_id)
        if request is not None and recipient is not None:
            with suppress(ConditionFailed):  # changed meanwhile: it stays due
                _write(request, recipient, _asked(request, recipient))


def _asked(request: PrivacyRequest, old: Recipient) -> Recipient:
    subject = subject_store.get(request.sandbox_id, request.privacy_request_id)
    keys = subject.notified.get(old.recipient_id, frozenset()) if subject else frozenset[Key]()
    left = keys - last_words.allowed_since(request.sandbox_id, request, keys)
    if not left:
        return replace(old, known=True, awaited=False, next_at=None, reason=_ALLOWED)
    now, since = clock.now(), clock.from_text(old.notified_at or request.received_at)
    flows = [flow for flow in dataflows.dataflows(request.sandbox_id) if receiver_of(flow).key == old.receiver.key]
    limited = scopes.limited_to(request) is not None
    if limited and (request.stage.name != "complete" or _is_behind(request, flows, left)):
        return _after(old, {"due"}, now, since)  # what of it stays is not known before
    concerns = cache(partial(_may_be_received, request.sandbox_id)) if limited else None  # asked for each disclosure
    return _after(old, {exit_of(flow, left, concerns) for flow in flows}, now, since)


def _may_be_received(sandbox_id: str, segment_id: str) -> bool:
    """Whether a segment may have somebody of a partner's: all but those that are the sandbox's own and not composed."""
    own = segments.segment(sandbox_id, segment_id)
    return own is None or own.expression is not None


def _is_behind(request: PrivacyRequest, flows: Sequence[Dataflow], keys: Collection[Key]) -> bool:
    """Whether a dataflow has yet to follow what the request has had withdrawn of what is received.

    The last that the withdrawal did was to begin a run of each that carries any of it (`feeds.passing_on`).
    """
    since = first_id("run", clock.from_text(request.received_at))
    spans = {buckets.span_name(span) for span in buckets.spans_of_keys(keys)}
    begun = (takewhile(lambda run: run.run_id >= since, runs.runs(flow.dataflow_id)) for flow in flows)
    return any(not spans.isdisjoint(run.outstanding) for run in chain.from_iterable(begun))


def _after(old: Recipient, exits: set[Exit], now: datetime, since: datetime) -> Recipient:
    ended = replace(old, awaited=False, next_at=None)
    if "due" in exits and now - since < task_rules.ASK_FOR:
        return replace(old, next_at=clock.to_text(now + task_rules.pause(now - since)))
    if "due" in exits:
        return replace(ended, status="failed", reason=_SILENT)
    if "refused" in exits:
        return replace(ended, status="failed", reason=_REFUSED)
    if "kept" in exits:
        return replace(ended, status="not_supported", reason=_KEPT)
    if exits == {"stays"}:
        return replace(ended, status="absent", reason=_STAYS)
    return replace(ended, status="confirmed", confirmed_at=clock.to_text(now), reason=None)


def _write(request: PrivacyRequest, old: Recipient, new: Recipient) -> None:
    place = (request.sandbox_id, request.privacy_request_id)
    if new.awaited:
        table.transact(recipient_store.put_recipient(*place, new, old))
        return
    others = [each for each in recipient_store.recipients(*place) if each.recipient_id != new.recipient_id]
    after = rules.answered(request, [*others, new], task_store.tasks(*place))
    detail: dict[str, object] = {"recipient": new.name, "recipientStatus": new.status}
    writes = recipient_store.put_recipient(*place, new, old)
    announced = after.status != request.status
    step = Step(request, after, "recipient_answered", Actor.system(), detail, announced=announced, more=writes)
    (written,) = store.save(step)
    if written.stage != request.stage:
        store.wake(request.sandbox_id)
    task_store.forget(written)
