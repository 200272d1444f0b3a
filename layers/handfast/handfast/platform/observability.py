"""The logger and the metrics of a function, made once; log ids and counts, never identities."""

from aws_lambda_powertools import Logger, Metrics

logger = Logger(use_rfc3339=True, utc=True)
metrics = Metrics(namespace="Handfast")
