"""What destinations say later of requests that they took: asked until they say it, and counted with the request's hour.

A message of the delivery queue has the receipts of a pass. The waits between asking follow what Google advises: the
first after half an hour, each further one twice as long (docs/sources.md, Google Data Manager).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

from handfast.dataflows.models import Dataflow
from handfast.delivery import store
from handfast.delivery.line import Line
from handfast.delivery.models import GivenReceipt
from handfast.destinations import waking
from handfast.destinations.contract import NoAnswerError, Receipt, ReceiptSender
from handfast.destinations.sending import Sending
from handfast.platform import clock, queues, sender
from handfast.platform.ids import new_id
from handfast.platform.queues import Message
from handfast.platform.table import ConditionFailed

_FIRST = timedelta(minutes=30)
_TRIES = 7
"""How often a request is asked after: within 63 hours and a half."""
_AT_ONCE = 100
"""Receipts of one message."""


def keep(flow: Dataflow, sending: Sending, hour: str, found: Sequence[GivenReceipt]) -> None:
    """Have it asked later what has become of requests of an hour."""
    for start in range(0, len(found), _AT_ONCE):
        part = found[start : start + _AT_ONCE]
        store.add_to_hour(sending.destination_id, flow.dataflow_id, hour, {"receipt.processing": len(part)})
        _send({"dataflowId": flow.dataflow_id, "hour": hour, "messageId": new_id("rcp")}, part, 0)


def ask(message: Mapping[str, Any], flow: Dataflow, sending: Sending, line: Line) -> None:
    """Ask what has become of the requests of a message, and have those asked after again that are not done.

    Safe to repeat: what a message has brought is counted once.
    """
    numbers: Counter[str] = Counter()
    left, attempt, began = [], message["attempt"], clock.now()
    with sending.kind.open(sending.account) as opened:
        asked = cast("ReceiptSender", opened)
        for each in (GivenReceipt(*facts) for facts in message["receipts"]):
            said = Receipt("processing")
            if not queues.is_enough(began):
                line.permit(1)
                with suppress(NoAnswerError):
                    said = asked.receipt(each.receipt)
            if said.status != "processing":
                numbers.update(_numbers(each, said))
            elif attempt + 1 < _TRIES:
                left.append(each)
            else:
                numbers.update({"receipt.processing": -1, "receipt.unknown": 1})
    mark = f"{message['messageId']}#{attempt}"
    with suppress(ConditionFailed):  # counted by a worker that died after it
        store.add_to_hour(sending.destination_id, flow.dataflow_id, message["hour"], numbers, once=mark)
    if left:
        _send(message, left, attempt + 1)


def _numbers(of: GivenReceipt, said: Receipt) -> Mapping[str, int]:
    """What an answer changes of its hour: of what was counted as activated or exited, some has failed."""
    numbers = Counter({"receipt.processing": -1, f"receipt.{said.status}": 1, "receipt.records": said.records})
    numbers.update({f"receipt.error.{reason}": number for reason, number in said.errors.items()})
    if said.match_rate:
        numbers[f"receipt.match.{said.match_rate}"] = 1
    failed, rest = Counter(said.errors), of.pairs - sum(said.errors.values())
    if said.status == "failed" and rest > 0:
        failed["unspecified"] += rest
    numbers.update({f"failed.{reason}": number for reason, number in failed.items()})
    lost = failed.total()
    done = "activated" if of.change == "realized" else "exited"
    numbers.update({f"{done}.{of.segment_id}": -lost, f"failed_of.{of.segment_id}": lost})
    return numbers


def _send(message: Mapping[str, Any], left: Sequence[GivenReceipt], attempt: int) -> None:
    wait = _FIRST * 2**attempt
    at = clock.to_text(clock.now() + wait)
    body = {**message, "receipts": [list(each) for each in left], "attempt": attempt, "notBefore": at}
    queues.send(waking.QUEUE, [Message(body, delay=sender.delay(wait.total_seconds()))])
