"""The local stack interrupted in the middle of an export: after a stop it goes on, and is done once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.deployed import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

SCRIPT = """
import json, os, signal, sys, time
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from handfast_cli.demo.command import new_side
from handfast_cli.demo.generator import write_world
from handfast_cli.demo.report import Report
from handfast_cli.demo.story import Story
from handfast_cli.local.commands import bring_up
from handfast_cli.local.emulator import Emulator

FOLDER, HOW, PEOPLE, BUCKETS = Path(sys.argv[1]), sys.argv[2], 3000, 64


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
    "The first export is interrupted when some of its buckets have been written."

    interrupt = None

    def written(self, pattern):
        return list((FOLDER / "s3").glob(f"*/*/disclosures/dataflow={self._dataflow}/{pattern}"))

    def _settled(self, bar):
        if self.interrupt:
            wait(lambda: self.written("*.parquet"))
            # Held still, so that it is in the middle of it however fast it is.
            os.kill(worker(), signal.SIGSTOP)
            assert 0 < len(self.written("*.parquet")) < BUCKETS
            assert not self.written("_state/*.json")
            interrupt, self.interrupt = self.interrupt, None
            interrupt()
        super()._settled(bar)


def tell(interrupt):
    a, b = (new_side(FOLDER / "stack.json", letter, overlap_threshold=0) for letter in "ab")
    story = Interrupted(a, b, world, 0, report)
    story.interrupt = interrupt
    story.connect()
    story.upload()
    story.share()
    story._notified(b, "dataflow.completed")
    once = {"realized": sum(map(len, story._members().values())), "exited": 0}
    report.equal("what all runs did", once, dict(story._passed()))
    story.verify()


def stop():
    Emulator(FOLDER).stop()
    bring_up(FOLDER)


def kill():
    os.killpg(json.loads((FOLDER / "emulator.json").read_text())["pid"], signal.SIGKILL)
    wait(lambda: not Emulator(FOLDER).running)
    raise Killed


class Killed(Exception):
    pass


bring_up(FOLDER)
report = Report(Console(width=120))
with TemporaryDirectory() as folder:
    world = write_world(Path(folder), PEOPLE, 1, lambda done, total: None)
    if HOW == "stopped":
        tell(stop)
    else:
        try:
            tell(kill)
        except Killed:
            bring_up(FOLDER)
        assert not list((FOLDER / "s3").glob("*/*/disclosures/*"))
        tell(None)
"""


@pytest.fixture
def own_folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    command = [sys.executable, "-m", "handfast_cli", "local", "down", "--wipe", "--yes"]
    subprocess.run(command, env=os.environ | {"HANDFAST_LOCAL_DIR": str(tmp_path)}, check=True)


def tell(folder: Path, how: str) -> str:
    command = [sys.executable, "-c", SCRIPT, str(folder), how]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stderr


def test_an_export_stopped_in_the_middle_goes_on_after_the_next_start_and_is_done_once(stack: Stack) -> None:
    assert "afresh" not in tell(stack.folder, "stopped")


@pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "long", reason="deploys twice")
def test_after_a_kill_in_the_middle_the_stack_says_that_it_starts_afresh_and_does(
    own_folder: Path,
) -> None:
    assert "the stack starts afresh" in " ".join(tell(own_folder, "killed").split())
