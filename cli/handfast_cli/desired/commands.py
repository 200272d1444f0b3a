"""`handfast plan FILE` and `handfast apply FILE`."""

from pathlib import Path
from typing import Annotated

import typer

from handfast_cli.asking import Yes
from handfast_cli.extras import require
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session

File = Annotated[
    Path, typer.Argument(metavar="FILE", dir_okay=False, help="The state that is wanted: docs/desired-state.md.")
]
SendSecrets = Annotated[
    bool, typer.Option("--send-secrets", help="Send all secrets again, as after one was rotated: none can be compared.")
]


def plan(
    file: File,
    send_secrets: SendSecrets = False,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Show what differs from a file, and what making it so would do, in numbers of people. Nothing is changed.

    Ends with 0 where nothing differs, 6 where something does, and 1 where a change would be refused.
    """
    require("desired", "yaml", "pydantic")
    from handfast_cli.desired.reading import read  # noqa: PLC0415 - no other command needs YAML
    from handfast_cli.desired.running import show_plan  # noqa: PLC0415

    document = read(file)
    show_plan(Session.of(profile, sandbox), document, send_secrets=send_secrets, as_json=as_json)


def apply(
    file: File,
    yes: Yes = False,
    send_secrets: SendSecrets = False,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Make what a file says so: shows the plan, asks, and does it. Once more does nothing."""
    require("desired", "yaml", "pydantic")
    from handfast_cli.desired.reading import read  # noqa: PLC0415 - no other command needs YAML
    from handfast_cli.desired.running import apply_plan  # noqa: PLC0415

    document, session = read(file), Session.of(profile, sandbox)
    apply_plan(session, document, file.parent, yes=yes, send_secrets=send_secrets, as_json=as_json)
