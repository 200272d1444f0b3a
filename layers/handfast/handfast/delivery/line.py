"""Whether a destination is to be called now: a breaker that all its dataflows share, and the calls of a second."""

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock

from handfast.delivery import rules, store
from handfast.delivery.models import Breaker, GivenReceipt
from handfast.destinations.contract import Answer, Pair
from handfast.destinations.waking import DESTINATIONS
from handfast.platform import clock, quotas
from handfast.platform.quotas import Quota


class Line:
    """The line to a destination, as the worker of one span sees it. Threads may use it at once."""

    def __init__(self, destination_id: str, calls_per_second: int) -> None:
        self.calls = 0
        self.receipts: list[GivenReceipt] = []
        self._destination_id = destination_id
        self._quota = Quota("calls", "calls", calls_per_second, seconds=1)
        self._permits = 0
        self._lock = Lock()
        self._breaker = store.breaker(destination_id)
        self._failures = self._breaker.failures if self._breaker else 0
        self._opened: Breaker | None = None

    @property
    def retry_at(self) -> datetime | None:
        """When the destination may be called again; None while it may be."""
        breaker = self._opened or self._breaker
        at = clock.from_text(breaker.retry_at) if breaker else None
        return at if at and (self._opened or at > clock.now()) else None

    @property
    def is_open(self) -> bool:
        """Whether nothing more is to be sent by this worker."""
        return self.retry_at is not None

    def permit(self, wanted: int) -> None:
        """Wait until the destination may be called once more; of the calls of a second, `wanted` are taken at once."""
        with self._lock:
            while self._permits < 1:
                block = max(1, min(wanted, self._quota.limit))
                pk = f"QUOTA#destination/{self._destination_id}"
                standing, is_left = quotas.take(self._quota, block, table_name=DESTINATIONS, pk=pk)
                if is_left:
                    self._permits = block
                elif standing.remaining:
                    wanted = standing.remaining
                else:
                    time.sleep(max(0.01, (standing.ends - clock.now()).total_seconds()))
            self._permits -= 1
            self.calls += 1

    def note(self, answer: Answer, pairs: Sequence[Pair] = ()) -> None:
        """Take in what an answer to some pairs says of the destination.

        What others would meet too keeps them from being sent. A receipt is kept in `receipts`.
        """
        with self._lock:
            if answer.receipt and pairs:
                taken = len(pairs) - len(answer.refused) - len(answer.again)
                self.receipts.append(GivenReceipt(answer.receipt, pairs[0].segment_id, pairs[0].change, taken))
            if answer.taken or answer.is_by_pair:
                self._succeeded()
            elif answer.may_succeed or answer.status in rules.POINTLESS:
                self._failed(answer)

    def _succeeded(self) -> None:
        self._failures = 0
        if self._breaker is not None and self._opened is None:
            store.close_breaker(self._destination_id)
            self._breaker = None

    def _failed(self, answer: Answer) -> None:
        self._failures += 1
        is_asked = answer.retry_after is not None or answer.status == 429 or answer.status in rules.POINTLESS
        if self._opened is not None:
            return
        now = clock.now()
        since = self._breaker.since if self._breaker else clock.to_text(now)
        noted = Breaker(self._destination_id, self._failures, clock.to_text(now), answer.reason, since)
        if is_asked or noted.is_open:
            wait = rules.backoff(self._failures, random.random(), answer.retry_after)  # noqa: S311 - jitter
            failures = max(self._failures, rules.OPENS_AT)
            noted = self._opened = replace(noted, failures=failures, retry_at=clock.to_text(now + wait))
        store.put_breaker(noted)
        self._breaker = noted
