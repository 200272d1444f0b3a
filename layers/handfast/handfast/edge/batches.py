"""SQS: handling batches record by record."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.exceptions import BotoCoreError, ClientError

from handfast.edge import call_log
from handfast.platform import aws
from handfast.platform.observability import logger
from handfast.platform.queues import MAX_RECEIVES

HIDDEN = 60
"""Seconds for which a message is hidden from others, again and again while it is worked on: so long does one wait whose
worker was killed, instead of the function's longest run, for which the queue hides it."""
AGAIN = 20
"""Seconds after which it is hidden anew."""


def handle_each(
    event: dict[str, Any],
    context: Any,
    work: Callable[..., None],
    *,
    fifo: bool = False,
    named: bool = False,
    give_up: Callable[[dict[str, Any], Exception], None] | None = None,
) -> PartialItemFailureResponse:
    """Call `work` with each message body; failed ones are reported by id and come back.

    Where they are `named`, it gets the message's id too, which is another for each message and the same when one comes
    back.
    A FIFO group stops at its first failure, so that order holds; a failed message comes back after 10 s, then later
    and later, and one whose worker is killed after a minute. `give_up` is called with the body and the error of a
    message that failed for the last time; it goes to the dead letters all the same.
    """

    def attempt(record: SQSRecord) -> None:
        try:
            call_log.work(record.json_body)
            work(record.json_body, *([record.message_id] if named else []))
        except Exception as error:
            if give_up is not None and int(record.attributes.approximate_receive_count) >= MAX_RECEIVES:
                give_up(record.json_body, error)
            raise

    def record_handler(record: SQSRecord) -> None:
        call_log.begin_message(record.message_id)
        began = time.monotonic()
        try:
            attempt(record)
        except Exception:
            logger.exception("message failed")
            raise
        logger.info("worked", extra={"ms": call_log.milliseconds_since(began)})

    processor = _fifo_processor() if fifo else BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    records = [SQSRecord(record) for record in event["Records"]]
    with _hidden(records):
        answer = process_partial_response(
            event=event, record_handler=record_handler, processor=processor, context=context
        )
    failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
    for record in records:
        if record.message_id in failed:
            _hide(record, min(5 * 2 ** int(record.attributes.approximate_receive_count), 900))
    return answer


@contextmanager
def _hidden(records: Sequence[SQSRecord]) -> Iterator[None]:
    aws.sqs()  # made here: two threads must not make clients at once
    ended = Event()

    def hide() -> None:
        while True:
            for record in records:
                _hide(record, HIDDEN)
            if ended.wait(AGAIN):
                return

    thread = Thread(target=hide, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _hide(record: SQSRecord, seconds: int) -> None:
    with suppress(BotoCoreError, ClientError):  # the message then comes back by itself, later or earlier
        aws.sqs().change_message_visibility(
            QueueUrl=record.queue_url, ReceiptHandle=record.receipt_handle, VisibilityTimeout=seconds
        )


def _fifo_processor() -> BatchProcessor:
    from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor  # noqa: PLC0415 - FIFO consumers only

    processor = SqsFifoPartialProcessor(skip_group_on_error=True)
    processor.raise_on_entire_batch_failure = False
    return processor
