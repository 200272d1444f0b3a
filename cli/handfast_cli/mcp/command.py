"""`handfast mcp`: serves the tools to the program that starts it."""

from pathlib import Path
from typing import Annotated

import typer

from handfast_cli.extras import require
from handfast_cli.options import DEFAULT_PROFILE, ProfileName, SandboxId, Session

Folder = Annotated[
    Path,
    typer.Option("--plans", exists=True, file_okay=False, help="The folder that plans are written into."),
]


def mcp(
    plans: Folder = Path(),
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
) -> None:
    """Serve an assistant with tools that read, count and try, by the Model Context Protocol on standard input."""
    require("mcp", "mcp")
    from handfast_cli.mcp.server import server  # noqa: PLC0415 - no other command needs the library

    server(Session.of(profile, sandbox), plans.resolve()).run("stdio")
