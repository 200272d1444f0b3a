"""What the segments function loads before its first call."""

import os
import subprocess
import sys

CODE = "import sys, functions.segments.app; print(*sorted({'duckdb', 'phonenumbers'} & sys.modules.keys()))"


def test_heavy_libraries_are_loaded_only_by_the_calls_that_need_them() -> None:
    paths = os.pathsep.join([".", "layers/handfast"])
    run = subprocess.run(
        [sys.executable, "-c", CODE], env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []
