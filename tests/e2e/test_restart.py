"""The local stack stopped in the middle of an export: what was under way goes on, and is done once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

SCRIPT = """
import os, signal, sys, time
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from handfast_cli.demo.command import new_side
from handfast_cli.demo.generator import write_world
from handfast_cli.demo.report import Report
from handfast_cli.demo.story import Story
from handfast_cli.local.commands import bring_up
from handfast_cli.local.emulator import Emulator

FOLDER, PEOPLE, BUCKETS = Path(sys.argv[1]), 3000, 64


def wait(condition):
    deadline = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < deadline
    return found


def worker():
    "The export function's process."
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_text()
        except OSError:
            continue
        if str(FOLDER / "tmp") in line and "SegmentExport" in line:
            return int(process.name)
    raise AssertionError("no function exports")


class Interrupted(Story):
    "The stack is stopped when some of the first export's buckets have been written, and started again."

    stopped = False

    def written(self, pattern):
        return list((FOLDER / "s3").glob(f"*/*/deliveries/dataflow={self._dataflow}/{pattern}"))

    def _settled(self, bar):
        if not self.stopped:
            self.stopped = True
            wait(lambda: self.written("*.parquet"))
            # Held still, so that it is in the middle of it however fast it is.
            os.kill(worker(), signal.SIGSTOP)
            assert 0 < len(self.written("*.parquet")) < BUCKETS
            assert not self.written("_state/*.json")
            Emulator(FOLDER).stop()
            bring_up(FOLDER)
        super()._settled(bar)


facts = bring_up(FOLDER)
a, b = (new_side(FOLDER / "stack.json", letter, overlap_threshold=100) for letter in "ab")
with TemporaryDirectory() as folder:
    world = write_world(Path(folder), PEOPLE, 1, lambda done, total: None)
    story = Interrupted(a, b, world, 100, Report(Console(width=120)))
    story.connect()
    story.upload()
    story.share()
    story._notified(b, "dataflow.completed")
    story.stop()
    story.verify()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    command = [sys.executable, "-m", "handfast_cli", "local", "down", "--wipe"]
    subprocess.run(command, env=os.environ | {"HANDFAST_LOCAL_DIR": str(tmp_path)}, check=True)


def test_an_export_stopped_in_the_middle_goes_on_after_the_next_start_and_is_done_once(folder: Path) -> None:
    told = subprocess.run([sys.executable, "-c", SCRIPT, str(folder)], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
