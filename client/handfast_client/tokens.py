"""Access tokens that are kept between processes, readable by the user alone, until shortly before they end."""

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Cognito gives none for longer.
_LONGEST = 86_400.0


@dataclass(frozen=True)
class KeptToken:
    """The token of one principal on one deployment, in a file of its own."""

    file: Path

    @classmethod
    def of(cls, folder: Path, credentials: Mapping[str, Any]) -> "KeptToken":
        """The token that was given for these credentials: with others, such as after a login, there is none."""
        text = json.dumps(credentials, sort_keys=True)
        return cls(folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.json")

    def read(self) -> tuple[str, float] | None:
        """The token and for how many seconds it is good; None when there is none that is."""
        try:
            kept = json.loads(self.file.read_text())
            token, seconds = str(kept["token"]), float(kept["goodUntil"]) - time.time()
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return (token, seconds) if seconds > 0 else None

    def write(self, token: str, seconds: float) -> None:
        """Keeps a token that is good for so many seconds, where it can be kept, and no old ones of others."""
        folder, now = self.file.parent, time.time()
        # Without it the next process signs in.
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self.file, {"token": token, "goodUntil": now + seconds})
            for other in folder.glob("*.json"):
                if other.stat().st_mtime < now - _LONGEST:
                    other.unlink(missing_ok=True)

    def forget(self) -> None:
        """Keeps it no longer."""
        self.file.unlink(missing_ok=True)


def write_private(path: Path, content: Any) -> None:
    """Writes JSON that only the owner may read, whole or not at all, whoever else writes it at the same time."""
    # Made with mode 0600.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(content, file, indent=2)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
