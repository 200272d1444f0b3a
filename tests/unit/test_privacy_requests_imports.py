"""What decisions on privacy requests and protocols load: their functions have no DuckDB."""

import os
import subprocess
import sys

CODE = (
    "import sys, functions.approvals.app, functions.privacy_requests.app, handfast.privacy_requests.partners,"
    " functions.privacy_requests.connectors, functions.privacy_requests.drp,"
    " functions.privacy_requests.opendsr, functions.activity.stream;"
    " print(*sorted({'duckdb', 'phonenumbers'} & sys.modules.keys()))"
)


def test_decisions_and_receipts_load_no_heavy_library() -> None:
    paths = os.pathsep.join([".", "layers/handfast"])
    run = subprocess.run(
        [sys.executable, "-c", CODE], env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []
