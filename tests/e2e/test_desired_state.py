"""The example's file on the deployed stack, and the MCP server as a program that a client starts."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from typer.testing import CliRunner

from handfast_cli.main import app

pytestmark = pytest.mark.e2e

EXAMPLE = Path(__file__).parents[2] / "examples" / "desired-state" / "handfast.yaml"
SCRIPT = """
import json, sys
from pathlib import Path
from handfast_cli.demo.command import new_side

a, b = (new_side(Path(sys.argv[1]), letter, overlap_threshold=0) for letter in "ab")
b.post("/connect-requests", {"connectId": a.get("/connect-id")["connectId"]})
print(json.dumps({"a": a.session.sandbox, "organization": b.organization, "sandbox": b.sandbox}))
"""


@pytest.fixture
def asked(stack: Any) -> dict[str, str]:
    """A fresh sandbox, and the partner that asks to connect with it."""
    command = [sys.executable, "-c", SCRIPT, str(stack.folder / "stack.json")]
    made = subprocess.run(command, env=_environment(stack), capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(made.stdout)
    return found


def _environment(stack: Any) -> dict[str, str]:
    root = Path(__file__).parents[2]
    paths = [str(root / place) for place in (".", "layers/handfast", "client", "cli")]
    return os.environ | {"HANDFAST_LOCAL_DIR": str(stack.folder), "PYTHONPATH": os.pathsep.join(paths)}


def test_the_example_is_applied_and_an_assistant_sees_it(
    stack: Any, asked: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDFAST_LOCAL_DIR", str(stack.folder))
    monkeypatch.setenv("WAREHOUSE_TOKEN", "a-token")
    monkeypatch.setenv("PRIVACY_WEBHOOK_SECRET", "whsec_" + "A" * 43 + "=")
    file, where = tmp_path / "handfast.yaml", ["--profile", "local-a", "--sandbox", asked["a"]]
    text = EXAMPLE.read_text().replace("sandbox: sandbox b", f"sandbox: {asked['sandbox']}")
    file.write_text(text.replace("Organization B", asked["organization"]))

    def ran(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, [*words, *where])
        return result.exit_code, result.output

    status, told = ran("plan", str(file))
    assert (status, f"~ accept connection {asked['organization']}" in told) == (6, True), told
    status, told = ran("apply", str(file), "--yes")
    assert status == 0, told
    assert ran("plan", str(file)) == (0, "Nothing to do: all that the file names is as it says.\n")

    arguments = ["-m", "handfast_cli", "mcp", "--plans", str(tmp_path), *where]
    started = StdioServerParameters(command=sys.executable, args=arguments, env=_environment(stack))
    found = asyncio.run(_asked(started, ["who_am_i", "list_feeds", "dataflow_health"]))
    assert found["who_am_i"]["sandboxId"] == asked["a"]
    assert (
        found["list_feeds"]["shared"]["items"][0]["shares"][0]["partner"]["organizationName"] == asked["organization"]
    )
    assert found["dataflow_health"]["destinations"][0]["status"] == "healthy"


async def _asked(started: StdioServerParameters, tools: list[str]) -> dict[str, Any]:
    async with Client(started) as client:
        return {name: (await client.call_tool(name, {})).structured_content for name in tools}
