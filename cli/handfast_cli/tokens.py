"""Access tokens that are kept between commands, readable by the user alone, until shortly before they end."""

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handfast_cli.files import write_private


@dataclass(frozen=True)
class KeptToken:
    """The token of one principal on one deployment, in a file of its own."""

    file: Path

    @classmethod
    def of(cls, folder: Path, credentials: dict[str, Any]) -> "KeptToken":
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
        """Keeps a token that is good for so many seconds."""
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.file.parent.chmod(0o700)
        write_private(self.file, {"token": token, "goodUntil": time.time() + seconds})

    def forget(self) -> None:
        """Keeps it no longer."""
        self.file.unlink(missing_ok=True)
