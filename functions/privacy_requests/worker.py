"""The privacy queue: work on a sandbox's requests; and the hourly look at all that are open."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

from handfast.platform import queues
from handfast.privacy_requests import service, worker


def handler(event: dict[str, Any], context: object) -> PartialItemFailureResponse:
    """Look at each sandbox that a message names."""
    return queues.handle_each(event, context, worker.work)


def sweep(event: dict[str, Any], context: object) -> None:
    """End requests that nobody verified, and have those that lie open looked at."""
    service.sweep()
