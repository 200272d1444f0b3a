"""Where the local stack keeps what it needs."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MEND_STACK = "`handfast local up` writes it anew"
"""What helps where the local stack's stack.json is damaged."""


def state_folder() -> Path:
    """HANDFAST_LOCAL_DIR, or `.local` in the checkout."""
    return Path(os.environ.get("HANDFAST_LOCAL_DIR") or ROOT / ".local").resolve()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Waits for, holds and releases an exclusive lock on the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
