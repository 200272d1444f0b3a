"""What is known of a person: `people explain`."""

from typing import Annotated

import typer

from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session, identity_of
from handfast_cli.output import show


def explain(
    identity: Annotated[str, typer.Option("--identity", help="NAMESPACE=VALUE, such as email=….")],
    segment: Annotated[str | None, typer.Option(help="Of one own segment only.")] = None,
    connection: Annotated[str | None, typer.Option(help="Of one partner only.")] = None,
    dataflow: Annotated[str | None, typer.Option(help="Of one dataflow only.")] = None,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Tell in which segments a person is, and what keeps them from partners. The call is recorded."""
    session = Session.of(profile, sandbox)
    about = {"segmentId": segment, "connectionId": connection, "dataflowId": dataflow}
    body = {"identity": identity_of(identity), **{name: value for name, value in about.items() if value is not None}}
    show(session.api.call("POST", session.path("/people/explain"), body=body), as_json=as_json)


def add_to(noun: typer.Typer) -> None:
    """Adds the verb that is more than one call."""
    noun.command("explain")(explain)
