"""The logger and the metrics of a function, made once; log ids and counts, never identities."""

import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit, single_metric
from botocore.exceptions import ClientError

type _Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _WithoutMessages(LambdaPowertoolsFormatter):
    """Errors by type and place: their messages may quote what a person or a file said."""

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - the name is logging's
        """The errors, each with where it was raised, the first cause first."""
        parts = []
        error = ei[1]
        while error is not None:
            parts.append("".join([*traceback.format_tb(error.__traceback__), _named(error)]))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\ncaused\n".join(reversed(parts))

    def _extract_log_exception(self, log_record: Any) -> Any:
        text, name, _ = super()._extract_log_exception(log_record)  # its notes are messages too
        return text, name, None


def _named(error: BaseException) -> str:
    """The error's type; of one that AWS answered also its code and the call."""
    if isinstance(error, ClientError):
        return f"{type(error).__name__}: {error.response.get('Error', {}).get('Code')} by {error.operation_name}"
    return type(error).__name__


logger = Logger(logger_formatter=_WithoutMessages(use_rfc3339=True, utc=True, serialize_stacktrace=False))
metrics = Metrics(namespace="Handfast")


def measure(name: str, value: float, **metadata: str) -> None:
    """Write one value of a metric of the whole deployment (its dimension `service` is `handfast`), at once."""
    everywhere = {"service": "handfast"}
    with single_metric(name, MetricUnit.Count, value, namespace="Handfast", default_dimensions=everywhere) as metric:
        for key, text in metadata.items():
            metric.add_metadata(key, text)


def measure_each(values: Mapping[str, float], **dimensions: str) -> None:
    """Write values of metrics of one thing, such as a destination by its id, at once."""
    emitted = EphemeralMetrics(namespace="Handfast", service="handfast")
    for dimension, text in dimensions.items():
        emitted.add_dimension(dimension, text)
    for name, value in values.items():
        emitted.add_metric(name, MetricUnit.Count, value)
    emitted.flush_metrics()
