"""What each function loads before its first event: no more than what its calls have in common.

A function's process has nothing of pyOpenSSL and awscrt, which other packages of a development machine bring along.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

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
    "console.app": set(),
    "delivery.app": {"batches", "duckdb"},
    "destinations.app": {"router"},
    "feeds.app": {"router"},
    "governance.app": {"router"},
    "ingest.app": {"batches"},
    "ingest.uploads": {"batches", "duckdb"},
    "privacy_requests.app": {"router"},
    "privacy_requests.connectors": {"router"},
    # Both check or make signatures in every call, OpenDSR's with a certificate.
    "privacy_requests.drp": {"router", "cryptography"},
    "privacy_requests.intake": {"router"},
    "privacy_requests.opendsr": {"router", "cryptography", "x509"},
    "privacy_requests.messages": {"batches"},
    "privacy_requests.worker": {"batches"},
    "segment_export.app": {"batches", "duckdb"},
    "segments.app": {"router"},
    "sharing.app": {"router"},
    "sources.app": {"router"},
    "sources.runs": set(),
    # It reads the certificate.
    "sweep.app": {"cryptography", "x509"},
}
# What all functions have in common is loaded once; each is then loaded in a process split off from there.
CODE = """
import importlib, json, os, sys
sys.modules.update(OpenSSL=None, awscrt=None)
from pydantic import TypeAdapter
from handfast.platform import aws, observability, table, wire
clients = (aws.dynamodb, aws.s3, aws.sqs, aws.events, aws.secretsmanager)

def load(name):
    if name:
        importlib.import_module(name)
    made = any(client.cache_info().currsize for client in clients)
    print(json.dumps({"name": name, "modules": [*sys.modules], "made": made}), flush=True)

for name in ("", *sys.argv[1:]):
    child = os.fork()
    if not child:
        load(name)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(f"{name} cannot be loaded")
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, Any]:
    """What each function has loaded, by its name, and under no name what all have in common."""
    run = subprocess.run(
        [sys.executable, "-c", CODE, *(f"functions.{handler}" for handler in HANDLERS)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([".", "layers/handfast"])},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return {(told := json.loads(line))["name"].removeprefix("functions."): told for line in run.stdout.splitlines()}


def _named(modules: list[str]) -> set[str]:
    return {name for name, module in NAMED.items() if module in modules}


def test_every_handler_is_listed() -> None:
    assert LOADED.keys() == set(HANDLERS)


def test_what_all_have_in_common_is_none_of_these(loaded: dict[str, Any]) -> None:
    assert _named(loaded[""]["modules"]) == set()


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_function_loads_only_what_it_uses(handler: str, loaded: dict[str, Any]) -> None:
    assert not loaded[handler]["made"], "a client is made before the first event"
    assert _named(loaded[handler]["modules"]) == LOADED[handler]


def test_what_a_type_of_destination_alone_needs_is_loaded_when_it_sends() -> None:
    code = (
        "import sys; from handfast.destinations import registry; registry.destination_types();"
        " sys.exit(' '.join({'asyncssh', 'duckdb', 'cryptography'} & sys.modules.keys()))"
    )
    path = os.environ | {"PYTHONPATH": "layers/handfast"}
    told = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.modules.update(OpenSSL=None, awscrt=None); {code}"],
        cwd=ROOT,
        env=path,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert told.stderr.strip() == ""
