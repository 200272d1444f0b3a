"""SQS: handling batches record by record."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.exceptions import ClientError

from handfast.platform import aws
from handfast.platform.observability import logger
from handfast.platform.queues import MAX_RECEIVES


def handle_each(
    event: dict[str, Any],
    context: Any,
    work: Callable[[dict[str, Any]], None],
    *,
    fifo: bool = False,
    give_up: Callable[[dict[str, Any], Exception], None] | None = None,
) -> PartialItemFailureResponse:
    """Call `work` with each message body; failed ones are reported by id and come back.

    A FIFO group stops at its first failure, so that order holds; a failed message comes back after 10 s, then later
    and later. `give_up` is called with the body and the error of a message that failed for the last time; it goes to
    the dead letters all the same.
    """

    def attempt(record: SQSRecord) -> None:
        try:
            work(record.json_body)
        except Exception as error:
            if give_up is not None and int(record.attributes.approximate_receive_count) >= MAX_RECEIVES:
                give_up(record.json_body, error)
            raise

    def record_handler(record: SQSRecord) -> None:
        try:
            attempt(record)
        except Exception:
            logger.exception("message failed", extra={"messageId": record.message_id})
            _retry_soon(record)
            raise

    processor = _fifo_processor() if fifo else BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=record_handler, processor=processor, context=context)


def _retry_soon(record: SQSRecord) -> None:
    """Let a failed message come back after seconds; its queue hides it for six times the function's longest run."""
    seconds = 5 * 2 ** int(record.attributes.approximate_receive_count)
    with suppress(ClientError):  # the message then comes back by itself, later
        aws.sqs().change_message_visibility(
            QueueUrl=record.queue_url, ReceiptHandle=record.receipt_handle, VisibilityTimeout=min(seconds, 900)
        )


def _fifo_processor() -> BatchProcessor:
    from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor  # noqa: PLC0415 - FIFO consumers only

    processor = SqsFifoPartialProcessor(skip_group_on_error=True)
    processor.raise_on_entire_batch_failure = False
    return processor
