"""Uploads into changes, and changes into profiles and memberships: two queues, two handlers."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

from handfast.edge import batches
from handfast.ingest import changes, files


def uploads(event: dict[str, Any], context: object) -> PartialItemFailureResponse:
    """Make each file that came a change, or fail its upload."""
    return batches.handle_each(event, context, files.take_files)


def handler(event: dict[str, Any], context: object) -> PartialItemFailureResponse:
    """Apply the changes that wait for each span."""
    return batches.handle_each(event, context, changes.apply_span, fifo=True)
