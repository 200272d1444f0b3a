"""The privacy queue: work on a sandbox's requests, and callbacks; and the hourly look at all that are open."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

from handfast.platform import queues
from handfast.privacy_requests import sweep as sweeping
from handfast.privacy_requests import worker
from handfast.privacy_requests.protocols import callbacks, certificate


def handler(event: dict[str, Any], context: object) -> PartialItemFailureResponse:
    """Look at each sandbox that a message names, or make the callback that it asks for."""
    return queues.handle_each(event, context, _work)


def _work(message: dict[str, Any]) -> None:
    if "callback" in message:
        callbacks.deliver(message)
    else:
        worker.work(message)


def sweep(event: dict[str, Any], context: object) -> None:
    """Measure the certificate's days, and look at all requests."""
    certificate.report()
    sweeping.sweep()
