"""A deployed stack for the end-to-end tests.

HANDFAST_STACK may name the stack.json of a stack that is up; otherwise one is brought up in a temporary
folder, and taken down whatever happens.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.deployed import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The deployed stack."""
    if named := os.environ.get("HANDFAST_STACK"):
        yield Stack(Path(named).parent, json.loads(Path(named).read_text()))
        return
    folder = tmp_path_factory.mktemp("stack")
    environment = os.environ | {"HANDFAST_LOCAL_DIR": str(folder)}
    command = [sys.executable, "-m", "handfast_cli", "local"]
    # A cancelled run ends like an interrupted one, so that it takes its stack down.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        up = subprocess.run([*command, "up", "--json"], env=environment, stdout=subprocess.PIPE, check=False)
        if up.returncode != 0:
            pytest.fail("the local stack did not come up", pytrace=False)
        yield Stack(folder, json.loads((folder / "stack.json").read_text()))
    finally:
        subprocess.run([*command, "down", "--wipe", "--yes"], env=environment, check=True)
        signal.signal(signal.SIGTERM, before)
