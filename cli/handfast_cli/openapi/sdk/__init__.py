"""The generated parts of the Python SDK: models, calls by noun and problems, from the OpenAPI document."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from handfast_cli.openapi.functions import ROOT
from handfast_cli.openapi.sdk.calls import call_files
from handfast_cli.openapi.sdk.models import models_file
from handfast_cli.openapi.sdk.problems import problems_file

CLIENT = ROOT / "client" / "handfast_client"


def sdk_files(document: dict[str, Any]) -> dict[Path, str]:
    """The text of each generated file, formatted, by its path."""
    found = {"models.py": models_file(document), "problems.py": problems_file(), **call_files(document)}
    return {CLIENT / name: _formatted(text) for name, text in found.items()}


def _formatted(text: str) -> str:
    name = str(CLIENT / "models.py")
    for command in (
        ["check", "--fix", "--exit-zero", "--quiet", "--stdin-filename", name, "-"],
        ["format", "--stdin-filename", name, "-"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command], input=text, capture_output=True, text=True, check=True, cwd=ROOT
        )
        text = done.stdout
    return text
