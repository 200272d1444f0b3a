"""Options that several of the operator's commands share."""

from typing import Annotated

import typer

SandboxOption = Annotated[str, typer.Option("--sandbox", help="The sandbox's id.")]
Role = Annotated[str, typer.Option(help="Such as sandbox-admin, audience-manager or viewer.")]
