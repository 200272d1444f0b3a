"""What each function loads before its first event: no more than what its calls have in common.

A function's process has nothing of pyOpenSSL and awscrt, which other packages of a development machine bring along.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HANDLERS = sorted(f"{path.parent.name}.{path.stem}" for path in (ROOT / "functions").glob("*/*.py"))
NAMED = {
    "router": "aws_lambda_powertools.event_handler",
    "batches": "aws_lambda_powertools.utilities.batch",
    "idempotency": "aws_lambda_powertools.utilities.idempotency",
    "cryptography": "cryptography",
    "x509": "cryptography.x509",
    "duckdb": "duckdb",
    "pyzipper": "pyzipper",
    "phonenumbers": "phonenumbers",
}
# Beside nothing but boto3, Pydantic and the logger.
LOADED = {
    "access.app": {"router"},
    "activity.app": {"router"},
    "activity.stream": set(),
    "activity.webhooks": {"batches"},
    "approvals.app": {"router"},
    "connect_requests.app": {"router"},
    "feeds.app": {"router"},
    "ingest.app": {"batches", "duckdb"},
    "ingest.uploads": {"batches", "duckdb"},
    "privacy_requests.app": {"router"},
    "privacy_requests.connectors": {"router"},
    # Both check or make signatures in every call, OpenDSR's with a certificate.
    "privacy_requests.drp": {"router", "cryptography"},
    "privacy_requests.opendsr": {"router", "cryptography", "x509"},
    "privacy_requests.worker": {"batches"},
    "segment_export.app": {"batches", "duckdb"},
    "segments.app": {"router"},
    # It reads the certificate.
    "sweep.app": {"cryptography", "x509"},
}
CODE = """
import sys
sys.modules.update(OpenSSL=None, awscrt=None)
import functions.{handler}
from handfast.platform import aws
clients = (aws.dynamodb, aws.s3, aws.sqs, aws.events, aws.secretsmanager)
print("client" if any(client.cache_info().currsize for client in clients) else "", *sys.modules)
"""


def test_every_handler_is_listed() -> None:
    assert LOADED.keys() == set(HANDLERS)


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_function_loads_only_what_it_uses(handler: str) -> None:
    path = os.pathsep.join([".", "layers/handfast"])
    run = subprocess.run(
        [sys.executable, "-c", CODE.format(handler=handler)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    modules = set(run.stdout.split())
    assert "client" not in modules
    assert {name for name, module in NAMED.items() if module in modules} == LOADED[handler]
