"""Files with secrets."""

import json
import os
from pathlib import Path
from typing import Any


def write_private(path: Path, content: Any) -> None:
    """Writes JSON that only the owner may read, whole or not at all."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=2)
    temporary.replace(path)
