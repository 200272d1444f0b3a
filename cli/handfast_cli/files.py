"""Files with secrets."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any


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
