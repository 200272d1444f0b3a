"""The whole story on the deployed template, small; every comparison in it is against the generator's truth."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

SCRIPT = """
import sys
from pathlib import Path
from rich.console import Console
from handfast_cli.demo.command import tell
tell(Path(sys.argv[1]), people=2000, seed=1, output=Console(width=120))
"""


LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"


@pytest.mark.parametrize("time", ["first", *(["second"] if LONG else [])])
def test_the_story_is_true_the_first_time_and_on_top_of_itself(stack: Any, tmp_path: Path, time: str) -> None:
    facts = tmp_path / "stack.json"
    facts.write_text(json.dumps(stack.facts))
    # A process of its own, because the story sets the environment that AWS clients read.
    command = [sys.executable, "-c", SCRIPT, str(facts)]
    told = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "the same as the truth, identity by identity" in told.stdout
