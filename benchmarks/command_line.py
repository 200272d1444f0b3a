"""How long a command takes that makes one call, from its start to its end, beside another version of the command line.

    git worktree add /tmp/before COMMIT
    python -m benchmarks.command_line /tmp/before

Both run in turn, ten times each, in this environment, with a token that is kept, against a server on this machine that
answers at once. Each is run before so that Python has compiled it.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.worlds.cli_server import Server, answering

HERE = Path(__file__).resolve().parents[1]
TURNS = 10
COMMANDS = (("connections", "list"), ("segments", "list"), ("feeds", "show", "feed_1"), ("me",))
ANSWER = {
    **{name: name for name in ("access_token", "tokenUrl", "principalId", "name", "feedId")},
    "expires_in": 86_400,
    "grants": [],
    "items": [{"connectionId": f"con_{number}", "status": "active"} for number in range(20)],
    "nextCursor": None,
}


def seconds(checkout: Path, home: Path, words: tuple[str, ...]) -> float:
    """What a command of a checkout takes."""
    path = os.pathsep.join(str(checkout / part) for part in ("cli", "client", "layers/handfast"))
    known = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HANDFAST"))}
    environment = known | {"PYTHONPATH": path, "XDG_CONFIG_HOME": str(home)}
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "handfast_cli", *words], env=environment, check=True, capture_output=True)
    return time.perf_counter() - started


def signed_in(server: Server, home: Path) -> None:
    """A machine's profile for the server, as `handfast login` leaves it."""
    principal = {"token_url": f"{server.url}/token", "client_id": "id", "client_secret": "secret"}
    profile = {"api_url": server.url, "principal": principal, "sandbox_id": "sbx_1"}
    (home / "handfast").mkdir()
    (home / "handfast" / "profiles.json").write_text(json.dumps({"default": profile}))


def main(before: Path) -> None:
    """Print a line of Markdown for each command: medians of both, and what the least took."""
    with TemporaryDirectory() as folder, answering() as server:
        home = Path(folder)
        server.answers = [(200, ANSWER, {})]
        signed_in(server, home)
        print("| command | before, median and least | now |\n|---|---|---|")
        for words in COMMANDS:
            for checkout in (before, HERE):
                seconds(checkout, home, words)
            taken = [[seconds(checkout, home, words) for checkout in (before, HERE)] for _ in range(TURNS)]
            cells = (f"{median(times):.2f}, {min(times):.2f} s" for times in zip(*taken, strict=True))
            print(f"| `handfast {' '.join(words)}` | {' | '.join(cells)} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
