"""The browser of the machine, as tests start it."""

import shutil
from pathlib import Path

FLAGS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def installed() -> str | None:
    """Where a Chromium is, Debian's if there is one; None where there is none."""
    debian = Path("/usr/bin/chromium")
    return str(debian) if debian.exists() else shutil.which("chromium") or shutil.which("google-chrome")
