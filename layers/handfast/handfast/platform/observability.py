"""The logger and the metrics of a function, made once; log ids and counts, never identities."""

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit, single_metric

logger = Logger(use_rfc3339=True, utc=True)
metrics = Metrics(namespace="Handfast")


def measure(name: str, value: float, **metadata: str) -> None:
    """Write one value of a metric of the whole deployment (its dimension `service` is `handfast`), at once."""
    everywhere = {"service": "handfast"}
    with single_metric(name, MetricUnit.Count, value, namespace="Handfast", default_dimensions=everywhere) as metric:
        for key, text in metadata.items():
            metric.add_metadata(key, text)
