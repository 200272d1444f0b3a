"""What all tests have in common."""

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.worlds.deployed import Stack

pytest.register_assert_rewrite("tests.worlds")

# The same examples in every run, so that a failure is of the change at hand; the long runs look for new ones.
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
# A busy machine makes none fail: what has to be fast is measured by the benchmarks.
settings.register_profile("steady", derandomize=not LONG, deadline=None)
settings.load_profile("steady")
if LONG:
    os.environ["PYTEST_TIMEOUT"] = "0"


def _keep_files_in_memory() -> None:
    """Have tests make their thousands of short-lived files where no disk waits for them, if there is room."""
    memory = Path("/dev/shm")
    if "TMPDIR" in os.environ or not memory.is_mount() or os.statvfs(memory).f_flag & os.ST_NOEXEC:
        return
    if shutil.disk_usage(memory).free > 4 << 30:
        tempfile.tempdir = os.environ["TMPDIR"] = str(memory)


_keep_files_in_memory()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without collecting garbage, and have later rounds leave out the modules and tests, which all stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_unconfigure() -> None:
    """Let the interpreter take all apart as it ends, else libraries tell of leaks."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Stack"]:
    """A deployed stack, for the end-to-end and browser tests.

    HANDFAST_STACK may name the stack.json of a stack that is up; otherwise one is brought up in a temporary folder, and
    taken down whatever happens.
    """
    from tests.worlds.deployed import Stack

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
